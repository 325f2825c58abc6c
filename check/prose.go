package check

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/internal/lazyregexp"
	"github.com/matdiff/matdiff/parser"
	"github.com/matdiff/matdiff/rules"
)

// document is a derivation with what is not mathematics blanked out, byte for
// byte, so that lines and spans stay what they are.
type document struct {
	src   string
	tree  *ast.Program
	prose int
	lost  []Line         // lines that could not be read
	names []string       // that lines which were lost define
	zero  map[int]bool   // lines that say that a gradient is zero
	said  map[int]string // sentences that are read as claims
	named map[int]bool   // those that give what they claim a name
	lists map[int]bool   // sentences that are read as lists of declarations
	read  infer.Options
}

// read parses a derivation. Sentences are passed over; a line that is meant as
// mathematics but has a syntax error is kept as not understood.
// Lines that unsaid has are not read as the claims that their words make.
func read(src string, unsaid map[int]bool) (*document, *diag.List) {
	d := &document{zero: map[int]bool{}, said: map[int]string{}, named: map[int]bool{}, lists: map[int]bool{}, read: readDerivation}
	lines := strings.SplitAfter(src, "\n")
	v := newVocabulary(src)
	zero := false // said by the words before the next formula
	for i, l := range lines {
		said := v.spoken(l)
		if said == "" && !unsaid[i+1] {
			said = v.spokenAs(l, lines[:i])
			d.named[i+1] = said != ""
		}
		list := ""
		if !unsaid[i+1] {
			list = v.listed(l)
		}
		switch {
		case list != "" && len(list) <= len(strings.TrimRight(l, "\r\n")):
			nl := l[len(strings.TrimRight(l, "\r\n")):]
			lines[i] = before(list, strings.Repeat(" ", len(l)-len(nl))) + nl
			d.lists[i+1] = true
		case said != "" && equationBefore(lines[:i]):
			lines[i] = said
			d.said[i+1] = strings.TrimSpace(l)
		case isProse(l) && v.assumption(l, false) == "":
			lines[i] = blank(l)
			d.prose++
			zero = saysZero(l)
		default:
			lines[i] = v.formula(l)
			if saysZero(l) || zero {
				d.zero[i+1] = true
			}
			zero = zero && strings.TrimSpace(lines[i]) == ""
		}
	}
	d.src = strings.Join(lines, "")
	tree, first := parser.Parse(d.src)
	list := first
	for tries := 0; list.Err() != nil && tries < 200; tries++ {
		bad := errorLine(d.src, list)
		if bad >= 0 && bad < len(lines) && (d.said[bad+1] != "" || v.sentence(lines[bad]) && equationBefore(lines[:bad])) {
			delete(d.said, bad+1)
			d.prose++
			lines[bad] = blank(lines[bad])
			d.src = strings.Join(lines, "")
			tree, list = parser.Parse(d.src)
			continue
		}
		// A line before the first equation or with a colon is part of the
		// problem, not of the derivation.
		if bad < 0 || bad >= len(lines) || strings.TrimSpace(lines[bad]) == "" || !strings.ContainsAny(lines[bad], "=≈←→") || !equationBefore(lines[:bad]) {
			return nil, first
		}
		d.lost = append(d.lost, Line{Line: bad + 1, Text: strings.TrimSpace(lines[bad]), Kind: "claim", Verdict: NotUnderstood, Reason: list.Items[0].Message})
		if n := leftName.FindStringSubmatch(lines[bad]); n != nil && !slices.Contains(d.names, n[1]) {
			d.names = append(d.names, n[1])
		}
		lines[bad] = blank(lines[bad])
		d.src = strings.Join(lines, "")
		tree, list = parser.Parse(d.src)
	}
	if list.Err() != nil {
		return nil, first
	}
	d.tree = tree
	arrange(tree, d.zero)
	d.names = slices.DeleteFunc(d.names, func(n string) bool { return knows(tree, n) })
	d.read.Lost = d.names
	return d, nil
}

// leftName is the name that a line says something of, which may define it.
var leftName = lazyregexp.New(`^\s*(\pL[\pL\pM\pN_{}]*)\s*:?=`)

