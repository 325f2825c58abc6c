package infer

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// PartOp is what is done with the operands of a part.
type PartOp uint8

// The operations that join parts. A quotient is the product with what is
// inverted entry by entry, a difference the sum with what is negated.
const (
	PartOther PartOp = iota // none of those below
	PartAdd
	PartNeg
	PartMul
	PartHad
	PartOver // 1 ./ x
	PartT
	PartInv
	PartPow // entry by entry, or of a number
	PartCall
)

// Part is a piece of a right side whose shapes do not fit. Node is its
// expression where the piece has one by itself; else Args are its operands.
type Part struct {
	Op   PartOp
	Args []*Part
	Fn   *rules.Func // of PartCall
	Node *expr.Node
}

// maxParts bounds the pieces of one side that are typed.
const maxParts = 200

// parts takes a term apart that does not fit; nil if there is too much of it.
func (in *inferrer) parts(t *term) (p *Part) {
	notes, left := len(in.notes), maxParts
	if err := in.isolated(func() { p = in.part(t, &left) }); err != nil || left < 0 {
		p = nil
	}
	for _, s := range in.notes[notes:] {
		delete(in.noted, s)
	}
	in.notes = in.notes[:notes]
	return p
}

func (in *inferrer) part(t *term, left *int) *Part {
	if *left--; *left < 0 || t == nil || t.op == opBad {
		return &Part{}
	}
	var n *expr.Node
	if in.isolated(func() { n = in.claimNode(t, nil) }) == nil && n != nil {
		return &Part{Node: n}
	}
	join := func(op PartOp, args ...*Part) *Part { return &Part{Op: op, Args: args} }
	arg := func(i int) *Part { return in.part(t.args[i], left) }
	switch t.op {
	case opAdd, opSub:
		x, y := arg(0), arg(1)
		if t.op == opSub {
			y = negated(in.b, y)
		}
		if x.Node == nil && x.Op == PartAdd {
			x.Args = append(x.Args, y)
			return x
		}
		return join(PartAdd, x, y)
	case opNeg:
		return negated(in.b, arg(0))
	case opMul:
		p := &Part{Op: PartMul}
		for i := range t.args {
			if q := arg(i); q.Node == nil && q.Op == PartMul && i == 0 {
				p.Args = q.Args
			} else {
				p.Args = append(p.Args, q)
			}
		}
		return p
	case opHad:
		return join(PartHad, arg(0), arg(1))
	case opDiv, opElemDiv:
		y := arg(1)
		if y.Node != nil {
			return join(PartHad, arg(0), &Part{Node: in.b.Recip(y.Node)})
		}
		return join(PartHad, arg(0), join(PartOver, y))
	case opSolve:
		return join(PartMul, join(PartInv, arg(0)), arg(1))
	case opT:
		return join(PartT, arg(0))
	case opInv:
		return join(PartInv, arg(0))
	case opInvT:
		return join(PartT, join(PartInv, arg(0)))
	case opPow, opElemPow:
		return join(PartPow, arg(0), arg(1))
	case opSized:
		return arg(0)
	case opCall:
		if t.fn == nil || len(t.args) == 0 || len(t.args) != len(t.fn.Params) {
			return &Part{}
		}
		p := &Part{Op: PartCall, Fn: t.fn}
		for i := range t.args {
			p.Args = append(p.Args, arg(i))
		}
		return p
	}
	return &Part{}
}

func negated(b *expr.Builder, p *Part) *Part {
	if p.Node != nil {
		return &Part{Node: b.Neg(p.Node)}
	}
	return &Part{Op: PartNeg, Args: []*Part{p}}
}
