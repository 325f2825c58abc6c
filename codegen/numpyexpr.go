package codegen

import (
	"math/big"
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

func (p *pyPrinter) hint(n *expr.Node, name string) {
	if p.hints == nil {
		p.hints = make(map[*expr.Node]string)
	}
	if len(n.Args) > 0 && p.hints[n] == "" {
		p.hints[n] = name
	}
}

func (p *pyPrinter) local(name string) string {
	s := pyName(name)
	for pyKeywords[s] || p.used[s] {
		s += "_"
	}
	p.used[s] = true
	return s
}

func (p *pyPrinter) fresh(n *expr.Node) string {
	if h := p.hints[n]; h != "" {
		return p.local(h)
	}
	for {
		p.count++
		s := "t" + itoa(p.count)
		if !p.used[s] {
			p.used[s] = true
			return s
		}
	}
}

// share lists the nodes that get a variable: parts with a name and what is
// used more than once, in the order of computation.
func (p *pyPrinter) share(roots []*expr.Node) {
	p.unify(roots)
	uses := make(map[*expr.Node]int)
	var order []*expr.Node
	seen := make(map[*expr.Node]bool)
	type frame struct {
		n    *expr.Node
		i    int
		args []*expr.Node
	}
	for _, r := range roots {
		r = p.turned(r)
		uses[r]++
		if seen[r] {
			continue
		}
		seen[r] = true
		stack := []frame{{r, 0, p.operands(r)}}
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.i < len(f.args) {
				a := p.turned(f.args[f.i])
				f.i++
				uses[a] += p.times(f.n, f.i-1)
				if !seen[a] {
					seen[a] = true
					stack = append(stack, frame{a, 0, p.operands(a)})
				}
				continue
			}
			order = append(order, f.n)
			stack = stack[:len(stack)-1]
		}
	}
	root := make(map[*expr.Node]bool)
	for _, r := range roots {
		root[p.turned(r)] = true
	}
	deep := make(map[*expr.Node]int)
	for _, n := range order {
		d := 0
		for _, a := range p.operands(n) {
			d = max(d, deep[p.turned(a)])
		}
		deep[n] = d + 1
		if len(n.Args) == 0 || p.light(n) {
			continue
		}
		if uses[n] > 1 || p.hints[n] != "" && !root[n] || deep[n] > 12 && !root[n] {
			p.shared = append(p.shared, n)
			deep[n] = 0
		}
	}
}

// turned is what n turns or negates, which costs a use of it nothing.
func (p *pyPrinter) turned(n *expr.Node) *expr.Node {
	for {
		n = p.see(n)
		switch {
		case n.Op == expr.OpT:
			n = n.Args[0]
		case (n.Op == expr.OpScale || n.Op == expr.OpHad) && len(n.Args) == 2 && n.Args[0].IsNum(-1, 1):
			n = n.Args[1]
		default:
			return n
		}
	}
}

// times counts how often the code of n shows operand i.
func (p *pyPrinter) times(n *expr.Node, i int) int {
	if n.Op == expr.OpCall {
		if f := ruleOf(n); f != nil {
			return max(1, strings.Count(f.NumPy, "$"+itoa(i+1)))
		}
	}
	return 1
}

// operands are the nodes that printing n prints.
func (p *pyPrinter) operands(n *expr.Node) []*expr.Node {
	for i, a := range n.Args {
		if m := p.see(a); n.Op == expr.OpMul && m.IsCall("inv") {
			args := append([]*expr.Node(nil), n.Args...)
			args[i] = m.Args[0]
			for j := i + 1; j < len(args); j++ {
				if m := p.see(args[j]); m.IsCall("inv") {
					args[j] = m.Args[0]
				}
			}
			return args
		}
		if m := p.see(a); m.Op == expr.OpVar && a != m && p.hints[m] == "" {
			p.hint(m, a.Var.Name)
		}
		if a.Op == expr.OpVar && a.Var.Kind == expr.Part {
			p.hint(p.see(a), a.Var.Name)
		}
	}
	return n.Args
}

// light tells whether n is not worth a variable: numbers and sizes, their
// multiples of a variable, and what NumPy repeats by itself.
func (p *pyPrinter) light(n *expr.Node) bool {
	n = p.see(n)
	switch n.Op {
	case expr.OpNum, expr.OpSize, expr.OpOnes, expr.OpZeros:
		return true
	case expr.OpScale:
		x := p.see(n.Args[1])
		return p.light(n.Args[0]) && (len(x.Args) == 0 || p.light(x)) || p.leaf(n.Args[0]) && ones(x)
	case expr.OpHad, expr.OpPow, expr.OpAdd:
		for _, a := range n.Args {
			if !p.light(a) {
				return false
			}
		}
		return true
	case expr.OpMul:
		v := p.repeated(n)
		return v != nil && (p.leaf(v) || p.light(v)) || ones(n)
	}
	return false
}

