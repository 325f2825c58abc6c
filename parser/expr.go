package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// maxDepth bounds how deep an expression nests.
const maxDepth = 5000

// side is one side of an equation, or a bare expression: what the grammar
// leaves to precedence climbing.
type side struct {
	X         ast.Expr
	quotients []quotient
}

// quotient is a place where what touches a denominator is not part of it.
type quotient struct {
	left, rest ast.Span
	root       bool // x^1/2, where x^(1/2) may be meant
}

// isFirstPower tells x^1 and x^-1, which over a number look like a root.
func isFirstPower(x ast.Expr) bool {
	if b, ok := x.(*ast.Binary); ok { // the last factor
		x = b.Y
	}
	switch x := x.(type) {
	case *ast.Power:
		n, ok := x.Exp.(*ast.Number)
		return ok && n.Val == "1" && n.Span.End == x.Span.End
	case *ast.Postfix:
		return x.Op == ast.Inverse
	}
	return false
}

func isNumber(x ast.Expr) bool {
	_, ok := x.(*ast.Number)
	return ok
}

// Parse implements participle.Parseable.
func (s *side) Parse(lex *lexer.PeekingLexer) error {
	p := &climber{lex: lex}
	s.X = p.sum()
	if p.err != nil {
		return &syntaxError{p.err}
	}
	s.quotients = p.quotients
	switch t := lex.Peek(); t.Type {
	case lexer.EOF, tEq, tImplies:
		return nil
	default:
		return &syntaxError{unexpected(t, "", p.last)}
	}
}

// climber parses an expression by precedence climbing, one method a level.
// After an error every method returns nil and err is set.
type climber struct {
	lex       *lexer.PeekingLexer
	last      ast.Span // of the last token taken
	depth     int
	bars      []lexer.TokenType // open bars within the innermost bracket
	quotients []quotient
	err       *diag.Diagnostic

	conditions int // comparisons that are open
}

func (p *climber) peek() *lexer.Token { return p.lex.Peek() }

func (p *climber) next() *lexer.Token {
	t := p.lex.Next()
	p.last = spanOf(t)
	return t
}

// peekAt returns the token n after the next one.
func (p *climber) peekAt(n int) *lexer.Token {
	c := p.lex.MakeCheckpoint()
	for range n {
		p.lex.Next()
	}
	t := p.lex.Peek()
	p.lex.LoadCheckpoint(c)
	return t
}

// touches tells whether the next token stands directly after the last one.
func (p *climber) touches() bool {
	t := p.peek()
	return t.Type != lexer.EOF && t.Pos.Offset == p.last.End
}

func (p *climber) fail(d *diag.Diagnostic) ast.Expr {
	if p.err == nil {
		p.err = d
	}
	return nil
}

// expect takes a token of kind k, or fails for want of it.
func (p *climber) expect(k lexer.TokenType, want string) bool {
	if p.err != nil {
		return false
	}
	if t := p.peek(); t.Type != k {
		switch t.Type {
		case lexer.EOF, tComma, tColon, tAmp:
			p.fail(unexpected(t, want, p.last))
		default:
			p.fail(unexpected(t, "", p.last))
		}
		return false
	}
	p.next()
	return true
}

// enter counts a level of nesting; leave must follow where it returns true.
func (p *climber) enter() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail(failure("E104", "the expression is nested too deeply", "give names to its parts", label(spanOf(p.peek()), "")))
		p.depth--
		return false
	}
	return p.err == nil
}

func (p *climber) leave() { p.depth-- }

// sum parses terms joined by + and -.
func (p *climber) sum() ast.Expr {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	left := p.term()
	for left != nil {
		op := ast.NoOp
		switch p.peek().Type {
		case tAdd:
			op = ast.Add
		case tMinus:
			op = ast.Sub
		default:
			return left
		}
		left = p.binary(op, left, spanOf(p.next()), p.term())
	}
	return nil
}

// binary joins two operands, either of which may have failed.
func (p *climber) binary(op ast.Op, x ast.Expr, at ast.Span, y ast.Expr) ast.Expr {
	if x == nil || y == nil {
		return nil
	}
	a, b := x.Pos(), y.Pos()
	return &ast.Binary{Op: op, X: x, Y: y, OpSpan: at, Span: ast.Span{Start: min(a.Start, b.Start), End: max(a.End, b.End)}}
}

// term parses a product with an optional sign: -x^2 is -(x^2), -a*b is -(a*b).
func (p *climber) term() ast.Expr { return p.signed((*climber).colon) }

// colon parses products joined by a colon, A:B for ⟨A, B⟩, as differentials are
// often written: dQ = 2R : A dX. Between numbers it makes a range, 1:3, which
// the language does not have.
func (p *climber) colon() ast.Expr {
	left := p.product()
	for left != nil && p.peek().Type == tColon {
		switch p.peekAt(1).Type {
		case tName, tOpen, tNumber, tFrac, tPartial:
		default:
			return left
		}
		if isNumber(left) {
			return left
		}
		p.next()
		right := p.product()
		if right == nil {
			return nil
		}
		left = &ast.Inner{X: left, Y: right, Span: left.Pos().To(right.Pos())}
	}
	return left
}

