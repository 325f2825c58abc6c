package simplify

import (
	"github.com/matdiff/matdiff/expr"
)

// Mul returns the matrix product of normal factors in normal form: scalars in
// front, inner products taken out as scalars, neighbours cancelled.
func (s *S) Mul(args ...*Node) *Node {
	var scal []*Node
	var fs []*Node
	shape := chainShape(args)
	for _, a := range args {
		if a.IsZero() {
			return s.b.Zeros(shape)
		}
		if a.Op == expr.OpScale {
			scal = append(scal, a.Args[0])
			a = a.Args[1]
		}
		if r, y := s.primitive(a); !isOne(r) && !a.IsScalar() {
			scal = append(scal, s.b.Num(r))
			a = y
		}
		switch {
		case a.IsScalar():
			scal = append(scal, a)
		case flat(a, expr.OpMul):
			fs = append(fs, a.Args...)
		case a.Op == expr.OpEye:
			if len(args) == 1 {
				fs = append(fs, a)
			}
		default:
			fs = append(fs, a)
		}
	}
	if len(fs) == 0 {
		var core *Node
		if !shape.IsScalar() {
			core = s.b.Eye(shape.R)
			if len(scal) == 0 {
				return core
			}
			return s.Scale(s.Had(scal...), core)
		}
		return s.Had(scal...)
	}
	core := s.chain(fs, &scal)
	if len(scal) == 0 {
		return core
	}
	c := s.Had(scal...)
	if core.IsZero() {
		return s.b.Zeros(shape)
	}
	return s.Scale(c, core)
}

func chainShape(args []*Node) expr.Shape {
	var out expr.Shape
	first := true
	for _, a := range args {
		if a.IsScalar() && len(args) > 1 {
			continue
		}
		if first {
			out = a.Shape
			first = false
			continue
		}
		out.C = a.Shape.C
	}
	if first {
		return expr.Scalar
	}
	return out
}

// chain reduces a list of non-scalar factors; scalars found go to scal.
func (s *S) chain(fs []*Node, scal *[]*Node) *Node {
	fs = append([]*Node(nil), fs...)
	shape := expr.Shape{R: fs[0].Shape.R, C: fs[len(fs)-1].Shape.C}
again:
	for i := 0; i+1 < len(fs); i++ {
		r := s.pair(fs[i], fs[i+1])
		if r == nil {
			continue
		}
		var mid []*Node
		if r.Op == expr.OpScale {
			*scal = append(*scal, r.Args[0])
			r = r.Args[1]
		}
		switch {
		case r.IsZero():
			return s.b.Zeros(shape)
		case r.IsScalar():
			*scal = append(*scal, r)
		case r.Op == expr.OpEye && len(fs) > 2:
		case flat(r, expr.OpMul):
			mid = r.Args
		default:
			mid = []*Node{r}
		}
		fs = append(append(append([]*Node(nil), fs[:i]...), mid...), fs[i+2:]...)
		if len(fs) == 0 {
			return s.b.Int(1)
		}
		goto again
	}
	if shorter := s.cancelInverse(fs); shorter != nil {
		s.fire(inverseOfProductCancels)
		if fs = shorter; len(fs) == 0 {
			return s.b.Eye(shape.R)
		}
		goto again
	}
	// Inner products inside a chain are scalars.
	if !(shape.IsScalar()) || len(fs) > 2 {
		for i := 0; i < len(fs); i++ {
			if !fs[i].Shape.R.IsOne() {
				continue
			}
			for j := i; j < len(fs); j++ {
				if fs[j].Shape.C.IsOne() {
					if j-i+1 == len(fs) {
						break
					}
					dot := s.Mul(fs[i : j+1]...)
					s.fire(innerProductOut)
					*scal = append(*scal, dot)
					fs = append(append([]*Node(nil), fs[:i]...), fs[j+1:]...)
					goto again
				}
			}
		}
	}
	if len(fs) == 1 {
		return fs[0]
	}
	if n := s.broadcastOut(fs, scal); n != nil {
		return n
	}
	if shape.IsScalar() {
		return s.dot(fs)
	}
	return s.b.Mul(fs...)
}

// broadcastOut moves a row scaling out of the first factor of a product and a
// column scaling out of the last: (v1ᵀ ∘ M) B = v1ᵀ ∘ (M B).
func (s *S) broadcastOut(fs []*Node, scal *[]*Node) *Node {
	k := len(fs)
	if v := s.diagArg(fs[0]); v != nil && !fs[k-1].Shape.C.IsOne() {
		s.fire(diagonalFactor)
		rest := s.Mul(fs[1:]...)
		return s.Had(s.Mul(v, s.b.T(s.ones(rest.Shape.C))), rest)
	} else if v != nil {
		s.fire(diagonalFactor)
		return s.Had(v, s.Mul(fs[1:]...))
	}
	if v := s.diagArg(fs[k-1]); v != nil {
		s.fire(diagonalFactor)
		rest := s.Mul(fs[:k-1]...)
		if rest.Shape.R.IsOne() {
			return s.Had(rest, s.T(v))
		}
		return s.Had(rest, s.Mul(s.ones(rest.Shape.R), s.T(v)))
	}
	if v, m := s.takeBroadcast(fs[0], false); v != nil {
		s.fire(scaledRowsOut)
		rest := s.Mul(append([]*Node{m}, fs[1:]...)...)
		if rest.Shape.C.IsOne() {
			return s.Had(v, rest)
		}
		return s.Had(s.Mul(v, s.b.T(s.ones(rest.Shape.C))), rest)
	}
	if u, m := s.takeBroadcast(fs[k-1], true); u != nil {
		s.fire(scaledRowsOut)
		rest := s.Mul(append(append([]*Node(nil), fs[:k-1]...), m)...)
		if rest.Shape.R.IsOne() {
			return s.Had(u, rest)
		}
		return s.Had(s.Mul(s.ones(rest.Shape.R), u), rest)
	}
	return nil
}

