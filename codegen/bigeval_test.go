package codegen

import (
	"fmt"
	"math"
	"math/big"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// bigPrec is the precision in which formulas are evaluated as written: enough
// that e^-800 beside 1 keeps fifty bits, and central differences of it too.
const bigPrec = 3200

type bigMat struct {
	r, c int
	d    []*big.Float
}

func bf(x float64) *big.Float            { return new(big.Float).SetPrec(bigPrec).SetFloat64(x) }
func bnew() *big.Float                   { return new(big.Float).SetPrec(bigPrec) }
func (m *bigMat) at(i, j int) *big.Float { return m.d[i*m.c+j] }

func newBig(r, c int) *bigMat {
	m := &bigMat{r, c, make([]*big.Float, r*c)}
	for i := range m.d {
		m.d[i] = bnew()
	}
	return m
}

func (m *bigMat) each(f func(x *big.Float) *big.Float) *bigMat {
	o := newBig(m.r, m.c)
	for i, x := range m.d {
		o.d[i] = f(x)
	}
	return o
}

// bExp is e^x: halved until it is small, by its series, and squared again.
func bExp(x *big.Float) *big.Float {
	if x.Sign() == 0 {
		return bf(1)
	}
	k := max(0, x.MantExp(nil)+40)
	y := bnew().SetMantExp(x, -k)
	sum, term := bf(1), bf(1)
	for i := 1; ; i++ {
		term.Mul(term, y)
		term.Quo(term, bf(float64(i)))
		if term.Sign() == 0 || term.MantExp(nil) < -bigPrec-8 {
			break
		}
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	return sum
}

// bLog is log x by Newton's iteration from the logarithm of float64.
func bLog(x *big.Float) *big.Float {
	if x.Sign() <= 0 {
		panic("logarithm of a number that is not positive")
	}
	m := bnew()
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := bf(math.Log(f) + float64(e)*math.Ln2)
	for bits := 45; bits < bigPrec; bits *= 3 {
		// Halley's step: y + 2(x - e^y)/(x + e^y)
		t := bExp(y)
		d := bnew().Sub(x, t)
		d.Quo(d, t.Add(t, x))
		y.Add(y, d.Mul(d, bf(2)))
	}
	return y
}

func bSum(m *bigMat) *big.Float {
	s := bnew()
	for _, x := range m.d {
		s.Add(s, x)
	}
	return s
}

func (m *bigMat) mul(o *bigMat) *bigMat {
	p := newBig(m.r, o.c)
	for i := range m.r {
		for j := range o.c {
			for k := range m.c {
				p.at(i, j).Add(p.at(i, j), bnew().Mul(m.at(i, k), o.at(k, j)))
			}
		}
	}
	return p
}

// solve returns the solution of a x = b, and the determinant of a.
func (m *bigMat) solve(b *bigMat) (*bigMat, *big.Float) {
	n := m.r
	a, x := m.each(func(v *big.Float) *big.Float { return bnew().Set(v) }), b.each(func(v *big.Float) *big.Float { return bnew().Set(v) })
	det := bf(1)
	for k := range n {
		p := k
		for i := k; i < n; i++ {
			if bnew().Abs(a.at(i, k)).Cmp(bnew().Abs(a.at(p, k))) > 0 {
				p = i
			}
		}
		if p != k {
			det.Neg(det)
			for j := range n {
				a.d[k*n+j], a.d[p*n+j] = a.d[p*n+j], a.d[k*n+j]
			}
			for j := range x.c {
				x.d[k*x.c+j], x.d[p*x.c+j] = x.d[p*x.c+j], x.d[k*x.c+j]
			}
		}
		det.Mul(det, a.at(k, k))
		for i := range n {
			if i == k {
				continue
			}
			f := bnew().Quo(a.at(i, k), a.at(k, k))
			for j := range n {
				a.at(i, j).Sub(a.at(i, j), bnew().Mul(f, a.at(k, j)))
			}
			for j := range x.c {
				x.at(i, j).Sub(x.at(i, j), bnew().Mul(f, x.at(k, j)))
			}
		}
	}
	for i := range n {
		for j := range x.c {
			x.at(i, j).Quo(x.at(i, j), a.at(i, i))
		}
	}
	return x, det
}

// bigCalls are the functions by their definitions, as a text writes them, with
// no care for overflow or cancellation.
var bigCalls = map[string]func(a []*bigMat) *bigMat{
	"exp":  func(a []*bigMat) *bigMat { return a[0].each(bExp) },
	"log":  func(a []*bigMat) *bigMat { return a[0].each(bLog) },
	"sqrt": func(a []*bigMat) *bigMat { return a[0].each(func(x *big.Float) *big.Float { return bnew().Sqrt(x) }) },
	"abs":  func(a []*bigMat) *bigMat { return a[0].each(func(x *big.Float) *big.Float { return bnew().Abs(x) }) },
	"sum":  func(a []*bigMat) *bigMat { return one(bSum(a[0])) },
	"sigmoid": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float {
			e := bExp(bnew().Neg(x))
			return e.Quo(bf(1), e.Add(e, bf(1)))
		})
	},
	"softplus": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float { e := bExp(x); return bLog(e.Add(e, bf(1))) })
	},
	"log1p": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float { return bLog(bnew().Add(x, bf(1))) })
	},
	"expm1": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float { e := bExp(x); return e.Sub(e, bf(1)) })
	},
	"tanh": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float {
			e := bExp(bnew().Mul(x, bf(2)))
			return bnew().Quo(bnew().Sub(e, bf(1)), bnew().Add(e, bf(1)))
		})
	},
	"cosh": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float {
			e := bExp(x)
			e.Add(e, bExp(bnew().Neg(x)))
			return e.Quo(e, bf(2))
		})
	},
	"relu": func(a []*bigMat) *bigMat {
		return a[0].each(func(x *big.Float) *big.Float {
			if x.Sign() < 0 {
				return bnew()
			}
			return x
		})
	},
	"softmax": func(a []*bigMat) *bigMat {
		return rowwise(a[0], func(e, s *big.Float) *big.Float { return bnew().Quo(e, s) })
	},
	"logsoftmax": func(a []*bigMat) *bigMat {
		return rowwise(a[0], func(e, s *big.Float) *big.Float { return bLog(bnew().Quo(e, s)) })
	},
	"logsumexp": func(a []*bigMat) *bigMat {
		if a[0].c == 1 {
			return one(bLog(bSum(a[0].each(bExp))))
		}
		o := newBig(a[0].r, 1)
		for i := range o.d {
			o.d[i] = bLog(bSum((&bigMat{1, a[0].c, a[0].d[i*a[0].c : (i+1)*a[0].c]}).each(bExp)))
		}
		return o
	},
	"norm": func(a []*bigMat) *bigMat {
		return one(bnew().Sqrt(bSum(a[0].each(func(x *big.Float) *big.Float { return bnew().Mul(x, x) }))))
	},
	"prod": func(a []*bigMat) *bigMat {
		p := bf(1)
		for _, x := range a[0].d {
			p.Mul(p, x)
		}
		return one(p)
	},
	"det":    func(a []*bigMat) *bigMat { _, d := a[0].solve(newBig(a[0].r, 1)); return one(d) },
	"logdet": func(a []*bigMat) *bigMat { _, d := a[0].solve(newBig(a[0].r, 1)); return one(bLog(d)) },
	"inv":    func(a []*bigMat) *bigMat { x, _ := a[0].solve(bigEye(a[0].r)); return x },
	"tr": func(a []*bigMat) *bigMat {
		s := bnew()
		for i := range a[0].r {
			s.Add(s, a[0].at(i, i))
		}
		return one(s)
	},
}

