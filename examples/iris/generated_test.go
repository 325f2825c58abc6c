package iris

import (
	"context"
	"os"
	"testing"

	"github.com/matdiff/matdiff"
)

// The generated files are what the programs give now.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	for _, c := range []struct {
		program, file, name string
		wrt                 []string
	}{
		{"softmax.txt", "softmax_gen.go", "Softmax", []string{"W", "b"}},
		{"mlp.txt", "mlp_gen.go", "MLP", []string{"W", "b", "V", "c"}},
	} {
		src, err := os.ReadFile(c.program)
		if err != nil {
			t.Fatal(err)
		}
		out, err := matdiff.Generate(context.Background(), string(src),
			matdiff.GenerateOptions{Lang: "go", Package: "iris", Name: c.name, Optimize: true, Test: true, File: c.file}, matdiff.Wrt(c.wrt...))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range out.Files {
			have, err := os.ReadFile(f.Name)
			if err != nil || string(have) != string(f.Data) {
				t.Errorf("%s is out of date: run go generate", f.Name)
			}
		}
	}
}
