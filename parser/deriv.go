package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// A derivative is ∂Q/∂W (always), or dQ/dW (which the tree keeps as a quotient
// too, in Alt, since dQ and dW could be declared).

func (p *climber) badDerivative(s ast.Span, help string) ast.Expr {
	if help == "" {
		help = "a derivative is written ∂Q/∂W, dQ/dW or ∇_W Q"
	}
	return p.fail(failure("E115", "this derivative is not understood", help, label(s, "")))
}

// isD tells whether t is a name that begins with d and goes on: dX, dz_1, dλ.
func isD(t *lexer.Token) bool {
	return t.Type == tName && (t.Value[0] == 'd' || t.Value[0] == '\\') && afterD(t) != ""
}

// afterD is the canonical name after the d of dX.
func afterD(t *lexer.Token) string {
	text := t.Value
	if !plainWord(text) {
		text, _, _ = canonical(text)
	}
	if !strings.HasPrefix(text, "d") {
		return ""
	}
	return strings.TrimLeft(text[1:], "_")
}

// undD makes the name X of a token dX.
func undD(t *lexer.Token) *ast.Name {
	if t.Value[0] == 'd' {
		return nameOf(t.Value[1:], t.Pos.Offset+1)
	}
	n := nameOf(t.Value, t.Pos.Offset)
	n.Text = n.Text[1:]
	n.Base = n.Base[1:]
	return n
}

// plainDerivative parses dQ/dW, d(…)/dW, d tr(…)/dW, d/dW (…) and d²Q/dw² at a
// name; it returns nil, having taken nothing, where there is none.
func (p *climber) plainDerivative() ast.Expr {
	t := p.peek()
	if t.Value[0] != 'd' && t.Value[0] != '\\' {
		return nil
	}
	start := spanOf(t)
	if isD(t) {
		if d := p.secondPlain(t); d != nil {
			return d
		}
		if n := 0; p.peekAt(1).Type == tOpen { // dQ(x)/dx
			// det(X)/det(Y) is a quotient of values
			if n = p.bracketLength(1); n > 0 && p.peekAt(1+n).Type == tDiv && p.denominatorAt(2+n) && !p.calledAt(2+n) {
				return p.appliedDerivative(start)
			}
		}
		if p.peekAt(1).Type != tDiv || !p.denominatorAt(2) {
			return nil
		}
		p.next()
		at := spanOf(p.next())
		d := &ast.Deriv{Of: undD(t), Order: 1}
		d.Alt = p.denominator(d, nameOf(t.Value, t.Pos.Offset), at)
		d.Span = start.To(p.last)
		return d
	}
	if afterD(t) != "" || !isPlainD(t) {
		return nil
	}
	if order := p.orderAt(1); order > 0 { // d²Q/dw²
		c, last := p.lex.MakeCheckpoint(), p.last
		p.next()
		p.skipOrder()
		if of := p.peek(); of.Type == tName && p.peekAt(1).Type == tDiv && isD(p.peekAt(2)) {
			p.next()
			d := &ast.Deriv{Of: nameOf(of.Value, of.Pos.Offset), Order: order}
			p.next()
			return p.denominators(d, start, isD)
		}
		p.lex.LoadCheckpoint(c)
		p.last = last
		return p.secondDifferential(t)
	}
	n := p.operandLength(1)
	if n < 0 || p.peekAt(1+n).Type != tDiv || !p.denominatorAt(2+n) {
		return nil
	}
	p.next()
	d := &ast.Deriv{Order: 1}
	if n > 0 {
		if d.Of = p.factor(); d.Of == nil {
			return nil
		}
	}
	at := spanOf(p.peek())
	if !p.expect(tDiv, "`/`") {
		return nil
	}
	if !p.denominatorAt(0) {
		return p.badDerivative(start.To(p.last), "")
	}
	q := p.denominator(d, p.applied(t, d.Of), at)
	d.Span = start.To(p.last)
	if n == 0 {
		if !p.startsOperand() {
			return p.badDerivative(d.Span, "after d/dx stands what is differentiated")
		}
		if d.Of = p.factor(); d.Of == nil {
			return nil
		}
		d.Span = start.To(d.Of.Pos())
		q = p.binary(ast.Juxt, q, ast.Span{}, d.Of)
	}
	d.Alt = q
	return d
}

