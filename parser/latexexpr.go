package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// frac parses \frac{a}{b}: a quotient in brackets of its own, or a derivative.
func (p *climber) frac() ast.Expr {
	start := spanOf(p.next())
	if d := p.fracDerivative(start); d != nil || p.err != nil {
		return d
	}
	num := p.argument()
	if num == nil {
		return nil
	}
	at := p.last
	den := p.argument()
	if den == nil {
		return nil
	}
	q := p.binary(ast.Div, num, ast.Span{Start: at.End, End: at.End}, den)
	return &ast.Paren{X: q, Span: start.To(p.last)}
}

// argument parses the {group} after a command, or its one symbol.
func (p *climber) argument() ast.Expr {
	switch t := p.peek(); t.Type {
	case tLBrace:
		open := spanOf(p.next())
		x := p.nested(p.sum)
		if x == nil || !p.expect(tRBrace, "`}`") {
			return nil
		}
		// Braces hold together what a bare operand of / would not: ab, t(1 + n).
		switch x := x.(type) {
		case *ast.Name:
			if base, _, _ := strings.Cut(x.Text, "_"); utf8.RuneCountInString(base) == 1 {
				return x
			}
		case *ast.Number, *ast.Paren:
			return x
		}
		return &ast.Paren{X: x, Span: open.To(p.last)}
	case tNumber:
		return p.number()
	case tName:
		p.next()
		return nameOf(t.Value, t.Pos.Offset)
	default:
		return p.fail(unexpected(t, "an argument in braces", p.last))
	}
}

// fracDerivative parses \frac{\partial Q}{\partial W} and \frac{dQ}{dW} after
// \frac; it returns nil, having taken nothing, if both halves do not begin so.
func (p *climber) fracDerivative(start ast.Span) ast.Expr {
	if p.peek().Type != tLBrace {
		return nil
	}
	num := p.peekAt(1)
	n := p.bracketLength(0)
	if n < 0 || p.peekAt(n).Type != tLBrace {
		return nil
	}
	den := p.peekAt(n + 1)
	isD1 := func(t *lexer.Token) bool {
		return isD(t) || t.Type == tName && (t.Value == "d" || t.Value == `\mathrm{d}`)
	}
	is := isPartial
	switch {
	case num.Type == tPartial && den.Type == tPartial:
	case isD(num) && p.peekAt(2).Type != tRBrace, // \frac{\det(X)}{\det(Y)}
		den.Type == tName && !isD(den) && p.peekAt(n+2).Type == tRBrace: // \frac{dx}{d}
		return nil
	case num.Type == tName && den.Type == tName && isD1(num) && isD1(den):
		is = isD1
	default:
		return nil
	}
	p.next()
	t := p.next()
	d := &ast.Deriv{Order: 1}
	if isD(t) {
		d.Of = undD(t)
	}
	if order := p.orderAt(0); order > 0 && d.Of == nil {
		d.Order = order
		p.skipOrder()
	}
	if p.peek().Type != tRBrace && d.Of == nil {
		if d.Of = p.nested(p.run); d.Of == nil {
			return nil
		}
	}
	if !p.expect(tRBrace, "`}`") {
		return nil
	}
	p.next()
	if t := p.peek(); t.Type == tName && !isD(t) { // \frac{d Q}{d x}
		p.next()
		by := p.next()
		if by.Type != tName {
			return p.badDerivative(start.To(p.last), "")
		}
		d.By = []ast.Expr{nameOf(by.Value, by.Pos.Offset)}
		if d.Order == 2 && p.orderAt(0) == 2 {
			p.skipOrder()
			d.By = append(d.By, d.By[0])
		}
	} else if p.denominators(d, start, is) == nil {
		return nil
	}
	if len(d.By) != d.Order {
		return p.badDerivative(start.To(p.last), "")
	}
	if !p.expect(tRBrace, "`}`") {
		return nil
	}
	d.Span = start.To(p.last)
	if d.Of == nil {
		if !p.startsOperand() {
			return p.badDerivative(d.Span, "after it stands what is differentiated")
		}
		if d.Of = p.factor(); d.Of == nil {
			return nil
		}
		d.Span = d.Span.To(d.Of.Pos())
	}
	if t.Type == tName && isD(t) && isD(den) && d.Order == 1 {
		q := p.binary(ast.Div, nameOf(t.Value, t.Pos.Offset), ast.Span{}, nameOf(den.Value, den.Pos.Offset))
		d.Alt = &ast.Paren{X: q, Span: d.Span}
	}
	return d
}

