package parser

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
)

// atom parses an operand without its postfix operators.
func (p *climber) atom() ast.Expr {
	if p.err != nil {
		return nil
	}
	switch t := p.peek(); t.Type {
	case tName:
		return p.name()
	case tNumber:
		return p.number()
	case tOpen:
		if t.Value == "[" && p.holdsComparison() || p.holdsOnly(tCompare) { // \left[ y = k \right], (x > 0)
			return p.iverson(tClose)
		}
		return p.group(tClose, "`)`", true)
	case tLSet:
		return p.group(tRSet, "`}`", true)
	case tLBrace:
		return p.group(tRBrace, "`}`", false)
	case tLBrack:
		if p.holdsSum() || p.entered() { // 1/N Σ_i [y_i log p_i + (1 − y_i) log(1 − p_i)]
			return p.group(tRBrack, "`]`", true)
		}
		if !p.holdsComparison() {
			return p.fail(failure("E221", "matrix literals are not in the language", "declare a variable and use its name; round brackets group", label(p.bracketSpan(), "")))
		}
		return p.iverson(tRBrack)
	case tLAngle:
		return p.inner(tRAngle)
	case tCompare:
		if p.anglesAhead() {
			return p.inner(tCompare)
		}
		return p.fail(unexpected(t, "an operand", p.last))
	case tBar, tNorm, tLAbs, tLNorm:
		return p.barred()
	case tBigOp:
		return p.bigOp()
	case tPartial:
		return p.partial()
	case tNabla:
		return p.nabla()
	case tFrac:
		return p.frac()
	case tSqrt:
		return p.root()
	case tBrace, tOver:
		return p.decorated()
	case tCases:
		return p.cases()
	default:
		want := "an operand"
		if t.Type == tArrow || t.Type == tImplies {
			want = ""
		}
		return p.fail(unexpected(t, want, p.last))
	}
}

// nested runs f inside a bracket: bars opened outside do not close inside.
func (p *climber) nested(f func() ast.Expr) ast.Expr {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	bars := p.bars
	p.bars = nil
	x := f()
	p.bars = bars
	return x
}

// group parses a bracketed expression; keep tells whether the bracket is one
// that a reader sees.
func (p *climber) group(close lexer.TokenType, want string, keep bool) ast.Expr {
	open := spanOf(p.next())
	x := p.nested(p.sum)
	if x == nil || !p.expect(close, want) {
		return nil
	}
	if !keep {
		switch x.(type) {
		case *ast.Name, *ast.Number:
			return x
		}
	}
	return &ast.Paren{X: x, Span: open.To(p.last)}
}

// number parses a literal.
func (p *climber) number() ast.Expr {
	t := p.next()
	if k := p.peek().Type; t.Value == "1" && (k == tLBrace || k == tLSet) && p.indicates() { // 1{y = k}
		return p.indicated(spanOf(t))
	}
	val := t.Value
	r, n := utf8.DecodeLastRuneInString(val)
	if f := vulgar[r]; f != "" {
		val = f
		if whole := t.Value[:len(t.Value)-n]; whole != "" { // 2½
			num, den, _ := strings.Cut(f, "/")
			a, err1 := strconv.Atoi(whole)
			b, err2 := strconv.Atoi(num)
			c, err3 := strconv.Atoi(den)
			if err1 != nil || err2 != nil || err3 != nil || a > 1e6 {
				return p.fail(badNumber(t))
			}
			val = strconv.Itoa(a*c+b) + "/" + den
		}
	}
	if len(val) > 400 {
		return p.fail(badNumber(t))
	}
	if i := strings.IndexAny(val, "eE"); i >= 0 {
		if e, err := strconv.Atoi(val[i+1:]); err != nil || e < -400 || e > 400 {
			return p.fail(badNumber(t))
		}
	}
	val = strings.TrimSuffix(val, ".")
	x := &ast.Number{Val: val, Text: t.Value, Span: spanOf(t)}
	if p.touches() {
		switch p.peek().Type {
		case tName, tOpen, tLBrack, tTrans, tPartial, tFrac:
			x.Touches = true
		}
	}
	return x
}

