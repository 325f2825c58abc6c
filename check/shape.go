package check

import (
	"slices"
	"strings"
	"time"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// A line whose shapes do not fit has no expression to edit; its text is edited
// instead, one syntax node at a time, and read anew.

// maxReadings bounds the edits of one text that are read in earnest.
const maxReadings = 150

// rewriting is a text for a right side that differs by one mistake.
type rewriting struct{ text, id, msg string }

// nameShape finds what went wrong in a line whose shapes do not fit.
func (c *checker) nameShape(i int, d *diag.Diagnostic) *Mistake {
	m := &Mistake{ID: "shape", Message: d.Message}
	if c.respelled(i, m) || c.clash(i, m) {
		return m
	}
	c.closedShape(i, m)
	return m
}

// respelled looks for one edit of the text of a right side that makes it right.
func (c *checker) respelled(i int, m *Mistake) bool {
	start, end := c.rightSide(i)
	rhs := c.factored(strings.TrimSpace(c.src[start:end]))
	until := time.Now().Add(10 * c.opt.Limit) // a last guard: the readings are counted
	w := &rewriter{c: c}
	read := 0
	for _, r := range c.rewritings(rhs, &c.res.Claims[i]) {
		if read > maxReadings || time.Now().After(until) || c.ctx.Err() != nil {
			break
		}
		if r.text == rhs || w.misfit(r.text) {
			continue
		}
		read++
		if ok, n := c.reads(i, r.text); ok {
			m.ID, m.Message, m.Fix = r.id, m.Message+": "+r.msg, c.tidy(i, r.text, n)
			if s := c.style.respell(m.Fix, rhs); s != m.Fix {
				if ok, _ := c.reads(i, s); ok {
					m.Fix = s
				}
			}
			return true
		}
	}
	return false
}

// closedShape gives the derived answer for a line that has no meaning.
func (c *checker) closedShape(i int, m *Mistake) {
	w := c.namerFor(i)
	if w == nil {
		return
	}
	if n := w.closed(); n != nil && n.Shape == w.q.shape {
		m.Fix = c.confirmed(i, w.asWritten(n), false)
	}
}

// namerFor prepares the search for a mistake in a line that has no meaning;
// nil where nothing is known to be right.
func (c *checker) namerFor(i int) *namer {
	cl := &c.res.Claims[i]
	if cl.Of == nil && cl.Kind == infer.ClaimValue || len(cl.By) == 0 && cl.Kind != infer.ClaimDifferential && cl.Kind != infer.ClaimValue {
		return nil
	}
	q, err := c.question(cl, cl.Of)
	if err != nil {
		return nil
	}
	w := &namer{c: c, i: i, cl: cl, q: q, n: c.written(i), until: time.Now().Add(c.opt.Limit)}
	w.from, w.size = c.b.Len(), len(expr.Topo(w.n))
	if of := w.of(); of != nil {
		w.size += len(expr.Topo(of))
	}
	return w
}

// factored writes the words of a right side that are products of one-letter
// names, AC, with a sign between the factors.
func (c *checker) factored(rhs string) string {
	tree, list := parser.ParseExpr(rhs)
	if list.Err() != nil || tree == nil {
		return rhs
	}
	r := &rewriter{c: c, src: rhs}
	known := func(s string) bool { return c.prog.VarNamed(s) != nil || r.defined(s) }
	var at []ast.Span
	infer.Walk(tree, func(e ast.Expr) {
		if x, ok := e.(*ast.Name); ok && len(x.Text) > 1 && !known(x.Text) && r.text(x.Span) == x.Text {
			for _, ch := range x.Text {
				if !known(string(ch)) {
					return
				}
			}
			at = append(at, x.Span)
		}
	})
	slices.SortFunc(at, func(a, b ast.Span) int { return b.Start - a.Start })
	for _, s := range at {
		rhs = rhs[:s.Start] + strings.Join(strings.Split(rhs[s.Start:s.End], ""), "*") + rhs[s.End:]
	}
	return rhs
}

// written is a value with the differentials of variables that a line which has
// no meaning writes.
func (c *checker) written(i int) *Node {
	start, end := c.rightSide(i)
	tree, list := parser.ParseExpr(strings.TrimSpace(c.src[start:end]))
	n := c.b.Int(0)
	if list.Err() != nil || tree == nil {
		return n
	}
	infer.Walk(tree, func(e ast.Expr) {
		if x, ok := e.(*ast.Name); ok && strings.HasPrefix(x.Text, "d") {
			if v := c.prog.VarNamed(x.Text[1:]); v != nil && c.prog.VarNamed(x.Text) == nil {
				d := c.diff(c.b.Var(v))
				n = c.b.Add(n, c.inner(d, d))
			}
		}
	})
	return n
}
