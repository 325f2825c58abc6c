package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// tDouble is the kind of an open ||, which is two tBar tokens that touch.
const tDouble = -100

// barOpens tells whether a bar where an operator could stand begins an
// operand. It closes if one of its kind is open within the innermost bracket,
// and opens only if another follows that can close it.
func (p *climber) barOpens(kind lexer.TokenType) bool {
	for _, b := range p.bars {
		if b == kind || kind == tBar && b == tDouble {
			return false
		}
	}
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	first := p.lex.Next()
	double := kind == tBar && p.lex.Peek().Type == tBar && p.lex.Peek().Pos.Offset == first.Pos.Offset+1
	if double {
		p.lex.Next()
	}
	if kind == tBar && !double {
		return true // an error unless it is closed; see barred
	}
	depth := 0
	for range maxScan {
		switch t := p.lex.Next(); t.Type {
		case tOpen, tLBrack, tLBrace, tLSet, tLAngle:
			depth++
		case tClose, tRBrack, tRBrace, tRSet, tRAngle:
			if depth--; depth < 0 {
				return false
			}
		case kind:
			if depth == 0 {
				return true
			}
		case lexer.EOF:
			return false
		}
	}
	return false
}

// barred parses |s|, ||x||, ‖x‖ and their LaTeX forms, at an opening bar.
func (p *climber) barred() ast.Expr {
	open := p.next()
	at := spanOf(open)
	kind, close := open.Type, open.Type
	switch kind {
	case tLAbs:
		close = tRAbs
	case tLNorm:
		close = tRNorm
	case tBar:
		if p.peek().Type == tBar && p.touches() && p.doubles() {
			p.next()
			kind, at = tDouble, at.To(p.last)
		}
	}
	switch t := p.peek(); t.Type {
	case lexer.EOF, tComma, tClose, tRBrack, tRBrace, tEq:
		return p.barError(at, t)
	}
	if !p.enter() {
		return nil
	}
	defer p.leave()
	p.bars = append(p.bars, kind)
	x := p.sum()
	if n := len(p.bars); n > 0 {
		p.bars = p.bars[:n-1]
	}
	if x == nil {
		return nil
	}
	if t := p.peek(); t.Type != close {
		return p.barError(at, t)
	}
	p.next()
	if kind == tDouble {
		if p.peek().Type != tBar || !p.touches() {
			return p.barError(at, p.peek())
		}
		p.next()
	}
	sub := p.peek().Type == tSub && p.touches()
	if (kind == tBar || kind == tLAbs) && !sub { // |x|_1 is a norm
		return &ast.Abs{X: x, Span: at.To(p.last)}
	}
	n := &ast.Norm{X: x, Span: at.To(p.last)}
	if sub {
		t := p.next()
		n.Kind = normKind(t.Value)
		n.Span = at.To(p.last)
		if n.Kind == "" {
			return p.fail(failure("E122", quote(t.Value)+" names no norm", "norms are ‖x‖, ‖x‖_1, ‖x‖_2, ‖X‖_F, ‖X‖_*", label(spanOf(t), "")))
		}
	}
	return n
}

func (p *climber) barError(open ast.Span, t *lexer.Token) ast.Expr {
	switch t.Type {
	case lexer.EOF, tBar, tNorm, tComma, tClose, tRBrack, tRBrace, tEq:
		return p.fail(failure("E110", "this bar is never closed", "bars nest only with brackets between them: |x*(|y|)|", label(open, "opened here")))
	}
	return p.fail(unexpected(t, "", p.last))
}

// doubles decides, after the first of two bars that touch, whether they are a
// norm ||x|| or two openings ||a| - |b||: the next bar that follows an operand
// tells.
func (p *climber) doubles() bool {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	p.lex.Next()
	depth := 0
	operand := false
	for range maxScan {
		t := p.lex.Next()
		switch t.Type {
		case tOpen, tLBrack, tLBrace, tLSet, tLAngle:
			depth++
		case tClose, tRBrack, tRBrace, tRSet, tRAngle:
			if depth--; depth < 0 {
				return true
			}
		case tBar:
			if depth > 0 {
				continue
			}
			if !operand {
				return true
			}
			n := p.lex.Peek()
			return n.Type == tBar && n.Pos.Offset == t.Pos.Offset+1
		case lexer.EOF:
			return true
		}
		operand = endsOperand(t.Type)
	}
	return true
}

// normKind reads the subscript of a norm; "" if it is none.
func normKind(raw string) string {
	_, _, sub := canonical("x" + strings.NewReplacer(`\ast`, "*", `\star`, "*", `\infty`, "∞", `\mathrm`, "", `\text`, "").Replace(raw))
	switch strings.ToLower(sub) {
	case "f", "fro", "frob":
		return "F"
	case "+", "++":
		return ""
	}
	return sub
}
