package recursion

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
)

// result joins the rows to a derivation and the page that prints it.
func (n *network) result(rows []*row, input string) *Result {
	doc := &render.Doc{Input: input, Of: n.p.Of()}
	sizes := n.sizes(n.fixed)
	for _, m := range n.p.Maps {
		m.From = slices.Clone(m.From)
		for i, s := range m.From {
			m.From[i] = s.Subst(sizes)
		}
		m.To = m.To.Subst(sizes)
		doc.Maps = append(doc.Maps, m)
	}
	n.reading(doc, rows)
	n.variables(doc)
	res := &derive.Result{Program: n.p, Objective: n.p.Objective, Scalar: n.p.Objective.Node.IsScalar(), Adjoint: n.seed}
	for _, r := range rows {
		if r.state {
			t := r.terms[0]
			level := n.levels(t)
			e := render.Equation{Name: n.name(n.delta[r.base]+"_"+strconv.Itoa(t.at), level), Node: n.shown(t.node, level)}
			e.Is = "∂" + doc.Of + "/∂" + n.name(r.base+"_"+strconv.Itoa(t.at), level)
			if r.many() {
				e.Range = n.span(r.lo, r.hi, true)
			}
			doc.Lets = append(doc.Lets, e)
			res.Lets = append(res.Lets, derive.Let{Name: e.Name, Node: e.Node})
			continue
		}
		g := render.Gradient{Wrt: n.wrt(r), Reason: "not verified: verification was turned off"}
		if r.many() {
			g.Range = n.span(r.lo, r.hi, false)
		}
		for _, t := range r.terms {
			part := render.Summand{Node: n.shown(t.node, n.levels(t))}
			if r.base == "" && t.many() {
				if c := part.Node; c.Op == expr.OpScale && !n.leveled(t.node.Args[0]) && t.node.Op == expr.OpScale {
					part.By, part.Node = c.Args[0], c.Args[1]
				}
				part.Over = n.span(t.lo, t.hi, false)
			}
			g.Sum = append(g.Sum, part)
		}
		g.Node = g.Sum[0].Node
		if len(g.Sum) == 1 && g.Sum[0].Over == nil {
			g.Sum = nil
		}
		doc.Gradients = append(doc.Gradients, g)
		sizes := n.sizes(n.levels(r.terms[0]))
		res.Grads = append(res.Grads, derive.Gradient{Wrt: &expr.Var{Name: g.Wrt, Shape: r.v.Shape.Subst(sizes), Props: r.v.Props}, Node: g.Node, Full: g.Node})
	}
	doc.Steps = n.steps(rows)
	doc.Notes = n.notes()
	res.Notes = doc.Notes
	return &Result{Result: res, Doc: doc}
}

// steps are those of the recursion and of what the layers share with it: of
// the level in the middle, each line once.
func (n *network) steps(rows []*row) []render.Step {
	var out []render.Step
	said := make(map[string]bool)
	for _, r := range rows {
		t := r.terms[0]
		if !r.many() && !t.many() {
			continue
		}
		level := n.levels(t)
		show := func(x *expr.Node) *expr.Node {
			if x == nil {
				return nil
			}
			return n.shown(x, level)
		}
		for _, s := range r.steps {
			step := render.Step{Lhs: show(s.Lhs), Rhs: show(s.Rhs), Rule: s.Rule, Comment: s.Comment}
			for _, a := range s.About {
				step.About = append(step.About, show(a))
			}
			for _, g := range s.Given {
				step.Given = append(step.Given, render.Identity{D: show(g.D), Left: show(g.Left), Right: show(g.Right)})
			}
			text := render.Expr(step.Rhs, render.ASCII)
			if step.Lhs != nil {
				text = render.Expr(step.Lhs, render.ASCII) + " = " + text
			}
			if !said[text] {
				said[text] = true
				out = append(out, step)
			}
		}
	}
	return out
}

