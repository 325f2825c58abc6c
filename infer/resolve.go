package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

// item is a factor of a juxtaposition: a term, or a function word that waits
// for the factor that follows it.
type item struct {
	t     *term
	word  *ast.Name // function word, its name in fn
	fn    string
	over  *term // numerator of 1/log x: the application divides it
	exp   *term // exponent of log² x
	span  ast.Span
	one   bool // a literal 1, perhaps a vector of ones
	ones  bool // 1ᵀ
	trans bool // transposed
	paren bool // in brackets
}

// expr resolves an expression.
func (in *inferrer) expr(e ast.Expr) *term {
	switch e := e.(type) {
	case nil:
		return bad(ast.Span{})
	case *ast.Paren:
		t := in.expr(e.X)
		if t.op == opBad {
			return t
		}
		u := *t
		u.span = e.Span
		return &u
	case *ast.Unary:
		x := in.expr(e.X)
		if e.Op == ast.Neg {
			return newTerm(opNeg, e.Pos(), x)
		}
		return x
	case *ast.Binary:
		return in.binary(e)
	case *ast.Norm:
		return in.norm(e)
	case *ast.Abs:
		return newTerm(opAbs, e.Span, in.expr(e.X))
	case *ast.Inner:
		return in.call("dot", e.Span, e.Span, in.expr(e.X), in.expr(e.Y))
	case *ast.Iverson:
		return in.iverson(e)
	case *ast.Index:
		if n, ok := e.X.(*ast.Name); ok && (n.Base == "𝔼" || n.Base == "E" && n.Src != "E") {
			in.add(&diag.Diagnostic{Code: "E202", Message: "an expectation is not in the language: " + in.text(e.Span), Labels: []diag.Label{{Span: n.Span}},
				Help: "write the mean over a sample: 1/N Σ_{i=1}^N …"})
			return bad(e.Span)
		}
		in.add(in.fixedEntry(e))
		return bad(e.Span)
	case *ast.BigOp:
		return in.bigOp(e)
	case *ast.Deriv:
		return in.derivOperand(e)
	case *ast.Name, *ast.Number, *ast.Postfix, *ast.Power, *ast.Call, *ast.Entry:
		return in.combine(in.factors(e))
	}
	in.errorf("E901", e.Pos(), "no reading for a syntax node of type %T", e)
	return bad(e.Pos())
}

func (in *inferrer) binary(e *ast.Binary) *term {
	switch e.Op {
	case ast.Juxt, ast.Div:
		return in.combine(in.factors(e))
	case ast.Add, ast.Sub:
		return in.sum(e)
	case ast.Mul:
		return in.product(e)
	}
	if e.Op == ast.ElemDiv {
		in.notZero(e.Y)
	}
	x, y := in.expr(e.X), in.expr(e.Y)
	var t *term
	switch e.Op {
	case ast.ElemMul:
		t = newTerm(opHad, e.Pos(), x, y)
	case ast.ElemDiv:
		t = newTerm(opElemDiv, e.Pos(), x, y)
	case ast.Solve:
		t = newTerm(opSolve, e.Pos(), x, y)
	case ast.Kron:
		t = in.call("kron", e.Pos(), e.OpSpan, x, y)
	default:
		in.errorf("E109", e.Pos(), "a comparison stands in square brackets: [x >= a]")
		return bad(e.Pos())
	}
	t.opSpan = e.OpSpan
	return t
}

// sum resolves a chain of + and - without recursing on its length.
func (in *inferrer) sum(e *ast.Binary) *term {
	var chain []*ast.Binary
	var x ast.Expr = e
	for {
		b, ok := x.(*ast.Binary)
		if !ok || b.Op != ast.Add && b.Op != ast.Sub {
			break
		}
		chain = append(chain, b)
		x = b.X
	}
	t := in.expr(x)
	for i := len(chain) - 1; i >= 0; i-- {
		b := chain[i]
		o := opAdd
		if b.Op == ast.Sub {
			o = opSub
		}
		t = newTerm(o, b.Pos(), t, in.expr(b.Y))
		t.opSpan = b.OpSpan
	}
	return t
}

// product resolves a chain a*b*c as one term with three factors.
func (in *inferrer) product(e *ast.Binary) *term {
	var chain []ast.Expr
	var x ast.Expr = e
	for {
		b, ok := x.(*ast.Binary)
		if !ok || b.Op != ast.Mul {
			break
		}
		chain = append(chain, b.Y)
		x = b.X
	}
	args := []*term{in.expr(x)}
	for i := len(chain) - 1; i >= 0; i-- {
		args = append(args, in.expr(chain[i]))
	}
	t := newTerm(opMul, e.Pos(), args...)
	t.opSpan = e.OpSpan
	return t
}

