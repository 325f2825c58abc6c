package codegen

import (
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// Levels of Python expressions, loosest first.
const (
	pyAny = iota
	pySum
	pyProduct // * / @ from left to right
	pyUnary
	pyPower
	pyAtom
)

// pyPrinter prints expressions as NumPy. Matrices and vectors are
// two-dimensional arrays, scalars numbers.
type pyPrinter struct {
	g      *pyGen
	same   map[*expr.Node]*expr.Node // of equal nodes the first one
	first  map[string]*expr.Node
	names  map[*expr.Node]string // nodes that have a variable
	hints  map[*expr.Node]string
	used   map[string]bool
	shared []*expr.Node
	count  int
}

func bracket(s string, level, least int) string {
	if level < least {
		return "(" + s + ")"
	}
	return s
}

// text prints n, in brackets if it binds looser than level.
func (p *pyPrinter) text(n *expr.Node, level int) string {
	n = p.see(n)
	if s, ok := p.names[n]; ok {
		return s
	}
	s, l := p.node(n)
	if level == pyAny && s[0] == '(' && matching(s, 0) == len(s)-1 {
		return s[1 : len(s)-1]
	}
	return bracket(s, l, level)
}

// operand prints an operand of an elementwise operation among others; what is
// repeated to their shape is printed short if another has the full shape.
func (p *pyPrinter) operand(n *expr.Node, short bool, level int) string {
	m := p.see(n)
	if short && ones(m) {
		return "1"
	}
	if v := p.repeated(n); v != nil && short && p.names[m] == "" {
		return p.text(v, level)
	}
	if short && m.Op == expr.OpScale && ones(p.see(m.Args[1])) {
		return p.text(m.Args[0], level)
	}
	if short && m.Op == expr.OpScale {
		if v := p.repeated(m.Args[1]); v != nil && p.names[m] == "" {
			s, l := p.scaled(m.Args[0], v)
			return bracket(s, l, level)
		}
	}
	if short && m.Op == expr.OpPow && p.names[m] == "" {
		if v := p.repeated(m.Args[0]); v != nil {
			return p.text(p.g.in.Program.B.Pow(v, m.Args[1]), level)
		}
	}
	return p.text(n, level)
}

// anchors tells which operands have the full shape by themselves; if none
// has, the first is printed in full.
func (p *pyPrinter) anchors(args []*expr.Node) []bool {
	short := make([]bool, len(args))
	has := false
	for i, a := range args {
		m := p.see(a)
		if m.Op == expr.OpScale {
			m = p.see(m.Args[1])
		}
		if m.Op == expr.OpPow {
			m = p.see(m.Args[0])
		}
		short[i] = (p.repeated(m) != nil || ones(m)) && !a.IsScalar()
		has = has || !short[i]
	}
	if has {
		return short
	}
	// A row and a column together have the full shape.
	row, col := false, false
	for _, a := range args {
		m := p.see(a)
		if m.Op == expr.OpScale {
			m = p.see(m.Args[1])
		}
		if m.Op == expr.OpPow {
			m = p.see(m.Args[0])
		}
		if v := p.repeated(m); v != nil {
			row = row || v.Shape.IsRow()
			col = col || v.Shape.IsCol()
		}
	}
	if !row || !col {
		short[0] = false
	}
	return short
}

func (p *pyPrinter) node(n *expr.Node) (string, int) {
	switch n.Op {
	case expr.OpNum:
		return pyNumber(n)
	case expr.OpSize:
		s := p.g.dim(n.Dim)
		if strings.Contains(s, "*") {
			return s, pyProduct
		}
		return s, pyAtom
	case expr.OpVar:
		if n.Var.Kind == expr.Input {
			return p.g.names[n.Var], pyAtom
		}
		p.g.fail("no code for the symbol %s", n.Var.Name)
		return "0", pyAtom
	case expr.OpOnes, expr.OpZeros:
		f := map[expr.Op]string{expr.OpOnes: "np.ones", expr.OpZeros: "np.zeros"}[n.Op]
		return f + "((" + p.g.dim(n.Shape.R) + ", " + p.g.dim(n.Shape.C) + "))", pyAtom
	case expr.OpEye:
		return "np.eye(" + p.g.dim(n.Shape.R) + ")", pyAtom
	case expr.OpAdd:
		return p.sum(n)
	case expr.OpScale:
		return p.scaled(n.Args[0], n.Args[1])
	case expr.OpHad:
		return p.had(n)
	case expr.OpPow:
		return p.pow(n)
	case expr.OpT:
		if n.Args[0].IsScalar() {
			return p.text(n.Args[0], pyAny), pyAny
		}
		if n.Args[0].Props.Has(expr.Symmetric) {
			return p.text(n.Args[0], pyAtom), pyAtom
		}
		return p.text(n.Args[0], pyAtom) + ".T", pyAtom
	case expr.OpMul:
		return p.product(n)
	case expr.OpCall:
		return p.callText(n)
	}
	p.g.fail("no NumPy code for %T of kind %v", n, n.Op)
	return "0", pyAtom
}

// sum prints a sum, beginning with a term that has no sign.
func (p *pyPrinter) sum(n *expr.Node) (string, int) {
	short := p.anchors(n.Args)
	order := make([]int, 0, len(n.Args))
	first := -1
	for i, a := range n.Args {
		if first < 0 && !p.negative(a) {
			first = i
			order = append(order, i)
		}
	}
	for i := range n.Args {
		if i != first {
			order = append(order, i)
		}
	}
	var b strings.Builder
	for k, i := range order {
		a := n.Args[i]
		switch {
		case k == 0:
			b.WriteString(p.operand(a, short[i], pySum))
		case p.negative(a):
			b.WriteString(" - " + p.operand(p.g.in.Program.B.Neg(p.see(a)), short[i], pyProduct))
		default:
			b.WriteString(" + " + p.operand(a, short[i], pySum))
		}
	}
	return b.String(), pySum
}

// negative tells whether n begins with a negative number.
func (p *pyPrinter) negative(n *expr.Node) bool {
	m := p.see(n)
	if p.names[m] != "" {
		return false
	}
	for m.Op == expr.OpScale || m.Op == expr.OpHad {
		m = m.Args[0]
	}
	return m.Op == expr.OpNum && m.Num.Sign() < 0
}

func pyNumber(n *expr.Node) (string, int) {
	r := n.Num
	level := pyAtom
	if r.Sign() < 0 {
		level = pyUnary
	}
	if r.IsInt() {
		return r.Num().String(), level
	}
	if d := r.Denom().Int64(); r.Denom().IsInt64() && (d == 2 || d == 4 || d == 5 || d == 10 || d == 8 || d == 100 || d == 1000) && r.Num().BitLen() < 40 {
		s := strings.TrimRight(r.FloatString(4), "0")
		return s, level
	}
	return r.Num().String() + "/" + r.Denom().String(), pyProduct
}

// scaled prints c*x, with the divisors of c behind.
func (p *pyPrinter) scaled(c, x *expr.Node) (string, int) {
	fs := []*expr.Node{c}
	if m := p.see(c); m.Op == expr.OpHad && p.names[m] == "" {
		fs = m.Args
	}
	return p.quotient(append(fs[:len(fs):len(fs)], x), nil)
}

// callText prints a function by the form in its rule.
func (p *pyPrinter) callText(n *expr.Node) (string, int) {
	f := ruleOf(n)
	if f == nil || f.NumPy == "" {
		p.g.fail("no NumPy code for the function %s", n.Fn.FnName())
		return "0", pyAtom
	}
	if f.NumPyFunc != "" {
		p.g.helpers[f.Name] = f.NumPyFunc
	}
	form := strings.ReplaceAll(f.NumPy, "$axis", axisOf(n))
	if !strings.Contains(form, "$") && len(n.Args) > 0 {
		form += "($1"
		for i := 1; i < len(n.Args); i++ {
			form += ", $" + itoa(i+1)
		}
		form += ")"
	}
	if f.Elementwise && n.IsScalar() && strings.HasSuffix(form, ".astype(float)") {
		form = "float" + strings.TrimSuffix(form, ".astype(float)") // numbers have no astype
	}
	if n.IsCall("tr") {
		if m := p.see(n.Args[0]); m.Op == expr.OpMul && p.names[m] == "" {
			return p.traceOf(m), pyAtom
		}
	}
	var short []bool
	if f.Elementwise && len(n.Args) > 1 && !n.IsScalar() {
		short = p.anchors(n.Args) // NumPy repeats the others
	}
	for i := len(n.Args) - 1; i >= 0; i-- {
		a := n.Args[i]
		hole := "$" + itoa(i+1)
		s := ""
		if short != nil && short[i] {
			level := pyAtom
			if inBrackets(form, hole) {
				level = pyAny
			}
			form = strings.ReplaceAll(form, hole, p.operand(a, true, level))
			continue
		}
		if a.IsScalar() && !f.Elementwise && f.Params[min(i, len(f.Params)-1)].Kind != rules.Number && f.Params[min(i, len(f.Params)-1)].Kind != rules.SizeArg {
			s = "np.array([[" + p.text(a, pyAny) + "]])"
		} else if inBrackets(form, hole) {
			s = p.text(a, pyAny)
		} else {
			s = p.text(a, pyAtom)
		}
		form = strings.ReplaceAll(form, hole, s)
	}
	level := pySum
	if callOnly(form) {
		level = pyAtom
	}
	if n.IsScalar() && !f.Elementwise && f.Out != rules.OutScalar && len(n.Args) > 0 {
		return bracket(form, level, pyAtom) + "[0, 0]", pyAtom
	}
	return form, level
}

// traceOf prints tr(AB) as the sum of A∘Bᵀ, which forms no product.
func (p *pyPrinter) traceOf(m *expr.Node) string {
	args := make([]*expr.Node, len(m.Args))
	for i, a := range m.Args {
		args[i] = p.see(a)
	}
	last := len(args) - 1
	x, l := p.factors(args[:last])
	return "np.sum(" + bracket(x, l, pyProduct) + "*" + p.text(p.g.in.Program.B.T(args[last]), pyUnary) + ")"
}

// axisOf is the axis along which functions of rows work: down a column vector,
// else along the rows.
func axisOf(n *expr.Node) string {
	if len(n.Args) > 0 && n.Args[0].Shape.IsCol() {
		return "0"
	}
	return "1"
}

// inBrackets tells whether every hole stands as a whole argument of a call.
func inBrackets(form, hole string) bool {
	for rest := form; ; {
		i := strings.Index(rest, hole)
		if i < 0 {
			return true
		}
		before := i > 0 && (rest[i-1] == '(' || strings.HasSuffix(rest[:i], ", "))
		after := i+len(hole) < len(rest) && (rest[i+len(hole)] == ')' || rest[i+len(hole)] == ',')
		if !before || !after || i == 1 {
			return false
		}
		rest = strings.Repeat(" ", i+len(hole)) + rest[i+len(hole):]
	}
}

// callOnly tells whether a form is one call, which needs no brackets.
func callOnly(form string) bool {
	i := strings.IndexByte(form, '(')
	if i <= 0 || strings.ContainsAny(form[:i], "+-*/ $") {
		return !strings.ContainsAny(form, "+-*/ ") || strings.HasPrefix(form, "(") && matching(form, 0) == len(form)-1
	}
	end := matching(form, i)
	return end == len(form)-1 || end > 0 && form[end+1] == '['
}

func matching(s string, i int) int {
	d := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			d++
		case ')':
			if d--; d == 0 {
				return i
			}
		}
	}
	return -1
}
