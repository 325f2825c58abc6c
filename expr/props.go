package expr

import "strings"

// Props is a set of properties of a matrix.
type Props uint32

// The properties. Declared ones travel through operators by inferProps and
// through functions by their FnProps.
const (
	Symmetric    Props = 1 << iota
	PSD                // symmetric, xᵀAx ≥ 0
	SPD                // symmetric, xᵀAx > 0
	Diagonal           // zero off the diagonal
	Orthogonal         // AᵀA = AAᵀ = I
	Positive           // every entry > 0
	Nonnegative        // every entry ≥ 0
	Binary             // every entry 0 or 1
	OneHot             // every row has one 1, the rest 0
	Stochastic         // every row sums to 1, entries ≥ 0
	Simplex            // a vector with entries ≥ 0 that sum to 1
	RowsSumOne         // every row sums to 1, of any sign
	ColsSumOne         // every column sums to 1 (a column vector: its sum)
	Nonsingular        // square and invertible
	UnitInterval       // every entry in [0, 1]
)

var propNames = []struct {
	p    Props
	name string
}{
	{Symmetric, "symmetric"}, {PSD, "psd"}, {SPD, "spd"}, {Diagonal, "diagonal"}, {Orthogonal, "orthogonal"},
	{Positive, "positive"}, {Nonnegative, "nonnegative"}, {Binary, "binary"}, {OneHot, "onehot"},
	{Stochastic, "stochastic"}, {Simplex, "simplex"},
}

// PropNamed returns the property that a declaration names ("spd"), 0 if none.
// "const" is not a property of a value; see Var.Const.
func PropNamed(name string) Props {
	for _, q := range propNames {
		if q.name == name {
			return q.p
		}
	}
	return 0
}

// Names lists the declarable properties in p.
func (p Props) Names() []string {
	var out []string
	for _, q := range propNames {
		if p&q.p != 0 {
			out = append(out, q.name)
		}
	}
	return out
}

// String joins the names.
func (p Props) String() string { return strings.Join(p.Names(), " ") }

// Has tells whether all of q are in p.
func (p Props) Has(q Props) bool { return p&q == q }

// Close adds what follows from p for a matrix of shape s.
func (p Props) Close(s Shape) Props {
	if p.Has(Diagonal|Positive) && !s.IsScalar() {
		p = p&^Positive | Nonnegative | SPD // meant of the diagonal: the other entries are 0
	}
	if p.Has(SPD) {
		p |= PSD | Nonsingular
	}
	if p.Has(PSD) {
		p |= Symmetric
	}
	if p.Has(Diagonal) {
		p |= Symmetric
	}
	if p.Has(Orthogonal) {
		p |= Nonsingular
	}
	if p.Has(OneHot) {
		p |= Binary
		// A one-hot column vector (a class label) has one 1 in all.
		if s.IsCol() {
			p |= Simplex
		} else {
			p |= Stochastic
		}
	}
	if p.Has(Simplex) {
		p |= UnitInterval
		if s.IsCol() {
			p |= ColsSumOne
		} else {
			p |= RowsSumOne
		}
	}
	if p.Has(Stochastic) {
		p |= RowsSumOne | UnitInterval
	}
	if p.Has(Binary) {
		p |= UnitInterval
	}
	if p&(UnitInterval|Positive) != 0 {
		p |= Nonnegative
	}
	return p
}

// inferProps is the one table by which properties travel through operators.
func inferProps(n *Node) Props {
	var p Props
	switch n.Op {
	case OpNum:
		switch n.Num.Sign() {
		case 1:
			p = Positive
		case 0:
			p = Nonnegative
		}
		if n.IsZero() || n.IsOne() {
			p |= Binary
		}
	case OpSize:
		p = Positive
	case OpVar:
		p = n.Var.Props
	case OpOnes:
		p = Positive | Binary
		if n.Shape.IsSquare() {
			p |= PSD
		}
	case OpZeros:
		p = Nonnegative | Binary
		if n.Shape.IsSquare() {
			p |= PSD | Diagonal
		}
	case OpEye:
		p = SPD | Diagonal | Orthogonal | OneHot | ColsSumOne
	case OpAdd:
		p = addProps(n)
	case OpScale:
		c, x := n.Args[0].Props, n.Args[1].Props
		p = x & (Symmetric | Diagonal)
		if c.Has(Positive) {
			p |= x & (PSD | SPD | Positive | Nonnegative | Nonsingular)
		} else if c.Has(Nonnegative) {
			p |= x & (PSD | Nonnegative)
		}
		if c := n.Args[0]; c.Op == OpNum && !c.IsZero() {
			p |= x & Nonsingular
		}
	case OpMul:
		p = mulProps(n)
	case OpHad:
		p = ^Props(0)
		for _, a := range n.Args {
			p &= a.Props
		}
		p &= Symmetric | PSD | SPD | Positive | Nonnegative | Binary | UnitInterval | Diagonal
		for _, a := range n.Args {
			p |= a.Props & Diagonal
		}
		if squareFactors(n.Args) {
			p |= Nonnegative
		}
	case OpPow:
		x, e := n.Args[0].Props, n.Args[1]
		p = x & Symmetric
		if x.Has(Positive) {
			p |= Positive
		}
		if x.Has(Nonnegative) && e.Props.Has(Positive) {
			p |= Nonnegative
		}
		if k, ok := e.Int(); ok {
			if k%2 == 0 {
				p |= Nonnegative
			}
			if k > 0 {
				p |= x & (Binary | OneHot | UnitInterval | Diagonal | PSD | SPD)
			}
		}
	case OpT:
		x := n.Args[0].Props
		p = x &^ (OneHot | Stochastic | Simplex | RowsSumOne | ColsSumOne)
		if x.Has(RowsSumOne) {
			p |= ColsSumOne
		}
		if x.Has(ColsSumOne) {
			p |= RowsSumOne
		}
		if x.Has(Simplex) {
			p |= Simplex
		}
	case OpCall:
		p = n.Fn.FnProps(n.Args)
	}
	if n.IsScalar() && p.Has(PSD) {
		p |= Nonnegative
	}
	if n.IsScalar() && p.Has(SPD) {
		p |= Positive
	}
	if n.IsScalar() {
		p |= Symmetric
	}
	return p.Close(n.Shape)
}

