package codegen

import (
	"fmt"
	"sort"
	"strings"
)

// parallel writes a blocked row phase as a method that does some of the
// blocks, and the code that shares them out among the workers and adds up what
// they sum. flats and body are the code of the phase.
func (m *method) parallel(p *phase, flats, body string) {
	g := m.g
	name := fmt.Sprintf("rows%d", g.phases)
	g.phases++
	m.phases++
	n := m.dim(p.rows)

	// What the phase sums over the rows.
	var scalars, mats []*val
	for _, l := range p.levels {
		for _, v := range l.products {
			if v.pos.acc {
				mats = append(mats, v)
			}
		}
		if l.loop == nil {
			continue
		}
		for _, v := range l.loop.vals {
			switch {
			case v.op != opReduce || !v.pos.acc:
			case v.shape.IsScalar():
				scalars = append(scalars, v)
			default:
				mats = append(mats, v)
			}
		}
	}
	code := flats + fmt.Sprintf("for lo := w.from; lo < w.to; lo += %d {\nhi := min(lo+%d, w.to)\n%s}\n", blockRows, blockRows, body)
	code = strings.ReplaceAll(code, "m.work", "w.work")

	used := wordsOf(code)
	m.worker = make(map[*buffer]bool)
	for _, bf := range g.pool.bufs {
		if (bf.kind == inBlock || bf.kind == inRow) && used[bf.name] {
			m.worker[bf] = true
			g.workerBuf(bf)
		}
	}
	var b strings.Builder
	grads := "Grad"
	if len(m.outs) == 0 {
		grads = ""
	}
	in := "in := m.in\n"
	if !used["in"] {
		in = ""
		for _, v := range g.order {
			if used[g.vars[v]] {
				in = "in := m.in\n"
			}
		}
	}
	for _, o := range m.outs {
		if used[o] && grads != "" && !strings.Contains(in, "grad") {
			in += "grad := m.grad\n"
		}
	}
	head := in + g.head(m, code, gradsOf(m), false)
	var sums, merge strings.Builder
	for i, v := range scalars {
		f := fmt.Sprintf("part%d", i)
		g.workerScalars = max(g.workerScalars, i+1)
		s := m.names[v]
		fmt.Fprintf(&sums, "%s := %s\n", s, m.neutral(v.fn))
		code += fmt.Sprintf("w.%s = %s\n", f, s)
		switch v.fn {
		case "sum":
			fmt.Fprintf(&merge, "%s += w.%s\n", s, f)
		case "prod":
			fmt.Fprintf(&merge, "%s *= w.%s\n", s, f)
		default:
			fmt.Fprintf(&merge, "%s = %s(%s, w.%s)\n", s, v.fn, s, f)
		}
	}
	seen := make(map[string]bool)
	var rest strings.Builder
	for _, v := range mats {
		s := m.mat(v)
		if seen[s] {
			continue
		}
		seen[s] = true
		f := fmt.Sprintf("acc%d", len(seen)-1)
		r, c := g.field(v.shape.R), g.field(v.shape.C)
		g.workerMat(f, r+"*"+c)
		g.need("zero")
		g.need("addMat")
		fmt.Fprintf(&sums, "if w.id > 0 {\n%s = %s{Rows: %s, Cols: %s, Stride: %s, Data: w.%s}\nm.zero(%s)\n}\n", s, g.general(), m.dim(v.shape.R), m.dim(v.shape.C), m.dim(v.shape.C), f, s)
		fmt.Fprintf(&rest, "m.addMat(%s, w.%s)\n", s, f)
	}
	// The scalars computed before are handed over in fields.
	var keep strings.Builder
	used = wordsOf(code)
	given := wordsOf(sums.String())
	for _, v := range m.p.vals {
		s := m.names[v]
		if s == "" || !v.shape.IsScalar() || !used[s] || given[s] || v.pos.stage > p.stage || !v.whole() && v.pos.stage >= p.stage {
			continue
		}
		f := fmt.Sprintf("kept%d", g.keep(s))
		m.line("m.%s = %s", f, s)
		fmt.Fprintf(&keep, "%s := m.%s\n", s, f)
	}
	fmt.Fprintf(&b, "\n// %s does the rows of worker w.\nfunc (m *%s) %s(w *%sWorker) {\n%s%s%s%s}\n", name, g.opt.Name, name, lowerFirst(g.opt.Name), head, keep.String(), sums.String(), code)
	text := b.String()
	declared := wordsOf(head)
	for _, s := range g.symbols {
		// Sizes that only the sums use.
		f := g.sizes[s]
		if given[f] && !declared[f] {
			text = strings.Replace(text, "Worker) {\n", "Worker) {\n"+f+" := m."+f+"\n", 1)
		}
	}
	m.extra += text
	pp := &planPrinter{g: g, size: 8}
	flops := amount{}
	for _, l := range p.levels {
		for _, v := range l.products {
			for k, x := range pp.flops(v) {
				flops[k] += x
			}
		}
	}
	var cost []string
	for k, x := range flops {
		s := fmt.Sprintf("%d", int(x))
		if k != "" {
			for _, f := range strings.Split(k, "*") {
				s += "*m." + g.sizes[f]
			}
		}
		cost = append(cost, s)
	}
	sort.Strings(cost)
	if len(cost) == 0 {
		cost = []string{"0"}
	}
	if merge.Len() == 0 && rest.Len() == 0 {
		m.line("m.share(%d, %s, %s)", g.phases-1, n, strings.Join(cost, "+"))
		return
	}
	m.line("for _, w := range m.share(%d, %s, %s) {\n%s%s}", g.phases-1, n, strings.Join(cost, "+"), merge.String(), wrapRest(rest.String()))
}

