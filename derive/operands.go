package derive

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// operand is a line of the worked derivation: a definition of the program, or
// a part of one that is long enough to be given a letter.
type operand struct {
	name     string
	node     *Node // the value in the program
	value    *Node // the same
	body     *Node // the value written with earlier operands as parts
	part     *Node // of kind expr.Part; nil for the objective
	active   bool  // depends on what is differentiated by
	lettered bool  // holds letters that the program does not
	d        *Node // its differential
	leaves   []*Node
}

func (o *operand) diff(b *expr.Builder) *Node { return b.Diff(o.part, "d"+o.name) }

// operands lists the definitions that the objective uses as they are written,
// each after those it uses, and long operands of functions under letters of
// their own.
func (w *writer) operands(p *expr.Program) {
	taken := p.Taken()
	taken[w.res.Objective.Name] = true
	for _, l := range w.res.Lets {
		taken[l.Name] = true
	}
	names := make(map[*Node]string) // names of the result by value
	full := make(map[*Node]*Node)
	for _, l := range w.res.Lets {
		full[l.Var] = w.r.b.Subst(l.Node, full)
		names[w.r.s.Normal(full[l.Var])] = l.Name
	}
	def := make(map[*Node]expr.Def)
	for _, d := range p.Defs {
		if d.Part != nil {
			def[d.Part] = d
		}
	}
	root := p.Objective
	for root.Open != nil && def[root.Open].Part != nil { // the objective is the value of a name
		root = def[root.Open]
	}
	body := root.Open
	if body == nil {
		body = root.Node
	}
	x := &lettering{w: w, taken: taken, names: names, memo: make(map[*Node]*Node), value: make(map[*Node]*Node)}
	seen := make(map[*Node]bool)
	var visit func(body *Node)
	visit = func(body *Node) {
		for _, n := range expr.Topo(body) {
			d, ok := def[n]
			if !ok || seen[n] {
				continue
			}
			seen[n] = true
			visit(d.Open)
			x.operand(d.Name, d.Node, d.Open, d.Part)
		}
	}
	visit(body)
	name := p.Objective.Name
	if name == "" {
		name = w.of()
	}
	x.operand(name, p.Objective.Node, body, nil)
}

// lettering gives letters to parts of definitions.
type lettering struct {
	w     *writer
	taken map[string]bool
	names map[*Node]string
	memo  map[*Node]*Node // as written → with letters
	value map[*Node]*Node // part → value
}

func (x *lettering) operand(name string, value, body, part *Node) {
	w := x.w
	r := w.r
	o := &operand{name: name, node: value, value: value, part: part}
	before := len(w.ops)
	uses := make(map[*Node]int)
	order := expr.Topo(body)
	for _, n := range order {
		for _, a := range n.Args {
			uses[a]++
		}
	}
	inner := make(map[*Node]bool) // operands of functions whose differential needs them
	for _, n := range order {
		if n.Op == expr.OpVar {
			if n.Var.Kind == expr.Part {
				r.active[n] = r.active[n] || w.byPart[n] != nil && w.byPart[n].active
			}
			continue
		}
		for _, a := range n.Args {
			r.active[n] = r.active[n] || r.active[a]
		}
		f, ok := n.Fn.(*rules.Func)
		switch {
		case n.Op == expr.OpCall && ok && len(f.Adjoint) == 0:
			for _, a := range n.Args {
				inner[a] = inner[a] || x.long(a, 2)
			}
		case n.Op == expr.OpPow && r.unroot(n) != n:
			a := n.Args[0].Args[0]
			inner[a] = inner[a] || x.long(a, 2)
			delete(inner, n.Args[0])
		case n.Op == expr.OpPow:
			inner[n.Args[0]] = inner[n.Args[0]] || x.long(n.Args[0], 4)
		}
	}
	for _, n := range order {
		if n == body || !r.active[n] || !inner[n] && !(uses[n] > 1 && x.long(n, 4) && (n.Op == expr.OpAdd || n.Op == expr.OpCall)) {
			continue
		}
		written := r.b.Subst(n, x.memo)
		if written.Op == expr.OpVar {
			continue
		}
		value := r.b.Subst(n, x.value)
		name := x.names[r.s.Normal(value)]
		if name == "" {
			name = letter(n, x.taken)
		}
		p := r.b.Var(&expr.Var{Name: name, Kind: expr.Part, Shape: n.Shape, Props: n.Props, Of: value})
		x.add(&operand{name: name, node: value, value: value, body: written, part: p, active: true})
		x.memo[n] = p
	}
	o.body = r.b.Subst(body, x.memo)
	o.lettered = len(w.ops) > before
	o.active = r.active[body]
	x.add(o)
}

// long tells whether a node is an expression of more than so many tokens.
func (x *lettering) long(n *Node, tokens int) bool {
	r := x.w.r
	if n.Op == expr.OpAdd && len(n.Args) == 2 && (!r.active[n.Args[0]] || !r.active[n.Args[1]]) && r.s.Cost(n) <= 4*simplify.Token {
		return false // 1 − s
	}
	return r.active[n] && len(n.Args) > 0 && n.Op != expr.OpT && r.s.Cost(n) > tokens*simplify.Token
}

func (x *lettering) add(o *operand) {
	w := x.w
	w.ops = append(w.ops, o)
	if o.part != nil {
		w.byPart[o.part] = o
		x.value[o.part] = o.value
		w.r.active[o.part] = o.active
	}
}

