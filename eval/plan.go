// Package eval computes the value of expressions in float64.
//
//	expr (roots) ──Compile──▶ Plan ──Run(Env)────▶ values of the roots
//	                                ──Update──────▶ again, only what a variable reaches
//	                                ──Dual────────▶ values and derivatives along one direction
//	                                ──Run, noisy──▶ values with every node off by ±2 ulp
//
// A Plan holds the nodes below its roots in topological order and a buffer for
// each. Running it is one pass over that order: no recursion, so depth is no
// limit. Functions are computed by the kernels of their entries in rules.
package eval

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Env gives variables and sizes their values. Variables of every kind but Part
// are looked up by name: "X", "dX", "∂Q/∂Z".
type Env struct {
	Vars  map[string]*num.Mat
	Sizes map[string]int
}

// DefaultEntries is the most entries that one node of a Plan may have.
const DefaultEntries = 1 << 24

// Plan computes the values of some roots again and again. It reuses its
// buffers, and is not safe for concurrent use.
type Plan struct {
	// Strict makes Run stop at the first node that leaves the domain of its
	// function (rules.Domain.In: inside and well away from the edge) or is not
	// finite. Otherwise only a kernel's own error stops it.
	Strict bool
	// Smooth makes Strict ask for the domain of a piecewise function too, which
	// has a value at its kinks but no derivative.
	Smooth bool
	// Noise, if set, moves each entry of every computed node by a random
	// relative error of at most 2 ulp. Comparisons and other steps keep the
	// values of the run before, which must have been at the same point.
	Noise *rand.Rand
	// MaxEntries limits the entries of one node, 0 for DefaultEntries.
	MaxEntries int

	nodes []*expr.Node
	args  [][]int
	roots []int
	slot  map[*expr.Node]int
	deps  map[string][]int

	sizes map[string]int // sizes that dims was made for
	dims  [][2]int
	val   []*num.Mat // of the last run; may alias variables
	buf   []*num.Mat // owned
	tmp   [2][]float64
	chain []bool // OpMul: multiply from the right
	fixed []bool // no variable below: numbers and sizes
	ops   []*num.Mat
	noisy []*num.Mat // scratch for perturbed operands
	out   []*num.Mat
	dual  []*num.Dual
	par   []float64
	exact bool // the operands of this step are whole numbers
}

// Compile makes a Plan for the roots. Part variables are computed through what
// they name; all others are read from the Env of a run.
func Compile(roots ...*expr.Node) *Plan {
	p := &Plan{slot: make(map[*expr.Node]int), deps: make(map[string][]int)}
	p.order(roots)
	p.roots = make([]int, len(roots))
	for i, r := range roots {
		p.roots[i] = p.slot[r]
	}
	n := len(p.nodes)
	p.val = make([]*num.Mat, n)
	p.buf = make([]*num.Mat, n)
	p.chain = make([]bool, n)
	p.fixed = make([]bool, n)
	for i, at := range p.args {
		p.fixed[i] = p.nodes[i].Op != expr.OpVar
		for _, a := range at {
			p.fixed[i] = p.fixed[i] && p.fixed[a]
		}
	}
	p.out = make([]*num.Mat, len(roots))
	return p
}

// operands returns what must be computed before n.
func operands(n *expr.Node) []*expr.Node {
	if n.Op == expr.OpVar && n.Var.Kind == expr.Part && n.Var.Of != nil {
		return []*expr.Node{n.Var.Of}
	}
	return n.Args
}

// order lists the nodes below the roots, operands first, through parts.
func (p *Plan) order(roots []*expr.Node) {
	type frame struct {
		n    *expr.Node
		args []*expr.Node
		i    int
	}
	seen := make(map[*expr.Node]bool)
	var stack []frame
	push := func(n *expr.Node) {
		if _, done := p.slot[n]; !done && !seen[n] {
			seen[n] = true
			stack = append(stack, frame{n: n, args: operands(n)})
		}
	}
	for _, r := range roots {
		push(r)
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if f.i < len(f.args) {
				a := f.args[f.i]
				f.i++
				push(a)
				continue
			}
			at := make([]int, len(f.args))
			for i, a := range f.args {
				at[i] = p.slot[a]
			}
			p.slot[f.n] = len(p.nodes)
			p.nodes = append(p.nodes, f.n)
			p.args = append(p.args, at)
			stack = stack[:len(stack)-1]
		}
	}
}

// Len returns the number of nodes.
func (p *Plan) Len() int { return len(p.nodes) }

