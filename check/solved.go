package check

import (
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/rules"
)

// solutions reads equations on the lines after "∂Q/∂w = 0" as what follows from
// it: "w = …", and equations between expressions that hold w. As claims of
// their own they would have no meaning.
// So are those on a line that says so in words ("setting the gradient to
// zero"), which is the last gradient that the text speaks of.
func solutions(tree *ast.Program, saysZero func(at int) bool) {
	var zero, last *ast.Equation
	told := newHistory()
	for i, s := range tree.Stmts {
		e, ok := s.(*ast.Equation)
		if !ok {
			told.add(s)
			continue
		}
		if d, ok := e.Sides[0].(*ast.Deriv); ok {
			told.add(e)
			if d.Order == 1 {
				last = isZero(e.Sides[0])
			}
			n, isNum := e.Sides[len(e.Sides)-1].(*ast.Number)
			if zero = nil; d.Order == 1 && (isNum && n.Val == "0" || e.Then != nil) {
				zero = isZero(e.Sides[0])
			}
			continue
		}
		if last != nil && saysZero != nil && saysZero(e.Span.Start) {
			zero = last
		}
		at := zero
		if g := told.solved(e); g != nil {
			at = g
		}
		if at != nil && e.Then == nil && len(e.Sides) == 2 {
			by := at.Sides[0].(*ast.Deriv).By
			n, ok := e.Sides[0].(*ast.Name)
			if ok && among(n, by) && (told.declared[n.Text] || at != zero) || !ok && mentions(e, by) {
				tree.Stmts[i] = &ast.Equation{Sides: at.Sides, Then: e, Span: e.Span}
				continue
			}
		}
		told.add(e)
	}
}

// isZero is the equation that a derivative is zero.
func isZero(d ast.Expr) *ast.Equation {
	return &ast.Equation{Sides: []ast.Expr{d, &ast.Number{Val: "0", Text: "0", Span: d.Pos()}}, Span: d.Pos()}
}

// history is what a text has said so far.
type history struct {
	declared, defined map[string]bool
	used              map[string]bool          // on the right sides of definitions
	gradients         map[string]*ast.Equation // by the name: that it is zero
	only              *ast.Deriv               // ∇Q
}

func newHistory() *history {
	return &history{declared: map[string]bool{}, defined: map[string]bool{}, used: map[string]bool{}, gradients: map[string]*ast.Equation{}}
}

func (h *history) add(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.Decl:
		for _, id := range s.Names {
			h.declared[id.Name] = true
		}
		for _, size := range []ast.Expr{s.Rows, s.Cols} {
			infer.Walk(size, func(x ast.Expr) {
				if n, ok := x.(*ast.Name); ok {
					h.used[n.Text] = true
				}
			})
		}
	case *ast.Equation:
		for i, side := range s.Sides[:min(2, len(s.Sides))] { // g = ∂Q/∂w too
			d, ok := side.(*ast.Deriv)
			switch {
			case !ok || d.Order != 1:
			case len(d.By) == 0:
				h.only = d
			case len(d.By) == 1:
				if n, ok := d.By[0].(*ast.Name); ok {
					h.gradients[n.Text] = isZero(d)
				}
			}
			if ok && i == 0 {
				return
			}
		}
		if n := definedBy(s); n != "" {
			h.defined[n] = true
			infer.WalkNames(s.Sides[1], func(n *ast.Name) {
				h.used[n.Text] = true
				for _, l := range lettersOf(n) {
					h.used[l] = true
				}
			})
		}
	}
}

// solved returns the gradient that an equation w = … makes zero: one by w, a
// variable of the value that was differentiated, in terms of others of it. "∂Q/∂r
// = 2r, where r = A x − b" defines r, in terms that are new or by a name that Q
// does not use.
func (h *history) solved(e *ast.Equation) *ast.Equation {
	n := definedBy(e)
	if n == "" || len(e.Sides) != 2 || h.gradients[n] == nil && h.only == nil || h.defined[n] || !h.used[n] {
		return nil
	}
	known := true
	infer.WalkNames(e.Sides[1], func(w *ast.Name) {
		fine := func(s string) bool {
			return s != n && (h.used[s] || s == "I" || rules.Lookup(s) != nil)
		}
		if fine(w.Text) {
			return
		}
		letters := lettersOf(w)
		known = known && len(letters) > 1
		for _, l := range letters {
			known = known && fine(l)
		}
	})
	if !known {
		return nil
	}
	if h.gradients[n] == nil {
		d := *h.only
		d.By = []ast.Expr{e.Sides[0]}
		return isZero(&d)
	}
	return h.gradients[n]
}

func among(n *ast.Name, by []ast.Expr) bool {
	for _, b := range by {
		if v, ok := b.(*ast.Name); ok && v.Text == n.Text {
			return true
		}
	}
	return false
}

// mentions tells whether an equation without differentials speaks of one of
// the variables, as a word of its own or within one (X'Xw).
func mentions(e *ast.Equation, by []ast.Expr) bool {
	found, diffs := false, false
	for _, x := range e.Sides {
		infer.WalkNames(x, func(n *ast.Name) {
			diffs = diffs || len(n.Text) > 1 && n.Text[0] == 'd'
			for _, b := range by {
				v, ok := b.(*ast.Name)
				found = found || ok && (v.Text == n.Text || len(v.Text) == 1 && strings.Contains(n.Text, v.Text))
			}
		})
	}
	return found && !diffs
}
