package infer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// Sums over an index are read in two steps. The body becomes a term whose
// entries, y_i and A_{ij}, are leaves that carry their indices; then lift
// (lift.go) turns the whole into matrices whose rows and columns the indices
// number, so that Σ_i y_i log p_i becomes y'log(p).

// index is a bound index and how far it runs.
type index struct {
	name string
	size expr.Dim // zero if it is not known
	free bool     // bound by the left side of a definition
}

// bound returns the innermost index of that name, nil if it is not bound.
func (in *inferrer) bound(name string) *index {
	for i := len(in.indices) - 1; i >= 0; i-- {
		if in.indices[i].name == name {
			return &in.indices[i]
		}
	}
	return nil
}

// bigOp resolves Σ_{i=1}^{n} body and Π.
func (in *inferrer) bigOp(e *ast.BigOp) *term {
	outer := len(in.indices)
	size := expr.Dim{}
	if e.Lo != nil {
		if n, ok := e.Lo.(*ast.Number); !ok || n.Text != "1" {
			in.errorf("E225", e.Lo.Pos(), "a sum starts at 1, so that its index numbers all entries; here it starts at %s", in.text(e.Lo.Pos()))
		}
	}
	if n, ok := e.Hi.(*ast.Name); ok && in.bound(n.Text) != nil {
		in.errorf("E225", e.Hi.Pos(), "the sum ends at the index %s: a partial sum has no matrix form; where %s counts all of them, give the count another letter", n.Src, n.Src)
		return bad(e.Span)
	}
	if e.Hi != nil {
		d, ok := in.sizeArg(e.Hi)
		if !ok {
			in.errorf("E225", e.Hi.Pos(), "a sum ends at a size, not at %s", in.text(e.Hi.Pos()))
		} else {
			size = d
		}
	}
	t := &term{op: opBig, span: e.Span, big: e.Op}
	if outer == 0 {
		in.runs = in.runs[:0]
	}
	for _, id := range e.Index {
		d := size
		if len(e.Index) > 1 {
			d = expr.Dim{}
		}
		in.indices = append(in.indices, index{name: id.Name, size: d})
		in.runs = append(in.runs, index{name: id.Name, size: d})
		t.idx = append(t.idx, id.Name)
	}
	t.args = []*term{in.expr(e.Body)}
	for _, ix := range in.indices[outer:] {
		t.sizes = append(t.sizes, ix.size)
	}
	in.indices = in.indices[:outer]
	t.gather()
	if outer > 0 {
		return t
	}
	return in.lifted(t, nil)
}

// entry resolves a name with bound indices, y_i or A_{ij}: nil if it is none.
func (in *inferrer) entry(n *ast.Name) *term {
	if n.Sub == "" {
		return nil
	}
	if len(in.indices) == 0 {
		if in.bases[n.Base] {
			return in.label(n)
		}
		return nil
	}
	base, idx := in.splitSub(n.Base, n.Sub)
	if len(idx) > 0 && in.env.diffs && in.isDifferential(base) { // dz_i
		return entryOf(in.differential(base, n.Span), idx)
	}
	if len(idx) == 0 {
		if in.env.lookup(n.Text) == nil {
			if t := in.subscripted(n); t != nil {
				return t
			}
		}
		if strings.Contains("ijkl", n.Sub) && len(n.Sub) == 1 && in.env.lookup(n.Text) == nil {
			if isFunction(n.Base) && len(n.Base) > 1 {
				in.add(&diag.Diagnostic{Code: "E226", Message: n.Src + " runs over one index only, which has no matrix form", Labels: []diag.Label{{Span: n.Span}},
					Help: n.Base + "(x) is over all entries of x; logsumexp(X) and softmax(X) go along the rows"})
				return bad(n.Span)
			}
			in.errorf("E226", n.Span, "the index %s of %s is bound by no sum", n.Sub, n.Src)
			return bad(n.Span)
		}
		return in.label(n)
	}
	t := &term{op: opEntry, span: n.Span, idx: idx}
	s := in.env.lookup(base)
	if s == nil && base == "δ" && len(idx) == 2 {
		in.note("read %s as Kronecker's delta", n.Src)
		return entryOf(&term{op: opEye, span: n.Span}, idx)
	}
	if s != nil && s.kind == symSize {
		in.errorf("E225", n.Span, "%s is a size and has no entries", s.name)
		return bad(n.Span)
	}
	if s == nil || s.kind == symVar && !s.declared && s.idx < 0 {
		// w_k is a row or column of W.
		if r := firstRune(base); unicode.IsLower(r) && len(idx) == 1 {
			up := string(unicode.ToUpper(r)) + base[len(string(r)):]
			if u := in.env.known(up); u != nil && u.kind != symSize && !in.classOfSymbol(u).isScalar() {
				t.sym = u
			}
		}
	}
	if t.sym == nil {
		v := in.variable(base, base, n.Span)
		if v.op != opSym {
			if v.op != opBad {
				in.errorf("E225", n.Span, "the index %s has no entries", base)
			}
			return bad(n.Span)
		}
		t.sym = v.sym
		if s == nil {
			t.sym.readings = []reading{{asCol, 0}, {asRow, 2}}
			if len(idx) == 2 || isUpper(t.sym.key) || in.vectors[base] {
				t.sym.readings = []reading{{asMatrix, 0}}
			}
			in.indexed = append(in.indexed, t.sym)
		}
		t.names = v.names
	} else if t.sym.kind == symDef && t.sym.def != nil {
		t.names = t.sym.def.t.names
	} else if t.sym.idx >= 0 {
		t.names = bits(nil).with(t.sym.idx)
	}
	return t
}

