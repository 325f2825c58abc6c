package infer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

// piece is a part of a word: one name.
type piece struct {
	text string
	span ast.Span
	kind pieceKind
}

type pieceKind uint8

const (
	pieceName pieceKind = iota // a variable, declared or not
	pieceFunc                  // a function waiting for its operand
	pieceCall                  // a function of no operands: π, eye
	pieceEye                   // an undeclared I
	pieceOnes                  // 𝟏
	pieceDiff                  // dX
)

// function returns the function that a word names, nil if none: by its name,
// a spelling, or the spelled name of a Greek letter (sigma for σ).
func function(w string) *rules.Func {
	if f := rules.Lookup(w); f != nil {
		return f
	}
	if k := keyOf(w); k != w {
		return rules.Lookup(k)
	}
	return nil
}

func isFunction(w string) bool { return function(w) != nil }

// resolveFn returns the function of that name for n operands.
func resolveFn(w string, n int) *rules.Func {
	if f := rules.Resolve(w, n); f != nil {
		return f
	}
	return rules.Resolve(keyOf(w), n)
}

// takesOperands tells whether a function can be applied to something.
func takesOperands(w string) bool {
	_, most := function(w).Arity()
	return most > 0
}

// isConstant tells whether a word alone is a function of no operands that is
// always meant so: π, eye.
func isConstant(w string) bool { return resolveFn(w, 0) != nil }

// letters splits a word into letters, each with its accents, and the digits
// and subscripts that follow it; ends[i] is where factor i ends.
func letters(w string) (ends []int) {
	for i := 0; i < len(w); {
		_, n := utf8.DecodeRuneInString(w[i:])
		i += n
		for i < len(w) {
			r, n := utf8.DecodeRuneInString(w[i:])
			if r == '_' {
				i = subscriptEnd(w, i)
				continue
			}
			if !isDigit(r) && !isMark(r) {
				break
			}
			i += n
		}
		ends = append(ends, i)
	}
	return ends
}

// subscriptEnd returns where the subscript at i ends: after its digits, so that
// W_1x is W_1 x; otherwise the rest of the word is the subscript (x_train).
func subscriptEnd(w string, i int) int {
	if i+1 < len(w) && w[i+1] == '{' {
		if j := strings.IndexByte(w[i:], '}'); j > 0 {
			return i + j + 1
		}
	}
	j := i + 1
	for j < len(w) && '0' <= w[j] && w[j] <= '9' {
		j++
	}
	if j > i+1 {
		return j
	}
	return len(w)
}

// oneName tells whether a run of letters that nobody declared is one name
// since it has two lower-case letters in a row.
func oneName(w string) bool {
	prev := false
	for i := 0; i < len(w); {
		r, n := utf8.DecodeRuneInString(w[i:])
		if r == '_' {
			i = subscriptEnd(w, i)
			prev = false
			continue
		}
		lower := latinLower(r)
		if lower && prev {
			return true
		}
		prev = lower || prev && isMark(r)
		i += n
	}
	return false
}

// word resolves a word into pieces. before tells that a bracket follows it
// directly, so that a function at its end is a call.
func (in *inferrer) word(n *ast.Name, before bool) []piece {
	w := n.Text
	whole := func(k pieceKind) []piece { return []piece{{w, n.Span, k}} }
	if in.env.known(w) != nil || in.bound(w) != nil {
		return whole(pieceName)
	}
	if in.env.diffs && in.isDifferential(w) {
		return whole(pieceDiff)
	}
	if w == "𝟏" || strings.HasPrefix(w, "𝟏_") {
		return whole(pieceOnes)
	}
	if isFunction(w) {
		return in.functionWord(w, n, before)
	}
	if in.env.lookup(w) != nil {
		return whole(pieceName)
	}
	if w == "I" || w == "𝕀" || in.sizedEye(w) != "" {
		return whole(pieceEye)
	}
	if k := keyOf(w); k != w || utf8.RuneCountInString(w) == 1 {
		return whole(pieceName)
	}
	if ps := in.split(n, before); ps != nil {
		return ps
	}
	return whole(pieceName)
}

// functionWord is a word that names a function and that nobody declared.
func (in *inferrer) functionWord(w string, n *ast.Name, before bool) []piece {
	switch {
	case !before && isConstant(w):
		return []piece{{w, n.Span, pieceCall}}
	case takesOperands(w):
		return []piece{{w, n.Span, pieceFunc}}
	}
	return []piece{{w, n.Span, pieceCall}}
}

// longestName is the most letters of a name within a word: it bounds the work
// on long words.
const longestName = 40

