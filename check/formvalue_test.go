package check

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// place is a point: sizes, pairwise distinct, and the values of all names.
type place struct {
	sizes map[string]int
	vars  map[string]*num.Mat
	defs  map[string]*form
}

// newPlace draws the variables of a program, by their properties, and a
// differential that keeps them for each.
func newPlace(rng *rand.Rand, p *expr.Program, defs map[string]*form) *place {
	pl := &place{sizes: map[string]int{}, vars: map[string]*num.Mat{}, defs: defs}
	order := rng.Perm(max(len(p.Sizes), 3))
	for i, s := range p.Sizes {
		pl.sizes[s] = 2 + order[i]
	}
	for _, v := range p.Vars {
		r, err := v.Shape.R.Eval(pl.sizes)
		c, err2 := v.Shape.C.Eval(pl.sizes)
		if err != nil || err2 != nil {
			return nil
		}
		x := num.New(r, c)
		for i := range x.Data {
			x.Data[i] = rng.NormFloat64()
		}
		d := num.New(r, c)
		for i := range d.Data {
			d.Data[i] = rng.NormFloat64()
		}
		pl.vars[v.Name], pl.vars["d"+v.Name] = shaped(rng, v.Props, x), tangent(v.Props, d)
	}
	return pl
}

// shaped makes a value have the properties declared.
func shaped(rng *rand.Rand, p expr.Props, x *num.Mat) *num.Mat {
	each := func(f func(float64) float64) { x = x.Map(f) }
	switch {
	case p.Has(expr.OneHot) && x.C == 1:
		x = num.New(x.R, 1)
		x.Data[rng.IntN(x.R)] = 1
	case p.Has(expr.OneHot):
		for i := range x.R {
			k := rng.IntN(x.C)
			for j := range x.C {
				x.Set(i, j, 0)
			}
			x.Set(i, k, 1)
		}
	case p.Has(expr.Stochastic) || p.Has(expr.Simplex):
		each(math.Exp)
		if x.C == 1 {
			x = num.Scale(1/x.Sum(), x)
			break
		}
		for i := range x.R {
			t := 0.0
			for j := range x.C {
				t += x.At(i, j)
			}
			for j := range x.C {
				x.Set(i, j, x.At(i, j)/t)
			}
		}
	case p.Has(expr.Diagonal):
		for i := range x.R {
			for j := range x.C {
				if i != j {
					x.Set(i, j, 0)
				} else if p.Has(expr.PSD) || p.Has(expr.Positive) || p.Has(expr.Nonnegative) {
					x.Set(i, j, math.Exp(x.At(i, j)))
				}
			}
		}
	case p.Has(expr.SPD) || p.Has(expr.PSD):
		x = num.Add(num.Mul(x, x.T()), 0.5, num.Eye(x.R))
	case p.Has(expr.Orthogonal):
		k := num.Scale(0.5, num.Add(x, -1, x.T()))
		inv, err := num.Inv(num.Add(num.Eye(x.R), 1, k))
		if err != nil {
			return x
		}
		x = num.Mul(num.Add(num.Eye(x.R), -1, k), inv)
	case p.Has(expr.Symmetric):
		x = num.Scale(0.5, num.Add(x, 1, x.T()))
	}
	switch {
	case p.Has(expr.OneHot), p.Has(expr.Stochastic), p.Has(expr.Simplex), p.Has(expr.Diagonal):
	case p.Has(expr.Binary):
		each(func(v float64) float64 {
			if v > 0 {
				return 1
			}
			return 0
		})
	case p.Has(expr.Positive) || p.Has(expr.Nonnegative):
		each(func(v float64) float64 { return math.Abs(v) + 0.1 })
	}
	return x
}

// tangent makes a differential keep the structure of a matrix.
func tangent(p expr.Props, d *num.Mat) *num.Mat {
	switch {
	case p.Has(expr.Diagonal):
		for i := range d.R {
			for j := range d.C {
				if i != j {
					d.Set(i, j, 0)
				}
			}
		}
	case p.Has(expr.Symmetric):
		d = num.Scale(0.5, num.Add(d, 1, d.T()))
	}
	return d
}

func (p *place) dim(d expr.Dim) int {
	n, err := d.Eval(p.sizes)
	if err != nil {
		return 0
	}
	return n
}