// scanIndices finds, before anything is resolved, which names have entries
// (so that z_y can be one picked by a label), and which have vectors: x_i
// after a transposed factor, or itself transposed.
func (in *inferrer) scanIndices(tree *ast.Program) {
	in.bases, in.vectors, in.turned = map[string]bool{}, map[string]bool{}, map[string]bool{}
	sums := false
	name := func(e ast.Expr) *ast.Name {
		n, ok := e.(*ast.Name)
		if !ok || n.Sub == "" || !isShortName(n.Base) {
			return nil
		}
		return n
	}
	for _, s := range tree.Stmts {
		for _, side := range sidesOf(s) {
			walk(side, func(e ast.Expr) {
				switch e := e.(type) {
				case *ast.BigOp:
					sums = true
					walk(e.Body, func(x ast.Expr) {
						if n := name(x); n != nil {
							for _, i := range e.Index {
								in.bases[n.Base] = in.bases[n.Base] || n.Sub == i.Name
							}
						}
					})
				case *ast.Norm:
					walk(e.X, func(x ast.Expr) {
						if n := name(x); n != nil && in.bases[n.Base] {
							in.vectors[n.Base] = true
						}
					})
				case *ast.Postfix:
					if p, ok := e.X.(*ast.Paren); ok && e.Op == ast.Transpose { // (x_i − μ)ᵀ
						for x := p.X; x != nil; {
							b, ok := x.(*ast.Binary)
							if !ok {
								if n := name(x); n != nil {
									in.vectors[n.Base] = true
								}
								break
							}
							if b.Op != ast.Add && b.Op != ast.Sub {
								break
							}
							if n := name(b.Y); n != nil {
								in.vectors[n.Base] = true
							}
							x = b.X
						}
					}
					if n := name(e.X); n != nil && e.Op == ast.Transpose {
						in.vectors[n.Base] = true
					}
					if n, ok := e.X.(*ast.Name); ok && e.Op == ast.Transpose && isGreekName(keyOf(n.Text)) {
						in.turned[keyOf(n.Text)] = true
					}
				case *ast.Binary:
					n := name(e.Y)
					if n == nil || e.Op != ast.Juxt && e.Op != ast.Mul {
						return
					}
					x := e.X
					if b, ok := x.(*ast.Binary); ok && (b.Op == ast.Juxt || b.Op == ast.Mul) {
						x = b.Y
					}
					switch x := x.(type) {
					case *ast.Postfix:
						in.vectors[n.Base] = in.vectors[n.Base] || x.Op == ast.Transpose
					case *ast.Name:
						s := in.env.lookup(x.Text)
						matrix := s == nil && isUpper(x.Text) && x.Sub == "" && isShortName(x.Text) || s != nil && s.declared && s.known.R != expr.One && s.known.C != expr.One
						in.vectors[n.Base] = in.vectors[n.Base] || matrix
					}
				}
			})
		}
	}
	if !sums {
		in.turned = nil
	}
}

// splitSub splits a subscript into what belongs to the name and the bound
// indices at its end: z_{4i} is entry i of z_4, A_{ij} entry i, j of A.
func (in *inferrer) splitSub(base, sub string) (string, []string) {
	sub = strings.Trim(sub, "{}")
	if in.bound(sub) != nil {
		return base, []string{sub}
	}
	if parts := strings.Split(sub, ","); len(parts) > 1 {
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
			if in.bound(parts[i]) == nil {
				return base, nil
			}
		}
		return base, parts
	}
	rs := []rune(sub)
	at := len(rs)
	for at > 0 && in.bound(string(rs[at-1])) != nil {
		at--
	}
	if at == len(rs) || at > 0 && !isDigit(rs[at-1]) {
		return base, nil
	}
	var idx []string
	for _, r := range rs[at:] {
		idx = append(idx, string(r))
	}
	if at > 0 {
		base += "_" + string(rs[:at])
	}
	return base, idx
}

