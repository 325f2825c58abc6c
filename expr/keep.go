package expr

// MaxFlat is the most operands of a sum or a product that is flattened into
// the next one once it has a name or is used again.
const MaxFlat = 8

// MaxNest is how deep sums of sums are flattened, a name or an adjoint each.
// Beyond it they are steps of a recurrence, and the next one is made of the last
// and not of all before.
const MaxNest = 1

// Sums tells whether n is a sum or has one as a factor.
func Sums(n *Node) bool {
	switch n = bare(n); n.Op {
	case OpAdd:
		return true
	case OpScale:
		return Sums(n.Args[0]) || factorSum(n.Args[1])
	}
	return factorSum(n)
}

func factorSum(n *Node) bool {
	if n = bare(n); n.Op == OpMul || n.Op == OpHad {
		for _, a := range n.Args {
			if a = bare(a); a.Op == OpAdd || a.Op == OpScale && bare(a.Args[1]).Op == OpAdd {
				return true
			}
		}
	}
	return n.Op == OpAdd
}

// bare is n without a transpose.
func bare(n *Node) *Node {
	if n.Op == OpT {
		return n.Args[0]
	}
	return n
}

// Keep makes a sum or a product, or what a scalar or a transpose is put round,
// one operand of all that is made of it later; it returns the node to go on
// with. Without it a value that grows by an operand a layer has a sum of two, of
// three, … operands, whose lengths add up to the square of the depth.
func (b *Builder) Keep(n *Node) *Node {
	switch n.Op {
	case OpAdd, OpMul:
		n.Kept = true
	case OpHad:
		if n.Args[0].Op == OpNum { // a number is taken off a product at every use
			rest := b.Had(n.Args[1:]...)
			if rest.Op == OpHad {
				rest.Kept = true
			}
			return b.Had(n.Args[0], rest)
		}
		n.Kept = true
	case OpScale:
		return b.Scale(b.KeepLong(n.Args[0]), b.KeepLong(n.Args[1]))
	case OpT:
		return b.T(b.KeepLong(n.Args[0]))
	}
	return n
}

// Width is the number of operands that n would bring into a sum or a product.
func Width(n *Node) int {
	switch {
	case n.Op == OpScale:
		return max(Width(n.Args[0]), Width(n.Args[1]))
	case n.Op == OpT:
		return Width(n.Args[0])
	case (n.Op == OpAdd || n.Op == OpMul || n.Op == OpHad) && !n.Kept:
		return len(n.Args)
	}
	return 1
}

// KeepLong keeps a node with more than MaxFlat operands.
func (b *Builder) KeepLong(n *Node) *Node {
	switch n.Op {
	case OpAdd, OpMul, OpHad:
		if len(n.Args) <= MaxFlat {
			return n
		}
	case OpScale, OpT:
	default:
		return n
	}
	return b.Keep(n)
}
