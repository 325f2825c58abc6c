package codegen

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand"
	randv2 "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
)

// example is a program with gradients, as text.
type example struct {
	id    string
	lines []string
	wrt   []string
	grads []string
}

// corpus reads the cases of testdata/textbook.
func corpus(tb testing.TB) []example {
	files, err := filepath.Glob("../testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no cases in testdata/textbook")
	}
	var out []example
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		var c *example
		var lets []string
		for s := bufio.NewScanner(f); s.Scan(); {
			line := s.Text()
			key, rest, _ := strings.Cut(line, ":")
			switch {
			case strings.HasPrefix(line, "case:"):
				out = append(out, example{id: strings.TrimSuffix(filepath.Base(name), ".txt") + "/" + strings.Fields(rest)[0]})
				c = &out[len(out)-1]
				lets = nil
			case strings.HasPrefix(line, "    "):
				for _, l := range strings.Split(line, ";") {
					c.lines = append(c.lines, strings.TrimSpace(l))
				}
			case strings.HasPrefix(line, "let "):
				// Before the objective, which is the last definition.
				if strings.Contains(line, "dQ/d") {
					continue
				}
				lets = append(lets, strings.TrimSpace(line[4:]))
				k := len(c.lines) - 1
				c.lines = append(c.lines[:k:k], append([]string{lets[len(lets)-1]}, c.lines[k:]...)...)
			case strings.HasPrefix(line, "gradient "):
				c.wrt = append(c.wrt, strings.TrimSpace(key[len("gradient "):]))
				c.grads = append(c.grads, strings.TrimSpace(rest))
			}
		}
		f.Close()
	}
	return out
}

// input infers the program with its gradients as claims.
func (e example) input() (Input, error) {
	lines := append([]string(nil), e.lines...)
	name := "Q"
	if l, _, ok := strings.Cut(lines[len(lines)-1], "="); ok && len(strings.Fields(l)) == 1 {
		name = strings.TrimSpace(l)
	}
	for i, w := range e.wrt {
		lines = append(lines, fmt.Sprintf("d%s/d%s = %s", name, w, e.grads[i]))
	}
	src := strings.Join(lines, "\n") + "\n"
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return Input{}, list
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if list.Err() != nil {
		return Input{}, list
	}
	in := Input{Program: res.Program, Objective: res.Program.Objective}
	for _, c := range res.Claims {
		if c.Err != nil {
			return Input{}, c.Err
		}
		v := res.Program.VarNamed(c.ByNames[0])
		if v == nil {
			return Input{}, fmt.Errorf("no variable %s", c.ByNames[0])
		}
		n := c.Sides[len(c.Sides)-1]
		if n.Shape != v.Shape {
			return Input{}, fmt.Errorf("gradient by %s is %v", v.Name, n.Shape)
		}
		in.Grads = append(in.Grads, Gradient{v, n})
	}
	return in, nil
}

func rng(s string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(s))
	return rand.New(rand.NewSource(int64(h.Sum64())))
}

// point draws sizes and values at which all roots are finite. Large sizes
// make several blocks of rows.
func point(r *rand.Rand, in Input, large bool) (eval.Env, []*num.Mat, error) {
	roots := []*expr.Node{in.Objective.Node}
	for _, g := range in.Grads {
		roots = append(roots, g.Node)
	}
	gg := &goGen{in: &in, sizes: make(map[string]string), vars: make(map[*expr.Var]string)}
	gg.inputs()
	var err error
	for try := range 200 {
		env := eval.Env{Vars: make(map[string]*num.Mat), Sizes: make(map[string]int)}
		small := []int{5, 3, 4, 6, 2, 7, 8, 9}
		for i, s := range gg.symbols {
			env.Sizes[s] = small[i%len(small)]
			if try%2 == 1 { // m×n with m ≤ n where a product has to be invertible
				env.Sizes[s] = []int{3, 5, 4, 7, 6, 8}[i%6]
			}
			if large && (i == 0) == (try%2 == 0 || len(gg.symbols) == 1) && i < 2 {
				env.Sizes[s] += 130
			}
		}
		for _, s := range in.Program.Sizes { // of variables that nothing uses
			if env.Sizes[s] == 0 {
				env.Sizes[s] = 3
			}
		}
		for _, v := range in.Program.Vars {
			rows, e1 := v.Shape.R.Eval(env.Sizes)
			cols, e2 := v.Shape.C.Eval(env.Sizes)
			if e1 != nil || e2 != nil {
				continue
			}
			env.Vars[v.Name] = draw(r, rows, cols, v.Props, try%5)
		}
		var out []*num.Mat
		for _, n := range roots {
			var x *num.Mat
			if x, err = eval.Eval(n, env); err != nil {
				break
			}
			if !x.Finite() || x.MaxAbs() > 1e8 {
				err = fmt.Errorf("not finite")
				break
			}
			out = append(out, x)
		}
		if len(out) == len(roots) && steady(r, roots, env, out) {
			return env, out, nil
		}
		if err == nil {
			err = fmt.Errorf("ill-conditioned")
		}
	}
	return eval.Env{}, nil, fmt.Errorf("no point: %w", err)
}

