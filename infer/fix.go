package infer

import (
	"math/big"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

// maxFixes bounds the edits tried for one error.
const maxFixes = 150

// fixer tries edits of the term that clashed, in its context.
type fixer struct {
	in     *inferrer
	y      *typing
	c      *clash
	fits   func() bool // whether the whole statement has a shape now
	root   *term
	stmt   int
	edited *term
	wider  *term // what the text takes the place of, if it is more than edited
	tries  int
	deep   bool // other readings of the undeclared names are tried, too
}

// fix looks for a small edit of the term that fits where it stands: factors
// transposed, in another order, a quotient in brackets.
func (in *inferrer) fix(y *typing, c *clash, d *diag.Diagnostic) {
	if in.plain {
		return
	}
	f := &fixer{in: in, y: y, c: c}
	if in.closed {
		if f.root = in.root; f.root == nil {
			return
		}
		f.fits = func() bool {
			in.epochs++
			y.epoch, y.fail = in.epochs, nil
			return y.typ(f.root) || f.elsewhere()
		}
	} else {
		stmt := in.statementOf(c.t)
		if stmt < 0 {
			return
		}
		f.root = in.stmts[stmt].t
		f.stmt = stmt
		f.fits = func() bool { return f.evaluate() < 0 || f.deep && f.search() }
	}
	s := f.edit()
	if s == "" && !in.closed && len(in.env.open) > 0 {
		f.deep, f.tries = true, 0
		s = f.edit()
	}
	if s == "" {
		return
	}
	at := f.edited
	if f.wider != nil {
		at = f.wider
	}
	in.offer(d, at, s, "")
}

// evaluate returns -1 if the statement has a shape under the reading at hand.
func (f *fixer) evaluate() int {
	if k := f.in.evaluate(f.y); k >= 0 && k <= f.stmt && !(k == f.stmt && f.elsewhere()) {
		return k
	}
	return -1
}

// search tells whether the statement has a shape under any reading.
func (f *fixer) search() bool {
	kept := slices.Clone(f.y.choice)
	tries := 0
	sc := f.in.wholeScope(f.y)
	sc.eval = f.evaluate
	s, _ := f.in.bounded(f.y, sc, 1<<30, &tries, 40, func(int) {}, nil)
	f.in.fixes += tries
	copy(f.y.choice, kept)
	return s != nil
}

// elsewhere tells whether the clash that is left stands beside the term, not
// in it or around it: then it is another error of the same statement.
func (f *fixer) elsewhere() bool {
	c := f.y.fail
	if c == nil || c.what != "" {
		return false
	}
	around, inside := false, false
	f.in.eachTerm(c.t, func(u *term) { around = around || u == f.edited })
	f.in.eachTerm(f.edited, func(u *term) { inside = inside || u == c.t })
	return !around && !inside
}

// maxAllFixes bounds the edits for all errors of a program by its size.
func (in *inferrer) maxAllFixes() int {
	if in.terms == 0 {
		in.terms = 1 + in.size()
	}
	return min(3000, 2_000_000/in.terms)
}

// statementOf returns the index of the statement that holds a term.
func (in *inferrer) statementOf(t *term) int {
	for i, st := range in.stmts {
		found := false
		if st.t == nil || st.failed {
			continue
		}
		in.eachTerm(st.t, func(u *term) { found = found || u == t })
		if found {
			return i
		}
	}
	return -1
}

// try puts another term in the place of t and tells whether all fits; typing
// may mark terms, so t is put back as it was.
func (f *fixer) try(t *term, with term) bool {
	f.in.fixes++
	if f.tries++; f.tries > maxFixes || f.in.fixes > f.in.maxAllFixes() {
		return false
	}
	old := *t
	*t = with
	t.names, f.edited = old.names, t
	ok := f.fits() && t.op != opBad
	*t = old
	return ok
}

func (f *fixer) edit() string {
	t := f.c.t
	switch t.op {
	case opMul:
		return f.product(t)
	case opAdd, opSub, opHad, opElemDiv, opSolve:
		return f.pair(t)
	case opDiv:
		return f.quotient(t)
	case opCall:
		if len(t.args) == 2 && t.kind == "" {
			return f.pair(t)
		}
		if f.c.code == "E207" && t.args[0].op == opMul {
			return f.inside(t)
		}
		if a := t.args[0]; f.c.code == "E207" && a.op == opSym && t.fn.Out == rules.OutScalar {
			u := *t
			u.args = []*term{newTerm(opMul, a.span, transposed(a), a)}
			if f.try(t, u) {
				return t.fn.Name + "(" + f.join(u.args[0].args) + ")"
			}
		}
	}
	return ""
}

// transposed is a factor with the transpose added, or taken away.
func transposed(t *term) *term {
	if t.op == opT {
		return t.args[0]
	}
	return newTerm(opT, t.span, t)
}

// source writes a term for a help text, in brackets where a postfix or a
// product needs them.
func (f *fixer) source(t *term) string {
	if t.op == opT && t.span == t.args[0].span { // made by transposed
		return f.source(t.args[0]) + "'"
	}
	s := f.in.text(t.span)
	if !atomic(t) && !f.in.bracketed(t) {
		s = "(" + s + ")"
	} else if !atomic(t) && !strings.HasPrefix(s, "(") {
		s = "(" + s + ")"
	}
	return s
}

func (f *fixer) join(args []*term) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = f.source(a)
	}
	return strings.Join(parts, "*")
}

