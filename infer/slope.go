package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// derivedShape is the shape of f'(x), f applied to x.
func (y *typing) derivedShape(t *term) bool {
	if len(t.kind) > 1 && !(t.shp.isScalar() && t.args[0].shp.isScalar()) {
		return y.failed(t, "E214", 0, -1, t.names)
	}
	a := t.args[0].shp
	switch {
	case t.shp.isScalar():
		t.shp = a
	case !a.isScalar():
		t.shp = shape{y.d.times(t.shp.r, t.shp.c), y.d.times(a.r, a.c)}
	}
	return true
}

// slopeParts reads σ'(z) and f'(x), two factors of a juxtaposition: the name, its
// primes, the operand, which may bear operators: f'(x)ᵀ. There are no primes in
// x' (z), a transpose times z.
func slopeParts(e, operand ast.Expr) (*ast.Name, string, *ast.Paren) {
	for inner := operand; ; {
		switch x := inner.(type) {
		case *ast.Postfix:
			inner = x.X
			continue
		case *ast.Power:
			inner = x.X
			continue
		case *ast.Paren:
			if e.Pos().End != x.Span.Start {
				return nil, "", nil
			}
			primes := ""
			for {
				p, ok := e.(*ast.Postfix)
				if !ok || p.Op != ast.Transpose {
					break
				}
				primes += "'"
				e = p.X
			}
			if n, ok := e.(*ast.Name); ok {
				return n, primes, x
			}
		}
		return nil, "", nil
	}
}

// primedCall writes the two factors f' and (x)ᵀ as the call f'(x)ᵀ; nil where
// they are factors.
func (in *inferrer) primedCall(e, operand ast.Expr) ast.Expr {
	n, primes, arg := slopeParts(e, operand)
	if primes == "" {
		return nil
	}
	s := in.env.lookup(n.Text)
	if f := resolveFn(n.Text, 1); !(s != nil && s.kind == symFunc) && (f == nil || !f.Elementwise || in.env.known(n.Text) != nil || in.bound(n.Text) != nil) {
		return nil
	}
	f := *n
	f.Text += primes
	call := &ast.Call{Fun: &f, Args: []ast.Expr{arg.X}, Span: n.Span.To(arg.Span)}
	return onParen(operand, call)
}

// onParen puts x in the place of the bracket within the operators of e.
func onParen(e, x ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Postfix:
		p := *e
		p.X = onParen(e.X, x)
		p.Span.Start = x.Pos().Start
		return &p
	case *ast.Power:
		p := *e
		p.X = onParen(e.X, x)
		p.Span.Start = x.Pos().Start
		return &p
	}
	return x
}

// slope resolves σ'(z) and f'(x), the derivative of a function.
func (in *inferrer) slope(name, primes string, e *ast.Call) *term {
	if s := in.env.lookup(name); s != nil && s.kind == symFunc {
		t := in.applied(s, e)
		if t.op != opBad {
			t.kind = primes
		}
		return t
	}
	if len(primes) > 1 {
		in.errorf("E236", e.Span, "a second derivative of %s is not in the language; write it out", name)
		return bad(e.Span)
	}
	t := newTerm(opPrime, e.Span, in.expr(e.Args[0]))
	t.fn, t.opSpan = resolveFn(name, 1), e.Fun.Span
	return t
}

// partialOperand resolves ∂f/∂x of a function without a formula: its derivative
// where the program applies it to x.
func (in *inferrer) partialOperand(s *symbol, e *ast.Deriv) *term {
	by, ok := e.By[0].(*ast.Name)
	if !ok {
		in.errorf("E228", e.By[0].Pos(), "derivatives are by a variable or a defined name, not by %s", in.text(e.By[0].Pos()))
		return bad(e.Span)
	}
	b := in.env.lookup(by.Text)
	var found *expr.Node
	for _, site := range s.fun.sites {
		for i, a := range site.args {
			if b == nil || site.kind != "" || a.sym != b || a.op != opSym && a.op != opApply {
				continue
			}
			n := in.plainNode(site)
			f, ok := n.Fn.(*rules.Func)
			if !ok || f.Unnamed == nil {
				continue
			}
			p, err := in.b.Call(f.Unnamed.Partial(i).Func(), n.Args...)
			if err != nil || found != nil && found != p {
				in.errorf("E236", e.Span, "∂%s/∂%s is not one thing, since %s is applied to several lists of operands; write %s'(…)", s.name, by.Src, s.name, s.name)
				return bad(e.Span)
			}
			found = p
		}
	}
	if found == nil {
		in.add(&diag.Diagnostic{Code: "E228", Message: s.name + " is not applied to " + by.Src, Labels: []diag.Label{{Span: e.Span}, {Span: s.span, Text: "applied here"}}})
		return bad(e.Span)
	}
	return &term{op: opSym, span: e.Span, sym: &symbol{kind: symNode, name: in.text(e.Span), node: found, idx: -1, declared: true, epoch: -1}}
}

// plainNode builds a term with the values of definitions.
func (in *inferrer) plainNode(t *term) *expr.Node {
	opening := in.opening
	in.opening = false
	defer func() { in.opening = opening }()
	return in.node(t)
}

// onlyCall is the value of a function, for ∂f/∂x = … on the left side of a claim: what
// its one call is.
func (in *inferrer) onlyCall(s *symbol, at ast.Span) *expr.Node {
	var found *expr.Node
	for _, site := range s.fun.sites {
		if site.kind != "" {
			continue
		}
		n := in.plainNode(site)
		if found != nil && n != found {
			in.errorf("E236", at, "%s is applied to several lists of operands; name its value and differentiate that", s.name)
			return nil
		}
		found = n
	}
	return found
}
