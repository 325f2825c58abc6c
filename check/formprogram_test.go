package check

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/parser"
)

// exercise writes a program as an exercise of the field has it: a loss of a
// residual or of a square matrix, sometimes two of them combined.
func exercise(rng *rand.Rand) string {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	var decl []string
	have := map[string]bool{}
	use := func(list ...string) {
		for _, d := range list {
			if !have[d] {
				have[d] = true
				decl = append(decl, d)
			}
		}
	}
	f := func() string { return pick("sigmoid", "tanh", "exp", "sin", "relu", "softplus", "cos") }
	column := func() string { // of n entries
		switch rng.IntN(5) {
		case 0:
			use("A: n×p", "x: p", "b: n")
			return pick("A*x - b", "A*x", "A*x + b")
		case 1:
			use("X: n×p", "w: p", "y: n")
			return "X*w - y"
		case 2:
			use("x: n", "c: n")
			return "x - c"
		case 3:
			use("X: n×p", "w: p")
			return f() + "(X*w)"
		}
		use("M: n×n", "x: n", "b: n")
		return pick("M*x - b", "M*x", "M'*x - b")
	}
	ofColumn := func() string {
		r := column()
		r1 := r
		if strings.ContainsAny(r, "+-") {
			r1 = "(" + r + ")"
		}
		switch rng.IntN(13) {
		case 0, 1:
			return pick("", "1/2*", "1/n*", "1/(2*n)*") + "norm(" + r + ")^2"
		case 2:
			return "norm(" + r + ")"
		case 3:
			use("S: n×n" + pick("", " symmetric", " spd"))
			return r1 + "'*S*" + r1
		case 4:
			return pick("", "1/n*") + "sum(" + f() + "(" + r + "))"
		case 5:
			return "log(1 + " + r1 + "'*" + r1 + ")"
		case 6:
			return "exp(-norm(" + r + ")^2)"
		case 7:
			return "mean(" + pick(f()+"("+r+")", r1+".^2") + ")"
		case 8:
			use("t: n")
			return pick("t'*softmax("+r+")", "-sum(t.*logsoftmax("+r+"))", "logsumexp("+r+") - t'*"+r1)
		case 9:
			use("t: n")
			return "t'*" + f() + "(" + r + ")"
		case 10:
			use("t: n")
			return "(t'*" + r1 + ")^2"
		case 11:
			use("t: n", "u: n")
			return "(t'*" + r1 + ")" + pick("*", "/") + pick("(u'*"+r1+")", "norm("+r+")^2", "norm("+r+")", "(1 + norm("+r+")^2)")
		}
		return "sqrt(1 + norm(" + r + ")^2)"
	}
	matrix := func() string { // of N×K
		switch rng.IntN(6) {
		case 0:
			use("F: N×P", "Z: P×R", "H: R×K", "C: N×K")
			return pick("F*Z*H - C", "F*Z*H")
		case 1:
			use("F: N×P", "W: P×K", "b_0: 1×K")
			return "F*W + b_0"
		case 2:
			use("U: N×R", "V: K×R", "C: N×K")
			return pick("U*V' - C", "C - U*V'", "U*V'")
		case 3:
			use("F: N×P", "T: P×R", "V_1: R×K", "C: N×K")
			return f() + "(F*T)*V_1" + pick("", " - C")
		case 4:
			use("F: N×P", "W: P×K", "C: N×K")
			return pick("F*W - C", "F*W")
		}
		use("F: N×P", "W: P×K", "b_0: 1×K")
		return f() + "(F*W + b_0)"
	}
	ofMatrix := func() string {
		m := matrix()
		m1 := "(" + m + ")"
		switch rng.IntN(9) {
		case 0, 1:
			return pick("", "1/2*", "1/N*", "1/(2*N)*") + "norm(" + m + ")^2"
		case 2:
			use("S_0: N×N" + pick("", " symmetric"))
			return "tr(" + m1 + "'*S_0*" + m1 + ")"
		case 3:
			return pick("", "1/N*") + "sum(" + f() + "(" + m + "))"
		case 4, 5:
			use("Y: N×K" + pick("", " onehot", " stochastic"))
			return pick("-", "-1/N*") + "sum(Y.*logsoftmax(" + m + "))"
		case 6:
			use("Y: N×K")
			return "sum(Y.*softmax(" + m + "))"
		case 7:
			use("D: N×K")
			return "tr(D'*" + m1 + ")"
		}
		return "norm(" + m + ")"
	}
	square := func() string {
		use("X: n×n" + pick("", "", "", "", " symmetric"))
		a := func() string { use("A: n×n" + pick("", "", " symmetric")); return "A" }
		v := func() string { use("a: n", "b: n"); return "" }
		switch rng.IntN(20) {
		case 0:
			return "tr(" + a() + "*inv(X))"
		case 1:
			v()
			return "a'*inv(X)*b"
		case 2:
			return pick("logdet(X)", "det(X)")
		case 3:
			use("B: n×n")
			return pick("det", "logdet") + "(" + a() + "*X*B)"
		case 4:
			use("B: n×n")
			return "tr(X" + pick("", "'") + "*" + a() + "*X*B)"
		case 5:
			v()
			return "a'*X'*X*b"
		case 6:
			v()
			return "a'*inv(" + a() + "*X)*b"
		case 7:
			return "tr(" + pick("X*X", "X*X*X", "X'*X") + ")"
		case 8:
			return "tr(X'*X)^2"
		case 9:
			v()
			return "a'*X*b"
		case 10:
			v()
			return "a'*X*" + a() + "*X'*b"
		case 11:
			return "logdet(" + a() + "'*" + a() + " + X'*X)"
		case 12:
			return "tr(inv(X'*X + eye(n))*" + a() + ")"
		case 13:
			v()
			return "a'*inv(X)*" + a() + "*inv(X)*b"
		case 14:
			v()
			return "norm(X*a - b)" + pick("", "^2")
		case 15:
			return "norm(X - " + a() + ")" + pick("", "^2")
		case 16:
			use("B: n×n")
			return "sum(" + a() + ".*X.*X) + tr(B*X)"
		case 17:
			v()
			return "log(det(X'*X)) + a'*inv(X)*b"
		case 18:
			v()
			return "a'*expm(X)*b"
		}
		v()
		use("B: n×n")
		return "tr(" + a() + "*X*B*X')"
	}
	part := func() string {
		switch rng.IntN(5) {
		case 0, 1:
			return ofColumn()
		case 2, 3:
			return ofMatrix()
		}
		return square()
	}
	q := part()
	defs := ""
	switch rng.IntN(8) {
	case 0:
		use("λ: scalar")
		for _, x := range []string{"w: p", "x: p", "x: n"} {
			if have[x] {
				q += " + " + pick("λ", "1/2*λ") + "*norm(" + x[:1] + ")^2"
				break
			}
		}
	case 1:
		if strings.HasPrefix(q, "norm(") && strings.HasSuffix(q, ")^2") {
			defs, q = "r = "+q[5:len(q)-3]+"\n", "norm(r)^2"
		} else if m := between(q, "softmax(", "))"); m != "" {
			defs, q = "Z_1 = "+m+"\n", strings.Replace(q, "softmax("+m+")", "softmax(Z_1)", 1)
		}
	}
	// Two declarations of one name: the first stands.
	seen := map[string]bool{}
	text := ""
	for _, d := range decl {
		name, _, _ := strings.Cut(d, ":")
		if !seen[name] {
			seen[name] = true
			text += d + "\n"
		}
	}
	return text + defs + "Q = " + q + "\n"
}

