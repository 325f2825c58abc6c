package parser

import (
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

var (
	markdownHead = lazyregexp.New(`\A {0,3}#{1,6}[ \t]+\S`)
	texHead      = lazyregexp.New(`\A\s*\\(?:part|chapter|(?:sub)*section|(?:sub)?paragraph|begin\{(?:exercise|problem|theorem|example|lemma|frame|solution)\})`)
	numberedHead = lazyregexp.New(`\A\s*(?:\*\*|__)?\pL+\s+\d+(?:\.\d+)*[.:)]?(?:\*\*|__)?\s*\z`)
)

// maxHeading is the most words of a heading that has no mark.
const maxHeading = 6

// headings returns where headings begin: lines marked as such, "Problem 3",
// and a few words alone between empty lines.
func headings(src string, regions []region, tex bool) []int {
	var out []int
	lines := strings.SplitAfter(src, "\n")
	empty := func(i int) bool { return i < 0 || i >= len(lines) || strings.TrimSpace(lines[i]) == "" }
	at, inCode := 0, false
	for i, l := range lines {
		from := at
		at += len(l)
		for len(regions) > 0 && regions[0].end < from {
			regions = regions[1:]
		}
		math := len(regions) > 0 && regions[0].start < at
		if !tex && fence.MatchString(strings.TrimRight(l, "\r\n")) {
			inCode = !inCode
		}
		if math || inCode {
			continue
		}
		t := strings.TrimSpace(l)
		switch {
		case tex && texHead.MatchString(l), !tex && markdownHead.MatchString(l), numberedHead.MatchString(t):
		case t == "" || tex || strings.ContainsAny(t, "$\\=") || strings.ContainsAny(t[len(t)-1:], ".,;:!?-"):
			continue
		case !empty(i-1) || !empty(i+1) || len(strings.Fields(t)) > maxHeading || !hasWords(t) || strings.ContainsAny(t[:1], "-*+>|<("):
			continue
		}
		out = append(out, from)
	}
	return out
}
