package codegen

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// method writes the body of Value or ValueAndGrad.
type method struct {
	g     *goGen
	p     *plan
	scope *namer
	names map[*val]string      // local variables of scalars
	local map[*val]string      // inputs as blas General
	outs  map[*expr.Var]string // gradients as blas General
	used  map[string]bool      // what the head must declare
	flats map[string]string    // slices of row vectors, by loop
	now   map[*val]code        // values at hand in this column loop or row

	phases int    // row phases written as methods of their own
	extra  string // those methods
	worker map[*buffer]bool

	// The loop being written.
	blocked bool
	oneRow  bool
	rowVars map[string]string
	hoisted map[ref]code
	out     *strings.Builder // around the loop over rows
	heads   *strings.Builder // before it
	rowTop  *strings.Builder // at the top of a row
	body    *strings.Builder // a row
	rowTail *strings.Builder // at its end
	inner   *strings.Builder // a column loop; nil outside
}

func (m *method) line(format string, args ...any) {
	b := m.out
	if m.body != nil {
		b = m.body
	}
	if m.inner != nil {
		b = m.inner
	}
	fmt.Fprintf(b, format+"\n", args...)
}

func (m *method) loopHead(format string, args ...any) { fmt.Fprintf(m.heads, format+"\n", args...) }
func (m *method) rowHead(format string, args ...any)  { fmt.Fprintf(m.rowTop, format+"\n", args...) }

func (m *method) colHead(format string, args ...any) { fmt.Fprintf(m.body, format+"\n", args...) }

// dim is the code of a size.
func (m *method) dim(d expr.Dim) string { return m.g.dim(d, m.used) }

func (g *goGen) dim(d expr.Dim, used map[string]bool) string {
	return dimCode(d, func(sym string) string {
		if used != nil {
			used["size "+sym] = true
		}
		return g.sizes[sym]
	})
}

// write writes all stages.
func (m *method) write() {
	m.out = &strings.Builder{}
	for _, v := range m.p.vals {
		if v.op == opInput && !v.shape.IsScalar() {
			m.local[v] = m.g.vars[v.v]
		}
	}
	for _, st := range m.p.stages {
		for _, v := range st.whole {
			m.whole(v)
		}
		for _, ph := range st.phases {
			m.phase(ph)
		}
	}
}

func (m *method) scalarName(v *val, base string) string {
	if v.name != "" {
		base = lowerFirst(ascii(v.name))
	}
	s := m.scope.fresh(base)
	m.names[v] = s
	return s
}

// whole writes an operation that is done at once.
func (m *method) whole(v *val) {
	arg := func(i int) string { return m.mat(v.args[i].v) }
	switch v.op {
	case opMap:
		c := m.scalarExpr(v)
		base := "s"
		if given(v) {
			base = "c"
		}
		m.line("%s := %s", m.scalarName(v, base), c.s)
	case opFactor:
		m.g.need("copyMat")
		m.line("m.copyMat(%s, %s, false)", m.mat(v), arg(0))
		if v.fn == "chol" {
			m.g.need("cholesky")
			m.line("m.cholesky(%s)", m.mat(v))
			return
		}
		m.g.need("luFactor")
		m.line("m.luFactor(%s, %s)", m.mat(v), m.pivots(v))
	case opSolve:
		m.g.need("copyMat")
		m.line("m.copyMat(%s, %s, %t)", m.mat(v), arg(1), v.args[1].t)
		m.solve(v, m.mat(v))
	case opInverse:
		m.g.need("identity")
		m.line("m.identity(%s)", m.mat(v))
		m.solve(v, m.mat(v))
	case opLogDet, opDet:
		f := v.args[0].v
		name := map[op]string{opLogDet: "LogDet", opDet: "Det"}[v.op]
		if f.fn == "chol" {
			m.g.need("chol" + name)
			m.line("%s := m.chol%s(%s)", m.scalarName(v, lowerFirst(name)), name, arg(0))
			return
		}
		if v.fn == "abs" {
			m.g.need("luLogAbsDet")
			m.line("%s := m.luLogAbsDet(%s)", m.scalarName(v, "logDet"), arg(0))
			return
		}
		m.g.need("lu" + name)
		m.line("%s := m.lu%s(%s, %s)", m.scalarName(v, lowerFirst(name)), name, arg(0), m.pivots(f))
	case opKernel:
		m.g.need(v.fn)
		var args []string
		if room := kernelRoom[v.fn]; room != nil {
			m.g.room(room(m.g, v.args[0].v.shape))
			args = append(args, "m.work")
		}
		if !v.shape.IsScalar() {
			args = append(args, m.mat(v))
		}
		for i := range v.args {
			args = append(args, arg(i))
		}
		call := fmt.Sprintf("m.%s(%s)", v.fn, strings.Join(args, ", "))
		if v.shape.IsScalar() {
			call = m.scalarName(v, v.fn) + " := " + call
		}
		m.line("%s", call)
	default:
		m.g.fail("no Go code for operation %v", v.op)
	}
}

