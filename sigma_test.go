package matdiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/parser"
)

// sigmas are indexed sums with their declarations. Each is read in matrix form
// and compared with a loop over its indices as it is written.
var sigmas = []string{
	"y: N; p: N; Q = 1/N Σ_{i=1}^N (y_i log p_i + (1-y_i) log(1-p_i))",
	"Y: N×K; Z: N×K; Q = Σ_i Σ_k Y_{ik} Z_{ik}",
	"Y: N×K; Z: N×K; Q = Σ_{i,k=1}^{N,K} Y_{ik} Z_{ik}",
	"Y: N×K; Q = Σ_k (Σ_i Y_{ik})^2",
	"z: K; a: K; Q = Σ_i a_i (z_i - log Σ_k exp(z_k))",
	"X: N×D; w: D; y: N; Q = Σ_i log(1+exp(-y_i w^T X_i))",
	"X: N×D; w: D; y: N; Q = Σ_i log(1+exp(-y_i w^T x_i))",
	"X: N×D; w: D; y: N; b: scalar; Q = Σ_i (w^T x_i + b - y_i)^2",
	"X: N×D; m: D; Q = Σ_i ‖x_i − m‖²",
	"X: N×D; m: D; Q = Σ_i ‖x_i − m‖",
	"X: N×D; K: N×N; Q = Σ_{i,j} K_{ij} ‖x_i − x_j‖²",
	"X: N×D; Z: M×D; Q = Σ_i log Σ_j exp(-‖x_i − z_j‖²)",
	"A: n×n; x: n; Q = Σ_{ij} A_{ij} x_i x_j",
	"A: n×m; x: m; b: n; Q = Σ_i (Σ_j A_{ij} x_j − b_i)²",
	"A: n×m; B: m×p; C: n×p; Q = Σ_i Σ_j Σ_k A_{ij} B_{jk} C_{ik}",
	"x: n; Q = Σ_i Σ_j (x_i - x_j)^2",
	"x: n; y: m; Q = Σ_i Σ_j exp(x_i y_j)",
	"x: n; y: m; Q = Σ_i Σ_j exp(x_i + y_j) x_i",
	"x: n; y: n; Q = Σ_i Σ_j δ_{ij} x_i y_j",
	"x: n; Q = Σ_i x_i^2 / Σ_j exp(x_j)",
	"x: n; y: n; Q = Σ_i max(0, 1 - y_i x_i)",
	"x: n; Q = Σ_i [x_i > 0] x_i",
	"p: n; y: n; Q = \\prod_{i=1}^n p_i^{y_i} (1-p_i)^{1-y_i}",
	"p: n; Q = log \\prod_{i=1}^n (1 + p_i)",
	"W: K×D; x: D; y: K; Q = Σ_{k=1}^K y_k w_k^T x",
	"W: K×D; x: D; Q = log Σ_{k=1}^K exp(w_k^T x)",
	"W: K×D; X: N×D; Y: N×K; Q = Σ_{i=1}^N Σ_{k=1}^K Y_{ik} log(exp(w_k^T x_i)/Σ_{j=1}^K exp(w_j^T x_i))",
	"X: N×D; s: N; Q = Σ_i s_i ‖x_i‖²",
	"A: n×n; Q = Σ_i A_{ii}",
	"A: n×m; Q = Σ_i (Σ_j A_{ij}^2)^2",
	"x: n; Q = 3 + Σ_i 2 x_i - Σ_i 1/(1+exp(-x_i))",
	"x: n; Q = Σ_{i=1}^n (x_i - 1/n Σ_{j=1}^n x_j)^2",
	"x: n; z: n; Q = Σ_i tanh(x_i) sin(z_i)^2",
	"A: n×m; u: n; v: m; Q = Σ_i u_i Σ_j A_{ij} v_j",
	"A: n×m; u: n; Q = Σ_j (Σ_i u_i A_{ij})^3",
	`y: N; p: N; Q = -\frac{1}{N} \sum_{i=1}^{N} \left( y_i \log p_i + (1-y_i) \log (1-p_i) \right)`,
	// Free indices: Q sums the vector or matrix that they define.
	"x: n; y: n; a_i = x_i y_i; Q = Σ_i a_i^2",
	"x: n; y: m; P_{ik} = x_i exp(y_k); Q = Σ_i Σ_k P_{ik}^2 x_i",
	"A: n×m; x: m; a_i = Σ_j A_{ij} x_j; Q = Σ_i a_i^3",
	"A: n×m; B: m×n; c_{ij} = Σ_k A_{ik} B_{kj}; Q = Σ_i Σ_j c_{ij}^2",
}

