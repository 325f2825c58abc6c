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
//	t I    what multiplies an identity is a number
//	y + C  a name that only scales numbers, in a sum with numbers, is one

// counts are the capitals that texts use for numbers of things.
const counts = "NMKDTLPRSHJB"

type evidence struct {
	transposed bool // x'
	scalar     bool // stands where only a scalar can: a/x, y^x
	unit       bool // multiplies an identity: t I
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
				if names := sumOfNames(t.args[0]); len(names) > 1 && !slices.ContainsFunc(names, latin) {
					for _, u := range names { // in (μ - ν)' none is a scalar
						of(u).transposed = true
					}
				}
			case opMul:
				for i, a := range t.args {
					if i > 0 && isEye(a) {
						of(t.args[i-1]).unit = true
					}
				}
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
			}
		})
		eachSum(st.t, func(terms []*term) {
			if !slices.ContainsFunc(terms, reduction) {
				return
			}
			for _, u := range terms {
				if c := coefficient(u); c != nil {
					of(c).scales++
				}
			}
		})
	}
	numbers := in.ofNumbers()
	for i, s := range in.env.open {
		if s.kind == symVar {
			s.readings = narrowed(s, ev[i])
			if numbers && !s.square && len(s.readings) == len(lowerReadings) {
				s.readings = numberReadings
			}
		}
	}
}

// isEye tells whether a term is the identity.
func isEye(t *term) bool { return t.op == opEye || t.op == opCall && t.fn.Op == expr.OpEye }

// ofNumbers tells whether the program is one of school algebra: names in small
// letters, none declared, of which one is a divisor or raised to a power, as
// only numbers are, and nothing that takes a vector or a matrix. x y is then a
// product of numbers too, not of a row and a column.
func (in *inferrer) ofNumbers() bool {
	plain, numbers := true, false
	letter := func(t *term) bool {
		return t.op == opSym && t.sym.kind == symVar && t.sym.idx >= 0 && !isGreek(firstRune(t.sym.key))
	}
	for _, s := range in.env.order {
		if s.kind == symVar && (s.named || s.declared && !s.known.IsScalar() || isUpper(s.key) || len(s.assumed) > 0 && needsSquare(s.assumed)) {
			return false
		}
	}
	for _, st := range in.stmts {
		in.eachTerm(st.t, func(t *term) {
			switch t.op {
			case opNum, opSym, opAdd, opSub, opNeg, opAbs, opMul:
			case opDiv:
				numbers = numbers || letter(t.args[1])
			case opPow:
				numbers = numbers || letter(t.args[0])
			case opCall:
				plain = plain && t.fn.Elementwise && len(t.args) == 1
			default:
				plain = false
			}
		})
	}
	return plain && numbers
}

func narrowed(s *symbol, e evidence) []reading {
	switch {
	case len(s.readings) == 1:
	case needsSquare(s.assumed):
		s.square = true
		return matrixReadings
	case e.scales > 0 && e.scales == e.seen && len(s.assumed) == 0 && isUpper(s.key):
		return coefficientReadings
	case e.scales > 0 && e.scales == e.seen && len(s.assumed) == 0 && !e.transposed:
		return numberReadings
	case isUpper(s.key) && !(e.scalar && strings.Contains(counts, letterOf(s.key))) && s.key != "N":
		return matrixReadings
	case e.unit && !isUpper(s.key) && !e.transposed && len(s.assumed) == 0:
		return numberReadings
	case !isUpper(s.key) && e.transposed:
		return slices.DeleteFunc(slices.Clone(s.readings), func(r reading) bool { return r.class == asScalar })
	}
	return s.readings
}

// needsSquare tells whether a property is one of square matrices only.
func needsSquare(props []ast.Ident) bool {
	return slices.ContainsFunc(props, func(p ast.Ident) bool { return expr.PropNamed(p.Name)&squareProps != 0 })
}

// eachSum visits the terms of every sum once.
func eachSum(t *term, f func(terms []*term)) {
	if t.op != opAdd && t.op != opSub {
		for _, a := range t.args {
			eachSum(a, f)
		}
		return
	}
	var terms []*term
	u := t
	for ; u.op == opAdd || u.op == opSub; u = u.args[0] {
		terms = append(terms, u.args[1])
	}
	terms = append(terms, u)
	f(terms)
	for _, a := range terms {
		eachSum(a, f)
	}
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

// sumOfNames lists the names of a sum that holds nothing else.
func sumOfNames(t *term) []*term {
	switch t.op {
	case opSym:
		return []*term{t}
	case opNeg:
		return sumOfNames(t.args[0])
	case opAdd, opSub:
		x, y := sumOfNames(t.args[0]), sumOfNames(t.args[1])
		if len(x) == 0 || len(y) == 0 || len(x) > 8 {
			return nil
		}
		return append(slices.Clip(x), y...)
	}
	return nil
}

// latin tells a name that is no Greek one, or one that is declared or defined.
func latin(t *term) bool { return !isGreekName(t.sym.key) || t.sym.idx < 0 }

// coefficient returns the one undeclared name of C*sum(x), or of C alone.
func coefficient(t *term) *term {
	switch t.op {
	case opSym:
		if t.sym.idx >= 0 && !isGreekName(t.sym.key) {
			return t
		}
	case opNeg, opDiv:
		return coefficient(t.args[0])
	case opMul:
		var c *term
		for _, a := range t.args {
			switch {
			case surelyScalar(a):
			case c == nil && coefficient(a) != nil:
				c = coefficient(a)
			default:
				return nil
			}
		}
		return c
	}
	return nil
}

// reduction tells a number that was made of vectors or matrices: norm(x)^2,
// 2 tr(A), x'y. Beside one of these a name is meant to be a number; beside 1
// or σ it is not.
func reduction(t *term) bool {
	if !surelyScalar(t) {
		return false
	}
	for range 12 {
		switch t.op {
		case opNeg, opPow, opDiv, opElemPow:
			t = t.args[0]
		case opCall:
			if !t.fn.Elementwise {
				return len(t.args) > 0
			}
			t = t.args[0]
		case opMul:
			return quadratic(t) || slices.ContainsFunc(t.args, reduction)
		case opSym:
			return t.sym.kind == symDef
		case opAdd, opSub:
			return reduction(t.args[0]) || reduction(t.args[1])
		default:
			return false
		}
	}
	return false
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
		return s.kind == symSize || s.idx >= 0 && isGreekName(s.key) || s.kind == symVar && s.declared && s.known.IsScalar() ||
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
	vector := func(u *term) bool {
		names := sumOfNames(u)
		return len(names) > 0 && !slices.ContainsFunc(names, func(u *term) bool { return u.sym.kind != symVar || u.sym.declared || isUpper(u.sym.key) })
	}
	first, last := args[0], args[len(args)-1]
	return first.op == opT && vector(first.args[0]) && vector(last)
}
