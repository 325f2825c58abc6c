package codegen

import (
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/expr"
)

// loop writes the loop over rows that does the maps and reductions of a level.
func (m *method) loop(p *phase, l *rowLoop) {
	m.rowVars = make(map[string]string)
	m.hoisted = make(map[ref]code)
	m.now = make(map[*val]code)
	m.rowTop, m.body, m.rowTail = &strings.Builder{}, &strings.Builder{}, &strings.Builder{}
	for c := 0; c < l.cols; c++ {
		m.rowValues(l, c)
		for _, w := range widths(l, c) {
			m.columns(l, c, w)
		}
	}
	row := m.rowTop.String() + m.body.String() + m.rowTail.String()
	m.rowTop, m.body = nil, nil
	switch {
	case m.oneRow:
		m.line("{\n%s}", row)
	case !usesName(row, "i"):
		m.line("for range %s {\n%s}", m.dim(p.rows), row)
	case m.blocked:
		m.line("for i := lo; i < hi; i++ {\n%s}", row)
	default:
		m.line("for i := range %s {\n%s}", m.dim(p.rows), row)
	}
	for v := range m.now {
		delete(m.now, v)
	}
}

// widths lists the widths of the column loops numbered c, each once.
func widths(l *rowLoop, c int) []expr.Dim {
	var out []expr.Dim
	for _, v := range l.vals {
		w := v.space().C
		if v.pos.col != c || w.IsOne() || v.op == opMap && v.store.kind == inRegister {
			continue
		}
		known := false
		for _, x := range out {
			known = known || x == w
		}
		if !known {
			out = append(out, w)
		}
	}
	return out
}

// rowValues writes what has one entry a row and comes before column loop c.
func (m *method) rowValues(l *rowLoop, c int) {
	for _, v := range l.vals {
		if v.pos.col != c || !v.space().C.IsOne() {
			continue
		}
		space := expr.Shape{R: v.space().R, C: expr.One}
		if v.op == opReduce {
			m.accumulate(v, m.names[v], m.entry(v.args[0], space, false))
			continue
		}
		if v.store.kind == inRegister {
			continue
		}
		x := m.again(ref{v: v}, space, false)
		if v.store.kind == inScalar {
			base := "s"
			if v.name != "" {
				base = lowerFirst(ascii(v.name))
			}
			s := m.scope.fresh(base + "i")
			m.names[v] = s
			m.line("%s := %s", s, m.assigned(x))
			continue
		}
		// Stored at the end of the row: what is read from the same place
		// before keeps its value.
		s := m.scope.fresh(lowerFirst(ascii(orElse(v.name, "s"))) + "i")
		m.line("%s := %s", s, m.assigned(x))
		m.now[v] = atom("%s", s)
		m.rowStore(v, s)
	}
}

// assigned makes an expression fit for :=.
func (m *method) assigned(x code) string {
	if strings.Trim(x.s, "0123456789-./ ") == "" {
		return m.g.float + "(" + x.s + ")"
	}
	return x.s
}

// rowStore stores the entry of a column vector at the end of the row.
func (m *method) rowStore(v *val, x string) {
	n := m.mat(v)
	at := m.rowIndex(v) + "*" + n + ".Stride"
	if m.oneRow {
		at = "0"
	}
	fmt.Fprintf(m.rowTail, "%s.Data[%s] = %s\n", n, at, x)
}

// accumulate writes one step of a reduction into the variable or entry dst.
func (m *method) accumulate(v *val, dst string, x code) {
	switch v.fn {
	case "sum":
		if x.level == lvUnary && strings.HasPrefix(x.s, "-") {
			m.line("%s -= %s", dst, x.s[1:])
			return
		}
		m.line("%s += %s", dst, x.s)
	case "prod":
		m.line("%s *= %s", dst, x.s)
	case "max", "min":
		s := x.s
		if x.level != lvAtom || strings.Contains(s, "(") {
			s = m.scope.fresh("x")
			m.line("%s := %s", s, x.s)
		}
		// A NaN stays: it is not equal to itself.
		less := map[string]string{"max": ">", "min": "<"}[v.fn]
		m.line("if %s %s %s || %s != %s {\n%s = %s\n}", s, less, dst, s, s, dst, s)
	default:
		m.g.fail("no Go code for the reduction %s", v.fn)
	}
}

