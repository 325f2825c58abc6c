package recursion

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
)

// row is what holds of one name at one level or a run of levels: δ^l for l =
// L−1…1, ∂Q/∂W^l for l = 1…L, ∂Q/∂y.
type row struct {
	v      *expr.Var // of the level that stands for all of them
	base   string    // "" for a name without levels
	state  bool
	lo, hi int // levels of the written network
	terms  []term
	steps  []derive.Step
}

// term is a part of a row, of one level or summed over a run of levels: the
// gradient by a matrix that all levels share.
type term struct {
	node   *expr.Node
	at     int // the level that node speaks of
	lo, hi int
}

func (t term) many() bool { return t.lo < t.hi }
func (r *row) many() bool { return r.lo < r.hi }

// derive finds the adjoint of each state and variable at each level and joins
// the levels that say the same.
func (n *network) derive(o Options) ([]*row, error) {
	var rows []*row
	n.weight = make(map[string]*expr.Node)
	one := func(v *expr.Var, base string, k int, state bool) error {
		node, steps, err := n.adjoint(o, v, n.users(v.Name))
		if err != nil {
			return err
		}
		if state && n.rec.Hidden(base) && !n.leveled(node) { // ½ of ½ Σ_t q^t needs no name
			n.weight[v.Name] = node
			return nil
		}
		r := &row{v: v, base: base, state: state, lo: k, hi: k, steps: steps, terms: []term{{node: node, at: k, lo: k, hi: k}}}
		for i := len(rows) - 1; i >= 0; i-- {
			if p := rows[i]; p.base == base && p.state == state && n.same(p.terms[0], r.terms[0]) && (p.lo == k+1 || p.hi == k-1) {
				r.lo, r.hi = min(p.lo, k), max(p.hi, k)
				if k != n.end-2 { // the level in the middle speaks for the run
					r.v, r.terms, r.steps = p.v, p.terms, p.steps
				}
				r.terms[0].lo, r.terms[0].hi = r.lo, r.hi
				rows[i] = r
				return nil
			}
		}
		rows = append(rows, r)
		return nil
	}
	for i := len(n.order) - 1; i >= 0; i-- {
		name := n.order[i]
		base, k, _ := n.rec.Level(name)
		if err := one(n.states[name].Var, base, k, true); err != nil {
			return nil, err
		}
	}
	// A first state that nothing defines, a^0, has an adjoint like the others.
	var plain []*expr.Var
	for _, v := range n.p.Vars {
		if v.Const {
			continue
		}
		base, k, ok := n.rec.Level(v.Name)
		switch {
		case !ok:
			plain = append(plain, v)
		default:
			if err := one(v, base, k, false); err != nil {
				return nil, err
			}
		}
	}
	for _, v := range plain {
		r, err := n.shared(o, v)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	// Rows in the order in which the text speaks of the variables.
	place := make(map[string]int)
	for i, v := range n.p.Vars {
		base, _, ok := n.rec.Level(v.Name)
		if !ok {
			base = v.Name
		}
		if _, ok := place[base]; !ok {
			place[base] = i
		}
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		at := func(r *row) int {
			switch {
			case r.state:
				return -1
			case r.base == "":
				return place[r.v.Name]
			}
			return place[r.base]
		}
		return at(a) - at(b)
	})
	return rows, nil
}

// shared is the row of a variable that has no levels: the sum of what each
// state that uses it hands down.
func (n *network) shared(o Options, v *expr.Var) (*row, error) {
	r := &row{v: v}
	for _, s := range n.users(v.Name) {
		node, steps, err := n.adjoint(o, v, []string{s})
		if err != nil {
			return nil, err
		}
		base, k, _ := n.rec.Level(s)
		if s == "" {
			k = n.end
		}
		t := term{node: node, at: k, lo: k, hi: k}
		joined := false
		for i := range r.terms {
			p := &r.terms[i]
			if s != "" && p.hi == k-1 && n.same(*p, t) && strings.HasPrefix(s, base) {
				p.hi, joined = k, true
				if k == n.end-2 {
					p.node, p.at, r.steps = node, k, steps
				}
				break
			}
		}
		if !joined {
			r.terms = append(r.terms, t)
			if r.steps == nil {
				r.steps = steps
			}
		}
	}
	if len(r.terms) == 0 {
		r.terms = []term{{node: n.p.B.Zeros(v.Shape)}}
	}
	return r, nil
}

// weightless tells whether a base name is that of terms of a sum whose adjoint
// is a number.
func (n *network) weightless(base string) bool {
	if !n.rec.Hidden(base) {
		return false
	}
	for name := range n.weight {
		if b, _, _ := n.rec.Level(name); b == base {
			return true
		}
	}
	return false
}

// leveled tells whether a name with a level stands in a node.
func (n *network) leveled(node *expr.Node) bool {
	return slices.ContainsFunc(names(node), func(s string) bool { _, _, ok := n.split(s); return ok })
}

// same tells whether two levels say the same, each in its own numbers.
func (n *network) same(a, b term) bool {
	say := func(t term) string {
		return render.Expr(n.shown(t.node, func(k int) string { return n.beside(k - t.at) }), render.ASCII)
	}
	return say(a) == say(b)
}

// selected keeps the rows of the variables asked for.
func (n *network) selected(rows []*row, wrt []string, input string) ([]*row, error) {
	if len(wrt) == 0 {
		return rows, nil
	}
	keep := make(map[*row]bool)
	errs := &diag.List{Source: input}
	for _, w := range wrt {
		w = strings.TrimSpace(w)
		found := false
		var all []string
		for _, r := range rows {
			if r.state {
				keep[r] = true
				continue
			}
			shown := n.wrt(r)
			all = append(all, shown)
			if infer.Key(w) == infer.Key(r.v.Name) && r.base == "" || r.base != "" && (infer.Key(w) == infer.Key(r.base) || w == shown || w == n.rec.Name(r.base, n.rec.Index)) {
				keep[r], found = true, true
			}
		}
		if !found {
			errs.Add(&diag.Diagnostic{Code: "E228", Message: fmt.Sprintf("%s is not a variable of the program", w), Help: "its variables are " + strings.Join(all, ", ")})
		}
	}
	return slices.DeleteFunc(rows, func(r *row) bool { return !keep[r] }), errs.Err()
}

// wrt is the variable of a row as it is printed.
func (n *network) wrt(r *row) string {
	if r.base == "" {
		return r.v.Name
	}
	return n.name(r.v.Name, n.levels(r.terms[0]))
}

// span is l = 1…L, from the last down for what is handed down.
func (n *network) span(lo, hi int, down bool) *render.Range {
	r := &render.Range{Index: n.rec.Index, From: strconv.Itoa(lo), To: plus(n.rec.End, hi-n.end)}
	if down {
		r.From, r.To = r.To, r.From
	}
	return r
}
