package check

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// What the words of a line assume or declare: "since A is symmetric", "für
// symmetrisches A", "Let X: n×p".

// propertyStems are the beginnings of the words for the properties of the
// language, the longer ones first where one begins another.
var propertyStems = []struct{ stem, prop string }{
	{"positive definite", "spd"}, {"positive-definite", "spd"}, {"positiv definit", "spd"}, {"положительно определ", "spd"},
	{"positive semidefinite", "psd"}, {"positive semi-definite", "psd"}, {"positive-semidefinite", "psd"}, {"positiv semidefinit", "psd"}, {"неотрицательно определ", "psd"},
	{"symmetri", "symmetric"}, {"symétri", "symmetric"}, {"simétri", "symmetric"}, {"simmetri", "symmetric"}, {"симметри", "symmetric"},
	{"orthogonal", "orthogonal"}, {"ортогональн", "orthogonal"}, {"diagonal", "diagonal"}, {"диагональн", "diagonal"},
	{"半正定", "psd"}, {"正定", "spd"}, {"对称", "symmetric"}, {"對稱", "symmetric"}, {"正交", "orthogonal"}, {"对角", "diagonal"},
	{"onehot", "onehot"}, {"one-hot", "onehot"}, {"binary", "binary"}, {"spd", "spd"}, {"psd", "psd"},
}

var (
	propertyWord = func() string {
		var s []string
		for _, p := range propertyStems {
			s = append(s, p.stem)
		}
		return `(?i:` + strings.Join(s, "|") + `)`
	}()
	nameFirst = lazyregexp.New(`(^|[\s,(])(\pL[\pL\pN_]*)\s*,?\s+(?:(?:is|are|be|being|to be|ist|sei|est|es|è)\s+|—\s+)?(?:a\s+)?(` + propertyWord + `)\pL*`)
	propFirst = lazyregexp.New(`(` + propertyWord + `)\pL*\s+(?:(?:matrix|Matrix|matrices|матрица|матрицы|матрице)\s+)?(\pL[\pL\pN_]*)(?:$|[\s,.;:)])`)
	ofSet     = lazyregexp.New(`(^|[\s,(;])(\pL[\pL\pN_]*)\s*(?:∈|\\in\b)\s*[^\s,;=]+,?\s+(?:be\s+|is\s+|being\s+|—\s+)?(?:a\s+)?(` + propertyWord + `)\pL*`)
	triggers  = lazyregexp.New(`(?i)(?:^|[\s,(])(?:since|because|as|for|where|with|if|when|assum\pL*|suppos\pL*|let|given|где|так как|т\.к\.|для|если|пусть|при|поскольку|da|weil|wenn|mit|für|falls|sei|car|si|pour|avec|con|para|per|se|poiché)\s`)
)

// The property that words give a variable that a formula among them declares:
// "let $A ∈ R^{n×n}$ be symmetric", "für eine symmetrische Matrix $A ∈ …$".
var (
	propertyBehind = lazyregexp.New(`^(?:\$|\\\))?,?\s*(?:(?:is|are|be|being|to be|ist|sei|est|es|è|—)\s+|[是为為]\s*(?:一个|一個|实|實)?)?(?:(?:an?|eine?|une?|una)\s+)?(?:(?:real|reelle|réelle|matrice|matriz)\s+)*(` + propertyWord + `)`)
	propertyAhead  = lazyregexp.New(`(` + propertyWord + `)\pL*\s+(?:(?:matrix|Matrix|matrices|матрица|матрицы|матрице|матрицу)\s+)?(?:\$|\\\()\s*$`)
)

// beside returns the property that the words before and behind a declaration
// in source[start:end] name, "" if there is none.
func beside(source string, start, end int) string {
	word := ""
	if m := propertyBehind.FindStringSubmatch(source[end:min(len(source), end+80)]); m != nil {
		word = m[1]
	} else if m := propertyAhead.FindStringSubmatch(source[max(0, start-80):start]); m != nil {
		word = m[1]
	}
	for _, p := range propertyStems {
		if strings.EqualFold(word, p.stem) && expr.PropNamed(p.prop) != 0 {
			return p.prop
		}
	}
	return ""
}

// conditions are words by which a sentence assumes for itself only.
var conditions = lazyregexp.New(`(?i)(?:^|[\s,(])(?:if|when|unless|если|когда|wenn|falls|si|cuando|se)\s`)

// variable tells a name of a text: one that is declared or defined, or a single
// capital.
func (v vocabulary) variable(w string) bool {
	return v[w] || utf8.RuneCountInString(w) == 1 && unicode.IsUpper(firstRune(w))
}

// article tells the A of "A symmetric matrix satisfies …" from a name.
func article(l string, name, end int) bool {
	return l[name:name+1] == "A" && strings.Contains(l[end:], " matri") && !strings.Contains(l[name+1:end], " is ") && !strings.Contains(l[name+1:end], " be ")
}