// secondDifferential parses the d²Q that is the whole of a left side. As a
// product it is the square of d times Q.
func (p *climber) secondDifferential(t *lexer.Token) ast.Expr {
	if p.last != (ast.Span{}) {
		return nil
	}
	c := p.lex.MakeCheckpoint()
	p.next()
	at := spanOf(p.peek())
	p.skipOrder()
	at = at.To(p.last)
	if n := p.operandLength(0); n > 0 && p.peekAt(n).Type == tEq {
		d := &ast.Deriv{Order: 2}
		if d.Of = p.factor(); d.Of == nil {
			return nil
		}
		d.Span = spanOf(t).To(p.last)
		two := &ast.Number{Val: "2", Text: "2", Span: at}
		square := &ast.Power{Op: ast.Pow, X: nameOf(t.Value, t.Pos.Offset), Exp: two, OpSpan: at, Span: spanOf(t).To(at)}
		d.Alt = p.binary(ast.Juxt, square, ast.Span{}, d.Of)
		return d
	}
	p.lex.LoadCheckpoint(c)
	p.last = ast.Span{}
	return nil
}

// appliedDerivative parses dQ(x)/dx.
func (p *climber) appliedDerivative(start ast.Span) ast.Expr {
	word := p.next()
	whole := p.call(nameOf(word.Value, word.Pos.Offset), tClose, "`)`")
	call, ok := whole.(*ast.Call)
	if !ok {
		return whole
	}
	of := *call
	of.Fun, of.Span.Start = undD(word), call.Span.Start+1
	at := spanOf(p.next())
	d := &ast.Deriv{Of: &of, Order: 1}
	d.Alt = p.denominator(d, call, at)
	d.Span = start.To(p.last)
	return d
}

// secondPlain parses d2Q/dx2, d2Q/dxdy typed without superscripts; nil, having
// taken nothing, where it does not stand. No name begins with a digit.
func (p *climber) secondPlain(t *lexer.Token) ast.Expr {
	of, ok := strings.CutPrefix(afterD(t), "2")
	if !ok || of == "" || isDigit(rune(of[0])) || p.peekAt(1).Type != tDiv || !isD(p.peekAt(2)) {
		return nil
	}
	den := p.peekAt(2)
	by := []*ast.Name{undD(den)}
	if first, ok := strings.CutSuffix(by[0].Src, "2"); ok && first != "" && p.orderAt(3) == 0 {
		n := nameOf(first, by[0].Span.Start)
		by = []*ast.Name{n, n}
	}
	start := spanOf(t)
	p.next()
	p.next()
	d := &ast.Deriv{Order: 2, Of: nameOf(of, start.End-len(of))}
	if len(by) == 1 { // dx^2, dx dy
		return p.denominators(d, start, isD)
	}
	p.next()
	d.By = []ast.Expr{by[0], by[1]}
	d.Span = start.To(p.last)
	return d
}

// calledAt tells whether the n-th token is a name with a bracket against it.
func (p *climber) calledAt(n int) bool {
	t, o := p.peekAt(n), p.peekAt(n+1)
	return t.Type == tName && o.Type == tOpen && o.Pos.Offset == t.Pos.Offset+len(t.Value)
}

// denominatorAt tells whether dW or d W stands at the n-th token.
func (p *climber) denominatorAt(n int) bool {
	t := p.peekAt(n)
	return isD(t) || isPlainD(t) && p.peekAt(n+1).Type == tName && !isD(p.peekAt(n+1))
}

// isPlainD tells the word d.
func isPlainD(t *lexer.Token) bool {
	return t.Type == tName && (t.Value == "d" || t.Value == `\mathrm{d}`)
}

// denominator takes dW or d W and returns the quotient of over by it.
func (p *climber) denominator(d *ast.Deriv, over ast.Expr, at ast.Span) ast.Expr {
	t := p.next()
	q := p.binary(ast.Div, over, at, nameOf(t.Value, t.Pos.Offset))
	if !isPlainD(t) {
		d.By = []ast.Expr{undD(t)}
		return q
	}
	by := p.variable(p.next())
	d.By = []ast.Expr{by}
	return p.binary(ast.Juxt, q, ast.Span{}, by)
}

// variable is what a derivative is by: a name, or vec(X).
func (p *climber) variable(t *lexer.Token) ast.Expr {
	n := nameOf(t.Value, t.Pos.Offset)
	if p.peek().Type == tOpen && p.touches() && n.Text == n.Base && len(n.Text) > 1 {
		if x := p.call(n, tClose, "`)`"); x != nil {
			return x
		}
	}
	return n
}