// root parses \sqrt{x}, \sqrt[3]{x} and √x.
func (p *climber) root() ast.Expr {
	t := p.next()
	fun := &ast.Name{Text: "sqrt", Base: "sqrt", Src: t.Value, Span: spanOf(t)}
	var degree ast.Expr
	if p.peek().Type == tLBrack {
		p.next()
		if degree = p.nested(p.sum); degree == nil || !p.expect(tRBrack, "`]`") {
			return nil
		}
	}
	if !p.enter() {
		return nil
	}
	defer p.leave()
	var x ast.Expr
	if t.Value == "√" {
		x = p.atom()
	} else {
		x = p.argument()
	}
	if x == nil {
		return nil
	}
	span := fun.Span.To(p.last)
	if degree != nil {
		one := &ast.Number{Val: "1", Text: "1", Span: fun.Span}
		exp := &ast.Binary{Op: ast.Div, X: one, Y: degree, Span: degree.Pos()}
		return &ast.Power{Op: ast.Pow, X: &ast.Paren{X: x, Span: x.Pos()}, Exp: &ast.Paren{X: exp, Span: degree.Pos()}, Span: span}
	}
	if b, ok := x.(*ast.Paren); ok {
		x = b.X
	}
	return &ast.Call{Fun: fun, Args: []ast.Expr{x}, Span: span}
}

// decorated parses \underbrace{x}_{text} and \underset{N}{x}: x is what counts.
func (p *climber) decorated() ast.Expr {
	t := p.next()
	if t.Type == tOver {
		if !p.skipGroup() {
			return nil
		}
	}
	x := p.argument()
	if x == nil {
		return nil
	}
	for {
		switch n := p.peek(); {
		case n.Type == tSub && p.touches():
			p.next()
		case n.Type == tCaret && t.Value == `\overbrace`:
			p.next()
			if !p.skipGroup() {
				return nil
			}
		case n.Type == tBad && n.Value == "_" && t.Type == tBrace: // _{a long remark}
			p.next()
			if !p.skipGroup() {
				return nil
			}
		default:
			return x
		}
	}
}

// skipGroup passes over a {group} or one symbol.
func (p *climber) skipGroup() bool {
	if p.peek().Type == lexer.EOF {
		p.fail(unexpected(p.peek(), "an argument in braces", p.last))
		return false
	}
	depth := 0
	for {
		t := p.next()
		switch t.Type {
		case tLBrace:
			depth++
		case tRBrace:
			depth--
		case lexer.EOF:
			p.fail(unexpected(t, "`}`", p.last))
			return false
		}
		if depth <= 0 {
			return true
		}
	}
}

// cases parses a value by cases as the sum of value [condition] over the
// rows; "otherwise" is what the other conditions leave over.
func (p *climber) cases() ast.Expr {
	span := spanOf(p.next())
	var total, rest ast.Expr
	x := p.nested(func() ast.Expr {
		for p.peek().Type != tEndCases {
			value := p.sum()
			if value == nil {
				return nil
			}
			p.skip(tComma, tAmp, tText, tComma)
			if t := p.peek(); t.Type == tName && (t.Value == "if" || t.Value == "for" || t.Value == "when" || t.Value == `\text{if}` || t.Value == `\text{if }`) {
				p.next()
			}
			var cond ast.Expr
			switch t := p.peek(); t.Type {
			case tEOL, tEndCases, tName:
				if t.Type == tName && p.peekAt(1).Type != tEOL && p.peekAt(1).Type != tEndCases {
					break
				}
				p.skip(tName)
				one := &ast.Number{Val: "1", Text: "1", Span: spanOf(t)}
				cond = one
				if rest != nil {
					cond = p.binary(ast.Sub, one, ast.Span{}, rest)
				}
			}
			if cond == nil {
				v := &ast.Iverson{Span: spanOf(p.peek())}
				p.comparison(v, tEOL, tEndCases, tComma)
				if p.err != nil {
					return nil
				}
				if len(v.Ops) == 0 {
					return p.fail(unexpected(p.peek(), "a condition", p.last))
				}
				v.Span = v.Span.To(p.last)
				cond = v
				if rest = join(p, rest, v); rest == nil {
					return nil
				}
			}
			row := p.binary(ast.ElemMul, &ast.Paren{X: value, Span: value.Pos()}, ast.Span{}, &ast.Paren{X: cond, Span: cond.Pos()})
			total = join(p, total, row)
			p.skip(tComma)
			if t := p.peek(); t.Type == tEOL {
				p.next()
			} else if t.Type != tEndCases {
				return p.fail(unexpected(t, "", p.last))
			}
		}
		return total
	})
	if x == nil {
		if p.err == nil {
			p.fail(unexpected(p.peek(), "a value", p.last))
		}
		return nil
	}
	p.next()
	return &ast.Paren{X: x, Span: span.To(p.last)}
}

func join(p *climber, x, y ast.Expr) ast.Expr {
	if x == nil {
		return y
	}
	return p.binary(ast.Add, x, ast.Span{}, y)
}

// skip passes over tokens of the kinds, in order, each optional.
func (p *climber) skip(kinds ...lexer.TokenType) {
	for _, k := range kinds {
		if p.peek().Type == k {
			p.next()
		}
	}
}
