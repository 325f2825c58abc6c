package codegen

import (
	"fmt"
	"go/format"
	"sort"
	"strings"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// goGen writes one Go file.
type goGen struct {
	in        *Input
	opt       *Options
	pool      *pool
	float     string               // "float64" or "float32"
	sizes     map[string]string    // size symbol → field
	vars      map[*expr.Var]string // variable → field of the input struct
	order     []*expr.Var          // variables in order
	symbols   []string             // size symbols in order
	helpers   map[string]bool
	ruleFuncs map[string]string
	imports   map[string]bool
	work      []string // room that products and kernels need, as code in the sizes
	workSeen  map[string]bool
	phases    int // row phases that workers share

	workerBufs    []*buffer
	workerScalars int
	workerMats    [][]string // sizes that each matrix of a worker may have
	kept          []string   // scalars handed to workers
	err           error
}

func (g *goGen) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fail(CodeNoCode, "", format, args...)
	}
}

// room notes that a kernel needs work of that many entries.
func (g *goGen) room(code string) {
	if g.workSeen == nil {
		g.workSeen = make(map[string]bool)
	}
	if !g.workSeen[code] {
		g.workSeen[code] = true
		g.work = append(g.work, code)
	}
}

func (g *goGen) need(helper string) { g.helpers[helper] = true }

func generateGo(in Input, opt Options) (*Output, error) {
	g := &goGen{in: &in, opt: &opt, float: "float64", sizes: make(map[string]string), vars: make(map[*expr.Var]string),
		helpers: make(map[string]bool), ruleFuncs: make(map[string]string), imports: map[string]bool{"mat": true, "blas64": true}}
	if opt.Float32 {
		g.float = "float32"
		g.imports = map[string]bool{"blas32": true}
	}
	g.inputs()
	fields := newNamer(append(kernelNames(), "work", "Value", "ValueAndGrad", "NewGrad", "Problem", "Pack", "Unpack", "NumParams", "SetWorkers", "workers", "done", "share", "rowsOf", "newWorker", "id", "from", "to", "start", "w")...)
	for i := range 40 {
		for _, s := range []string{"part", "acc", "kept", "rows"} {
			fields.used[s+itoa(i)] = true
		}
	}
	for _, f := range rules.All() {
		for _, n := range ruleFuncName.FindAllStringSubmatch(f.GoFunc, -1) {
			fields.used[n[1]] = true
		}
	}
	for _, s := range g.symbols {
		fields.used[g.sizes[s]] = true
	}
	for _, v := range g.order {
		fields.used[g.vars[v]] = true
	}
	g.pool = &pool{name: func(v *val) string { return fields.fresh(bufferName(v)) }}

	grads := in.Grads
	if opt.Order == "value" {
		grads = nil
	}
	var methods []string
	var plans strings.Builder
	value, err := newPlan(&in, nil, g.pool, !opt.Float32)
	if err != nil {
		return nil, err
	}
	plans.WriteString(g.printPlan("Value", value))
	methods = append(methods, g.method("Value", value, nil))
	if opt.Order == "gradient" {
		p, err := newPlan(&in, grads, g.pool, !opt.Float32)
		if err != nil {
			return nil, err
		}
		plans.WriteString(g.printPlan("ValueAndGrad", p))
		methods = append(methods, g.method("ValueAndGrad", p, grads))
	}
	if len(g.work) > 0 {
		fmt.Fprintf(&plans, "work that products pack into, entries: the most of (packRoom is in the file)\n")
		for _, w := range g.work {
			fmt.Fprintf(&plans, "  %s\n", strings.ReplaceAll(w, "m.", ""))
		}
	}
	src := g.file(methods, grads)
	if g.err != nil {
		return nil, g.err
	}
	text, err := format.Source([]byte(src))
	if err != nil {
		return nil, fmt.Errorf("internal error: generated code does not parse: %w\n%s", err, numbered(src))
	}
	out := &Output{Plan: plans.String(), Files: []File{{opt.File, text}}}
	if opt.Test {
		t, err := g.test(grads)
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, t)
	}
	return out, nil
}

func numbered(s string) string {
	var b strings.Builder
	for i, l := range strings.Split(s, "\n") {
		fmt.Fprintf(&b, "%4d %s\n", i+1, l)
	}
	return b.String()
}

