package check

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/verify"
)

// found is an explanation of a false line that was confirmed.
type found struct {
	id, msg string
	fix     *Node  // nil: the derived answer is the fix
	first   bool   // preferred to all others
	lost    bool   // found from the right answer, not from what is written
	less    int    // how much less telling it is than its name says
	also    string // another name for the same
	// assumes is the assumption under which the line is right.
	assumes string
}

// namer looks for the mistake in one false line.
type namer struct {
	c    *checker
	i    int // of the claim
	cl   *infer.Claim
	q    *question
	n    *Node
	sift bool
	// values are those at a point at which the line is false: candidates are
	// sifted by them.
	values *eval.Memo
	until  time.Time
	hits   []found
	tried  int
	asked  int  // answers compared at several points
	second bool // a telling explanation is there already
	from   int  // nodes made before the search
	size   int  // of the expressions that are compared

	forms []*Node // of the right answer, nil before they are asked for
	whole *Node   // what is differentiated, in terms of by
	by    []*Node // variables
	back  map[*Node]*Node
}

// name finds what went wrong in a false line: a mistake made on the whole
// answer, a rule that was broken, an assumption, one edit of what is written.
// Where several explain the line the simplest is named and the others listed.
func (c *checker) name(i int, q *question, n *Node, cmp *verify.Comparison) *Mistake {
	w := &namer{c: c, i: i, cl: &c.res.Claims[i], q: q, n: n, until: time.Now().Add(c.opt.Limit)}
	if cmp != nil && cmp.Counter != nil {
		w.values = eval.NewMemo(eval.Env{Vars: cmp.Counter.Point, Sizes: cmp.Counter.Sizes})
		w.sift = true
	}
	w.from, w.size = c.b.Len(), len(expr.Topo(n))
	if of := w.of(); of != nil {
		w.size += len(expr.Topo(of))
	}
	w.wholeAnswer()
	w.ratio(w.c.b.Int(1))
	w.rules()
	w.point()
	w.assumptions()
	// What is found from here on comes second to a rule that was broken.
	w.second = slices.ContainsFunc(w.hits, func(h found) bool { return h.priority() < 2 })
	w.edits()
	w.lost()
	w.consistent()
	w.bare()
	w.ratio(w.scales()...)
	c.work = max(c.work, w.work())
	return w.mistake()
}

// point draws the point of a line whose shape is wrong: there is none at which
// its value differs.
func (w *namer) point() {
	c := w.c
	if w.sift || w.n.Shape == w.q.shape {
		return
	}
	sum := c.b.Int(0)
	for _, n := range append(w.rightForms(), w.n) {
		if !n.IsScalar() {
			n = c.b.MustCall(rules.Must("sum"), n)
		}
		sum = c.b.Add(sum, n)
	}
	if _, cmp := c.equal(w.q.prog, sum, c.b.Add(sum, c.b.Int(1)), verify.Options{Seed: c.opt.Seed}); cmp != nil && cmp.Counter != nil {
		w.values = eval.NewMemo(eval.Env{Vars: cmp.Counter.Point, Sizes: cmp.Counter.Sizes})
		w.sift = true
	}
}

// maxWork bounds the search for one mistake: nodes made and computed, and for
// each answer compared in earnest the nodes it has, at several points. The search ends at the same place on any
// machine; the time limit is only there for what work does not measure.
const maxWork = 150_000

func (w *namer) late() bool {
	return w.work() > maxWork || time.Now().After(w.until) || w.c.ctx.Err() != nil
}

// work counts what the search has taken so far.
func (w *namer) work() int {
	work := w.c.b.Len() - w.from + w.tried + 20*w.asked*w.size
	if w.sift {
		return work + w.values.Len()
	}
	return work + w.tried*w.size
}

func (w *namer) hit(id, msg string, fix *Node) {
	for _, h := range w.hits {
		if h.id == id {
			return
		}
	}
	w.hits = append(w.hits, found{id: id, msg: msg, fix: fix})
}

// known tells whether a mistake of that name explains the line already.
func (w *namer) known(id string) bool {
	return slices.ContainsFunc(w.hits, func(h found) bool { return h.id == id })
}

// right tells whether n is a right answer.
func (w *namer) right(n *Node) bool {
	if n == nil || n.Shape != w.q.shape {
		return false
	}
	w.tried++
	if x, y := w.q.sides(n); x == nil || y == nil || w.sift && !w.close(x, y) {
		return false
	}
	w.asked++
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
	return w.values.Value(n)
}

// same tells whether the line is what the broken answer x is.
func (w *namer) same(x *Node) bool {
	if x == nil || x.Shape != w.n.Shape {
		return false
	}
	w.tried++
	if w.sift && !w.close(x, w.n) {
		return false
	}
	w.asked++
	o := verify.Options{Seed: w.c.opt.Seed}
	if w.cl.Kind == infer.ClaimDifferential {
		for _, v := range w.by {
			o.Moving = append(o.Moving, v.Var.Name)
		}
	}
	r, _ := w.c.equal(w.q.prog, x, w.n, o)
	return r == verify.Same
}

