package check

import (
	"strings"

	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/verify"
)

// confirmed writes n and returns the text if, read in place of the claim's
// right side, it is right; else "".
func (c *checker) confirmed(i int, n *Node) string {
	s := c.print(n)
	if ok, _ := c.reads(i, s); ok {
		return s
	}
	return ""
}

// rightSide returns where the claimed side of a claim stands in the source.
func (c *checker) rightSide(i int) (start, end int) {
	s := c.res.Claims[i].Span
	start, end = s.Start, min(s.End, len(c.src))
	text := c.src[start:end]
	for k := len(text) - 1; k >= 0; k-- {
		if text[k] != '=' || k+1 < len(text) && text[k+1] == '=' || k > 0 && strings.ContainsRune("=<>!", rune(text[k-1])) {
			continue
		}
		if strings.Count(text[k:], "]") > strings.Count(text[k:], "[") {
			continue // inside [y = k]
		}
		return start + k + 1, end
	}
	return start, end
}

// reads puts a text for the right side of claim i and tells whether the claim
// is right then.
func (c *checker) reads(i int, text string) (bool, *Node) {
	start, end := c.rightSide(i)
	src := c.src[:start] + " " + text + c.src[end:]
	read := readDerivation
	if c.text {
		read = readDocument
	}
	read.Lost = c.lost
	tree, list := parser.Parse(src)
	if list.Err() != nil {
		return false, nil
	}
	if !c.text {
		arrange(tree, c.zero)
	}
	res, list := infer.Infer(tree, read)
	if list.Err() != nil || len(res.Claims) <= i {
		return false, nil
	}
	cl := &res.Claims[i]
	if cl.Err.Err() != nil || len(cl.Sides) == 0 {
		return false, nil
	}
	d := newChecker(c.ctx, res, c.opt)
	for k := range c.assume {
		if x := res.Program.VarNamed(k.Var.Name); x != nil {
			d.assumption(&infer.Claim{Kind: infer.ClaimAssume, Of: res.Program.B.Var(x), Props: c.props[k]}, &Line{})
		}
	}
	if cl.Kind == infer.ClaimStationary && cl.ThenRight != nil {
		var l Line
		d.plain = true
		d.stationary(i, cl, &l)
		return l.Verdict == Right, cl.ThenRight
	}
	q, err := d.question(cl, cl.Of)
	if err != nil {
		return false, nil
	}
	n, err := d.withJacobians(cl.Sides[len(cl.Sides)-1], cl.Of)
	if err != nil {
		return false, nil
	}
	r, _ := d.ask(q, n)
	return r == verify.Same, n
}