// knows tells whether a statement declares or defines a name, or one of which
// it is the differential.
func knows(tree *ast.Program, name string) bool {
	rest, d := strings.CutPrefix(name, "d")
	is := func(s string) bool { return s == name || d && s == rest }
	for _, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			if slices.ContainsFunc(s.Names, func(id ast.Ident) bool { return is(id.Name) }) {
				return true
			}
		case *ast.Equation:
			if n := definedBy(s); n != "" && is(n) {
				return true
			}
		}
	}
	return false
}

// infer understands the text. A definition that has an error and stands behind
// the first claim is a line of the derivation that went wrong: it is passed
// over, and so is what speaks of it.
func (d *document) infer() (*infer.Result, *diag.List) {
	res, first := infer.Infer(d.tree, d.read)
	list := first
	lines := strings.SplitAfter(d.src, "\n")
	for tries := 0; list.Err() != nil && tries < 50; tries++ {
		bad := errorLine(d.src, list)
		if bad < 0 || bad >= len(lines) || bad+1 <= d.firstClaim() || strings.TrimSpace(lines[bad]) == "" {
			return nil, first
		}
		it := list.Items[0]
		l := Line{Line: bad + 1, Text: strings.TrimSpace(lines[bad]), Kind: "definition", Verdict: NotUnderstood, Reason: it.Message}
		if shapeError(it.Code) {
			l.Verdict, l.Mistake = Wrong, &Mistake{ID: "shape", Message: it.Message}
		}
		d.lost = append(d.lost, l)
		d.without(lines, bad)
		tree, err := parser.Parse(d.src)
		if err.Err() != nil {
			return nil, first
		}
		arrange(tree, d.zero)
		d.tree = tree
		read := d.read
		read.Lost = d.names
		res, list = infer.Infer(tree, read)
	}
	if list.Err() != nil {
		return nil, first
	}
	return res, nil
}

// inferEither understands a text that has the name d with dX as d times X, and
// as the differential of X if more of it has a meaning then; or as much, where
// a line says what dX is.
func (d *document) inferEither(src string) (*infer.Result, *diag.List) {
	stmts := d.tree.Stmts
	res, list := d.infer()
	least := 0
	if saysDiff(stmts) {
		least = 1
	}
	if !slices.ContainsFunc(stmts, namesD) || res != nil && failures(res)+len(d.lost)+least == 0 {
		return res, list
	}
	other, err := read(src, nil)
	if err.Err() != nil {
		return res, list
	}
	other.read.Differentials = true
	if now, err := other.infer(); err.Err() == nil && (res == nil || failures(now)+len(other.lost) < failures(res)+len(d.lost)+least) {
		*d = *other
		return now, err
	}
	return res, list
}

// unsaid lists the sentences with a name that have no meaning as claims.
func (d *document) unsaid(res *infer.Result) map[int]bool {
	out := map[int]bool{}
	for i := range res.Claims {
		if c := &res.Claims[i]; c.Err.Err() != nil && d.named[c.Line] {
			out[c.Line] = true
		}
	}
	return out
}

// namesD tells a statement that declares or defines d.
func namesD(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.Decl:
		return slices.ContainsFunc(s.Names, func(id ast.Ident) bool { return id.Name == "d" })
	case *ast.Equation:
		return definedBy(s) == "d"
	}
	return false
}

// saysDiff tells a text that has dX, of a name X of its own, on a left side.
func saysDiff(stmts []ast.Stmt) bool {
	known := map[string]bool{}
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.Decl:
			for _, id := range s.Names {
				known["d"+id.Name] = true
			}
		case *ast.Equation:
			if n, ok := s.Sides[0].(*ast.Name); ok {
				if known[n.Text] {
					return true
				}
				known["d"+n.Text] = true
			}
		}
	}
	return false
}

// failures counts the claims that have no meaning.
func failures(res *infer.Result) int {
	n := 0
	for i := range res.Claims {
		if res.Claims[i].Err.Err() != nil {
			n++
		}
	}
	return n
}

