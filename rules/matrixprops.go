package rules

import "github.com/matdiff/matdiff/expr"

// Properties of the results of matrix functions.

func propsTrace(a []*expr.Node) expr.Props {
	p := a[0].Props
	switch {
	case p.Has(expr.SPD) || p.Has(expr.Positive):
		return expr.Positive
	case p.Has(expr.PSD) || p.Has(expr.Nonnegative):
		return expr.Nonnegative
	}
	return 0
}

func propsDet(a []*expr.Node) expr.Props {
	switch p := a[0].Props; {
	case p.Has(expr.SPD):
		return expr.Positive
	case p.Has(expr.PSD):
		return expr.Nonnegative
	}
	return 0
}

func propsInv(a []*expr.Node) expr.Props {
	p := a[0].Props
	// The rows of X⁻¹ sum to 1 where those of X do: X1 = 1 gives 1 = X⁻¹1.
	out := p & (expr.Symmetric | expr.SPD | expr.Orthogonal | expr.Diagonal | expr.RowsSumOne | expr.ColsSumOne)
	// An invertible psd matrix is spd.
	if p.Has(expr.PSD) {
		out |= expr.SPD
	}
	if p.Has(expr.Diagonal | expr.Nonnegative) {
		out |= expr.Nonnegative
	}
	return out | expr.Nonsingular
}

func propsDiag(a []*expr.Node) expr.Props {
	s, p := a[0].Shape, a[0].Props
	if s.IsCol() || s.IsRow() {
		out := expr.Diagonal | p&(expr.Binary|expr.UnitInterval|expr.Nonnegative)
		switch {
		case p.Has(expr.Positive):
			out |= expr.SPD | expr.Nonnegative
		case p.Has(expr.Nonnegative):
			out |= expr.PSD
		}
		return out
	}
	out := p & (expr.Binary | expr.UnitInterval | expr.Positive | expr.Nonnegative)
	switch {
	case p.Has(expr.SPD):
		out |= expr.Positive
	case p.Has(expr.PSD):
		out |= expr.Nonnegative
	}
	return out
}

func propsExpm(a []*expr.Node) expr.Props {
	p := a[0].Props
	out := p&(expr.Diagonal) | expr.Nonsingular
	if p.Has(expr.Symmetric) {
		out |= expr.SPD
	}
	// The exponential series of a nonnegative matrix has nonnegative terms.
	return out | p&expr.Nonnegative
}

func propsKron(a []*expr.Node) expr.Props {
	x, y := a[0].Props, a[1].Props
	out := x & y & (expr.Diagonal | expr.Orthogonal | expr.Positive | expr.Nonnegative | expr.Binary |
		expr.UnitInterval | expr.Stochastic | expr.RowsSumOne | expr.ColsSumOne | expr.Nonsingular)
	if a[0].Shape.IsSquare() && a[1].Shape.IsSquare() {
		out |= x & y & (expr.Symmetric | expr.PSD | expr.SPD)
	}
	return out
}

func propsVec(a []*expr.Node) expr.Props {
	p := a[0].Props
	return p & (expr.Positive | expr.Nonnegative | expr.Binary | expr.UnitInterval)
}

func propsDot(a []*expr.Node) expr.Props {
	both := a[0].Props & a[1].Props
	switch {
	case both.Has(expr.Positive):
		return expr.Positive
	case both.Has(expr.Nonnegative) || both.Has(expr.PSD) || a[0] == a[1]:
		return expr.Nonnegative
	}
	return 0
}

func propsNorm([]*expr.Node) expr.Props { return expr.Nonnegative }

func propsAdj(a []*expr.Node) expr.Props {
	// Where det X > 0 is known the adjugate has what the inverse has.
	return a[0].Props&(expr.Symmetric|expr.SPD|expr.Diagonal) | expr.Nonsingular
}
