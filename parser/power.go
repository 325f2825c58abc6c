package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// attach puts a subscript that follows an exponent onto the name below it.
func attach(x ast.Expr, t *lexer.Token) ast.Expr {
	switch x := x.(type) {
	case *ast.Name:
		if x.Sub != "" {
			return nil
		}
		n := *x
		_, _, n.Sub = canonical("x" + t.Value)
		if !isSubscript(n.Sub) {
			return nil
		}
		n.Text += subscript(n.Sub)
		return &n
	case *ast.Paren:
		if n, ok := x.X.(*ast.Name); ok && n.Sub == "" {
			if y := attach(n, t); y != nil {
				return &ast.Paren{X: y, Span: x.Span.To(spanOf(t))}
			}
		}
		return entry(x, t)
	case *ast.Call, *ast.Deriv, *ast.Inner:
		return entry(x, t)
	case *ast.Postfix:
		if _, ok := x.X.(*ast.Name); !ok || isPair(t) {
			return entry(x, t)
		}
		if y := attach(x.X, t); y != nil {
			c := *x
			c.X, c.Span = y, x.Span.To(spanOf(t))
			return &c
		}
	case *ast.Power:
		if y := attach(x.X, t); y != nil {
			c := *x
			c.X, c.Span = y, x.Span.To(spanOf(t))
			return &c
		}
	}
	return nil
}

// entry is an entry of what is no name: (X'W)_{ij}.
func entry(x ast.Expr, t *lexer.Token) ast.Expr {
	_, _, sub := canonical("x" + t.Value)
	if sub == "" || !isSubscript(sub) {
		return nil
	}
	return &ast.Entry{X: x, Sub: sub, Span: x.Pos().To(spanOf(t))}
}

// isSubscript tells what can stand below a name, unlike the bounds of a family:
// (a_{ij})_{i,j=1}^k.
func isSubscript(sub string) bool {
	return !strings.ContainsFunc(sub, func(r rune) bool {
		return !isLetter(r) && !isDigit(r) && !isMark(r) && !strings.ContainsRune(",+-*_ ", r)
	})
}

// isPair tells the subscript of two indices: A^T_{ij} and A^{-1}_{ij} are
// entries of the transpose and the inverse, where w^T_k is that of w_k.
func isPair(t *lexer.Token) bool {
	_, _, sub := canonical("x" + t.Value)
	if i, j, ok := strings.Cut(sub, ","); ok {
		return strings.TrimSpace(i) != "" && strings.TrimSpace(j) != ""
	}
	return len(sub) == 2 && strings.Trim(sub, "ijklmnpqrsuv") == ""
}

// superscript parses ² ⁻¹ ⁿ after x, and .² as Julia has it.
func (p *climber) superscript(x ast.Expr) ast.Expr {
	t, op := p.next(), ast.Pow
	if v, point := strings.CutPrefix(t.Value, "."); point {
		s := *t
		s.Value, s.Pos.Offset = v, t.Pos.Offset+1
		t, op = &s, ast.ElemPow
	}
	exp := superscriptOf(t)
	if exp == nil {
		return p.fail(failure("E114", quote(t.Value)+" is not an exponent", "write it with ^ and brackets", label(spanOf(t), "")))
	}
	return power(op, x, exp, spanOf(t), spanOf(t))
}

// superscriptOf reads a run of superscript characters: a sign, digits and a
// letter, each optional.
func superscriptOf(t *lexer.Token) ast.Expr {
	s := spanOf(t)
	var plain strings.Builder
	for _, r := range t.Value {
		plain.WriteRune(superscripts[r])
	}
	text := plain.String()
	sign := ast.NoOp
	switch text[0] {
	case '-':
		sign, text = ast.Neg, text[1:]
	case '+':
		text = text[1:]
	}
	digits := strings.TrimRightFunc(text, func(r rune) bool { return !isDigit(r) })
	letters := text[len(digits):]
	var x ast.Expr
	if digits != "" {
		if strings.Trim(digits, "0123456789") != "" {
			return nil
		}
		x = &ast.Number{Val: digits, Text: t.Value, Span: s}
	}
	if letters != "" {
		if utf8.RuneCountInString(letters) > 1 || !isLetter(rune(letters[0])) {
			return nil
		}
		var n ast.Expr = &ast.Name{Text: letters, Base: letters, Src: t.Value, Span: s}
		if x != nil {
			n = &ast.Binary{Op: ast.Juxt, X: x, Y: n, Span: s}
		}
		x = n
	}
	if x != nil && sign == ast.Neg {
		x = &ast.Unary{Op: ast.Neg, X: x, OpSpan: ast.Span{Start: s.Start, End: s.Start + len("⁻")}, Span: s}
	}
	return x
}

// power parses ^ or .^ and its exponent after x.
func (p *climber) power(op ast.Op, x ast.Expr) ast.Expr {
	at := spanOf(p.next())
	exp := p.exponent()
	if exp == nil {
		return nil
	}
	return power(op, x, exp, at, p.last)
}

// power builds x^e; x^-1 and x^(-1) are the inverse.
func power(op ast.Op, x, exp ast.Expr, at, end ast.Span) ast.Expr {
	span := x.Pos().To(end)
	if op == ast.Pow && isMinusOne(exp) {
		return &ast.Postfix{Op: ast.Inverse, X: x, OpSpan: at.To(end), Span: span}
	}
	return &ast.Power{Op: op, X: x, Exp: exp, OpSpan: at, Span: span}
}

func isMinusOne(e ast.Expr) bool {
	if b, ok := e.(*ast.Paren); ok {
		e = b.X
	}
	u, ok := e.(*ast.Unary)
	if !ok || u.Op != ast.Neg {
		return false
	}
	n, ok := u.X.(*ast.Number)
	return ok && n.Val == "1"
}

// exponent parses an optional sign and a number, a name or a bracket; a
// further exponent binds to it: a^b^c is a^(b^c).
func (p *climber) exponent() ast.Expr {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	t := p.peek()
	switch t.Type {
	case tMinus, tAdd:
		at, op := spanOf(p.next()), ast.Neg
		if t.Type == tAdd {
			op = ast.Pos
		}
		x := p.exponent()
		if x == nil {
			return nil
		}
		return &ast.Unary{Op: op, X: x, OpSpan: at, Span: at.To(x.Pos())}
	}
	var x ast.Expr
	switch t.Type {
	case tNumber:
		x = p.number()
	case tName:
		p.next()
		x = nameOf(t.Value, t.Pos.Offset)
	case tOpen, tLBrace, tFrac, tLSet:
		x = p.atom()
	case lexer.EOF:
		return p.fail(unexpected(t, "an exponent", p.last))
	default:
		if t.Type == tBad {
			return p.fail(unexpected(t, "", p.last))
		}
		return p.fail(failure("E114", quote(t.Value)+" is not an exponent", exponentHelp(t.Value), label(spanOf(t), "")))
	}
	if x == nil {
		return nil
	}
	switch t := p.peek(); t.Type {
	case tSup:
		if p.touches() {
			return p.superscript(x)
		}
	case tCaret:
		return p.power(ast.Pow, x)
	case tDotCaret:
		return p.power(ast.ElemPow, x)
	}
	return x
}

// exponentHelp says what an exponent is, and what is meant by x^*.
func exponentHelp(v string) string {
	if v == "*" || v == "†" || v == "+" {
		return "the transpose is x' or x^T; an exponent is a number, a name or a bracket"
	}
	return "an exponent is a number, a name or a bracket"
}