func one(x *big.Float) *bigMat { return &bigMat{1, 1, []*big.Float{x}} }

func bigEye(n int) *bigMat {
	m := newBig(n, n)
	for i := range n {
		m.d[i*n+i] = bf(1)
	}
	return m
}

// rowwise applies f to the exponentials of a row, or of a column vector, and
// their sum.
func rowwise(z *bigMat, f func(e, s *big.Float) *big.Float) *bigMat {
	e := z.each(bExp)
	o := newBig(z.r, z.c)
	w := z.c
	if w == 1 {
		w = z.r
	}
	for lo := 0; lo < len(e.d); lo += w {
		s := bSum(&bigMat{1, w, e.d[lo : lo+w]})
		for i := lo; i < lo+w; i++ {
			o.d[i] = f(e.d[i], s)
		}
	}
	return o
}

// bigEval evaluates n as written.
func bigEval(in *Input, root *expr.Node, vars map[string]*bigMat, sizes map[string]int) *bigMat {
	expand := in.expander()
	memo := make(map[*expr.Node]*bigMat)
	var ev func(n *expr.Node) *bigMat
	dims := func(n *expr.Node) (int, int) {
		r, e1 := n.Shape.R.Eval(sizes)
		c, e2 := n.Shape.C.Eval(sizes)
		if e1 != nil || e2 != nil {
			panic(fmt.Sprint(e1, e2))
		}
		return r, c
	}
	ev = func(n *expr.Node) *bigMat {
		if m := memo[n]; m != nil {
			return m
		}
		var m *bigMat
		switch n.Op {
		case expr.OpNum:
			m = one(bnew().SetRat(n.Num))
		case expr.OpSize:
			d, err := n.Dim.Eval(sizes)
			if err != nil {
				panic(err)
			}
			m = one(bf(float64(d)))
		case expr.OpVar:
			if n.Var.Kind == expr.Part {
				m = ev(n.Var.Of)
			} else {
				m = vars[n.Var.Name]
			}
		case expr.OpOnes, expr.OpZeros:
			m = newBig(dims(n))
			if n.Op == expr.OpOnes {
				m = m.each(func(*big.Float) *big.Float { return bf(1) })
			}
		case expr.OpEye:
			r, _ := dims(n)
			m = bigEye(r)
		case expr.OpAdd, expr.OpHad:
			m = ev(n.Args[0])
			for _, a := range n.Args[1:] {
				x, y := m, ev(a)
				m = newBig(x.r, x.c)
				for i := range m.d {
					if n.Op == expr.OpAdd {
						m.d[i].Add(x.d[i], y.d[i])
					} else {
						m.d[i].Mul(x.d[i], y.d[i])
					}
				}
			}
		case expr.OpScale:
			c := ev(n.Args[0]).d[0]
			m = ev(n.Args[1]).each(func(x *big.Float) *big.Float { return bnew().Mul(c, x) })
		case expr.OpMul:
			m = ev(n.Args[0])
			for _, a := range n.Args[1:] {
				m = m.mul(ev(a))
			}
		case expr.OpPow:
			e := n.Args[1].Num
			k := new(big.Rat).Mul(e, big.NewRat(2, 1))
			m = ev(n.Args[0]).each(func(x *big.Float) *big.Float {
				y := x
				if !e.IsInt() {
					y = bnew().Sqrt(x)
					k.Set(k)
				}
				p := new(big.Rat).Set(e)
				if !e.IsInt() {
					p = k
				}
				out := bf(1)
				for range new(big.Int).Abs(p.Num()).Int64() {
					out.Mul(out, y)
				}
				if p.Sign() < 0 {
					out.Quo(bf(1), out)
				}
				return out
			})
		case expr.OpT:
			x := ev(n.Args[0])
			m = newBig(x.c, x.r)
			for i := range m.r {
				for j := range m.c {
					m.at(i, j).Set(x.at(j, i))
				}
			}
		case expr.OpCall:
			f := bigCalls[n.Fn.FnName()]
			if f == nil {
				e, ok := expand(n)
				if !ok {
					panic("no extended precision for " + n.Fn.FnName())
				}
				m = ev(e)
				break
			}
			args := make([]*bigMat, len(n.Args))
			for i, a := range n.Args {
				args[i] = ev(a)
			}
			m = f(args)
		default:
			panic(fmt.Sprintf("%T of kind %v", n, n.Op))
		}
		memo[n] = m
		return m
	}
	return ev(root)
}

