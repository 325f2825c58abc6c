package check

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var updateDocuments = flag.Bool("documents", false, "rewrite the reports of testdata/documents")

// TestDocuments checks every document of testdata/documents and compares the
// report with the file .golden beside it. The lecture itself is among them.
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/documents/*")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../testdata/lecture/lecture.txt")
	for _, file := range files {
		if filepath.Ext(file) == ".golden" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, list := Check(context.Background(), string(b), Options{File: file, Limit: time.Minute})
			if list.Err() != nil {
				t.Fatal(list)
			}
			lines := strings.Count(string(b), "\n") + 1
			for _, l := range r.Lines {
				if l.Line < 1 || l.Line > lines {
					t.Errorf("line %d of %d: %s", l.Line, lines, l.Text)
				}
			}
			outputs(t, string(b), r)
			got := r.Text(false)
			golden := "testdata/documents/" + filepath.Base(file) + ".golden"
			if *updateDocuments {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