// value computes a form; an error says that its shapes clash.
func (p *place) value(f *form) (*num.Mat, error) {
	args := make([]*num.Mat, len(f.args))
	for i, a := range f.args {
		v, err := p.value(a)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	switch f.op {
	case "num":
		v, err := digits(f.name)
		return num.Scalar(v), err
	case "size":
		n := 1.0
		d, err := strconv.Atoi(f.name)
		if err == nil {
			return num.Scalar(float64(d)), nil
		}
		for _, s := range splitDim(f.name) {
			if k, err := strconv.Atoi(s); err == nil {
				n *= float64(k)
			} else {
				n *= float64(p.sizes[s])
			}
		}
		return num.Scalar(n), nil
	case "var":
		if v := p.vars[f.name]; v != nil {
			return v, nil
		}
		if d := p.defs[f.name]; d != nil {
			v, err := p.value(d)
			if err == nil {
				p.vars[f.name] = v
			}
			return v, err
		}
		return nil, fmt.Errorf("no value for %s", f.name)
	case "ones":
		return num.Fill(p.dim(f.r), p.dim(f.c), 1), nil
	case "zeros":
		return num.New(p.dim(f.r), p.dim(f.c)), nil
	case "eye":
		return num.Eye(p.dim(f.r)), nil
	case "neg":
		return num.Scale(-1, args[0]), nil
	case "t":
		return args[0].T(), nil
	case "add":
		return fold(args, func(a, b float64) float64 { return a + b })
	case "scale":
		return product(args) // as it is spelled: a mistake may have made the number a matrix
	case "had":
		if f.scalar() {
			return product(args)
		}
		return fold(args, func(a, b float64) float64 { return a * b })
	case "mul":
		return product(args)
	case "pow":
		if len(args[1].Data) != 1 {
			return nil, fmt.Errorf("an exponent that is no number")
		}
		k := args[1].Data[0]
		return args[0].Map(func(x float64) float64 { return math.Pow(x, k) }), nil
	case "call":
		return p.call(f, args)
	}
	return nil, fmt.Errorf("no value of %s", f.op)
}

func (p *place) call(f *form, args []*num.Mat) (v *num.Mat, err error) {
	fn := rules.Resolve(f.name, len(args))
	if fn == nil {
		return nil, fmt.Errorf("no function %s of %d operands", f.name, len(args))
	}
	shapes := make([]expr.Shape, len(args))
	for i, a := range args {
		shapes[i] = expr.Shape{R: expr.Whole(a.R), C: expr.Whole(a.C)}
		if fn.Params[i].Kind == rules.Square && a.R != a.C {
			return nil, fmt.Errorf("%s of %d×%d", f.name, a.R, a.C)
		}
	}
	if fn.Shape != nil {
		if _, err := fn.Shape(shapes); err != nil {
			return nil, err
		}
	}
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("%v", r)
		}
	}()
	v, err = fn.Apply(args...)
	if err == nil && f.name == "inv" && v.MaxAbs()*args[0].MaxAbs() > 1e7 || err != nil && f.name == "inv" {
		v, err = num.Fill(args[0].R, args[0].C, math.NaN()), nil // singular: no place to compare at
	}
	return v, err
}

func splitDim(s string) []string {
	var out []string
	at := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '*' {
			out = append(out, s[at:i])
			at = i + 1
		}
	}
	return out
}

func digits(s string) (float64, error) {
	for i := range s {
		if s[i] == '/' {
			a, err := strconv.ParseFloat(s[:i], 64)
			if err != nil {
				return 0, err
			}
			b, err := strconv.ParseFloat(s[i+1:], 64)
			return a / b, err
		}
	}
	return strconv.ParseFloat(s, 64)
}

// fold combines entry by entry, with the broadcasting of the language.
func fold(args []*num.Mat, f func(a, b float64) float64) (*num.Mat, error) {
	out := args[0]
	for _, a := range args[1:] {
		r, c := max(out.R, a.R), max(out.C, a.C)
		for _, m := range []*num.Mat{out, a} {
			fits := m.R == r && m.C == c || len(m.Data) == 1 || m.R == 1 && m.C == c && r > 1 || m.C == 1 && m.R == r && c > 1
			if !fits || len(out.Data) > 1 && len(a.Data) > 1 && (out.C == 1 && a.R == 1 || out.R == 1 && a.C == 1) {
				return nil, fmt.Errorf("%d×%d beside %d×%d", out.R, out.C, a.R, a.C)
			}
		}
		next := num.New(r, c)
		for i := range r {
			for j := range c {
				next.Set(i, j, f(out.At(min(i, out.R-1), min(j, out.C-1)), a.At(min(i, a.R-1), min(j, a.C-1))))
			}
		}
		out = next
	}
	return out, nil
}

// relation is how a mistaken answer compares with the right one.
type relation int

const (
	relDiffers    relation = iota
	relEqual               // the mistake is none
	relTransposed          // the other layout
	relClash               // of another shape, or of none
	relUnclear             // too close to tell, or without a value
)

// compare judges a mistaken form at several points by itself.
func compare(places []*place, right, wrong *form) relation {
	equal, transposed, seen := true, true, 0
	for _, p := range places {
		a, err := p.value(right)
		if err != nil || !a.Finite() {
			continue
		}
		b, err := p.value(wrong)
		if err != nil {
			return relClash
		}
		if a.R != b.R || a.C != b.C {
			equal = false
			if a.R != b.C || a.C != b.R {
				return relClash
			}
		}
		if !b.Finite() {
			continue
		}
		seen++
		far := func(a, b *num.Mat) bool {
			scale, d := math.Max(a.MaxAbs(), b.MaxAbs()), 0.0
			for k := range a.Data {
				d = math.Max(d, math.Abs(a.Data[k]-b.Data[k]))
			}
			return d > 1e-7*scale+1e-11
		}
		equal = equal && a.R == b.R && a.C == b.C && !far(a, b)
		transposed = transposed && a.R == b.C && a.C == b.R && !far(a.T(), b)
	}
	switch {
	case seen == 0:
		return relUnclear
	case equal:
		return relEqual
	case transposed:
		return relTransposed
	}
	return relDiffers
}

// product is the matrix product; a number scales.
func product(args []*num.Mat) (*num.Mat, error) {
	out := args[0]
	for _, a := range args[1:] {
		switch {
		case len(out.Data) == 1:
			out = num.Scale(out.Data[0], a)
		case len(a.Data) == 1:
			out = num.Scale(a.Data[0], out)
		case out.C != a.R:
			return nil, fmt.Errorf("%d×%d by %d×%d", out.R, out.C, a.R, a.C)
		default:
			out = num.Mul(out, a)
		}
	}
	return out, nil
}