// factors lists the factors of a juxtaposition; a quotient or postfix binds
// the first or last factor only.
func (in *inferrer) factors(e ast.Expr) []item {
	switch e := e.(type) {
	case *ast.Name:
		return in.nameItems(e, false)
	case *ast.Number:
		return []item{{t: in.number(e), span: e.Span, one: e.Text == "1"}}
	case *ast.Paren:
		return []item{{t: in.expr(e), span: e.Span, paren: true}}
	case *ast.Binary:
		switch e.Op {
		case ast.Juxt:
			return in.juxt(e)
		case ast.Div:
			if in.derivativeSign(e) {
				return []item{{t: bad(e.Span), span: e.Span}}
			}
			in.notZero(e.Y)
			x, ys := in.expr(e.X), in.factors(e.Y)
			first := ys[0]
			if first.t == nil {
				first.over = x
			} else {
				first.t = newTerm(opDiv, e.X.Pos().To(first.span), x, first.t)
				first.t.opSpan = e.OpSpan
			}
			first.span = e.X.Pos().To(first.span)
			first.one, first.trans, first.paren = false, false, false
			return append([]item{first}, ys[1:]...)
		}
	case *ast.Postfix:
		if d := in.byRow(e); d != nil {
			return []item{{t: in.expr(d), span: e.Pos()}}
		}
		is := in.factors(e.X)
		last := &is[len(is)-1]
		in.settle(last)
		if last.one && e.Op == ast.Transpose {
			last.t, last.ones = in.onesSite(last.span, onesReadings[:1]), true
		}
		o := map[ast.Op]op{ast.Transpose: opT, ast.Inverse: opInv, ast.InvTranspose: opInvT}[e.Op]
		last.t = newTerm(o, last.span.To(e.OpSpan), last.t)
		last.t.opSpan = e.OpSpan
		last.span = last.t.span
		last.one, last.paren, last.trans = false, false, e.Op != ast.Inverse
		return is
	case *ast.Power:
		is := in.factors(e.X)
		last := &is[len(is)-1]
		x := in.expr(e.Exp)
		in.layerIndex(e)
		if last.t == nil && last.over == nil && last.exp == nil && e.Op == ast.Pow && function(last.fn) != nil && len([]rune(last.fn)) > 1 {
			last.exp = x // log² x
			last.span = last.span.To(x.span)
			return is
		}
		in.settle(last)
		o := opPow
		if e.Op == ast.ElemPow {
			o = opElemPow
		}
		last.t = newTerm(o, last.span.To(e.Pos()), last.t, x)
		last.t.opSpan = e.OpSpan
		last.span = last.t.span
		last.one, last.paren, last.trans = false, false, false
		return is
	case *ast.Call:
		return in.callItems(e)
	case *ast.Entry:
		is := in.factors(e.X)
		last := &is[len(is)-1]
		in.settle(last)
		last.span.End = e.Span.End
		last.t = in.entryAt(e, last.t, last.span)
		last.one, last.paren, last.trans = false, false, false
		return is
	}
	return []item{{t: in.expr(e), span: e.Pos()}}
}

// juxt lists the factors of a chain of juxtapositions without recursing on its
// length.
func (in *inferrer) juxt(e *ast.Binary) []item {
	var chain []ast.Expr
	var x ast.Expr = e
	for {
		b, ok := x.(*ast.Binary)
		if !ok || b.Op != ast.Juxt {
			break
		}
		chain = append(chain, b.Y)
		x = b.X
	}
	slices.Reverse(chain)
	chain = append([]ast.Expr{x}, chain...)
	var is []item
	for i := 0; i < len(chain); i++ {
		if i+1 < len(chain) {
			if x := in.primedCall(chain[i], chain[i+1]); x != nil {
				is = append(is, in.factors(x)...)
				i++
				continue
			}
		}
		is = append(is, in.factors(chain[i])...)
	}
	return is
}

// settle makes a function word that gets no operand a plain name (σ² is the
// square of a name), or reports it.
func (in *inferrer) settle(i *item) {
	if i.t != nil {
		return
	}
	k := keyOf(i.fn)
	if in.closed || len([]rune(k)) > 1 && k == i.fn {
		d := &diag.Diagnostic{Code: "E213", Message: "the function " + i.fn + " has no operand here", Labels: []diag.Label{{Span: i.word.Span}}}
		if function(i.fn) == nil { // the d of a differential
			d.Code, d.Message, d.Help = "E236", "d stands before the value that it is the differential of", "a second differential is not in the language: write the Hessian, d²Q/dx²"
			in.add(d)
			i.t, i.exp, i.over = bad(i.span), nil, nil
			return
		}
		if in.after(i.word.Span.End, "+-−") {
			d.Help = "put its operand in brackets: " + i.fn + "(-x)"
		} else if inverse := "a" + i.fn; in.after(i.word.Span.End, "^⁻") && isFunction(inverse) {
			d.Help = "write " + inverse + "(x) for the inverse function, 1/" + i.fn + "(x) for the reciprocal"
		} else if in.after(i.word.Span.End, "^⁻") {
			d.Help = "put the power behind the operand, " + i.fn + "(x)^2; the reciprocal is 1/" + i.fn + "(x)"
		} else {
			d.Help = "write " + usage([]*rules.Func{function(i.fn)})
		}
		in.add(d)
		i.t = bad(i.span)
	} else {
		i.t = in.variable(i.fn, i.word.Src, i.word.Span)
	}
	if i.exp != nil {
		i.t = newTerm(opPow, i.span, i.t, i.exp)
	}
	if i.over != nil {
		i.t = newTerm(opDiv, i.span, i.over, i.t)
	}
	i.exp, i.over = nil, nil
}

