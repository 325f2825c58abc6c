package derive

import (
	"slices"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
	"github.com/matdiff/matdiff/simplify"
)

// statement is an identity of the trace in the language itself, for matrices
// and for vectors.
type statement struct {
	names        []string
	matrix       [2]string
	vectorNames  []string
	vector       [2]string
	vectorShapes []expr.Shape // nil: all are columns
}

var (
	square   = expr.Shape{R: expr.Symbol("n"), C: expr.Symbol("n")}
	column   = expr.Shape{R: expr.Symbol("n"), C: expr.One}
	abc      = []string{"A", "B", "C"}
	lowerABC = []string{"a", "B", "c"}
)

// The identities that isolate a differential.
var (
	cyclic       = statement{names: abc, matrix: [2]string{"tr(A*B*C)", "tr(C*A*B)"}, vectorNames: abc, vector: [2]string{"tr(A*B*C)", "tr(C*A*B)"}, vectorShapes: []expr.Shape{square, square, square}}
	outerTrace   = statement{names: abc, matrix: [2]string{"tr(A*B*C)", "tr(C*A*B)"}, vectorNames: lowerABC, vector: [2]string{"a'*B*c", "tr(c*a'*B)"}, vectorShapes: []expr.Shape{column, square, column}}
	hadamard     = statement{names: abc, matrix: [2]string{"tr(A'*(B .* C))", "tr((A .* B)'*C)"}, vectorNames: []string{"a", "b", "c"}, vector: [2]string{"a'*(b .* c)", "(a .* b)'*c"}}
	sumOfProduct = statement{names: abc[:2], matrix: [2]string{"sum(A .* B)", "tr(A'*B)"}, vectorNames: []string{"a", "b"}, vector: [2]string{"sum(a .* b)", "a'*b"}}
	transposed   = statement{names: abc[:1], matrix: [2]string{"tr(A')", "tr(A)"}, vectorNames: []string{"a", "b"}, vector: [2]string{"a'*b", "b'*a"}}
	turned       = statement{names: abc[:2], matrix: [2]string{"tr(A')", "tr(A)"}, vectorNames: []string{"a", "b"}, vector: [2]string{"a'*b", "b'*a"}}
)

// scalarOut takes a scalar differential out of a trace.
var scalarOut = statement{
	names: []string{"A", "α", "B"}, matrix: [2]string{"tr(A'*(α*B))", "tr(A'*B)*α"},
	vectorNames: []string{"a", "α", "b"}, vector: [2]string{"a'*(α*b)", "(a'*b)*α"}, vectorShapes: []expr.Shape{column, expr.Scalar, column},
}

// identity writes a statement for matrices, or for vectors if the shape is that
// of one.
func (w *writer) identity(s statement, shape expr.Shape) *Identity {
	names, src := s.names, s.matrix
	shapes := []expr.Shape{square, square, square}
	if len(names) > 1 && names[1] == "α" {
		shapes[1] = expr.Scalar
	}
	if shape.R.IsOne() || shape.C.IsOne() {
		names, src, shapes = s.vectorNames, s.vector, s.vectorShapes
		if shapes == nil {
			shapes = []expr.Shape{column, column, column}
		}
	}
	holes := make([]*Node, len(names))
	for i, n := range names {
		holes[i] = w.hole(n, shapes[i])
	}
	return w.instantiate(src[0], src[1], names, holes)
}

// hole is a letter of an identity.
func (w *writer) hole(name string, shape expr.Shape) *Node {
	// Of keeps letters of different shapes apart.
	return w.r.b.Var(&expr.Var{Name: name, Kind: expr.Hole, Shape: shape, Of: w.r.b.Zeros(shape)})
}

func (w *writer) instantiate(left, right string, names []string, holes []*Node) *Identity {
	l, err := simplify.Instantiate(w.r.b, left, names, holes)
	if err != nil {
		return nil
	}
	r, err := simplify.Instantiate(w.r.b, right, names, holes)
	if err != nil {
		return nil
	}
	return &Identity{Left: l, Right: r}
}

// letters are the parameters of a function as letters, in the shapes of its
// operands here; an operand that is a name stands for itself.
func (w *writer) letters(f *rules.Func, args []*Node) (names []string, holes []*Node) {
	for i, a := range args {
		names = append(names, f.Params[i].Name)
		if a.Op == expr.OpVar && a.Var.Kind != expr.Differential || isConstant(a) {
			holes = append(holes, a)
			continue
		}
		holes = append(holes, w.hole(f.Params[i].Name, a.Shape))
	}
	return names, holes
}

// isConstant tells an expression without variables.
func isConstant(n *Node) bool {
	return !slices.ContainsFunc(expr.Topo(n), func(m *Node) bool { return m.Op == expr.OpVar })
}