// name parses a name, a call, or a derivative written with d.
func (p *climber) name() ast.Expr {
	if d := p.plainDerivative(); d != nil || p.err != nil {
		return d
	}
	t := p.next()
	n := nameOf(t.Value, t.Pos.Offset)
	if indicator[n.Text] && p.indicates() {
		return p.indicated(spanOf(t))
	}
	if o := p.peek(); o.Type == tOpen && !(o.Value == "[" && p.holdsComparison()) {
		return p.call(n, tClose, "`)`")
	} else if o.Type == tLSet && p.listed() { // \max\{0, x\}
		return p.call(n, tRSet, "`\\}`")
	}
	return n
}

// listed tells whether the bracket at the next token holds a comma of its own.
func (p *climber) listed() bool {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	depth := 0
	for range maxScan {
		switch t := p.lex.Next(); {
		case closers[t.Type] != 0:
			depth++
		case isCloser[t.Type]:
			if depth--; depth == 0 {
				return false
			}
		case t.Type == tComma && depth == 1:
			return true
		case t.Type == lexer.EOF:
			return false
		}
	}
	return false
}

// call parses the bracketed list after a name.
func (p *climber) call(fun *ast.Name, close lexer.TokenType, want string) ast.Expr {
	c := &ast.Call{Fun: fun, Space: !p.touches()}
	p.next()
	if p.peek().Type == tColon && p.peekAt(1).Type == close && !c.Space { // X(:), as in MATLAB
		p.next()
		p.next()
		return &ast.Call{Fun: &ast.Name{Text: "vec", Base: "vec", Src: "vec", Span: fun.Span}, Args: []ast.Expr{fun}, Span: fun.Span.To(p.last)}
	}
	p.nested(func() ast.Expr {
		for p.peek().Type != close {
			if t, eq := p.peek(), p.peekAt(1); t.Type == tName && eq.Type == tEq && keyword[t.Value] {
				p.next() // sum(A, axis=0): the axis is an operand like any other
				p.next()
			}
			if t := p.peek(); t.Type == tColon { // A(:, 1)
				return p.fail(failure("E220", "entries and slices are not in the language", "declare a variable for the part", label(spanOf(t), "")))
			}
			x := p.sum()
			if x == nil {
				return nil
			}
			c.Args = append(c.Args, x)
			switch t := p.peek(); t.Type {
			case close:
			case tComma:
				p.next()
				if p.peek().Type == close {
					return p.fail(unexpected(p.peek(), "an operand", p.last))
				}
			case tNorm: // KL(p ‖ q)
				p.next()
			case tBar:
				if p.next(); p.peek().Type == tBar && p.touches() {
					p.next()
				}
			case tEq:
				return p.fail(failure("E121", "an equals sign cannot stand here", "arguments have no names; a comparison is written [y = k]", label(spanOf(t), "")))
			default:
				p.expect(close, want)
				return nil
			}
		}
		return nil
	})
	if p.err != nil || !p.expect(close, want) {
		return nil
	}
	c.Span = fun.Span.To(p.last)
	return c
}

// keyword are the named arguments of other languages that are operands here.
var keyword = setOf("axis dim dims")

// holdsComparison tells whether the square bracket at the next token holds a
// comparison at its own level: then it is an Iverson bracket.
func (p *climber) holdsComparison() bool { return p.holdsOnly(tCompare, tEq, tIn, tImplies) }

// holdsOnly tells whether one of the signs stands in the bracket at the next
// token, at its own level.
func (p *climber) holdsOnly(signs ...lexer.TokenType) bool {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	depth := 0
	for range maxScan {
		t := p.lex.Next()
		switch t.Type {
		case tOpen, tLBrack, tLBrace, tLSet, tLAngle, tCases:
			depth++
		case tClose, tRBrack, tRBrace, tRSet, tRAngle, tEndCases:
			if depth--; depth == 0 {
				return false
			}
		case tCompare, tEq, tIn, tImplies:
			if depth == 1 && slices.Contains(signs, t.Type) && (t.Type != tImplies || t.Value == "=>") {
				return true
			}
		case lexer.EOF:
			return false
		}
	}
	return false
}