// assumption is the statement that the words of a line make about a known
// name, "" if they make none. In a line with a formula a word such as since or
// with must say so.
func (v vocabulary) assumption(l string, within bool) string {
	name, word := "", ""
	from := 0
	if m := nameFirst.FindStringSubmatchIndex(l); m != nil && v.variable(l[m[4]:m[5]]) && !article(l, m[4], m[7]) {
		name, word, from = l[m[4]:m[5]], l[m[6]:m[7]], m[0]
		within = within && !strings.HasPrefix(l[m[0]:], "(")
	} else if m := propFirst.FindStringSubmatchIndex(l); m != nil && v.variable(l[m[4]:m[5]]) {
		name, word, from = l[m[4]:m[5]], l[m[2]:m[3]], m[0]
	}
	if m := ofSet.FindStringSubmatchIndex(l); name == "" && within && m != nil { // A ∈ R^{n×n} symmetric
		name, word, from = l[m[4]:m[5]], l[m[6]:m[7]], len(l)
		within = false
	}
	if name == "" || within && !triggers.MatchString(l[:from]+" ") {
		return ""
	}
	if t := strings.TrimSpace(l); !within && conditions.MatchString(l) && !strings.HasSuffix(t, ":") && !strings.HasSuffix(t, ",") && !begins(t) {
		return "" // said of something else
	}
	word = strings.ToLower(word)
	for _, p := range propertyStems {
		if word == p.stem && expr.PropNamed(p.prop) != 0 {
			return name + " " + p.prop
		}
	}
	return ""
}

// begins tells a sentence that begins with a condition and ends with it, "If A
// is symmetric": it is said of what comes next.
func begins(t string) bool {
	return unicode.IsUpper(firstRune(t)) && conditions.FindStringIndex(t)[0] == 0 && len(strings.Fields(t)) <= 4
}

// declared finds the names that are declared: before a colon or ∈ and a size,
// a set or a property.
var declared = lazyregexp.New(`(?:^|[;,\s])(\pL[\pL\pM\pN_{}\\]*)\s*(?::\s*\(?[0-9\pL_]+\)?\s*(?:$|[×*,;.)]|x\s|by\s|\s(?:symmetric|spd|psd|diagonal|orthogonal|positive|nonnegative|binary|onehot|simplex|stochastic|const|constant|row|column)\b)|∈|\\in\b)`)

// sizeSaid is a declaration by words: "X is n x p", "let A be a symmetric n×n
// matrix".
var sizeSaid = lazyregexp.New(`(?:^|[\s,;])(\pL[\pL\pM\pN_]*)\s+(?:is|be|ist|sei|has size|has shape|is of size|is of shape)\s+(?:an?\s+|eine?\s+)?(?:real\s+)?(?:(` +
	propertyWord + `)\pL*\s+)?([0-9\pL_]+)\s*(?:×|x|by|\\times)\s*([0-9\pL_]+)(?:$|[\s,.;-])`)

// sizes are the declarations that the words of a line make, "" if they make
// none.
func (v vocabulary) sizes(l string) string {
	var out []string
	for _, m := range sizeSaid.FindAllStringSubmatch(l, -1) {
		if v.word(m[1]) || v.word(m[3]) || v.word(m[4]) {
			return ""
		}
		s := m[1] + ": " + m[3] + "×" + m[4]
		for _, p := range propertyStems {
			if strings.EqualFold(m[2], p.stem) && expr.PropNamed(p.prop) != 0 {
				s += " " + p.prop
			}
		}
		out = append(out, s)
	}
	return strings.Join(out, "; ")
}

// declaration blanks the words around the declarations of a line: "Let X: n×p;
// y: n." A line that states nothing but a property of a known name becomes
// that.
func (v vocabulary) declaration(l string) string {
	if !strings.ContainsAny(l, ":∈") {
		if s := v.sizes(l); s != "" {
			return before(s, strings.Repeat(" ", len(l)))
		}
		if s := v.assumption(l, false); s != "" && !plainProperty(l) {
			return before(s, strings.Repeat(" ", len(l)))
		}
		return l
	}
	first := declared.FindStringSubmatchIndex(l)
	if first == nil {
		return l
	}
	// The names before the first: "Let x, y ∈ R^n".
	start := first[2]
	for {
		head := strings.TrimRight(l[:start], " \t")
		if !strings.HasSuffix(head, ",") {
			break
		}
		head = strings.TrimRight(head[:len(head)-1], " \t")
		start = strings.LastIndexFunc(head, func(r rune) bool { return unicode.IsSpace(r) || r == ',' }) + 1
	}
	head := l[:start]
	if w, ok := strings.CutSuffix(strings.TrimSpace(head), ":"); ok && v.word(w) { // Given: X: n×p
		head = w
	}
	for _, r := range head {
		if !unicode.IsLetter(r) && !unicode.IsSpace(r) && !strings.ContainsRune("-,", r) {
			return l
		}
	}
	l = blankAt(l, 0, start)
	if m := ending.FindStringIndex(l); m != nil {
		l = blankAt(l, m[0], m[1])
	}
	for _, m := range conjunction.FindAllStringSubmatchIndex(l, -1) {
		l = l[:m[2]] + ";" + strings.Repeat(" ", m[3]-m[2]-1) + l[m[3]:]
	}
	if m := given.FindStringIndex(l); m != nil {
		l = blankAt(l, m[0], m[1])
	}
	return l
}

var (
	conjunction = lazyregexp.New(`[\s}](,?\s*(?:and|und|и|et|y|e)\s)\s*\pL[\pL\pN_]*\s*(?:∈|:|\\in\b)`)
	given       = lazyregexp.New(`\s(?:be given|given|gegeben|заданы|даны|fest|fixed)\s*$`)
)

// plainProperty tells a line that the language reads as it stands.
func plainProperty(l string) bool {
	fs := strings.Fields(l)
	for i, f := range fs {
		if i > 0 && !declares[f] && expr.PropNamed(strings.Trim(f, ",")) == 0 && !strings.HasSuffix(fs[i-1], ",") {
			return false
		}
	}
	return len(fs) > 1 && !strings.HasSuffix(l, ".")
}