func between(s, from, to string) string {
	_, rest, ok := strings.Cut(s, from)
	if !ok {
		return ""
	}
	m, _, ok := strings.Cut(rest, to)
	if !ok || strings.Count(m, "(") != strings.Count(m, ")") {
		return ""
	}
	return m
}

// subject is a program of which claims are made.
type subject struct {
	id, text string
	of       string // name of the objective
	prog     *expr.Program
	defs     map[string]*form // as written
	whole    *form            // the objective, in terms of the variables alone
	right    map[string]*form // gradients that a textbook prints
}

// subjects deals out programs: the textbook's, exercises, random ones.
type subjects struct {
	books []textbookCase
}

func newSubjects(t testing.TB) *subjects { return &subjects{books: textbook(t)} }

func (s *subjects) deal(rng *rand.Rand) *subject {
	switch k := rng.IntN(10); {
	case k < 3:
		c := s.books[rng.IntN(len(s.books))]
		text, of := named(c.program)
		sub := understand(c.id, text, of)
		if sub == nil {
			return nil
		}
		sub.right = map[string]*form{}
		for _, cl := range c.claims {
			name := cl[len("∇_{"):strings.Index(cl, "}")]
			_, rhs, _ := strings.Cut(cl, "= ")
			if f := sub.read("d"+of+"/d"+name+" = "+rhs, name); f != nil {
				sub.right[name] = f
			}
		}
		return sub
	case k < 9:
		return understand("exercise", exercise(rng), "Q")
	}
	return understand("random", randexpr.Program(rng.Uint64(), 8), "Q")
}

