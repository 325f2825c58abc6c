package eval

import (
	"fmt"
	"math"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
	"github.com/matdiff/matdiff/rules"
)

// buffer returns the owned matrix of a slot in the size of this run.
func (p *Plan) buffer(i int) *num.Mat {
	r, c := p.dims[i][0], p.dims[i][1]
	m := p.buf[i]
	if m == nil || m.R != r || m.C != c {
		m = num.New(r, c)
		p.buf[i] = m
	}
	return m
}

// step computes slot i from the slots of its operands.
func (p *Plan) step(i int, env Env) error {
	n := p.nodes[i]
	switch n.Op {
	case expr.OpVar:
		return p.variable(i, env)
	case expr.OpNum:
		m := p.buffer(i)
		m.Data[0], _ = n.Num.Float64()
		p.val[i] = m
		return nil
	case expr.OpSize:
		v, err := n.Dim.Eval(env.Sizes)
		if err != nil {
			return err
		}
		m := p.buffer(i)
		m.Data[0] = float64(v)
		p.val[i] = m
		return nil
	case expr.OpOnes, expr.OpZeros, expr.OpEye:
		p.val[i] = constant(n.Op, p.buffer(i))
		return nil
	case expr.OpT:
		p.val[i] = transpose(p.buffer(i), p.val[p.args[i][0]])
		return nil
	}
	if p.Noise != nil && p.val[i] != nil && exactCall(n) {
		return nil // stays on its side of the jump
	}
	ops := p.ops[:0]
	for _, a := range p.args[i] {
		ops = append(ops, p.val[a])
	}
	p.ops = ops
	if p.Noise != nil {
		p.exact = whole(ops) || exactCall(n)
		p.perturbOperands(i, ops)
	}
	switch n.Op {
	case expr.OpAdd:
		add(p.buffer(i), ops)
	case expr.OpScale:
		m, c := p.buffer(i), ops[0].Data[0]
		for k, x := range ops[1].Data {
			m.Data[k] = c * x
		}
	case expr.OpHad:
		had(p.buffer(i), ops)
	case expr.OpPow:
		pow(p.buffer(i), ops[0], ops[1].Data[0])
	case expr.OpMul:
		p.mul(i, ops)
	case expr.OpCall:
		return p.call(i, n, ops)
	default:
		return fmt.Errorf("eval: no value for operator %v", n.Op)
	}
	p.val[i] = p.buf[i]
	if p.Noise != nil {
		perturb(p.buf[i].Data, p.Noise, p.exact)
	}
	return nil
}

func (p *Plan) variable(i int, env Env) error {
	v := p.nodes[i].Var
	if len(p.args[i]) == 1 { // a part
		p.val[i] = p.val[p.args[i][0]]
		return nil
	}
	m, ok := env.Vars[v.Name]
	if !ok || m == nil {
		return fmt.Errorf("variable %s has no value", v.Name)
	}
	if d := p.dims[i]; m.R != d[0] || m.C != d[1] {
		return fmt.Errorf("variable %s is %d×%d, its shape %v asks for %d×%d", v.Name, m.R, m.C, v.Shape, d[0], d[1])
	}
	p.val[i] = m
	return nil
}

// call applies the kernel of a function.
func (p *Plan) call(i int, n *expr.Node, ops []*num.Mat) error {
	f, ok := n.Fn.(*rules.Func)
	if !ok {
		return fmt.Errorf("eval: no kernel for a function of type %T", n.Fn)
	}
	if f.F != nil {
		m := p.buffer(i)
		par := p.par[:0]
		for _, a := range ops[1:] {
			par = append(par, a.Data[0])
		}
		p.par = par
		for k, x := range ops[0].Data {
			m.Data[k] = f.F(x, par...)
		}
		p.val[i] = m
		if p.Noise != nil {
			perturb(m.Data, p.Noise, p.exact)
		}
		return nil
	}
	if f.Eval == nil {
		return fmt.Errorf("eval: function %s has no kernel", f.Name)
	}
	m, err := f.Eval(ops...)
	if err != nil {
		return &DomainError{n, i, named(f.Name, err)}
	}
	if d := p.dims[i]; m.R != d[0] || m.C != d[1] {
		return fmt.Errorf("eval: the kernel of %s returned %d×%d for shape %v", f.Name, m.R, m.C, n.Shape)
	}
	if p.Noise != nil {
		m = m.Clone() // a kernel may return its operand
		perturb(m.Data, p.Noise, p.exact)
	}
	p.val[i] = m
	return nil
}