// inputs names the variables and sizes that the objective and the gradients
// use. Sizes come first: they are fields of the type itself.
func (g *goGen) inputs() {
	roots := []*expr.Node{g.in.Objective.Node}
	for _, gr := range g.in.Grads {
		roots = append(roots, gr.Node)
	}
	used := make(map[string]bool)
	dims := make(map[string]bool)
	seen := make(map[*expr.Node]bool)
	for len(roots) > 0 {
		ns := expr.Topo(roots...)
		roots = nil
		for _, n := range ns {
			if seen[n] {
				continue
			}
			seen[n] = true
			for _, d := range []expr.Dim{n.Shape.R, n.Shape.C, n.Dim} {
				for _, s := range d.Symbols() {
					dims[s] = true
				}
			}
			if n.Op == expr.OpVar {
				switch n.Var.Kind {
				case expr.Part:
					roots = append(roots, n.Var.Of)
				case expr.Input:
					used[n.Var.Name] = true
				}
			}
		}
	}
	for _, gr := range g.in.Grads {
		used[gr.Wrt.Name] = true
		for _, d := range []expr.Dim{gr.Wrt.Shape.R, gr.Wrt.Shape.C} {
			for _, s := range d.Symbols() {
				dims[s] = true
			}
		}
	}
	names := newNamer("SetWorkers", "Value", "ValueAndGrad")
	for _, s := range g.in.Program.Sizes {
		if dims[s] {
			g.symbols = append(g.symbols, s)
			delete(dims, s)
		}
	}
	var rest []string
	for s := range dims {
		rest = append(rest, s)
	}
	sort.Strings(rest)
	g.symbols = append(g.symbols, rest...)
	for _, s := range g.symbols {
		g.sizes[s] = names.fresh(exported(s))
	}
	// A capital letter keeps its name; its small namesake takes the number.
	for pass := range 2 {
		for _, v := range g.in.Program.Vars {
			if v.Kind != expr.Input || !used[v.Name] || g.vars[v] != "" {
				continue
			}
			if pass == 0 && ascii(v.Name) != exported(v.Name) {
				continue
			}
			g.vars[v] = names.fresh(exported(v.Name))
		}
	}
	for _, v := range g.in.Program.Vars {
		if g.vars[v] != "" {
			g.order = append(g.order, v)
		}
	}
}

// bufferName suggests a name for the buffer of v.
func bufferName(v *val) string {
	switch {
	case v == nil:
		return "piv"
	case v.name != "":
		return lowerFirst(ascii(v.name))
	}
	switch v.op {
	case opMul:
		return "prod"
	case opFactor:
		return v.fn
	case opSolve:
		return "sol"
	case opInverse:
		return "inv"
	case opReduce:
		return "sums"
	case opStrip:
		switch v.fn {
		case "log1pUnitStrip":
			return "logs"
		case "tanhStrip":
			return "tanhs"
		}
		return "exps"
	}
	if v.fn == "exp" {
		return "exps"
	}
	return "tmp"
}

// method writes one method of the type.
func (g *goGen) method(name string, p *plan, grads []Gradient) string {
	m := &method{g: g, p: p, names: make(map[*val]string), local: make(map[*val]string), outs: make(map[*expr.Var]string), used: make(map[string]bool)}
	taken := []string{}
	for _, s := range g.symbols {
		taken = append(taken, g.sizes[s])
	}
	for _, v := range g.order {
		taken = append(taken, g.vars[v])
	}
	for _, b := range g.pool.bufs {
		taken = append(taken, b.name)
	}
	m.scope = newNamer(taken...)
	for _, gr := range grads {
		if !gr.Wrt.Shape.IsScalar() {
			m.outs[gr.Wrt] = m.scope.fresh("g" + g.vars[gr.Wrt])
		}
	}
	m.write()

	body := m.out.String()
	for _, gr := range p.grads {
		if gr.wrt.Shape.IsScalar() {
			body += fmt.Sprintf("grad.%s = %s\n", g.vars[gr.wrt], m.scalar(gr.r).s)
		}
	}
	if m.phases > 0 {
		body += "m.in, m.grad = nil, nil\n"
		if len(g.in.Grads) == 0 || g.opt.Order == "value" {
			body = strings.ReplaceAll(body, "m.in, m.grad = nil, nil", "m.in = nil")
		}
	}
	body += fmt.Sprintf("return %s\n}\n", m.scalar(p.value).s)

	var b strings.Builder
	g.methodDoc(&b, name, grads)
	if grads == nil && name == "Value" {
		fmt.Fprintf(&b, "func (m *%s) Value(in *%sInput) %s {\n", g.opt.Name, g.opt.Name, g.float)
	} else {
		fmt.Fprintf(&b, "func (m *%s) ValueAndGrad(in *%sInput, grad *%sGrad) %s {\n", g.opt.Name, g.opt.Name, g.opt.Name, g.float)
	}
	head := g.head(m, body, grads, true)
	if grads != nil {
		head = "if grad == nil {\nreturn m.Value(in)\n}\n" + head
	}
	if m.phases > 0 {
		if grads != nil {
			head += "m.in, m.grad = in, grad\n"
		} else {
			head += "m.in = in\n"
		}
	}
	return b.String() + head + body + m.extra
}

