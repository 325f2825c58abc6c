package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// σ'(z) is the derivative of the elementwise function σ at the entries of z. A
// mark behind a variable stays the transpose, and x'(y − z) a product.

// prime resolves f' before a bracket, nil if the factor is no function with a
// mark behind it.
func (in *inferrer) prime(f, arg ast.Expr) *term {
	p, ok := f.(*ast.Postfix)
	b, ok2 := arg.(*ast.Paren)
	if !ok || !ok2 || p.Op != ast.Transpose || p.OpSpan.End != b.Span.Start {
		return nil
	}
	n, ok := p.X.(*ast.Name)
	if !ok || in.env.known(n.Text) != nil || !isFunction(n.Text) {
		return nil
	}
	fn := resolveFn(n.Text, 1)
	if fn == nil || !fn.Elementwise || len(fn.Params) != 1 || len(fn.D) == 0 {
		return nil
	}
	return &term{op: opPrime, fn: fn, args: []*term{in.expr(b)}, span: f.Pos().To(b.Span)}
}

// primeNode takes the differential of the function with ones for dX.
func (in *inferrer) primeNode(t *term) *expr.Node {
	x := in.node(t.args[0])
	src, ok := rules.Pick(t.fn.D, []expr.Shape{x.Shape})
	if !ok {
		in.errorf("E301", t.span, "%s has no derivative: %s", t.fn.Name, t.fn.NoD)
		return in.b.Zeros(x.Shape)
	}
	sub := newInferrer(src, Options{})
	sub.b = in.b
	put := func(name string, n *expr.Node) {
		sub.env.put(&symbol{kind: symNode, name: name, declared: true, node: n})
	}
	put(t.fn.Params[0].Name, x)
	put("d"+t.fn.Params[0].Name, in.b.Ones(x.Shape))
	if t.fn.Result != "" {
		put(t.fn.Result, in.b.MustCall(t.fn, x))
	}
	for name, d := range map[string]expr.Dim{"rows": x.Shape.R, "cols": x.Shape.C, "count": x.Shape.Count()} {
		if sub.env.lookup(name) == nil {
			put(name, in.b.Size(d))
		}
	}
	n, err := sub.compile(src)
	if err != nil {
		in.errorf("E901", t.span, "internal error: the derivative of %s: %v", t.fn.Name, err)
		return in.b.Zeros(x.Shape)
	}
	if n.Shape != x.Shape && n.IsZero() { // a step function
		return in.b.Zeros(x.Shape)
	}
	return n
}