// after tells whether one of the signs follows, after spaces.
func (in *inferrer) after(at int, signs string) bool {
	rest := strings.TrimLeft(in.src[min(at, len(in.src)):], " \t")
	return rest != "" && strings.ContainsRune(signs, firstRune(rest))
}

// combine applies function words to the factors that follow them and makes
// the product.
func (in *inferrer) combine(is []item) *term {
	in.findOnes(is)
	var fs []*term
	for k := 0; k < len(is); {
		var t *term
		t, k = in.apply(is, k, 0)
		fs = append(fs, t)
	}
	if len(fs) == 1 {
		return fs[0]
	}
	return newTerm(opMul, fs[0].span.To(fs[len(fs)-1].span), fs...)
}

// findOnes turns a 1 that touches a transposed factor into a vector of ones.
func (in *inferrer) findOnes(is []item) {
	for k := range is {
		i := &is[k]
		if !i.one {
			continue
		}
		next := k+1 < len(is) && is[k+1].trans && is[k+1].span.Start == i.span.End
		if k+1 < len(is) && is[k+1].trans && is[k+1].ones { // 1 1ᵀ
			next = true
		}
		prev := k > 0 && is[k-1].trans && is[k-1].span.End == i.span.Start
		if next || prev {
			i.t = in.onesSite(i.span, onesReadings)
		} else if k > 0 && k == len(is)-1 && i.exp == nil && i.over == nil && !is[k-1].one {
			in.note("the 1 behind %s is the number: 𝟏 or ones(n) is the vector of ones", in.text(is[k-1].span))
		}
	}
}

// maxWords bounds how many functions without brackets stand in one another.
const maxWords = 50

// apply resolves the factor at k, which may be a function word: it takes one
// factor, and what is written straight against it (tr A'B is tr(A'B)).
func (in *inferrer) apply(is []item, k, depth int) (*term, int) {
	i := &is[k]
	if i.t != nil {
		return i.t, k + 1
	}
	if depth > maxWords {
		in.add(&diag.Diagnostic{Code: "E104", Message: "more than " + itoa(maxWords) + " functions without brackets are nested here",
			Labels: []diag.Label{{Span: i.word.Span}}, Help: "give names to the parts"})
		return bad(i.word.Span.To(is[len(is)-1].span)), len(is)
	}
	if k+1 >= len(is) {
		in.settle(i)
		return i.t, k + 1
	}
	var arg *term
	next := k + 2
	if is[k+1].t == nil {
		arg, next = in.apply(is, k+1, depth+1)
	} else {
		for next < len(is) && !is[next-1].paren && is[next].t != nil && !is[next].paren && is[next-1].span.End == is[next].span.Start {
			next++
		}
		args := make([]*term, 0, next-k-1)
		for _, a := range is[k+1 : next] {
			args = append(args, a.t)
		}
		if arg = args[0]; len(args) > 1 {
			arg = newTerm(opMul, args[0].span.To(args[len(args)-1].span), args...)
			in.note("read %s as %s(%s)", in.text(i.word.Span.To(arg.span)), i.word.Src, in.text(arg.span))
		}
	}
	if next < len(is) && next == k+2 && is[k+1].t != nil && !is[k+1].paren {
		in.note("read %s as %s(%s) times %s; for the function of the product write brackets", in.text(i.word.Span.To(is[next].span)), i.word.Src, in.text(arg.span), in.text(is[next].span))
	}
	var t *term
	if in.isD(i.fn, i.word) {
		t = newTerm(opDiff, i.word.Span.To(arg.span), arg)
	} else {
		t = in.call(i.fn, i.word.Span.To(arg.span), i.word.Span, arg)
	}
	if i.exp != nil {
		t = newTerm(opElemPow, t.span, t, i.exp)
	}
	if i.over != nil {
		t = newTerm(opDiv, i.over.span.To(t.span), i.over, t)
	}
	return t, next
}
