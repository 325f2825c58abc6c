package codegen

import (
	"fmt"
	"math/big"
	"sort"
	"strings"

	"github.com/matdiff/matdiff/codegen/kernel"
	"github.com/matdiff/matdiff/expr"
)

// code is a Go expression and its level.
type code struct {
	s     string
	level int
}

func (c code) at(level int) string {
	if c.level < level {
		return "(" + c.s + ")"
	}
	return c.s
}

func atom(format string, args ...any) code { return code{fmt.Sprintf(format, args...), lvAtom} }

// number prints an exact number; whole ones without a point, so they must not
// meet another constant.
func (g *goGen) number(r *big.Rat, float bool) code {
	if r.IsInt() && r.Num().IsInt64() && r.Num().BitLen() <= 53 {
		s := r.Num().String()
		if float {
			s = g.float + "(" + s + ")"
			return code{s, lvAtom}
		}
		if r.Sign() < 0 {
			return code{s, lvUnary}
		}
		return code{s, lvAtom}
	}
	if s := strings.TrimRight(r.FloatString(6), "0"); r.Denom().IsInt64() && r.Num().BitLen() < 30 {
		if back, ok := new(big.Rat).SetString(s); ok && back.Cmp(r) == 0 {
			if r.Sign() < 0 {
				return code{s, lvUnary}
			}
			return code{s, lvAtom}
		}
	}
	if d := r.Denom(); d.IsInt64() && d.Int64() <= 1<<20 && r.Num().BitLen() <= 53 {
		return code{r.Num().String() + ".0 / " + d.String(), lvProduct}
	}
	f, _ := r.Float64()
	s := fmt.Sprintf("%v", f)
	if f < 0 {
		return code{s, lvUnary}
	}
	return code{s, lvAtom}
}

// apply puts operands into the code of fn.
func (g *goGen) apply(fn string, args []code, consts int) code {
	c, ok := scalarOf(fn)
	if !ok {
		g.fail("no Go code for the function %s", fn)
		return atom("0")
	}
	if c.helper != "" {
		g.need(c.helper)
	}
	wide := false
	if k, err := kernel.Lookup(c.helper); err == nil {
		wide = k.Scalar
	}
	if _, b := builtin[fn]; !b {
		if f := elementwiseRule(fn); f != nil && f.GoFunc != "" {
			g.ruleFuncs[f.Name] = f.GoFunc
			for _, n := range ruleFuncName.FindAllStringSubmatch(f.GoFunc, -1) {
				c.form = asMethod(c.form, n[1], g.opt.Name)
			}
		}
		wide = true
	}
	wide = g.opt.Float32 && (wide || strings.Contains(c.form, "math."))
	if strings.Contains(c.form, "math.") {
		g.imports["math"] = true
	}
	out := c.form
	for i := len(args) - 1; i >= 0; i-- {
		lv := c.args
		if t := tighter(fn, i); t >= 0 {
			lv = t
		}
		if inBrackets(c.form, "$"+itoa(i+1)) {
			lv = lvSum
		}
		s := args[i].at(lv)
		if wide {
			s = "float64(" + args[i].s + ")"
		}
		out = strings.ReplaceAll(out, "$"+itoa(i+1), "\x00"+s+"\x01")
	}
	out = strings.NewReplacer("\x00", "", "\x01", "").Replace(out)
	if (fn == "id" || fn == "copy") && len(args) == 1 {
		return args[0]
	}
	if wide {
		return atom("float32(%s)", out)
	}
	return code{out, c.level}
}

// scalar is the code of a value of one entry outside loops.
func (m *method) scalar(r ref) code {
	v := r.v
	switch {
	case v.op == opConst:
		return m.g.number(v.num, false)
	case v.op == opSize:
		return atom("%s(%s)", m.g.float, m.dim(v.dim))
	case v.op == opInput && v.shape.IsScalar():
		return atom("in.%s", m.g.vars[v.v])
	case v.op == opEye:
		return atom("1")
	case m.names[v] != "":
		return atom("%s", m.names[v])
	}
	m.g.fail("no scalar for %v", v.op)
	return atom("0")
}