// TestSigma: the matrix form of an indexed sum has the value of the loop.
func TestSigma(t *testing.T) {
	for k, src := range sigmas {
		prog, errs := parser.Parse(src)
		if errs.Err() != nil {
			t.Errorf("%s: %v", src, errs)
			continue
		}
		res, errs := infer.Infer(prog, infer.Options{})
		if errs.Err() != nil {
			t.Errorf("%s: %v", src, errs)
			continue
		}
		rng := rand.New(rand.NewPCG(uint64(k), 1))
		l := &loops{prog: prog, sizes: map[string]int{}, vars: map[string]*num.Mat{}, index: map[string]int{}, defs: map[string]*ast.Equation{}}
		for _, s := range res.Program.Sizes {
			l.sizes[s] = 2 + len(l.sizes)
		}
		for _, v := range res.Program.Vars {
			m := num.New(l.size(v.Shape.R.String()), l.size(v.Shape.C.String()))
			for i := range m.Data {
				m.Data[i] = 0.1 + 0.8*rng.Float64()
			}
			l.vars[v.Name] = m
		}
		got, err := eval.Eval(res.Program.Objective.Node, eval.Env{Vars: l.vars, Sizes: l.sizes})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		want, err := l.value()
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if d := math.Abs(got.Data[0] - want); !(d <= 1e-10*(1+math.Abs(want))) {
			t.Errorf("%s is %v, the loop %v (read %s)", src, got.Data[0], want, strings.Join(res.Program.Notes, "; "))
		}
	}
}

// loops evaluates a program entry by entry, each sum as a loop, with nothing
// of the reading in matrix form.
type loops struct {
	prog  *ast.Program
	sizes map[string]int
	vars  map[string]*num.Mat
	index map[string]int
	defs  map[string]*ast.Equation
}

func (l *loops) size(s string) int {
	if n, ok := l.sizes[s]; ok {
		return n
	}
	n := 1
	fmt.Sscan(s, &n)
	return n
}

func (l *loops) value() (v float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	for _, s := range l.prog.Stmts {
		e, ok := s.(*ast.Equation)
		if !ok {
			continue
		}
		n := e.Sides[0].(*ast.Name)
		if n.Sub == "" {
			return l.vec(e.Sides[1])[0], nil
		}
		l.defs[n.Base] = e
	}
	return 0, fmt.Errorf("no objective")
}

// length finds how far an index runs, from an entry below the sum.
func (l *loops) length(x ast.Expr, i string) int {
	n := 0
	each(x, func(e ast.Expr) {
		m, ok := e.(*ast.Name)
		if !ok || !strings.Contains(m.Sub, i) {
			return
		}
		sub := strings.Trim(m.Sub, "{}")
		if d := l.defs[m.Base]; d != nil {
			left := strings.Trim(d.Sides[0].(*ast.Name).Sub, "{}")
			n = max(n, l.length(d.Sides[1], left[strings.Index(sub, i):][:1]))
			return
		}
		v := l.matrix(m.Base)
		if v == nil {
			return
		}
		if strings.Index(sub, i) == 0 {
			n = max(n, v.R)
		} else {
			n = max(n, v.C)
		}
	})
	return n
}

// matrix is X for x_i, where there is no x.
func (l *loops) matrix(base string) *num.Mat {
	if m := l.vars[base]; m != nil {
		return m
	}
	return l.vars[strings.ToUpper(base)]
}

func (l *loops) num(x ast.Expr) float64 {
	v := l.vec(x)
	if len(v) != 1 {
		panic(fmt.Sprintf("%s is no number", ast.Text(x)))
	}
	return v[0]
}