// named puts the name of a function before its kernel's error.
func named(name string, err error) string {
	if s := err.Error(); strings.HasPrefix(s, name) {
		return s
	}
	return name + ": " + err.Error()
}

func constant(op expr.Op, m *num.Mat) *num.Mat {
	one := 0.0
	if op == expr.OpOnes {
		one = 1
	}
	for k := range m.Data {
		m.Data[k] = one
	}
	if op == expr.OpEye {
		for k := 0; k < m.R; k++ {
			m.Data[k*m.C+k] = 1
		}
	}
	return m
}

func transpose(m, x *num.Mat) *num.Mat {
	for r := 0; r < x.R; r++ {
		for c := 0; c < x.C; c++ {
			m.Data[c*m.C+r] = x.Data[r*x.C+c]
		}
	}
	return m
}

func add(m *num.Mat, ops []*num.Mat) {
	copy(m.Data, ops[0].Data)
	for _, x := range ops[1:] {
		for k, v := range x.Data {
			m.Data[k] += v
		}
	}
}

func had(m *num.Mat, ops []*num.Mat) {
	copy(m.Data, ops[0].Data)
	for _, x := range ops[1:] {
		for k, v := range x.Data {
			m.Data[k] *= v
		}
	}
}

func pow(m, x *num.Mat, e float64) {
	for k, v := range x.Data {
		m.Data[k] = power(v, e)
	}
}

func power(v, e float64) float64 {
	switch e {
	case 2:
		return v * v
	case -1:
		return 1 / v
	case 0.5:
		return math.Sqrt(v)
	}
	return math.Pow(v, e)
}

// mul multiplies a chain, from the side that costs less.
func (p *Plan) mul(i int, ops []*num.Mat) {
	out := p.buffer(i)
	if len(ops) == 2 {
		gemm(out.Data, ops[0], ops[1])
		return
	}
	last := len(ops) - 1
	cur, t := ops[0], 0
	if p.chain[i] {
		cur = ops[last]
	}
	for k := 1; k <= last; k++ {
		x, y := cur, ops[k]
		if p.chain[i] {
			x, y = ops[last-k], cur
		}
		if k == last {
			gemm(out.Data, x, y)
			return
		}
		need := x.R * y.C
		if cap(p.tmp[t]) < need {
			p.tmp[t] = make([]float64, need)
		}
		dst := &num.Mat{R: x.R, C: y.C, Data: p.tmp[t][:need]}
		gemm(dst.Data, x, y)
		cur, t = dst, 1-t
	}
}

// gemm stores x y in out.
func gemm(out []float64, x, y *num.Mat) {
	n := y.C
	if n == 1 {
		v := y.Data
		for r := 0; r < x.R; r++ {
			s := 0.0
			for k, a := range x.Data[r*x.C : r*x.C+x.C] {
				s += a * v[k]
			}
			out[r] = s
		}
		return
	}
	for r := 0; r < x.R; r++ {
		row := out[r*n : r*n+n]
		for c := range row {
			row[c] = 0
		}
		for k, a := range x.Data[r*x.C : r*x.C+x.C] {
			for c, b := range y.Data[k*n : k*n+n] {
				row[c] += a * b
			}
		}
	}
}

// edge is how far from a singularity of a power Strict wants its base to be,
// relative to the root mean square of the base.
const edge = 1e-3

// inside reports, under Strict, why slot i is outside its domain.
func (p *Plan) inside(i int) error {
	n := p.nodes[i]
	switch n.Op {
	case expr.OpCall:
		f, ok := n.Fn.(*rules.Func)
		if !ok {
			break
		}
		ops := p.ops[:0]
		for _, a := range p.args[i] {
			ops = append(ops, p.val[a])
		}
		p.ops = ops
		if locallyConstant(f) && (tied(n, ops) || len(ops) == 1 && cancelled(n.Args[0], ops[0])) {
			return &DomainError{n, i, describe(n) + "; rounding would decide the comparison"}
		}
		if f.Domain.In == nil || !p.Smooth && Piecewise(f) {
			break // it has a value at its kinks too
		}
		if !f.Domain.In(ops...) {
			return &DomainError{n, i, describe(n)}
		}
	case expr.OpPow:
		x, e := p.val[p.args[i][0]], p.val[p.args[i][1]].Data[0]
		whole := e == math.Trunc(e) && p.fixed[p.args[i][1]] // (−1)^k too, k a size
		if whole && e >= 0 {
			break
		}
		margin := edge * rms(x.Data)
		for _, v := range x.Data {
			if !whole && !(v > margin) || !(math.Abs(v) > margin) {
				return &DomainError{n, i, describe(n)}
			}
		}
	}
	for _, v := range p.val[i].Data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &DomainError{n, i, describe(n) + "; the value is not finite"}
		}
	}
	return nil
}

