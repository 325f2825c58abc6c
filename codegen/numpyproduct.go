package codegen

import (
	"math/big"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// had prints a product of scalars, or entry by entry.
func (p *pyPrinter) had(n *expr.Node) (string, int) {
	if n.IsScalar() {
		return p.quotient(n.Args, nil)
	}
	return p.quotient(n.Args, p.anchors(n.Args))
}

// quotient prints a product entry by entry, factors of negative powers behind
// the stroke; short tells which factors NumPy may repeat.
func (p *pyPrinter) quotient(fs []*expr.Node, short []bool) (string, int) {
	var num, den []string
	sign := ""
	for i, f := range fs {
		m := p.see(f)
		free := p.names[m] == ""
		sh := short != nil && short[i]
		switch {
		case free && m.IsNum(-1, 1):
			sign = "-"
			continue
		case free && m.Op == expr.OpNum && m.Num.Sign() < 0 && sign == "":
			sign = "-"
			m = p.g.in.Program.B.Num(new(big.Rat).Neg(m.Num))
			f = m
		}
		if free && m.Op == expr.OpNum && m.Num.Denom().IsInt64() && m.Num.Denom().Int64() > 10 && m.Num.Num().IsInt64() {
			// 3/16 x is 3*x/16.
			if m.Num.Num().Int64() != 1 {
				num = append(num, m.Num.Num().String())
			}
			den = append(den, m.Num.Denom().String())
			continue
		}
		if e := m; free && e.Op == expr.OpPow && e.Args[1].Op == expr.OpNum && e.Args[1].Num.Sign() < 0 {
			base := p.g.in.Program.B.Pow(e.Args[0], p.g.in.Program.B.Num(new(big.Rat).Neg(e.Args[1].Num)))
			den = append(den, p.operand(base, sh, pyUnary))
			continue
		}
		level := pyUnary
		if len(num) == 0 && sign == "" {
			level = pyProduct
		}
		num = append(num, p.operand(f, sh, level))
	}
	s := strings.Join(num, "*")
	if s == "" {
		s = "1"
	}
	for _, d := range den {
		s += "/" + d
	}
	if sign != "" && len(num) == 1 && len(den) == 0 {
		return sign + s, pyUnary
	}
	return sign + s, pyProduct
}

func (p *pyPrinter) pow(n *expr.Node) (string, int) {
	x, e := n.Args[0], n.Args[1]
	switch {
	case e.IsNum(1, 2):
		return "np.sqrt(" + p.text(x, pyAny) + ")", pyAtom
	case e.IsNum(2, 1) && x.IsCall("norm") && p.names[p.see(x)] == "":
		return "np.sum(" + p.text(x.Args[0], pyAtom) + "**2)", pyAtom
	case e.Op == expr.OpNum && e.Num.Sign() < 0:
		return p.quotient([]*expr.Node{n}, nil)
	}
	return p.text(x, pyAtom) + "**" + p.text(e, pyAtom), pyPower
}

// product prints a matrix product: products with ones as sums, with diag as
// scalings, with inverses as solves.
func (p *pyPrinter) product(n *expr.Node) (string, int) {
	args := make([]*expr.Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = p.see(a)
	}
	if n.IsScalar() {
		first, last := onesVector(args[0]), onesVector(args[len(args)-1])
		switch {
		case first && last && len(args) > 2:
			s, _ := p.factors(args[1 : len(args)-1])
			return "np.sum(" + s + ")", pyAtom
		case first:
			s, _ := p.factors(args[1:])
			return "np.sum(" + s + ")", pyAtom
		case last:
			s, _ := p.factors(args[:len(args)-1])
			return "np.sum(" + s + ")", pyAtom
		}
		s, l := p.factors(args)
		return bracket(s, l, pyAtom) + "[0, 0]", pyAtom
	}
	return p.factors(args)
}

func (p *pyPrinter) factors(args []*expr.Node) (string, int) {
	if len(args) == 1 {
		if v := args[0]; p.names[v] == "" {
			return p.node(v)
		}
		return p.names[args[0]], pyAtom
	}
	// An outer product is formed last: A⁻¹b bᵀA⁻¹ is two solves for vectors.
	for i := 0; i+1 < len(args); i++ {
		if args[i].Shape.C.IsOne() && len(args) > 2 && !args[0].Shape.R.IsOne() && !args[len(args)-1].Shape.C.IsOne() &&
			!onesVector(args[i]) && !onesVector(args[i+1]) {
			x, l := p.factors(args[:i+1])
			y, k := p.factors(args[i+1:])
			return bracket(x, l, pyProduct) + " @ " + bracket(y, k, pyUnary), pyProduct
		}
	}
	// From the left: what stands in front of an inverse is solved for last.
	last := len(args) - 1
	first := args[0]
	switch {
	case p.names[first] == "" && first.IsCall("inv"):
		x, _ := p.factors(args[1:])
		return "np.linalg.solve(" + p.text(first.Args[0], pyAny) + ", " + x + ")", pyAtom
	case p.names[first] == "" && first.IsCall("diag") && first.Shape.IsSquare():
		v := p.column(first.Args[0])
		x, l := p.factors(args[1:])
		return v + "*" + bracket(x, l, pyUnary), pyProduct
	case onesVector(first) && first.Shape.IsRow():
		x, _ := p.factors(args[1:])
		return "np.sum(" + x + ", axis=0, keepdims=True)", pyAtom
	}
	end := args[last]
	switch {
	case p.names[end] == "" && end.IsCall("inv"):
		if last == 1 {
			return "np.linalg.solve(" + p.text(p.g.in.Program.B.T(end.Args[0]), pyAny) + ", " + p.text(p.g.in.Program.B.T(args[0]), pyAny) + ").T", pyAtom
		}
		x, l := p.factors(args[:last])
		return "np.linalg.solve(" + p.text(p.g.in.Program.B.T(end.Args[0]), pyAny) + ", " + bracket(x, l, pyAtom) + ".T).T", pyAtom
	case p.names[end] == "" && end.IsCall("diag") && end.Shape.IsSquare():
		x, l := p.factors(args[:last])
		return bracket(x, l, pyProduct) + "*" + p.row(end.Args[0]), pyProduct
	case onesVector(end) && end.Shape.IsCol():
		x, _ := p.factors(args[:last])
		return "np.sum(" + x + ", axis=1, keepdims=True)", pyAtom
	}
	for i := 1; i < last; i++ {
		if a := args[i]; p.names[a] == "" && (a.IsCall("inv") || a.IsCall("diag") && a.Shape.IsSquare()) {
			x, l := p.factors(args[:i])
			y, k := p.factors(args[i:])
			return bracket(x, l, pyProduct) + " @ " + bracket(y, k, pyUnary), pyProduct
		}
	}
	// A product that ends in a vector is multiplied from the right.
	if args[last].Shape.C.IsOne() && len(args) > 2 && !args[0].Shape.R.IsOne() {
		y, k := p.factors(args[1:])
		x, l := p.factors(args[:1])
		return bracket(x, l, pyUnary) + " @ " + bracket(y, k, pyUnary), pyProduct
	}
	fs := make([]string, len(args))
	for i, a := range args {
		fs[i] = p.text(a, pyUnary)
	}
	return strings.Join(fs, " @ "), pyProduct
}

func (p *pyPrinter) column(v *expr.Node) string {
	if v.Shape.IsRow() {
		return p.text(v, pyAtom) + ".T"
	}
	return p.text(v, pyUnary)
}

func (p *pyPrinter) row(v *expr.Node) string {
	if v.Shape.IsCol() {
		return p.text(v, pyAtom) + ".T"
	}
	return p.text(v, pyUnary)
}
