package infer

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// The ^ of a vector is an error, and of names that nobody declared the search
// would rather make a square matrix than that: y - X beta with a number beta.
//
//	mean((y - X beta)^2)   below a reduction the squares of the entries are
//	sum((y - z)^2)         meant: of a number it would say nothing
//	d .* (1 - h^2)         so they are in an elementwise product, and beside
//	1 - h^2                a number where h is defined as a vector
//	(y - X beta)^2         a matrix times a vector: the error stands, which
//	                       offers .^ and ‖y - X beta‖²

// residuals makes the powers below reductions elementwise where no shape is
// declared for what is raised (a declared vector keeps its error), and holds
// names to what they are in the others.
func (in *inferrer) residuals() {
	for _, st := range in.stmts {
		in.eachTerm(st.t, func(t *term) {
			if t.op == opCall && len(t.args) == 1 && t.fn.Params[0].Kind == rules.Matrix && reduces(t.fn) {
				in.eachPower(t.args[0])
			}
			if t.op == opHad || (t.op == opAdd || t.op == opSub) && in.besideNumber(t) {
				for _, a := range t.args {
					in.eachPower(a)
				}
			}
			if t.op == opPow && (t.args[0].op == opAdd || t.args[0].op == opSub) && in.hasImage(t.args[0]) {
				in.held(t)
			}
		})
	}
}

// besideNumber tells a sum of a number and powers of names that are defined.
func (in *inferrer) besideNumber(t *term) bool {
	number, power := false, false
	for _, a := range t.args {
		for a.op == opNeg {
			a = a.args[0]
		}
		number = number || a.op == opNum
		power = power || a.op == opPow && a.args[0].op == opSym && a.args[0].sym.kind == symDef
	}
	return number && power
}

// eachPower makes the powers among the factors of a reduced term elementwise.
func (in *inferrer) eachPower(t *term) {
	switch t.op {
	case opPow:
		in.elementwise(t)
	case opHad, opNeg, opDiv, opElemDiv, opAdd, opSub:
		for _, a := range t.args {
			in.eachPower(a)
		}
	}
}

// ofVector tells whether a power is of names that make a vector, none declared.
func (in *inferrer) ofVector(t *term) bool {
	x, k := t.args[0], t.args[1]
	if t.op != opPow || k.op != opNum || !k.num.IsInt() || k.num.Sign() <= 0 || in.declaredBelow(x) {
		return false
	}
	return in.classOf(x).isCol() || in.standing(nil, x)
}

// held keeps the search from making a square matrix of a residual.
func (in *inferrer) held(t *term) {
	if !in.ofVector(t) {
		return
	}
	for i, s := range in.env.open {
		if t.args[0].names.has(i) && s.kind == symVar && len(s.readings) > 1 {
			s.readings = s.readings[:1]
		}
	}
}

func (in *inferrer) elementwise(t *term) {
	if !in.ofVector(t) {
		return
	}
	x := t.args[0]
	t.op = opElemPow
	in.note("read %s as the power of each entry of the vector %s, which .^ is", in.text(t.span), in.text(x.span))
}

// hasImage tells whether a matrix by its writing multiplies a vector below t.
func (in *inferrer) hasImage(t *term) (found bool) {
	in.eachTerm(t, func(u *term) {
		if u.op != opMul {
			return
		}
		for i := range u.args[1:] {
			s := bareName(u.args[i])
			if u.args[i].op == opT {
				s = bareName(u.args[i].args[0])
			}
			y := u.args[i+1]
			found = found || s != nil && isUpper(s.key) && len(s.readings) > 0 && s.readings[0].class == asMatrix && (in.classOf(y).isCol() || in.classOf(y).isScalar())
		}
	})
	return found
}

// declaredBelow tells whether a name with a declared shape, or a property that
// only matrices have, is part of a term.
func (in *inferrer) declaredBelow(t *term) (found bool) {
	in.eachTerm(t, func(u *term) {
		if u.op != opSym {
			return
		}
		s := u.sym
		switch {
		case s.declared && s.known != expr.Scalar:
			found = true
		case s.kind == symVar && (len(s.assumed) > 0 || s.square || s.named):
			found = true
		case s.kind == symDef && s.def != nil && s.def.t != nil && s.def.t != t:
			found = found || in.declaredBelow(s.def.t)
		}
	})
	return found
}