// reading fills in the statements of the text as they were understood.
func (n *network) reading(doc *render.Doc, rows []*row) {
	type said struct {
		base   string
		lo, hi int
		e      render.Equation
		text   string
	}
	var all []*said
	for _, d := range n.p.Defs {
		base, k, ok := n.rec.Level(d.Name)
		if ok && n.weightless(base) {
			continue
		}
		if !ok && n.rec.Hidden(d.Name) {
			if e := n.total(d, rows); e != nil {
				all = append(all, &said{e: *e})
			}
			continue
		}
		s := &said{base: base, lo: k, hi: k}
		level := n.fixed
		if ok {
			level = func(j int) string { return n.beside(j - k + n.rec.Offset(base)) }
			s.text = render.Expr(n.shownTyped(opened(d), level), render.ASCII)
			if i := slices.IndexFunc(all, func(p *said) bool { return p.base == base && p.hi == k-1 && p.text == s.text }); i >= 0 {
				all[i].hi = k
				continue
			}
		}
		s.e = render.Equation{Name: n.name(d.Name, level), Node: n.shownTyped(opened(d), level)}
		s.e.Sum = n.sums(opened(d), func(name string) bool {
			return slices.ContainsFunc(all, func(p *said) bool { return p.e.Name == name })
		})
		if ok { // in case it is alone
			s.e.Typed = n.shownTyped(opened(d), n.fixed)
		}
		all = append(all, s)
	}
	for _, s := range all {
		switch off := n.rec.Offset(s.base); {
		case s.lo < s.hi:
			s.e.Typed = nil
			s.e.Range = n.span(s.lo-off, s.hi-off, false)
		case s.base != "":
			s.e.Name, s.e.Node = n.name(s.base+"_"+strconv.Itoa(s.lo), n.fixed), s.e.Typed
		}
		doc.Defs = append(doc.Defs, s.e)
	}
	q := n.p.Objective
	if q.Name == "" {
		doc.Objective = render.Equation{Node: n.shownTyped(opened(q), n.fixed)}
	} else { // the last definition, at its place
		doc.Objective = doc.Defs[len(doc.Defs)-1]
		doc.Defs = doc.Defs[:len(doc.Defs)-1]
	}
	for _, e := range doc.Defs {
		doc.Names = append(doc.Names, e.Name)
	}
	for _, v := range n.p.Vars {
		doc.Names = append(doc.Names, v.Name)
	}
}

// total is q = Σ_{t=1}^T …, the sum that a hidden name stands for, nil where no
// result speaks of it.
func (n *network) total(d expr.Def, rows []*row) *render.Equation {
	spoken := false
	for _, r := range rows {
		for _, t := range r.terms {
			spoken = spoken || slices.Contains(names(t.node), d.Name)
		}
	}
	if !spoken && n.weightless(d.Name) && !n.rec.Typed(d.Name) || n.defNamed(fmt.Sprintf("%s_%d", d.Name, n.end-2)) == nil {
		return nil
	}
	part := n.overLevels(d.Name)
	if !n.weightless(d.Name) {
		mid := n.end - 2
		part.Node = n.shownTyped(n.states[fmt.Sprintf("%s_%d", d.Name, mid)], func(j int) string { return n.beside(j - mid) })
	}
	return &render.Equation{Name: d.Name, Node: part.Node, Sum: []render.Summand{part}}
}

// overLevels is the sum over levels that a hidden name stands for.
func (n *network) overLevels(hidden string) render.Summand {
	lo, hi, mid := n.end, 0, n.end-2
	for _, t := range n.p.Defs {
		if base, k, ok := n.rec.Level(t.Name); ok && base == hidden {
			lo, hi = min(lo, k), max(hi, k)
		}
	}
	of := n.defNamed(fmt.Sprintf("%s_%d", hidden, mid))
	return render.Summand{Node: n.shownTyped(opened(*of), func(j int) string { return n.beside(j - mid) }), Over: n.span(lo, hi, false)}
}