// product tries the factors of a product transposed, then in another order,
// then both.
func (f *fixer) product(t *term) string {
	n := len(t.args)
	fits := func(args []*term) bool {
		u := *t
		u.args = args
		return f.try(t, u)
	}
	flip := func(args []*term, i int) []*term {
		out := append([]*term(nil), args...)
		out[i] = transposed(out[i])
		return out
	}
	order := func(perms [][]*term) []int {
		// The factors next to the clash first.
		is := []int{f.c.i, f.c.j}
		for i := range n {
			if i != f.c.i && i != f.c.j {
				is = append(is, i)
			}
		}
		return is
	}(nil)
	useful := func(i int) bool { return i >= 0 && i < n && t.args[i].op != opNum }
	// A product of two transposed factors needs no transpose more than the
	// same factors in the other order.
	var perms [][]*term
	if n <= 5 {
		perms = permutations(t.args)
	}
	swap := func() string {
		for _, p := range perms[min(1, len(perms)):] {
			if scalarsFirst(t.args, p) && !spreads(t.args, p) && fits(p) {
				return f.join(p)
			}
		}
		return ""
	}
	hasT := false
	for _, i := range order {
		hasT = hasT || useful(i) && t.args[i].op == opT
	}
	if hasT {
		if s := swap(); s != "" {
			return s
		}
	}
	for _, i := range order {
		if useful(i) {
			if p := flip(t.args, i); fits(p) {
				return f.join(p)
			}
		}
	}
	if s := swap(); s != "" {
		return s
	}
	for _, p := range perms {
		for i := range p {
			if p[i].op != opNum && scalarsFirst(t.args, p) && !spreads(t.args, p) {
				if q := flip(p, i); fits(q) {
					return f.join(q)
				}
			}
		}
	}
	return ""
}

// scalarsFirst tells whether numbers keep their places in an order of factors.
func scalarsFirst(old, p []*term) bool {
	for i, a := range old {
		if a.op == opNum && p[i] != a {
			return false
		}
	}
	return true
}

// spreads tells whether an order of factors puts a column before a row or a
// matrix where none stood: x'y of two lengths is hardly meant to be y x'.
func spreads(old, p []*term) bool {
	outer := func(a, b *term) bool { return a.shp.isCol() && (b.shp.isRow() || b.shp.isMatrix()) }
	was := false
	for i := range len(old) - 1 {
		was = was || outer(old[i], old[i+1])
	}
	for i := range len(p) - 1 {
		if !was && outer(p[i], p[i+1]) {
			return true
		}
	}
	return false
}

