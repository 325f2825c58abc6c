package infer

import (
	"math/big"
	"slices"
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// nameItems resolves a word into factors.
func (in *inferrer) nameItems(n *ast.Name, before bool) []item {
	if t := in.entry(n); t != nil {
		return []item{{t: t, span: n.Span}}
	}
	ps := in.word(n, before)
	is := make([]item, len(ps))
	for k, p := range ps {
		i := item{span: p.span}
		if in.isD(p.text, n) {
			is[k] = item{fn: "d", word: n, span: p.span}
			continue
		}
		w := &ast.Name{Text: p.text, Src: p.text, Span: p.span}
		switch p.kind {
		case pieceName:
			i.t = in.variable(p.text, w.Src, p.span)
		case pieceCall:
			i.t = in.call(p.text, p.span, p.span)
		case pieceFunc:
			i.fn, i.word = p.text, w
		case pieceEye:
			i.t = in.eyeOf(p.text, p.span)
		case pieceOnes:
			i.t = in.onesOf(p.text, p.span)
		case pieceDiff:
			i.t = in.differential(p.text, p.span)
		}
		is[k] = i
	}
	return is
}

// sizedEye returns the size of I_n, the identity as texts write it; "" if w is
// none. I_1 and I_ij are names like any other.
func (in *inferrer) sizedEye(w string) string {
	sub, ok := strings.CutPrefix(w, "I_")
	if !ok || in.env.known(w) != nil || len(sub) != 1 || !unicode.IsLetter(rune(sub[0])) || in.bound(sub) != nil || in.closed {
		return ""
	}
	if s := in.env.known(sub); s != nil && s.kind != symSize && (s.kind != symNode || s.node.Op != expr.OpSize) {
		return ""
	}
	return sub
}

// eyeOf is I or I_n, the identity of that size.
func (in *inferrer) eyeOf(w string, at ast.Span) *term {
	sub := in.sizedEye(w)
	f := in.eyeFunc(1)
	if sub == "" || f == nil {
		return in.eyeSite(at)
	}
	d, ok := in.sizeOf(&ast.Name{Text: sub, Base: sub, Src: sub, Span: at}, true)
	if !ok {
		return in.eyeSite(at)
	}
	in.note("read %s as the identity of size %s", w, sub)
	return &term{op: opCall, fn: f, sizes: []expr.Dim{d}, span: at, opSpan: at}
}

// onesOf is 𝟏 or 𝟏_n, the column of ones of that size.
func (in *inferrer) onesOf(w string, at ast.Span) *term {
	sub := strings.Trim(strings.TrimPrefix(w, "𝟏"), "_{}")
	f := resolveFn("ones", 1)
	if sub == "" || f == nil {
		return newTerm(opOnes, at)
	}
	var size ast.Expr = &ast.Name{Text: sub, Base: sub, Src: sub, Span: at}
	if _, ok := wholeNumber(sub); ok {
		size = &ast.Number{Val: sub, Text: sub, Span: at}
	}
	d, ok := in.sizeOf(size, !in.closed)
	if !ok {
		return newTerm(opOnes, at)
	}
	return &term{op: opCall, fn: f, sizes: []expr.Dim{d}, span: at, opSpan: at}
}

// callItems resolves f(x, y): a call, or a product if f is no function.
func (in *inferrer) callItems(e *ast.Call) []item {
	if s := in.env.lookup(e.Fun.Text); s != nil && s.def != nil && s.def.params != nil && in.env.known(e.Fun.Text) != nil {
		return []item{{t: in.applyDefined(s, e), span: e.Span}}
	}
	if f, primes, _ := strings.Cut(e.Fun.Text, "'"); f != e.Fun.Text {
		t := in.slope(f, "'"+primes, e)
		return []item{{t: t, span: t.span}}
	}
	if s := in.ownMaps[e.Fun.Span]; s != nil {
		return []item{{t: in.applied(s, e), span: e.Fun.Span.To(e.Span)}}
	}
	if s := in.env.lookup(e.Fun.Text); s != nil && s.kind == symFunc && !e.Space {
		return []item{{t: in.applied(s, e), span: e.Fun.Span.To(e.Span)}}
	}
	is := in.nameItems(e.Fun, true)
	last := &is[len(is)-1]
	if last.t == nil && last.fn == "d" && len(e.Args) == 1 {
		*last = item{t: newTerm(opDiff, e.Span, in.expr(e.Args[0])), span: e.Span}
		return is
	}
	if last.t == nil {
		t := in.callNamed(last.fn, e, last.span)
		*last = item{t: t, span: last.span.To(e.Span)}
		return is
	}
	if last.t.op == opEye && len(e.Args) == 1 { // I(n)
		if d, ok := in.sizeArg(e.Args[0]); ok {
			f := in.eyeFunc(1)
			if f != nil {
				t := &term{op: opCall, fn: f, sizes: []expr.Dim{d}, span: last.span.To(e.Span)}
				*last = item{t: t, span: t.span}
				return is
			}
		}
	}
	if last.t.op == opDiff && in.env.diffs && e.Fun.Text == "d" {
		return is
	}
	if len(e.Args) != 1 {
		if isShortName(e.Fun.Text) && allWhole(e.Args) {
			in.add(entryError(in.text(e.Fun.Span.To(e.Span)), e.Fun.Span.To(e.Span)))
		} else {
			in.unknownFunction(e)
		}
		return []item{{t: bad(e.Span), span: e.Span}}
	}
	if s := in.env.lookup(e.Fun.Text); len(is) == 1 && s != nil && !s.declared && s.kind == symVar && !e.Space {
		if !isShortName(e.Fun.Text) {
			in.unknownFunction(e)
			return []item{{t: bad(e.Span), span: e.Span}}
		}
		in.note("read %s as a product, since %s is no function", in.text(e.Span), e.Fun.Src)
	} else if low := strings.ToLower(e.Fun.Text); len(is) > 1 && low != e.Fun.Text && isFunction(low) && len(low) > 2 {
		in.note("%s is a product here; the function is %s", in.text(e.Span), low)
	} else if n, ok := e.Args[0].(*ast.Number); ok && s != nil && !e.Space {
		if _, whole := wholeNumber(n.Val); whole {
			in.note("read %s as a product; entries are not in the language", in.text(e.Span))
		}
	}
	arg := in.expr(e.Args[0])
	at := ast.Span{Start: e.Fun.Span.End, End: e.Span.End}
	return append(is, item{t: arg, span: at, paren: true})
}

// allWhole tells the indices of an entry: A(1, 2), as MATLAB has it.
func allWhole(args []ast.Expr) bool {
	for _, a := range args {
		n, ok := a.(*ast.Number)
		if !ok {
			return false
		}
		if _, whole := wholeNumber(n.Val); !whole {
			return false
		}
	}
	return len(args) > 0
}

// isShortName tells names of one letter, perhaps with digits and subscripts.
func isShortName(w string) bool { return len(letters(keyOf(w))) == 1 }

func (in *inferrer) unknownFunction(e *ast.Call) {
	d := &diag.Diagnostic{Code: "E202", Message: "unknown function " + e.Fun.Src, Labels: []diag.Label{{Span: e.Fun.Span}}}
	if in.translate(d, e) {
	} else if why := absent[strings.ToLower(e.Fun.Text)]; why != "" {
		d.Help = why
	} else if near := nearest(e.Fun.Text); len(near) == 1 {
		d.Offer(diag.Fix{Span: e.Fun.Span, Text: near[0]})
		d.Advise()
	} else if len(near) > 1 {
		d.Help = "did you mean " + strings.Join(near[:len(near)-1], ", ") + " or " + near[len(near)-1] + "?"
	} else if in.env.known(e.Fun.Text) != nil {
		d.Message = e.Fun.Src + " is a variable here, and a product takes one factor in brackets"
		d.Help = "write the operands one by one, or declare it as a function"
	} else {
		from := make([]string, len(e.Args))
		for i := range from {
			from[i] = "R^" + []string{"n", "m", "p"}[min(i, 2)]
		}
		d.Help = "a function without a formula is declared: " + e.Fun.Src + ": " + strings.Join(from, " × ") + " → R"
	}
	in.add(d)
	for _, a := range e.Args {
		in.expr(a)
	}
}

// nearest lists the functions whose names differ least: in one or two letters,
// or in capitals only.
func nearest(w string) []string {
	low := strings.ToLower(w)
	var best []string
	at := 3
	for _, f := range rules.All() {
		for _, n := range append([]string{f.Name}, f.Spellings...) {
			d := distance(low, strings.ToLower(n))
			if d > at || d >= len(w) || len(n) < 3 || d*2 >= len(n) || len(n) == 3 && n[0] != low[0] {
				continue
			}
			if d < at {
				best, at = nil, d
			}
			if !slices.Contains(best, n) && len(best) < 3 {
				best = append(best, n)
			}
		}
	}
	if at == 0 {
		best = best[:1]
	}
	return best
}

// distance is the edit distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func (in *inferrer) number(e *ast.Number) *term {
	t := newTerm(opNum, e.Span)
	r, ok := new(big.Rat).SetString(e.Val)
	if !ok {
		r, ok = new(big.Rat).SetString(e.Text)
	}
	if !ok {
		in.errorf("E107", e.Span, "%s is not a number", e.Text)
		return bad(e.Span)
	}
	t.num = r
	return t
}

// wholeNumber reads a positive or zero whole number that fits a size.
func wholeNumber(s string) (int, bool) {
	r, ok := new(big.Rat).SetString(s)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	v := r.Num().Int64()
	return int(v), v >= 0 && v < 1<<31
}