// Node returns the node in a slot; slots are in topological order.
func (p *Plan) Node(slot int) *expr.Node { return p.nodes[slot] }

// Root returns root i.
func (p *Plan) Root(i int) *expr.Node { return p.nodes[p.roots[i]] }

// Slot returns the slot of a node and whether the plan computes it.
func (p *Plan) Slot(n *expr.Node) (int, bool) {
	s, ok := p.slot[n]
	return s, ok
}

// Value returns the value that the last run gave a node, nil if it has none.
// It is valid until the next run.
func (p *Plan) Value(n *expr.Node) *num.Mat {
	if s, ok := p.slot[n]; ok {
		return p.val[s]
	}
	return nil
}

// Vars lists the variables that the plan reads from its Env, in order of use.
func (p *Plan) Vars() []*expr.Var {
	var out []*expr.Var
	for i, n := range p.nodes {
		if n.Op == expr.OpVar && len(p.args[i]) == 0 {
			out = append(out, n.Var)
		}
	}
	return out
}

// Reached lists the slots whose value changes with the variable of that name.
func (p *Plan) Reached(name string) []int {
	if d, ok := p.deps[name]; ok {
		return d
	}
	hit := make([]bool, len(p.nodes))
	var out []int
	for i, n := range p.nodes {
		hit[i] = n.Op == expr.OpVar && len(p.args[i]) == 0 && n.Var.Name == name
		for _, a := range p.args[i] {
			hit[i] = hit[i] || hit[a]
		}
		if hit[i] {
			out = append(out, i)
		}
	}
	p.deps[name] = out
	return out
}

// Below lists the variables read from the Env that the slot depends on.
func (p *Plan) Below(slot int) []*expr.Var {
	hit := make([]bool, slot+1)
	hit[slot] = true
	var out []*expr.Var
	for i := slot; i >= 0; i-- {
		if !hit[i] {
			continue
		}
		for _, a := range p.args[i] {
			hit[a] = true
		}
		if n := p.nodes[i]; n.Op == expr.OpVar && len(p.args[i]) == 0 {
			out = append(out, n.Var)
		}
	}
	return out
}

// DomainError says that a node has no value at the point of a run.
type DomainError struct {
	Node   *expr.Node
	Slot   int
	Reason string // "log needs X > 0"
}

// Error returns the reason.
func (e *DomainError) Error() string { return e.Reason }

// resize evaluates the shapes for the sizes of env.
func (p *Plan) resize(env Env) error {
	if p.dims != nil && sameSizes(p.sizes, env.Sizes) {
		return nil
	}
	limit := p.MaxEntries
	if limit == 0 {
		limit = DefaultEntries
	}
	dims := make([][2]int, len(p.nodes))
	for i, n := range p.nodes {
		for k, d := range [2]expr.Dim{n.Shape.R, n.Shape.C} {
			v, err := d.Eval(env.Sizes)
			if err != nil {
				return err
			}
			if v < 0 || v > limit {
				return fmt.Errorf("a part of shape %v would have %d rows or columns; the limit is %d entries", n.Shape, v, limit)
			}
			dims[i][k] = v
		}
		if dims[i][0] > 0 && dims[i][1] > limit/dims[i][0] {
			return fmt.Errorf("a part of shape %v would be %d×%d; the limit is %d entries", n.Shape, dims[i][0], dims[i][1], limit)
		}
	}
	p.dims = dims
	p.sizes = make(map[string]int, len(env.Sizes))
	for k, v := range env.Sizes {
		p.sizes[k] = v
	}
	for i, n := range p.nodes {
		if n.Op == expr.OpMul {
			p.chain[i] = p.fromRight(i)
		}
	}
	return nil
}

func sameSizes(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}

// fromRight tells whether a product costs less multiplied from the right.
func (p *Plan) fromRight(i int) bool {
	at := p.args[i]
	left, right := 0.0, 0.0
	first, last := p.dims[at[0]], p.dims[at[len(at)-1]]
	for k := 1; k < len(at); k++ {
		d := p.dims[at[k]]
		left += float64(first[0]) * float64(d[0]) * float64(d[1])
	}
	for k := len(at) - 2; k >= 0; k-- {
		d := p.dims[at[k]]
		right += float64(d[0]) * float64(d[1]) * float64(last[1])
	}
	return right < left
}

// Cost estimates the work of one run in floating-point operations, for the
// sizes of the last run or of Resize.
func (p *Plan) Cost() float64 {
	c := 0.0
	for i := range p.nodes {
		c += p.cost(i)
	}
	return c
}