// label resolves z_y where y is a class label: the entry that a one-hot vector
// y picks out.
func (in *inferrer) label(n *ast.Name) *term {
	if !isShortName(n.Sub) || isDigit(firstRune(n.Sub)) || in.env.lookup(n.Text) != nil {
		return nil
	}
	base := in.env.lookup(n.Base)
	if !in.bases[n.Base] && (base == nil || !slices.Contains(in.indexed, base) && in.classOfSymbol(base).isScalar()) {
		return nil
	}
	y := in.oneHot(n.Sub, n.Span)
	if y == nil {
		return nil
	}
	z := in.variable(n.Base, n.Base, n.Span)
	if z.op != opSym {
		return z
	}
	if base == nil {
		z.sym.readings = []reading{{asCol, 0}, {asRow, 2}}
		in.indexed = append(in.indexed, z.sym)
	}
	return newTerm(opMul, n.Span, newTerm(opT, n.Span, y), z)
}

// oneHot returns the one-hot vector that a class label is read as.
func (in *inferrer) oneHot(name string, at ast.Span) *term {
	s := in.env.lookup(name)
	if s != nil && (s.kind != symVar || s.declared && !s.props.Has(expr.OneHot)) {
		return nil
	}
	t := in.variable(name, name, at)
	if t.op != opSym {
		return nil
	}
	if !t.sym.declared {
		t.sym.readings = []reading{{asCol, 0}}
		t.sym.props |= expr.OneHot
		in.note("read the label %s as a one-hot vector", name)
	}
	return t
}

// freeIndices returns the indices that the left side of a definition binds:
// a_i = … where the right side has x_i too.
func (in *inferrer) freeIndices(e *ast.Equation) (base string, idx []string) {
	n, ok := e.Sides[0].(*ast.Name)
	if !ok || n.Sub == "" || in.env.known(n.Text) != nil || len(e.Sides) < 2 {
		return "", nil
	}
	sub := strings.Trim(n.Sub, "{}")
	digits := strings.TrimLeft(sub, "0123456789")
	base = n.Base
	if digits != sub {
		base += "_" + sub[:len(sub)-len(digits)]
	}
	for _, r := range digits {
		if r == ',' || r == ' ' {
			continue
		}
		if !unicode.IsLower(r) || isGreek(r) {
			return "", nil
		}
		idx = append(idx, string(r))
	}
	if len(idx) == 0 || len(idx) > 2 {
		return "", nil
	}
	used := map[string]bool{}
	walk(e.Sides[1], func(x ast.Expr) {
		sub := ""
		switch m := x.(type) {
		case *ast.Entry:
			sub = m.Sub
		case *ast.Name:
			if in.env.known(m.Text) == nil {
				sub = m.Sub
			}
		}
		s := strings.TrimLeft(strings.Trim(sub, "{}"), "0123456789")
		for _, i := range idx {
			used[i] = used[i] || strings.Contains(s, i) && len([]rune(s)) <= 2
		}
	})
	for _, i := range idx {
		if !used[i] {
			return "", nil
		}
	}
	return base, idx
}

// lifted turns a term with entries into matrix form; the rows, then the
// columns of the result are numbered by free.
func (in *inferrer) lifted(t *term, free []string) *term {
	if holdsBad(t) { // reported
		return bad(t.span)
	}
	l := &lifter{in: in, at: t.span}
	v := l.lift(t)
	if l.failed {
		return bad(t.span)
	}
	out := l.plain(v, free)
	if l.failed || out == nil {
		return bad(t.span)
	}
	u := *out
	u.span = t.span
	u.lifted = true
	in.note("read %s as %s", in.text(t.span), showTerm(in, out))
	return &u
}

func holdsBad(t *term) bool { return t.op == opBad || slices.ContainsFunc(t.args, holdsBad) }

// classOfSymbol returns whether a name is a scalar, a vector or a matrix, as
// far as that is known before shapes are inferred: undeclared names are what
// they are preferred to be.
func (in *inferrer) classOfSymbol(s *symbol) shape {
	t := &term{op: opSym, sym: s}
	return in.classOf(t)
}

func (in *inferrer) classOf(t *term) shape {
	y := newTyping(in)
	in.epochs++
	y.epoch = in.epochs
	for _, st := range in.stmts { // definitions so far
		if !y.typ(st.t) {
			break
		}
	}
	if !y.typ(t) {
		return scalar
	}
	return t.shp
}

func (l *lifter) fail(t *term, format string, args ...any) {
	if !l.failed {
		at := t.span
		if at.Start == at.End {
			at = l.at
		}
		l.in.add(&diag.Diagnostic{Code: "E225", Message: sprintf(format, args...), Labels: []diag.Label{{Span: at}},
			Help: "write this part with matrix products and functions"})
	}
	l.failed = true
}