func addProps(n *Node) Props {
	all, any := ^Props(0), Props(0)
	for _, a := range n.Args {
		all &= a.Props
		any |= a.Props
	}
	p := all & (Symmetric | PSD | SPD | Diagonal | Positive | Nonnegative)
	if all.Has(PSD) && any.Has(SPD) {
		p |= SPD
	}
	if all.Has(Nonnegative) && any.Has(Positive) {
		p |= Positive
	}
	// A + Aᵀ is symmetric.
	if n.Shape.IsSquare() && !p.Has(Symmetric) {
		p |= pairedSymmetric(n)
	}
	return p
}

func pairedSymmetric(n *Node) Props {
	if len(n.Args) > 16 {
		return 0
	}
	paired := make([]bool, len(n.Args))
	for i, x := range n.Args {
		for j := i; j < len(n.Args) && !paired[i]; j++ {
			if !paired[j] && isTransposeOf(x, n.Args[j]) {
				paired[i], paired[j] = true, true
			}
		}
		if !paired[i] {
			return 0
		}
	}
	return Symmetric
}

// isTransposeOf tells whether y is structurally the transpose of x.
func isTransposeOf(x, y *Node) bool {
	switch {
	case x == y:
		return x.Props.Has(Symmetric)
	case x.Op == OpT:
		return x.Args[0] == y
	case y.Op == OpT:
		return y.Args[0] == x
	case x.Op == OpMul && y.Op == OpMul && len(x.Args) == len(y.Args):
		k := len(x.Args)
		for i := range x.Args {
			if !isTransposeOf(x.Args[i], y.Args[k-1-i]) {
				return false
			}
		}
		return true
	case x.Op == OpScale && y.Op == OpScale:
		return x.Args[0] == y.Args[0] && isTransposeOf(x.Args[1], y.Args[1])
	case (x.Op == OpAdd || x.Op == OpHad) && y.Op == x.Op && len(x.Args) == len(y.Args):
		for i := range x.Args {
			if !isTransposeOf(x.Args[i], y.Args[i]) {
				return false
			}
		}
		return true
	case x.Op == OpOnes:
		return y.Op == OpOnes && x.Shape == y.Shape.T()
	}
	return false
}

// mulProps: B S Bᵀ is symmetric, and psd if S is; products of nonnegative
// matrices are nonnegative; a stochastic product is stochastic.
func mulProps(n *Node) Props {
	var p Props
	k := len(n.Args)
	all := ^Props(0)
	for _, a := range n.Args {
		all &= a.Props
	}
	p |= all & (Positive | Nonnegative | Orthogonal | Stochastic | RowsSumOne | Nonsingular | Diagonal)
	if !n.Shape.IsSquare() {
		return p
	}
	i, j := 0, k-1
	for i < j && isTransposeOf(n.Args[i], n.Args[j]) {
		i++
		j--
	}
	switch {
	case i > j: // B Bᵀ
		p |= PSD
	case i == j: // B S Bᵀ
		p |= n.Args[i].Props & (Symmetric | PSD)
		if n.Args[i].Props.Has(SPD) {
			p |= PSD
		}
	}
	if p.Has(PSD) && all.Has(Nonsingular) {
		p |= SPD
	}
	return p
}

// squareFactors tells whether every factor occurs an even number of times.
func squareFactors(args []*Node) bool {
	count := make(map[*Node]int, len(args))
	for _, a := range args {
		if !a.Props.Has(Nonnegative) {
			count[a]++
		}
	}
	for _, c := range count {
		if c%2 == 1 {
			return false
		}
	}
	return true
}
