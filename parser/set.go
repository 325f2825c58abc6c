package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// set is what stands after ∈: R^{N×D}, R_+^n, S^n_{++}, {0,1}^{N×K}, [0,1]^n.
type set struct {
	scalar     bool
	rows, cols ast.Expr
	prop       string // property that the set says, "" for none
	text       string // the set as typed, for prop
	span       ast.Span
}

// Parse implements participle.Parseable.
func (s *set) Parse(lex *lexer.PeekingLexer) error {
	p := &climber{lex: lex}
	first := lex.Peek()
	if d := s.parse(p); d != nil {
		return &syntaxError{d}
	}
	if p.err != nil {
		return &syntaxError{p.err}
	}
	s.span = spanOf(first).To(p.last)
	s.text = first.Value
	return nil
}

// signs are the subscripts of a set and what they say of a member.
var signs = map[string]string{
	"+": "nonnegative", "≥0": "nonnegative", ">=0": "nonnegative", "ge0": "nonnegative", "geq0": "nonnegative",
	"++": "positive", ">0": "positive", "gt0": "positive",
}

// sets are the names of sets, which no size has beside another set.
var sets = setOf("R ℝ Reals S 𝕊 Sym Δ")

func unknownSet(s ast.Span) *diag.Diagnostic {
	return failure("E113", "this set is not known", "sets are R^n, R^{N×D}, R_+^n, S^n, S^n_{++}, {0,1}^n and R", label(s, ""))
}

func (s *set) parse(p *climber) *diag.Diagnostic {
	t := p.peek()
	square := false
	sign := ""
	switch t.Type {
	case tName:
		n := nameOf(t.Value, t.Pos.Offset)
		sign = n.Sub
		switch n.Base {
		case "R", "ℝ", "Reals":
		case "S", "𝕊", "Sym":
			square = true
		case "Δ":
			s.prop = "simplex"
		default:
			return unknownSet(spanOf(t))
		}
		p.next()
	case tLBrace, tLSet:
		if d := s.braces(p); d != nil {
			return d
		}
	case tLBrack, tOpen:
		if d := s.interval(p); d != nil {
			return d
		}
	default:
		return unknownSet(spanOf(t))
	}
	if t := p.peek(); t.Type == tSub {
		p.next()
		sign += subOf(t)
	}
	base := spanOf(t).To(p.last)
	expSign, ok := s.exponent(p)
	if !ok {
		return p.err
	}
	sign += expSign
	if t := p.peek(); t.Type == tSub {
		p.next()
		sign += subOf(t)
	}
	if square {
		if s.rows == nil {
			return unknownSet(base)
		}
		if s.cols == nil {
			s.cols = s.rows
		}
		s.prop = "symmetric"
	}
	switch {
	case sign == "":
	case signs[sign] == "":
		return unknownSet(base.To(p.last))
	case square:
		s.prop = map[string]string{"nonnegative": "psd", "positive": "spd"}[signs[sign]]
	default:
		s.prop = signs[sign]
	}
	s.scalar = s.rows == nil
	return nil
}

// subOf reads the subscript of a set: + or ++.
func subOf(t *lexer.Token) string {
	_, _, sub := canonical("x" + t.Value)
	return strings.ReplaceAll(sub, " ", "")
}

// braces reads {0,1}: binary; other values say nothing that is a property.
func (s *set) braces(p *climber) *diag.Diagnostic {
	open := spanOf(p.next())
	var values []string
	for {
		t := p.next()
		switch t.Type {
		case tRBrace, tRSet:
			if v := strings.Join(values, ""); v == "0,1" || v == "1,0" {
				s.prop = "binary"
			} else if len(values) == 0 {
				return unknownSet(open.To(spanOf(t)))
			}
			return nil
		case tNumber, tComma, tMinus, tAdd, tName, tArrow:
			values = append(values, t.Value)
		default:
			return unknownSet(open.To(spanOf(t)))
		}
	}
}

// interval reads [0,1], (0,1), (0,∞): nonnegative or positive.
func (s *set) interval(p *climber) *diag.Diagnostic {
	t := p.next()
	open := spanOf(t)
	if lo := p.peek(); lo.Type == tNumber && strings.Trim(lo.Value, "0.") == "" {
		s.prop = "nonnegative"
		if t.Value == "(" {
			s.prop = "positive"
		}
	}
	for range 12 {
		switch t := p.next(); t.Type {
		case tRBrack, tClose:
			return nil
		case tNumber, tComma, tMinus, tAdd, tName:
		default:
			return unknownSet(open.To(spanOf(t)))
		}
	}
	return unknownSet(open)
}

// exponent reads ^n, ^{N×D}, ^(N×D), ⁿ, ⁿˣᵈ; the sign is that of ^n_+.
func (s *set) exponent(p *climber) (sign string, ok bool) {
	switch t := p.peek(); t.Type {
	case tSup:
		p.next()
		return "", s.superscript(p, t)
	case tTrans:
		if t.Value != "^T" { // R^T: T is a size here
			p.fail(unknownSet(spanOf(t)))
			return "", false
		}
		p.next()
		s.rows = nameOf("T", t.Pos.Offset+1)
	case tCaret:
		p.next()
		switch t := p.peek(); t.Type {
		case tLBrace, tOpen:
			p.next()
			if s.rows = p.size(true); s.rows == nil {
				return "", false
			}
			if c := p.peek(); c.Type == tTimes || c.Type == tComma {
				p.next()
				if s.cols = p.size(true); s.cols == nil {
					return "", false
				}
			}
			close := map[bool]lexer.TokenType{true: tRBrace, false: tClose}[t.Type == tLBrace]
			if !p.expect(close, quote(map[bool]string{true: "}", false: ")"}[t.Type == tLBrace])) {
				return "", false
			}
			return "", true
		case tName:
			p.next()
			n := nameOf(t.Value, t.Pos.Offset)
			if signs[n.Sub] != "" { // R^n_+
				sign = n.Sub
				n.Text, n.Sub = n.Base, ""
			}
			s.rows = n
		case tNumber:
			p.next()
			s.rows = &ast.Number{Val: t.Value, Text: t.Value, Span: spanOf(t)}
		default:
			p.fail(unexpected(t, "a size", p.last))
			return "", false
		}
	default:
		return "", true
	}
	if n := p.peekAt(1); p.peek().Type == tTimes && !(n.Type == tName && sets[nameOf(n.Value, 0).Base]) { // R^N×D without its braces
		p.next()
		if s.cols = p.size(true); s.cols == nil {
			return "", false
		}
	}
	return sign, true
}

// superscript reads the sizes of ℝⁿˣᵈ.
func (s *set) superscript(p *climber, t *lexer.Token) bool {
	var list []ast.Expr
	var plain strings.Builder
	for _, r := range t.Value {
		plain.WriteRune(superscripts[r])
	}
	for _, w := range strings.Split(plain.String(), "x") {
		switch {
		case w == "":
			list = append(list, nil, nil, nil)
		case strings.Trim(w, "0123456789") == "":
			list = append(list, &ast.Number{Val: w, Text: t.Value, Span: spanOf(t)})
		case len(w) == 1 && isLetter(rune(w[0])):
			list = append(list, &ast.Name{Text: w, Base: w, Src: t.Value, Span: spanOf(t)})
		default:
			list = append(list, nil, nil, nil)
		}
	}
	if len(list) == 0 || len(list) > 2 {
		p.fail(unknownSet(spanOf(t)))
		return false
	}
	s.rows = list[0]
	if len(list) == 2 {
		s.cols = list[1]
	}
	return true
}
