package rules

import (
	"fmt"
	"hash/fnv"
	"math"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Unnamed is a function that a program applies and nobody defines: the f of
// z = f(x, y), taken to be smooth. A call has the operands in front and, last,
// a matrix in the shape of the result, which says how many entries that has
// and is never printed; an entrywise function needs none. The derivatives of f
// are functions of the same operands,
//
//	f        f(x, y)    in the shape of the last operand
//	∂f/∂x               of a scalar in the shape of x, by a scalar in the shape
//	                    of the value, else outputs by inputs (on vec)
//
// and are given numbers by a function drawn once for each name.
type Unnamed struct {
	Name string
	// Args is what the operands are called in ∂f/∂x, "" for one that has no
	// name of its own.
	Args  []string
	Entry bool  // applied entry by entry
	Many  bool  // applied to several lists of operands: ∂f/∂x alone is not clear
	By    []int // the operands that it was differentiated by
}

// Func returns the function that calls of u have.
func (u *Unnamed) Func() *Func {
	f := &Func{Name: u.Name, Family: "unnamed", Elementwise: u.Entry, Unnamed: u}
	for _, i := range u.By { // no two functions of a derivation have one name
		f.Name += fmt.Sprintf("′%d", i+1)
	}
	for i := range u.Args {
		f.Params = append(f.Params, Param{Name: fmt.Sprintf("X%d", i+1)})
	}
	if !u.Entry {
		f.Params = append(f.Params, Param{Name: "Y"})
		f.Out, f.Shape = OutOther, u.shape
	}
	f.Eval, f.Dual = u.eval, u.dual
	if !u.Entry && len(u.By) == 2 && u.By[0] == u.By[1] {
		f.Props = func(a []*expr.Node) expr.Props {
			if a[len(a)-1].IsScalar() && !a[u.By[0]].IsScalar() { // the Hessian of a number
				return expr.Symmetric
			}
			return 0
		}
	}
	return f
}

// Partial is the derivative of u by operand i.
func (u *Unnamed) Partial(i int) *Unnamed {
	d := *u
	d.By = append(u.By[:len(u.By):len(u.By)], i)
	return &d
}

// shape is that of a call, the last operand in the shape of the value.
func (u *Unnamed) shape(a []expr.Shape) (expr.Shape, error) {
	s := a[len(a)-1]
	for _, i := range u.By {
		switch {
		case s.IsScalar():
			s = a[i]
		case !a[i].IsScalar():
			s = expr.Shape{R: s.Count(), C: a[i].Count()}
		}
	}
	return s, nil
}

// entry is an entry of a derivative: of which output, by which inputs.
type entry struct {
	of int
	by []int
}

func (u *Unnamed) eval(args ...*num.Mat) (*num.Mat, error) {
	if u.Entry {
		out := num.New(args[0].R, args[0].C)
		x := make([]*num.Mat, len(args))
		for k := range out.Data {
			for i, a := range args {
				x[i] = num.Scalar(a.Data[k%len(a.Data)])
			}
			out.Data[k] = u.at(x, entry{by: make([]int, len(u.By))})
		}
		return out, nil
	}
	last := len(args) - 1
	r, c := args[last].R, args[last].C
	list := make([]entry, r*c)
	for k := range list {
		list[k].of = k
	}
	for n, i := range u.By { // columns stacked: all outputs for each input
		a := args[i]
		var next []entry
		for j := range a.Data {
			for _, e := range list {
				next = append(next, entry{e.of, append(e.by[:n:n], j)})
			}
		}
		switch {
		case len(list) == 1:
			r, c = a.R, a.C
		case len(a.Data) > 1:
			r, c = len(list), len(a.Data)
		}
		list = next
	}
	out := num.New(r, c)
	for k, e := range list {
		out.Set(k%r, k/r, u.at(args[:last], e))
	}
	return out, nil
}

func (u *Unnamed) dual(args ...*num.Dual) (*num.Dual, error) {
	vs := make([]*num.Mat, len(args))
	for i, a := range args {
		vs[i] = a.Value()
	}
	v, err := u.eval(vs...)
	if err != nil {
		return nil, err
	}
	d := num.New(v.R, v.C)
	for i := range u.Args {
		p, err := u.Partial(i).eval(vs...)
		if err != nil {
			return nil, err
		}
		dx := args[i].Deriv()
		if u.Entry {
			for k := range d.Data {
				d.Data[k] += p.Data[k] * dx.Data[k%len(dx.Data)]
			}
			continue
		}
		n := len(d.Data)
		for j := range dx.Data { // columns stacked
			for k := range n {
				q := k + j*n
				d.Data[k%v.R*v.C+k/v.R] += p.Data[q%p.R*p.C+q/p.R] * dx.Data[j%dx.R*dx.C+j/dx.R]
			}
		}
	}
	return num.Along(v, d), nil
}

// waves is the number of sines that a drawn function is the sum of: one would
// make its second derivatives multiples of its value.
const waves = 3

// at is an entry of the drawn function or of its derivative: output k is
// Σ_w c sin(φ + Σ a x) over all entries x of the operands, its numbers c, φ, a
// drawn from the name.
func (u *Unnamed) at(x []*num.Mat, e entry) float64 {
	sum := 0.0
	for w := range waves {
		phase := 3 * u.draw(w, e.of, -1, 0)
		for i, m := range x {
			for k := range m.Data {
				phase += u.slope(w, e.of, i, k) * m.Data[k%m.R*m.C+k/m.R]
			}
		}
		v := (1 + 0.5*u.draw(w, e.of, -2, 0)) * math.Sin(phase+float64(len(e.by))*math.Pi/2)
		for n, k := range e.by {
			v *= u.slope(w, e.of, u.By[n], k)
		}
		sum += v
	}
	return sum
}

// slope is how fast wave w of an output moves with an input, not near zero.
func (u *Unnamed) slope(w, of, arg, k int) float64 {
	v := u.draw(w, of, arg, k)
	return v/2 + math.Copysign(0.3, v)
}

// draw returns a number in (−1, 1) that depends on the name and the place.
func (u *Unnamed) draw(place ...int) float64 {
	h := fnv.New64a()
	h.Write([]byte(u.Name))
	for _, p := range place {
		h.Write([]byte{byte(p), byte(p >> 8), '|'})
	}
	z := h.Sum64()
	z ^= z >> 31 // the last byte hashed moves the low bits only
	z *= 0x9e3779b97f4a7c15
	z ^= z >> 32
	return float64(z>>11)/(1<<52) - 1
}
