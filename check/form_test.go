package check

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// The sweeps write right and wrong answers by a syntax tree of their own, so
// that neither the identities by which a right answer is rewritten nor the
// mistakes that are put into one share code with what judges and names them.
//
//	objective, gradient (expr) ──formOf──▶ form ──identities, mistakes──▶ form ──spell──▶ text of a claim
//	                                                                         └──value──▶ numbers at a point
//
// A form need not have a meaning: a mistake may leave shapes that clash.

// form is an expression as it is written down.
type form struct {
	op   string // num var size ones zeros eye add neg mul had scale pow t call
	name string // of a variable, a size, a function; the digits of a number
	r, c expr.Dim
	args []*form
}

const maxForm = 90

// formOf is the tree of an expression; parts that are no definition of the
// program are written out. It is nil for what is too long or has no form.
func formOf(n *Node) *form {
	left := maxForm
	var of func(n *Node) *form
	of = func(n *Node) *form {
		if left--; left < 0 {
			return nil
		}
		f := &form{r: n.Shape.R, c: n.Shape.C}
		args := n.Args
		switch n.Op {
		case expr.OpNum:
			if f.op, f.name = "num", n.Num.RatString(); n.Num.Sign() < 0 {
				return fNeg(fNum(f.name[1:]))
			}
		case expr.OpSize:
			f.op, f.name = "size", n.Dim.String()
		case expr.OpVar:
			f.op, f.name = "var", n.Var.Name
		case expr.OpOnes:
			f.op = "ones"
		case expr.OpZeros:
			f.op = "zeros"
		case expr.OpEye:
			f.op = "eye"
		case expr.OpAdd:
			f.op = "add"
		case expr.OpMul:
			f.op = "mul"
		case expr.OpHad, expr.OpScale:
			f.op = "had"
			if n.Op == expr.OpScale {
				f.op = "scale"
			}
			if a := args[0]; a.IsNum(-1, 1) && (n.Op == expr.OpScale || a.IsScalar()) {
				g := &form{op: "had", r: f.r, c: f.c}
				for _, x := range args[1:] {
					y := of(x)
					if y == nil {
						return nil
					}
					g.args = append(g.args, y)
				}
				if len(g.args) == 1 {
					g = g.args[0]
				}
				return fNeg(g)
			}
		case expr.OpPow:
			f.op = "pow"
		case expr.OpT:
			f.op = "t"
		case expr.OpCall:
			f.op, f.name = "call", n.Fn.FnName()
		default:
			panic(fmt.Sprintf("no form for %v", n.Op))
		}
		for _, a := range args {
			x := of(a)
			if x == nil {
				return nil
			}
			f.args = append(f.args, x)
		}
		return f
	}
	return of(n)
}

func (f *form) scalar() bool { return f.r.IsOne() && f.c.IsOne() }
func (f *form) col() bool    { return f.c.IsOne() && !f.r.IsOne() }
func (f *form) row() bool    { return f.r.IsOne() && !f.c.IsOne() }
func (f *form) square() bool { return f.r == f.c && !f.r.IsOne() }
func (f *form) matrix() bool { return !f.r.IsOne() && !f.c.IsOne() }

func (f *form) is(op, name string) bool { return f.op == op && f.name == name }
func (f *form) isNum(s string) bool     { return f.is("num", s) }

// minus tells the exponent −1.
func minus1(f *form) bool { return f.op == "neg" && f.args[0].isNum("1") }

// with is f with its i-th operand replaced.
func (f *form) with(i int, x *form) *form {
	g := *f
	g.args = append([]*form(nil), f.args...)
	g.args[i] = x
	return &g
}

// without is f without its i-th operand.
func (f *form) without(i int) *form {
	g := *f
	g.args = append(append([]*form(nil), f.args[:i]...), f.args[i+1:]...)
	if len(g.args) == 1 {
		return g.args[0]
	}
	if g.op == "mul" {
		g.r, g.c = g.args[0].r, g.args[len(g.args)-1].c
	}
	return &g
}

// spot is a node of a form, and how to put another in its place.
type spot struct {
	f  *form
	up func(x *form) *form
	// in is what the node stands in, nil at the root.
	in *form
	at int
}

