package matdiff

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
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
func (n *network) derive(o options) ([]*row, error) {
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
func (n *network) shared(o options, v *expr.Var) (*row, error) {
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

// beside is l, l+1, l-1.
func (n *network) beside(off int) string { return plus(n.rec.Index, off) }

// top tells whether a level counts from the last, as L and L-1 do, seen from
// level at.
func (n *network) top(k, at int) bool {
	if k-at <= 2 && at-k <= 2 {
		k = at
	}
	return 2*k > n.end
}

// fixed is the number of a level near the first, L and L-1 near the last.
func (n *network) fixed(k int) string { return n.from(k)(k) }

// from writes levels as numbers or by L, those near one level alike.
func (n *network) from(at int) func(k int) string {
	return func(k int) string {
		if n.top(k, at) {
			return plus(n.rec.End, k-n.end)
		}
		return strconv.Itoa(k)
	}
}

func plus(s string, off int) string {
	switch {
	case off > 0:
		return fmt.Sprintf("%s+%d", s, off)
	case off < 0:
		return fmt.Sprintf("%s-%d", s, -off)
	}
	return s
}

// levels returns how a level is written in a term.
func (n *network) levels(t term) func(k int) string {
	if t.many() {
		return func(k int) string { return n.beside(k - t.at) }
	}
	return n.from(t.at)
}

var numberedName = regexp.MustCompile(`^(.+)_(\d+)$`)

// split takes the name of a state's adjoint or of a numbered name apart.
func (n *network) split(name string) (base string, k int, ok bool) {
	if base, k, ok = n.rec.Level(name); ok {
		return base, k, true
	}
	if m := numberedName.FindStringSubmatch(name); m != nil {
		for _, d := range n.delta {
			if d == m[1] {
				k, err := strconv.Atoi(m[2])
				return d, k, err == nil
			}
		}
	}
	return "", 0, false
}

// name writes W_3 as W^{l+1}.
func (n *network) name(name string, level func(k int) string) string {
	if of, by, ok := strings.Cut(name, "/∂"); ok && strings.HasPrefix(of, "∂") {
		return of + "/∂" + n.name(by, level)
	}
	if a, ok := n.alias[name]; ok {
		name = a
	}
	base, k, ok := n.split(name)
	if !ok {
		return name
	}
	for s, d := range n.delta {
		if d == base {
			if len(n.delta) > 1 {
				return n.rec.Name(d, level(k))
			}
			return d + strings.TrimPrefix(n.rec.Name(s, level(k)), s)
		}
	}
	return n.rec.Name(base, level(k))
}

// shown is a node with its names and sizes as they are printed.
func (n *network) shown(node *expr.Node, level func(k int) string) *expr.Node {
	sizes := n.sizes(level)
	vars := make(map[string]*expr.Var)
	node = n.handedFirst(node)
	return rebuilt(expr.NewBuilder(), node, sizes, func(b *expr.Builder, v *expr.Var) *expr.Node {
		name := n.name(v.Name, level)
		if v.Kind == expr.Differential {
			name = "d" + n.name(strings.TrimPrefix(v.Name, "d"), level)
		}
		if vars[name] == nil {
			w := *v
			w.Name, w.Shape, w.Of = name, v.Shape.Subst(sizes), nil
			vars[name] = &w
		}
		return b.Var(vars[name])
	})
}

// handedFirst puts what a layer is handed, (W^{l+1})ᵀ δ^{l+1} or a^L − y, before
// the slopes of its own values in an elementwise product, as texts do.
func (n *network) handedFirst(node *expr.Node) *expr.Node {
	own := func(f *expr.Node) bool {
		at := -1
		for _, name := range names(f) {
			_, k, ok := n.rec.Level(name)
			if !ok || at >= 0 && k != at || n.defNamed(name) == nil && !n.isState(name) {
				return false
			}
			at = k
		}
		return true
	}
	memo := make(map[*expr.Node]*expr.Node)
	b := n.p.B
	for _, m := range expr.Topo(node) {
		args := make([]*expr.Node, len(m.Args))
		for i, a := range m.Args {
			args[i] = memo[a]
		}
		out := m
		switch {
		case m.Op == expr.OpAdd && sharedFactor(b, args) != nil:
			out = sharedFactor(b, args)
		case m.Op == expr.OpHad:
			slices.SortStableFunc(args, func(x, y *expr.Node) int {
				switch xo, yo := own(x), own(y); {
				case xo && !yo:
					return 1
				case yo && !xo:
					return -1
				}
				return 0
			})
			out = b.With(m, args)
		case len(args) > 0:
			out = b.With(m, args)
		}
		memo[m] = out
	}
	return memo[node]
}

// sharedFactor writes d − d∘h∘h as d∘(1 − h∘h), nil for any other sum.
func sharedFactor(b *expr.Builder, args []*expr.Node) *expr.Node {
	if len(args) != 2 {
		return nil
	}
	for i, d := range args {
		m := args[1-i]
		if m.Op != expr.OpScale || !m.Args[0].IsNum(-1, 1) || m.Args[1].Op != expr.OpHad {
			continue
		}
		fs := m.Args[1].Args
		if at := slices.Index(fs, d); at >= 0 {
			rest := append(slices.Clone(fs[:at]), fs[at+1:]...)
			return b.Had(d, b.Sub(b.Ones(d.Shape), b.Had(rest...)))
		}
	}
	return nil
}

// rebuilt builds a node anew, with other sizes and other leaves.
func rebuilt(b *expr.Builder, node *expr.Node, sizes map[string]expr.Dim, leaf func(*expr.Builder, *expr.Var) *expr.Node) *expr.Node {
	memo := make(map[*expr.Node]*expr.Node)
	for _, m := range expr.Topo(node) {
		var out *expr.Node
		switch m.Op {
		case expr.OpNum:
			out = b.Num(m.Num)
		case expr.OpSize:
			out = b.Size(m.Dim.Subst(sizes))
		case expr.OpOnes:
			out = b.Ones(m.Shape.Subst(sizes))
		case expr.OpZeros:
			out = b.Zeros(m.Shape.Subst(sizes))
		case expr.OpEye:
			out = b.Eye(m.Shape.R.Subst(sizes))
		case expr.OpVar:
			out = leaf(b, m.Var)
		default:
			args := make([]*expr.Node, len(m.Args))
			for i, a := range m.Args {
				args[i] = memo[a]
			}
			out = b.With(m, args)
		}
		memo[m] = out
	}
	return memo[node]
}

// sizes names the sizes that differ from level to level: n_l.
func (n *network) sizes(level func(k int) string) map[string]expr.Dim {
	taken := n.p.Taken()
	out := make(map[string]expr.Dim)
	for _, s := range n.p.Sizes {
		if base, k, ok := n.rec.Level(s); ok {
			out[s] = expr.Symbol(n.rec.Name(base, level(k)))
		}
	}
	letters := []string{"n", "m", "d", "p", "q", "r"}
	next := func() string {
		for len(letters) > 1 && (taken[letters[0]] && !slices.Contains(n.p.Sizes, letters[0]) || letters[0] == n.rec.Index) {
			letters = letters[1:]
		}
		l := letters[0]
		letters = letters[1:]
		return l
	}
	shapes, order := n.shapes()
	letterOf := make(map[string]string) // by column or row of which family
	for _, base := range order {
		levels := shapes[base]
		for side := range 2 {
			dim := func(k int) string {
				s := levels[k]
				if side == 1 {
					return s.C.Sym
				}
				return s.R.Sym
			}
			seen := make(map[string]int)
			for k := range levels {
				seen[dim(k)]++
			}
			for k := range levels {
				s := dim(k)
				if s == "" || strings.Contains(s, "*") || seen[s] != 1 || len(levels) < 2 {
					continue
				}
				if _, ok := out[s]; ok {
					continue
				}
				key := "" // one letter for what the states are made of
				if letterOf[key] == "" {
					letterOf[key] = next()
				}
				out[s] = expr.Symbol(letterOf[key] + "_" + braced(level(k)))
			}
		}
	}
	return out
}

func braced(s string) string {
	if len(s) > 1 {
		return "{" + s + "}"
	}
	return s
}

// shapes lists the shapes of what is defined at each level, first of what one
// layer hands to the next.
func (n *network) shapes() (map[string]map[int]expr.Shape, []string) {
	out := make(map[string]map[int]expr.Shape)
	var order []string
	add := func(name string, s expr.Shape) {
		base, k, ok := n.rec.Level(name)
		if !ok {
			return
		}
		if out[base] == nil {
			out[base] = make(map[int]expr.Shape)
			order = append(order, base)
		}
		out[base][k] = s
	}
	for _, d := range n.p.Defs {
		add(d.Name, d.Node.Shape)
	}
	defined := len(order)
	for _, v := range n.p.Vars {
		if base, _, ok := n.rec.Level(v.Name); ok && slices.Contains(order[:defined], base) {
			add(v.Name, v.Shape)
		}
	}
	return out, order
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

// together puts the rows together for the depth of m; which tells the gradient
// that each claim is of.
func (m *network) together(n *network, rows []*row, o options) (claims []verify.Claim, which []int, ok bool) {
	value := make(map[string]*expr.Node)
	move := func(lo, hi int) (int, int) { // the levels of a run at this depth
		if lo < hi {
			return lo, hi - n.end + m.end
		}
		if 2*lo > n.end {
			return lo - n.end + m.end, lo - n.end + m.end
		}
		return lo, lo
	}
	find := func(base string, k int, state bool) *row {
		var out *row
		for _, r := range rows {
			if lo, hi := move(r.lo, r.hi); r.base == base && r.state == state && lo <= k && k <= hi {
				if out != nil {
					return nil
				}
				out = r
			}
		}
		return out
	}
	place := func(t term, k int) *expr.Node {
		return m.instance(n, t, k, value)
	}
	for i := len(m.order) - 1; i >= 0; i-- {
		base, k, _ := m.rec.Level(m.order[i])
		if n.weightless(base) {
			continue
		}
		r := find(base, k, true)
		if r == nil {
			return nil, nil, false
		}
		v := place(r.terms[0], k)
		if v == nil {
			return nil, nil, false
		}
		value[fmt.Sprintf("%s_%d", n.delta[base], k)] = v
	}
	g := -1
	for _, r := range rows {
		if r.state {
			continue
		}
		g++
		lo, hi := move(r.lo, r.hi)
		if r.base == "" {
			lo, hi = 0, 0
		}
		for k := lo; k <= hi; k++ {
			name := r.v.Name
			if r.base != "" {
				name = fmt.Sprintf("%s_%d", r.base, k)
			}
			v := m.p.VarNamed(name)
			if v == nil || r.base != "" && find(r.base, k, false) != r {
				return nil, nil, false
			}
			var sum []*expr.Node
			for _, t := range r.terms {
				from, to := k, k
				if r.base == "" {
					from, to = move(t.lo, t.hi)
				}
				for j := from; j <= to; j++ {
					part := place(t, j)
					if part == nil {
						return nil, nil, false
					}
					sum = append(sum, part)
				}
			}
			node := m.p.B.Add(sum...)
			if o.derive.Numerator {
				node = m.p.B.T(node)
			}
			claims, which = append(claims, verify.Claim{Wrt: v, Node: node}), append(which, g)
		}
	}
	return claims, which, true
}

// instance is a term of n at level k of m, nil if m has no such level.
func (m *network) instance(n *network, t term, k int, value map[string]*expr.Node) *expr.Node {
	found := func(name string) *expr.Node {
		if strings.HasPrefix(name, "∂") {
			return m.seed
		}
		if base, j, ok := n.split(name); ok {
			switch {
			case t.many():
				j += k - t.at
			case n.top(j, t.at):
				j += m.end - n.end
			}
			name = fmt.Sprintf("%s_%d", base, j)
		}
		if v := value[name]; v != nil {
			return v
		}
		if d := m.defNamed(name); d != nil {
			return d.Node
		}
		if v := m.p.VarNamed(name); v != nil {
			return m.p.B.Var(v)
		}
		return nil
	}
	sizes := make(map[string]expr.Dim)
	for _, x := range expr.Topo(t.node) {
		if x.Op != expr.OpVar {
			continue
		}
		v := found(x.Var.Name)
		if v == nil {
			return nil
		}
		if x.Shape.IsScalar() != v.Shape.IsScalar() {
			return nil
		}
		for _, d := range [][2]expr.Dim{{x.Shape.R, v.Shape.R}, {x.Shape.C, v.Shape.C}} {
			if s := d[0].Sym; s != "" && !strings.Contains(s, "*") && d[0].K == 1 {
				if _, ok := sizes[s]; !ok {
					sizes[s] = d[1]
				}
			}
		}
	}
	for _, x := range expr.Topo(t.node) {
		if x.Op == expr.OpVar && x.Shape.Subst(sizes) != found(x.Var.Name).Shape {
			return nil
		}
	}
	return rebuilt(m.p.B, t.node, sizes, func(_ *expr.Builder, v *expr.Var) *expr.Node { return found(v.Name) })
}
