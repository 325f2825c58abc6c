package expr

import (
	"fmt"
	"math/big"
)

// Builder makes and interns nodes. One Builder serves one derivation; it is
// not safe for concurrent use and holds no global state.
//
// Its constructors tidy structure only: they flatten sums and products, fold
// numbers, drop neutral operands and move scalars out of products. Everything
// that needs judgement is simplify's.
type Builder struct {
	pool
	vars  map[varKey]*Node
	Limit int // most nodes, 0 for DefaultLimit
	// Stop, if it is not nil, is asked now and then whether to go on; with an
	// error the Builder panics with a BudgetError that wraps it.
	Stop  func() error
	calls uint
	zero  *Node
	one   *Node
	small [2*smallInt + 1]*Node // the whole numbers from -smallInt, made so far
}

// smallInt bounds the whole numbers that need no look-up.
const smallInt = 8

type varKey struct {
	name string
	kind VarKind
	of   *Node
}

// DefaultLimit is the most nodes that a Builder makes.
const DefaultLimit = 4_000_000

// Sums and products are flat: a name defined as f + f and added to itself, and
// so on, doubles in length each time. These are the longest that are made.
const (
	MaxTerms   = 1 << 18
	MaxFactors = 1 << 10
)

// flat refuses a sum or product beyond the limits.
func flat(op Op, n int) {
	switch {
	case op == OpAdd && n > MaxTerms:
		panic(&BudgetError{What: fmt.Sprintf("a sum of more than %d terms", MaxTerms)})
	case op != OpAdd && n > MaxFactors:
		panic(&BudgetError{What: fmt.Sprintf("a product of more than %d factors", MaxFactors)})
	}
}

// BudgetError reports that a limit was reached; Builder methods panic with it
// and the façade returns it as an error with a code.
type BudgetError struct {
	What  string
	Cause error // of a Builder that was told to stop
}

// Error says which budget was exhausted.
func (e *BudgetError) Error() string {
	if e.Cause != nil {
		return "stopped: " + e.Cause.Error()
	}
	return "budget exhausted: " + e.What
}

// Unwrap returns the cause.
func (e *BudgetError) Unwrap() error { return e.Cause }

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	b := &Builder{pool: newPool(), vars: make(map[varKey]*Node)}
	b.zero = b.Int(0)
	b.one = b.Int(1)
	return b
}

// Len returns the number of nodes made.
func (b *Builder) Len() int { return b.nodes }

// ask asks Stop now and then.
func (b *Builder) ask() {
	if b.calls++; b.calls%256 == 0 && b.Stop != nil {
		if err := b.Stop(); err != nil {
			panic(&BudgetError{Cause: err})
		}
	}
}

// Num returns the scalar r.
func (b *Builder) Num(r *big.Rat) *Node { return b.leaf(Node{Op: OpNum, Num: r, Shape: Scalar}) }

// Int returns the scalar n.
func (b *Builder) Int(n int64) *Node {
	if n < -smallInt || n > smallInt {
		return b.Num(new(big.Rat).SetInt64(n))
	}
	x := &b.small[n+smallInt]
	if *x == nil {
		*x = b.Num(new(big.Rat).SetInt64(n))
	}
	return *x
}

// Rat returns the scalar p/q.
func (b *Builder) Rat(p, q int64) *Node { return b.Num(big.NewRat(p, q)) }

// Size returns the size d as a scalar.
func (b *Builder) Size(d Dim) *Node {
	if d.Sym == "" {
		return b.Int(int64(d.K))
	}
	if d.K != 1 {
		return b.Had(b.Int(int64(d.K)), b.Size(Dim{1, d.Sym}))
	}
	if s := d.Symbols(); len(s) > 1 {
		fs := make([]*Node, len(s))
		for i, x := range s {
			fs[i] = b.Size(Symbol(x))
		}
		return b.Had(fs...)
	}
	return b.leaf(Node{Op: OpSize, Dim: d, Shape: Scalar})
}

// Var returns the node of a variable. A second call with a Var of the same
// name, kind and Of returns the first node.
func (b *Builder) Var(v *Var) *Node {
	k := varKey{v.Name, v.Kind, v.Of}
	if n, ok := b.vars[k]; ok {
		return n
	}
	n := b.add(Node{Op: OpVar, Var: v, Shape: v.Shape, HasD: v.Kind == Differential})
	b.vars[k] = n
	return n
}

// Diff returns dX, the differential of the node x, under the name given.
func (b *Builder) Diff(x *Node, name string) *Node {
	var p Props
	if x.Props.Has(Symmetric) {
		p |= Symmetric
	}
	if x.Props.Has(Diagonal) {
		p |= Diagonal
	}
	return b.Var(&Var{Name: name, Kind: Differential, Shape: x.Shape, Of: x, Props: p})
}

// Ones returns the all-ones matrix of that shape (the number 1 for a scalar).
func (b *Builder) Ones(s Shape) *Node {
	if s.IsScalar() {
		return b.one
	}
	return b.leaf(Node{Op: OpOnes, Shape: s})
}

