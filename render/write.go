package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/rules"
)

// writer spells a tree. Brackets come from one rule: an operand whose level
// is below what its place demands is bracketed.
type writer struct {
	style Style
	side  bool // ASCII products are A x, not A*x
	out   strings.Builder
}

// signs are the spellings of the operators, by style.
var signs = [...]struct{ minus, unary, times, dot, had, eldiv, trans, inv, invTrans string }{
	Text:  {" − ", "−", " ", " · ", " ∘ ", " ./ ", "ᵀ", "⁻¹", "⁻ᵀ"},
	ASCII: {" - ", "-", "*", "*", " .* ", " ./ ", "'", "^-1", "^-T"},
	LaTeX: {" - ", "-", " ", ` \cdot `, ` \odot `, ` \oslash `, `^{\top}`, "^{-1}", `^{-\top}`},
}

func (w *writer) star() bool { return w.style == ASCII && !w.side }

func (w *writer) put(t *tree, need int) {
	if t.level >= need {
		w.bare(t)
		return
	}
	if w.style == LaTeX {
		inner := writer{style: w.style, side: w.side}
		inner.bare(t)
		w.out.WriteString(bracketed(inner.out.String()))
		return
	}
	w.out.WriteByte('(')
	w.bare(t)
	w.out.WriteByte(')')
}

// bracketed puts s in brackets, which grow where s is taller than a line.
func bracketed(s string) string {
	if tall(s) {
		return `\left( ` + s + ` \right)`
	}
	return "(" + s + ")"
}

func (w *writer) bare(t *tree) {
	s := &signs[w.style]
	switch t.form {
	case fName, fNumber, fAdjoint:
		w.out.WriteString(t.text)
	case fOnes:
		w.out.WriteString(w.onesAlone())
	case fSum:
		for i, k := range t.kids {
			switch {
			case t.minus[i] && i == 0:
				w.out.WriteString(s.unary)
			case t.minus[i]:
				w.out.WriteString(s.minus)
			case i > 0:
				w.out.WriteString(" + ")
			}
			w.put(k, ast.LevelUnary+1)
		}
	case fNeg:
		w.out.WriteString(s.unary)
		w.put(t.kids[0], ast.LevelUnary+1)
	case fProd:
		w.product(t)
	case fHad:
		for i, k := range t.kids {
			if i > 0 {
				w.out.WriteString(s.had)
			}
			need := ast.LevelJuxt
			if i == 0 && k.form == fProd && (k.lead == len(k.kids)-1 || !w.star()) {
				need = ast.LevelProduct // 2*A .* B, 2/3 X W ∘ Y
			} else if i > 0 && k.form == fProd && k.lead < len(k.kids)-1 {
				need = ast.LevelPostfix // P ∘ (Y 𝟏): not needed, but P ∘ Y 𝟏 is easily misread
			}
			w.put(k, need)
		}
	case fElDiv:
		need := ast.LevelProduct
		if f := t.kids[0].form; f == fElDiv || f == fProd && w.star() && t.kids[0].lead < len(t.kids[0].kids)-1 {
			need = ast.LevelPostfix
		}
		w.put(t.kids[0], need)
		w.out.WriteString(s.eldiv)
		w.put(t.kids[1], ast.LevelPostfix)
	case fDiv:
		w.quotient(t)
	case fPow:
		w.put(t.kids[0], ast.LevelAtom)
		w.exponent(t.kids[1], "^")
	case fElPow:
		w.put(t.kids[0], ast.LevelAtom)
		w.exponent(t.kids[1], ".^")
	case fTrans:
		if t.kids[0].form == fOnes && w.style == Text {
			w.out.WriteString("1ᵀ")
			return
		}
		w.put(t.kids[0], ast.LevelAtom)
		w.out.WriteString(s.trans)
	case fInv:
		w.put(t.kids[0], ast.LevelAtom)
		w.out.WriteString(s.inv)
	case fInvTrans:
		w.put(t.kids[0], ast.LevelAtom)
		w.out.WriteString(s.invTrans)
	case fCall:
		w.call(t)
	case fForm:
		w.form(t)
	default:
		panic(fmt.Sprintf("render: no spelling for a piece of form %d (%T)", t.form, t))
	}
}

func (w *writer) onesAlone() string {
	if w.style == LaTeX {
		return `\mathbf{1}`
	}
	return "𝟏"
}

// product writes factors side by side, with a sign only where two would run
// together.
func (w *writer) product(t *tree) {
	start := w.out.Len()
	for i, k := range t.kids {
		need := ast.LevelPostfix
		if i == 0 && k.form == fNumber {
			need = ast.LevelProduct // 2/3 X
		}
		part := writer{style: w.style, side: w.side}
		before := i > 0 && t.kids[i-1].form == fTrans
		after := i+1 < len(t.kids) && t.kids[i+1].form == fTrans
		switch {
		case w.style != Text:
			part.put(k, need)
		case k.form == fOnes && (before || after) && !(after && onesRow(t.kids[i+1])):
			part.out.WriteString("1") // 1bᵀ, Xᵀ1: straight against a transposed factor
		case onesRow(k) && i > 0 && t.kids[i-1].form == fOnes:
			part.out.WriteString("𝟏ᵀ") // 𝟏𝟏ᵀ: 11ᵀ is easily taken for eleven
		default:
			part.put(k, need)
		}
		right := part.out.String()
		switch {
		case i == 0:
		case w.star():
			w.out.WriteByte('*')
		default:
			w.out.WriteString(w.between(t.kids[i-1], k, w.out.String()[start:], right))
		}
		w.out.WriteString(right)
	}
}