// permutations lists the orders of a few factors, the given one first and
// those with few changes before others.
func permutations(args []*term) [][]*term {
	n := len(args)
	var out [][]*term
	seen := map[string]bool{}
	add := func(idx []int) {
		key := ""
		p := make([]*term, n)
		for k, i := range idx {
			key += string(rune('a' + i))
			p[k] = args[i]
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	base := make([]int, n)
	for i := range base {
		base[i] = i
	}
	add(base)
	for i := range n - 1 { // neighbours swapped
		p := append([]int(nil), base...)
		p[i], p[i+1] = p[i+1], p[i]
		add(p)
	}
	for i := range n { // one factor moved
		for j := range n {
			p := append([]int(nil), base[:i]...)
			p = append(p, base[i+1:]...)
			p = append(p[:j:j], append([]int{i}, p[j:]...)...)
			add(p)
		}
	}
	return out
}

// pair tries one of two operands transposed, the two in the other order, or
// the factors of one that is a product.
func (f *fixer) pair(t *term) string {
	i, j := f.c.i, f.c.j
	if i < 0 || j < 0 || i >= len(t.args) || j >= len(t.args) {
		return ""
	}
	if s := f.regrouped(t); s != "" {
		return s
	}
	show := func(args []*term) string {
		if t.op == opCall {
			parts := make([]string, len(args))
			for k, a := range args {
				parts[k] = strings.TrimSpace(f.in.text(a.span))
				if a.op == opT && a.span == a.args[0].span {
					parts[k] = f.source(a)
				}
			}
			if t.fn.Family == "comparison" {
				if f.chained(t) {
					return ""
				}
				between := f.in.src[t.args[0].span.End:max(t.args[0].span.End, t.args[1].span.Start)]
				return "[" + parts[0] + between + parts[1] + "]"
			}
			return t.fn.Name + "(" + strings.Join(parts, ", ") + ")"
		}
		sign := signOf(t)
		l, r := f.operand(args[0]), f.operand(args[1])
		if t.op == opHad || t.op == opElemDiv || t.op == opSolve {
			l, r = f.source(args[0]), f.source(args[1])
		}
		return l + sign + r
	}
	for _, k := range []int{j, i} {
		args := append([]*term(nil), t.args...)
		args[k] = transposed(args[k])
		u := *t
		u.args = args
		if f.try(t, u) {
			return show(args)
		}
	}
	for _, k := range []int{j, i} {
		p := t.args[k]
		if p.op != opMul || len(p.args) > 4 {
			continue
		}
		for _, perm := range permutations(p.args)[1:] {
			q := *p
			q.args = perm
			args := append([]*term(nil), t.args...)
			args[k] = &q
			u := *t
			u.args = args
			if scalarsFirst(p.args, perm) && f.try(t, u) {
				text := f.join(perm)
				other := f.operand(t.args[1-k])
				if k == 0 {
					return text + signOf(t) + other
				}
				return other + signOf(t) + text
			}
		}
	}
	return ""
}

// regrouped tries A .* (B*C) for A .* B*C, and A*(B .* C) for A*B .* C, which
// are read from left to right.
func (f *fixer) regrouped(t *term) string {
	if t.op != opHad && t.op != opElemDiv {
		return ""
	}
	if p := f.parent(t); p != nil && p.op == opMul && p.args[0] == t && !f.in.bracketed(t) {
		rest := append([]*term{t.args[1]}, p.args[1:]...)
		right := newTerm(opMul, t.args[1].span.To(p.args[len(p.args)-1].span), rest...)
		if f.try(p, *newTerm(t.op, p.span, t.args[0], right)) {
			return f.in.text(t.args[0].span) + signOf(t) + "(" + f.in.text(right.span) + ")"
		}
	}
	if x := t.args[0]; x.op == opMul && !f.in.bracketed(x) {
		n := len(x.args) - 1
		right := newTerm(t.op, x.args[n].span.To(t.args[1].span), x.args[n], t.args[1])
		if f.try(t, *newTerm(opMul, t.span, append(append([]*term(nil), x.args[:n]...), right)...)) {
			return f.join(x.args[:n]) + "*(" + f.in.text(right.span) + ")"
		}
	}
	return ""
}

// chained tells whether a comparison is one of several in its brackets.
func (f *fixer) chained(t *term) bool {
	p := f.parent(t)
	return p != nil && p.span == t.span
}

func signOf(t *term) string {
	return map[op]string{opAdd: " + ", opSub: " - ", opHad: " .* ", opElemDiv: " ./ ", opSolve: " \\ "}[t.op]
}

// operand writes an operand of a sum: products need no brackets there.
func (f *fixer) operand(t *term) string {
	if t.op == opMul || t.op == opHad || t.op == opDiv || t.op == opElemDiv || t.op == opAdd || t.op == opSub {
		return f.in.text(t.span)
	}
	return f.source(t)
}

// quotient tries a/(x'x) for a/x'x, then ./ and a product with the inverse.
func (f *fixer) quotient(t *term) string {
	alike := f.in.sameShape(t.args[0].shp, t.args[1].shp) // before an edit is typed, which makes other sizes
	if p := f.parent(t); p != nil && p.op == opMul && p.args[0] == t {
		rest := append([]*term{t.args[1]}, p.args[1:]...)
		den := newTerm(opMul, t.args[1].span.To(p.args[len(p.args)-1].span), rest...)
		u := *newTerm(opDiv, p.span, t.args[0], den)
		if f.try(p, u) {
			return f.dividend(t.args[0]) + "/(" + f.in.text(den.span) + ")"
		}
	}
	if alike {
		u := *t
		u.op = opElemDiv
		if f.try(t, u) {
			return f.dividend(t.args[0]) + "./" + f.source(t.args[1])
		}
	}
	w := *newTerm(opSolve, t.span, t.args[1], t.args[0])
	if f.try(t, w) {
		return f.source(t.args[1]) + " \\ " + f.source(t.args[0])
	}
	b := t.args[1]
	v := *newTerm(opMul, t.span, t.args[0], newTerm(opInv, b.span, b))
	if f.try(t, v) {
		if k, ok := constant(t.args[0]); ok && k.Cmp(big.NewRat(1, 1)) == 0 {
			return "inv(" + f.in.stripped(b) + ")"
		}
		return f.source(t.args[0]) + "*inv(" + f.in.stripped(b) + ")"
	}
	u := *t
	u.op = opElemDiv
	if f.try(t, u) {
		return f.source(t.args[0]) + "./" + f.source(t.args[1])
	}
	return ""
}

// dividend writes the left operand of a quotient: a product needs no brackets.
func (f *fixer) dividend(t *term) string {
	if t.op == opMul || t.op == opHad || t.op == opDiv || t.op == opElemDiv {
		return f.in.text(t.span)
	}
	return f.source(t)
}

// inside tries the factors below a function that needs a square matrix.
func (f *fixer) inside(t *term) string {
	p := t.args[0]
	for i := range p.args {
		args := append([]*term(nil), p.args...)
		args[i] = transposed(args[i])
		u := *p
		u.args = args
		if f.try(p, u) {
			f.wider = t
			return t.fn.Name + "(" + f.join(args) + ")"
		}
	}
	return ""
}

// parent returns the term that t is an operand of.
func (f *fixer) parent(t *term) *term {
	var p *term
	f.in.eachTerm(f.root, func(u *term) {
		for _, a := range u.args {
			if a == t {
				p = u
			}
		}
	})
	return p
}
