package check

import (
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// A sentence may list names with their sizes and kinds: "Given: A n×n, b n.",
// "Let A be a symmetric positive definite n×n matrix and x a vector", "где A —
// матрица n×n, x — вектор длины n". It is read as declarations if every word of
// it says a size, a kind, a property, or nothing.

// opens are the words at which such a list begins; without one, every item has
// two sizes or names its kind.
var opens = lazyregexp.New(`(?i)^\s*(?:given|let|suppose(?: that)?|assume(?: that)?|assuming|where|with|for|here|consider|дано|даны|пусть|где|для|здесь|gegeben(?: sei(?:en)?)?|sei(?:en)?|wobei|mit|für|hier|soit|soient|où|avec|pour|ici|donné(?:s|es)?|sean?|donde|con|para|dado(?:s)?|sia(?:no)?|dove|per|dati)(?:\s*:|\s+)\s*`)

var (
	listSigns = lazyregexp.New(`(?i)\s*(?:[;,]\s*(?:and|und|и|а|et)\s+|[;,]|\s(?:and|und|и|et|y|e)\s)\s*`)
	listName  = lazyregexp.New(`^\$?(\\?\pL[\pL\pM]*[0-9]*(?:_\{?[\pL0-9]+\}?)?)\$?$`)
	nameLast  = lazyregexp.New(`(?i)^((?:(?:an?|the|eine?|une?|una)\s+)?(?:[\pL-]+\s+)*(?:matrix|vector|scalar|number|vektor|skalar|matrice|vecteur|matriz|escalar|матрица|вектор|число))\s+(\pL[0-9]?|\\\pL+)$`)
	sizeSign  = lazyregexp.New(`(\d+|\pL[0-9]*)\s*(×|\\times|\s+by\s+|-by-|\s+на\s+|\s+auf\s+|\s+par\s+|\s+por\s+|\s+per\s+|\sx\s)\s*(\d+|\pL[0-9]*)`)
	kindStems = []struct{ stem, kind string }{
		{"matri", "matrix"}, {"матриц", "matrix"}, {"vector", "vector"}, {"vektor", "vector"}, {"vecteur", "vector"}, {"vettor", "vector"}, {"вектор", "vector"}, {"столб", "vector"},
		{"scalar", "scalar"}, {"skalar", "scalar"}, {"scalair", "scalar"}, {"escalar", "scalar"}, {"скаляр", "scalar"}, {"number", "scalar"}, {"zahl", "scalar"}, {"nombre", "scalar"}, {"número", "scalar"}, {"numero", "scalar"}, {"числ", "scalar"}, {"constant", "scalar"}, {"konstante", "scalar"},
		{"square", "square"}, {"quadratisch", "square"}, {"квадратн", "square"}, {"carré", "square"}, {"cuadrad", "square"}, {"quadrat", "square"},
	}
	silent = wordSet("is are be a an the of size sizes shape dimension dimensions length with real given fixed dense dimensional full general known has have entries all both column in to real-valued " +
		"— – - это является являются есть размера размерности размер длины вещественная вещественный вещественные заданы дан данный некоторая некоторый задана произвольная " +
		"ist sind sei seien ein eine einer einem der die das den größe länge dimension mit reelle reeller " +
		"est sont soit un une de la le taille longueur dimension réel réelle es son una de tamaño longitud real è sono una di dimensione lunghezza reale")
)

// listed returns the declarations that a sentence makes, "" if it is no such
// list.
func (v vocabulary) listed(l string) string {
	text := strings.TrimSpace(strings.TrimRight(l, "\r\n"))
	if text == "" || strings.ContainsAny(text, "=≈∈#%∂∇'ᵀ^") || strings.Contains(text, `\in`) || utf8.RuneCountInString(text) > 400 {
		return ""
	}
	text = strings.TrimRight(text, ".:; ")
	open := false
	if m := opens.FindString(text); m != "" {
		text, open = text[len(m):], true
	}
	if strings.Contains(text, ":") { // a declaration as it stands
		return ""
	}
	var out, names []string
	for _, item := range listSigns.Split(text, -1) {
		item = nameLast.ReplaceAllString(strings.TrimSpace(item), "$2 $1")
		name, rest, _ := strings.Cut(item, " ")
		m := listName.FindStringSubmatch(name)
		if m == nil {
			p := v.itemOf(item) // a property behind a comma: A n×n, symmetric
			if len(out) == 0 || len(names) > 0 || p == nil || p.size != "" || p.kind != "" || len(p.props) == 0 {
				return ""
			}
			out[len(out)-1] += " " + strings.Join(p.props, " ")
			continue
		}
		if strings.TrimSpace(rest) == "" {
			if p := v.itemOf(item); p != nil && len(p.props) == 1 && len(out) > 0 && len(names) == 0 {
				out[len(out)-1] += " " + p.props[0]
				continue
			}
			names = append(names, m[1]) // x, y vectors
			continue
		}
		p := v.itemOf(rest)
		if p == nil || p.size == "" && p.kind == "" || !open && p.kind == "" && !strings.Contains(p.size, "×") {
			return ""
		}
		names = append(names, m[1])
		for _, n := range names {
			if len([]rune(n)) > 1 && !strings.Contains(p.size, "×") && !v[n] && !greek[n] && !strings.HasPrefix(n, `\`) && strings.Trim(n[1:], "0123456789_{}") != "" {
				return "" // a word
			}
		}
		out = append(out, strings.Join(names, ", ")+": "+p.text())
		names = nil
	}
	if len(out) == 0 || len(names) > 0 {
		return ""
	}
	s := strings.Join(out, "; ")
	if !v.declares(strings.Split(s, ";")[0]) {
		return ""
	}
	return s
}

// item is what a list says of a name.
type item struct {
	size, kind string
	props      []string
}

func (p *item) text() string {
	s := p.size
	switch {
	case p.size == "":
		s = p.kind
	case p.kind == "square" && !strings.Contains(s, "×"):
		s += "×" + s
	}
	return strings.Join(append([]string{s}, p.props...), " ")
}

// itemOf reads the words behind a name, nil if one of them says something else.
func (v vocabulary) itemOf(s string) *item {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("()$,", r) {
			return ' '
		}
		return r
	}, s)
	p := &item{}
	if m := sizeSign.FindStringSubmatchIndex(" " + s); m != nil {
		t := " " + s
		a, b := t[m[2]:m[3]], t[m[6]:m[7]]
		if v.word(a) || v.word(b) {
			return nil
		}
		p.size = a + "×" + b
		s = t[:m[0]] + " " + t[m[1]:]
	}
	for _, q := range propertyStems { // of several words too
		low := strings.ToLower(s)
		i := strings.Index(low, q.stem)
		if i < 0 || len(low) != len(s) || expr.PropNamed(q.prop) == 0 {
			continue
		}
		end := i + len(q.stem)
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !letter(r) && r != '-' {
				break
			}
			end += n
		}
		p.props = append(p.props, q.prop)
		s = s[:i] + " " + s[end:]
	}
	if len(p.props) > 1 { // symmetric positive definite
		p.props = p.props[:1]
	}
	for _, w := range strings.Fields(s) {
		kind := ""
		if a, b, ok := strings.Cut(w, "-"); ok && utf8.RuneCountInString(a) == 1 { // n-vector, n-dimensional
			if p.size == "" {
				p.size = a
			}
			w = b
		}
		size := strings.Trim(w, "-.")
		w = strings.ToLower(size)
		for _, k := range kindStems {
			if strings.HasPrefix(w, k.stem) {
				kind = k.kind
				break
			}
		}
		switch {
		case w == "row":
			p.kind = "row"
		case kind == "matrix" && p.kind == "square", kind == "vector" && p.kind == "row":
		case kind != "":
			p.kind = kind
		case silent[w] || w == "":
		case w == "positive":
			p.props = append(p.props, "positive")
		case p.size == "" && sizeAlone.MatchString(size):
			p.size = size
		default:
			return nil
		}
	}
	if p.kind == "vector" && strings.Contains(p.size, "×") && !strings.HasPrefix(p.size, "1×") && !strings.HasSuffix(p.size, "×1") {
		return nil
	}
	if p.kind == "scalar" && p.size != "" {
		return nil
	}
	return p
}

var sizeAlone = lazyregexp.New(`^(?:\d+|\pL[0-9]?)$`)