// adjointStatement writes tr(Gᵀ f(X)) = tr(f*(G)ᵀ X).
func (w *writer) adjointStatement(f *rules.Func, src string, at int, g, e *Node) (*Identity, error) {
	_, holes := w.letters(f, e.Args)
	holes[at] = w.hole(f.Params[at].Name, e.Args[at].Shape)
	value, err := w.r.b.Call(f, holes...)
	if err != nil {
		return nil, err
	}
	letter := w.hole("G", e.Shape)
	if e.IsScalar() {
		letter = w.r.b.Int(1)
	}
	out, err := w.adjointIdentity(f, src, at, letter, holes)
	if err != nil {
		return nil, err
	}
	return &Identity{Left: w.inner(letter, value), Right: w.inner(out, holes[at])}, nil
}

// definition writes f(X) by simpler functions.
func (w *writer) definition(f *rules.Func, e *Node) *Identity {
	_, holes := w.letters(f, e.Args)
	for i, a := range e.Args {
		if a.HasD {
			holes[i] = w.hole(f.Params[i].Name, a.Shape)
		}
	}
	value, err := w.r.b.Call(f, holes...)
	if err != nil {
		return nil
	}
	def, err := simplify.Define(w.r.b, value)
	if err != nil || def == nil {
		return nil
	}
	return &Identity{Left: value, Right: def}
}

// rules names the rules of differentiation that an operand needs, and states
// those of functions.
func (w *writer) rules(body *Node) (rule string, given []Identity) {
	r := w.r
	var names []string
	add := func(name string) {
		for _, n := range names {
			if n == name {
				return
			}
		}
		names = append(names, name)
	}
	stated := make(map[string]bool)
	rooted := make(map[*Node]bool) // under a power that undoes its root
	for _, n := range expr.Topo(body) {
		if n.Op == expr.OpPow && r.unroot(n) != n {
			rooted[n.Args[0]] = true
		}
	}
	active := make(map[*Node]bool)
	for _, n := range expr.Topo(body) {
		active[n] = r.active[n]
		held := 0
		for _, a := range n.Args {
			active[n] = active[n] || active[a]
			if active[a] {
				held++
			}
		}
		if !active[n] || len(n.Args) == 0 {
			continue
		}
		switch n.Op {
		case expr.OpMul, expr.OpHad, expr.OpScale:
			if held > 1 || n.Op == expr.OpMul {
				add("product")
			}
		case expr.OpPow:
			add("power")
			if id := w.statedPower(n); id != nil && !stated[n.Args[0].Fn.FnName()] {
				stated[n.Args[0].Fn.FnName()] = true
				given = append(given, *id)
			}
		case expr.OpCall:
			f, ok := n.Fn.(*rules.Func)
			if rooted[n] {
				continue
			}
			if !ok || len(f.Adjoint) > 0 && len(n.Args) == 1 {
				continue // linear: d f(X) = f(dX)
			}
			add("differential of " + f.Name)
			if id := w.stated(f, n); id != nil && !stated[f.Name] {
				stated[f.Name] = true
				given = append(given, *id)
			}
		}
	}
	if len(names) == 0 {
		return "linearity", nil
	}
	rule = names[0]
	for _, n := range names[1:] {
		rule += ", " + n
	}
	return rule, given
}

// stated writes d f(X) = …, the rule of the table.
func (w *writer) stated(f *rules.Func, n *Node) *Identity {
	r := w.r
	_, holes := w.letters(f, n.Args)
	value, err := r.b.Call(f, holes...)
	if err != nil {
		return nil
	}
	saved := r.active
	r.active = make(map[*Node]bool)
	defer func() { r.active = saved }()
	for i, a := range n.Args {
		r.active[holes[i]] = saved[a]
	}
	d, err := r.callDifferential(value)
	if err != nil || !d.HasD {
		return nil
	}
	memo := make(map[*Node]*Node)
	for _, h := range holes {
		if r.active[h] && h.Op == expr.OpVar {
			memo[r.d(h)] = r.b.Diff(h, "d"+h.Var.Name)
		}
	}
	return &Identity{D: value, Right: r.b.Subst(d, memo)}
}

// statedPower writes d ‖r‖² = 2 rᵀ dr: of a power that undoes a root.
func (w *writer) statedPower(n *Node) *Identity {
	r := w.r
	f, ok := n.Args[0].Fn.(*rules.Func)
	if !ok || r.unroot(n) == n {
		return nil
	}
	_, holes := w.letters(f, n.Args[0].Args)
	value, err := r.b.Call(f, holes...)
	if err != nil {
		return nil
	}
	value = r.b.Pow(value, n.Args[1])
	saved := r.active
	r.active = make(map[*Node]bool)
	defer func() { r.active = saved }()
	for i, a := range n.Args[0].Args {
		r.active[holes[i]] = saved[a]
	}
	d, _, err := r.full(r.unroot(value))
	if err != nil || d == nil {
		return nil
	}
	return &Identity{D: value, Right: r.upright(r.show(d))}
}