// Zeros returns the all-zeros matrix of that shape (the number 0 for a scalar).
func (b *Builder) Zeros(s Shape) *Node {
	if s.IsScalar() {
		return b.zero
	}
	return b.leaf(Node{Op: OpZeros, Shape: s})
}

// Eye returns the identity d×d (the number 1 if d is 1).
func (b *Builder) Eye(d Dim) *Node {
	if d.IsOne() {
		return b.one
	}
	return b.leaf(Node{Op: OpEye, Shape: Shape{d, d}})
}

// Add returns the sum. All shapes must be equal. Panics on a mismatch.
func (b *Builder) Add(args ...*Node) *Node {
	var few [few]*Node
	out := few[:0]
	var num *Node
	for _, a := range args {
		if a.Shape != args[0].Shape {
			panic(fmt.Sprintf("expr.Add: shapes %v and %v", args[0].Shape, a.Shape))
		}
		one := [1]*Node{a}
		list := one[:]
		if a.Op == OpAdd && !a.Kept {
			list = a.Args
		}
		for _, x := range list {
			switch {
			case x.IsZero():
			case x.Op != OpNum:
				out = append(out, x)
			case num == nil:
				num = x
				out = append(out, nil) // keeps the place of the first number
			default:
				num = b.Num(new(big.Rat).Add(num.Num, x.Num))
			}
		}
	}
	if num != nil {
		for i, x := range out {
			if x == nil {
				if num.IsZero() {
					out = append(out[:i], out[i+1:]...)
				} else {
					out[i] = num
				}
				break
			}
		}
	}
	flat(OpAdd, len(out))
	switch len(out) {
	case 0:
		return b.Zeros(args[0].Shape)
	case 1:
		return out[0]
	}
	return b.intern(OpAdd, nil, out, args[0].Shape)
}

// Neg returns -x.
func (b *Builder) Neg(x *Node) *Node { return b.Scale(b.Int(-1), x) }

// Sub returns x - y.
func (b *Builder) Sub(x, y *Node) *Node { return b.Add(x, b.Neg(y)) }

// Recip returns 1/s of a scalar, or elementwise 1 ./ X.
func (b *Builder) Recip(x *Node) *Node { return b.Pow(x, b.Int(-1)) }

// Scale returns c*x for a scalar c and any x.
func (b *Builder) Scale(c, x *Node) *Node {
	if !c.IsScalar() {
		panic(fmt.Sprintf("expr.Scale: factor is %v", c.Shape))
	}
	switch {
	case x.IsScalar():
		return b.Had(c, x)
	case c.IsOne():
		return x
	case c.IsZero() || x.IsZero():
		return b.Zeros(x.Shape)
	case x.Op == OpScale:
		return b.Scale(b.Had(c, x.Args[0]), x.Args[1])
	}
	return b.intern(OpScale, nil, []*Node{c, x}, x.Shape)
}

// Had returns the elementwise product. Scalars among matrices scale; all other
// shapes must be equal. Panics on a mismatch.
func (b *Builder) Had(args ...*Node) *Node {
	shape := Scalar
	for _, a := range args {
		if !a.IsScalar() {
			if !shape.IsScalar() && shape != a.Shape {
				panic(fmt.Sprintf("expr.Had: shapes %v and %v", shape, a.Shape))
			}
			shape = a.Shape
		}
	}
	var scal []*Node
	var few [few]*Node
	mats := few[:0]
	for _, a := range args {
		switch {
		case a.IsScalar() && !shape.IsScalar():
			scal = append(scal, a)
		case a.Op == OpScale:
			scal = append(scal, a.Args[0])
			if x := a.Args[1]; x.Op == OpHad && !x.Kept {
				mats = append(mats, x.Args...)
			} else {
				mats = append(mats, x)
			}
		case a.Op == OpHad && !a.Kept:
			mats = append(mats, a.Args...)
		default:
			mats = append(mats, a)
		}
	}
	flat(OpHad, len(mats))
	if len(scal) > 0 {
		return b.Scale(b.Had(scal...), b.Had(mats...))
	}
	if shape.IsScalar() {
		num := b.one
		rest := mats[:0]
		for _, x := range mats {
			switch {
			case x.Op != OpNum:
				rest = append(rest, x)
			case num == b.one:
				num = x
			default:
				num = b.Num(new(big.Rat).Mul(num.Num, x.Num))
			}
		}
		if num.IsZero() {
			return b.zero
		}
		mats = rest
		if num != b.one || len(mats) == 0 {
			mats = append(mats, nil)
			copy(mats[1:], mats)
			mats[0] = num
		}
	} else {
		rest := mats[:0]
		for _, x := range mats {
			if x.IsZero() {
				return b.Zeros(shape)
			}
			if x.Op != OpOnes {
				rest = append(rest, x)
			}
		}
		mats = rest
		if len(mats) == 0 {
			return b.Ones(shape)
		}
	}
	if len(mats) == 1 {
		return mats[0]
	}
	return b.intern(OpHad, nil, mats, shape)
}

