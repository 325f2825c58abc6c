package infer

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// σ'(z) is the derivative of the elementwise function σ at the entries of z. A
// mark behind a variable stays the transpose, and x'(y − z) a product.

// primeNode takes the differential of the function with ones for dX.
func (in *inferrer) primeNode(t *term) *expr.Node {
	x := in.node(t.args[0])
	args, shapes := []*expr.Node{x}, []expr.Shape{x.Shape}
	for i := 1; i < len(t.fn.Params); i++ { // the slope of a leaky ReLU
		args = append(args, in.defaultOf(t.fn, i))
		shapes = append(shapes, args[i].Shape)
	}
	src, ok := rules.Pick(t.fn.D, shapes)
	if !ok {
		in.errorf("E301", t.span, "%s has no derivative: %s", t.fn.Name, t.fn.NoD)
		return in.b.Zeros(x.Shape)
	}
	sub := newInferrer(src, Options{})
	sub.b = in.b
	put := func(name string, n *expr.Node) {
		sub.env.put(&symbol{kind: symNode, name: name, declared: true, node: n})
	}
	for i, p := range t.fn.Params {
		put(p.Name, args[i])
		put("d"+p.Name, in.b.Zeros(shapes[i]))
	}
	put("d"+t.fn.Params[0].Name, in.b.Ones(x.Shape))
	if t.fn.Result != "" {
		put(t.fn.Result, in.b.MustCall(t.fn, args...))
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