// without blanks a line, and the definitions that speak of what it defines.
func (d *document) without(lines []string, bad int) {
	line := func(e *ast.Equation) int { return strings.Count(d.src[:min(max(e.Span.Start, 0), len(d.src))], "\n") }
	for more := true; more; {
		more = false
		for _, s := range d.tree.Stmts {
			e, ok := s.(*ast.Equation)
			if !ok || definedBy(e) == "" || slices.Contains(d.names, definedBy(e)) {
				continue
			}
			at := line(e)
			if at != bad {
				of := slices.IndexFunc(d.names, func(n string) bool { return speaksOf(e, n) })
				if of < 0 || at >= len(lines) || strings.TrimSpace(lines[at]) == "" {
					continue
				}
				d.lost = append(d.lost, Line{Line: at + 1, Text: strings.TrimSpace(lines[at]), Kind: "definition", Verdict: NotUnderstood, Reason: "it speaks of " + d.names[of] + ", which is not understood"})
			}
			d.names = append(d.names, definedBy(e))
			lines[at] = blank(lines[at])
			more = true
		}
	}
	lines[bad] = blank(lines[bad])
	d.src = strings.Join(lines, "")
}

// firstClaim is the line of the first equation that can be no definition.
func (d *document) firstClaim() int {
	for _, s := range d.tree.Stmts {
		e, ok := s.(*ast.Equation)
		if !ok {
			continue
		}
		if _, ok := e.Sides[0].(*ast.Deriv); ok || definedBy(e) == "" {
			return 1 + strings.Count(d.src[:min(max(e.Span.Start, 0), len(d.src))], "\n")
		}
	}
	return len(d.src)
}

func equationBefore(lines []string) bool {
	for _, l := range lines {
		if strings.Contains(l, "=") {
			return true
		}
	}
	return false
}

// errorLine returns the 0-based line of the first error, -1 if it has none.
func errorLine(src string, list *diag.List) int {
	for _, it := range list.Items {
		if len(it.Labels) > 0 {
			at := min(max(it.Labels[0].Span.Start, 0), len(src))
			return strings.Count(src[:at], "\n")
		}
	}
	return -1
}

func blank(l string) string {
	nl := ""
	if strings.HasSuffix(l, "\n") {
		l, nl = l[:len(l)-1], "\n"
	}
	return strings.Repeat(" ", len(l)) + nl
}

// sentence tells a line that states nothing and is no formula, since a word
// stands in it.
func (v vocabulary) sentence(l string) bool {
	if states(l) {
		return false
	}
	words := 0
	for _, p := range v.parts(l) {
		if p.words {
			words += len(strings.Fields(l[p.start:p.end]))
		}
	}
	return words >= 2 || words == 1 && !strings.Contains(l, ":")
}

// plainText tells a text file that states things outside its formulas, which
// all stand between single dollars: a derivation typed as it is, not a document.
func plainText(file, src string) bool {
	if !strings.EqualFold(filepath.Ext(file), ".txt") || parser.IsDocument("", src) {
		return false
	}
	for _, l := range strings.Split(src, "\n") {
		if !strings.Contains(l, "$") && states(l) && !isProse(l) {
			return true
		}
	}
	return false
}

// isProse tells whether a line is a sentence: no relation, and words that
// are no functions.
func isProse(l string) bool {
	l = strings.TrimSpace(l)
	if l == "" || strings.HasPrefix(l, "#") || strings.HasPrefix(l, "%") || strings.ContainsAny(l, "=∈\\") {
		return false
	}
	if i := strings.IndexAny(l, "#%"); i >= 0 {
		l = l[:i]
	}
	words, plain := 0, 0
	for _, w := range strings.FieldsFunc(l, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",.;:!?()", r) }) {
		plain++
		letters := 0
		for _, r := range w {
			if !letter(r) && r != '-' && r != '\'' {
				letters = -100
			}
			letters++
		}
		if letters >= 2 && rules.Lookup(w) == nil && !declares[w] {
			words++
			if unicode.In(firstRune(w), unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
				words += 2 // written without spaces
			}
		}
	}
	if head, _, ok := strings.Cut(l, ":"); ok && len(strings.Fields(head)) <= 1 && words <= 3 {
		return false
	}
	return words >= 2 && 2*words >= plain || words >= 3 || words == 1 && plain == 1 && strings.HasSuffix(l, ".")
}

// declares holds the words of declarations and assumptions.
var declares = map[string]bool{
	"symmetric": true, "spd": true, "psd": true, "diagonal": true, "orthogonal": true, "positive": true, "nonnegative": true,
	"binary": true, "onehot": true, "simplex": true, "stochastic": true, "const": true, "scalar": true, "is": true, "constant": true,
	"matrix": true, "vector": true,
}