// holdsSum tells whether the square brackets that follow group a sum. A sign
// that stands before an operand, as in [1 -1], makes a matrix literal of them,
// and so do commas and lines.
func (p *climber) holdsSum() bool {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	depth, sum := 0, false
	end := 0 // of the token before
	for range maxScan {
		t := p.lex.Next()
		switch t.Type {
		case tOpen, tLBrack, tLBrace, tLSet, tLAngle, tCases:
			depth++
		case tClose, tRBrack, tRBrace, tRSet, tRAngle, tEndCases:
			if depth--; depth == 0 {
				return sum
			}
		case tAdd, tMinus:
			at := t.Pos.Offset
			next := p.lex.Peek().Pos.Offset
			apart, before := next > at+len(t.Value), at > end
			if depth == 1 && before && !apart {
				return false
			}
			sum = sum || depth == 1 && apart == before
		case tComma, tSemi, tEOL, tCompare, tEq, tIn:
			if depth == 1 {
				return false
			}
		case lexer.EOF:
			return false
		}
		end = t.Pos.Offset + len(t.Value)
	}
	return false
}

// entered tells whether the square brackets that follow carry a subscript:
// [X'r]_k is an entry of what stands in them.
func (p *climber) entered() bool {
	n := p.bracketLength(0)
	if n < 3 || p.peekAt(n).Type != tSub {
		return false
	}
	for k := 1; k < n-1; k++ {
		switch p.peekAt(k).Type {
		case tComma, tSemi, tEOL, tColon:
			return false
		}
	}
	return true
}

// maxScan bounds how many tokens a decision may look ahead.
const maxScan = 2048

// bracketSpan is the span from the next token to the bracket that closes it.
func (p *climber) bracketSpan() ast.Span {
	c := p.lex.MakeCheckpoint()
	defer p.lex.LoadCheckpoint(c)
	s := spanOf(p.peek())
	depth := 0
	for range maxScan {
		t := p.lex.Next()
		switch t.Type {
		case tLBrack:
			depth++
		case tRBrack:
			if depth--; depth == 0 {
				return s.To(spanOf(t))
			}
		case lexer.EOF:
			return s
		}
	}
	return s
}

// index parses x[i, j], which the language does not have yet: the tree keeps
// it so that the message can say so. What is no list of expressions (X[:, 1])
// is reported here.
func (p *climber) index(x ast.Expr) ast.Expr {
	span := x.Pos().To(p.bracketSpan())
	p.next()
	ix := &ast.Index{X: x, Span: span}
	ok := false
	save := p.err
	p.nested(func() ast.Expr {
		for {
			a := p.sum()
			if a == nil {
				return nil
			}
			ix.Args = append(ix.Args, a)
			switch p.peek().Type {
			case tComma:
				p.next()
			case tRBrack:
				ok = true
				return nil
			default:
				return nil
			}
		}
	})
	if !ok {
		literal := p.peek().Type == tSemi || p.err != nil && p.err.Code == "E108" // x'[1 2; 3 4]
		p.err = save
		if literal {
			at := ast.Span{Start: x.Pos().End, End: span.End}
			return p.fail(failure("E221", "matrix literals are not in the language", "declare a variable and use its name; round brackets group", label(at, "")))
		}
		return p.fail(failure("E220", "entries and slices are not in the language", "declare a variable for the part", label(span, "")))
	}
	p.next()
	return ix
}

var compareOps = map[string]ast.Op{
	">=": ast.Ge, "≥": ast.Ge, "⩾": ast.Ge, `\ge`: ast.Ge, `\geq`: ast.Ge, `\geqslant`: ast.Ge, "=>": ast.Ge,
	"<=": ast.Le, "≤": ast.Le, "⩽": ast.Le, `\le`: ast.Le, `\leq`: ast.Le, `\leqslant`: ast.Le,
	">": ast.Gt, `\gt`: ast.Gt, "<": ast.Lt, `\lt`: ast.Lt, "==": ast.Eq, "=": ast.Eq, "!=": ast.Ne, "~=": ast.Ne, "<>": ast.Ne, "≠": ast.Ne, `\ne`: ast.Ne, `\neq`: ast.Ne,
}

