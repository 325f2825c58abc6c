package eval

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Memo computes one expression after another at one point and keeps the value
// of every node, so that expressions which share most of their nodes cost only
// what is new in each.
type Memo struct {
	env    Env
	plan   *Plan
	failed map[int]error // by slot
}

// NewMemo returns a Memo for the point env.
func NewMemo(env Env) *Memo {
	return &Memo{env: env, plan: &Plan{slot: make(map[*expr.Node]int), deps: make(map[string][]int)}, failed: make(map[int]error)}
}

// Len returns the number of nodes computed so far.
func (m *Memo) Len() int { return len(m.plan.nodes) }

// Value returns the value of n, not to be written to. Errors are those of Eval.
func (m *Memo) Value(n *expr.Node) (*num.Mat, error) {
	p, first := m.plan, len(m.plan.nodes)
	p.order([]*expr.Node{n})
	for i := first; i < len(p.nodes); i++ {
		fixed := p.nodes[i].Op != expr.OpVar
		for _, a := range p.args[i] {
			fixed = fixed && p.fixed[a]
		}
		p.val, p.buf = append(p.val, nil), append(p.buf, nil)
		p.chain, p.fixed, p.dims = append(p.chain, false), append(p.fixed, fixed), append(p.dims, [2]int{})
		if err := m.compute(i); err != nil {
			m.failed[i] = err
		}
	}
	i := p.slot[n]
	return p.val[i], m.failed[i]
}

// compute fills slot i.
func (m *Memo) compute(i int) (err error) {
	p, n := m.plan, m.plan.nodes[i]
	for _, a := range p.args[i] {
		if err := m.failed[a]; err != nil {
			return err
		}
	}
	for k, d := range [2]expr.Dim{n.Shape.R, n.Shape.C} {
		if p.dims[i][k], err = d.Eval(m.env.Sizes); err != nil {
			return err
		}
	}
	defer p.guard(&i, &err)
	if err := p.step(i, m.env); err != nil {
		return err
	}
	for _, v := range p.val[i].Data {
		if v != v {
			return &DomainError{n, i, describe(n) + " has no value here"}
		}
	}
	return nil
}