func (m *method) pivots(f *val) string {
	m.used["m."+f.store.lu.name] = true
	return f.store.lu.name
}

func (m *method) solve(v *val, dst string) {
	f := v.args[0].v
	if f.fn == "chol" {
		m.g.need("cholSolve")
		m.line("m.cholSolve(%s, %s)", m.mat(f), dst)
		return
	}
	m.g.need("luSolve")
	m.line("m.luSolve(%t, %s, %s, %s)", v.trans, m.mat(f), m.pivots(f), dst)
}

// phase writes one walk over rows.
func (m *method) phase(p *phase) {
	m.blocked = p.blocked
	m.oneRow = p.rows.IsOne()
	m.flats = make(map[string]string)
	whole := m.out
	before := &strings.Builder{}
	m.out = before
	// What is summed over the rows starts at zero.
	for _, l := range p.levels {
		for _, v := range l.products {
			if v.pos.acc && p.blocked && v.init.v == nil {
				m.g.need("zero")
				m.line("m.zero(%s)", m.mat(v))
			}
		}
		if l.loop != nil {
			for _, v := range l.loop.vals {
				m.startReduction(v)
			}
		}
	}
	flats := &strings.Builder{}
	m.heads = flats
	body := &strings.Builder{}
	m.out = body
	for _, l := range p.levels {
		for _, v := range l.products {
			m.product(v)
		}
		if l.loop != nil {
			m.loop(p, l.loop)
		}
	}
	whole.WriteString(before.String())
	m.out = whole
	if p.blocked && m.g.opt.Workers {
		m.parallel(p, flats.String(), body.String())
		return
	}
	whole.WriteString(flats.String())
	if p.blocked {
		n := m.dim(p.rows)
		m.line("for lo := 0; lo < %s; lo += %d {\nhi := min(lo+%d, %s)", n, blockRows, blockRows, n)
		m.line("%s}", body.String())
		return
	}
	m.line("%s", strings.TrimRight(body.String(), "\n"))
}

// startReduction declares the result of a reduction over all rows.
func (m *method) startReduction(v *val) {
	if v.op != opReduce || !v.pos.acc {
		return
	}
	if v.shape.IsScalar() {
		m.line("%s := %s", m.scalarName(v, v.fn), m.neutral(v.fn))
		return
	}
	if v.fn == "sum" {
		m.g.need("zero")
		m.line("m.zero(%s)", m.mat(v))
		return
	}
	m.g.fail("no Go code for the reduction %s along columns", v.fn)
}

func (m *method) neutral(fn string) string {
	f := m.g.float
	switch fn {
	case "sum":
		return f + "(0)"
	case "prod":
		return f + "(1)"
	case "max", "min":
		m.g.imports["math"] = true
		s := map[string]string{"max": "-1", "min": "1"}[fn]
		if f == "float32" {
			return "float32(math.Inf(" + s + "))"
		}
		return "math.Inf(" + s + ")"
	}
	m.g.fail("no Go code for the reduction %s", fn)
	return "0"
}