// draw makes a matrix with properties p; mode 0 is normal, 1 positive, 2 in
// the unit interval, 3 diagonally dominant.
func draw(r *rand.Rand, rows, cols int, p expr.Props, mode int) *num.Mat {
	m := num.New(rows, cols)
	for i := range m.Data {
		switch {
		case mode == 4 && cols > 1 && p == 0:
			m.Data[i] = 0.05 * r.NormFloat64()
		case mode == 1 || mode == 4 || p.Has(expr.Positive):
			m.Data[i] = 0.3 + r.Float64()
		case mode == 2 || p&(expr.Nonnegative|expr.UnitInterval|expr.Stochastic|expr.Simplex) != 0:
			m.Data[i] = 0.1 + 0.8*r.Float64()
		default:
			m.Data[i] = r.NormFloat64() / math.Sqrt(float64(cols))
		}
	}
	if mode == 3 && rows == cols && p == 0 {
		for i := range rows {
			m.Data[i*cols+i] += 3
		}
	}
	switch {
	case p.Has(expr.PSD):
		b := draw(r, rows, rows, 0, 0)
		m = num.Add(num.Mul(b, b.T()), 1, num.Eye(rows))
	case p.Has(expr.Diagonal):
		for i := range m.Data {
			if i/cols != i%cols {
				m.Data[i] = 0
			}
		}
	case p.Has(expr.Symmetric) && rows > 1:
		m = num.Add(m, 1, m.T())
	case p.Has(expr.Orthogonal):
		// A reflection: I - 2vvᵀ/vᵀv.
		v := draw(r, rows, 1, 0, 0)
		m = num.Add(num.Eye(rows), -2/num.Dot(v, v), num.Mul(v, v.T()))
	case p.Has(expr.OneHot), p.Has(expr.Simplex) && p.Has(expr.Binary):
		for i := range m.Data {
			m.Data[i] = 0
		}
		if cols == 1 {
			m.Data[r.Intn(rows)] = 1
			break
		}
		for i := range rows {
			m.Data[i*cols+r.Intn(cols)] = 1
		}
	case p.Has(expr.Binary):
		for i := range m.Data {
			m.Data[i] = float64(r.Intn(2))
		}
	case p.Has(expr.Stochastic), p.Has(expr.Simplex):
		rowsOf := rows
		width := cols
		if p.Has(expr.Simplex) {
			rowsOf, width = 1, rows*cols
		}
		for i := range rowsOf {
			s := 0.0
			for j := range width {
				s += m.Data[i*width+j]
			}
			for j := range width {
				m.Data[i*width+j] /= s
			}
		}
	}
	return m
}

// steady tells whether the roots hardly change when the variables do, or when
// every node is off by a rounding or two: near a singular matrix, say, twelve
// digits cannot be compared, as the evaluator has not so many.
func steady(r *rand.Rand, roots []*expr.Node, env eval.Env, out []*num.Mat) bool {
	moved := eval.Env{Vars: make(map[string]*num.Mat), Sizes: env.Sizes}
	for n, x := range env.Vars {
		moved.Vars[n] = x.Map(func(v float64) float64 { return v * (1 + 1e-10*r.NormFloat64()) })
	}
	near := func(xs []*num.Mat, err error, by float64) bool {
		if err != nil {
			return false
		}
		for i, x := range xs {
			if !(num.Add(x, -1, out[i]).MaxAbs() <= by*math.Max(out[i].MaxAbs(), 1e-3)) {
				return false
			}
		}
		return true
	}
	p := eval.Compile(roots...)
	if xs, err := p.Run(moved); !near(xs, err, 1e-7) {
		return false
	}
	if xs, err := p.Run(env); !near(xs, err, 0) {
		return false
	}
	p.Noise = randv2.New(randv2.NewPCG(uint64(r.Int63()), 1))
	for range 3 {
		if xs, err := p.Run(env); !near(xs, err, tolerance/4) {
			return false
		}
	}
	return true
}