// CostOf is Cost for an Update of the slots.
func (p *Plan) CostOf(slots []int) float64 {
	c := 0.0
	for _, i := range slots {
		c += p.cost(i)
	}
	return c
}

func (p *Plan) cost(i int) float64 {
	n, d := p.nodes[i], p.dims[i]
	c := 40.0 // what a node costs whatever its size
	e := float64(d[0]) * float64(d[1])
	switch n.Op {
	case expr.OpMul:
		for _, a := range p.args[i][1:] {
			c += 2 * float64(d[0]) * float64(p.dims[a][0]) * float64(p.dims[a][1])
		}
	case expr.OpCall:
		c += 20 * e
		for _, a := range p.args[i] {
			r, k := float64(p.dims[a][0]), float64(p.dims[a][1])
			c += 2 * r * k
			if r == k {
				c += r * r * r // most functions of a square matrix factorise it
			}
		}
	default:
		c += e * float64(1+len(n.Args))
	}
	return c
}

// Resize prepares the plan for the sizes of env.
func (p *Plan) Resize(env Env) error { return p.resize(env) }

// Entries returns the total number of entries of the plan's buffers for the
// sizes of the last run or of Resize.
func (p *Plan) Entries() int {
	n := 0
	for _, d := range p.dims {
		n += d[0] * d[1]
	}
	return n
}

// Run computes the roots at env. The results are valid until the next run and
// may be the variables themselves: do not write to them. Errors: a missing
// variable or size, a variable of the wrong shape, and *DomainError.
func (p *Plan) Run(env Env) (out []*num.Mat, err error) {
	if err := p.resize(env); err != nil {
		return nil, err
	}
	i := 0
	defer p.guard(&i, &err)
	for i = range p.nodes {
		if err := p.step(i, env); err != nil {
			return nil, err
		}
		if p.Strict {
			if err := p.inside(i); err != nil {
				return nil, err
			}
		}
	}
	return p.results(), nil
}

// Update computes the roots again after variables of the last Run changed in
// place, at the slots given (see Reached) only. It does not check domains.
func (p *Plan) Update(env Env, slots []int) (out []*num.Mat, err error) {
	i := 0
	defer p.guard(&i, &err)
	for _, i = range slots {
		if err := p.step(i, env); err != nil {
			return nil, err
		}
	}
	return p.results(), nil
}

// guard turns a panic of a kernel into an error that names its function.
func (p *Plan) guard(i *int, err *error) {
	if r := recover(); r != nil {
		*err = &DomainError{p.nodes[*i], *i, fmt.Sprintf("%s failed: %v", describe(p.nodes[*i]), r)}
	}
}

func (p *Plan) results() []*num.Mat {
	for k, r := range p.roots {
		p.out[k] = p.val[r]
	}
	return p.out
}

// Eval returns the value of n at env. A result that is not a number is a
// *DomainError that names the function which has no value there.
func Eval(n *expr.Node, env Env) (*num.Mat, error) {
	p := Compile(n)
	out, err := p.Run(env)
	if err != nil {
		return nil, err
	}
	m := out[0].Clone()
	for _, v := range m.Data {
		if v != v {
			p.Strict = true
			if _, err := p.Run(env); err != nil {
				return nil, err
			}
			break
		}
	}
	return m, nil
}

// Dual returns the value of n at env and its derivative along direction.
func Dual(n *expr.Node, env Env, direction map[string]*num.Mat) (value, tangent *num.Mat, err error) {
	out, err := Compile(n).Dual(env, direction)
	if err != nil {
		return nil, nil, err
	}
	d := out[0]
	return &num.Mat{R: d.R, C: d.C, Data: append([]float64(nil), d.V...)},
		&num.Mat{R: d.R, C: d.C, Data: append([]float64(nil), d.D...)}, nil
}

// Underflows tells whether in the last run a product or a power of numbers
// other than 0 was 0: what is computed from it has lost all its digits.
func (p *Plan) Underflows() bool {
	for i, n := range p.nodes {
		switch n.Op {
		case expr.OpScale, expr.OpHad, expr.OpPow:
		default:
			continue
		}
		for k, v := range p.val[i].Data {
			if v != 0 {
				continue
			}
			whole := true
			for _, a := range p.args[i] {
				at := p.val[a].Data
				whole = whole && at[min(k, len(at)-1)] != 0 && !math.IsInf(at[min(k, len(at)-1)], 0)
			}
			if whole {
				return true
			}
		}
	}
	return false
}