func (w *namer) of() *Node {
	if w.cl.Of != nil {
		return w.cl.Of
	}
	return w.c.prog.Objective.Node
}

// mistake chooses among the explanations and writes the fix.
func (w *namer) mistake() *Mistake {
	c := w.c
	m := &Mistake{ID: "other", Message: "no single mistake that is known here explains this line"}
	if len(w.hits) > 0 {
		best := 0
		for i, h := range w.hits { // one of two occurrences counted twice: as if symmetric
			if h.id == "symmetric-assumed" && (strings.HasSuffix(w.hits[0].msg, countedForAll) || strings.HasSuffix(w.hits[0].msg, "counted for all")) {
				w.hits[i].first = true
			}
		}
		for i, h := range w.hits { // of an equality it says why the factors are out of order
			if h.id == "inverse-order" && w.cl.Kind == infer.ClaimValue {
				w.hits[i].first = true
			}
		}
		if h := w.hits[0]; h.id == "factor" && !slices.ContainsFunc(w.hits, func(h found) bool { return h.first }) {
			w.hits[0].first = true // the whole answer but for a number
		}
		for i, h := range w.hits {
			if !w.hits[best].first && (h.first || h.priority() < w.hits[best].priority()) {
				best = i
			}
		}
		h := w.hits[best]
		m.ID, m.Message = h.id, h.msg
		if h.also != "" {
			m.Also = append(m.Also, h.also)
		}
		for i, o := range w.hits {
			if i != best && o.id != h.id && o.id != h.also {
				m.Also = append(m.Also, o.id)
			}
		}
		for i, o := range w.hits {
			if i != best && sameSlip(h, o) {
				if h.also == "" {
					m.Message += ": " + o.msg
				}
				break
			}
			if i != best && !o.first && o.msg != h.msg && (o.priority() <= h.priority()+1 || o.id == "other-variable") && o.id != "factor" && !(h.id == "factor" && o.id == "dropped-term") {
				m.Message += "; or else: " + o.msg
				break
			}
		}
		m.Assumes = h.assumes
		if h.fix != nil {
			fix := w.shorter(h.fix)
			m.Fix = c.confirmed(w.i, w.asWritten(fix), fix == h.fix)
		}
	} else if w.n.Shape != w.q.shape {
		m.ID, m.Message = "shape", w.q.shapes(w.n)
		c.respelled(w.i, m)
		w.diagonal(m)
	}
	if m.Fix == "" {
		if n := w.closed(); n != nil && (n.Shape == w.q.shape) {
			if m.Fix = c.confirmed(w.i, w.asWritten(n), false); m.Fix == "" {
				m.Fix = c.confirmed(w.i, n, false)
			}
		}
	}
	return m
}

// diagonal names what is wrong with the diagonal of a Jacobian that was written
// as a column, p .* (1 - p) for softmax.
func (w *namer) diagonal(m *Mistake) {
	c := w.c
	if w.cl.Kind != infer.ClaimJacobian && w.cl.Kind != infer.ClaimHessian || !w.n.Shape.IsCol() || w.q.shape.R != w.n.Shape.R {
		return
	}
	n := c.b.MustCall(rules.Must("diag"), w.n)
	verdict, cmp := verify.Different, (*verify.Comparison)(nil)
	if n.Shape == w.q.shape {
		verdict, cmp = c.ask(w.q, n)
	}
	if verdict != verify.Different {
		return
	}
	if d := c.name(w.i, w.q, n, cmp); d.ID != "other" && d.ID != "shape" {
		m.ID, m.Message, m.Also = d.ID, m.Message+"; and as "+c.print(n)+": "+d.Message, d.Also
	}
}

// sameSlip tells whether o says of the first explanation h what it comes to,
// rather than another way to go wrong.
func sameSlip(h, o found) bool {
	switch h.id {
	case "product-rule", "quotient-rule", "softmax-jacobian":
		return o.id == "dropped-term"
	case "factor":
		return o.less == twin
	case "wrong-point":
		return o.id == h.also
	}
	return false
}

// shorter is the mended line, or the right answer where that says the same in
// far fewer signs.
func (w *namer) shorter(fix *Node) *Node {
	n := render.Length(fix)
	if w.cl.Kind == infer.ClaimValue {
		return fix
	}
	for _, x := range []*Node{w.c.short(fix), w.closed()} {
		if x != nil && x.Shape == fix.Shape && (3*render.Length(x) <= 2*n || fix.IsScalar() && w.n.Shape != fix.Shape && render.Length(x)+1 < n) {
			return x
		}
	}
	return fix
}

func (h found) priority() int {
	if h.lost {
		return priority(h.id) + h.less + 3
	}
	return priority(h.id) + h.less
}

// twin is how much less telling an occurrence is that is as much as the others:
// then a factor 2 is missing.
const twin = 4

// priority orders the explanations of one line, the telling ones first.
func priority(id string) int {
	switch id {
	case "factor", "orthogonal-assumed", "binary-assumed":
		return 3
	case "symmetric-assumed", "extra-factor", "chain-rule-factor":
		return 2
	case "dropped-term":
		return 1
	}
	return 0
}
