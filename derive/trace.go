package derive

import (
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
)

// partial returns ∂e/∂operand, nil if the line or the operand is no scalar.
func (e *Entry) partial(operand int) *Node {
	for _, l := range e.Local {
		if l.Of == operand {
			return l.Node
		}
	}
	return nil
}

// Trace is the evaluation of an objective line by line, with the derivatives
// that forward and reverse mode put beside the lines.
type Trace struct {
	Program *expr.Program
	Of      string // numerator of the adjoints
	Scalar  bool
	Wrt     []*expr.Var
	Entries []*Entry
	Root    int // the line of the objective
	// Adjoints holds ∂Q/∂line for each line, as reverse mode finds it; a line
	// that the objective does not depend on, and a constant one, has none.
	Adjoints []*Deriv
	Seed     *Node // ∂Q/∂Z where the objective is not a scalar, else nil
	Forward  Work
	Reverse  Work
	Value    Work // the value alone
	scalars  bool // all lines are scalars
	tracer   *tracer
	passes   []Pass // made when they are first asked for
	tangents int    // lines of all passes
}

// Pass is the derivatives of all lines by one variable: by a scalar ∂line/∂x,
// by any other the differentials of the lines where only that variable moves.
type Pass struct {
	Wrt      *expr.Var
	Tangents []*Deriv // nil where the line does not depend on Wrt
}

// Deriv is a derivative beside a line.
type Deriv struct {
	Symbol *Node // ∂x_8/∂x_1, dZ, ∂Q/∂Z
	Chain  *Node // by the chain rule, in symbols; nil where it says no more than Node
	Node   *Node // in the names of lines; short derivatives of other lines are put in
	Full   *Node // without symbols of other lines
	Note   string
	raw    *Node // in the symbols of other lines
}

// inlineCost is the length up to which a derivative is written out where it is
// used in another.
const inlineCost = 5

// NewTrace returns the trace of the program's objective in reverse mode, whose
// size is linear in the DAG; that of the forward mode is linear for each pass
// and is made by Passes.
func NewTrace(p *expr.Program, opt Options) (*Trace, error) {
	wrt, err := variables(p, opt.Wrt)
	if err != nil {
		return nil, err
	}
	t := newTape(p)
	r := newRun(p.B, opt)
	tr := &Trace{Program: p, Of: p.Of(), Scalar: p.Objective.Node.IsScalar(), Wrt: wrt, Entries: t.entries, scalars: true}
	for i, e := range tr.Entries {
		if e.Node == p.Objective.Node {
			tr.Root = i
		}
		tr.scalars = tr.scalars && e.Node.IsScalar()
	}
	for _, v := range wrt {
		r.active[p.B.Var(v)] = true
	}
	w := &tracer{run: r, tr: tr, at: t.at}
	for _, e := range tr.Entries {
		if err := w.local(e); err != nil {
			return nil, err
		}
	}
	if err := w.reverse(); err != nil {
		return nil, err
	}
	w.count()
	tr.tracer = w
	return tr, nil
}

// MaxTangents is the most lines of all passes together that the forward mode
// is made for: it has a pass for every variable, of all lines that depend on it.
const MaxTangents = 1 << 18

// Passes returns the forward mode, a pass for each variable; an error if it has
// more than MaxTangents lines.
func (t *Trace) Passes() ([]Pass, error) {
	if t.tangents > MaxTangents {
		return nil, &Error{
			Code:    "E227",
			Message: fmt.Sprintf("budget exhausted: the forward passes by %d variables have %d lines, more than %d", len(t.Wrt), t.tangents, MaxTangents),
			Help:    "choose variables with --wrt, or take reverse mode, which is one pass for all",
		}
	}
	if t.passes == nil {
		for _, v := range t.Wrt {
			t.passes = append(t.passes, t.tracer.forward(v))
		}
	}
	return t.passes, nil
}

// tracer is the state of one trace.
type tracer struct {
	*run
	tr *Trace
	at map[*Node]int
}

