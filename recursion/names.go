package recursion

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

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
	fn := func(f expr.Fn) expr.Fn { // ∂Q/∂a_3 of Q(a^L)
		g, ok := f.(*rules.Func)
		if !ok || g.Unnamed == nil {
			return f
		}
		u := *g.Unnamed
		u.Args = slices.Clone(u.Args)
		for i, a := range u.Args {
			u.Args[i] = n.name(a, level)
		}
		return u.Func()
	}
	return rebuilt(expr.NewBuilder(), node, sizes, fn, func(b *expr.Builder, v *expr.Var) *expr.Node {
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

// sharedFactor writes d − d∘h∘h as d∘(1 − h∘h), nil for a sum without such.
func sharedFactor(b *expr.Builder, args []*expr.Node) *expr.Node {
	for i, d := range args {
		for j, m := range args {
			if i == j || m.Op != expr.OpScale || !m.Args[0].IsNum(-1, 1) || m.Args[1].Op != expr.OpHad {
				continue
			}
			fs := m.Args[1].Args
			if at := slices.Index(fs, d); at >= 0 {
				left := append(slices.Clone(fs[:at]), fs[at+1:]...)
				terms := []*expr.Node{b.Had(d, b.Sub(b.Ones(d.Shape), b.Had(left...)))}
				for k, a := range args {
					if k != i && k != j {
						terms = append(terms, a)
					}
				}
				return b.Add(terms...)
			}
		}
	}
	return nil
}

// rebuilt builds a node anew, with other sizes and other leaves.
func rebuilt(b *expr.Builder, node *expr.Node, sizes map[string]expr.Dim, fn func(expr.Fn) expr.Fn, leaf func(*expr.Builder, *expr.Var) *expr.Node) *expr.Node {
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
			if m.Op == expr.OpCall && fn != nil {
				out = b.MustCall(fn(m.Fn), args...)
				break
			}
			out = b.With(m, args)
		}
		memo[m] = out
	}
	return memo[node]
}