// spots lists the nodes of a form, exponents left out.
func spots(f *form) []spot {
	var out []spot
	var walk func(s spot)
	walk = func(s spot) {
		out = append(out, s)
		for i, a := range s.f.args {
			if s.f.op == "pow" && i == 1 {
				continue
			}
			walk(spot{a, func(x *form) *form { return s.up(s.f.with(i, x)) }, s.f, i})
		}
	}
	walk(spot{f: f, up: func(x *form) *form { return x }})
	return out
}

func (f *form) mentions(name string) bool {
	if f.is("var", name) {
		return true
	}
	for _, a := range f.args {
		if a.mentions(name) {
			return true
		}
	}
	return false
}

func (f *form) size() int {
	n := 1
	for _, a := range f.args {
		n += a.size()
	}
	return n
}

// Constructors. They leave out what nobody would write: 1·x, −−x, (x')'.

func fNum(s string) *form { return &form{op: "num", name: s, r: expr.One, c: expr.One} }
func fVar(name string, s expr.Shape) *form {
	return &form{op: "var", name: name, r: s.R, c: s.C}
}

func fNeg(x *form) *form {
	if x.op == "neg" {
		return x.args[0]
	}
	return &form{op: "neg", r: x.r, c: x.c, args: []*form{x}}
}

func fT(x *form) *form {
	switch {
	case x.scalar():
		return x
	case x.op == "t":
		return x.args[0]
	}
	return &form{op: "t", r: x.c, c: x.r, args: []*form{x}}
}

func fAdd(xs ...*form) *form {
	f := &form{op: "add", r: xs[0].r, c: xs[0].c}
	for _, x := range xs {
		if x.op == "add" {
			f.args = append(f.args, x.args...)
		} else {
			f.args = append(f.args, x)
		}
	}
	if len(f.args) == 1 {
		return f.args[0]
	}
	return f
}

func fMul(xs ...*form) *form {
	f := &form{op: "mul"}
	neg := false
	for _, x := range xs {
		if x.op == "neg" {
			neg, x = !neg, x.args[0]
		}
		switch {
		case x.op == "eye":
		case x.op == "mul":
			f.args = append(f.args, x.args...)
		default:
			f.args = append(f.args, x)
		}
	}
	if len(f.args) == 0 {
		return xs[0]
	}
	f.r, f.c = f.args[0].r, f.args[len(f.args)-1].c
	g := f
	if len(f.args) == 1 {
		g = f.args[0]
	}
	if neg {
		return fNeg(g)
	}
	return g
}

// fScale is s x, or the product of two scalars.
func fScale(s, x *form) *form {
	switch {
	case s.isNum("1"):
		return x
	case s.op == "neg":
		return fNeg(fScale(s.args[0], x))
	case x.op == "neg":
		return fNeg(fScale(s, x.args[0]))
	case x.scalar():
		return fHad(s, x)
	}
	return &form{op: "scale", r: x.r, c: x.c, args: []*form{s, x}}
}

func fHad(xs ...*form) *form {
	f := &form{op: "had", r: xs[0].r, c: xs[0].c}
	neg := false
	for _, x := range xs {
		if x.op == "neg" {
			neg, x = !neg, x.args[0]
		}
		switch {
		case x.op == "ones" || x.isNum("1"):
		case x.op == "had":
			f.args = append(f.args, x.args...)
		default:
			f.args = append(f.args, x)
		}
	}
	g := f
	if len(f.args) == 0 {
		g = xs[0]
	} else if len(f.args) == 1 {
		g = f.args[0]
	}
	if neg {
		return fNeg(g)
	}
	return g
}

func fPow(x *form, k string) *form {
	e := fNum(strings.TrimPrefix(k, "-"))
	if k[0] == '-' {
		e = fNeg(e)
	}
	return &form{op: "pow", r: x.r, c: x.c, args: []*form{x, e}}
}

func fOnes(r, c expr.Dim) *form {
	if r.IsOne() && c.IsOne() {
		return fNum("1")
	}
	return &form{op: "ones", r: r, c: c}
}

func fEye(r expr.Dim) *form {
	if r.IsOne() {
		return fNum("1")
	}
	return &form{op: "eye", r: r, c: r}
}

// fCall is a function whose value has the shape given.
func fCall(name string, r, c expr.Dim, args ...*form) *form {
	return &form{op: "call", name: name, r: r, c: c, args: args}
}

func fInv(x *form) *form { return fCall("inv", x.r, x.c, x) }

func fSum(x *form) *form {
	if x.scalar() {
		return x
	}
	return fCall("sum", expr.One, expr.One, x)
}

