package infer

import (
	"math/big"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// op is the kind of a term.
type op uint8

const (
	opNum op = iota
	opSym
	opOnes // a column of ones of inferred length
	opEye  // an identity of inferred size
	opCall
	opAdd
	opSub
	opNeg
	opMul // product of two or more factors, left to right
	opHad
	opDiv
	opElemDiv
	opSolve
	opT
	opInv
	opInvT
	opPow
	opElemPow
	opAbs
	opDiff    // differential of args[0] or of a symbol
	opAdjoint // ∂Q/∂Z as an operand
	opJacobian
	opHessian // ∂²Q/∂x∂y
	opPrime   // σ'(z): the derivative of the elementwise fn at args[0]
	opEntry   // y_i, A_{ij} below a sum, until lift
	opIndex   // an index below a sum
	opBig     // Σ or Π, until lift
	opSized   // args[0], whose rows and columns have the sizes given
	opApply   // call of a function that is not defined, sym; a derivative of it by its operand if kind holds primes
	opBad     // already reported; fits anywhere
)

// term is an expression whose words are resolved.
type term struct {
	op     op
	args   []*term
	num    *big.Rat
	sym    *symbol // opSym; opDiff of a name; opAdjoint: the denominator
	of     *symbol // opAdjoint: the numerator
	fn     *rules.Func
	sizes  []expr.Dim // opCall: the sizes given (ones(n))
	idx    []string   // opEntry, opBig
	big    ast.Op     // opBig
	lifted bool       // made from an indexed sum: its parts have no text
	kind   string     // opCall of a norm: how it was written, for messages
	span   ast.Span
	opSpan ast.Span

	names bits  // undeclared names below
	comp  bool  // holds something that is not a scalar
	shp   shape // in the current evaluation
}

// bits is a set of small numbers.
type bits []uint64

func (b bits) has(i int) bool { return i>>6 < len(b) && b[i>>6]&(1<<(i&63)) != 0 }

func (b bits) empty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// max returns the largest member, -1 if there is none.
func (b bits) max() int {
	for i := len(b)<<6 - 1; i >= 0; i-- {
		if b.has(i) {
			return i
		}
	}
	return -1
}

func (b bits) with(i int) bits {
	n := max(len(b), i>>6+1)
	out := make(bits, n)
	copy(out, b)
	out[i>>6] |= 1 << (i & 63)
	return out
}

func (b *bits) add(i int) {
	for len(*b) <= i>>6 {
		*b = append(*b, 0)
	}
	(*b)[i>>6] |= 1 << (i & 63)
}

func (b *bits) remove(i int) {
	if i>>6 < len(*b) {
		(*b)[i>>6] &^= 1 << (i & 63)
	}
}

func (b *bits) union(o bits) {
	for len(*b) < len(o) {
		*b = append(*b, 0)
	}
	for i, w := range o {
		(*b)[i] |= w
	}
}

// newTerm makes a term and collects the undeclared names below it.
func newTerm(o op, at ast.Span, args ...*term) *term {
	t := &term{op: o, args: args, span: at}
	t.gather()
	return t
}

func (t *term) gather() {
	switch {
	case len(t.args) == 1:
		t.names = t.args[0].names
	case len(t.args) > 1:
		shared := true
		for _, a := range t.args[1:] {
			if !sameBits(a.names, t.args[0].names) {
				shared = false
				break
			}
		}
		if shared {
			t.names = t.args[0].names
			return
		}
		t.names = nil
		for _, a := range t.args {
			t.names.union(a.names)
		}
	}
}

func sameBits(a, b bits) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (t *term) isNum(v int64) bool {
	return t.op == opNum && t.num.IsInt() && t.num.Num().IsInt64() && t.num.Num().Int64() == v
}

// bad is a term that was reported; it fits anywhere.
func bad(at ast.Span) *term { return &term{op: opBad, span: at} }
