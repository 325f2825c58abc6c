package check

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
)

// A line about a differential holds constant what it does not disturb. That is
// said: of what other lines disturb on the line itself, of the rest once.

// held returns the inputs of what a right claim speaks of that the line holds
// constant: those that another line disturbs, and those that none does.
func (c *checker) held(cl *infer.Claim, n *Node) (here, always []string) {
	if cl.Kind != infer.ClaimDifferential || cl.Of == nil {
		return nil, nil
	}
	var moved []string
	for _, m := range expr.Topo(n) {
		if m.Op != expr.OpVar || m.Var.Kind != expr.Differential || m.Var.Of == nil {
			continue
		}
		if isInput(m.Var.Of) {
			moved = append(moved, m.Var.Of.Var.Name)
			continue
		}
		for _, v := range inputs(m.Var.Of) { // dr moves with whatever it does
			moved = append(moved, v.Name)
		}
	}
	for _, v := range inputs(cl.Of) {
		switch {
		case v.Const || slices.Contains(moved, v.Name):
		case slices.Contains(c.moving, v.Name):
			here = append(here, v.Name)
		default:
			always = append(always, v.Name)
		}
	}
	return here, always
}

// noteHeld records what a right line holds constant and returns what is to be
// said of it.
func (c *checker) noteHeld(cl *infer.Claim, n *Node) string {
	here, always := c.held(cl, n)
	for _, v := range always {
		if !slices.Contains(c.constant, v) {
			c.constant = append(c.constant, v)
		}
	}
	if len(here) == 0 {
		return ""
	}
	return "with " + listed(here) + " held constant"
}

// listed writes a, b and c.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