// understand reads a program; it is nil where it is none of a scalar.
func understand(id, text, of string) *subject {
	tree, list := parser.Parse(text)
	if list.Err() != nil {
		return nil
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if list.Err() != nil || res.Program.Objective.Node == nil || !res.Program.Objective.Node.IsScalar() || len(res.Claims) > 0 {
		return nil
	}
	s := &subject{id: id, text: strings.TrimSpace(text) + "\n", of: of, prog: res.Program, defs: map[string]*form{}}
	for _, d := range s.prog.Defs {
		if d.Name == "" || d.Node == nil {
			continue
		}
		n := d.Node
		if d.Open != nil {
			n = d.Open
		}
		f := formOf(n)
		if f == nil {
			return nil
		}
		s.defs[d.Name] = f
	}
	if s.whole = formOf(s.prog.Objective.Node); s.whole == nil || s.defs[of] == nil {
		return nil
	}
	return s
}

// read is the form of the right side of a gradient as typed.
func (s *subject) read(claim, by string) *form {
	tree, list := parser.Parse(s.text + claim + "\n")
	if list.Err() != nil {
		return nil
	}
	res, list := infer.Infer(tree, infer.Options{Claims: true})
	if list.Err() != nil || len(res.Claims) != 1 || res.Claims[0].Err.Err() != nil || len(res.Claims[0].Sides) != 1 {
		return nil
	}
	cl := &res.Claims[0]
	if cl.Kind != infer.ClaimGradient || cl.Sides[0].Shape != cl.By[0].Shape {
		return nil
	}
	n := cl.Sides[0]
	if cl.Open != nil {
		n = cl.Open
	}
	return formOf(n)
}

// claim is a right line.
type claim struct {
	kind  string
	left  string
	right *form
	by    *expr.Var // of a gradient by a variable
	whole *form     // what is differentiated, nil where a rule cannot be broken
}

// gradient is the right answer, by one of several ways.
func (s *subject) gradient(rng *rand.Rand, v *expr.Var) *form {
	if f := s.right[v.Name]; f != nil && rng.IntN(3) > 0 {
		return f
	}
	if rng.IntN(3) == 0 && !v.Props.Has(expr.Symmetric) && !v.Props.Has(expr.Diagonal) {
		if g, _ := reverseGradient(s.whole, v.Name); g != nil && g.size() < maxForm {
			return g
		}
	}
	if v.Const {
		return nil
	}
	p := *s.prog
	res, err := derive.Derive(&p, derive.Options{Wrt: []string{v.Name}})
	if err != nil || len(res.Grads) != 1 {
		return nil
	}
	memo := map[*Node]*Node{}
	g := res.Grads[0].Node
	for i := 0; i < 3; i++ { // parts that the answer names anew
		for _, m := range expr.Topo(g) {
			if m.Op == expr.OpVar && m.Var.Kind == expr.Part && s.defs[m.Var.Name] == nil {
				memo[m] = m.Var.Of
			}
		}
		g = p.B.Subst(g, memo)
	}
	return formOf(g)
}

// claims makes one right line about the subject, nil if that kind has none.
func (s *subject) claim(rng *rand.Rand, kind string) *claim {
	vars := s.prog.Vars
	if len(vars) == 0 {
		return nil
	}
	v := vars[rng.IntN(len(vars))]
	for range 4 {
		if s.whole.mentions(v.Name) && !v.Const {
			break
		}
		v = vars[rng.IntN(len(vars))]
	}
	switch kind {
	case "gradient":
		g := s.gradient(rng, v)
		if g == nil {
			return nil
		}
		left := []string{"d" + s.of + "/d" + v.Name, "∂" + s.of + "/∂" + v.Name, `\frac{\partial ` + s.of + `}{\partial ` + v.Name + "}", "∇_{" + v.Name + "} " + s.of}
		return &claim{kind: kind, left: left[rng.IntN(len(left))], right: g, by: v, whole: s.whole}
	case "differential":
		if structured(v) || s.prog.VarNamed("d") != nil || s.defs["d"] != nil {
			return nil
		}
		g := s.gradient(rng, v)
		if g == nil || g.op == "zeros" || g.isNum("0") {
			return nil
		}
		return &claim{kind: kind, left: "d" + s.of, right: fInner(g, fVar("d"+v.Name, v.Shape))}
	case "adjoint":
		var names []string
		for _, d := range s.prog.Defs {
			if d.Name != "" && d.Name != s.of && d.Node != nil && len(d.Node.Args) > 0 {
				names = append(names, d.Name)
			}
		}
		if len(names) == 0 {
			return nil
		}
		name := names[rng.IntN(len(names))]
		whole := s.opened(s.defs[s.of], name)
		if whole == nil || !whole.mentions(name) {
			return nil
		}
		g, _ := reverseGradient(whole, name)
		if g == nil || g.size() > maxForm {
			return nil
		}
		return &claim{kind: kind, left: "∂" + s.of + "/∂" + name, right: g, whole: whole, by: &expr.Var{Name: name, Shape: expr.Shape{R: s.shapeOf(name).r, C: s.shapeOf(name).c}}}
	case "value":
		f := s.defs[s.of]
		name := s.of
		if rng.IntN(3) == 0 && len(s.defs) > 1 {
			d := s.prog.Defs[rng.IntN(len(s.prog.Defs))]
			if d.Name != "" {
				name, f = d.Name, s.defs[d.Name]
			}
		}
		if rng.IntN(3) == 0 {
			f = s.opened(f, "")
		}
		if f == nil {
			return nil
		}
		return &claim{kind: kind, left: name, right: f}
	}
	return nil
}

func structured(v *expr.Var) bool {
	for _, p := range []expr.Props{expr.Orthogonal, expr.Stochastic, expr.Simplex, expr.OneHot, expr.Binary, expr.Diagonal} {
		if v.Props.Has(p) {
			return true
		}
	}
	return v.Const
}

func (s *subject) shapeOf(name string) *form { return s.defs[name] }

// opened writes definitions out, but for one.
func (s *subject) opened(f *form, but string) *form {
	left := 4 * maxForm
	var open func(f *form) *form
	open = func(f *form) *form {
		if left--; left < 0 {
			return f
		}
		if f.op == "var" && f.name != but && s.defs[f.name] != nil {
			return open(s.defs[f.name])
		}
		g := f
		for i, a := range f.args {
			if b := open(a); b != a {
				g = g.with(i, b)
			}
		}
		return g
	}
	g := open(f)
	if g.size() > maxForm {
		return nil
	}
	return g
}

// judged is the last line of the report on a program with one line more.
func judged(text, line string) (*Line, string) {
	r, list := Check(context.Background(), text+line+"\n", Options{})
	if list.Err() != nil {
		return nil, list.Error()
	}
	if len(r.Lines) == 0 {
		return nil, "no lines"
	}
	return &r.Lines[len(r.Lines)-1], ""
}

func (c *claim) String() string { return fmt.Sprintf("%s of %s", c.kind, c.left) }