// isInt tells whether r is the whole number k.
func isInt(r *big.Rat, k int64) bool { return r.IsInt() && r.Num().IsInt64() && r.Num().Int64() == k }

// Mul returns the matrix product; scalar factors scale. Panics on a mismatch.
func (b *Builder) Mul(args ...*Node) *Node {
	var scal []*Node
	var few [few]*Node
	fs := few[:0]
	for _, a := range args {
		if a.Op == OpScale {
			scal = append(scal, a.Args[0])
			a = a.Args[1]
		}
		switch {
		case a.IsScalar():
			scal = append(scal, a)
		case a.Op == OpMul && !a.Kept:
			fs = append(fs, a.Args...)
		default:
			fs = append(fs, a)
		}
	}
	if len(scal) > 0 {
		c := b.Had(scal...)
		if len(fs) == 0 {
			return c
		}
		return b.Scale(c, b.Mul(fs...))
	}
	flat(OpMul, len(fs))
	shape := fs[0].Shape
	for i, f := range fs {
		if i > 0 {
			if fs[i-1].Shape.C != f.Shape.R {
				panic(fmt.Sprintf("expr.Mul: %v by %v", fs[i-1].Shape, f.Shape))
			}
			shape.C = f.Shape.C
		}
	}
	first := fs[0]
	rest := fs[:0]
	for _, f := range fs {
		if f.Op == OpZeros {
			return b.Zeros(shape)
		}
		if f.Op != OpEye {
			rest = append(rest, f)
		}
	}
	if len(rest) == 0 {
		return first
	}
	if len(rest) == 1 {
		return rest[0]
	}
	return b.intern(OpMul, nil, rest, shape)
}

// Pow returns x elementwise to the scalar power e.
func (b *Builder) Pow(x, e *Node) *Node {
	if !e.IsScalar() {
		panic(fmt.Sprintf("expr.Pow: exponent is %v", e.Shape))
	}
	switch {
	case e.IsOne():
		return x
	case e.IsZero():
		return b.Ones(x.Shape)
	case x.Op == OpOnes:
		return x
	}
	if k, ok := e.Int(); ok && x.Op == OpNum && k > -64 && k < 64 && (x.Num.Sign() != 0 || k > 0) {
		r := big.NewRat(1, 1)
		base := x.Num
		if k < 0 {
			base, k = new(big.Rat).Inv(base), -k
		}
		for ; k > 0; k-- {
			r.Mul(r, base)
		}
		return b.Num(r)
	}
	return b.intern(OpPow, nil, []*Node{x, e}, x.Shape)
}

// T returns the transpose.
func (b *Builder) T(x *Node) *Node {
	switch {
	case x.IsScalar():
		return x
	case x.Op == OpT:
		return x.Args[0]
	case x.Op == OpEye:
		return x
	case x.Op == OpZeros:
		return b.Zeros(x.Shape.T())
	case x.Op == OpOnes && !x.Shape.IsCol():
		return b.Ones(x.Shape.T())
	}
	return b.intern(OpT, nil, []*Node{x}, x.Shape.T())
}

// Call returns f(args). The shape rule of f must accept the arguments; the
// error, if it does not, is the rule's own.
func (b *Builder) Call(f Fn, args ...*Node) (*Node, error) {
	shapes := make([]Shape, len(args))
	for i, a := range args {
		shapes[i] = a.Shape
	}
	s, err := f.FnShape(shapes)
	if err != nil {
		return nil, err
	}
	return b.intern(OpCall, f, args, s), nil
}

// MustCall is Call for arguments that are known to fit.
func (b *Builder) MustCall(f Fn, args ...*Node) *Node {
	n, err := b.Call(f, args...)
	if err != nil {
		panic("expr.MustCall: " + err.Error())
	}
	return n
}

// With rebuilds n with other arguments of the same shapes.
func (b *Builder) With(n *Node, args []*Node) *Node {
	out := b.combine(n, args)
	if n.Kept {
		return b.Keep(out)
	}
	return out
}

func (b *Builder) combine(n *Node, args []*Node) *Node {
	switch n.Op {
	case OpAdd:
		return b.Add(args...)
	case OpScale:
		return b.Scale(args[0], args[1])
	case OpMul:
		return b.Mul(args...)
	case OpHad:
		return b.Had(args...)
	case OpPow:
		return b.Pow(args[0], args[1])
	case OpT:
		return b.T(args[0])
	case OpCall:
		return b.MustCall(n.Fn, args...)
	}
	return n
}

// Subst replaces nodes by others of the same shape, everywhere below n. memo
// carries the replacements on entry and may be reused for further roots.
func (b *Builder) Subst(n *Node, memo map[*Node]*Node) *Node {
	if m, ok := memo[n]; ok {
		return m
	}
	out := n
	if len(n.Args) > 0 {
		args := make([]*Node, len(n.Args))
		changed := false
		for i, a := range n.Args {
			args[i] = b.Subst(a, memo)
			changed = changed || args[i] != a
		}
		if changed {
			out = b.With(n, args)
		}
	}
	memo[n] = out
	return out
}
