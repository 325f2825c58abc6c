package check

import (
	"strings"

	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/verify"
)

// confirmed writes n in the notation of the line and returns the text if, read
// in place of the claim's right side, it is right; else "". An edited line
// keeps the order of its terms.
func (c *checker) confirmed(i int, n *Node, inOrder bool) string {
	if c.plain { // which names no mistakes and has no text
		return ""
	}
	n = c.foldDeep(n)
	for _, d := range []dialect{c.style, {style: c.style.style, hand: c.style.hand}, plainDialect} {
		s := c.asEntry(d.write(n, inOrder))
		if ok, _ := c.reads(i, s); ok {
			return s
		}
	}
	return ""
}

// tidy writes a text for a right side that was found right as the printer
// would, where the edit of what was typed left marks that nobody writes, or
// where what was typed is not the text at hand.
func (c *checker) tidy(i int, text string, n *Node) string {
	if c.typed == nil && !clumsy.MatchString(text) {
		return text
	}
	if c.typed == nil {
		s := unmark.Replace(text)
		if ok, _ := c.reads(i, s); ok && !clumsy.MatchString(s) {
			return s
		}
	}
	s := c.asEntry(c.style.write(n, true))
	if ok, _ := c.reads(i, s); ok {
		return s
	}
	return text
}

// clumsy are marks that an edit leaves behind; unmark takes them away.
var unmark = strings.NewReplacer("''", "", "ᵀᵀ", "", "+ -", "- ", "+ −", "− ", "--", "")

var clumsy = lazyregexp.New(`''|ᵀᵀ|'ᵀ|\+\s*-|(?:^|[^\d.])1\s*\*|--`)

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
	read := c.reading()
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
	d.restated = c.restated
	for k := range c.given {
		if f := c.given[k]; f.of == nil || c.facts[f.of] != f || k >= len(res.Claims) {
			continue
		}
		if g := &res.Claims[k]; g.Of != nil && len(g.Sides) == 1 {
			if f := d.factOf(g, g.Of, g.Sides[0]); f != nil {
				if y := attempt(func() *Node { return f.put(d, f.of) }); y != nil {
					d.assume[f.of] = y
				}
			}
		}
	}
	for k := range c.assume {
		if c.facts[k] != nil {
			continue
		}
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
	return r == verify.Same, cl.Open
}
