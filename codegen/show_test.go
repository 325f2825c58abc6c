package codegen

import (
	"os"
	"strings"
	"testing"
)

// TestShow prints the code of the program in SRC, by WRT.
func TestShow(t *testing.T) {
	src := os.Getenv("SRC")
	if src == "" {
		t.Skip("SRC is not set")
	}
	var wrt []string
	if w := os.Getenv("WRT"); w != "" {
		wrt = strings.Split(w, ",")
	}
	in, err := derived(src, wrt...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Generate(in, Options{Lang: os.Getenv("GENLANG"), Float32: os.Getenv("F32") != ""})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + out.Plan + string(out.Files[0].Data))
}
