// Command gen writes the generated code of the workloads: one file each.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/matdiff/matdiff/codegen"
	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/render"
)

func main() {
	f, err := os.Open("workloads.txt")
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		line := strings.TrimSpace(s.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		part := strings.SplitN(line, ";", 3)
		if err := write(strings.TrimSpace(part[0]), strings.Split(strings.TrimSpace(part[1]), ","), strings.TrimSpace(part[2])); err != nil {
			log.Fatalf("%s: %v", part[0], err)
		}
	}
}

func write(name string, wrt []string, src string) error {
	tree, list := parser.Parse(src)
	if err := list.Err(); err != nil {
		return err
	}
	res, list := infer.Infer(tree, infer.Options{})
	if err := list.Err(); err != nil {
		return err
	}
	d, err := derive.Derive(codegen.Stable(res.Program), derive.Options{Wrt: wrt})
	if err != nil {
		return err
	}
	in := codegen.Input{Program: res.Program, Objective: res.Program.Objective, Formula: func(n *expr.Node) string { return render.Expr(n, render.Text) }}
	for _, g := range d.Grads {
		in.Grads = append(in.Grads, codegen.Gradient{Wrt: g.Wrt, Node: g.Node})
	}
	out, err := codegen.Generate(in, codegen.Options{Package: "bench", Name: name, File: strings.ToLower(name) + "_gen.go", Workers: true})
	if err != nil {
		return err
	}
	for _, file := range out.Files {
		if err := os.WriteFile(file.Name, file.Data, 0o644); err != nil {
			return err
		}
	}
	py, err := codegen.Generate(in, codegen.Options{Lang: "numpy", File: "peers/" + strings.ToLower(name) + ".py"})
	if err != nil {
		return err
	}
	if err := os.MkdirAll("peers", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(py.Files[0].Name, py.Files[0].Data, 0o644); err != nil {
		return err
	}
	fmt.Println(name)
	return nil
}
