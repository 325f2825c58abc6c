package simplify

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// unvec returns the matrix of the given shape whose vec is x, nil where x does
// not say which that is.
func (s *S) unvec(x *Node, shape expr.Shape) *Node {
	if x.Shape == shape {
		return x
	}
	all := func(args []*Node) []*Node {
		out := make([]*Node, len(args))
		for i, y := range args {
			if out[i] = y; y.IsScalar() {
				continue
			}
			if out[i] = s.unvec(y, shape); out[i] == nil {
				return nil
			}
		}
		return out
	}
	switch x.Op {
	case expr.OpOnes:
		return s.b.Ones(shape)
	case expr.OpZeros:
		return s.b.Zeros(shape)
	case expr.OpScale, expr.OpAdd, expr.OpHad, expr.OpPow:
		args := all(x.Args)
		if args == nil {
			return nil
		}
		switch x.Op {
		case expr.OpScale:
			return s.Scale(args[0], args[1])
		case expr.OpAdd:
			return s.Add(args...)
		case expr.OpHad:
			return s.Had(args...)
		}
		return s.Pow(args[0], args[1])
	case expr.OpMul:
		k, transposed := x.Args[0], false
		if k.Op == expr.OpAdd {
			terms := make([]*Node, len(k.Args))
			for i, t := range k.Args {
				if terms[i] = s.unvec(s.Mul(append([]*Node{t}, x.Args[1:]...)...), shape); terms[i] == nil {
					return nil
				}
			}
			return s.Add(terms...)
		}
		if k.Op == expr.OpT {
			k, transposed = k.Args[0], true
		}
		if !k.IsCall("kron") {
			return nil
		}
		p, q := k.Args[0], k.Args[1]
		if transposed {
			p, q = s.T(p), s.T(q)
		}
		if q.Shape.R != shape.R || p.Shape.R != shape.C {
			return nil
		}
		inner := s.call("unvec", s.Mul(x.Args[1:]...), s.b.Ones(expr.Shape{R: q.Shape.C, C: p.Shape.C}))
		return s.Mul(q, inner, s.T(p))
	case expr.OpCall:
		if x.IsCall("vec") {
			if y := x.Args[0]; y.Shape == shape {
				return y
			}
			return nil
		}
		if f, ok := x.Fn.(*rules.Func); ok && f.Elementwise {
			if args := all(x.Args); args != nil {
				return s.Call(f, args...)
			}
		}
	}
	return nil
}
