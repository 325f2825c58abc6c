package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// applied resolves f(x, y) of a function that is not defined.
func (in *inferrer) applied(s *symbol, e *ast.Call) *term {
	t := newTerm(opApply, e.Fun.Span.To(e.Span))
	t.sym, t.opSpan = s, e.Fun.Span
	var texts []string
	for _, a := range e.Args {
		t.args = append(t.args, in.expr(a))
		texts = append(texts, in.text(a.Pos()))
	}
	if n := len(s.fun.from); n > 0 && n != len(e.Args) {
		in.add(&diag.Diagnostic{Code: "E213", Message: s.name + " is declared with " + itoa(n) + " " + plural(itoa(n), "operand") + ", here it has " + itoa(len(e.Args)),
			Labels: []diag.Label{{Span: e.Span}, {Span: s.span, Text: "declared here"}}})
		return bad(e.Span)
	}
	if c := strings.Join(texts, ", "); !slices.Contains(s.fun.calls, c) {
		s.fun.calls = append(s.fun.calls, c)
	}
	t.gather()
	if s.idx >= 0 {
		t.names = append(bits(nil), t.names...).with(s.idx)
	}
	if !in.closed {
		s.fun.sites = append(s.fun.sites, t)
	}
	return t
}

// apply finds the shape of a call of a function that is not defined.
func (y *typing) apply(t *term) bool {
	s := t.sym
	to := y.symbol(s)
	entry := s.fun.entry
	if !s.declared && !y.in.settled(s) {
		y.seen.add(s.idx)
		entry = entry || s.readings[y.choice[s.idx]].class == asMatrix
	}
	numbers := true
	for _, a := range t.args {
		numbers = numbers && a.shp.isScalar()
	}
	if s.declared && !numbers && s.known.IsScalar() && allScalars(s.fun.from) {
		entry = true // f: R → R of a vector
	}
	if entry {
		return y.entrywise(t, numbers)
	}
	if !s.declared && !y.in.settled(s) && numbers && !to.isScalar() {
		y.soft += 4 // a function of numbers is a number
	}
	if s.fun.at != y.epoch {
		s.fun.at, s.fun.args = y.epoch, nil
		for i, a := range t.args {
			shp := a.shp
			if y.in.settled(s) && i < len(s.fun.is.From) {
				shp = y.d.shapeOf(s.fun.is.From[i])
			} else if s.declared {
				shp = y.d.shapeOf(s.fun.from[i])
			} else if shp.isMatrix() && !to.isScalar() {
				return y.failed(t, "E214", i, -1, t.names)
			}
			s.fun.args = append(s.fun.args, shp)
		}
	}
	for i, a := range t.args {
		if i >= len(s.fun.args) {
			return y.failed(t, "E214", 0, -1, t.names)
		}
		want := s.fun.args[i]
		if !y.unify(a.shp.r, want.r, t, "E214", i, -1) || !y.unify(a.shp.c, want.c, t, "E214", i, -1) {
			name := y.in.tentative()
			how := "is applied to"
			if s.declared {
				how = "is declared on"
			}
			y.fail.err = fmt.Errorf("%s %s %v, here it is given %v", s.name, how, y.d.shape(want, name), y.d.shape(a.shp, name))
			return false
		}
	}
	t.shp = to
	if t.kind != "" {
		return y.derivedShape(t)
	}
	return true
}

// entrywise is the shape of f applied to each entry.
func (y *typing) entrywise(t *term, numbers bool) bool {
	if numbers && !t.sym.fun.entry && !t.sym.declared && !y.in.settled(t.sym) {
		return y.failed(t, "E214", 0, -1, t.names)
	}
	t.shp = t.args[0].shp
	for j, a := range t.args[1:] {
		left := *t.args[0]
		left.shp = t.shp
		if !y.broadcast(t, &left, a, 0, j+1, "E234") {
			return false
		}
	}
	return true
}

func allScalars(list []expr.Shape) bool {
	return !slices.ContainsFunc(list, func(s expr.Shape) bool { return !s.IsScalar() })
}

