package parser

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// classify marks the tokens of a declaration: a mark in front, and × between
// sizes, scalar and properties as tokens of their own.
func classify(toks []lexer.Token) []lexer.Token {
	if len(toks) == 0 {
		return toks
	}
	names := 0 // tokens of the list of names
	for names < len(toks) && toks[names].Type == tName {
		if names++; names < len(toks) && toks[names].Type == tComma {
			names++
			continue
		}
		break
	}
	if names > 0 && names+1 < len(toks) && toks[names].Value == "in" && toks[names].Type == tName {
		toks = slices.Clone(toks)
		toks[names].Type = tIn
	}
	mark := func(t lexer.TokenType, rest []lexer.Token) []lexer.Token {
		return append([]lexer.Token{{Type: t, Pos: toks[0].Pos}}, rest...)
	}
	depth := 0
	for i := range toks {
		switch t := toks[i].Type; {
		case t == tOpen || t == tLBrack || t == tLBrace:
			depth++
		case t == tClose || t == tRBrack || t == tRBrace:
			depth--
		case depth == 0 && (t == tEq || t == tImplies):
			return toks
		case depth == 0 && (t == tColon || t == tIn && i == names):
			rest := sizes(toks[i+1:])
			if t == tColon && isMapping(rest) {
				return mark(tMap, slices.Concat(toks[:i+1], rest))
			}
			out := mark(tDeclare, nil)
			if t == tColon {
				rest = tuple(rest)
				rest, out[0].Value = kinds(rest)
			}
			return slices.Concat(out, toks[:i+1], rest)
		}
	}
	if names == 0 {
		return toks
	}
	rest := toks[names:]
	if len(rest) == 2 && rest[0].Type == tCompare && rest[1].Value == "0" { // λ > 0
		v := rest[0].Value + " 0"
		if properties[v] != "" {
			return mark(tAssume, append(slices.Clone(toks[:names]), lexer.Token{Type: tProp, Value: v, Pos: rest[0].Pos}))
		}
	}
	return assumed(toks, mark)
}

// assumed recognises "A symmetric", "A is spd" and "A, B symmetric", whose
// words are all names.
func assumed(toks []lexer.Token, mark func(lexer.TokenType, []lexer.Token) []lexer.Token) []lexer.Token {
	i := 1
	for i+1 < len(toks) && toks[i].Type == tComma && toks[i+1].Type == tName {
		i += 2
	}
	head := toks[:i]
	if i < len(toks) && toks[i].Type == tName && (toks[i].Value == "is" || toks[i].Value == "are") {
		i++
	}
	rest := sizes(toks[i:])
	if len(rest) == 0 {
		return toks
	}
	for _, t := range rest {
		if t.Type != tProp && t.Type != tComma {
			return toks
		}
	}
	return mark(tAssume, slices.Concat(head, rest))
}

// sizes retypes the tokens after the colon of a declaration.
func sizes(toks []lexer.Token) []lexer.Token {
	out := make([]lexer.Token, 0, len(toks)+2)
	operand := func(i int) bool {
		return i >= 0 && i < len(toks) && (toks[i].Type == tName || toks[i].Type == tNumber || toks[i].Type == tClose || toks[i].Type == tOpen)
	}
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		if merged, n := propertyAt(toks[i:]); n > 0 {
			out = append(out, merged)
			i += n - 1
			continue
		}
		switch {
		case t.Type == tMul && (t.Value == "×" || t.Value == `\times`):
			t.Type = tTimes
		case t.Type == tName && (t.Value == "scalar" || t.Value == "scalars"):
			t.Type = tScalar
		case t.Type == tName && (t.Value == "x" || t.Value == "X" || t.Value == "by") && i > 0 && operand(i-1) && operand(i+1) && len(out) > 0 && out[len(out)-1].Type != tTimes:
			t.Type = tTimes
		case t.Type == tName && !isProperty(t.Value):
			out = append(out, splitTimes(t, i > 0 && toks[i-1].Type == tNumber && endOf(toks[i-1]) == t.Pos.Offset)...)
			continue
		}
		out = append(out, t)
	}
	return out
}

func endOf(t lexer.Token) int { return t.Pos.Offset + len(t.Value) }

