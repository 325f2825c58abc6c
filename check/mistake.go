package check

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/verify"
)

// found is an explanation of a false line that was confirmed.
type found struct {
	id, msg string
	fix     *Node // nil: the derived answer is the fix
	first   bool  // preferred to all others
}

// namer looks for the mistake in one false line.
type namer struct {
	c     *checker
	i     int // of the claim
	cl    *infer.Claim
	q     *question
	n     *Node
	env   eval.Env // a point at which the line is false, to sift candidates
	sift  bool
	until time.Time
	hits  []found
	tried int
}

// name finds what went wrong in a false line: a mistake made on the whole
// answer, a rule that was broken, an assumption, one edit of what is written.
// Where several explain the line the simplest is named and the others listed.
func (c *checker) name(i int, q *question, n *Node, cmp *verify.Comparison) *Mistake {
	w := &namer{c: c, i: i, cl: &c.res.Claims[i], q: q, n: n, until: time.Now().Add(c.opt.Limit)}
	if cmp != nil && cmp.Counter != nil {
		w.env = eval.Env{Vars: cmp.Counter.Point, Sizes: cmp.Counter.Sizes}
		w.sift = true
	}
	w.wholeAnswer()
	w.rules()
	w.assumptions()
	if !slices.ContainsFunc(w.hits, func(h found) bool { return priority(h.id) < 2 }) {
		w.edits()
	}
	return w.mistake()
}

func (w *namer) late() bool { return time.Now().After(w.until) || w.c.ctx.Err() != nil }

func (w *namer) hit(id, msg string, fix *Node) {
	for _, h := range w.hits {
		if h.id == id {
			return
		}
	}
	w.hits = append(w.hits, found{id: id, msg: msg, fix: fix})
}

// right tells whether n is a right answer.
func (w *namer) right(n *Node) bool {
	if n == nil || n.Shape != w.q.shape {
		return false
	}
	w.tried++
	if w.sift && !w.close(w.q.sides(n)) {
		return false
	}
	r, _ := w.c.ask(w.q, n)
	return r == verify.Same
}

// close compares two values at the one point.
func (w *namer) close(x, y *Node) bool {
	a, err := w.value(x)
	if err != nil {
		return true
	}
	b, err := w.value(y)
	if err != nil {
		return !unknown(err)
	}
	scale := math.Max(a.MaxAbs(), b.MaxAbs())
	for k := range a.Data {
		if !(math.Abs(a.Data[k]-b.Data[k]) <= 1e-6*scale+1e-12) {
			return false
		}
	}
	return true
}

func unknown(err error) bool { _, domain := err.(*eval.DomainError); return domain }

func (w *namer) value(n *Node) (*num.Mat, error) {
	if len(w.c.assume) > 0 {
		n = w.c.assumed(n)
	}
	return eval.Eval(n, w.env)
}

// same tells whether the line is what the broken answer x is.
func (w *namer) same(x *Node) bool {
	if x == nil || x.Shape != w.n.Shape {
		return false
	}
	if w.sift && !w.close(x, w.n) {
		return false
	}
	r, _ := w.c.equal(w.q.prog, x, w.n, verify.Options{Seed: w.c.opt.Seed})
	return r == verify.Same
}

func (w *namer) wholeAnswer() {
	for _, k := range w.c.whole(w.cl, w.q, w.n) {
		if w.late() {
			return
		}
		if w.right(k.n) {
			if k.id == "factor" && w.cl.Kind == infer.ClaimGradient && w.composed() {
				w.hit("chain-rule-factor", k.msg+": a factor of the chain rule was lost", k.n)
				w.hits[len(w.hits)-1].first = true
			}
			w.hit(k.id, k.msg, k.n)
		}
	}
}

// composed tells whether the value is a function of a scalar that is itself
// not linear, as tr(X'X)² is.
func (w *namer) composed() bool {
	n := w.of()
	for n != nil && n.Op == expr.OpHad && len(n.Args) == 2 && n.Args[0].Op == expr.OpNum {
		n = n.Args[1]
	}
	if n == nil || n.Op != expr.OpPow && n.Op != expr.OpCall || len(n.Args) == 0 {
		return false
	}
	u := n.Args[0]
	return u.IsScalar() && u.Op != expr.OpVar && !u.IsCall("norm")
}

func (w *namer) of() *Node {
	if w.cl.Of != nil {
		return w.cl.Of
	}
	return w.c.prog.Objective.Node
}

