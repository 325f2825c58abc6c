package rules

import (
	"fmt"

	"github.com/matdiff/matdiff/num"
)

// Apply evaluates the function: entry by entry with F, or with Eval. Scalar
// operands of a two-operand elementwise function stand for every entry.
func (f *Func) Apply(args ...*num.Mat) (*num.Mat, error) {
	if least, most := f.Arity(); len(args) < least || len(args) > most {
		return nil, fmt.Errorf("%s: %d operands", f.Name, len(args))
	}
	switch {
	case f.Eval != nil:
		return f.Eval(args...)
	case f.F != nil:
		p := make([]float64, len(args)-1)
		for i, a := range args[1:] {
			p[i] = a.Data[0]
		}
		return args[0].Map(func(x float64) float64 { return f.F(x, p...) }), nil
	}
	return nil, fmt.Errorf("%s has no kernel", f.Name)
}

// ApplyDual evaluates the function on dual numbers.
func (f *Func) ApplyDual(args ...*num.Dual) (*num.Dual, error) {
	if least, most := f.Arity(); len(args) < least || len(args) > most {
		return nil, fmt.Errorf("%s: %d operands", f.Name, len(args))
	}
	switch {
	case f.Dual != nil:
		return f.Dual(args...)
	case f.F != nil && f.DF != nil && len(args) == 1:
		x := args[0]
		o := num.NewDual(x.R, x.C)
		for i, v := range x.V {
			o.V[i] = f.F(v)
			if x.D[i] != 0 { // 0·∞ of an entry that does not move is 0
				o.D[i] = f.DF(v) * x.D[i]
			}
		}
		return o, nil
	}
	return nil, fmt.Errorf("%s has no kernel for dual numbers", f.Name)
}

// zip makes the kernel of an elementwise function of two operands.
func zip(f func(x, y float64) float64) func(args ...*num.Mat) (*num.Mat, error) {
	return func(args ...*num.Mat) (*num.Mat, error) {
		a, b := args[0], args[1]
		r, c, err := zipSize(a.R, a.C, b.R, b.C)
		if err != nil {
			return nil, err
		}
		o := num.New(r, c)
		for i := range o.Data {
			o.Data[i] = f(a.Data[i%len(a.Data)], b.Data[i%len(b.Data)])
		}
		return o, nil
	}
}

// zipDual makes the dual kernel of an elementwise function of two operands; f
// returns the value and both partial derivatives.
func zipDual(f func(x, y float64) (v, dx, dy float64)) func(args ...*num.Dual) (*num.Dual, error) {
	return func(args ...*num.Dual) (*num.Dual, error) {
		a, b := args[0], args[1]
		r, c, err := zipSize(a.R, a.C, b.R, b.C)
		if err != nil {
			return nil, err
		}
		o := num.NewDual(r, c)
		for k := range o.V {
			i, j := k%len(a.V), k%len(b.V)
			v, dx, dy := f(a.V[i], b.V[j])
			o.V[k] = v
			if a.D[i] != 0 {
				o.D[k] += dx * a.D[i]
			}
			if b.D[j] != 0 {
				o.D[k] += dy * b.D[j]
			}
		}
		return o, nil
	}
}

// zipSize returns the common size; only scalars are repeated, since other
// broadcasting is explicit.
func zipSize(ar, ac, br, bc int) (int, int, error) {
	switch {
	case ar == br && ac == bc, br == 1 && bc == 1:
		return ar, ac, nil
	case ar == 1 && ac == 1:
		return br, bc, nil
	}
	return 0, 0, fmt.Errorf("operands are %d×%d and %d×%d", ar, ac, br, bc)
}

// one and oneDual adapt kernels of one operand that cannot fail.
func one(f func(x *num.Mat) *num.Mat) func(args ...*num.Mat) (*num.Mat, error) {
	return func(args ...*num.Mat) (*num.Mat, error) { return f(args[0]), nil }
}

func oneDual(f func(x *num.Dual) *num.Dual) func(args ...*num.Dual) (*num.Dual, error) {
	return func(args ...*num.Dual) (*num.Dual, error) { return f(args[0]), nil }
}

// number adapts a kernel with a scalar result.
func number(f func(x *num.Mat) float64) func(args ...*num.Mat) (*num.Mat, error) {
	return func(args ...*num.Mat) (*num.Mat, error) { return num.Scalar(f(args[0])), nil }
}

func numberDual(f func(x *num.Dual) (v, d float64)) func(args ...*num.Dual) (*num.Dual, error) {
	return func(args ...*num.Dual) (*num.Dual, error) {
		v, d := f(args[0])
		return &num.Dual{R: 1, C: 1, V: []float64{v}, D: []float64{d}}, nil
	}
}

// all tells whether ok holds for every entry of every operand.
func all(ok func(x float64) bool) func(args ...*num.Mat) bool {
	return func(args ...*num.Mat) bool {
		for _, a := range args {
			for _, x := range a.Data {
				if !ok(x) {
					return false
				}
			}
		}
		return true
	}
}

// zip3 makes the kernel of an elementwise function of three operands.
func zip3(f func(x, a, b float64) float64) func(args ...*num.Mat) (*num.Mat, error) {
	return func(args ...*num.Mat) (*num.Mat, error) {
		r, c := 1, 1
		for _, m := range args {
			var err error
			if r, c, err = zipSize(r, c, m.R, m.C); err != nil {
				return nil, err
			}
		}
		o := num.New(r, c)
		x, a, b := args[0].Data, args[1].Data, args[2].Data
		for i := range o.Data {
			o.Data[i] = f(x[i%len(x)], a[i%len(a)], b[i%len(b)])
		}
		return o, nil
	}
}

// zip3Dual is zip3 for a function that is locally constant.
func zip3Dual(f func(x, a, b float64) float64) func(args ...*num.Dual) (*num.Dual, error) {
	g := zip3(f)
	return func(args ...*num.Dual) (*num.Dual, error) {
		vs := make([]*num.Mat, len(args))
		for i, a := range args {
			vs[i] = a.Value()
		}
		v, err := g(vs...)
		if err != nil {
			return nil, err
		}
		return num.Const(v), nil
	}
}