// propertyAt reads a property at the start of toks: one-hot and positive
// definite are of several tokens.
func propertyAt(toks []lexer.Token) (lexer.Token, int) {
	t := toks[0]
	if t.Type != tName && t.Type != tText {
		return t, 0
	}
	word := t.Value
	if !plainWord(word) {
		word, _, _ = canonical(word)
	}
	prop := func(name string, n int) (lexer.Token, int) {
		return lexer.Token{Type: tProp, Value: name, Pos: t.Pos}, n
	}
	if len(toks) >= 3 && toks[1].Type == tMinus && toks[2].Type == tName && properties[word+"-"+toks[2].Value] != "" {
		return prop(word+"-"+toks[2].Value, 3)
	}
	if word == "positive" && len(toks) >= 2 && toks[1].Type == tName {
		switch {
		case toks[1].Value == "definite":
			return prop("spd", 2)
		case toks[1].Value == "semidefinite":
			return prop("psd", 2)
		case toks[1].Value == "semi" && len(toks) >= 4 && toks[3].Value == "definite":
			return prop("psd", 4)
		}
	}
	if isProperty(word) {
		return prop(word, 1)
	}
	return t, 0
}

// splitTimes cuts NxD, and the xD of 10xD, into sizes with × between them. A
// word is cut at an x between a capital or digits on one side and anything
// like it on the other; longer words are names.
func splitTimes(t lexer.Token, afterNumber bool) []lexer.Token {
	i := strings.IndexByte(t.Value, 'x')
	if i < 0 || strings.Count(t.Value, "x") != 1 || !plainWord(t.Value) {
		return []lexer.Token{t}
	}
	a, b := t.Value[:i], t.Value[i+1:]
	if !shortSize(b) || !(shortSize(a) || a == "" && afterNumber) {
		return []lexer.Token{t}
	}
	piece := func(kind lexer.TokenType, from, to int) lexer.Token {
		return lexer.Token{Type: kind, Value: t.Value[from:to], Pos: lexer.Position{Offset: t.Pos.Offset + from}}
	}
	var out []lexer.Token
	if a != "" {
		out = append(out, piece(tName, 0, i))
	}
	kind := tName
	if isDigit(rune(b[0])) {
		kind = tNumber
	}
	return append(out, piece(tTimes, i, i+1), piece(kind, i+1, len(t.Value)))
}

// shortSize tells a size of one letter with digits, or of digits.
func shortSize(s string) bool {
	if s == "" {
		return false
	}
	return strings.Trim(s, "0123456789") == "" || isLetter(rune(s[0])) && strings.Trim(s[1:], "0123456789") == ""
}

// tuple rewrites (N, D) and [N, D], as in NumPy, to N × D.
func tuple(toks []lexer.Token) []lexer.Token {
	if len(toks) < 4 || toks[0].Type != tOpen && toks[0].Type != tLBrack {
		return toks
	}
	comma := -1
	for i, t := range toks {
		switch t.Type {
		case tComma:
			if comma < 0 {
				comma = i
			}
		case tClose, tRBrack:
			if comma < 0 {
				return toks
			}
			out := slices.Clone(toks[1:comma])
			if comma+1 < i {
				at := toks[comma]
				at.Type = tTimes
				out = append(append(out, at), toks[comma+1:i]...)
			}
			return append(out, toks[i+1:]...)
		}
	}
	return toks
}

// size is a size symbol, a whole number, or a product or sum of them.
type size struct{ X ast.Expr }

// Parse implements participle.Parseable.
func (s *size) Parse(lex *lexer.PeekingLexer) error {
	switch t := lex.Peek(); t.Type {
	case tName, tNumber, tOpen:
	default:
		return &syntaxError{badDeclaration(t, spanOf(t))}
	}
	p := &climber{lex: lex}
	s.X = p.size(true)
	if p.err != nil {
		return &syntaxError{p.err}
	}
	return nil
}

// size parses n, 2n, n+1, 2*n, (n+1).
func (p *climber) size(sums bool) ast.Expr {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	x := p.sizeTerm()
	for x != nil {
		op := ast.NoOp
		switch t := p.peek(); t.Type {
		case tAdd:
			op = ast.Add
		case tMinus:
			op = ast.Sub
		case tMul:
			if _, number := x.(*ast.Number); !number && p.peekAt(1).Type != tNumber {
				return p.fail(failure("E111", quote(t.Value)+" does not separate sizes", "N×D (or N x D) is a matrix; a vector of length N*D needs a size of its own", label(spanOf(t), "")))
			}
			op = ast.Mul
		default:
			return x
		}
		at := spanOf(p.next())
		x = p.binary(op, x, at, p.sizeTerm())
	}
	return nil
}

