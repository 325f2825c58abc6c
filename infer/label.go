package infer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// A subscript may hold a bound index without being a list of indices: the label
// of an example picks an entry, z_{y_i} and z_{i,y_i}, and x_{i+1} is a
// neighbour. The first is a sum over the classes with a one-hot matrix; the
// second has no matrix form.

// subscripted reads such a subscript; nil if no bound index is in it.
func (in *inferrer) subscripted(n *ast.Name) *term {
	sub := strings.Trim(n.Sub, "{} ")
	if !in.holdsIndex(sub) {
		return nil
	}
	rows, label, by, ok := in.labelOf(sub)
	if !ok {
		in.noShift(n.Src, n.Base, sub, n.Span)
		return bad(n.Span)
	}
	return in.picked(n.Span, rows, label, by, func(idx ...string) *term {
		sub := strings.Join(idx, "")
		return in.entry(&ast.Name{Text: n.Base + "_" + sub, Base: n.Base, Sub: sub, Src: n.Src, Span: n.Span})
	})
}

// noShift reports a subscript that holds an index and is none.
func (in *inferrer) noShift(text, base, sub string, at ast.Span) {
	what := "a subscript with the index in it"
	if strings.ContainsAny(sub, "+-−") {
		what = "a shifted index"
	}
	in.add(&diag.Diagnostic{Code: "E225", Message: text + ": " + what + " has no matrix form in this language", Labels: []diag.Label{{Span: at}},
		Help: "an entry is " + base + "_i or " + base + "_{ij}; name the shifted vector (declare it), or write the shift as a product with a constant matrix"})
}

// holdsIndex tells whether a bound index stands in a subscript as a letter of
// its own.
func (in *inferrer) holdsIndex(sub string) bool {
	for _, w := range strings.FieldsFunc(sub, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if in.bound(w) != nil || slices.ContainsFunc([]rune(w), func(r rune) bool {
			return len(w) <= 3 && strings.ContainsAny(sub, "_+-−,") && in.bound(string(r)) != nil
		}) {
			return true
		}
	}
	return false
}

// labelOf cuts i,y_i into the indices i before the label y and the index by
// which the label goes.
func (in *inferrer) labelOf(sub string) (rows, label, by string, ok bool) {
	head, by, found := strings.Cut(sub, "_")
	by = strings.Trim(by, "{}")
	if !found || in.bound(by) == nil {
		return "", "", "", false
	}
	head = strings.TrimSpace(head)
	at := strings.LastIndexAny(head, ", ")
	rows, label = strings.Trim(head[:at+1], ", "), head[at+1:]
	if at < 0 && len([]rune(label)) > 1 { // iy_i
		first := string([]rune(label)[0])
		if in.bound(first) != nil {
			rows, label = first, strings.TrimPrefix(label, first)
		}
	}
	if rows != "" && in.bound(rows) == nil || !isShortName(label) {
		return "", "", "", false
	}
	return rows, label, by, true
}

// picked is the entry that the label y_i picks: Σ_k y_{ik} z_{…k}, y as a one-hot
// matrix; entry makes that of z.
func (in *inferrer) picked(at ast.Span, rows, label, by string, entry func(idx ...string) *term) *term {
	const k = "κ"
	s := in.env.lookup(label)
	if s != nil && (s.kind != symVar || s.declared && !(s.props.Has(expr.OneHot) && in.classOfSymbol(s).isMatrix())) {
		in.add(&diag.Diagnostic{Code: "E225", Message: in.text(at) + " picks an entry by the label " + label + "_" + by + ", and " + label + " is no one-hot matrix", Labels: []diag.Label{{Span: at}},
			Help: "declare " + label + ": N×K onehot, a row for each label"})
		return bad(at)
	}
	y := in.variable(label, label, at)
	if y.op != opSym {
		return bad(at)
	}
	if !y.sym.declared {
		y.sym.readings = []reading{{asMatrix, 0}}
		y.sym.props |= expr.OneHot
		in.note("read the labels %s_%s as the rows of a one-hot matrix %s", label, by, label)
	}
	in.indices = append(in.indices, index{name: k})
	in.runs = append(in.runs, index{name: k})
	idx := []string{k}
	if rows != "" {
		idx = []string{rows, k}
	}
	z := entry(idx...)
	in.indices = in.indices[:len(in.indices)-1]
	if z == nil {
		return bad(at)
	}
	pick := &term{op: opEntry, span: at, sym: y.sym, idx: []string{by, k}, names: y.names}
	t := &term{op: opBig, big: ast.Sum, idx: []string{k}, span: at, sizes: []expr.Dim{{}}, args: []*term{newTerm(opMul, at, pick, z)}}
	t.gather()
	return t
}
