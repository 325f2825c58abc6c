package parser

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// A printed recursion is a program, in which the adjoints and the gradients
// stand behind the objective. What it claims is what is derived, so both are
// passed over:
//
//	Q = norm(a^L - y)^2/2
//	δ^L = (a^L - y) .* a^L .* (1 - a^L)         used by claims only
//	dQ/dW^l = δ^l*(a^{l-1})', l = 1..L          a claim

var (
	slope   = `(?:(?:d|∂|\\partial\b)\s*\\?(\pL[^\s/]*)\s*/\s*(?:d|∂|\\partial\b)\s*[\\\pL]|\\[dt]?frac\s*\{\s*(?:d|∂|\\partial\b)\s*([^{}]*)\}\s*\{\s*(?:d|∂|\\partial\b))`
	slopeRE = lazyregexp.New(`^` + slope)
	slopeIn = lazyregexp.New(`(?:^|[^\pL\\])` + slope)
	wordRE  = lazyregexp.New(`\pL+`)
)

// sides takes an equation apart. An index that steps, as in Σ_{t=1}^T, is none
// of its sides.
func sides(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case '=':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}

// claims tells ∂Q/∂W^l = … and δ^l = ∂Q/∂z^l = … .
func claims(s string) bool {
	all := sides(s)
	for i, side := range all[:len(all)-1] {
		if slopeRE.MatchString(side) && i <= 1 {
			return true
		}
	}
	return false
}

// defines returns the name that a statement defines, without its level: δ of
// δ^L = …; "" if it defines none.
func defines(s string) string {
	all := sides(s)
	if len(all) < 2 {
		return ""
	}
	if m := levelRE.FindStringSubmatch(all[0]); m != nil && m[0] == all[0] {
		return strings.TrimPrefix(m[1], `\`)
	}
	if wordRE.FindString(all[0]) == all[0] {
		return all[0]
	}
	return ""
}

// withoutClaims leaves out the claims of gradients and the definitions behind
// the objective that only claims use, and says what was passed over.
func withoutClaims(rest []stepText) ([]stepText, string) {
	var claimed []string
	of, used := make(map[string]bool), make(map[string]bool) // what the claims are about, what they use
	for _, s := range rest {
		if !claims(s.text) {
			continue
		}
		claimed = append(claimed, s.text)
		all := sides(s.text)
		for _, side := range all[:len(all)-1] {
			if m := slopeRE.FindStringSubmatch(side); m != nil {
				of[wordRE.FindString(m[1]+m[2])] = true
			}
		}
		for _, w := range wordRE.FindAllString(all[len(all)-1], -1) {
			used[w] = true
		}
	}
	if len(claimed) == 0 {
		return rest, ""
	}
	for again := true; again; { // what a used name is made of is used
		again = false
		for _, s := range rest {
			if !used[defines(s.text)] || claims(s.text) {
				continue
			}
			for _, w := range wordRE.FindAllString(s.text, -1) {
				again = again || !used[w]
				used[w] = true
			}
		}
	}
	objective, slope := -1, len(rest)
	for i, s := range rest {
		if of[defines(s.text)] {
			objective = i
		}
		if slope == len(rest) && slopeIn.MatchString(s.text) {
			slope = i
		}
	}
	if objective < 0 { // the loss has no formula: δ^L = ∂Q/∂a^L ∘ …
		objective = slope - 1
	}
	var out []stepText
	for i, s := range rest {
		if d := defines(s.text); claims(s.text) || i > objective && used[d] && d != "" {
			continue
		}
		out = append(out, s)
	}
	more := ""
	if n := len(claimed) - 1; n == 1 {
		more = " and 1 more claim"
	} else if n > 1 {
		more = fmt.Sprintf(" and %d more claims", n)
	}
	return out, fmt.Sprintf("passed over %s%s: matdiff check tests claims", claimed[0], more)
}
