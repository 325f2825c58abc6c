package parser

import (
	"github.com/alecthomas/participle/v2/lexer"
)

// The variants of a formula: what is left of it when something that writers add
// is cut off. Each returns nil where it has nothing to cut.

func keep(toks []lexer.Token) []lexer.Token { return toks }

// uncommented cuts a formula at an arrow, a remark or an end-of-proof sign.
func uncommented(toks []lexer.Token) []lexer.Token {
	depth := 0
	for i := range toks {
		t := &toks[i]
		switch {
		case closers[t.Type] != 0:
			depth++
		case isCloser[t.Type]:
			depth--
		case depth == 0 && i > 0 && (t.Type == tText || t.Type == tImplies || t.Type == tArrow && endsFormula[t.Value]):
			return toks[:i]
		}
	}
	return nil
}

var endsFormula = setOf(`→ ← ⟶ -> \to \rightarrow \leftarrow \longrightarrow \blacksquare \square \qed ■ ∎`)

// unchained takes the remarks in braces out of a chain: a = \{…\} = b.
func unchained(toks []lexer.Token) []lexer.Token {
	if short := uncommented(toks); short != nil {
		toks = short
	}
	var out []lexer.Token
	sides, dropped := 0, false
	for from := 0; from <= len(toks); {
		to, depth := from, 0
		for to < len(toks) && (depth > 0 || toks[to].Type != tEq) {
			if closers[toks[to].Type] != 0 {
				depth++
			} else if isCloser[toks[to].Type] {
				depth--
			}
			to++
		}
		side := toks[from:to]
		if n := len(side); n > 1 && side[0].Type == tLSet && side[n-1].Type == tRSet {
			dropped = true
		} else {
			if sides > 0 {
				out = append(out, toks[from-1])
			}
			out = append(out, side...)
			sides++
		}
		from = to + 1
	}
	if !dropped || sides < 2 {
		return nil
	}
	return out
}

// membership finds the ∈ R^k after an equation for a name.
func membership(toks []lexer.Token) (name lexer.Token, set []lexer.Token) {
	if len(toks) < 4 || toks[0].Type != tName || toks[1].Type != tEq {
		return name, nil
	}
	depth := 0
	for i := range toks {
		switch t := toks[i].Type; {
		case closers[t] != 0:
			depth++
		case isCloser[t]:
			depth--
		case t == tIn && depth == 0:
			return toks[0], toks[i:]
		}
	}
	return name, nil
}

// unwrapped takes a statement out of \underbrace{…}_{…}, \boxed{…} or \{…\}.
func unwrapped(toks []lexer.Token) []lexer.Token {
	if len(toks) > 0 && toks[0].Type == tBrace {
		toks = toks[1:]
	}
	if len(toks) < 3 || toks[0].Type != tLBrace && toks[0].Type != tLSet {
		return nil
	}
	depth := 0
	for i := range toks {
		switch t := toks[i].Type; {
		case closers[t] != 0:
			depth++
		case isCloser[t]:
			if depth--; depth == 0 {
				if i == len(toks)-1 || i == len(toks)-2 && toks[i+1].Type == tSub {
					return toks[1:i]
				}
				return nil
			}
		}
	}
	return nil
}

// conditioned makes one name of p(y=1|x, w) on the left of a formula: p, or p_k
// for p(y=k|x).
func conditioned(toks []lexer.Token) []lexer.Token {
	if len(toks) < 4 || toks[0].Type != tName || toks[1].Type != tOpen {
		return nil
	}
	depth, bar := 0, false
	for i := 1; i < len(toks); i++ {
		switch toks[i].Type {
		case tOpen:
			depth++
		case tBar, tEq:
			bar = true
		case tClose:
			if depth--; depth > 0 {
				continue
			}
			if !bar || i+1 >= len(toks) || toks[i+1].Type != tEq {
				return nil
			}
			name := toks[0]
			if toks[3].Type == tEq && toks[4].Type == tName && len(toks[4].Value) == 1 && plainWord(name.Value) {
				name.Value += "_" + toks[4].Value
			}
			out := append([]lexer.Token{name}, toks[i+1:]...)
			if short := uncommented(out); short != nil {
				return short
			}
			return out
		}
	}
	return nil
}