// takeBroadcast splits v1ᵀ ∘ M into (v, M), or M ∘ 1u into (u, M) for rows.
func (s *S) takeBroadcast(n *Node, rows bool) (*Node, *Node) {
	if n.Op == expr.OpT && n.Args[0].Op == expr.OpHad {
		v, m := s.takeBroadcast(n.Args[0], !rows)
		if v == nil {
			return nil, nil
		}
		return s.T(v), s.T(m)
	}
	if !flat(n, expr.OpHad) || n.Shape.R.IsOne() || n.Shape.C.IsOne() {
		return nil, nil
	}
	for i, a := range n.Args {
		var v *Node
		if rows {
			v = s.rowBroadcast(a)
		} else {
			v = s.colBroadcast(a)
		}
		if v != nil {
			rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
			return v, s.b.Had(rest...)
		}
	}
	for i, a := range n.Args { // of M ∘ u vᵀ the column u, or the row vᵀ
		if u, v := s.outer(a); u != nil && !isOnesCol(u) && !isOnesRow(v) {
			args := append([]*Node(nil), n.Args...)
			if rows {
				args[i] = s.b.Mul(u, s.b.T(s.ones(n.Shape.C)))
				return v, s.b.Had(args...)
			}
			args[i] = s.b.Mul(s.ones(n.Shape.R), v)
			return u, s.b.Had(args...)
		}
	}
	return nil, nil
}

func (s *S) diagArg(n *Node) *Node {
	if n.IsCall("diag") && n.Args[0].Shape.IsCol() {
		return n.Args[0]
	}
	return nil
}

func isInvOf(a, b *Node) bool { return a.IsCall("inv") && a.Args[0] == b }

// pair reduces two neighbouring factors, nil if nothing applies.
func (s *S) pair(a, b *Node) *Node {
	for _, r := range pairs {
		if out := r.pair(s, a, b); out != nil {
			s.fire(r)
			return out
		}
	}
	return nil
}

// outer splits a product u vᵀ of a column and a row.
func (s *S) outer(n *Node) (u, v *Node) {
	if n.Op != expr.OpMul || n.Shape.R.IsOne() || n.Shape.C.IsOne() {
		return nil, nil
	}
	for i := 1; i < len(n.Args); i++ {
		if n.Args[i].Shape.R.IsOne() {
			return s.b.Mul(n.Args[:i]...), s.b.Mul(n.Args[i:]...)
		}
	}
	return nil, nil
}

// cancelInverse takes (A B)⁻¹ out of a chain beside A B.
func (s *S) cancelInverse(fs []*Node) []*Node {
	for i, f := range fs {
		if !f.IsCall("inv") || f.Args[0].Op != expr.OpMul {
			continue
		}
		p := f.Args[0].Args
		k := len(p)
		if i+1+k <= len(fs) && sameNodes(fs[i+1:i+1+k], p) {
			return append(append([]*Node(nil), fs[:i]...), fs[i+1+k:]...)
		}
		if i-k >= 0 && sameNodes(fs[i-k:i], p) {
			return append(append([]*Node(nil), fs[:i-k]...), fs[i+1:]...)
		}
	}
	return nil
}