// leaf tells whether n is a variable, turned or to some power, or a number.
func (p *pyPrinter) leaf(n *expr.Node) bool {
	n = p.see(n)
	if n.Op == expr.OpT || n.Op == expr.OpPow && n.Args[1].Op == expr.OpNum {
		n = p.see(n.Args[0])
	}
	return len(n.Args) == 0
}

// repeated returns v of 1v or v1ᵀ, which NumPy repeats by itself.
func (p *pyPrinter) repeated(n *expr.Node) *expr.Node {
	n = p.see(n)
	if n.Op != expr.OpMul {
		return nil
	}
	last := len(n.Args) - 1
	if a := p.see(n.Args[0]); onesVector(a) && a.Shape.IsCol() {
		return p.g.in.Program.B.Mul(n.Args[1:]...)
	}
	if b := p.see(n.Args[last]); onesVector(b) && b.Shape.IsRow() {
		return p.g.in.Program.B.Mul(n.Args[:last]...)
	}
	return nil
}

// onesVector tells whether n is a vector of ones, lying or standing.
func onesVector(n *expr.Node) bool {
	if n.Op == expr.OpT {
		n = see(n.Args[0])
	}
	return n.Op == expr.OpOnes && (n.Shape.IsCol() || n.Shape.IsRow())
}

