package simplify

import (
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// call0 makes a call as it is; call makes one in normal form.
func (s *S) call0(name string, args ...*Node) *Node { return s.b.MustCall(rules.Must(name), args...) }
func (s *S) call(name string, args ...*Node) *Node  { return s.Call(rules.Must(name), args...) }

// shown are calls with a definition that results keep, since that is how they
// are written: their definitions are not unfolded.
var shown = map[string]bool{"var": true, "silu": true, "gelu": true, "step": true, "entropy": true}

// Call returns f(args) in normal form for normal args: the rewrites of that
// function are tried first, then those of every function.
func (s *S) Call(f expr.Fn, args ...*Node) *Node {
	n := s.b.MustCall(f, args...)
	for _, list := range [...][]*Rewrite{calls[f.FnName()], everyCall} {
		for _, r := range list {
			if out := r.call(s, n, args); out != nil {
				s.fire(r)
				return out
			}
		}
	}
	return n
}

// negative takes a negative coefficient off: −2z is (true, 2z).
func (s *S) negative(n *Node) (bool, *Node) {
	if n.Op == expr.OpAdd || n.Op == expr.OpT {
		r, _ := s.primitive(n)
		if r.Sign() < 0 {
			return true, s.negate(n)
		}
		return false, n
	}
	c, _ := s.ratSplit(n)
	if c.Sign() < 0 {
		return true, s.Neg(n)
	}
	return false, n
}

func (s *S) negate(n *Node) *Node {
	switch n.Op {
	case expr.OpAdd:
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.Neg(a)
		}
		return s.Add(args...)
	case expr.OpT:
		return s.T(s.negate(n.Args[0]))
	}
	return s.Neg(n)
}