func sameNodes(x, y []*Node) bool {
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

// projector returns 1 if a sum with the identity is a projector, −1 if its
// negative is one, else 0: the square multiplied out is the sum itself, as of
// I − 𝟏𝟏ᵀ/N.
func (s *S) projector(n *Node) int {
	if n.Op != expr.OpAdd || len(n.Args) > 3 {
		return 0
	}
	eye := false
	for _, t := range n.Args {
		_, rest := s.ratSplit(t)
		eye = eye || rest != nil && rest.Op == expr.OpEye
	}
	if !eye {
		return 0
	}
	var ts []*Node
	for _, x := range n.Args {
		for _, y := range n.Args {
			ts = append(ts, s.Mul(x, y))
		}
	}
	switch s.Add(ts...) {
	case n:
		return 1
	case s.negate(n):
		return -1
	}
	return 0
}

// contracts tells whether a product with ones simplifies for every term but at
// most... a sum: all terms with a sum that is known, so that they cancel.
func (s *S) contracts(sum, one *Node, left bool) bool {
	n := 0
	for _, t := range sum.Args {
		_, r := s.ratSplit(t)
		if r == nil {
			return false
		}
		if r.Op == expr.OpScale {
			r = r.Args[1]
		}
		p := expr.RowsSumOne
		if left {
			p = expr.ColsSumOne
		}
		if r.Props.Has(p) || r.Op == expr.OpMul && left && isOnesCol(r.Args[0]) || r.Op == expr.OpMul && !left && isOnesRow(r.Args[len(r.Args)-1]) {
			n++
			continue
		}
		if r.Op == expr.OpHad {
			if v, m := s.takeBroadcast(r, left); v != nil && m.Props.Has(p) {
				n++
			}
		}
	}
	return n == len(sum.Args)
}

func (s *S) mapAdd(n *Node, f func(*Node) *Node) *Node {
	args := make([]*Node, len(n.Args))
	for i, a := range n.Args {
		args[i] = f(a)
	}
	return s.Add(args...)
}

// dot normalises a 1×1 chain: its orientation, sums of elementwise products as
// inner products, and ones-vectors.
func (s *S) dot(fs []*Node) *Node {
	k := len(fs)
	switch {
	case k == 2:
		a, b := s.T(fs[0]), fs[1]
		for _, r := range inners {
			if out := r.inner(s, a, b); out != nil {
				s.fire(r)
				return out
			}
		}
	case k == 3 && isOnesRow(fs[0]) && isOnesCol(fs[2]):
		if out := s.sumOf(fs[1]); out != nil {
			return out
		}
	}
	for i := 1; i < k-1; i++ { // uᵀdiag(v)w = 1ᵀ(u ∘ v ∘ w)
		if v := s.diagArg(fs[i]); v != nil {
			s.fire(weightedInner)
			return s.Mul(s.b.T(s.ones(v.Shape.R)), s.Had(s.T(s.Mul(fs[:i]...)), v, s.Mul(fs[i+1:]...)))
		}
	}
	return s.orientDot(fs)
}

// sumOf reduces 1ᵀM1, the sum of all entries, nil if nothing applies.
func (s *S) sumOf(m *Node) *Node {
	h := m
	if h.Op == expr.OpT {
		h = h.Args[0]
	}
	switch {
	case h.Op == expr.OpHad && len(h.Args) == 2:
		s.fire(sumToTrace)
		return s.Trace(s.Mul(s.T(h.Args[0]), h.Args[1]))
	case h.Op == expr.OpPow && h.Args[1].IsNum(2, 1):
		s.fire(sumToTrace)
		return s.Trace(s.Mul(s.T(h.Args[0]), h.Args[0]))
	case m.Op == expr.OpT:
		s.fire(sumOfTranspose)
		return s.Mul(s.b.T(s.ones(h.Shape.R)), h, s.ones(h.Shape.C))
	}
	return nil
}

// orientDot chooses between a chain and its transpose.
func (s *S) orientDot(fs []*Node) *Node {
	k := len(fs)
	rev := make([]*Node, k)
	for i, f := range fs {
		rev[k-1-i] = s.T(f)
	}
	switch {
	case isOnesRow(fs[0]) && !isOnesCol(fs[k-1]):
	case isOnesRow(rev[0]) && !isOnesCol(rev[k-1]), s.chainLess(rev, fs):
		s.fire(scalarReversed)
		fs = rev
	}
	return s.b.Mul(fs...)
}

// chainLess orders two writings of one product: fewer transposes first, then
// ones on the left, then by structure.
func (s *S) chainLess(x, y []*Node) bool {
	tx, ty := 0, 0
	for i := range x {
		if x[i].Op == expr.OpT {
			tx++
		}
		if y[i].Op == expr.OpT {
			ty++
		}
	}
	if tx != ty {
		return tx < ty
	}
	for i := range x {
		if c := expr.Compare(x[i], y[i]); c != 0 {
			return c < 0
		}
	}
	return false
}

// Trace returns tr(n) in normal form: of a sum the sum of traces, of a product
// the least of its cyclic rotations and their transposes.
func (s *S) Trace(n *Node) *Node {
	if n.IsScalar() {
		return n
	}
	for _, r := range traces {
		if out := r.trace(s, n); out != nil {
			s.fire(r)
			return out
		}
	}
	if n.Op != expr.OpMul {
		return s.call0("tr", n)
	}
	fs := n.Args
	best := fs
	k := len(fs)
	try := func(c []*Node) {
		if s.chainLess(c, best) {
			best = c
		}
	}
	rev := make([]*Node, k)
	for i, f := range fs {
		rev[k-1-i] = s.T(f)
	}
	if k <= 24 {
		for i := 0; i < k; i++ {
			try(append(append([]*Node(nil), fs[i:]...), fs[:i]...))
			try(append(append([]*Node(nil), rev[i:]...), rev[:i]...))
		}
	}
	if !sameNodes(best, fs) {
		s.fire(traceRotated)
	}
	return s.call0("tr", s.b.Mul(best...))
}