func (w *namer) rules() {
	c, of := w.c, w.of()
	switch w.cl.Kind {
	case infer.ClaimGradient:
		by := w.cl.By[0]
		w.terms(of, by)
		for _, x := range append(c.occurrences(of, by), c.brokenRules(of, by)...) {
			if w.late() {
				return
			}
			if w.same(x.n) {
				w.hit(x.id, x.msg, nil)
			}
		}
		w.inner(of, by)
		if t := c.s.Normal(w.q.truth); t.Op == expr.OpAdd {
			for i := range t.Args {
				rest := append(append([]*Node(nil), t.Args[:i]...), t.Args[i+1:]...)
				if w.same(c.b.Add(rest...)) {
					w.hit("dropped-term", "the term "+c.print(t.Args[i])+" is missing", nil)
				}
			}
		}
		for _, v := range c.prog.Vars {
			x := c.b.Var(v)
			if x == by || v.Const {
				continue
			}
			if g, _, err := c.gradient(of, x); err == nil && !g.IsZero() && w.same(g) {
				w.hit("other-variable", "this is the gradient by "+v.Name, nil)
			}
		}
	case infer.ClaimDifferential:
		if of.IsCall("softmax") && w.n.Shape == w.q.shape {
			x := c.b.Had(of, c.b.Sub(c.b.Ones(of.Shape), of), c.diff(of.Args[0]))
			if r, _ := c.equal(w.q.prog, x, w.n, verify.Options{Seed: c.opt.Seed, Moving: c.moving}); r == verify.Same {
				w.hit("softmax-jacobian", "the off-diagonal part of the Jacobian of softmax, −p_i p_j, is missing", nil)
			}
		}
	case infer.ClaimJacobian:
		// The diagonal part only.
		by := w.cl.By[0]
		if w.n.Shape != w.q.shape || !w.n.Shape.IsSquare() || w.n.IsScalar() || !of.Shape.IsCol() || !by.Shape.IsCol() {
			return
		}
		j := w.jacobian()
		if j == nil {
			return
		}
		if w.same(c.b.Had(j, c.b.Eye(w.q.shape.R))) {
			id, msg := "off-diagonal", "only the diagonal part of the Jacobian is there"
			for _, m := range expr.Topo(of) {
				if m.IsCall("softmax") || m.IsCall("logsoftmax") {
					id, msg = "softmax-jacobian", "the off-diagonal part of the Jacobian of softmax, −p_i p_j, is missing"
				}
			}
			w.hit(id, msg, nil)
		}
	}
}

// inner looks for a part of the value by which the line is the derivative: the
// derivative of that part was left out.
func (w *namer) inner(of, by *Node) {
	on := map[*Node]bool{by: true}
	for k, m := range expr.Topo(of) {
		for _, a := range m.Args {
			on[m] = on[m] || on[a]
		}
		if k > 200 || !on[m] || m == by || m == of || w.late() {
			continue
		}
		for _, x := range []*Node{w.n, w.c.b.T(w.n)} {
			if m.Shape != x.Shape {
				continue
			}
			g, err := w.c.derived(w.c.prog, of, m)
			if err != nil || g.IsZero() || w.sift && !w.close(g, x) {
				continue
			}
			if r, _ := w.c.equal(w.q.prog, g, x, verify.Options{Seed: w.c.opt.Seed}); r == verify.Same {
				w.hit("chain-rule-factor", "this is the derivative by "+w.c.print(m)+": the factor from differentiating that by "+w.cl.ByNames[0]+" is missing", nil)
				return
			}
		}
	}
}

// terms looks for a term of the value whose gradient was left out.
func (w *namer) terms(of, by *Node) {
	c := w.c
	scale := c.b.Int(1)
	for of.Op == expr.OpHad && len(of.Args) == 2 && of.Args[1].Op == expr.OpAdd {
		scale, of = c.b.Had(scale, of.Args[0]), of.Args[1]
	}
	if of.Op != expr.OpAdd || len(of.Args) > 12 {
		return
	}
	for i, t := range of.Args {
		rest := append(append([]*Node(nil), of.Args[:i]...), of.Args[i+1:]...)
		g, err := c.derived(c.prog, c.b.Had(scale, c.b.Add(rest...)), by)
		if err == nil && w.same(g) {
			w.hit("dropped-term", "the gradient of the term "+c.print(t)+" is missing", nil)
			w.hits[len(w.hits)-1].first = true
		}
	}
}

// assumptions tries what a reader may have assumed of a matrix.
func (w *namer) assumptions() {
	c := w.c
	if w.n.Shape != w.q.shape {
		return
	}
	for _, v := range c.prog.Vars {
		x := c.b.Var(v)
		if !v.Shape.IsSquare() || v.Shape.IsScalar() || v.Props.Has(expr.Symmetric) || c.assume[x] != nil || w.late() {
			continue
		}
		if len(w.cl.By) > 0 && slices.Contains(w.cl.By, x) {
			continue
		}
		sym := map[*Node]*Node{x: c.b.Scale(c.b.Rat(1, 2), c.b.Add(x, c.b.T(x)))}
		l, r := w.q.sides(w.n)
		if l.HasD || r.HasD {
			continue
		}
		l, r = c.b.Subst(l, sym), c.b.Subst(r, sym)
		if rel, _ := c.equal(w.q.prog, l, r, verify.Options{Seed: c.opt.Seed}); rel == verify.Same {
			w.hit("symmetric-assumed", fmt.Sprintf("this holds only for a symmetric %s, which %s is not declared to be", v.Name, v.Name), nil)
		}
	}
}

