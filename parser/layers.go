package parser

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// Texts on networks number the layers above: W^{[1]}, z^{(2)}, a^{[l]}. Square
// brackets there can be nothing else; round ones are a layer where the text
// defines a name with them, z^{(1)} = …, or sums over what is in them, and an
// exponent otherwise. The number becomes the subscript of the name: W_1.

// layers joins the tokens of W^{[1]}, and of W^{[1]}_{ij}, into one name.
func layers(src string, toks []lexer.Token) ([]lexer.Token, []ast.Note) {
	if !strings.ContainsAny(src, "[(") || !strings.Contains(src, "^") {
		return toks, nil
	}
	runs := map[string]bool{} // x^{(i)} below Σ_{i=1}^m is example i
	for _, m := range sumIndex.FindAllStringSubmatch(src, -1) {
		runs[m[1]] = true
	}
	round := func(inside string) bool { return runs[inside] }
	all := func(string) bool { return true }
	for i := range toks {
		if i > 0 && toks[i-1].Type != tEOL && toks[i-1].Type != tSemi && toks[i-1].Type != tComma {
			continue
		}
		if n, _, ok := layerAt(toks[i:], all); ok && i+n < len(toks) && toks[i+n].Type == tEq {
			round = all
		}
	}
	var out []lexer.Token
	var notes []ast.Note
	for i := 0; i < len(toks); i++ {
		n, trans, ok := layerAt(toks[i:], round)
		if !ok {
			if out != nil {
				out = append(out, toks[i])
			}
			continue
		}
		if out == nil {
			out = slices.Clone(toks[:i])
		}
		last := toks[i+n-1]
		t := lexer.Token{Type: tName, Value: src[toks[i].Pos.Offset:endOf(last)], Pos: toks[i].Pos}
		out = append(out, t)
		if trans != nil {
			out = append(out, *trans)
		}
		if len(notes) == 0 {
			notes = append(notes, ast.Note{Span: spanOf(&t), Text: "read " + t.Value + " as the name " + nameOf(t.Value, 0).Text + ": what is raised in brackets numbers layers"})
		}
		i += n - 1
	}
	if out == nil {
		return toks, nil
	}
	return out, notes
}

var sumIndex = lazyregexp.New(`(?:\\sum|\\prod|∑|∏|Σ|Π)\s*_\s*\{?\s*([a-z])\b`)

// layerAt tells a name with a number in raised brackets at the start of toks,
// and how many tokens it has; the transpose of W^{[1]\top} stands behind it.
func layerAt(toks []lexer.Token, round func(inside string) bool) (n int, trans *lexer.Token, ok bool) {
	is := func(k int, kinds ...lexer.TokenType) bool {
		return k < len(toks) && slices.Contains(kinds, toks[k].Type)
	}
	if !is(0, tName) || !is(1, tCaret) {
		return 0, nil, false
	}
	k := 2
	braces := is(k, tLBrace)
	if braces {
		k++
	}
	close := tRBrack
	switch {
	case is(k, tLBrack):
	case is(k, tOpen) && braces && k+1 < len(toks) && round(toks[k+1].Value):
		close = tClose
	default:
		return 0, nil, false
	}
	if !is(k+1, tNumber, tName) || len(toks[k+1].Value) > 2 || !is(k+2, close) {
		return 0, nil, false
	}
	k += 3
	if braces {
		if is(k, tTrans) || is(k, tName) && toks[k].Value == "T" {
			t := toks[k]
			t.Type = tTrans
			trans = &t
			k++
		}
		if !is(k, tRBrace) {
			return 0, nil, false
		}
		k++
	}
	if is(k, tSub) {
		k++
	}
	return k, trans, true
}

// layered spells a name with a raised number: W^{[1]}_{ij} is W_{1ij}.
func layered(raw string) (string, bool) {
	name, above, ok := strings.Cut(raw, "^")
	if !ok {
		return raw, false
	}
	above, below, _ := strings.Cut(above, "_")
	name, sub, _ := strings.Cut(name, "_")
	number, _, _ := strings.Cut(strings.NewReplacer("{", "", "[", "", "(", "", " ", "", "]", "\x00", ")", "\x00").Replace(above), "\x00")
	strip := func(s string) string { return strings.Trim(strings.TrimSpace(s), "{}") }
	return name + "_{" + number + strip(sub) + strip(below) + "}", true
}
