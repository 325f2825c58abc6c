// Package simplify brings expressions into normal form and then into the
// shortest form it finds within bounds, the form a textbook prints.
//
//	expr ──Normal──▶ expr ──Fold──▶ names back ──Shorten──▶ expr ──Polish──▶ expr
//
// Normal form: sums flat with like terms collected, products flat with scalars
// in front, transposes outside elementwise expressions and inside chains,
// sums of entries as products with ones-vectors, inner products as traces or
// row-times-column products, known patterns (σ, softmax, …) recognised. It does
// not expand products over sums. Every rewrite keeps the value at every point
// where both sides are defined; each is listed in Rewrites with an example and
// tested numerically by name.
package simplify

import (
	"math/big"

	"github.com/matdiff/matdiff/expr"
)

// Node is an expression.
type Node = expr.Node

// S simplifies expressions of one Builder.
type S struct {
	b           *expr.Builder
	memo        expr.Table[*Node] // node → normal form
	best        expr.Table[*Node] // normal form → shortest form found
	taken       expr.Table[*Node] // sum → with its common factors taken out
	searched    map[search]*Node  // the same within the running search
	cost        expr.Table[int]
	fired       []int           // how often each rewrite fired, by id
	used        map[string]bool // properties that a result needed
	defs        []named
	goal        *named          // the objective, where answers may use its name
	short       expr.Table[int] // prices of values that have a name
	polished    expr.Table[signed]
	fixed       map[*Node]bool          // differences written one way: upright or turned
	typed       map[*Node]map[*Node]int // sums of the program → their terms → place
	typedTraces map[*Node]*Node         // normal form → as typed
	typedList   []*Node                 // the same sums in order
	known       map[*Node]bool          // the same sums and their negatives
	// whether one of them is a scalar
	knownScalars bool
	typedOnes    bool              // the program sums by 𝟏ᵀ
	local        bool              // an adjoint on the way is shortened
	summands     []map[*Node]bool  // variables of the objective's summands
	expanded     expr.Table[*Node] // node → multiplied out, nil: too many terms
	terms        expr.Table[int]   // of a node multiplied out
	// A sum in many products, as the residual of a model with many parts,
	// loses its content once.
	primitives expr.Table[primitive]
	work       int // factors that the running search has looked at
}

// New returns a simplifier for expressions of b.
func New(b *expr.Builder) *S {
	return &S{
		b: b, searched: make(map[search]*Node),
		fired: make([]int, len(table)), used: make(map[string]bool),
	}
}

// Normal returns the normal form of n.
func (s *S) Normal(n *Node) *Node {
	if m, ok := s.memo.Get(n); ok {
		return m
	}
	out := n
	if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.Normal(a)
		}
		out = s.rebuild(n, args)
	} else {
		switch {
		case n.Op == expr.OpOnes && !n.Shape.R.IsOne() && !n.Shape.C.IsOne():
			s.fire(onesMatrix)
			out = s.b.Mul(s.ones(n.Shape.R), s.b.T(s.ones(n.Shape.C)))
		case n.Op == expr.OpOnes && n.Shape.R.IsOne():
			out = s.b.T(s.ones(n.Shape.C))
		}
	}
	s.memo.Set(n, out)
	s.memo.Set(out, out)
	return out
}

// rebuild makes a node like n with normal args, in normal form.
func (s *S) rebuild(n *Node, args []*Node) *Node {
	out := s.combine(n, args)
	if n.Kept {
		return s.keep(out)
	}
	return out
}

func (s *S) combine(n *Node, args []*Node) *Node {
	switch n.Op {
	case expr.OpAdd:
		return s.Add(args...)
	case expr.OpScale:
		return s.Scale(args[0], args[1])
	case expr.OpMul:
		return s.Mul(args...)
	case expr.OpHad:
		return s.Had(args...)
	case expr.OpPow:
		return s.Pow(args[0], args[1])
	case expr.OpT:
		return s.T(args[0])
	case expr.OpCall:
		return s.Call(n.Fn, args...)
	}
	return n
}

func (s *S) ones(d expr.Dim) *Node { return s.b.Ones(expr.Shape{R: d, C: expr.One}) }

// ratSplit takes the rational coefficient off a term: 2 s A is (2, s A). The
// rest of a pure number is nil.
func (s *S) ratSplit(n *Node) (*big.Rat, *Node) {
	switch n.Op {
	case expr.OpNum:
		return n.Num, nil
	case expr.OpHad:
		if n.IsScalar() && n.Args[0].Op == expr.OpNum {
			return n.Args[0].Num, s.b.Had(n.Args[1:]...)
		}
	case expr.OpScale:
		c, rest := s.ratSplit(n.Args[0])
		if rest == nil {
			return c, n.Args[1]
		}
		if rest != n.Args[0] {
			return c, s.b.Scale(rest, n.Args[1])
		}
	}
	return ratOne, n
}

var ratOne = big.NewRat(1, 1)

// isOne compares with 1 without multiplying.
func isOne(r *big.Rat) bool {
	return r.IsInt() && r.Num().IsInt64() && r.Num().Int64() == 1
}

// withRat puts a rational coefficient on a term; rest nil is the number 1.
func (s *S) withRat(c *big.Rat, rest *Node) *Node {
	if rest == nil {
		return s.b.Num(c)
	}
	if isOne(c) {
		return rest
	}
	return s.b.Scale(s.b.Num(c), rest)
}

// Neg returns -n in normal form.
func (s *S) Neg(n *Node) *Node {
	c, rest := s.ratSplit(n)
	switch {
	case rest == nil:
	case isOne(c):
		return s.b.Scale(s.b.Int(-1), rest)
	case c.IsInt() && c.Num().IsInt64() && c.Num().Int64() == -1:
		return rest
	}
	return s.withRat(new(big.Rat).Neg(c), rest)
}

// isOnesCol and isOnesRow recognise ones-vectors.
func isOnesCol(n *Node) bool { return n.Op == expr.OpOnes && n.Shape.C.IsOne() }
func isOnesRow(n *Node) bool {
	return n.Op == expr.OpT && n.Args[0].Op == expr.OpOnes || n.Op == expr.OpOnes && n.Shape.R.IsOne()
}

// colBroadcast returns v if n is v 1ᵀ; rowBroadcast returns u if n is 1 u.
func (s *S) colBroadcast(n *Node) *Node {
	if n.Op == expr.OpMul && isOnesRow(n.Args[len(n.Args)-1]) {
		return s.b.Mul(n.Args[:len(n.Args)-1]...)
	}
	return nil
}

func (s *S) rowBroadcast(n *Node) *Node {
	if n.Op == expr.OpMul && isOnesCol(n.Args[0]) {
		return s.b.Mul(n.Args[1:]...)
	}
	return nil
}