// scalarExpr is the expression that computes a scalar map.
func (m *method) scalarExpr(v *val) code {
	args := make([]code, len(v.args))
	consts := true
	for i, a := range v.args {
		args[i] = m.scalar(a)
		consts = consts && a.v.op == opConst
	}
	if consts {
		for i, a := range v.args {
			args[i] = m.g.number(a.v.num, true)
		}
	}
	return m.g.apply(v.fn, args, 0)
}

// mat names the blas General that holds a value.
func (m *method) mat(v *val) string {
	switch v.store.kind {
	case inInput:
		m.used["in."+m.g.vars[v.v]] = true
		return m.local[v]
	case inOutput:
		return m.outs[v.store.out]
	}
	if v.store.buf == nil {
		m.g.fail("value %d (%v %s) has no buffer", v.id, v.op, v.fn)
		return "?"
	}
	m.used["m."+v.store.buf.name] = true
	return v.store.buf.name
}

// rowIndex is the row of the buffer of v that belongs to row i of the walk.
func (m *method) rowIndex(v *val) string {
	if v.store.kind == inBlock && m.blocked {
		return "(i-lo)"
	}
	return "i"
}

// rowSlice names the slice of row i of v, made before the column loops.
func (m *method) rowSlice(v *val, width expr.Dim) string {
	name := m.mat(v)
	key := name + "|" + width.String()
	if v.store.kind == inRow {
		key = "row " + key
	}
	if s, ok := m.rowVars[key]; ok {
		return s
	}
	s := m.scope.fresh(name + "i")
	m.rowVars[key] = s
	switch {
	case v.store.kind == inRow:
		m.rowHead("%s := %s.Data[:%s]", s, name, m.dim(width))
	case m.oneRow:
		m.rowHead("%s := %s.Data[:%s]", s, name, m.dim(width))
	default:
		m.rowHead("%s := %s.Data[%s*%s.Stride:][:%s]", s, name, m.rowIndex(v), name, m.dim(width))
	}
	return s
}

// entry is the code of operand r at row i and column j of a walk over the
// space s. hoist tells that it stands in a column loop, so that what does not
// depend on j is computed before it.
func (m *method) entry(r ref, s expr.Shape, inLoop bool) code {
	v := r.v
	rs := r.shape()
	if rs.IsScalar() && v.shape.IsScalar() && (v.whole() || v.leaf() || v.op == opReduce || v.block()) {
		return m.scalar(r)
	}
	if v.op == opEye {
		m.g.fail("identity outside a diagonal")
		return atom("0")
	}
	rowOnly := rs.C.IsOne() && (!s.C.IsOne() || !inLoop)
	if s.R.IsOne() && rs.IsRow() {
		rowOnly = false
	}
	if name, ok := m.now[v]; ok && (!r.t || s.IsScalar()) {
		return name
	}
	if v.store.kind == inScalar && m.names[v] != "" {
		return atom("%s", m.names[v])
	}
	if v.op == opMap && v.store.kind == inRegister {
		if rowOnly && inLoop {
			return m.hoist(r, func() code { return m.again(r, expr.Shape{R: s.R, C: expr.One}, false) })
		}
		return m.again(r, s, inLoop)
	}
	switch {
	case rowOnly && inLoop:
		return m.hoist(r, func() code { return m.load(r, s) })
	case rs.R.IsOne() && !s.R.IsOne() && r.t: // stored C×1, read as a row
		n := m.mat(v)
		return atom("%s.Data[j*%s.Stride]", n, n)
	case rs.R.IsOne() && !s.R.IsOne():
		return atom("%s[j]", m.flatRow(v, s.C))
	}
	return m.load(r, s)
}

// load reads a stored value at (i, j).
func (m *method) load(r ref, s expr.Shape) code {
	v := r.v
	n := ""
	rs := r.shape()
	switch {
	case rs.C.IsOne() && r.t: // stored 1×R
		n = m.mat(v)
		return atom("%s.Data[i]", n)
	case rs.C.IsOne():
		n = m.mat(v)
		if m.oneRow {
			return atom("%s.Data[0]", n)
		}
		// Read once, at the top of the row: what is stored there is stored at
		// its end.
		key := "entry " + n
		e, ok := m.rowVars[key]
		if !ok {
			e = m.scope.fresh(n + "i")
			m.rowVars[key] = e
			m.rowHead("%s := %s.Data[%s*%s.Stride]", e, n, m.rowIndex(v), n)
		}
		return atom("%s", e)
	case r.t && m.oneRow:
		n = m.mat(v)
		return atom("%s.Data[j*%s.Stride]", n, n)
	case r.t:
		n = m.mat(v)
		return atom("%s.Data[j*%s.Stride+i]", n, n)
	case rs.R.IsOne():
		return atom("%s[j]", m.flatRow(v, s.C))
	}
	return atom("%s[j]", m.rowSlice(v, s.C))
}