// vec is the value of an expression: one number, or a vector.
func (l *loops) vec(x ast.Expr) []float64 {
	zip := func(a, b []float64, f func(a, b float64) float64) []float64 {
		out := make([]float64, max(len(a), len(b)))
		for i := range out {
			out[i] = f(a[min(i, len(a)-1)], b[min(i, len(b)-1)])
		}
		return out
	}
	switch x := x.(type) {
	case *ast.Number:
		var v float64
		fmt.Sscan(x.Val, &v)
		return []float64{v}
	case *ast.Paren:
		return l.vec(x.X)
	case *ast.Unary:
		return zip(l.vec(x.X), []float64{-1}, func(a, b float64) float64 { return a * b })
	case *ast.Postfix:
		return l.vec(x.X)
	case *ast.Name:
		return l.name(x)
	case *ast.Power:
		return []float64{math.Pow(l.num(x.X), l.num(x.Exp))}
	case *ast.Norm:
		s := 0.0
		for _, v := range l.vec(x.X) {
			s += v * v
		}
		return []float64{math.Sqrt(s)}
	case *ast.Call:
		return []float64{l.call(x.Fun, x.Args)}
	case *ast.Iverson:
		if l.num(x.Xs[0]) > l.num(x.Xs[1]) {
			return []float64{1}
		}
		return []float64{0}
	case *ast.BigOp:
		i := x.Index[0].Name
		op := *x
		for k := len(op.Index) - 1; k > 0; k-- { // Σ_{ij} is one loop in another
			op.Body = &ast.BigOp{Op: op.Op, Index: op.Index[k:][:1], Body: op.Body}
		}
		total := 0.0
		if x.Op == ast.Prod {
			total = 1
		}
		for k := range l.length(op.Body, i) {
			l.index[i] = k
			v := l.num(op.Body)
			if x.Op == ast.Prod {
				total *= v
			} else {
				total += v
			}
		}
		delete(l.index, i)
		return []float64{total}
	case *ast.Binary:
		if n, ok := x.X.(*ast.Name); ok && x.Op == ast.Juxt && n.Text == "log" {
			return []float64{l.call(&ast.Name{Text: "log"}, []ast.Expr{x.Y})}
		}
		if j, ok := x.X.(*ast.Binary); ok && x.Op == ast.Juxt && j.Op == ast.Juxt {
			if n, ok := j.Y.(*ast.Name); ok && n.Text == "log" { // y log p
				return []float64{l.num(j.X) * l.call(&ast.Name{Text: "log"}, []ast.Expr{x.Y})}
			}
		}
		a, b := l.vec(x.X), l.vec(x.Y)
		switch x.Op {
		case ast.Add:
			return zip(a, b, func(a, b float64) float64 { return a + b })
		case ast.Sub:
			return zip(a, b, func(a, b float64) float64 { return a - b })
		case ast.Div:
			return zip(a, b, func(a, b float64) float64 { return a / b })
		}
		if len(a) > 1 && len(b) > 1 { // the only products of vectors are inner
			s := 0.0
			for i := range a {
				s += a[i] * b[i]
			}
			return []float64{s}
		}
		return zip(a, b, func(a, b float64) float64 { return a * b })
	}
	panic(fmt.Sprintf("no loop for a %T", x))
}

func (l *loops) call(f *ast.Name, args []ast.Expr) float64 {
	v := l.num(args[0])
	switch f.Text {
	case "log":
		return math.Log(v)
	case "exp":
		return math.Exp(v)
	case "tanh":
		return math.Tanh(v)
	case "sin":
		return math.Sin(v)
	case "max":
		return math.Max(v, l.num(args[1]))
	}
	return l.name(f)[0] * v // a product in brackets
}

func (l *loops) name(n *ast.Name) []float64 {
	if s, ok := l.sizes[n.Text]; ok {
		return []float64{float64(s)}
	}
	sub := strings.Trim(n.Sub, "{}")
	if sub == "" {
		m := l.vars[n.Text]
		return m.Data
	}
	at := func(k int) int {
		i, ok := l.index[sub[k:][:1]]
		if !ok {
			panic("no index " + sub)
		}
		return i
	}
	if n.Base == "δ" {
		if at(0) == at(1) {
			return []float64{1}
		}
		return []float64{0}
	}
	if d := l.defs[n.Base]; d != nil {
		left := strings.Trim(d.Sides[0].(*ast.Name).Sub, "{}")
		inner := &loops{prog: l.prog, sizes: l.sizes, vars: l.vars, defs: l.defs, index: map[string]int{}}
		for k := range left {
			inner.index[left[k:][:1]] = at(k)
		}
		return inner.vec(d.Sides[1])
	}
	m := l.matrix(n.Base)
	switch {
	case len(sub) == 2:
		return []float64{m.At(at(0), at(1))}
	case m.C == 1:
		return []float64{m.At(at(0), 0)}
	}
	return m.Data[at(0)*m.C:][:m.C]
}

// each calls f for an expression and all below it.
func each(x ast.Expr, f func(ast.Expr)) {
	f(x)
	switch x := x.(type) {
	case *ast.Paren:
		each(x.X, f)
	case *ast.Unary:
		each(x.X, f)
	case *ast.Postfix:
		each(x.X, f)
	case *ast.Power:
		each(x.X, f)
		each(x.Exp, f)
	case *ast.Norm:
		each(x.X, f)
	case *ast.Call:
		for _, a := range x.Args {
			each(a, f)
		}
	case *ast.Iverson:
		for _, y := range x.Xs {
			each(y, f)
		}
	case *ast.BigOp:
		each(x.Body, f)
	case *ast.Binary:
		each(x.X, f)
		each(x.Y, f)
	}
}