// exact is the value of the objective as written at env, and its gradients by
// central differences, in extended precision, rounded to float64.
func exact(in *Input, env eval.Env, wrt []string) (float64, map[string][]float64) {
	vars := make(map[string]*bigMat)
	for name, x := range env.Vars {
		vars[name] = &bigMat{r: x.R, c: x.C}
		for _, v := range x.Data {
			vars[name].d = append(vars[name].d, bf(v))
		}
	}
	at := func() *big.Float { return bigEval(in, in.Objective.Node, vars, env.Sizes).d[0] }
	value, _ := at().Float64()
	grads := make(map[string][]float64)
	for _, name := range wrt {
		for i := range vars[name].d {
			x := vars[name].d[i]
			h := bnew().SetMantExp(bf(1), -900+x.MantExp(nil))
			vars[name].d[i] = bnew().Add(x, h)
			up := at()
			vars[name].d[i] = bnew().Sub(x, h)
			d := bnew().Sub(up, at())
			vars[name].d[i] = x
			g, _ := d.Quo(d, h.Mul(h, bf(2))).Float64()
			grads[name] = append(grads[name], g)
		}
	}
	return value, grads
}

func matOf(r, c int, x ...float64) *num.Mat { return &num.Mat{R: r, C: c, Data: x} }