func fTr(x *form) *form { return fCall("tr", expr.One, expr.One, x) }

// fInner is tr(A'B), as one would write it.
func fInner(a, b *form) *form {
	switch {
	case a.scalar():
		return fHad(a, b)
	case a.col():
		return fMul(fT(a), b)
	case a.row():
		return fMul(a, fT(b))
	}
	return fTr(fMul(fT(a), b))
}

// speller writes forms, in one notation or at random.
type speller struct {
	rng   *rand.Rand
	kind  int // 0 ASCII, 1 Unicode, 2 LaTeX
	taken map[string]bool
}

const (
	levelSum = iota
	levelProduct
	levelAtom
)

var greekLaTeX = map[string]string{"λ": `\lambda`, "α": `\alpha`, "β": `\beta`, "γ": `\gamma`, "μ": `\mu`, "σ": `\sigma`, "θ": `\theta`, "ε": `\epsilon`, "ν": `\nu`, "η": `\eta`, "τ": `\tau`}

func (p *speller) chance(x float64) bool { return p.rng != nil && p.rng.Float64() < x }

func (p *speller) spell(f *form) string {
	s, _ := p.write(f)
	return s
}

// at writes an operand that must be of that level.
func (p *speller) at(f *form, level int) string {
	s, l := p.write(f)
	if l < level {
		if p.kind == 2 && p.chance(0.3) {
			return `\left(` + s + `\right)`
		}
		return "(" + s + ")"
	}
	return s
}

func (p *speller) name(s string) string {
	if p.kind == 2 && greekLaTeX[s] != "" && !p.taken[greekLaTeX[s]] {
		return greekLaTeX[s] + " "
	}
	return s
}

func (p *speller) write(f *form) (string, int) {
	switch f.op {
	case "num":
		if a, b, ok := strings.Cut(f.name, "/"); ok {
			if p.kind == 2 {
				return `\frac{` + a + "}{" + b + "}", levelAtom
			}
			return "(" + f.name + ")", levelAtom
		}
		return f.name, levelAtom
	case "var":
		return p.name(f.name), levelAtom
	case "size":
		if strings.Contains(f.name, "*") {
			return "(" + f.name + ")", levelAtom
		}
		return f.name, levelAtom
	case "ones", "zeros":
		if f.c.IsOne() {
			return f.op + "(" + f.r.String() + ")", levelAtom
		}
		if f.r.IsOne() {
			return f.op + "(" + f.c.String() + ")'", levelAtom
		}
		return f.op + "(" + f.r.String() + ", " + f.c.String() + ")", levelAtom
	case "eye":
		return "eye(" + f.r.String() + ")", levelAtom
	case "add":
		var out strings.Builder
		for i, a := range f.args {
			minus := a.op == "neg"
			if minus {
				a = a.args[0]
			}
			switch {
			case i == 0 && minus:
				out.WriteString("-")
			case minus && p.kind == 1:
				out.WriteString(" − ")
			case minus:
				out.WriteString(" - ")
			case i > 0:
				out.WriteString(" + ")
			}
			out.WriteString(p.at(a, levelProduct))
		}
		return out.String(), levelSum
	case "neg":
		return "-" + p.at(f.args[0], levelProduct), levelSum
	case "mul":
		return p.chain(f), levelProduct
	case "scale":
		return p.scaled(f), levelProduct
	case "had":
		return p.hadamard(f)
	case "pow":
		return p.power(f)
	case "t":
		x := p.at(f.args[0], levelAtom)
		if f.args[0].op == "pow" {
			x = "(" + x + ")"
		}
		switch {
		case p.kind == 1:
			return x + "ᵀ", levelAtom
		case p.kind == 2:
			return x + pickOf(p, "^T", `^\top`) + " ", levelAtom
		}
		return x + "'", levelAtom
	case "call":
		return p.call(f), levelAtom
	}
	panic("no spelling for " + f.op)
}

func pickOf(p *speller, list ...string) string {
	if p.rng == nil {
		return list[0]
	}
	return list[p.rng.IntN(len(list))]
}

// times is the sign of a matrix product or of a scalar's.
func (p *speller) times() string {
	switch p.kind {
	case 1:
		return pickOf(p, " ", "·", "*")
	case 2:
		return pickOf(p, " ", ` \cdot `)
	}
	return pickOf(p, "*", "*", " * ", " @ ")
}