func (p *climber) sizeTerm() ast.Expr {
	switch t := p.peek(); t.Type {
	case tNumber:
		x := p.number()
		if n := p.peek(); x != nil && n.Type == tName && p.touches() {
			p.next()
			return p.binary(ast.Juxt, x, ast.Span{}, nameOf(n.Value, n.Pos.Offset))
		}
		return x
	case tName:
		if notSizes[t.Value] {
			return p.fail(badDeclaration(t, p.last))
		}
		p.next()
		return nameOf(t.Value, t.Pos.Offset)
	case tOpen:
		p.next()
		x := p.size(true)
		if x == nil || !p.expect(tClose, "`)`") {
			return nil
		}
		return x
	default:
		return p.fail(badDeclaration(t, p.last))
	}
}

// badDeclaration explains a token that a declaration cannot have there.
func badDeclaration(t *lexer.Token, span ast.Span) *diag.Diagnostic {
	s := spanOf(t)
	switch t.Type {
	case tName:
		if notSizes[t.Value] {
			return failure("E111", quote(t.Value)+" is no shape", "write X: N×D for a matrix, x: n for a column, b: 1×n for a row, s: scalar", label(s, ""))
		}
		if utf8.RuneCountInString(t.Value) == 1 {
			return failure("E111", "unexpected "+quote(t.Value)+" in a declaration", "the sizes of a matrix have × or x between them: X: N×D", label(s, ""))
		}
		if rest := strings.TrimLeft(t.Value, "xX"); len(rest) == len(t.Value)-1 && shortSize(rest) {
			d := failure("E111", "unexpected "+quote(t.Value)+" in a declaration", "the sizes of a matrix have × or x between them, a space on both sides: x "+rest, label(s, ""))
			d.Fixes = []diag.Fix{{Span: s, Text: "x " + rest}}
			return d
		}
		if near := nearest(t.Value); near != "" {
			return failure("E112", "unknown property "+quote(t.Value), "did you mean "+near+"?", label(s, ""))
		}
		return failure("E112", "unknown property "+quote(t.Value), "properties are "+strings.Join(propertyNames, ", "), label(s, ""))
	case tMinus:
		return failure("E231", "a size is a positive whole number or a symbol, not a negative one", "write X: N×D, x: n or s: scalar", label(s, ""))
	case lexer.EOF:
		return failure("E111", "the declaration is not complete", "write X: N×D, x: n or s: scalar", label(span, ""))
	case tBad, tText:
		return unexpected(t, "", span)
	case tTimes:
		return failure("E111", "a shape has one or two sizes", "write X: N×D, x: n or s: scalar", label(s, ""))
	}
	if t.Type == tCaret {
		return failure("E111", "unexpected "+quote(t.Value)+" in a declaration", "a set stands after ∈: X ∈ R^{N×D}; after a colon stand the sizes, X: N×D", label(s, ""))
	}
	return failure("E111", "unexpected "+quote(t.Value)+" in a declaration", "write X: N×D, x: n or s: scalar", label(s, ""))
}

// notSizes are words that would be read as a size by mistake.
var notSizes = setOf("matrix vector row column col number real")

// kindWords are the words for kinds of value in declarations: x: vector, A:
// square matrix, λ: real number. Those without a kind say nothing.
var kindWords = map[string]string{
	"matrix": "matrix", "vector": "vector", "row": "row", "column": "vector", "col": "vector", "number": "scalar", "real": "",
	"matrices": "matrix", "vectors": "vector", "rows": "row", "columns": "vector", "numbers": "scalar", "reals": "scalar", "dimensional": "",
	"square": "square", "of": "", "length": "", "size": "", "dimension": "", "shape": "", "a": "", "an": "",
}

// kinds takes the words for kinds out of what stands behind the colon. A real
// alone is a number; without a word for a kind all words are what they are.
func kinds(toks []lexer.Token) (rest []lexer.Token, kind string) {
	real := false
	for i := range toks {
		t := &toks[i]
		k, ok := kindWords[t.Value]
		if t.Type == tMinus && i+1 < len(toks) && toks[i+1].Type == tName { // n-vector
			if _, word := kindWords[toks[i+1].Value]; word {
				continue
			}
		}
		if !ok || t.Type != tName {
			rest = append(rest, *t)
			continue
		}
		real = real || t.Value == "real"
		switch {
		case kind == "" || kind == "matrix" && k == "square":
			kind = k
		case k == "" || k == kind || k == "matrix" && kind == "square" || k == "vector" && kind == "row":
		default:
			return toks, ""
		}
	}
	switch {
	case kind == "" && real && !slices.ContainsFunc(rest, func(t lexer.Token) bool { return t.Type == tName || t.Type == tNumber }):
		kind = "scalar"
	case kind == "" && !real || len(rest) > 0 && rest[0].Type == tTimes:
		return toks, ""
	}
	return rest, kind
}

