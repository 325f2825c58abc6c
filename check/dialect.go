package check

import (
	"strings"

	"github.com/matdiff/matdiff/render"
)

// dialect is the notation of a line: a style, a hand, and the marks in which
// the line differs from it. A fix is written in it.
type dialect struct {
	style render.Style
	hand  render.Hand
	marks *strings.Replacer // from those of the style
}

// plainDialect is what is always read back.
var plainDialect = dialect{style: render.ASCII}

// write spells an expression; inOrder keeps the order of the terms of sums.
func (d dialect) write(n *Node, inOrder bool) string {
	d.hand.InOrder = inOrder
	s := render.NewPrinter(d.style).In(d.hand).Expr(n)
	if d.marks != nil {
		s = d.marks.Replace(s)
	}
	return standIns.ReplaceAllString(s, "")
}

// mathSigns are signs that plain typing has not, plainSigns what stands in
// their place.
const mathSigns = "ᵀ⊤⊙∘⊗‖·½¼⅓²³⁻⟨𝟏√−"

var plainSigns = []string{".*", "norm(", "sigmoid(", "^2", "^3", "^T"}

// dialectOf finds the notation that the right side of a line is written in:
// LaTeX, mathematical signs, or plain letters. What it does not show is as in
// the line, or in the text.
func dialectOf(line, whole, text string) dialect {
	signs := func(s string) bool { return strings.ContainsAny(s, mathSigns) }
	bare := !signs(line) && !anyOf(line, plainSigns)
	if strings.Contains(line, `\`) || bare && !starred(line) && !strings.Contains(line, "./") && (strings.Contains(text, `\top`) || strings.Contains(whole, `\`)) {
		return dialect{style: render.LaTeX}
	}
	d := dialect{style: render.ASCII}
	d.hand.InvMark = strings.Contains(text, "^-1") && !strings.Contains(text, "inv(")
	switch {
	case !signs(line) && (starred(line) || bare && !juxtaposed(line) && starred(text)):
		d.marks = strings.NewReplacer(transposes(line, text)...)
		return d
	case signs(line), bare && signs(text):
		d.style = render.Text
		d.hand.Inv = strings.Contains(text, "inv(") && !anyOf(text, []string{"⁻", "^-1", "^{-"})
		d.hand.Squares = strings.Contains(text, ".^")
		d.hand.Sums = !anyOf(text, []string{"𝟏", "1ᵀ", "1'", "'1", "ᵀ1"})
	default:
		d.hand.Side = true
	}
	swaps := transposes(line, text)
	swap := func(from, to string) { // where the text writes to and not from
		if !strings.Contains(text, from) && strings.Contains(text, to) {
			swaps = append(swaps, from, to)
		}
	}
	for _, m := range []string{".*", "⊙", "∘"} {
		if strings.Contains(line, m) || !anyOf(line, []string{".*", "⊙", "∘"}) && strings.Contains(text, m) {
			swaps = append(swaps, " ∘ ", " "+m+" ", " .* ", " "+m+" ")
			break
		}
	}
	if d.style == render.Text {
		swap("−", "-")
		swap("½", "1/2")
		swap("σ(", "sigmoid(")
		if strings.Contains(text, "^") && !strings.ContainsAny(text, "²³⁻") {
			swaps = append(swaps, "⁻¹", "^-1", "²", "^2", "³", "^3", "⁴", "^4")
		}
	} else {
		swap("sigmoid(", "σ(")
	}
	d.marks = strings.NewReplacer(swaps...)
	return d
}

// respell puts the marks of a line where an edit of its text put plain ones.
func (d dialect) respell(edited, line string) string {
	if d.marks == nil {
		return edited
	}
	if !strings.Contains(line, ".*") && strings.ContainsAny(line, "⊙∘") {
		edited = strings.ReplaceAll(edited, ".*", strings.TrimSpace(d.marks.Replace(" .* ")))
	}
	if !strings.Contains(line, "'") {
		edited = strings.ReplaceAll(edited, "'", d.marks.Replace("'"))
	}
	return edited
}

// transposes are the replacements of the marks of a transpose by those that
// the line, or else the text, uses.
func transposes(line, text string) []string {
	for _, s := range []string{line, text} {
		switch {
		case strings.ContainsAny(s, "ᵀ⊤"):
			return []string{"'", "ᵀ"}
		case strings.Contains(s, "'"):
			return []string{"⁻ᵀ", "^-T", "ᵀ", "'"}
		case strings.Contains(s, ".T"):
			return []string{"⁻ᵀ", "^-T", "ᵀ", ".T", "'", ".T"}
		case strings.Contains(s, "^T"):
			return []string{"⁻ᵀ", "^-T", "ᵀ ", "^T ", "ᵀ(", "^T (", "ᵀ)", "^T)", "ᵀ", "^T ", "'*", "^T*", "')", "^T)", "'", "^T "}
		}
	}
	return nil
}

func anyOf(s string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// starred tells a text that writes matrix products with a sign.
func starred(s string) bool {
	return strings.ContainsAny(strings.ReplaceAll(strings.ReplaceAll(s, ".*", ""), "^*", ""), "*@")
}

// juxtaposed tells a text that writes a product without one: two letters or
// brackets side by side.
func juxtaposed(s string) bool {
	var last rune
	space := false
	for _, r := range s {
		if r == ' ' {
			space = true
			continue
		}
		opens := letter(r) || r == '(' || r == '𝟏'
		if opens && (space && letter(last) || strings.ContainsRune(")'ᵀ⊤²", last) || last >= '0' && last <= '9' && r != '(' && letter(r)) {
			return true
		}
		last, space = r, false
	}
	return false
}
