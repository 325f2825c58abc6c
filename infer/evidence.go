package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// The way a name is written narrows what it may be, before any shape is
// looked at. A reading that the writing speaks against is not tried at all: a
// program with a slip is better reported than read as something absurd.
//
//	x'     whoever transposes a name does not mean a scalar
//	a/N    a capital is a matrix, but a letter for a count below a fraction bar
//	       or in an exponent is a number
//	y + C  a capital that only scales numbers, in a sum with numbers, is one

// counts are the capitals that texts use for numbers of things.
const counts = "NMKDTLPRSHJB"

type evidence struct {
	transposed bool // x'
	scalar     bool // stands where only a scalar can: a/x, y^x
	scales     int  // occurrences as a coefficient of numbers in a sum of numbers
	seen       int  // all occurrences
}

// weigh gathers the evidence of all statements and narrows the readings.
func (in *inferrer) weigh() {
	if len(in.env.open) == 0 {
		return
	}
	ev := make([]evidence, len(in.env.open))
	of := func(t *term) *evidence {
		if t.op == opSym && t.sym.kind == symVar && t.sym.idx >= 0 {
			return &ev[t.sym.idx]
		}
		return &evidence{}
	}
	for _, st := range in.stmts {
		in.eachTerm(st.t, func(t *term) {
			switch t.op {
			case opSym:
				of(t).seen++
			case opT, opInvT:
				of(t.args[0]).transposed = true
			case opDiv:
				eachFactor(t.args[1], func(u *term) { of(u).scalar = true })
			case opPow, opElemPow:
				eachFactor(t.args[1], func(u *term) { of(u).scalar = true })
			case opCall:
				for i, a := range t.args {
					if t.fn.Params[i].Kind == rules.Number {
						eachFactor(a, func(u *term) { of(u).scalar = true })
					}
				}
			case opAdd, opSub:
				x, y := t.args[0], t.args[1]
				if c := coefficient(y); c != nil && surelyScalar(x) {
					of(c).scales++
				}
				if c := coefficient(x); c != nil && surelyScalar(y) {
					of(c).scales++
				}
			}
		})
	}
	for i, s := range in.env.open {
		if s.kind == symVar {
			s.readings = narrowed(s, ev[i])
		}
	}
}

func narrowed(s *symbol, e evidence) []reading {
	switch {
	case len(s.readings) == 1:
	case needsSquare(s.assumed):
		s.square = true
		return matrixReadings
	case isUpper(s.key) && e.scales > 0 && e.scales == e.seen && len(s.assumed) == 0:
		return coefficientReadings
	case isUpper(s.key) && !(e.scalar && strings.Contains(counts, letterOf(s.key))) && s.key != "N":
		return matrixReadings
	case !isUpper(s.key) && e.transposed:
		return slices.DeleteFunc(slices.Clone(s.readings), func(r reading) bool { return r.class == asScalar })
	}
	return s.readings
}

// needsSquare tells whether a property is one of square matrices only.
func needsSquare(props []ast.Ident) bool {
	return slices.ContainsFunc(props, func(p ast.Ident) bool { return expr.PropNamed(p.Name)&squareProps != 0 })
}

// eachFactor visits the factors of a quantity that must be a scalar: those of
// 2N, sqrt(d), N - 1, σ^2.
func eachFactor(t *term, f func(*term)) {
	f(t)
	switch {
	case t.op == opMul || t.op == opNeg || t.op == opDiv || t.op == opAdd || t.op == opSub:
		for _, a := range t.args {
			eachFactor(a, f)
		}
	case t.op == opPow, t.op == opElemPow, t.op == opCall && t.fn.Elementwise && len(t.args) == 1:
		eachFactor(t.args[0], f)
	}
}

// coefficient returns the one capital of C*sum(x), or of C alone.
func coefficient(t *term) *term {
	switch t.op {
	case opSym:
		if isUpper(t.sym.key) {
			return t
		}
	case opNeg:
		return coefficient(t.args[0])
	case opMul:
		var c *term
		for _, a := range t.args {
			switch {
			case surelyScalar(a):
			case c == nil && a.op == opSym && isUpper(a.sym.key):
				c = a
			default:
				return nil
			}
		}
		return c
	}
	return nil
}

// surelyScalar tells a term that is a number whatever its names are.
func surelyScalar(t *term) bool { return scalarAt(t, 0) }

func scalarAt(t *term, depth int) bool {
	if depth > 12 {
		return false
	}
	all := func(ts []*term) bool {
		return !slices.ContainsFunc(ts, func(a *term) bool { return !scalarAt(a, depth+1) })
	}
	switch t.op {
	case opNum, opAbs:
		return true
	case opSym:
		s := t.sym
		return s.kind == symSize || s.kind == symVar && s.declared && s.known.IsScalar() ||
			s.kind == symDef && s.def != nil && s.def.t != nil && scalarAt(s.def.t, depth+1)
	case opCall:
		return t.fn.Out == rules.OutScalar && !t.fn.Elementwise || t.fn.Elementwise && all(t.args)
	case opNeg, opAdd, opSub, opDiv, opPow:
		return all(t.args[:1]) && (t.op == opPow || t.op == opDiv || all(t.args))
	case opMul:
		return all(t.args) || quadratic(t)
	}
	return false
}

// quadratic tells x'Ax and 2x'y, numbers whatever stands between the vectors.
func quadratic(t *term) bool {
	args := t.args
	for len(args) > 0 && scalarAt(args[0], 10) {
		args = args[1:]
	}
	if len(args) < 2 {
		return false
	}
	first, last := args[0], args[len(args)-1]
	vector := func(u *term) bool {
		return u.op == opSym && u.sym.kind == symVar && !u.sym.declared && !isUpper(u.sym.key)
	}
	return first.op == opT && vector(first.args[0]) && vector(last)
}