// onesRow tells 1ᵀ.
func onesRow(t *tree) bool { return t.form == fTrans && t.kids[0].form == fOnes }

// between is what separates two factors in Text and LaTeX.
func (w *writer) between(l, r *tree, left, right string) string {
	s := &signs[w.style]
	if l.form == fNumber && startsWithDigit(right) {
		return s.dot
	}
	if w.style == LaTeX {
		return " "
	}
	last, _ := utf8.DecodeLastRuneInString(left)
	switch {
	case strings.HasPrefix(right, "("):
		switch {
		case l.form == fName && rules.Lookup(l.text) != nil:
			return s.dot // would read as a call
		case l.form == fName && l.level < ast.LevelAtom: // δ^l (a^{l-1})ᵀ
			return " "
		case l.form == fAdjoint || l.form == fCall || l.form == fForm || l.level == ast.LevelProduct:
			return " "
		}
		return ""
	case l.form == fOnes:
		if r.form == fTrans {
			return "" // 1bᵀ
		}
	case r.form == fOnes && l.form == fTrans:
		return "" // Xᵀ1
	case (last == 'ᵀ' || last == '\'') && l.form == fTrans:
		if c := core(r); c.form == fName && oneLetter(c.text) || c.form == fOnes && r.form == fTrans {
			return ""
		}
	}
	return " "
}

// core is the operand under postfix operators.
func core(t *tree) *tree {
	for t.form == fTrans || t.form == fPow || t.form == fElPow || t.form == fInv || t.form == fInvTrans {
		t = t.kids[0]
	}
	return t
}

func oneLetter(name string) bool {
	n := 0
	for _, r := range name {
		if r == '_' {
			break
		}
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n == 1
}

func startsWithDigit(s string) bool {
	return s != "" && s[0] >= '0' && s[0] <= '9' || strings.HasPrefix(s, `\frac`)
}

func (w *writer) quotient(t *tree) {
	if w.style == LaTeX {
		w.out.WriteString(`\frac{`)
		w.put(t.kids[0], 0)
		w.out.WriteString("}{")
		w.put(t.kids[1], 0)
		w.out.WriteByte('}')
		return
	}
	need := ast.LevelProduct
	switch t.kids[0].form {
	case fElDiv:
		need = ast.LevelPostfix // (y ./ p)/N, not y ./ (p/N)
	case fAdjoint:
		need = ast.LevelAtom // (∂y/∂x)/z
	}
	w.put(t.kids[0], need)
	w.out.WriteByte('/')
	need = ast.LevelPostfix
	if t.kids[1].form == fAdjoint {
		need = ast.LevelAtom
	}
	w.put(t.kids[1], need)
}

var superscripts = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

func (w *writer) exponent(e *tree, op string) {
	if w.style == LaTeX {
		w.out.WriteString("^{")
		if op == ".^" {
			w.out.WriteString(`\circ `)
			w.put(e, ast.LevelUnary)
		} else {
			w.put(e, 0)
		}
		w.out.WriteByte('}')
		return
	}
	sign, digits := "", e
	if e.form == fNeg {
		sign, digits = "⁻", e.kids[0]
	}
	whole := digits.form == fNumber && strings.Trim(digits.text, "0123456789") == ""
	if whole && w.style == Text && op == "^" {
		w.out.WriteString(sign + superscripts.Replace(digits.text))
		return
	}
	w.out.WriteString(op)
	bare := e.form == fName && e.text != "T" || e.form == fNumber && e.level == ast.LevelAtom && !strings.ContainsAny(e.text, "½⅓¼")
	if bare {
		w.bare(e)
		return
	}
	w.out.WriteByte('(')
	w.bare(e)
	w.out.WriteByte(')')
}

func (w *writer) call(t *tree) {
	w.out.WriteString(t.text)
	args := writer{style: w.style, side: w.side}
	for i, k := range t.kids {
		if i > 0 {
			args.out.WriteString(", ")
		}
		args.put(k, 0)
	}
	s := args.out.String()
	if w.style == LaTeX && tall(s) {
		w.out.WriteString(`\left(` + s + `\right)`)
		return
	}
	w.out.WriteString("(" + s + ")")
}

// tall tells whether brackets round s should grow.
func tall(s string) bool { return strings.Contains(s, `\frac`) || strings.Contains(s, `\left`) }

func (w *writer) form(t *tree) {
	s := t.text
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) {
			w.out.WriteString(s)
			return
		}
		k := int(s[i+1] - '1')
		part := writer{style: w.style, side: w.side}
		part.put(t.kids[k], t.slots[k])
		inner := part.out.String()
		before, after := s[:i], s[i+2:]
		if w.style == LaTeX && tall(inner) && strings.HasSuffix(before, "(") && strings.HasPrefix(after, ")") && !strings.HasSuffix(before, `\left(`) {
			before = before[:len(before)-1] + `\left(`
			after = `\right` + after
		}
		w.out.WriteString(before)
		w.out.WriteString(inner)
		s = after
	}
}
