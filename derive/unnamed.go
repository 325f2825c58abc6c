package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/rules"
)

// chain is the differential of a function that nobody defined, the chain rule:
// dz = ∂f/∂x dx + ∂f/∂y dy, each derivative a function of the same operands.
func (r *run) chain(n *Node, f *rules.Func) (*Node, error) {
	b := r.b
	var terms []*Node
	for i := range f.Unnamed.Args {
		a := n.Args[i]
		if !r.active[a] {
			continue
		}
		if a.HasD {
			return nil, fmt.Errorf("derive: differential inside %s", f.Name)
		}
		j, err := b.Call(f.Unnamed.Partial(i).Func(), n.Args...)
		if err != nil {
			return nil, err
		}
		d := r.d(a)
		switch {
		case f.Elementwise:
			d = b.Had(j, d)
		case n.IsScalar():
			d = r.inner(j, d)
		case a.IsScalar():
			d = b.Scale(d, j)
		default: // outputs by inputs
			if d, err = r.column(d); err != nil {
				return nil, err
			}
			d = b.Mul(j, d)
			switch {
			case n.Shape.IsRow():
				d = b.T(d)
			case !n.Shape.IsCol():
				if d, err = b.Call(rules.Must("unvec"), d, b.Ones(n.Shape)); err != nil {
					return nil, err
				}
			}
		}
		terms = append(terms, d)
	}
	if len(terms) == 0 {
		return b.Zeros(n.Shape), nil
	}
	return b.Add(terms...), nil
}

// column is vec of a matrix, of a vector that vector as a column.
func (r *run) column(d *Node) (*Node, error) {
	switch {
	case d.Shape.IsCol():
		return d, nil
	case d.Shape.IsRow():
		return r.b.T(d), nil
	}
	return r.b.Call(rules.Must("vec"), d)
}