// local differentiates one line by its operands.
func (w *tracer) local(e *Entry) error {
	if e.Input {
		e.Active = w.active[e.Var]
		return nil
	}
	d, leaves, err := w.run.full(e.Body)
	if err != nil {
		return err
	}
	if len(leaves) == 0 {
		return nil
	}
	e.Active = true
	w.active[e.Var] = true
	d = w.named(e, d)
	if d.IsZero() || !d.HasD {
		e.D = w.b.Zeros(e.Body.Shape)
		return nil
	}
	e.D = w.named(e, w.tidy(d))
	if !e.Var.IsScalar() {
		return nil
	}
	for _, l := range leaves {
		if !l.IsScalar() {
			continue
		}
		g, err := w.beside(w.b.Int(1), d, l)
		if err != nil {
			return err
		}
		e.Local = append(e.Local, Local{w.at[l], w.named(e, w.show(g))})
	}
	return nil
}

// named writes the value of a line by its name: the derivative of x_7 =
// exp(x_4) is x_7.
func (w *tracer) named(e *Entry, n *Node) *Node {
	return w.b.Subst(n, map[*Node]*Node{e.Body: e.Var})
}

// beside returns what stands beside the differential of one operand in
// tr(gᵀ d).
func (w *tracer) beside(g, d, operand *Node) (*Node, error) {
	var parts []*Node
	err := w.isolate(g, d, func(v *expr.Var, part *Node) {
		if v.Of == operand {
			parts = append(parts, part)
		}
	})
	if err != nil {
		return nil, err
	}
	return w.sum(parts, operand.Shape), nil
}

// partial is the symbol ∂a/∂b, of the shape given.
func (w *tracer) partial(a, b string, shape expr.Shape) *Node {
	return w.b.Var(&expr.Var{Name: "∂" + a + "/∂" + b, Kind: expr.Adjoint, Shape: shape})
}

// inline tells whether a derivative is short enough to stand where it is used.
// Between matrices the symbols stay: they are what is passed on.
func (w *tracer) inline(d *Deriv) bool {
	c := render.Length(d.Node)
	return c == 1 || w.tr.scalars && c <= inlineCost && !symbolic(d.Node)
}

// symbolic tells whether n holds a derivative of another line.
func symbolic(n *Node) bool {
	if n.Op == expr.OpVar {
		return n.Var.Kind == expr.Adjoint || n.Var.Kind == expr.Differential
	}
	for _, a := range n.Args {
		if symbolic(a) {
			return true
		}
	}
	return false
}

// settle completes a derivative whose raw form is known. The memos of both
// substitutions stay valid, since a form holds symbols of settled lines only.
func (w *tracer) settle(d *Deriv, short, full map[*Node]*Node) {
	d.Node = d.raw
	if n := w.b.Subst(d.raw, short); n != d.raw {
		d.Node = w.show(n)
	}
	d.Full = w.b.Subst(d.raw, full)
	full[d.Symbol] = d.Full
	if d.Chain == d.Node {
		d.Chain = nil
	}
}

// forward passes the derivatives by one variable from the inputs down to the
// objective.
func (w *tracer) forward(v *expr.Var) Pass {
	b := w.b
	p := Pass{Wrt: v, Tangents: make([]*Deriv, len(w.tr.Entries))}
	x := b.Var(v)
	scalar := v.Shape.IsScalar()
	short, full := make(map[*Node]*Node), make(map[*Node]*Node)
	for i, e := range w.tr.Entries {
		if e.Var == x {
			d := &Deriv{Symbol: b.Diff(x, "d"+v.Name)}
			d.raw = d.Symbol
			if scalar {
				d.Symbol, d.raw = w.partial(v.Name, v.Name, expr.Scalar), b.Int(1)
			}
			d.Node, d.Full = d.raw, d.raw
			full[d.Symbol], short[d.Symbol] = d.Full, d.Node
			p.Tangents[i] = d
			continue
		}
		if e.D == nil {
			continue
		}
		move := make(map[*Node]*Node) // differential of an operand → its tangent here
		depends := false
		var chain []*Node
		var direct *Node // ∂line/∂x itself, which has the name of the whole
		whole := e.Var.IsScalar() && scalar
		for _, k := range e.Args {
			o := w.tr.Entries[k]
			if !o.Active {
				continue
			}
			dk := b.Diff(o.Var, "d"+o.Name)
			t := p.Tangents[k]
			if t == nil {
				move[dk] = b.Zeros(o.Var.Shape)
				continue
			}
			depends = true
			move[dk] = t.Symbol
			switch {
			case !e.Var.IsScalar() || !o.Var.IsScalar():
			case o.Var != x:
				chain = append(chain, b.Had(w.partial(e.Name, o.Name, expr.Scalar), t.Symbol))
			default:
				direct = e.partial(k)
				chain = append(chain, direct)
			}
			whole = whole && o.Var.IsScalar()
		}
		if !depends {
			continue
		}
		d := &Deriv{Symbol: b.Diff(e.Var, "d"+e.Name)}
		if scalar {
			d.Symbol = w.partial(e.Name, v.Name, e.Var.Shape)
		}
		d.raw = w.show(b.Subst(e.D, move))
		if whole && len(chain) > 0 && !(len(chain) == 1 && direct != nil) {
			d.Chain = b.Add(chain...)
		}
		w.settle(d, short, full)
		if w.inline(d) {
			short[d.Symbol] = d.Node
		}
		p.Tangents[i] = d
	}
	return p
}

