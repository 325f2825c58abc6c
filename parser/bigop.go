package parser

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// binding is one index of a big operator with its bounds.
type binding struct {
	index  ast.Ident
	lo, hi ast.Expr
}

// bigOp parses Σ_{i=1}^{n} body. The body reaches through products to the next
// + or - of its own level. Several indices become nested sums, the first
// outermost.
func (p *climber) bigOp() ast.Expr {
	t := p.next()
	op := ast.Sum
	switch t.Value {
	case "prod", "Π", "∏", `\prod`:
		op = ast.Prod
	}
	start := spanOf(t)
	var binds []binding
	var upper []ast.Expr
	for p.err == nil {
		switch t := p.peek(); {
		case t.Type == tUnder && binds == nil:
			p.next()
			binds = p.bindings()
			continue
		case t.Type == tSub && binds == nil:
			p.next()
			binds = p.subBindings(t)
			continue
		case t.Type == tCaret && upper == nil:
			p.next()
			upper = p.upperBounds()
			continue
		case t.Type == tSup && upper == nil && p.touches():
			p.next()
			if x := superscriptOf(t); x != nil {
				upper = []ast.Expr{x}
				continue
			}
			return p.badSum(spanOf(t))
		case (t.Type == tTrans || t.Type == tInvT) && t.Value == "^T" && upper == nil:
			p.next()
			n := nameOf("T", t.Pos.Offset+1)
			upper = []ast.Expr{n}
			continue
		}
		break
	}
	if p.err != nil {
		return nil
	}
	if len(upper) > 0 && len(upper) != len(binds) {
		return p.badSum(start.To(p.last))
	}
	for i, u := range upper {
		binds[i].hi = u
	}
	// In Σ_{i,k=1}^{N,K} the lower bound is for both.
	for i := len(binds) - 2; i >= 0; i-- {
		if binds[i].lo == nil && binds[i].hi != nil {
			binds[i].lo = binds[i+1].lo
		}
	}
	if !p.enter() {
		return nil
	}
	defer p.leave()
	if p.peek().Type == lexer.EOF {
		return p.fail(failure("E116", "the sum has no body", "write Σ_{i=1}^{n} x_i", label(start.To(p.last), "")))
	}
	body := p.term()
	if body == nil {
		return nil
	}
	if len(binds) == 0 {
		return &ast.BigOp{Op: op, Body: body, Span: start.To(body.Pos())}
	}
	for i := len(binds) - 1; i >= 0; i-- {
		body = &ast.BigOp{Op: op, Index: []ast.Ident{binds[i].index}, Lo: binds[i].lo, Hi: binds[i].hi, Body: body, Span: start.To(body.Pos())}
	}
	return body
}

func (p *climber) badSum(s ast.Span) ast.Expr {
	return p.fail(failure("E116", "this sum is not understood", "an indexed sum is Σ_{i=1}^{n} or Σ_i", label(s, "")))
}

// bindings parses what stands under the sign: {i=1}, {i,k=1}, {i=1, j=1}, i.
func (p *climber) bindings() []binding {
	t := p.peek()
	close := lexer.EOF
	switch t.Type {
	case tName:
		p.next()
		return p.names(t, false)
	case tLBrace:
		close = tRBrace
	case tOpen:
		close = tClose
	default:
		p.badSum(spanOf(t))
		return nil
	}
	open := spanOf(p.next())
	var binds []binding
	for {
		t := p.peek()
		if t.Type != tName {
			p.badSum(open.To(spanOf(t)))
			return nil
		}
		p.next()
		end := p.peek().Type
		more := p.names(t, end == close || end == tComma)
		if end == tEq {
			p.next()
			lo := p.nested(p.sum)
			if lo == nil {
				return nil
			}
			more[len(more)-1].lo = lo
		}
		binds = append(binds, more...)
		switch t := p.peek(); t.Type {
		case close:
			p.next()
			return binds
		case tComma:
			p.next()
		case tCompare:
			p.fail(failure("E116", "a sum over pairs under a condition is not in the language", "sum over all pairs and take off the diagonal: Σ_{i≠j} is Σ_{i,j} less Σ_i, Σ_{i<j} of what is symmetric half of that", label(open.To(spanOf(t)), "")))
			return nil
		default:
			p.badSum(open.To(spanOf(t)))
			return nil
		}
	}
}

// names makes the indices of one word: ij without bounds is i and j.
func (p *climber) names(t *lexer.Token, split bool) []binding {
	if len(t.Value) == 2 && isLetter(rune(t.Value[0])) && isLetter(rune(t.Value[1])) && (split || p.last == spanOf(t)) {
		return []binding{{index: identOf(t.Value[:1], t.Pos.Offset)}, {index: identOf(t.Value[1:], t.Pos.Offset+1)}}
	}
	return []binding{{index: identOf(t.Value, t.Pos.Offset)}}
}

// subBindings reads the bounds of Σᵢ and Σᵢ₌₁.
func (p *climber) subBindings(t *lexer.Token) []binding {
	s := spanOf(t)
	var plain strings.Builder
	for _, r := range strings.TrimPrefix(t.Value, "_") {
		if subscripts[r] != 0 {
			r = subscripts[r]
		}
		plain.WriteRune(r)
	}
	left, right, bound := strings.Cut(strings.Trim(plain.String(), "{}"), "=")
	var binds []binding
	for _, r := range left {
		if !isLetter(r) {
			p.badSum(s)
			return nil
		}
		binds = append(binds, binding{index: ast.Ident{Name: string(r), Text: t.Value, Span: s}})
	}
	if len(binds) == 0 {
		p.badSum(s)
		return nil
	}
	if bound {
		var lo ast.Expr = &ast.Number{Val: right, Text: t.Value, Span: s}
		if r, _ := utf8.DecodeRuneInString(right); isLetter(r) {
			lo = &ast.Name{Text: right, Base: right, Src: t.Value, Span: s}
		} else if right == "" || strings.Trim(right, "0123456789") != "" {
			p.badSum(s)
			return nil
		}
		binds[len(binds)-1].lo = lo
	}
	return binds
}

// upperBounds parses what stands over the sign: n, {n}, {N,K}.
func (p *climber) upperBounds() []ast.Expr {
	switch t := p.peek(); t.Type {
	case tNumber:
		if x := p.number(); x != nil {
			return []ast.Expr{x}
		}
		return nil
	case tName:
		p.next()
		return []ast.Expr{nameOf(t.Value, t.Pos.Offset)}
	case tLBrace, tOpen:
		close := tRBrace
		if t.Type == tOpen {
			close = tClose
		}
		p.next()
		var list []ast.Expr
		p.nested(func() ast.Expr {
			for {
				x := p.sum()
				if x == nil {
					return nil
				}
				list = append(list, x)
				if p.peek().Type != tComma {
					return nil
				}
				p.next()
			}
		})
		if !p.expect(close, "the end of the bound") {
			return nil
		}
		return list
	default:
		p.badSum(spanOf(t))
		return nil
	}
}