func (p *speller) join(out *strings.Builder, s string, sign string) {
	if out.Len() > 0 {
		if sign == " " && s[0] >= '0' && s[0] <= '9' {
			sign = "*"
		}
		out.WriteString(sign)
	}
	out.WriteString(s)
}

func (p *speller) chain(f *form) string {
	var out strings.Builder
	sign := p.times()
	for _, a := range f.args {
		p.join(&out, p.at(a, levelAtom), sign)
	}
	return out.String()
}

func (p *speller) scaled(f *form) string {
	var out strings.Builder
	sign := p.times()
	if strings.TrimSpace(sign) == "@" {
		sign = "*"
	}
	p.join(&out, p.at(f.args[0], levelAtom), sign)
	p.join(&out, p.at(f.args[1], levelAtom), sign)
	return out.String()
}

func (p *speller) hadamard(f *form) (string, int) {
	sign, over := ".*", "./"
	scalar := f.scalar()
	switch {
	case scalar:
		sign, over = "*", "/"
	case p.kind == 1:
		sign = pickOf(p, " ⊙ ", " ∘ ")
	case p.kind == 2:
		sign = pickOf(p, ` \odot `, ` \circ `)
	}
	var up, down []*form
	for _, a := range f.args {
		if a.op == "pow" && minus1(a.args[1]) && (scalar || p.kind != 2) {
			down = append(down, a.args[0])
		} else {
			up = append(up, a)
		}
	}
	var out strings.Builder
	for _, a := range up {
		p.join(&out, p.at(a, levelAtom), sign)
	}
	if len(up) == 0 {
		out.WriteString("1")
	}
	if scalar && p.kind == 2 && len(down) > 0 {
		var den strings.Builder
		for _, a := range down {
			p.join(&den, p.at(a, levelAtom), " ")
		}
		return `\frac{` + out.String() + "}{" + den.String() + "}", levelAtom
	}
	for _, a := range down {
		out.WriteString(over + p.at(a, levelAtom))
	}
	return out.String(), levelProduct
}

func (p *speller) power(f *form) (string, int) {
	x, k := f.args[0], f.args[1]
	s := p.at(x, levelAtom)
	if x.op == "pow" || x.op == "t" || x.op == "call" && x.name == "inv" {
		s = "(" + s + ")"
	}
	dot := "."
	if x.scalar() {
		dot = ""
		if minus1(k) && p.chance(0.5) {
			if p.kind == 2 {
				return `\frac{1}{` + p.spell(x) + "}", levelAtom
			}
			return "(1/" + s + ")", levelAtom
		}
	} else if minus1(k) && p.kind != 2 {
		return "(1./" + s + ")", levelAtom
	}
	if k.isNum("2") && p.kind == 1 && x.scalar() && x.op != "num" {
		return s + "²", levelAtom
	}
	e := p.spell(k)
	if p.kind == 2 && x.scalar() {
		return s + "^{" + e + "}", levelAtom
	}
	if k.op != "num" {
		e = "(" + e + ")"
	}
	return s + dot + "^" + e, levelAtom
}

func (p *speller) call(f *form) string {
	args := make([]string, len(f.args))
	for i, a := range f.args {
		args[i] = p.spell(a)
	}
	name := f.name
	if len(args) == 0 { // π
		return name
	}
	if p.kind > 0 {
		switch name {
		case "norm":
			if p.kind == 1 {
				return "‖" + args[0] + "‖"
			}
			return `\left\| ` + args[0] + ` \right\|`
		case "sigmoid":
			if n := pickOf(p, "σ", "sigmoid"); !p.taken["σ"] && !p.taken["sigma"] && !p.taken[`\sigma`] {
				name = n
			}
		case "inv":
			x := p.at(f.args[0], levelAtom)
			if op := f.args[0].op; op == "pow" || op == "t" || op == "call" && f.args[0].name == "inv" {
				x = "(" + x + ")"
			}
			if p.kind == 1 {
				return x + pickOf(p, "⁻¹", "^-1")
			}
			return x + "^{-1}"
		}
	}
	if p.kind == 2 {
		switch name {
		case "exp", "log", "sin", "cos", "tanh", "det":
			name = `\` + name
		case "tr", "softmax", "diag":
			name = pickOf(p, `\operatorname{`, `\mathrm{`) + name + "}"
		}
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