// iverson parses [x >= a], [y = k], [a <= x <= b], [x ∈ [a, b]].
func (p *climber) iverson(close lexer.TokenType) ast.Expr {
	v := &ast.Iverson{Span: spanOf(p.next())}
	p.nested(func() ast.Expr {
		p.comparison(v, close)
		return nil
	})
	if p.err != nil || !p.expect(close, "`]`") {
		return nil
	}
	v.Span = v.Span.To(p.last)
	return v
}

// indicator are the names that stand before a condition: 𝟙[x > 0], 𝟙{y = k}.
var indicator = setOf("𝟏 𝟙")

// indicates tells whether a condition in brackets comes straight after an
// indicator.
func (p *climber) indicates() bool {
	switch p.peek().Type {
	case tOpen, tLBrack, tLBrace, tLSet:
		return p.touches() && p.holdsComparison()
	}
	return false
}

// indicated parses the condition of an indicator, which is an Iverson bracket.
func (p *climber) indicated(at ast.Span) ast.Expr {
	x := p.iverson(closers[p.peek().Type])
	if v, ok := x.(*ast.Iverson); ok {
		v.Span = at.To(v.Span)
	}
	return x
}

// comparison parses a chain of comparisons up to the token that ends it.
func (p *climber) comparison(v *ast.Iverson, ends ...lexer.TokenType) {
	p.conditions++
	defer func() { p.conditions-- }()
	x := p.sum()
	for x != nil {
		v.Xs = append(v.Xs, x)
		t := p.peek()
		for _, e := range ends {
			if t.Type == e {
				return
			}
		}
		op := compareOps[t.Value]
		switch {
		case t.Type == tIn && len(v.Xs) == 1:
			p.next()
			p.interval(v)
			return
		case t.Type == tImplies && t.Value == "=>":
			p.fail(failure("E106", "unexpected `=>`", "greater or equal is >=", label(spanOf(t), "")))
			return
		case t.Type != tCompare && t.Type != tEq || op == ast.NoOp:
			p.expect(ends[0], "`]`")
			return
		}
		v.Ops = append(v.Ops, op)
		p.next()
		x = p.sum()
	}
}

// interval parses the [a, b] of [x ∈ [a, b]], open sides with round brackets.
func (p *climber) interval(v *ast.Iverson) {
	var low, high ast.Expr
	lo, hi := ast.Le, ast.Le
	switch t := p.peek(); {
	case t.Type == tLBrack || t.Type == tOpen && t.Value == "[":
	case t.Type == tOpen:
		lo = ast.Lt
	default:
		p.fail(failure("E106", "after ∈ stands an interval", "write [x ∈ [a, b]] or [x ∈ (a, b)]", label(spanOf(t), "")))
		return
	}
	p.next()
	p.nested(func() ast.Expr {
		if low = p.sum(); low != nil && p.expect(tComma, "`,`") {
			high = p.sum()
		}
		return nil
	})
	if low == nil || high == nil || p.err != nil {
		return
	}
	t := p.peek()
	switch {
	case t.Type == tClose && t.Value == ")":
		hi = ast.Lt
	case t.Type == tRBrack, t.Type == tClose:
	default:
		p.expect(tRBrack, "`]`")
		return
	}
	p.next()
	v.Xs = []ast.Expr{low, v.Xs[0], high}
	v.Ops = []ast.Op{lo, hi}
}

// inner parses ⟨a, b⟩.
func (p *climber) inner(closing lexer.TokenType) ast.Expr {
	in := &ast.Inner{Span: spanOf(p.next())}
	p.nested(func() ast.Expr {
		if in.X = p.sum(); in.X == nil {
			return nil
		}
		if t := p.peek(); t.Type == tBar { // ⟨a | b⟩
			p.next()
		} else if !p.expect(tComma, "`,`") {
			return nil
		}
		in.Y = p.sum()
		return nil
	})
	if p.err != nil || !p.expect(closing, "`⟩`") {
		return nil
	}
	in.Span = in.Span.To(p.last)
	if p.peek().Type == tSub { // ⟨A, B⟩_F
		p.next()
		in.Span = in.Span.To(p.last)
	}
	return in
}