// split cuts a word into factors: declared names where they fit, one-letter
// factors elsewhere. It returns nil for a word that is one name.
func (in *inferrer) split(n *ast.Name, before bool) []piece {
	w := n.Text
	ends := letters(w)
	if len(ends) < 2 {
		return nil
	}
	// best[i] is the best way to read w from letter i on: the fewest letters
	// that nobody declared, then the fewest pieces.
	type way struct {
		free, pieces int
		next         int
		ways         int // how many ways there are into declared names only
		kind         pieceKind
		ok           bool
	}
	best := make([]way, len(ends)+1)
	best[len(ends)] = way{ok: true, ways: 1}
	start := func(i int) int {
		if i == 0 {
			return 0
		}
		return ends[i-1]
	}
	for i := len(ends) - 1; i >= 0; i-- {
		b := way{}
		total := 0
		for j := i + 1; j <= len(ends) && j <= i+longestName; j++ {
			rest := best[j]
			if !rest.ok {
				continue
			}
			if j > i+1 && j < len(ends) && ends[j-1]-start(i) > in.env.longest+10 { // λ may be typed lambda
				break
			}
			p := w[start(i):ends[j-1]]
			free, kind := 1, pieceName
			switch {
			case in.env.known(p) != nil:
				free = 0
			case in.env.diffs && in.isDifferential(p):
				free, kind = 0, pieceDiff
			case j == len(ends) && before && isFunction(p):
				free, kind = 0, pieceFunc
			case j > i+1:
				continue // only declared names and functions have several letters
			case p == "I" || in.sizedEye(p) != "":
				kind = pieceEye
			case p == "𝟏":
				free, kind = 0, pieceOnes
			}
			c := way{free: rest.free + free, pieces: rest.pieces + 1, next: j, kind: kind, ok: true}
			if c.free == 0 {
				total = min(total+rest.ways, 1000)
			}
			if !b.ok || c.free < b.free || c.free == b.free && c.pieces < b.pieces {
				b = c
			}
		}
		b.ways = total
		best[i] = b
	}
	if !best[0].ok {
		return nil
	}
	if best[0].free > 0 && oneName(w) {
		if len(ends) <= 3 && !in.quiet && !before {
			in.note("read %s as one name; for the product write %s", n.Src, in.spaced(w, ends, func(i int) int { return i + 1 }))
		}
		return nil
	}
	if best[0].free == 0 && best[0].pieces == 1 {
		return nil
	}
	if best[0].free == 0 && oneName(w) {
		// Two lower-case letters in a row make one name even where the
		// letters are declared.
		if best[0].kind != pieceDiff {
			in.note("read %s as one name; for the product write %s", n.Src, in.spaced(w, ends, func(i int) int { return best[i].next }))
			return nil
		}
	}
	if best[0].free == 0 && best[0].ways > 1 {
		in.ambiguous(n, ends)
	}
	var ps []piece
	exact := n.Src == w || len(n.Src) == len(w)
	for i := 0; i < len(ends); i = best[i].next {
		p := piece{text: w[start(i):ends[best[i].next-1]], span: n.Span, kind: best[i].kind}
		if exact {
			p.span = ast.Span{Start: n.Span.Start + start(i), End: n.Span.Start + ends[best[i].next-1]}
		}
		if p.kind == pieceName && in.env.known(p.text) == nil && isConstant(p.text) && !(before && best[i].next == len(ends)) {
			p.kind = pieceCall
		}
		ps = append(ps, p)
	}
	in.note("read %s as %s", n.Src, in.spaced(w, ends, func(i int) int { return best[i].next }))
	return ps
}

func (in *inferrer) spaced(w string, ends []int, next func(int) int) string {
	var b strings.Builder
	from := 0
	for i := 0; i < len(ends); i = next(i) {
		if i > 0 {
			b.WriteByte(' ')
		}
		end := ends[next(i)-1]
		b.WriteString(w[from:end])
		from = end
	}
	return b.String()
}

// ambiguous reports a word with two splits into declared names, and lists the
// first two.
func (in *inferrer) ambiguous(n *ast.Name, ends []int) {
	w := n.Text
	var found []string
	var parts []string
	var walk func(i int)
	steps := 0
	walk = func(i int) {
		if steps++; steps > 100_000 || len(found) >= 2 {
			return
		}
		if i == len(ends) {
			found = append(found, strings.Join(parts, " "))
			return
		}
		from := 0
		if i > 0 {
			from = ends[i-1]
		}
		for j := i + 1; j <= len(ends) && j <= i+longestName; j++ {
			if p := w[from:ends[j-1]]; in.env.known(p) != nil || in.env.diffs && in.isDifferential(p) {
				parts = append(parts, p)
				walk(j)
				parts = parts[:len(parts)-1]
			}
		}
	}
	walk(0)
	if len(found) < 2 {
		return
	}
	apart := strings.ReplaceAll(found[0], " ", "*")
	d := &diag.Diagnostic{Code: "E216", Message: fmt.Sprintf("%s can be read as %s and as %s", n.Src, found[0], found[1]),
		Labels: []diag.Label{{Span: n.Span, Text: "two readings"}}, Help: "write the factors apart: " + apart}
	d.Offer(diag.Fix{Span: n.Span, Text: apart})
	in.add(d)
}