// letter names an operand by what it is: P for a softmax, S for σ, H for the
// value of another function, R for a difference, Z for any other; in lower case
// for a vector, t for a scalar.
func letter(n *Node, taken map[string]bool) string {
	base := "Z"
	switch {
	case n.IsScalar():
		base = "t"
	case n.IsCall("softmax"):
		base = "P"
	case n.IsCall("sigmoid"):
		base = "S"
	case n.IsCall("inv"):
		base = "M"
	case n.Op == expr.OpCall:
		base = "H"
	case n.Op == expr.OpAdd:
		for _, a := range n.Args {
			if a.Op == expr.OpScale && a.Args[0].IsNum(-1, 1) {
				base = "R"
			}
		}
	}
	if n.Shape.IsCol() || n.Shape.IsRow() {
		base = strings.ToLower(base)
	}
	return free(base, taken)
}

// free returns the letter, or with the first number that makes it a new name.
func free(base string, taken map[string]bool) string {
	name := base
	for i := 1; taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	taken[name] = true
	return name
}

// full returns the differential of an expression down to its variables and
// parts, and those leaves in order of appearance.
func (r *run) full(body *Node) (*Node, []*Node, error) {
	memo := make(map[*Node]*Node)
	active := make(map[*Node]bool)
	saved := r.active
	defer func() { r.active = saved }()
	var leaves []*Node
	order := expr.Topo(body)
	for _, n := range order {
		if n.Op == expr.OpVar {
			if saved[n] {
				active[n] = true
				leaves = append(leaves, n)
				memo[n] = r.b.Diff(n, "d"+n.Var.Name)
			}
			continue
		}
		for _, a := range n.Args {
			active[n] = active[n] || active[a]
		}
	}
	r.active = active
	if len(leaves) == 0 {
		return nil, nil, nil
	}
	for _, n := range order {
		if !active[n] || n.Op == expr.OpVar {
			continue
		}
		d, err := r.differential(n)
		if err != nil {
			return nil, nil, err
		}
		sub := make(map[*Node]*Node)
		for _, a := range n.Args {
			if active[a] {
				sub[r.d(a)] = memo[a]
			}
		}
		memo[n] = r.b.Subst(d, sub)
		if r.squares[n] {
			memo[n] = r.upright(r.show(memo[n]))
		}
	}
	return memo[body], leaves, nil
}

// unroot writes ‖r‖² as the sum of squares that it is: a power of a function that
// is itself a power of something is differentiated by what is under the root.
// squares remembers those sums: d ‖R‖² is written 2 tr(Rᵀ dR) at once.
func (r *run) unroot(n *Node) *Node {
	memo := make(map[*Node]*Node)
	changed := false
	for _, m := range expr.Topo(n) {
		if m.Op != expr.OpPow || m.Args[1].Op != expr.OpNum || m.Args[0].Op != expr.OpCall {
			continue
		}
		def, err := simplify.Define(r.b, m.Args[0])
		if err != nil || def == nil || def.Op != expr.OpPow || def.Args[1].Op != expr.OpNum {
			continue
		}
		memo[m] = r.b.Pow(def.Args[0], r.b.Had(def.Args[1], m.Args[1]))
		if r.squares == nil {
			r.squares = make(map[*Node]bool)
		}
		r.squares[def.Args[0]] = true
		changed = true
	}
	if !changed {
		return n
	}
	return r.b.Subst(n, memo)
}

// upright turns the differentials of scalar products: dxᵀA x is xᵀAᵀ dx, and
// tr(R dRᵀ) is tr(Rᵀ dR).
func (r *run) upright(n *Node) *Node {
	b := r.b
	memo := make(map[*Node]*Node)
	for _, m := range expr.Topo(n) {
		if !m.HasD || len(m.Args) == 0 {
			continue
		}
		args := make([]*Node, len(m.Args))
		for i, a := range m.Args {
			args[i] = a
			if x := memo[a]; x != nil {
				args[i] = x
			}
		}
		y := b.With(m, args)
		switch {
		case y.Op == expr.OpMul && y.IsScalar():
			if i, err := only(y); err == nil && i >= 0 && y.Args[i].Op == expr.OpT && len(y.Args[i].Args[0].Args) == 0 {
				y = b.Mul(r.reversed(y.Args)...)
			}
		case y.IsCall("tr") && y.Args[0].Op == expr.OpMul:
			fs := y.Args[0].Args
			i, err := only(y.Args[0])
			if err != nil || i < 0 {
				break
			}
			turned := fs[i].Op == expr.OpT && len(fs[i].Args[0].Args) == 0
			if turned {
				fs = r.reversed(fs)
				i = len(fs) - 1 - i
			}
			if turned || i == 0 {
				y = b.MustCall(rules.Must("tr"), b.Mul(append(append([]*Node(nil), fs[i+1:]...), fs[:i+1]...)...))
			}
		}
		memo[m] = y
	}
	if x := memo[n]; x != nil {
		return x
	}
	return n
}

// reversed transposes the factors of a product.
func (r *run) reversed(fs []*Node) []*Node {
	out := make([]*Node, len(fs))
	for i, f := range fs {
		t := r.b.T(f)
		if x := r.show(t); !f.HasD && r.s.Cost(x) <= r.s.Cost(t) {
			t = x
		}
		out[len(fs)-1-i] = t
	}
	return out
}