// applied is the quotient reading of a numerator: d, d x or d(x).
func (p *climber) applied(t *lexer.Token, of ast.Expr) ast.Expr {
	d := nameOf(t.Value, t.Pos.Offset)
	if of == nil {
		return d
	}
	return p.binary(ast.Juxt, d, ast.Span{}, of)
}

// operandLength counts the tokens from the n-th on of a name, a call or a
// bracket: 0 if a / stands there, -1 if something else.
func (p *climber) operandLength(n int) int {
	switch t := p.peekAt(n); t.Type {
	case tDiv:
		return 0
	case tName:
		if isD(t) || isPlainD(t) {
			return -1 // a derivative or differential of its own
		}
		if p.peekAt(n+1).Type != tOpen {
			return 1
		}
		if k := p.bracketLength(n + 1); k > 0 {
			return 1 + k
		}
	case tOpen, tLBrace:
		return p.bracketLength(n)
	}
	return -1
}

// bracketLength counts the tokens of the bracket at the n-th token.
func (p *climber) bracketLength(n int) int {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	for range n {
		p.lex.Next()
	}
	depth := 0
	for k := range maxScan {
		switch p.lex.Next().Type {
		case tOpen, tLBrace, tLBrack:
			depth++
		case tClose, tRBrace, tRBrack:
			if depth--; depth == 0 {
				return k + 1
			}
		case lexer.EOF:
			return -1
		}
	}
	return -1
}

// orderAt reads ² or ^2 or ^{2} at the n-th token: 2, or 0 if there is none.
func (p *climber) orderAt(n int) int {
	t := p.peekAt(n)
	if t.Type == tSup && t.Value == "²" {
		return 2
	}
	if t.Type == tCaret {
		if a := p.peekAt(n + 1); a.Type == tNumber && a.Value == "2" {
			return 2
		} else if a.Type == tLBrace && p.peekAt(n+2).Value == "2" && p.peekAt(n+3).Type == tRBrace {
			return 2
		}
	}
	return 0
}

func (p *climber) skipOrder() {
	if t := p.next(); t.Type == tCaret {
		if p.next().Type == tLBrace {
			p.next()
			p.next()
		}
	}
}

// partial parses ∂Q/∂W, ∂²Q/∂w∂w', ∂/∂W (…) and, without a denominator, the
// differential ∂X, which is dX.
func (p *climber) partial() ast.Expr {
	t := p.next()
	start := spanOf(t)
	d := &ast.Deriv{Order: 1}
	if order := p.orderAt(0); order > 0 {
		d.Order = order
		p.skipOrder()
	}
	if !p.fractionAhead() {
		if d.Order > 1 {
			return p.badDerivative(start.To(p.last), "")
		}
		return p.differential(t)
	}
	if p.peek().Type != tDiv {
		if d.Of = p.run(); d.Of == nil {
			return nil
		}
	}
	if !p.expect(tDiv, "`/`") {
		return nil
	}
	x := p.denominators(d, start, isPartial)
	if x == nil || d.Of != nil {
		return x
	}
	if !p.startsOperand() {
		return p.badDerivative(d.Span, "after ∂/∂x stands what is differentiated")
	}
	if d.Of = p.factor(); d.Of == nil {
		return nil
	}
	d.Span = d.Span.To(d.Of.Pos())
	return d
}

func isPartial(t *lexer.Token) bool { return t.Type == tPartial }

// fractionAhead tells whether a juxtaposed run and / ∂ follow.
func (p *climber) fractionAhead() bool {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	depth := 0
	for range 64 {
		t := p.lex.Next()
		switch t.Type {
		case tOpen, tLBrack, tLBrace:
			depth++
		case tClose, tRBrack, tRBrace:
			if depth--; depth < 0 {
				return false
			}
		case tDiv:
			if depth == 0 {
				return p.lex.Peek().Type == tPartial
			}
		case lexer.EOF:
			return false
		case tAdd, tMinus, tMul, tElemMul, tElemDiv, tEq, tComma, tPartial, tNabla:
			if depth == 0 {
				return false
			}
		}
	}
	return false
}

// differential makes dX of ∂X.
func (p *climber) differential(t *lexer.Token) ast.Expr {
	n := p.peek()
	if n.Type != tName {
		return p.badDerivative(spanOf(t), "")
	}
	p.next()
	if p.peek().Type == tDiv {
		return p.badDerivative(spanOf(t).To(p.last), "after the / stands ∂ as well: ∂Q/∂W")
	}
	x := nameOf(n.Value, n.Pos.Offset)
	x.Text, x.Base, x.Src = "d"+x.Text, "d"+x.Base, t.Value+n.Value
	x.Span = spanOf(t).To(x.Span)
	return x
}