// signed parses any number of signs, then an operand.
func (p *climber) signed(operand func(*climber) ast.Expr) ast.Expr {
	op := ast.NoOp
	switch p.peek().Type {
	case tAdd:
		op = ast.Pos
	case tMinus:
		op = ast.Neg
	default:
		return operand(p)
	}
	if !p.enter() {
		return nil
	}
	defer p.leave()
	at := spanOf(p.next())
	x := p.signed(operand)
	if x == nil {
		return nil
	}
	return &ast.Unary{Op: op, X: x, OpSpan: at, Span: at.To(x.Pos())}
}

var productOps = map[lexer.TokenType]ast.Op{
	tMul: ast.Mul, tElemMul: ast.ElemMul, tDiv: ast.Div, tElemDiv: ast.ElemDiv, tSolve: ast.Solve, tKron: ast.Kron,
}

// product parses juxtaposed runs joined by * .* / ./ \ ⊗, left to right. The
// operand of / is one factor, so that 1/2 x'Ax is (1/2)(x'Ax).
func (p *climber) product() ast.Expr {
	left := p.run()
	for left != nil {
		op, ok := productOps[p.peek().Type]
		if !ok {
			return left
		}
		at := spanOf(p.next())
		if op != ast.Div {
			left = p.binary(op, left, at, p.signed((*climber).run))
			continue
		}
		whole := left
		left = p.binary(op, left, at, p.signed((*climber).factor))
		if b, ok := left.(*ast.Binary); ok && isFirstPower(whole) && isNumber(b.Y) && b.Y.Pos().Start == at.End && whole.Pos().End == at.Start {
			p.quotients = append(p.quotients, quotient{left: whole.Pos(), rest: b.Y.Pos(), root: true})
		}
		if left != nil && p.startsOperand() {
			touch := p.touches()
			rest := p.run()
			if rest != nil && touch {
				p.quotients = append(p.quotients, quotient{left: left.Pos(), rest: rest.Pos()})
			}
			left = p.binary(ast.Juxt, left, ast.Span{}, rest)
		}
	}
	return nil
}

// run parses factors side by side: 2 X' W f(x).
func (p *climber) run() ast.Expr {
	left := p.factor()
	for left != nil && p.startsOperand() {
		t := p.peek()
		if p.conditions > 0 && (t.Value == "and" || t.Value == "or") {
			help := "multiply comparisons: [x > 0] .* [x < 1]"
			if t.Value == "or" {
				help = "take the maximum of comparisons: max([x > 0], [y > 0])"
			}
			return p.fail(failure("E106", "unexpected "+quote(t.Value)+" in a comparison", help, label(spanOf(t), "")))
		}
		if _, number := left.(*ast.Number); number && t.Type == tNumber && !p.onesRow() {
			return p.fail(failure("E108", "two numbers stand side by side", "put * between them", label(left.Pos(), ""), label(spanOf(t), "")))
		}
		left = p.binary(ast.Juxt, left, ast.Span{}, p.factor())
	}
	return left
}

// onesRow tells whether 1ᵀ comes next, a vector: after a 1 it makes a matrix
// of ones, and another number scales it.
func (p *climber) onesRow() bool {
	return p.peek().Value == "1" && p.peekAt(1).Type == tTrans
}

// startsOperand tells whether the next token begins an operand, here where an
// operator could stand as well.
func (p *climber) startsOperand() bool {
	switch t := p.peek(); t.Type {
	case tName, tNumber, tOpen, tLBrace, tLSet, tLBrack, tLAngle, tLAbs, tLNorm, tBigOp, tPartial, tNabla, tFrac, tSqrt, tBrace, tOver, tCases:
		return true
	case tBar, tNorm:
		return p.barOpens(t.Type)
	case tCompare:
		return p.anglesAhead()
	}
	return false
}

// anglesAhead tells whether <a, b> comes next, an inner product typed with
// signs of comparison: a comma stands between them, and no relation.
func (p *climber) anglesAhead() bool {
	if p.peek().Value != "<" {
		return false
	}
	depth, comma := 0, false
	for n := 1; n < 200; n++ {
		switch t := p.peekAt(n); t.Type {
		case tOpen, tLBrack, tLBrace, tLSet:
			depth++
		case tClose, tRBrack, tRBrace, tRSet:
			if depth--; depth < 0 {
				return false
			}
		case tComma:
			comma = comma || depth == 0
		case tCompare:
			if depth == 0 {
				return comma && t.Value == ">"
			}
		case tEq, tSemi, tEOL, lexer.EOF:
			return false
		}
	}
	return false
}

// factor parses an operand with its postfix operators.
func (p *climber) factor() ast.Expr {
	x := p.atom()
	for x != nil {
		switch t := p.peek(); t.Type {
		case tTrans:
			x = p.postfix(ast.Transpose, x)
		case tInvT:
			x = p.postfix(ast.InvTranspose, x)
		case tSup:
			x = p.superscript(x)
		case tCaret:
			x = p.power(ast.Pow, x)
		case tDotCaret:
			x = p.power(ast.ElemPow, x)
		case tLBrack:
			if !p.touches() || p.holdsComparison() {
				return x
			}
			if _, number := x.(*ast.Number); number {
				return x
			}
			x = p.index(x)
		case tSub: // w^T_k is w_k^T, (X'r)_k an entry
			y := attach(x, t)
			if y == nil {
				return p.fail(unexpected(t, "", p.last))
			}
			p.next()
			x = y
		default:
			return x
		}
	}
	return nil
}

func (p *climber) postfix(op ast.Op, x ast.Expr) ast.Expr {
	at := spanOf(p.next())
	return &ast.Postfix{Op: op, X: x, OpSpan: at, Span: x.Pos().To(at)}
}