// applyNode builds f(x, y).
func (in *inferrer) applyNode(t *term) *expr.Node {
	s := t.sym
	u := &rules.Unnamed{Name: s.name, Many: len(s.fun.calls) > 1 || in.partly(t)}
	u.Entry = s.fun.entry || !s.declared && !in.settled(s) && s.readings[in.choice(s)].class == asMatrix
	if s.declared && s.known.IsScalar() && allScalars(s.fun.from) && slices.ContainsFunc(t.args, func(a *term) bool { return !a.shp.isScalar() }) {
		u.Entry = true
	}
	var args []*expr.Node
	for _, a := range t.args {
		n := in.node(a)
		if u.Entry {
			n = in.spread(n, a, t.shp, false)
		}
		args = append(args, n)
		name := ""
		switch {
		case u.Entry && len(t.args) == 1:
		case a.op == opSym:
			name = a.sym.name
		case a.op == opApply && len(a.sym.fun.calls) == 1:
			name = a.sym.name
		}
		u.Args = append(u.Args, name)
	}
	if !u.Entry {
		args = append(args, in.b.Ones(in.final(s.shp)))
	}
	shown := *u
	for range t.kind {
		u = u.Partial(0)
	}
	n, err := in.b.Call(u.Func(), args...)
	if err != nil {
		in.errorf("E214", t.span, "%v", err)
		return in.b.Int(0)
	}
	in.enterMap(s, &shown, t)
	return n
}

// partly tells Q = Q(x, y) where y depends on x: ∂Q/∂x is two things then.
func (in *inferrer) partly(t *term) bool {
	if in.ownMaps[t.opSpan] == nil {
		return false
	}
	for i, a := range t.args {
		for j, b := range t.args {
			if i != j && a.op == opSym && dependsOn(in.node(b), in.symNode(a.sym)) {
				return true
			}
		}
	}
	return false
}

// choice is the reading chosen for a name.
func (in *inferrer) choice(s *symbol) int8 {
	if s.idx < len(in.chosen) {
		return in.chosen[s.idx]
	}
	return 0
}

// enterMap records what was understood of a function, for the reader.
func (in *inferrer) enterMap(s *symbol, u *rules.Unnamed, t *term) {
	if slices.ContainsFunc(in.maps, func(m expr.Map) bool { return m.Name == s.name }) {
		return
	}
	m := expr.Map{Name: s.name, To: expr.Scalar, Inferred: !s.declared}
	for _, a := range t.args {
		shp := expr.Scalar
		if !u.Entry {
			shp = in.final(a.shp)
		}
		m.From = append(m.From, shp)
	}
	if !u.Entry {
		m.To = in.final(s.shp)
	}
	s.fun.is, s.fun.entry = &m, u.Entry
	in.maps = append(in.maps, m)
}

// settled tells whether it is known what a function is: in claims.
func (in *inferrer) settled(s *symbol) bool { return in.closed && s.fun.is != nil }

// noteMaps says what ∂f/∂x is in the answer.
func (in *inferrer) noteMaps() {
	if len(in.maps) == 0 {
		return
	}
	var names, rows, shaped, each []string
	for _, m := range in.maps {
		names = append(names, m.Name)
		switch {
		case !m.To.IsScalar():
			rows = append(rows, m.Name)
		case allScalars(m.From):
			each = append(each, m.Name)
		default:
			shaped = append(shaped, m.Name)
		}
	}
	have, their, place := " has", "its", "a smooth function drawn at random in its place"
	if len(names) > 1 {
		have, their, place = " have", "their", "smooth functions drawn at random in their place"
	}
	var what []string
	if len(rows) > 0 {
		what = append(what, "of "+strings.Join(rows, ", ")+" outputs by inputs")
	}
	if len(shaped) > 0 {
		what = append(what, "of "+strings.Join(shaped, ", ")+" in the shape of the operand")
	}
	if len(each) > 0 {
		what = append(what, "of "+strings.Join(each, ", ")+" entry by entry")
	}
	in.note("%s%s no formula: %s derivatives stand as they are (%s), verified with %s", strings.Join(names, ", "), have, their, strings.Join(what, "; "), place)
}

// entrywise lifts f(x_i) of a function without a formula: f of each entry.
func (l *lifter) entrywise(t *term) value {
	s := t.sym
	if s.declared && !(s.known.IsScalar() && allScalars(s.fun.from)) {
		l.fail(t, "%s of a vector for each index has no matrix form", s.name)
		return value{t: bad(t.span)}
	}
	var idx []string
	vs := make([]value, len(t.args))
	for i, a := range t.args {
		if vs[i] = l.lift(a); vs[i].kind != kScalar {
			l.fail(a, "%s of a vector for each index has no matrix form; of numbers it is taken entry by entry", s.name)
		}
		idx = union(idx, vs[i].idx)
	}
	if len(idx) > 2 || l.failed {
		l.fail(t, "%s of entries has no matrix form", s.name)
		return value{t: bad(t.span)}
	}
	u := *t
	u.args, u.lifted = nil, true
	for _, v := range vs {
		u.args = append(u.args, l.grid(v, idx))
	}
	if !s.declared {
		s.fun.entry = true
	}
	u.gather()
	if s.idx >= 0 {
		u.names = append(bits(nil), u.names...).with(s.idx)
	}
	return value{t: &u, idx: idx}
}
