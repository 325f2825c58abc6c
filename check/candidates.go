package check

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
)

// editor edits what is written, with what the right answer is made of.
func (w *namer) editor() *editor {
	e := &editor{c: w.c, seen: map[*Node]int{w.n: -1}, sums: w.cl.Kind == infer.ClaimValue, stop: w.late, pool: w.pool(), more: w.summands(), by: w.cl.By}
	seen := map[expr.Fn]bool{}
	for _, root := range append(w.rightForms(), w.of()) {
		if root == nil {
			continue
		}
		for _, m := range expr.Topo(root) {
			if m.Op != expr.OpCall || len(m.Args) == 0 || m.Args[0].Shape != m.Shape || seen[m.Fn] || len(seen) >= 6 ||
				slices.ContainsFunc(m.Args[1:], func(a *Node) bool { return !w.c.on1(a) }) {
				continue
			}
			seen[m.Fn] = true
			e.funcs = append(e.funcs, m)
		}
	}
	e.edit = e.local
	if of := w.of(); of != nil {
		for _, m := range expr.Topo(of) {
			if f, ok := m.Fn.(*rules.Func); ok && f.Elementwise && len(m.Args) > 0 && len(e.points) < 6 && !slices.Contains(e.points, m.Args[0]) && !w.c.on1(m.Args[0]) {
				e.points = append(e.points, m.Args[0])
			}
		}
	}
	e.powers = map[*Node]bool{}
	for _, root := range append(w.rightForms(), w.of()) {
		if root == nil {
			continue
		}
		for _, m := range expr.Topo(root) {
			// Of what is right tanh(z)², not the m² that comes of m twice.
			if m.Op == expr.OpPow && (root == w.of() || m.Args[0].Op == expr.OpCall) {
				e.powers[m.Args[0]] = true
			}
		}
	}
	return e
}

// edits searches the answers one edit away from the written one: first what
// the line itself writes, then the definitions behind its names.
func (w *namer) edits() {
	e := w.editor()
	n, open := w.written()
	for i, p := range e.pool {
		e.pool[i] = w.c.fold(p)
	}
	e.walk(n, true, "", func(m *Node) *Node { return w.c.put(m, open) })
	w.choose(e.out)
	if n != w.n && len(w.hits) == 0 {
		e = w.editor()
		e.walk(w.n, true, "", func(m *Node) *Node { return m })
		w.choose(e.out)
	}
}

// written is the line with the names that it writes, and what they stand for.
func (w *namer) written() (n *Node, open map[*Node]*Node) {
	return w.c.fold(w.n), w.c.behind()
}

// choose takes the edited answers that are right, likely ones first.
func (w *namer) choose(list []candidate) {
	guess := map[bool]int{true: 1}
	slices.SortStableFunc(list, func(a, b candidate) int {
		if a.id == b.id {
			return guess[a.guess] - guess[b.guess]
		}
		return rank(a.id) - rank(b.id)
	})
	tries, again, fixes := 0, 0, 0
	for _, k := range list {
		if w.late() || tries >= 3 {
			return
		}
		i := slices.IndexFunc(w.hits, func(h found) bool { return h.id == k.id })
		switch {
		case i < 0 && w.right(k.n):
			tries++
			w.hit(k.id, k.msg, k.n)
			w.hits[len(w.hits)-1].lost = w.second || k.guess
			w.hits[len(w.hits)-1].also = k.also
		case i >= 0 && w.hits[i].fix == nil && fixes < 2 && !k.guess && k.id != "missing-transpose" && w.right(k.n):
			fixes++ // the rule that was broken, mended in the line
			w.hits[i].fix = k.n
		case i >= 0 && again < 4 && k.id == "missing-transpose" && w.hits[i].fix != nil && !k.guess && w.right(k.n):
			again++ // of several transposes the one that leaves the shorter line
			if render.Length(k.n) < render.Length(w.hits[i].fix) {
				w.hits[i].msg, w.hits[i].fix = k.msg, k.n
			}
		}
	}
}

// pool holds the factors that may be missing: variables, their transposes, and
// the factors of the right answer and of the written one.
func (w *namer) pool() []*Node {
	c := w.c
	var out []*Node
	seen := map[*Node]bool{}
	add := func(n *Node) {
		if len(out) < 60 && !seen[n] && n.Op != expr.OpNum && !n.HasD && n.Op != expr.OpOnes && n.Op != expr.OpEye {
			seen[n] = true
			out = append(out, n)
		}
	}
	roots := append(w.rightForms(), w.n)
	if of := w.of(); of != nil {
		roots = append(roots, of)
	}
	for _, root := range roots {
		for _, m := range expr.Topo(root) {
			switch m.Op {
			case expr.OpMul, expr.OpHad, expr.OpScale:
				for _, a := range m.Args {
					add(a)
				}
			}
		}
	}
	for _, root := range w.rightForms() { // and what several of them make
		for _, m := range expr.Topo(root) {
			if m.Op != expr.OpMul || len(m.Args) > 6 {
				continue
			}
			runs(c.b, m.Args, -1, add)
			for i, a := range m.Args { // multiplied out
				for k := 0; a.Op == expr.OpAdd && k < len(a.Args) && len(a.Args) <= 4; k++ {
					t := a.Args[k]
					if t.Op == expr.OpScale && t.Args[0].IsNum(-1, 1) {
						t = t.Args[1]
					}
					args := slices.Clone(m.Args)
					args[i] = t
					runs(c.b, args, i, add)
				}
			}
		}
	}
	for _, v := range c.prog.Vars {
		add(c.b.Var(v))
		add(c.b.T(c.b.Var(v)))
	}
	for _, d := range c.prog.Defs {
		if len(expr.Topo(d.Node)) < 40 {
			add(d.Node)
		}
	}
	return out
}

// runs adds the products of neighbouring factors, two or more and not all of
// them; of a factor that is changed only those that hold it.
func runs(b *expr.Builder, args []*Node, changed int, add func(*Node)) {
	most := len(args)
	if changed < 0 {
		most--
	}
	for k := 2; k <= most; k++ {
		for i := 0; i+k <= len(args); i++ {
			if changed < 0 || i <= changed && changed < i+k {
				if m := attempt(func() *Node { return b.Mul(args[i : i+k]...) }); m != nil {
					add(m)
				}
			}
		}
	}
}