// columns writes one loop over the columns of a row.
func (m *method) columns(l *rowLoop, c int, w expr.Dim) {
	var roots []*val
	stores := 0
	for _, v := range l.vals {
		if v.pos.col != c || v.space().C != w {
			continue
		}
		if v.op == opReduce {
			roots = append(roots, v)
		} else if v.store.kind != inRegister {
			roots = append(roots, v)
			stores++
		}
	}
	space := expr.Shape{R: roots[0].space().R, C: w}
	list, count := m.evaluated(roots, space)
	// Reductions along the row start before the loop.
	for _, v := range roots {
		if v.op == opReduce && !v.pos.acc {
			s := m.scope.fresh(lowerFirst(ascii(orElse(v.name, v.fn))) + "i")
			m.line("%s := %s", s, m.neutral(v.fn))
			m.names[v] = s
		}
	}
	if before, v, after := m.cutRow(list, space); v != nil {
		m.columnLoop(append(before, v), count, stores, space, v)
		kernel := rowKernels[v.fn]
		m.g.need(kernel)
		m.line("m.%s(%s)", kernel, m.target(v, w))
		m.now[v] = atom("%s[j]", m.target(v, w))
		m.columnLoop(after, count, stores, space, nil)
		delete(m.now, v)
	} else {
		m.columnLoop(list, count, stores, space, nil)
	}
	// A stored row of this loop is read from its buffer in later ones.
	for _, v := range roots {
		if v.op == opReduce && v.store.kind >= inBlock && !v.pos.acc {
			m.rowStore(v, m.names[v])
			m.now[v] = atom("%s", m.names[v])
		}
	}
}

// columnLoop writes the loop over the columns that computes the values of the
// list; of raw, if not nil, it stores the operand in its place.
func (m *method) columnLoop(list []*val, count map[*val]int, stores int, space expr.Shape, raw *val) {
	if len(list) == 0 {
		return
	}
	w := space.C
	m.inner = &strings.Builder{}
	var tail []string
	var done []*val
	for _, v := range list {
		if v == raw {
			// An operand that stands in that place already stays there.
			if to, x := m.target(v, w)+"[j]", m.entry(v.args[0], space, true).s; to != x {
				tail = append(tail, to+" = "+x)
			}
			continue
		}
		if v.op == opReduce {
			x := m.entry(v.args[0], space, true)
			dst := m.names[v]
			if !v.shape.IsScalar() && v.pos.acc {
				dst = m.flatRow(v, w) + "[j]"
			}
			m.accumulate(v, dst, x)
			continue
		}
		x := m.again(ref{v: v}, space, true)
		root := v.store.kind != inRegister
		if !root && count[v] < 2 {
			if x.level != lvAtom && len(x.s) > 60 {
				s := m.scope.fresh("t")
				m.line("%s := %s", s, m.assigned(x))
				x = atom("%s", s)
			}
			m.now[v] = x
			done = append(done, v)
			continue
		}
		if !root || count[v] > 0 || stores > 1 {
			s := m.scope.fresh(m.entryName(v))
			m.line("%s := %s", s, m.assigned(x))
			x = atom("%s", s)
			m.now[v] = x
			done = append(done, v)
		}
		if root {
			tail = append(tail, fmt.Sprintf("%s[j] = %s", m.target(v, w), x.s))
		}
	}
	for _, t := range tail {
		m.line("%s", t)
	}
	in := m.inner.String()
	m.inner = nil
	switch {
	case in == "":
	case usesName(in, "j"):
		m.line("for j := range %s {\n%s}", m.dim(w), in)
	default:
		m.line("for range %s {\n%s}", m.dim(w), in)
	}
	for _, v := range done {
		delete(m.now, v)
	}
}

// target names the slice of the row that v is stored in.
func (m *method) target(v *val, w expr.Dim) string { return m.rowSlice(v, w) }

func (m *method) entryName(v *val) string {
	if v.name != "" {
		return lowerFirst(ascii(v.name)) + "ij"
	}
	switch v.fn {
	case "exp":
		return "e"
	}
	return "t"
}

// usesName tells whether the identifier occurs in the code.
func usesName(code, name string) bool {
	// A field of that name does not count, nor a named field in a literal.
	for i := 0; i+len(name) <= len(code); i++ {
		if code[i:i+len(name)] == name && (i == 0 || !wordByte(code[i-1]) && code[i-1] != '.') && (i+len(name) == len(code) || !wordByte(code[i+len(name)])) {
			return true
		}
	}
	return false
}

// words are the identifiers that usesName finds in a code, for many names.
type words map[string]bool

func wordsOf(code string) words {
	out := make(words)
	for i := 0; i < len(code); {
		j := i
		for j < len(code) && wordByte(code[j]) {
			j++
		}
		if j > i && (i == 0 || code[i-1] != '.') {
			out[code[i:j]] = true
		}
		i = j + 1
	}
	return out
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