// sums writes ½ q + λ‖W‖² as ½ Σ_{t=1}^T … + λ‖W‖²; nil where no sum over
// levels stands in it, or not as a term. Those that were said before keep their
// names.
func (n *network) sums(node *expr.Node, before func(name string) bool) []render.Summand {
	terms, found := []*expr.Node{node}, false
	if node.Op == expr.OpAdd {
		terms = node.Args
	}
	var out []render.Summand
	for _, t := range terms {
		var by *expr.Node
		of := t
		if t.Op == expr.OpScale || t.Op == expr.OpHad && t.IsScalar() {
			for i, f := range t.Args {
				if f.Op == expr.OpVar && n.rec.Hidden(f.Var.Name) && !before(f.Var.Name) {
					of = f
					by = n.p.B.Had(append(slices.Clone(t.Args[:i]), t.Args[i+1:]...)...)
				}
			}
		}
		hidden := func(x *expr.Node) bool {
			return slices.ContainsFunc(names(x), func(s string) bool { _, _, ok := n.rec.Level(s); return !ok && n.rec.Hidden(s) && !before(s) })
		}
		switch {
		case of.Op == expr.OpVar && hidden(of) && (by == nil || !hidden(by)):
			part := n.overLevels(of.Var.Name)
			if by != nil {
				part.By = n.shownTyped(by, n.fixed)
			}
			out, found = append(out, part), true
		case hidden(t):
			return nil
		default:
			out = append(out, render.Summand{Node: n.shownTyped(t, n.fixed)})
		}
	}
	if !found {
		return nil
	}
	return out
}

// shownTyped is shown without the names that stand for a^0.
func (n *network) shownTyped(node *expr.Node, level func(k int) string) *expr.Node {
	alias := n.alias
	n.alias = nil
	defer func() { n.alias = alias }()
	return n.shown(node, level)
}

// variables lists the variables, those of all levels once.
func (n *network) variables(doc *render.Doc) {
	mid := n.end - 2
	count := make(map[string][]int)
	for _, v := range n.p.Vars {
		if base, k, ok := n.rec.Level(v.Name); ok {
			count[base] = append(count[base], k)
		}
	}
	for _, v := range n.p.Vars {
		w := *v
		base, k, ok := n.rec.Level(v.Name)
		level := n.fixed
		if ok && slices.Contains(count[base], mid) && len(count[base]) > 1 {
			if k != mid {
				continue
			}
			level = func(j int) string { return n.beside(j - mid) }
		}
		if ok {
			w.Name = n.name(v.Name, level)
		}
		w.Shape = v.Shape.Subst(n.sizes(level))
		doc.Variables = append(doc.Variables, &w)
	}
}

// notes are those of the program, of all levels once.
func (n *network) notes() []string {
	var out []string
	word := regexp.MustCompile(`[\pL\pM]+_\d+\b`)
	mid := n.end - 2
	if s := n.rec.Passed; s != "" {
		out = append(out, s)
	}
	for _, s := range n.p.Notes {
		if strings.HasPrefix(s, "inferred ") || strings.HasPrefix(s, "wrote out ") {
			continue
		}
		other := false
		s = word.ReplaceAllStringFunc(s, func(w string) string {
			_, k, ok := n.rec.Level(w)
			other = other || ok && k != mid
			return n.name(w, func(j int) string { return n.beside(j - mid) })
		})
		levels := n.sizes(strconv.Itoa)
		sizes := n.sizes(func(j int) string { return n.beside(j - mid) })
		s = regexp.MustCompile(`\b[\pL_\d]+\b`).ReplaceAllStringFunc(s, func(w string) string {
			if d, ok := sizes[w]; ok && len(w) > 0 {
				_, k, leveled := strings.Cut(levels[w].Sym, "_")
				other = other || leveled && k != strconv.Itoa(mid)
				return d.String()
			}
			return w
		})
		if !other && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return append(out, n.rec.End+" has no value, so this is the recursion for every "+n.rec.End+"; give "+n.rec.End+" = 3 for a network written out")
}
