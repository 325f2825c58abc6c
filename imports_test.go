package matdiff_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layers lists the packages from the ground up. A package imports only what
// stands in an earlier line: data walks through the house once, front to back.
var layers = [][]string{
	{"ast", "num", "expr", "codegen/kernel", "draw", "internal/lazyregexp"},
	{"diag"},
	{"parser", "rules"},
	{"infer", "eval", "render", "internal/randexpr"},
	{"simplify", "verify"},
	{"derive"},
	{"codegen", "check", "recursion"},
	{"."},
	{"cmd/matdiff"},
}

// outside are programs and measurements that nothing imports.
var outside = []string{"bench", "examples", "docs"}

// forbidden are packages that do input and output, which is the command's.
var forbidden = []string{"os", "net", "net/http", "io/ioutil", "log"}

func TestImportsPointOneWay(t *testing.T) {
	level := make(map[string]int)
	for i, l := range layers {
		for _, p := range l {
			level[p] = i
		}
	}
	const module = "github.com/matdiff/matdiff"
	seen := make(map[string]bool)
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != "." && (strings.HasPrefix(name, ".") || name == "testdata" || isOutside(path)) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(path))
		at, ok := level[pkg]
		if !ok {
			t.Errorf("%s: package %s stands in no layer; add it to layers", path, pkg)
			return nil
		}
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, imp := range f.Imports {
			name := strings.Trim(imp.Path.Value, `"`)
			if pkg != "cmd/matdiff" {
				for _, bad := range forbidden {
					if name == bad {
						t.Errorf("%s imports %s: only the command reads and prints", path, name)
					}
				}
			}
			rest, own := strings.CutPrefix(name, module)
			if !own {
				continue
			}
			rest = strings.TrimPrefix(rest, "/")
			if rest == "" {
				rest = "."
			}
			if to, ok := level[rest]; !ok || to >= at {
				t.Errorf("%s (layer %d) imports %s (layer %d)", path, at, rest, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for p := range level {
		if !seen[p] {
			t.Errorf("layers names %s, which has no Go file", p)
		}
	}
}

func isOutside(path string) bool {
	for _, o := range outside {
		if path == o {
			return true
		}
	}
	return false
}

// TestDependenciesAreExplained holds docs/dependencies.md to go.mod.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(mod), "\n") {
		f := strings.Fields(line)
		if len(f) == 2 && strings.Contains(f[0], ".") && strings.HasPrefix(f[1], "v") && !strings.Contains(string(doc), "| "+f[0]+" |") {
			t.Errorf("docs/dependencies.md does not say why %s is needed", f[0])
		}
	}
}
