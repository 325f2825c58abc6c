// Package render prints expressions and whole results.
//
//	expr ──build──▶ tree (what is written: short broadcasts, powers, quotients)
//	                  │ write, one precedence table (ast.Op levels)
//	                  ├─▶ Text    Xᵀ(Y − softmax(X W + b))
//	                  ├─▶ ASCII   X'*(Y - softmax(X*W + b))
//	                  └─▶ LaTeX   X^{\top} \left( Y - \operatorname{softmax}(X W + b) \right)
//
//	Doc (reading, shapes, named parts, gradients, steps, verification)
//	                  ──▶ terminal text · Markdown · LaTeX · JSON
//
// Text and ASCII are programs of the language: read again they have the same
// value and print the same.
package render

import (
	"github.com/matdiff/matdiff/expr"
)

// Style is a notation.
type Style uint8

// The notations.
const (
	Text  Style = iota // Unicode, for reading in a terminal
	ASCII              // for typing; names that are not ASCII stay as typed
	LaTeX              // for typesetting
)

// String names the style as the command line does.
func (s Style) String() string {
	switch s {
	case Text:
		return "text"
	case ASCII:
		return "ascii"
	case LaTeX:
		return "latex"
	}
	return "unknown"
}

// MaxTokens bounds the length of a printed expression. A shared part is
// written out at every use, so a small DAG can have a text of any length;
// beyond the bound Expr prints Omitted instead. Naming shared parts keeps
// results far below it.
const MaxTokens = 2_000_000

// Omitted stands for an expression with more than MaxTokens tokens.
const Omitted = "…"

// Expr prints n in the style given.
func Expr(n *expr.Node, style Style) string { return NewPrinter(style).Expr(n) }

// Printer prints expressions of one derivation in one style and remembers
// what it has laid out. It is not safe for concurrent use.
type Printer struct {
	style Style
	typed bool // sums keep their order, whatever sign stands first
	hand  Hand
	taken map[string]bool
	memo  map[*expr.Node]*tree
}

// NewPrinter returns a Printer. The names are those that the program declares
// or defines: the identity prints as eye(n) where a variable is called I.
func NewPrinter(style Style, names ...string) *Printer {
	p := &Printer{style: style, taken: make(map[string]bool, len(names)), memo: make(map[*expr.Node]*tree)}
	for _, n := range names {
		p.taken[n] = true
	}
	return p
}

// Expr prints n.
func (p *Printer) Expr(n *expr.Node) string { return p.operand(n, 0) }

// operand prints n, in brackets where it binds less than level.
func (p *Printer) operand(n *expr.Node, level int) string {
	t := p.tree(n)
	if t.size > MaxTokens {
		return Omitted
	}
	w := writer{style: p.style, side: p.hand.Side}
	w.put(t, level)
	return w.out.String()
}

// Hand is how somebody writes a style.
type Hand struct {
	InOrder bool // sums keep the order of their terms, whatever sign stands first
	Side    bool // ASCII products as in A x, not A*x
	Inv     bool // inv(A) in Text, not A⁻¹
	InvMark bool // A^-1 in ASCII, not inv(A)
	Sums    bool // rowsum(A) and colsum(A) in Text, not A𝟏 and 𝟏ᵀA
	Squares bool // A.^2 in Text, not A ∘ A
}

// In makes p print in the hand given. It must come before an expression is
// printed.
func (p *Printer) In(h Hand) *Printer {
	p.hand, p.typed = h, h.InOrder
	return p
}

// star tells whether a product has a sign between its factors.
func (p *Printer) star() bool { return p.style == ASCII && !p.hand.Side }

// sums tells whether sums over rows and columns are calls.
func (p *Printer) sums() bool { return p.style == ASCII || p.style == Text && p.hand.Sums }

// Alias makes n print as a name from now on, as a definition does. It must
// come before an expression that holds n is printed.
func (p *Printer) Alias(n *expr.Node, name string) {
	if len(n.Args) > 0 {
		p.memo[n] = leaf(fName, spell(name, p.style))
	}
}

// Name prints a name of the program: as typed, in LaTeX as a symbol.
func (p *Printer) Name(name string) string { return spell(name, p.style) }

// Length returns the number of tokens of the ASCII form of n: names, numbers,
// operators and functions count one each, brackets and commas nothing, and a
// shared part counts at every use. It walks the DAG once and prints nothing.
func Length(n *expr.Node) int { return NewMeter().Length(n) }

// Meter computes lengths and remembers them, for the many related
// expressions of a search. It is not safe for concurrent use.
type Meter struct{ p *Printer }

// NewMeter returns an empty Meter.
func NewMeter() *Meter { return &Meter{NewPrinter(ASCII)} }

// Length is the function Length.
func (m *Meter) Length(n *expr.Node) int { return m.p.tree(n).size }
