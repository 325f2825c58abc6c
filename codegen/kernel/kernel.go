// Package kernel holds the helper functions that generated Go code calls. They
// are ordinary Go, tested here, and copied into the generated file as they
// stand: only those that it calls, so that the file depends on nothing but
// gonum. This is the one seam between the planner and BLAS: a faster set of
// kernels takes the place of this one without a change elsewhere.
//
//	name ──Source──▶ text of the function, kernels it calls, imports
package kernel

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"
	"strings"
	"sync"
)

//go:embed adjugate.go blas.go dense.go exp.go lapack.go solve.go special.go strip.go thin.go
var files embed.FS

// Func is the source of one kernel.
type Func struct {
	Name    string
	Text    string   // with its comment
	Calls   []string // other kernels
	Tables  []string // tables that it reads
	Scalar  bool     // of float64 numbers by package math: the same for float32 data
	Imports []string // last elements of import paths
}

var (
	once   sync.Once
	funcs  map[string]*Func
	tables map[string]string
	fault  error
)

// Lookup returns the kernel of that name.
func Lookup(name string) (*Func, error) {
	once.Do(load)
	if fault != nil {
		return nil, fault
	}
	f, ok := funcs[name]
	if !ok {
		return nil, fmt.Errorf("no kernel %s", name)
	}
	return f, nil
}

// Table returns the declaration of a table.
func Table(name string) string { return tables[name] }

// Names lists the kernels in order.
func Names() []string {
	once.Do(load)
	var out []string
	for n := range funcs {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

func load() {
	funcs = make(map[string]*Func)
	tables = make(map[string]string)
	fset := token.NewFileSet()
	entries, err := files.ReadDir(".")
	if err != nil {
		fault = err
		return
	}
	var decls []*ast.FuncDecl
	for _, e := range entries {
		src, err := files.ReadFile(e.Name())
		if err == nil {
			var f *ast.File
			f, err = parser.ParseFile(fset, e.Name(), src, parser.ParseComments)
			if err == nil {
				for _, d := range f.Decls {
					if gd, ok := d.(*ast.GenDecl); ok && gd.Tok == token.VAR {
						text := string(src[fset.Position(gd.Doc.Pos()).Offset:fset.Position(gd.End()).Offset])
						tables[gd.Specs[0].(*ast.ValueSpec).Names[0].Name] = text + "\n"
					}
					fd, ok := d.(*ast.FuncDecl)
					if !ok {
						continue
					}
					start := fd.Pos()
					if fd.Doc != nil {
						start = fd.Doc.Pos()
					}
					text := string(src[fset.Position(start).Offset:fset.Position(fd.End()).Offset])
					funcs[fd.Name.Name] = &Func{Name: fd.Name.Name, Text: text + "\n"}
					decls = append(decls, fd)
				}
			}
		}
		if err != nil {
			fault = err
			return
		}
	}
	packages := map[string]bool{"math": true, "fmt": true, "blas": true, "blas64": true, "lapack64": true, "gonum": true, "mat": true}
	for _, d := range decls {
		f := funcs[d.Name.Name]
		seen := map[string]bool{f.Name: true}
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if tables[n.Name] != "" && !seen[n.Name] {
					seen[n.Name] = true
					f.Tables = append(f.Tables, n.Name)
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && packages[x.Name] && !seen[x.Name] {
					seen[x.Name] = true
					f.Imports = append(f.Imports, x.Name)
				}
			case *ast.CallExpr:
				if x, ok := n.Fun.(*ast.Ident); ok && funcs[x.Name] != nil && !seen[x.Name] {
					seen[x.Name] = true
					f.Calls = append(f.Calls, x.Name)
				}
			}
			return true
		})
		f.Scalar = seen["math"]
		for _, p := range d.Type.Params.List {
			x, ok := p.Type.(*ast.Ident)
			f.Scalar = f.Scalar && ok && x.Name == "float64"
		}
		sort.Strings(f.Calls)
		sort.Strings(f.Imports)
	}
}

// Float32 returns the text for float32 data, or an error if there is none.
func (f *Func) Float32() (string, error) {
	if f.Scalar {
		return f.Text, nil
	}
	for _, i := range f.Imports {
		if i == "lapack64" || i == "math" {
			return "", fmt.Errorf("%s has no float32 kernel", f.Name)
		}
	}
	return strings.NewReplacer("float64", "float32", "blas64", "blas32", "Dgemv", "Sgemv").Replace(f.Text), nil
}