func (m *method) block(v *val, name string, walks bool) string {
	if v.store.kind == inBlock {
		m.g.need("rows")
		return fmt.Sprintf("m.rows(%s, 0, hi-lo)", name)
	}
	if walks {
		m.g.need("rows")
		return fmt.Sprintf("m.rows(%s, lo, hi)", name)
	}
	return name
}

// product writes one matrix product of the block.
func (m *method) product(v *val) {
	if v.op == opStrip {
		dst := m.mat(v)
		if m.blocked {
			dst = m.block(v, dst, true)
		}
		m.g.need(v.fn)
		m.line("m.%s(%s, %s)", v.fn, dst, m.factor(v, 0))
		return
	}
	alpha, beta := "1", "0"
	if v.alpha.v != nil {
		alpha = m.scalar(v.alpha).s
	}
	acc := accumulates(v)
	if v.init.v != nil || acc && m.blocked {
		beta = "1"
	}
	a, b := v.args[0], v.args[1]
	A := m.factor(v, 0)
	B := m.factor(v, 1)
	C := m.mat(v)
	if m.blocked && !acc {
		C = m.block(v, C, true)
	}
	t := "blas.NoTrans"
	if a.t {
		t = "blas.Trans"
	}
	m.g.imports["blas"] = true
	switch {
	case v.shape.C.IsOne():
		m.g.need("gemv")
		m.line("m.gemv(%s, %s, %s, %s, %s, %s)", t, alpha, A, B, beta, C)
	case a.v == b.v && a.t != b.t && (acc || !m.blocked):
		m.g.need("syrk")
		m.line("m.syrk(%s, %s, %s, %s, %s)", t, alpha, A, beta, C)
	default:
		tb := "blas.NoTrans"
		if b.t {
			tb = "blas.Trans"
		}
		m.g.need("gemm")
		m.g.roomPack(m.blockDim(v.shape.R, !acc), m.dim(v.shape.C), m.blockDim(a.shape().C, acc))
		m.line("m.gemm(m.work, %s, %s, %s, %s, %s, %s, %s)", t, tb, alpha, A, B, beta, C)
	}
}

// factor is factor i of a product: its rows of this block where the product
// walks them, else the whole.
func (m *method) factor(v *val, i int) string {
	a := v.args[i]
	name := m.mat(a.v)
	if !m.blocked {
		return name
	}
	walks := i == 0
	if i == 1 {
		walks = accumulates(v)
		if walks && (a.v.shape.R != v.space().R || a.t) {
			// A vector that lies is cut by columns.
			m.g.need("cols")
			return fmt.Sprintf("m.cols(%s, lo, hi)", name)
		}
	}
	return m.block(a.v, name, walks)
}

// blockDim is the size d, or the rows of a block where the product walks d in
// blocks.
func (m *method) blockDim(d expr.Dim, walks bool) string {
	c := m.g.dim(d, nil)
	if !walks || !m.blocked {
		return c
	}
	return fmt.Sprintf("min(%d, %s)", blockRows, c)
}

// roomPack notes that a product of r by c, summing over k, packs its operands.
func (g *goGen) roomPack(r, c, k string) {
	g.need("packRoom")
	g.room("m.packRoom(" + r + ", " + c + ", " + k + ")")
}

// kernelRoom says how much work space a kernel needs, by the shape of its
// first operand.
var kernelRoom = map[string]func(g *goGen, s expr.Shape) string{
	"expm":     squares(3),
	"dexpm":    squares(20),
	"d2expm":   squares(80),
	"polar":    svdRoom,
	"normnuc":  svdRoom,
	"adjugate": func(g *goGen, s expr.Shape) string { n := g.dim(s.R, nil); return "2*" + n + "*(" + n + "+1)" },
}

func squares(k int) func(g *goGen, s expr.Shape) string {
	return func(g *goGen, s expr.Shape) string { return itoa(k) + "*" + g.dim(s.R, nil) + "*" + g.dim(s.R, nil) }
}

func svdRoom(g *goGen, s expr.Shape) string {
	r, c := g.dim(s.R, nil), g.dim(s.C, nil)
	return r + "*" + c + "+min(" + r + ", " + c + ")*min(" + r + ", " + c + ")"
}