// edits searches the answers one edit away from the written one.
func (w *namer) edits() {
	e := &editor{c: w.c, seen: map[*Node]int{w.n: -1}, sums: w.cl.Kind == infer.ClaimValue, stop: w.late, pool: w.pool()}
	e.walk(w.n, true, "", func(m *Node) *Node { return m })
	slices.SortStableFunc(e.out, func(a, b candidate) int { return rank(a.id) - rank(b.id) })
	for _, k := range e.out {
		if w.late() || len(w.hits) >= 3 {
			return
		}
		if w.right(k.n) {
			w.hit(k.id, k.msg, k.n)
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
		if len(out) < 40 && !seen[n] && n.Op != expr.OpNum && !n.HasD && n.Op != expr.OpOnes && n.Op != expr.OpEye {
			seen[n] = true
			out = append(out, n)
		}
	}
	var roots []*Node
	if w.q.truth != nil {
		roots = append(roots, w.q.truth)
	}
	for _, root := range append(roots, w.n) {
		for _, m := range expr.Topo(root) {
			switch m.Op {
			case expr.OpMul, expr.OpHad, expr.OpScale:
				for _, a := range m.Args {
					add(a)
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

// closed is the right answer in closed form, nil if there is none.
func (w *namer) closed() *Node {
	c := w.c
	switch {
	case w.q.truth != nil && !(w.q.truth.Op == expr.OpVar && w.q.truth.Var.Kind == expr.Adjoint):
		if w.cl.Kind == infer.ClaimValue {
			return w.q.truth
		}
		return c.s.Polish(c.s.Shorten(w.q.truth))
	case w.cl.Kind == infer.ClaimJacobian:
		return w.jacobian()
	case w.cl.Kind == infer.ClaimHessian && len(w.cl.By) > 0:
		by := w.cl.By[len(w.cl.By)-1]
		g, _, err := c.gradient(w.of(), w.cl.By[0])
		if err != nil || !g.Shape.IsCol() || !by.Shape.IsCol() {
			return nil
		}
		v := *w
		v.cl = &infer.Claim{Kind: infer.ClaimJacobian, Of: g, By: []*Node{by}}
		return v.jacobian()
	case w.cl.Kind == infer.ClaimDifferential && w.cl.Of.Shape.IsCol() && len(c.moving) == 1:
		x := c.b.Var(c.prog.VarNamed(c.moving[0]))
		if x.Shape.IsCol() {
			w.cl = &infer.Claim{Kind: infer.ClaimJacobian, Of: w.cl.Of, By: []*Node{x}}
			if j := w.jacobian(); j != nil {
				return c.b.Mul(j, c.diff(x))
			}
		}
	case w.cl.Kind == infer.ClaimDifferential && w.cl.Of.IsScalar():
		var terms []*Node
		for _, v := range c.prog.Vars {
			if len(c.moving) > 0 && !slices.Contains(c.moving, v.Name) || v.Const {
				continue
			}
			x := c.b.Var(v)
			if g, _, err := c.gradient(w.cl.Of, x); err == nil && !g.IsZero() {
				terms = append(terms, c.inner(c.s.Shorten(g), c.diff(x)))
			}
		}
		if len(terms) > 0 {
			return c.b.Add(terms...)
		}
	}
	return nil
}

// mistake chooses among the explanations and writes the fix.
func (w *namer) mistake() *Mistake {
	c := w.c
	m := &Mistake{ID: "other", Message: "no single mistake that is known here explains this line"}
	if len(w.hits) > 0 {
		best := 0
		for i, h := range w.hits { // one of two occurrences counted twice: as if symmetric
			if h.id == "symmetric-assumed" && strings.HasSuffix(w.hits[0].msg, countedForAll) {
				w.hits[i].first = true
			}
		}
		for i, h := range w.hits {
			if !w.hits[best].first && (h.first || priority(h.id) < priority(w.hits[best].id)) {
				best = i
			}
		}
		h := w.hits[best]
		m.ID, m.Message = h.id, h.msg
		for i, o := range w.hits {
			if i != best && o.id != h.id {
				m.Also = append(m.Also, o.id)
			}
		}
		for i, o := range w.hits {
			if i != best && !o.first && o.msg != h.msg && priority(o.id) <= priority(h.id)+1 && o.id != "factor" {
				m.Message += "; or else: " + o.msg
				break
			}
		}
		if h.fix != nil {
			m.Fix = c.confirmed(w.i, h.fix)
		}
	} else if w.n.Shape != w.q.shape {
		m.ID, m.Message = "shape", w.q.shapes(w.n)
	}
	if m.Fix == "" {
		if n := w.closed(); n != nil && (n.Shape == w.q.shape) {
			m.Fix = c.confirmed(w.i, n)
		}
	}
	return m
}

// priority orders the explanations of one line, the telling ones first.
func priority(id string) int {
	switch id {
	case "factor":
		return 3
	case "symmetric-assumed", "extra-factor", "chain-rule-factor":
		return 2
	case "dropped-term":
		return 1
	}
	return 0
}