func wrapRest(s string) string {
	if s == "" {
		return ""
	}
	return "if w.id > 0 {\n" + s + "}\n"
}

func gradsOf(m *method) []Gradient {
	if len(m.outs) == 0 {
		return nil
	}
	return m.g.in.Grads
}

// inWorker tells whether the phase being written has its own buffer for bf.
func (m *method) inWorker(bf *buffer) bool { return m.worker[bf] }

func (g *goGen) workerBuf(bf *buffer) {
	for _, b := range g.workerBufs {
		if b == bf {
			return
		}
	}
	g.workerBufs = append(g.workerBufs, bf)
}

// workerMat notes that a worker needs a matrix of its own to sum into.
func (g *goGen) workerMat(field, count string) {
	i := 0
	if _, err := fmt.Sscanf(field, "acc%d", &i); err != nil {
		g.fail("internal error: %v", err)
		return
	}
	for len(g.workerMats) <= i {
		g.workerMats = append(g.workerMats, nil)
	}
	for _, c := range g.workerMats[i] {
		if c == count {
			return
		}
	}
	g.workerMats[i] = append(g.workerMats[i], count)
}

func (g *goGen) keep(name string) int {
	for i, s := range g.kept {
		if s == name {
			return i
		}
	}
	g.kept = append(g.kept, name)
	return len(g.kept) - 1
}

// workerCode writes the type of a worker, SetWorkers and the sharing.
func (g *goGen) workerCode(b *strings.Builder) {
	n := g.opt.Name
	wt := lowerFirst(n) + "Worker"
	fmt.Fprintf(b, "// %s does some of the row blocks, with buffers of its own.\ntype %s struct {\nid, from, to int\nstart chan int\n", wt, wt)
	for _, bf := range g.workerBufs {
		fmt.Fprintf(b, "%s %s\n", bf.name, g.general())
	}
	for i := range g.workerScalars {
		fmt.Fprintf(b, "part%d %s\n", i, g.float)
	}
	for i := range g.workerMats {
		fmt.Fprintf(b, "acc%d []%s\n", i, g.float)
	}
	fmt.Fprintf(b, "work []%s\n}\n\n", g.float)

	fmt.Fprintf(b, `// newWorker returns worker id; the first one shares the buffers of m.
func (m *%s) newWorker(id int) *%s {
w := &%s{id: id}
if id == 0 {
`, n, wt, wt)
	for _, bf := range g.workerBufs {
		fmt.Fprintf(b, "w.%s = m.%s\n", bf.name, bf.name)
	}
	if len(g.work) > 0 {
		b.WriteString("w.work = m.work\n")
	}
	b.WriteString("return w\n}\nw.start = make(chan int)\n")
	for _, bf := range g.workerBufs {
		g.need("newMat")
		fmt.Fprintf(b, "w.%s = m.newMat(m.%s.Rows, m.%s.Cols)\n", bf.name, bf.name, bf.name)
	}
	for i, cs := range g.workerMats {
		c := strings.Join(cs, ", ")
		if len(cs) > 1 {
			c = "max(" + c + ")"
		}
		fmt.Fprintf(b, "w.acc%d = make([]%s, %s)\n", i, g.float, c)
	}
	if len(g.work) > 0 {
		fmt.Fprintf(b, "w.work = make([]%s, len(m.work))\n", g.float)
	}
	b.WriteString("return w\n}\n\n")

	fmt.Fprintf(b, `// SetWorkers makes later calls use up to k goroutines, which share the blocks
// of rows; 1, the default, uses none. The goroutines wait between calls:
// SetWorkers(1) ends them. Results depend on k in the last digits only.
func (m *%s) SetWorkers(k int) {
for _, w := range m.workers[1:] {
close(w.start)
}
m.workers = m.workers[:1]
for id := 1; id < k; id++ {
w := m.newWorker(id)
m.workers = append(m.workers, w)
go func() {
for phase := range w.start {
m.rowsOf(phase, w)
m.done <- struct{}{}
}
}()
}
}

// share does the blocks of a row phase and returns the workers that did them.
// Waking a goroutine costs as much as some 10⁵ operations.
func (m *%s) share(phase, rows, flops int) []*%s {
blocks := (rows + %d) / %d
k := min(len(m.workers), blocks)
if flops < 1<<20 {
k = 1
}
for i, w := range m.workers[:k] {
w.from = min(rows, blocks*i/k*%d)
w.to = min(rows, blocks*(i+1)/k*%d)
if i > 0 {
w.start <- phase
}
}
m.rowsOf(phase, m.workers[0])
for range k - 1 {
<-m.done
}
return m.workers[:k]
}

// rowsOf does the rows of worker w in a phase.
func (m *%s) rowsOf(phase int, w *%s) {
switch phase {
`, n, n, wt, blockRows-1, blockRows, blockRows, blockRows, n, wt)
	for i := range g.phases {
		fmt.Fprintf(b, "case %d:\nm.rows%d(w)\n", i, i)
	}
	b.WriteString("}\n}\n\n")
}
