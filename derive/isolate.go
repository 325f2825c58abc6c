package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// isolate turns tr(gᵀ e), e linear in differentials, into the sum of
// tr(Gᵀ dX) and hands each G with its dX to sink. The identities are
//
//	tr(gᵀ A L B) = tr((Aᵀ g Bᵀ)ᵀ L)      cyclicity
//	tr(gᵀ (A∘L)) = tr((A∘g)ᵀ L)          Hadamard and trace
//	tr(gᵀ Lᵀ)    = tr((gᵀ)ᵀ L)           transposition
//	tr(gᵀ f(L))  = tr(f*(g)ᵀ L)          the adjoint identity of a linear function
func (r *run) isolate(g, e *Node, sink func(v *expr.Var, part *Node)) error {
	b := r.b
	switch e.Op {
	case expr.OpVar:
		if e.Var.Kind != expr.Differential {
			return fmt.Errorf("derive: %s is not a differential", e.Var.Name)
		}
		sink(e.Var, g)
		return nil
	case expr.OpAdd:
		for _, a := range e.Args {
			if a.HasD {
				if err := r.isolate(g, a, sink); err != nil {
					return err
				}
			}
		}
		return nil
	case expr.OpScale:
		c, m := e.Args[0], e.Args[1]
		if c.HasD && m.HasD {
			return fmt.Errorf("derive: not linear in the differentials")
		}
		if c.HasD {
			return r.isolate(r.inner(g, m), c, sink)
		}
		return r.isolate(b.Scale(c, g), m, sink)
	case expr.OpHad:
		i, err := only(e)
		if err != nil {
			return err
		}
		rest := append([]*Node{g}, e.Args[:i]...)
		return r.isolate(b.Had(append(rest, e.Args[i+1:]...)...), e.Args[i], sink)
	case expr.OpMul:
		i, err := only(e)
		if err != nil {
			return err
		}
		var fs []*Node
		if i > 0 {
			fs = append(fs, b.T(b.Mul(e.Args[:i]...)))
		}
		fs = append(fs, g)
		if i+1 < len(e.Args) {
			fs = append(fs, b.T(b.Mul(e.Args[i+1:]...)))
		}
		return r.isolate(b.Mul(fs...), e.Args[i], sink)
	case expr.OpT:
		return r.isolate(b.T(g), e.Args[0], sink)
	case expr.OpCall:
		return r.isolateCall(g, e, sink)
	}
	return fmt.Errorf("derive: %v of a differential is not linear", e.Op)
}

// only returns the one factor that holds a differential.
func only(e *Node) (int, error) {
	at := -1
	for i, a := range e.Args {
		if a.HasD {
			if at >= 0 {
				return 0, fmt.Errorf("derive: a product of differentials")
			}
			at = i
		}
	}
	return at, nil
}

// inner returns tr(gᵀ m).
func (r *run) inner(g, m *Node) *Node {
	b := r.b
	switch {
	case g.IsScalar():
		return b.Had(g, m)
	case g.Shape.IsCol():
		return b.Mul(b.T(g), m)
	case g.Shape.IsRow():
		return b.Mul(g, b.T(m))
	}
	return b.MustCall(rules.Must("tr"), b.Mul(b.T(g), m))
}

func (r *run) isolateCall(g, e *Node, sink func(v *expr.Var, part *Node)) error {
	f, ok := e.Fn.(*rules.Func)
	if !ok {
		return fmt.Errorf("derive: function %s is not of the table", e.Fn.FnName())
	}
	shapes := make([]expr.Shape, len(e.Args))
	at := -1
	for i, a := range e.Args {
		shapes[i] = a.Shape
		if a.HasD {
			if at >= 0 {
				return fmt.Errorf("derive: %s of two differentials", f.Name)
			}
			at = i
		}
	}
	if at < 0 { // a function of a differential that is zero
		return nil
	}
	last := f.Params[len(f.Params)-1].Name
	name := f.Params[at].Name
	for _, c := range f.Adjoint {
		of := c.Of
		if of == "" {
			of = last
		}
		if of != name || c.When != nil && !c.When(shapes) {
			continue
		}
		// The first name gives rows, cols and count: the function's first
		// parameter, of whose differential only the shape counts.
		var names []string
		var holes []*Node
		for i, a := range e.Args {
			names = append(names, f.Params[i].Name)
			if a.HasD {
				a = r.b.Zeros(a.Shape)
			}
			holes = append(holes, a)
		}
		names, holes = append(names, "G"), append(holes, g)
		out, err := simplify.Instantiate(r.b, c.Src, names, holes)
		if err != nil {
			return err
		}
		return r.isolate(out, e.Args[at], sink)
	}
	d, err := simplify.Define(r.b, e)
	if err != nil {
		return err
	}
	if d == nil {
		return &Error{Code: "E302", Message: fmt.Sprintf("no identity isolates the differential inside %s", f.Name)}
	}
	return r.isolate(g, d, sink)
}
