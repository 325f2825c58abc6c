package codegen

import (
	"fmt"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/matdiff/matdiff/expr"
)

// amount is a sum of multiples of products of sizes: a number of operations
// or of bytes.
type amount map[string]float64

func (a amount) add(k float64, ds ...expr.Dim) {
	d := expr.One
	for _, x := range ds {
		d = d.Times(x)
	}
	k *= float64(d.K)
	a[d.Sym] += k
}

func (a amount) String() string {
	var keys []string
	for k, x := range a {
		if x != 0 {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "0"
	}
	// The product of most sizes first.
	sort.Slice(keys, func(i, j int) bool {
		x, y := strings.Count(keys[i], "*"), strings.Count(keys[j], "*")
		if keys[i] == "" || keys[j] == "" {
			return keys[j] == ""
		}
		return x > y || x == y && keys[i] < keys[j]
	})
	var out []string
	for _, k := range keys {
		s := fmt.Sprintf("%.4g", a[k])
		switch {
		case k == "":
			out = append(out, s)
		case s == "1":
			out = append(out, k)
		default:
			out = append(out, s+"*"+k)
		}
	}
	return strings.Join(out, " + ")
}

// printPlan prints the schedule of a method: operation, sizes, flops, bytes
// moved, buffer.
func (g *goGen) printPlan(name string, p *plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", name)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "  operation\tsizes\tflops\tbytes\tbuffer\n")
	pp := &planPrinter{g: g, size: 8}
	if g.opt.Float32 {
		pp.size = 4
	}
	for _, st := range p.stages {
		for _, v := range st.whole {
			pp.row(w, "  ", v)
		}
		for _, ph := range st.phases {
			in := "  "
			if ph.blocked {
				fmt.Fprintf(w, "  for blocks of %d rows of %v\t\t\t\t\n", blockRows, ph.rows)
				in = "    "
			}
			for _, l := range ph.levels {
				for _, v := range l.products {
					pp.row(w, in, v)
				}
				if l.loop == nil {
					continue
				}
				if !ph.rows.IsOne() {
					fmt.Fprintf(w, "%sfor rows of %v\t\t\t\t\n", in, ph.rows)
				}
				for c := range l.loop.cols {
					for _, v := range l.loop.vals {
						if v.pos.col == c && (v.op == opReduce || v.store.kind != inRegister) {
							pp.row(w, in+"  ", v)
						}
					}
				}
			}
		}
	}
	w.Flush()
	total, buffers := amount{}, amount{}
	for _, v := range p.vals {
		for k, x := range pp.flops(v) {
			total[k] += x
		}
	}
	seen := make(map[*buffer]bool)
	for _, v := range p.vals {
		if bf := v.store.buf; bf != nil && !seen[bf] && !bf.ints {
			seen[bf] = true
			if bf.kind == inBlock {
				buffers.add(float64(pp.size*blockRows), bf.shape.C)
			} else {
				buffers.add(float64(pp.size), bf.shape.R, bf.shape.C)
			}
		}
	}
	fmt.Fprintf(&b, "  flops: %v\n  workspace, bytes: %v\n\n", total, buffers)
	return b.String()
}

type planPrinter struct {
	g    *goGen
	size int
}

func (p *planPrinter) row(w *tabwriter.Writer, indent string, v *val) {
	bytes := amount{}
	seen := make(map[*val]bool)
	var read func(a ref)
	read = func(a ref) {
		u := a.v
		if seen[u] || u.op == opConst || u.op == opSize || u.op == opEye {
			return
		}
		seen[u] = true
		if u.op == opMap && u.store.kind == inRegister {
			for _, b := range u.args {
				read(b)
			}
			return
		}
		if u.store.kind != inScalar {
			bytes.add(float64(p.size), u.shape.R, u.shape.C)
		}
	}
	for _, a := range v.operands() {
		read(a)
	}
	if v.store.kind > inScalar {
		bytes.add(float64(p.size), v.shape.R, v.shape.C)
	}
	s := v.space()
	sizes := s.String()
	if v.op == opMul {
		a, b := v.args[0].shape(), v.args[1].shape()
		sizes = fmt.Sprintf("%v by %v", a, b)
	}
	fmt.Fprintf(w, "%s%s\t%s\t%v\t%v\t%s\n", indent, p.describe(v), sizes, p.flops(v), bytes, p.place(v))
}

// place names where v is kept.
func (p *planPrinter) place(v *val) string {
	switch v.store.kind {
	case inRegister:
		return "register"
	case inScalar:
		return "scalar"
	case inOutput:
		return "grad." + p.g.vars[v.store.out]
	case inInput:
		return p.g.vars[v.v]
	}
	if v.store.buf == nil {
		return ""
	}
	return v.store.buf.name + map[storeKind]string{inRow: " (row)", inBlock: " (block)"}[v.store.kind]
}

// name is how an operand is shown.
func (p *planPrinter) name(a ref) string {
	v := a.v
	s := ""
	switch {
	case v.op == opConst:
		return v.num.RatString()
	case v.op == opSize:
		return v.dim.String()
	case v.op == opEye:
		return "I"
	case v.op == opInput:
		s = v.v.Name
	case v.op == opMap && v.store.kind == inRegister:
		s = p.formula(v)
		if a.t && !strings.HasSuffix(s, ")") {
			s = "(" + s + ")"
		}
	case v.store.kind == inScalar:
		s = orElse(v.name, fmt.Sprintf("s%d", v.id))
	default:
		s = orElse(v.name, fmt.Sprintf("t%d", v.id))
	}
	if a.t && !v.shape.IsScalar() {
		s += "ᵀ"
	}
	return s
}

func (p *planPrinter) formula(v *val) string {
	args := make([]string, len(v.args))
	for i, a := range v.args {
		args[i] = p.name(a)
	}
	infix := map[string]string{"add": " + ", "sub": " - ", "mul": "∘", "div": "/"}
	switch {
	case infix[v.fn] != "" && len(args) == 2:
		for i := range args {
			if v.fn != "add" && strings.ContainsAny(args[i], " ") && (v.fn != "sub" || i == 1) && !strings.HasSuffix(args[i], ")") {
				args[i] = "(" + args[i] + ")"
			}
		}
		return args[0] + infix[v.fn] + args[1]
	case v.fn == "neg":
		return "-" + args[0]
	case v.fn == "id", v.fn == "copy":
		return args[0]
	}
	return v.fn + "(" + strings.Join(args, ", ") + ")"
}

func (p *planPrinter) describe(v *val) string {
	to := orElse(v.name, fmt.Sprintf("t%d", v.id))
	if v.store.kind == inScalar {
		to = orElse(v.name, fmt.Sprintf("s%d", v.id))
	}
	if v.store.kind == inOutput && v.store.out != nil {
		to = "∂/∂" + v.store.out.Name
	}
	switch v.op {
	case opMap:
		return to + " = " + p.formula(v)
	case opReduce:
		return fmt.Sprintf("%s = %s%s of %s", to, v.fn, map[axis]string{alongRow: " of the row", alongCol: " of columns", overAll: ""}[v.axis], p.name(v.args[0]))
	case opStrip:
		return fmt.Sprintf("%s = %s(%s), a block at a time", to, strings.TrimSuffix(v.fn, "Strip"), p.name(v.args[0]))
	case opMul:
		kind := "gemm"
		switch {
		case v.shape.C.IsOne():
			kind = "gemv"
		case v.args[0].v == v.args[1].v && v.args[0].t != v.args[1].t:
			kind = "syrk"
		}
		s := fmt.Sprintf("%s %s = ", kind, to)
		if v.alpha.v != nil {
			s += p.name(v.alpha) + "·"
		}
		s += p.name(v.args[0]) + "·" + p.name(v.args[1])
		if v.init.v != nil {
			s += " + " + p.name(v.init)
		}
		return s
	case opFactor:
		return fmt.Sprintf("%s %s of %s", map[string]string{"chol": "Cholesky", "lu": "LU"}[v.fn], to, p.name(v.args[0]))
	case opSolve:
		t := ""
		if v.trans {
			t = "ᵀ"
		}
		return fmt.Sprintf("solve %s%s·%s = %s", p.name(v.args[0]), t, to, p.name(v.args[1]))
	case opLogDet:
		return fmt.Sprintf("%s = log det from %s", to, p.name(v.args[0]))
	case opDet:
		return fmt.Sprintf("%s = det from %s", to, p.name(v.args[0]))
	case opInverse:
		return fmt.Sprintf("%s = inverse from %s", to, p.name(v.args[0]))
	case opKernel:
		args := make([]string, len(v.args))
		for i, a := range v.args {
			args[i] = p.name(a)
		}
		return fmt.Sprintf("%s = %s(%s)", to, v.fn, strings.Join(args, ", "))
	}
	return to
}

// flops counts the operations of v; what stays in registers counts where it
// is first computed.
func (p *planPrinter) flops(v *val) amount {
	a := amount{}
	n := v.shape.R
	switch v.op {
	case opMap:
		if c, ok := scalarOf(v.fn); ok {
			a.add(max(c.cost, 0), v.shape.R, v.shape.C)
		}
	case opStrip:
		a.add(10, v.shape.R)
	case opReduce:
		s := v.space()
		a.add(1, s.R, s.C)
	case opMul:
		k := v.args[0].shape().C
		f := 2.0
		if v.args[0].v == v.args[1].v && v.args[0].t != v.args[1].t {
			f = 1
		}
		a.add(f, v.shape.R, v.shape.C, k)
	case opFactor:
		f := 2.0 / 3
		if v.fn == "chol" {
			f = 1.0 / 3
		}
		a.add(f, n, n, n)
	case opSolve, opInverse:
		a.add(2, n, n, v.shape.C)
	case opLogDet, opDet:
		a.add(1, v.args[0].v.shape.R)
	}
	return a
}
