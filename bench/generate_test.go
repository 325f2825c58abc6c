package bench

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/codegen"
	derivation "github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// BenchmarkGenerate writes the code of each workload, derived beforehand.
func BenchmarkGenerate(b *testing.B) {
	f, err := os.Open("workloads.txt")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		part := strings.SplitN(s.Text(), ";", 3)
		if strings.HasPrefix(part[0], "#") {
			continue
		}
		tree, list := parser.Parse(part[2])
		if err := list.Err(); err != nil {
			b.Fatal(err)
		}
		res, list := infer.Infer(tree, infer.Options{})
		if err := list.Err(); err != nil {
			b.Fatal(err)
		}
		d, err := derivation.Derive(res.Program, derivation.Options{Wrt: strings.Split(strings.TrimSpace(part[1]), ",")})
		if err != nil {
			b.Fatal(err)
		}
		in := codegen.Input{Program: res.Program, Objective: d.Objective}
		for _, g := range d.Grads {
			in.Grads = append(in.Grads, codegen.Gradient{Wrt: g.Wrt, Node: g.Node})
		}
		b.Run(part[0], func(b *testing.B) {
			start := CPUTime()
			for b.Loop() {
				if _, err := codegen.Generate(in, codegen.Options{Workers: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(CPUTime()-start)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}
