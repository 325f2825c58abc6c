package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/expr"
)

// What an objective that the text does not define is a function of: of the
// values that it is differentiated by, those that lie above all others.

// below is what the definitions of the names given speak of, themselves or
// through others, each as openOf has it, and what their values have as parts.
// In r = K a − Q a nothing need be left of the quotient Q once its value stands
// there, and in A = tanh(X W) a name Z = X W that comes later does not stand.
func (in *inferrer) below(names []*symbol) map[*expr.Node]bool {
	seen := map[*expr.Node]bool{}
	for _, s := range names {
		in.reach(in.openOf(s), seen)
	}
	var parts []*expr.Node
	for _, s := range names {
		parts = append(parts, in.valueNode(s).Args...)
	}
	values := map[*expr.Node]bool{}
	for _, n := range expr.Topo(parts...) {
		values[n] = true
	}
	for _, s := range names {
		if values[in.valueNode(s)] {
			seen[in.openOf(s)] = true
		}
	}
	return seen
}

// reach adds what stands in the value of n, and in what lines say of it anew.
func (in *inferrer) reach(n *expr.Node, seen map[*expr.Node]bool) {
	for _, m := range expr.Topo(n) {
		if m.Op != expr.OpVar || seen[m] {
			continue
		}
		if m != n {
			seen[m] = true
		}
		st := in.opens[m]
		if st == nil {
			continue
		}
		in.reach(st.open, seen)
		for _, p := range st.anew {
			if !seen[p] {
				seen[p] = true
				in.reach(p, seen)
			}
		}
	}
}

// restated records the definitions by whose names a line writes another one
// anew, A = tanh(Z), unless they are made of that one.
func (in *inferrer) restated(tree *ast.Program) {
	if len(in.abstract) == 0 {
		return
	}
	stmt := 0
	for _, s := range tree.Stmts {
		e, ok := s.(*ast.Equation)
		if stmt < len(in.stmts) && in.stmts[stmt].span == s.Pos() {
			stmt++
			if !ok || len(e.Sides) < 3 {
				continue
			}
		}
		if !ok {
			continue
		}
		n, ok := e.Sides[0].(*ast.Name)
		if !ok {
			continue
		}
		of := in.env.lookup(n.Text)
		if of == nil || of.kind != symDef || of.def == nil || of.def.part == nil {
			continue
		}
		for _, side := range e.Sides[1:] {
			in.writtenAnew(of.def, side)
		}
	}
}

func (in *inferrer) writtenAnew(st *statement, side ast.Expr) {
	var open *expr.Node
	notes := len(in.notes)
	in.isolated(func() {
		t := in.expr(side)
		if in.claimNode(t, nil) != nil {
			open = in.openNode(t)
		}
	})
	for _, s := range in.notes[notes:] {
		delete(in.noted, s)
	}
	in.notes = in.notes[:notes]
	if open == nil {
		return
	}
	for _, p := range expr.Topo(open) {
		if in.opens[p] == nil || p == st.part {
			continue
		}
		under := map[*expr.Node]bool{}
		if in.reach(p, under); !under[st.part] {
			st.anew = append(st.anew, p)
		}
	}
}

// openOf is what stands for a name where definitions are not opened.
func (in *inferrer) openOf(s *symbol) *expr.Node {
	if s.kind == symDef && s.def != nil && s.def.part != nil {
		return s.def.part
	}
	return in.valueNode(s)
}