// flatRow names the slice of a row vector, the same for all rows.
func (m *method) flatRow(v *val, width expr.Dim) string {
	name := m.mat(v)
	key := "flat " + name
	if s, ok := m.flats[key]; ok {
		return s
	}
	s := m.scope.fresh(name + "j")
	m.flats[key] = s
	m.loopHead("%s := %s.Data[:%s]", s, name, m.dim(width))
	return s
}

// hoist computes a value of the row before the column loop, once.
func (m *method) hoist(r ref, f func() code) code {
	if c, ok := m.hoisted[r]; ok {
		return c
	}
	c := f()
	if c.level == lvAtom && !strings.ContainsAny(c.s, "[(") {
		return c
	}
	base := r.v.name
	if r.v.op == opInput {
		base = r.v.v.Name
	}
	s := m.scope.fresh(lowerFirst(ascii(orElse(base, "s"))) + "i")
	m.colHead("%s := %s", s, c.s)
	out := atom("%s", s)
	m.hoisted[r] = out
	return out
}

// again is the expression of a map, computed where it is used.
func (m *method) again(r ref, s expr.Shape, inLoop bool) code {
	v := r.v
	if v.fn == "ondiag" {
		return m.onDiagonal(v, s, inLoop)
	}
	args := make([]code, len(v.args))
	consts := true
	for i, a := range v.args {
		b := a
		if r.t {
			b = a.T()
		}
		if a.v.op == opEye {
			args[i] = m.kronecker()
			consts = false
			continue
		}
		args[i] = m.entry(b, s, inLoop)
		consts = consts && a.v.op == opConst
	}
	if consts {
		for i, a := range v.args {
			args[i] = m.g.number(a.v.num, true)
		}
	}
	return m.g.apply(v.fn, args, 0)
}

// kronecker is 1 on the diagonal, 0 elsewhere.
func (m *method) kronecker() code {
	s := m.scope.fresh("d")
	m.line("%s := %s(0)", s, m.g.float)
	m.line("if i == j {\n%s = 1\n}", s)
	return atom("%s", s)
}

func (m *method) onDiagonal(v *val, s expr.Shape, inLoop bool) code {
	x := m.entry(v.args[1], s, inLoop)
	d := m.scope.fresh("d")
	m.line("%s := %s(0)", d, m.g.float)
	m.line("if i == j {\n%s = %s\n}", d, x.s)
	return atom("%s", d)
}

// evaluated lists the full maps that a column loop computes for its roots, in
// order, with the number of uses of each.
func (m *method) evaluated(roots []*val, s expr.Shape) ([]*val, map[*val]int) {
	count := make(map[*val]int)
	var list []*val
	isRoot := make(map[*val]bool)
	for _, v := range roots {
		isRoot[v] = true
	}
	var visit func(a ref)
	visit = func(a ref) {
		u := a.v
		if u.op != opMap || u.shape.IsScalar() || a.shape() != s || a.t && !isRoot[u] {
			return
		}
		if !isRoot[u] && u.store.kind != inRegister {
			return
		}
		count[u]++
		if count[u] > 1 || isRoot[u] {
			return
		}
		for _, b := range u.args {
			visit(b)
		}
		list = append(list, u)
	}
	for _, v := range roots {
		for _, a := range v.args {
			visit(a)
		}
		list = append(list, v)
	}
	order := make(map[*val]int, len(m.p.vals))
	for i, v := range m.p.vals {
		order[v] = i
	}
	sort.SliceStable(list, func(a, b int) bool { return order[list[a]] < order[list[b]] })
	return list, count
}

func orElse(s, t string) string {
	if s == "" {
		return t
	}
	return s
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