// cancelled tells whether an entry of the computed value x of n is zero beside
// others that are not whole: at a point nearby rounding gives it a sign. Zeros of
// diagonal matrices, and those that a bracket or a maximum makes, are meant.
func cancelled(n *expr.Node, x *num.Mat) bool {
	switch n.Op {
	case expr.OpAdd:
		for _, a := range n.Args {
			if selects(a) { // x − max(x, 0) is zero where x was selected
				return false
			}
		}
	case expr.OpMul:
	case expr.OpCall:
		if f, ok := n.Fn.(*rules.Func); !ok || Piecewise(f) {
			return false
		}
	default:
		return false
	}
	if n.Props.Has(expr.Diagonal) {
		return false
	}
	zero, whole := false, true
	for _, v := range x.Data {
		zero = zero || v == 0
		whole = whole && v == math.Trunc(v)
	}
	return zero && !whole
}

// selects tells whether a term is the value of a piecewise function, or that
// scaled or transposed.
func selects(n *expr.Node) bool {
	for n.Op == expr.OpScale || n.Op == expr.OpT {
		n = n.Args[len(n.Args)-1]
	}
	if n.Op == expr.OpVar && n.Var.Kind == expr.Part && n.Var.Of != nil {
		return selects(n.Var.Of)
	}
	f, ok := n.Fn.(*rules.Func)
	return n.Op == expr.OpCall && ok && Piecewise(f)
}

// tied tells whether entries that are compared differ by so little that
// rounding may have made the difference. Equal ones are labels. An entry of a
// sum or of a matrix function is rounded at the size of the largest entry.
func tied(n *expr.Node, ops []*num.Mat) bool {
	if len(ops) == 1 { // sign: an entry that is rounding beside the others
		x := ops[0].Data
		scale := 0.0
		for _, v := range x {
			scale = math.Max(scale, math.Abs(v))
		}
		for _, v := range x {
			if v != 0 && math.Abs(v) <= 1e-10*scale {
				return true
			}
		}
		return false
	}
	least := 0.0
	for k, a := range n.Args {
		f, _ := a.Fn.(*rules.Func)
		if a.Op == expr.OpAdd || a.Op == expr.OpMul || a.Op == expr.OpCall && f != nil && f.F == nil {
			least = math.Max(least, 1e-13*ops[k].MaxAbs())
		}
	}
	for i := 1; i < len(ops); i++ {
		y := ops[i]
		for k, a := range ops[0].Data {
			b := y.Data[k%len(y.Data)]
			if d := math.Abs(a - b); d > 0 && d <= math.Max(least, 1e-10*math.Max(math.Abs(a), math.Abs(b))) {
				return true
			}
		}
	}
	return false
}

// describe says what a node needs of its operands.
func describe(n *expr.Node) string {
	switch n.Op {
	case expr.OpCall:
		if f, ok := n.Fn.(*rules.Func); ok && f.Domain.Text != "" {
			return n.Fn.FnName() + " needs " + f.Domain.Text
		}
		return n.Fn.FnName()
	case expr.OpPow:
		if k, ok := n.Args[1].Int(); ok && k < 0 {
			return fmt.Sprintf("the power %d needs entries that are not zero", k)
		}
		return "a power with a fractional exponent needs positive entries"
	case expr.OpVar:
		return "variable " + n.Var.Name
	}
	return "operator " + n.Op.String()
}

func rms(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s, scale := 0.0, 0.0
	for _, v := range x {
		scale = math.Max(scale, math.Abs(v))
	}
	if scale == 0 || math.IsInf(scale, 0) {
		return scale
	}
	for _, v := range x {
		v /= scale
		s += v * v
	}
	return scale * math.Sqrt(s/float64(len(x)))
}
