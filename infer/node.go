package infer

import (
	"math/big"
	"slices"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// node builds the expression of a term.
func (in *inferrer) node(t *term) *expr.Node {
	b := in.b
	if in.closed && in.isFill(t) && (in.hasOpen(t.shp.r) || in.hasOpen(t.shp.c)) {
		in.reportSize(t)
	}
	switch t.op {
	case opNum:
		return b.Num(t.num)
	case opSym:
		return in.symNode(t.sym)
	case opOnes:
		return b.Ones(in.final(t.shp))
	case opEye:
		return b.Eye(in.final(t.shp).R)
	case opNeg:
		return b.Neg(in.node(t.args[0]))
	case opAdd, opSub:
		return in.sumNode(t)
	case opHad, opElemDiv, opDiv:
		return in.hadNode(t)
	case opMul:
		in.noteHadamard(t)
		fs := make([]*expr.Node, len(t.args))
		for i, a := range t.args {
			fs[i] = in.node(a)
		}
		return in.chain(fs)
	case opSolve:
		x, y := in.node(t.args[0]), in.node(t.args[1])
		if x.IsScalar() {
			return b.Had(b.Recip(x), y)
		}
		return b.Mul(in.mustCall(t, "inv", x), y)
	case opT:
		return b.T(in.node(t.args[0]))
	case opInv, opInvT:
		x := in.node(t.args[0])
		if x.IsScalar() {
			return b.Recip(x)
		}
		x = in.mustCall(t, "inv", x)
		if t.op == opInvT {
			x = b.T(x)
		}
		return x
	case opPow:
		return in.powNode(t)
	case opElemPow:
		return b.Pow(in.node(t.args[0]), in.node(t.args[1]))
	case opAbs:
		return in.mustCall(t, "abs", in.node(t.args[0]))
	case opCall:
		return in.callNode(t)
	case opApply:
		return in.applyNode(t)
	case opSized:
		return in.node(t.args[0])
	case opDiff:
		return in.diffNode(t)
	case opHessian:
		return in.hessianNode(t)
	case opPrime:
		return in.primeNode(t)
	case opAdjoint:
		return in.adjointNode(t)
	case opJacobian:
		return in.jacobianNode(t)
	}
	in.errorf("E901", t.span, "no expression for a term of kind %d", t.op)
	return b.Int(0)
}

// sumNode builds a chain of + and - at once, so that its length costs no more
// than its terms.
func (in *inferrer) sumNode(t *term) *expr.Node {
	var terms []*expr.Node
	u := t
	for ; u.op == opAdd || u.op == opSub; u = u.args[0] {
		n := in.wide(u.args[1], t.shp)
		if u.op == opSub {
			n = in.b.Neg(n)
		}
		terms = append(terms, n)
		if !in.sameShape(u.args[0].shp, t.shp) {
			u = u.args[0]
			break
		}
	}
	terms = append(terms, in.wide(u, t.shp))
	slices.Reverse(terms)
	return in.b.Add(terms...)
}

func (in *inferrer) sameShape(a, b shape) bool { return in.d.same(a.r, b.r) && in.d.same(a.c, b.c) }

// hadNode builds a chain of elementwise products and quotients, and of
// divisions by scalars, at once.
func (in *inferrer) hadNode(t *term) *expr.Node {
	b := in.b
	var fs, front []*expr.Node
	u := t
loop:
	for {
		if u != t && !in.sameShape(u.shp, t.shp) {
			break
		}
		switch u.op {
		case opHad:
			in.noteHadamard(u)
			fs = append(fs, in.factor(u.args[1], t.shp))
		case opElemDiv:
			fs = append(fs, in.spread(b.Recip(in.node(u.args[1])), u.args[1], t.shp, true))
		case opDiv:
			front = append(front, b.Recip(in.node(u.args[1])))
		default:
			break loop
		}
		u = u.args[0]
	}
	fs = append(fs, in.factor(u, t.shp))
	slices.Reverse(fs)
	return b.Had(append(front, fs...)...)
}

// chain multiplies from left to right: x'y z is (x'y) z, a number times z.
func (in *inferrer) chain(fs []*expr.Node) *expr.Node {
	b := in.b
	var scal, run []*expr.Node
	for _, f := range fs {
		switch {
		case f.IsScalar():
			scal = append(scal, f)
			continue
		case len(run) > 0 && run[0].Shape.R.IsOne() && run[len(run)-1].Shape.C.IsOne():
			scal = append(scal, b.Mul(run...))
			run = run[:0:0]
		}
		run = append(run, f)
	}
	return b.Mul(append(scal, run...)...)
}

func (in *inferrer) symNode(s *symbol) *expr.Node {
	switch {
	case s.kind == symSize:
		return in.b.Size(expr.Symbol(s.name))
	case s.isSize:
		return in.b.Size(expr.Symbol(s.name))
	case in.opening && s.kind == symDef && s.def != nil && s.def.part != nil:
		return s.def.part
	case s.kind == symDef && s.def != nil && s.def.node != nil:
		if s.def.node.Op != expr.OpCall {
			in.nested = max(in.nested, s.def.nest)
		}
		return s.def.node
	case s.node != nil:
		return s.node
	}
	return in.b.Int(0)
}

// wide builds a term in the wider shape of the sum that it is part of.
func (in *inferrer) wide(t *term, s shape) *expr.Node { return in.spread(in.node(t), t, s, false) }

// factor builds a term in the shape of an elementwise product; a scalar stays.
func (in *inferrer) factor(t *term, s shape) *expr.Node { return in.spread(in.node(t), t, s, true) }

// spread makes broadcasting explicit: a scalar times ones, a column of ones
// times a row, a column times a row of ones.
func (in *inferrer) spread(n *expr.Node, t *term, s shape, product bool) *expr.Node {
	b := in.b
	want := in.final(s)
	switch {
	case n.Shape == want:
		return n
	case n.IsScalar():
		if product {
			return n
		}
		return b.Scale(n, b.Ones(want))
	case n.Shape.IsRow():
		in.note("%s (%v) is repeated over %v rows", in.termText(t), n.Shape, want.R)
		return b.Mul(b.Ones(expr.Shape{R: want.R, C: expr.One}), n)
	}
	in.note("%s (%v) is repeated over %v columns", in.termText(t), n.Shape, want.C)
	return b.Mul(n, b.Ones(expr.Shape{R: expr.One, C: want.C}))
}

func (in *inferrer) termText(t *term) string {
	if t.lifted {
		return showTerm(in, t)
	}
	return in.text(t.span)
}

// maxPower is the most factors that a power of a matrix is written out to.
const maxPower = expr.MaxFactors

func (in *inferrer) powNode(t *term) *expr.Node {
	b := in.b
	x, e := in.node(t.args[0]), in.node(t.args[1])
	if x.IsScalar() {
		return b.Pow(x, e)
	}
	k, ok := e.Int()
	if c, is := constant(t.args[1]); !ok && is && c.IsInt() && c.Num().IsInt64() { // j = 2
		k, ok = int(c.Num().Int64()), true
	}
	if !ok || k > maxPower || k < -maxPower {
		panic(&expr.BudgetError{What: "the power " + in.text(t.span) + " has more than " + itoa(maxPower) + " factors"})
	}
	if k == 0 {
		return b.Eye(x.Shape.R)
	}
	if k < 0 {
		x, k = in.mustCall(t, "inv", x), -k
	}
	fs := make([]*expr.Node, k)
	for i := range fs {
		fs[i] = x
	}
	return b.Mul(fs...)
}

// mustCall calls a function that an operator of the language stands for.
func (in *inferrer) mustCall(t *term, name string, args ...*expr.Node) *expr.Node {
	f := rules.Resolve(name, len(args))
	if f == nil {
		in.errorf("E202", t.span, "the function %s is missing", name)
		return args[0]
	}
	n, err := in.b.Call(f, args...)
	if err != nil {
		in.errorf("E214", t.span, "%v", err)
		return args[0]
	}
	return n
}

func (in *inferrer) callNode(t *term) *expr.Node {
	b, f := in.b, t.fn
	args := make([]*expr.Node, 0, len(f.Params))
	for _, a := range t.args {
		args = append(args, in.node(a))
	}
	switch f.Op {
	case expr.OpOnes, expr.OpZeros, expr.OpEye:
		s := in.final(t.shp)
		var n *expr.Node
		switch {
		case f.Op == expr.OpEye:
			n = b.Eye(s.R)
		case f.Op == expr.OpZeros:
			n = b.Zeros(s)
		default:
			n = b.Ones(s)
		}
		for _, a := range args {
			n = b.Had(a, n)
		}
		return n
	}
	if f.Elementwise {
		for i, a := range t.args {
			if f.Params[i].Kind == rules.Matrix && len(f.Params) > 1 {
				args[i] = in.spread(args[i], a, t.shp, false)
			}
		}
	}
	for i := len(args); i < len(f.Params); i++ {
		args = append(args, in.defaultOf(f, i))
	}
	in.noteCall(t, args)
	n, err := b.Call(f, args...)
	if err != nil {
		in.errorf("E214", t.span, "%v", err)
		return b.Int(0)
	}
	return n
}

// defaultOf returns the value of an optional parameter that is left out.
func (in *inferrer) defaultOf(f *rules.Func, i int) *expr.Node {
	if r, ok := new(big.Rat).SetString(f.Params[i].Default); ok {
		return in.b.Num(r)
	}
	n, err := compileInto(in.b, f.Params[i].Default)
	if err != nil {
		in.errorf("E901", ast.Span{}, "default of %s of %s: %v", f.Params[i].Name, f.Name, err)
		return in.b.Int(0)
	}
	return n
}
