package rules

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
)

// FnShape implements expr.Fn: it checks number and kinds of the operands and
// returns the shape of the result.
func (f *Func) FnShape(args []expr.Shape) (expr.Shape, error) {
	if err := f.checkArgs(args); err != nil {
		return expr.Shape{}, err
	}
	if f.Shape != nil {
		return f.Shape(args)
	}
	return f.outShape(args)
}

func (f *Func) checkArgs(args []expr.Shape) error {
	least, most := f.Arity()
	if len(args) < least || len(args) > most {
		return fmt.Errorf("%s takes %s, here it has %d", f.Name, arityText(least, most), len(args))
	}
	for i, s := range args {
		p := f.Params[i]
		switch p.Kind {
		case Matrix:
		case Square:
			if !s.IsSquare() {
				return fmt.Errorf("%s needs a square matrix, %s is %v", f.Name, f.operand(i), s)
			}
		case Vector:
			if !s.R.IsOne() && !s.C.IsOne() {
				return fmt.Errorf("%s needs a vector, %s is %v", f.Name, f.operand(i), s)
			}
		case Number, SizeArg:
			if !s.IsScalar() {
				return fmt.Errorf("%s needs a scalar as %s, which is %v", f.Name, f.operand(i), s)
			}
		default:
			return fmt.Errorf("%s: unknown kind of parameter %d", f.Name, p.Kind)
		}
		j := -1
		if p.Like != "" {
			j = f.paramIndex(p.Like)
		} else if f.Elementwise && i > 0 && p.Kind == Matrix {
			j = 0
		}
		if j >= 0 && args[j] != s {
			return fmt.Errorf("%s needs operands of one shape, %s is %v and %s is %v",
				f.Name, f.operand(j), args[j], f.operand(i), s)
		}
	}
	return nil
}

func arityText(least, most int) string {
	switch {
	case most == 0:
		return "no operand"
	case least == 1 && most == 1:
		return "one operand"
	case least == most:
		return fmt.Sprintf("%d operands", most)
	case most == least+1:
		return fmt.Sprintf("%d or %d operands", least, most)
	}
	return fmt.Sprintf("%d to %d operands", least, most)
}

// operand names operand i in a sentence.
func (f *Func) operand(i int) string {
	if len(f.Params) == 1 {
		return "its operand"
	}
	return "operand " + fmt.Sprint(i+1) + " (" + f.Params[i].Name + ")"
}

func (f *Func) outShape(a []expr.Shape) (expr.Shape, error) {
	one := expr.One
	switch f.Out {
	case OutSame:
		return a[0], nil
	case OutLast:
		return a[len(a)-1], nil
	case OutScalar:
		return expr.Scalar, nil
	case OutRows:
		return expr.Shape{R: a[0].R, C: one}, nil
	case OutCols:
		return expr.Shape{R: one, C: a[0].C}, nil
	case OutRowwise:
		if a[0].IsCol() {
			return expr.Scalar, nil
		}
		return expr.Shape{R: a[0].R, C: one}, nil
	case OutVec:
		return expr.Shape{R: a[0].Count(), C: one}, nil
	case OutDiag:
		switch s := a[0]; {
		case s.C.IsOne() || s.R.IsOne():
			return expr.Shape{R: s.Count(), C: s.Count()}, nil
		case s.IsSquare():
			return expr.Shape{R: s.R, C: one}, nil
		default:
			return s, fmt.Errorf("%s needs a vector or a square matrix, its operand is %v", f.Name, s)
		}
	case OutOuter:
		return expr.Shape{R: a[0].Count(), C: a[1].Count()}, nil
	case OutKron:
		return expr.Shape{R: a[0].R.Times(a[1].R), C: a[0].C.Times(a[1].C)}, nil
	}
	return expr.Shape{}, fmt.Errorf("%s has no shape of its own here; the context must give it", f.Name)
}

// over returns d/e where e divides d: the sizes of a block of a Kronecker
// product.
func over(d, e expr.Dim) (expr.Dim, bool) {
	if e.K == 0 || d.K%e.K != 0 {
		return d, false
	}
	out := expr.Whole(d.K / e.K)
	left := e.Symbols()
next:
	for _, s := range d.Symbols() {
		for i, t := range left {
			if s == t {
				left = append(left[:i:i], left[i+1:]...)
				continue next
			}
		}
		out = out.Times(expr.Symbol(s))
	}
	return out, len(left) == 0
}

// Conditions of cases.

func isCol(a []expr.Shape) bool    { return a[0].IsCol() }
func isRow(a []expr.Shape) bool    { return a[0].IsRow() }
func isScalar(a []expr.Shape) bool { return a[0].IsScalar() }

// always is the single case of most rules.
func always(src string) []Case { return []Case{{Src: src}} }
