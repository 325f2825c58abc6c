package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/verify"
)

// "Let U'U = I", "assume w'w = 1" and "if A B = B A" suppose an equation that no
// property of the language stands for. What the text says after it is judged at
// points where it holds, if it is not right anyway.

var (
	supposes = lazyregexp.New(`(?i)(?:(?:^|[\s,;.(])(?:let|assum\pL*|suppos\pL*|provided|sei|seien|angenommen|пусть|предпол\pL*|допустим|soit|soient)|^\s*(?:if|given|under|falls|wenn|если|si))\s+(?:(?:now|also|that|further|additionally|jetzt|nun|außerdem|dass|что|теперь|que)[\s,]+)*$`)
	since    = lazyregexp.New(`(?i)(?:^|[\s,;.(])(?:since|because|as|recall|recalling|using|by|da|weil|denn|так как|т\.к\.|потому что|поскольку|car|puisque)\s+(?:(?:that|of|the|fact|identity|dass|что|que)[\s,]+)*$`)
)

// wordsBefore are those of the line before a claim, as typed.
func (c *checker) wordsBefore(cl *infer.Claim) string {
	if len(c.words) != len(c.src) || cl.Span.Start > len(c.words) {
		return ""
	}
	at := cl.Span.Start
	return c.words[strings.LastIndexByte(c.words[:at], '\n')+1 : at]
}

// suppose takes a false equation for an assumption where the words before it say
// so.
func (c *checker) suppose(i int, of, n *Node, out *Line) bool {
	cl := &c.res.Claims[i]
	if of == nil || of.Shape != n.Shape || of.HasD || n.HasD || !supposes.MatchString(c.wordsBefore(cl)) || saysZero(c.wordsBefore(cl)) {
		return false
	}
	s := stated{claim: i, g: c.b.Sub(of, n)}
	if hasAdjoint(s.g) {
		return false
	}
	out.Verdict, out.Reason = Right, "an assumption, not a claim"
	c.supposed = append(c.supposed, s)
	return true
}

// supposedly judges an equality where what the text supposes holds. It returns
// the reason by which it is right, "" if it is not.
func (c *checker) supposedly(x, y *Node) string {
	if len(c.supposed) == 0 || x == nil || y == nil || x.Shape != y.Shape || x.HasD || y.HasD || hasAdjoint(x) || hasAdjoint(y) {
		return ""
	}
	var g []*Node
	var by []*expr.Var
	var said []string
	for _, s := range c.supposed {
		g = append(g, c.assumed(s.g))
		for _, v := range inputs(s.g) {
			if !v.Const && !slices.Contains(by, v) {
				by = append(by, v)
			}
		}
		said = append(said, strings.TrimRight(c.res.Claims[s.claim].Text, " .,;"))
	}
	cmp, err := verify.Where(c.ctx, c.prog, g, by, c.assumed(x), c.assumed(y), verify.Options{Seed: c.opt.Seed})
	c.unsettled = ""
	if err != nil || cmp.Verdict == verify.Undecided {
		c.unsettled = "it does not hold in general, and it is not settled where " + listed(said)
		return ""
	}
	if cmp.Verdict != verify.Same {
		return ""
	}
	return "right where " + listed(said)
}