// reverse passes the adjoints from the objective up to the inputs.
func (w *tracer) reverse() error {
	b, tr := w.b, w.tr
	tr.Adjoints = make([]*Deriv, len(tr.Entries))
	parts := make([][]*Node, len(tr.Entries))
	chains := make([][]*Node, len(tr.Entries))
	whole := make([]bool, len(tr.Entries))
	for i := range whole {
		whole[i] = true
	}
	short, full := make(map[*Node]*Node), make(map[*Node]*Node)
	root := tr.Entries[tr.Root]
	for i := len(tr.Entries) - 1; i >= 0; i-- {
		e := tr.Entries[i]
		if !e.Active {
			continue
		}
		d := &Deriv{Symbol: w.partial(tr.Of, e.Name, e.Var.Shape)}
		if e.Input {
			d.Symbol = b.Var(&expr.Var{Name: "∂" + tr.Of + "/∂" + e.Name, Kind: expr.Adjoint, Shape: e.Var.Shape})
		}
		switch {
		case e == root && tr.Scalar:
			d.raw = b.Int(1)
		case e == root:
			tr.Seed = d.Symbol
			d.raw = d.Symbol
		case len(parts[i]) == 0:
			continue
		default:
			d.raw = w.show(w.sum(parts[i], e.Var.Shape))
			if e.Input {
				d.raw, d.Note = w.project(e.Var.Var, d.raw)
			}
			if whole[i] && tr.Scalar && len(chains[i]) > 0 {
				d.Chain = b.Add(chains[i]...)
			}
		}
		if e == root {
			d.Node, d.Full = d.raw, d.raw
			full[d.Symbol] = d.Full
		} else {
			w.settle(d, short, full)
		}
		if w.inline(d) {
			short[d.Symbol] = d.Node
		}
		tr.Adjoints[i] = d
		if e.D == nil || !e.D.HasD {
			continue
		}
		for _, k := range e.Args {
			o := tr.Entries[k]
			if !o.Active {
				continue
			}
			g, err := w.beside(d.Symbol, e.D, o.Var)
			if err != nil {
				return err
			}
			if g.IsZero() {
				continue
			}
			g = w.named(e, g)
			parts[k] = append([]*Node{g}, parts[k]...)
			switch {
			case e == root && e.Name == tr.Of: // ∂Q/∂v stands for the sum
				if len(chains[k]) > 0 && e.partial(k) != nil {
					chains[k] = append(chains[k], e.partial(k))
				}
			case e.Var.IsScalar() && o.Var.IsScalar():
				chains[k] = append([]*Node{b.Had(d.Symbol, w.partial(e.Name, o.Name, expr.Scalar))}, chains[k]...)
			default:
				whole[k] = false
			}
		}
	}
	return nil
}

// Gradient returns the adjoint of a variable, zeros where the objective does
// not depend on it.
func (t *Trace) Gradient(v *expr.Var) *Deriv {
	x := t.Program.B.Var(v)
	for i, e := range t.Entries {
		if e.Var == x && t.Adjoints[i] != nil {
			return t.Adjoints[i]
		}
	}
	z := t.Program.B.Zeros(v.Shape)
	return &Deriv{Symbol: z, Node: z, Full: z, Note: independence(t.Program, v)}
}