// ones tells whether all entries of n are 1.
func ones(n *expr.Node) bool {
	if n.Op == expr.OpMul && len(n.Args) == 2 && n.Args[0].Shape.C.IsOne() {
		return onesVector(see(n.Args[0])) && onesVector(see(n.Args[1]))
	}
	return n.Op == expr.OpOnes || onesVector(n)
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

// had prints a product of scalars, or entry by entry.
func (p *pyPrinter) had(n *expr.Node) (string, int) {
	if n.IsScalar() {
		return p.quotient(n.Args, nil)
	}
	return p.quotient(n.Args, p.anchors(n.Args))
}

// quotient prints a product entry by entry, factors of negative powers behind
// the stroke; short tells which factors NumPy may repeat.
func (p *pyPrinter) quotient(fs []*expr.Node, short []bool) (string, int) {
	var num, den []string
	sign := ""
	for i, f := range fs {
		m := p.see(f)
		free := p.names[m] == ""
		sh := short != nil && short[i]
		switch {
		case free && m.IsNum(-1, 1):
			sign = "-"
			continue
		case free && m.Op == expr.OpNum && m.Num.Sign() < 0 && sign == "":
			sign = "-"
			m = p.g.in.Program.B.Num(new(big.Rat).Neg(m.Num))
			f = m
		}
		if free && m.Op == expr.OpNum && m.Num.Denom().IsInt64() && m.Num.Denom().Int64() > 10 && m.Num.Num().IsInt64() {
			// 3/16 x is 3*x/16.
			if m.Num.Num().Int64() != 1 {
				num = append(num, m.Num.Num().String())
			}
			den = append(den, m.Num.Denom().String())
			continue
		}
		if e := m; free && e.Op == expr.OpPow && e.Args[1].Op == expr.OpNum && e.Args[1].Num.Sign() < 0 {
			base := p.g.in.Program.B.Pow(e.Args[0], p.g.in.Program.B.Num(new(big.Rat).Neg(e.Args[1].Num)))
			den = append(den, p.operand(base, sh, pyUnary))
			continue
		}
		level := pyUnary
		if len(num) == 0 && sign == "" {
			level = pyProduct
		}
		num = append(num, p.operand(f, sh, level))
	}
	s := strings.Join(num, "*")
	if s == "" {
		s = "1"
	}
	for _, d := range den {
		s += "/" + d
	}
	if sign != "" && len(num) == 1 && len(den) == 0 {
		return sign + s, pyUnary
	}
	return sign + s, pyProduct
}

func (p *pyPrinter) pow(n *expr.Node) (string, int) {
	x, e := n.Args[0], n.Args[1]
	switch {
	case e.IsNum(1, 2):
		return "np.sqrt(" + p.text(x, pyAny) + ")", pyAtom
	case e.IsNum(2, 1) && x.IsCall("norm") && p.names[p.see(x)] == "":
		return "np.sum(" + p.text(x.Args[0], pyAtom) + "**2)", pyAtom
	case e.Op == expr.OpNum && e.Num.Sign() < 0:
		return p.quotient([]*expr.Node{n}, nil)
	}
	return p.text(x, pyAtom) + "**" + p.text(e, pyAtom), pyPower
}

// product prints a matrix product: products with ones as sums, with diag as
// scalings, with inverses as solves.
func (p *pyPrinter) product(n *expr.Node) (string, int) {
	args := make([]*expr.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = p.see(a)
	}
	if n.IsScalar() {
		first, last := onesVector(args[0]), onesVector(args[len(args)-1])
		switch {
		case first && last && len(args) > 2:
			s, _ := p.factors(args[1 : len(args)-1])
			return "np.sum(" + s + ")", pyAtom
		case first:
			s, _ := p.factors(args[1:])
			return "np.sum(" + s + ")", pyAtom
		case last:
			s, _ := p.factors(args[:len(args)-1])
			return "np.sum(" + s + ")", pyAtom
		}
		s, l := p.factors(args)
		return bracket(s, l, pyAtom) + "[0, 0]", pyAtom
	}
	return p.factors(args)
}

func (p *pyPrinter) factors(args []*expr.Node) (string, int) {
	if len(args) == 1 {
		if v := args[0]; p.names[v] == "" {
			return p.node(v)
		}
		return p.names[args[0]], pyAtom
	}
	// An outer product is formed last: A⁻¹b bᵀA⁻¹ is two solves for vectors.
	for i := 0; i+1 < len(args); i++ {
		if args[i].Shape.C.IsOne() && len(args) > 2 && !args[0].Shape.R.IsOne() && !args[len(args)-1].Shape.C.IsOne() &&
			!onesVector(args[i]) && !onesVector(args[i+1]) {
			x, l := p.factors(args[:i+1])
			y, k := p.factors(args[i+1:])
			return bracket(x, l, pyProduct) + " @ " + bracket(y, k, pyUnary), pyProduct
		}
	}
	// From the left: what stands in front of an inverse is solved for last.
	last := len(args) - 1
	first := args[0]
	switch {
	case p.names[first] == "" && first.IsCall("inv"):
		x, _ := p.factors(args[1:])
		return "np.linalg.solve(" + p.text(first.Args[0], pyAny) + ", " + x + ")", pyAtom
	case p.names[first] == "" && first.IsCall("diag") && first.Shape.IsSquare():
		v := p.column(first.Args[0])
		x, l := p.factors(args[1:])
		return v + "*" + bracket(x, l, pyUnary), pyProduct
	case onesVector(first) && first.Shape.IsRow():
		x, _ := p.factors(args[1:])
		return "np.sum(" + x + ", axis=0, keepdims=True)", pyAtom
	}
	end := args[last]
	switch {
	case p.names[end] == "" && end.IsCall("inv"):
		if last == 1 {
			return "np.linalg.solve(" + p.text(p.g.in.Program.B.T(end.Args[0]), pyAny) + ", " + p.text(p.g.in.Program.B.T(args[0]), pyAny) + ").T", pyAtom
		}
		x, l := p.factors(args[:last])
		return "np.linalg.solve(" + p.text(p.g.in.Program.B.T(end.Args[0]), pyAny) + ", " + bracket(x, l, pyAtom) + ".T).T", pyAtom
	case p.names[end] == "" && end.IsCall("diag") && end.Shape.IsSquare():
		x, l := p.factors(args[:last])
		return bracket(x, l, pyProduct) + "*" + p.row(end.Args[0]), pyProduct
	case onesVector(end) && end.Shape.IsCol():
		x, _ := p.factors(args[:last])
		return "np.sum(" + x + ", axis=1, keepdims=True)", pyAtom
	}
	for i := 1; i < last; i++ {
		if a := args[i]; p.names[a] == "" && (a.IsCall("inv") || a.IsCall("diag") && a.Shape.IsSquare()) {
			x, l := p.factors(args[:i])
			y, k := p.factors(args[i:])
			return bracket(x, l, pyProduct) + " @ " + bracket(y, k, pyUnary), pyProduct
		}
	}
	// A product that ends in a vector is multiplied from the right.
	if args[last].Shape.C.IsOne() && len(args) > 2 && !args[0].Shape.R.IsOne() {
		y, k := p.factors(args[1:])
		x, l := p.factors(args[:1])
		return bracket(x, l, pyUnary) + " @ " + bracket(y, k, pyUnary), pyProduct
	}
	fs := make([]string, len(args))
	for i, a := range args {
		fs[i] = p.text(a, pyUnary)
	}
	return strings.Join(fs, " @ "), pyProduct
}

func (p *pyPrinter) column(v *expr.Node) string {
	if v.Shape.IsRow() {
		return p.text(v, pyAtom) + ".T"
	}
	return p.text(v, pyUnary)
}

func (p *pyPrinter) row(v *expr.Node) string {
	if v.Shape.IsCol() {
		return p.text(v, pyAtom) + ".T"
	}
	return p.text(v, pyUnary)
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