// head declares what the code of a method or a row phase uses: sizes, inputs,
// gradients, buffers. checked tells to check the shapes.
func (g *goGen) head(m *method, body string, grads []Gradient, checked bool) string {
	var b strings.Builder
	used, sizes := wordsOf(body), make(map[string]bool)
	for _, v := range g.order {
		if v.Shape.IsScalar() {
			continue
		}
		f := g.vars[v]
		g.argument(&b, f, f, "in."+f, v.Shape, used[f], checked, sizes)
	}
	for _, gr := range grads {
		out := m.outs[gr.Wrt]
		if out == "" || !checked && !used[out] {
			continue
		}
		f := "grad." + g.vars[gr.Wrt]
		g.argument(&b, out, f, f, gr.Wrt.Shape, used[out], checked, sizes)
	}
	for _, bf := range g.pool.bufs {
		if !used[bf.name] {
			continue
		}
		bf.uses++
		from := "m"
		if !checked && m.inWorker(bf) {
			from = "w"
		}
		fmt.Fprintf(&b, "%s := %s.%s\n", bf.name, from, bf.name)
	}
	text := b.String()
	var l, r []string
	for _, s := range g.symbols {
		if f := g.sizes[s]; sizes["size "+s] || used[f] {
			l, r = append(l, f), append(r, "m."+f)
		}
	}
	if len(l) > 0 {
		text = strings.Join(l, ", ") + " := " + strings.Join(r, ", ") + "\n" + text
	}
	return text
}

// argument declares name as the data of the argument e if that is used, and
// checks its shape if checked.
func (g *goGen) argument(b *strings.Builder, name, label, e string, s expr.Shape, used, checked bool, sizes map[string]bool) {
	r, c := "", ""
	if checked {
		r, c = g.dim(s.R, sizes), g.dim(s.C, sizes)
	}
	switch {
	case checked && !g.opt.Float32:
		g.need("view")
		if used {
			fmt.Fprintf(b, "%s := ", name)
		}
		fmt.Fprintf(b, "m.view(%q, %s, %s, %s)\n", label, e, r, c)
		return
	case used && g.opt.Float32:
		fmt.Fprintf(b, "%s := %s\n", name, e)
		e = name
	case used:
		fmt.Fprintf(b, "%s := %s.RawMatrix()\n", name, e)
	}
	if checked {
		g.need("badShape")
		fmt.Fprintf(b, "if %s.Rows != %s || %s.Cols != %s {\nm.badShape(%q, %s, %s, %s)\n}\n", e, r, e, c, label, e, r, c)
	}
}

func (g *goGen) formula(n *expr.Node) string {
	if g.in.Formula == nil {
		return ""
	}
	s := g.in.Formula(n)
	if strings.ContainsAny(s, "\n\r") || len(s) > 400 {
		return ""
	}
	return s
}

func (g *goGen) methodDoc(b *strings.Builder, name string, grads []Gradient) {
	q := orElse(g.in.Objective.Name, "Q")
	if name == "Value" {
		fmt.Fprintf(b, "// Value returns %s", q)
		if f := g.formula(g.in.Objective.Node); f != "" {
			fmt.Fprintf(b, " = %s", f)
		}
		b.WriteString(".\n")
		return
	}
	fmt.Fprintf(b, "// ValueAndGrad returns %s and stores its gradients in grad, overwriting them:\n//\n", q)
	for _, gr := range grads {
		fmt.Fprintf(b, "//\t%s = ∂%s/∂%s", g.vars[gr.Wrt], q, gr.Wrt.Name)
		if f := g.formula(gr.Node); f != "" {
			fmt.Fprintf(b, " = %s", f)
		}
		fmt.Fprintf(b, "  (%v)\n", gr.Wrt.Shape)
	}
	if parts := g.parts(grads); len(parts) > 0 {
		b.WriteString("//\n// where\n//\n")
		for _, v := range parts {
			if f := g.formula(v.Of); f != "" {
				fmt.Fprintf(b, "//\t%s = %s  (%v)\n", v.Name, f, v.Shape)
			}
		}
	}
	b.WriteString("//\n// The gradients must share no memory with the inputs or one another. If grad is\n// nil, it returns the value alone.\n")
}

// parts lists the named parts that the formulas of the gradients show,
// operands first.
func (g *goGen) parts(grads []Gradient) []*expr.Var {
	if g.in.Formula == nil {
		return nil
	}
	var out []*expr.Var
	seen := make(map[string]bool)
	var visit func(roots ...*expr.Node)
	visit = func(roots ...*expr.Node) {
		for _, n := range expr.Topo(roots...) {
			if n.Op == expr.OpVar && n.Var.Kind == expr.Part && !seen[n.Var.Name] {
				seen[n.Var.Name] = true
				visit(n.Var.Of)
				out = append(out, n.Var)
			}
		}
	}
	for _, gr := range grads {
		visit(gr.Node)
	}
	return out
}
