package check

import (
	"fmt"

	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/verify"
)

// An objective L that the text does not define is read as a function of the
// last values that it is differentiated by: with r = K a − Q a, L is one of r,
// and ∂L/∂Q what comes through r. It may as well be one of r and Q, each by
// itself, and ∂L/∂Q the direct derivative. Nothing in the text says which, but
// its lines may: where one of them holds in the first reading only, all are
// read so. Where none does, a line is right that is right in either, and says
// in which.

// apart judges a claim with L as a function of all that it is differentiated
// by. It returns the reason by which the claim is right, "" if it is not.
func (c *checker) apart(i int) string {
	nested := -1
	for k := range c.res.Abstract {
		if c.res.Abstract[k].Nested {
			nested = k
		}
	}
	if nested < 0 || c.plain {
		return ""
	}
	d := c.argumentsApart()
	if d == nil || !d.holdsTrue(i) {
		return ""
	}
	for _, k := range c.rights {
		if !d.holdsTrue(k) {
			return ""
		}
	}
	return fmt.Sprintf("right with %s taken as a function of %s, each by itself", c.res.Abstract[nested].Name, listed(d.res.Abstract[0].Args))
}

// argumentsApart is the checker of the text read so, nil if it cannot be.
func (c *checker) argumentsApart() *checker {
	if c.direct != nil {
		return c.direct
	}
	read := c.reading()
	read.Direct, read.Lost = true, c.lost
	tree, list := parser.Parse(c.src)
	if list.Err() != nil {
		return nil
	}
	if !c.text {
		arrange(tree, c.zero)
	} else {
		solutions(tree, nil)
	}
	res, list := infer.Infer(tree, read)
	if list.Err() != nil || len(res.Claims) != len(c.res.Claims) || len(res.Abstract) == 0 {
		return nil
	}
	c.direct = newChecker(c.ctx, res, c.opt)
	c.direct.text, c.direct.plain = c.text, true
	return c.direct
}

// holdsTrue tells whether claim i is right.
func (c *checker) holdsTrue(i int) bool {
	cl := &c.res.Claims[i]
	if cl.Err.Err() != nil || len(cl.Sides) == 0 {
		return false
	}
	n, err := c.withJacobians(cl.Sides[len(cl.Sides)-1], cl.Of)
	if err != nil {
		return false
	}
	q, err := c.question(cl, cl.Of)
	if err != nil {
		return false
	}
	if r, _ := c.ask(q, n); r == verify.Same {
		return true
	}
	return c.directly(cl) != ""
}
