package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// withoutEnd drops punctuation at the end of a formula.
func withoutEnd(toks []lexer.Token) []lexer.Token {
	for n := len(toks); n > 0; n = len(toks) {
		t := &toks[n-1]
		if t.Type != tComma && !(t.Type == tBad && strings.Trim(t.Value, ".") == "") && !(t.Type == tText && n > 1) {
			break
		}
		toks = toks[:n-1]
	}
	return toks
}

// connectives begin a line of a derivation without being part of it.
var connectives = setOf("so thus hence then therefore where with and let since because now set define here also finally consequently moreover gives yields " +
	"So Thus Hence Then Therefore Where With And Let Since Because Now Set Define Here Also Finally Consequently Moreover " +
	"и где тогда поэтому пусть следовательно значит отсюда итак И Где Тогда Поэтому Пусть Следовательно Значит Отсюда Итак " +
	"also daher somit folglich wobei sei Also Daher Somit Folglich Wobei Sei donc alors où soit Donc Alors Soit luego entonces donde sea Luego Entonces Donde Sea")

// withoutLead drops connectives before a formula: "so dQ = …", \text{where} r = ….
func withoutLead(toks []lexer.Token, known map[string]bool) []lexer.Token {
	for len(toks) > 1 && toks[0].Type == tText {
		toks = toks[1:]
	}
	for len(toks) > 0 && toks[0].Type == tName && connects(toks[0].Value) && !known[toks[0].Value] {
		if len(toks) == 1 { // "hence," was cut off at its comma
			return nil
		}
		switch toks[1].Type {
		case tComma:
			toks = toks[1:]
		case tName, tPartial, tNabla, tFrac, tNorm, tBar, tOpen:
		default:
			return toks
		}
		toks = toks[1:]
	}
	return toks
}

// connects tells a connective, in \text{…} too.
func connects(word string) bool {
	if strings.HasPrefix(word, `\`) {
		word = identOf(strings.TrimSpace(word), 0).Name
	}
	return connectives[strings.TrimSpace(word)]
}

// namesIn collects the names that statements declare or define.
func namesIn(pieces []piece) map[string]bool {
	known := make(map[string]bool)
	for i := range pieces {
		toks := pieces[i].toks
		k := 0
		for k+1 < len(toks) && toks[k].Type == tName && toks[k+1].Type == tComma {
			k += 2
		}
		if k+1 < len(toks) && toks[k].Type == tName && (toks[k+1].Type == tColon || toks[k+1].Type == tEq || toks[k+1].Type == tIn) {
			for _, t := range toks[:k+1] {
				known[t.Value] = true
			}
		}
	}
	return known
}

// wordy matches a word of a human language: two or more letters, all but the
// first of them small.
var wordy = lazyregexp.New(`\A\pL\p{Ll}+\z`)

// isProse tells whether the tokens of a line are words rather than
// mathematics: two or more of them in a row, most of the line, without a sign
// that words do not have.
func isProse(toks []lexer.Token, known map[string]bool) bool {
	words, row, longest := 0, 0, 0
	for i := range toks {
		t := &toks[i]
		switch t.Type {
		case tName:
			call := i+1 < len(toks) && toks[i+1].Type == tOpen && endOf(*t) == toks[i+1].Pos.Offset
			if wordy.MatchString(t.Value) && !known[t.Value] && !call && !isProperty(t.Value) {
				words++
				row++
				longest = max(longest, row)
				continue
			}
		case tEq, tPartial, tNabla, tFrac, tIn, tImplies, tElemMul:
			return false
		}
		row = 0
	}
	return longest >= 2 && 2*words >= len(toks) || longest >= 3
}