// denominators parses ∂W, ∂w∂w', ∂w², dw dw': what the derivative is by. A
// transposition of the last of two says nothing and is passed over; that of a
// first-order derivative is left to the caller, since ∂Q/∂z' is (∂Q/∂z)'.
func (p *climber) denominators(d *ast.Deriv, start ast.Span, is func(*lexer.Token) bool) ast.Expr {
	for is(p.peek()) && len(d.By) < d.Order {
		t := p.next()
		var by ast.Expr
		if t.Type == tName {
			by = undD(t)
		} else {
			switch n := p.peek(); n.Type {
			case tName:
				by = p.variable(p.next())
			case tOpen, tLBrace:
				if by = p.atom(); by == nil {
					return nil
				}
			default:
				return p.badDerivative(start.To(p.last), "after ∂ stands a name")
			}
		}
		d.By = append(d.By, by)
		if d.Order == 2 {
			if p.peek().Type == tTrans {
				p.next()
			} else if len(d.By) == 1 && p.orderAt(0) == 2 {
				p.skipOrder()
				d.By = append(d.By, by)
			}
		}
	}
	d.Span = start.To(p.last)
	if len(d.By) == 0 {
		return p.badDerivative(d.Span, "after the / stands ∂ and a name")
	}
	if len(d.By) != d.Order {
		return p.badDerivative(d.Span, "a second derivative is by two: ∂²Q/∂x∂x' or d²Q/dx²")
	}
	return d
}

// nabla parses ∇Q, ∇_W Q, ∇²_w Q. The operand is one name, call or bracket; a
// postfix operator after it belongs to the whole: ∇f(x)' p is (∇f(x))' p.
func (p *climber) nabla() ast.Expr {
	start := spanOf(p.next())
	d := &ast.Deriv{Order: 1, Nabla: true}
	for range 2 {
		if order := p.orderAt(0); order > 0 && d.Order == 1 {
			d.Order = order
			p.skipOrder()
			continue
		}
		if t := p.peek(); t.Type == tSub && d.By == nil {
			p.next()
			if d.By = subNames(t); d.By == nil {
				return p.badDerivative(start.To(p.last), "")
			}
		}
	}
	if d.Order == 2 && len(d.By) == 1 {
		d.By = append(d.By, d.By[0])
	}
	d.Span = start.To(p.last)
	switch p.peek().Type {
	case tName, tOpen, tLBrace:
	default:
		if p.unglue(d) || p.peek().Type == tEq { // ∇ = …, of the objective
			return d
		}
		return p.badDerivative(d.Span, "after ∇ stands a name or a bracket: ∇_W Q")
	}
	if !p.enter() {
		return nil
	}
	defer p.leave()
	if d.Of = p.atom(); d.Of == nil {
		return nil
	}
	d.Span = start.To(p.last)
	return d
}

// unglue reads ∇_WQ as ∇_W Q.
func (p *climber) unglue(d *ast.Deriv) bool {
	if d.Order != 1 || len(d.By) != 1 {
		return false
	}
	n, ok := d.By[0].(*ast.Name)
	if !ok || len(n.Src) != 2 || !isLetter(rune(n.Src[0])) || !isLetter(rune(n.Src[1])) {
		return false
	}
	d.By[0] = nameOf(n.Src[:1], n.Span.Start)
	d.Of = nameOf(n.Src[1:], n.Span.Start+1)
	return true
}

// subNames reads the names of the subscript of ∇: _W, _{w,b}, ₓ.
func subNames(t *lexer.Token) []ast.Expr {
	raw, at := t.Value, t.Pos.Offset
	if raw[0] != '_' { // ∇ₓ
		var list []ast.Expr
		for _, r := range raw {
			n := nameOf(string(subscripts[r]), at)
			n.Src, n.Span = raw, spanOf(t)
			list = append(list, n)
		}
		return list
	}
	raw, at = raw[1:], at+1
	if strings.HasPrefix(raw, "{") && strings.HasSuffix(raw, "}") {
		raw, at = raw[1:len(raw)-1], at+1
	}
	var list []ast.Expr
	for part := range strings.SplitSeq(raw, ",") {
		lead := len(part) - len(strings.TrimLeft(part, " "))
		word := strings.TrimSpace(part)
		if word == "" || !isWordOrDigit(spell(word, 8)) || isDigit(rune(word[0])) {
			return nil
		}
		list = append(list, nameOf(word, at+lead))
		at += len(part) + 1
	}
	return list
}