// ofKind completes a shape by the word for its kind, or tells that they do not
// go together.
func ofKind(decl *ast.Decl, kind string, at ast.Span) *diag.Diagnostic {
	isOne := func(x ast.Expr) bool {
		n, ok := x.(*ast.Number)
		return ok && n.Val == "1"
	}
	one := &ast.Number{Val: "1", Text: "1", Span: decl.Span}
	switch {
	case decl.Scalar && kind != "scalar", kind == "scalar" && decl.Rows != nil:
		return failure("E111", "a number has no sizes", "write s: scalar, x: n or X: N×D", label(at, ""))
	case kind == "matrix" && decl.Cols == nil:
		return failure("E111", "a matrix has two sizes", "write X: N×D; x: n is a column", label(at, ""))
	case kind == "vector" && decl.Cols != nil && !isOne(decl.Cols), kind == "row" && decl.Cols != nil && !isOne(decl.Rows):
		return failure("E111", "a vector has one size", "write x: n for a column, b: 1×n for a row, X: N×D for a matrix", label(at, ""))
	case kind == "row" && decl.Cols == nil:
		decl.Rows, decl.Cols = one, decl.Rows
	case kind == "square" && decl.Cols == nil:
		decl.Cols = decl.Rows
	}
	return nil
}

// tree converts a declaration.
func (d *declaration) tree(span ast.Span) (*ast.Decl, *diag.Diagnostic) {
	decl := &ast.Decl{Span: span, Names: idents(d.Names)}
	props := slices.Concat(d.Before, d.Props)
	switch {
	case d.Set != nil:
		decl.Scalar, decl.Rows, decl.Cols = d.Set.scalar, d.Set.rows, d.Set.cols
		if d.Set.prop != "" {
			decl.Props = append(decl.Props, ast.Ident{Name: d.Set.prop, Text: d.Set.text, Span: d.Set.span})
		}
	case d.Shape == nil && d.Kind == "scalar":
		decl.Scalar = true
	case d.Shape == nil && d.Kind != "":
		decl.Kind = d.Kind
	case d.Shape == nil:
		decl.Assume = true
		if len(props) == 0 {
			return nil, failure("E111", "the declaration is not complete", "write X: N×D, x: n or s: scalar", label(span, ""))
		}
	case d.Shape.Scalar:
		decl.Scalar = true
	default:
		decl.Rows = d.Shape.Rows.X
		if d.Shape.Cols != nil {
			decl.Cols = d.Shape.Cols.X
		}
	}
	if d.Kind != "" && d.Shape != nil {
		if d := ofKind(decl, d.Kind, span); d != nil {
			return nil, d
		}
	}
	decl.Props = append(decl.Props, propIdents(props)...)
	return decl, nil
}

// isMapping tells R^n → R^m, the sets of a function, by its arrow.
func isMapping(toks []lexer.Token) bool {
	return slices.ContainsFunc(toks, func(t lexer.Token) bool { return t.Type == tArrow && mapsTo[t.Value] })
}

var mapsTo = setOf(`-> → ⟶ \to \rightarrow \longrightarrow`)

func (m *mapping) tree(span ast.Span) *ast.Decl {
	decl := &ast.Decl{Span: span, Names: idents(m.Names), Scalar: m.To.scalar, Rows: m.To.rows, Cols: m.To.cols}
	for _, s := range m.From {
		decl.From = append(decl.From, ast.Space{Scalar: s.scalar, Rows: s.rows, Cols: s.cols})
	}
	return decl
}

func (a *assumption) tree(span ast.Span) *ast.Decl {
	return &ast.Decl{Span: span, Names: idents(a.Names), Props: propIdents(a.Props), Assume: true}
}

func idents(names []*name) []ast.Ident {
	var list []ast.Ident
	for _, n := range names {
		list = append(list, identOf(n.Token.Value, n.Token.Pos.Offset))
	}
	return list
}

func propIdents(props []*prop) []ast.Ident {
	var list []ast.Ident
	for _, p := range props {
		list = append(list, ast.Ident{Name: properties[p.Token.Value], Text: p.Token.Value, Span: spanOf(&p.Token)})
	}
	return list
}
