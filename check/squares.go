package check

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
)

// A mistake that only shapes show, a transpose lost on the way, is carried on
// by lines whose shapes do not fit either. Whether one follows from the other is
// seen where all sizes are one: there both have a meaning.

// followsInSquares returns the false claim that claim i follows from with all
// sizes equal, one of the two having no meaning otherwise; -1 if there is none.
func (c *checker) followsInSquares(i int) int {
	if c.plain {
		return -1
	}
	var at []int
	for k := len(c.falses) - 1; k >= 0; k-- {
		if f := c.falses[k]; c.misfits(f) || c.misfits(i) {
			at = append(at, f)
		}
	}
	if len(at) == 0 {
		return -1
	}
	res := c.inSquares()
	if res == nil || len(res.Claims) != len(c.res.Claims) {
		return -1
	}
	cl := &res.Claims[i]
	if cl.Err.Err() != nil || len(cl.Sides) == 0 || cl.Kind == infer.ClaimStationary {
		return -1
	}
	d := newChecker(c.ctx, res, c.opt)
	d.text, d.plain, d.restated = c.text, true, c.restated
	n, err := d.withJacobians(cl.Sides[len(cl.Sides)-1], cl.Of)
	if err != nil {
		return -1
	}
	for _, k := range at {
		if d.follows(k, cl, n) {
			return k
		}
	}
	return -1
}

// misfits tells a claim whose right side has no meaning, or another shape.
func (c *checker) misfits(i int) bool {
	cl := &c.res.Claims[i]
	return cl.Err.Err() != nil || len(cl.Sides) > 0 && misshapen(cl)
}

// inSquares reads the text with one size for all; nil if it cannot be.
func (c *checker) inSquares() *infer.Result {
	if c.squares != nil {
		return c.squares
	}
	c.squares = &infer.Result{}
	tree, list := parser.Parse(c.src)
	if list.Err() != nil {
		return c.squares
	}
	read := c.reading()
	if c.text {
		solutions(tree, nil)
	} else {
		arrange(tree, c.zero)
	}
	read.Lost = c.lost
	first := ""
	one := func(e ast.Expr) ast.Expr {
		n, ok := e.(*ast.Name)
		if !ok || !c.isSize(n.Text) {
			return e
		}
		if first == "" {
			first = n.Text
		}
		m := *n
		m.Text, m.Base, m.Sub = first, first, ""
		return &m
	}
	for _, s := range tree.Stmts {
		if d, ok := s.(*ast.Decl); ok {
			if d.Rows != nil {
				d.Rows = mapped(d.Rows, one)
			}
			if d.Cols != nil {
				d.Cols = mapped(d.Cols, one)
			}
		}
	}
	rewriteSides(tree, one)
	if res, list := infer.Infer(tree, read); list.Err() == nil {
		c.squares = res
	}
	return c.squares
}

func (c *checker) isSize(name string) bool {
	for _, s := range c.prog.Sizes {
		if s == name {
			return true
		}
	}
	return false
}
