package randexpr

import (
	"strings"
	"sync"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/rules"
)

// application is a function with shapes of operands that it accepts.
type application struct {
	f    *rules.Func
	args []expr.Shape
}

var (
	once    sync.Once
	byShape map[expr.Shape][][]application // result → by function
	all     [][]application                // by function, any result
)

// tabulate tries every function on every choice of shapes.
func tabulate() {
	n, m, k := sizes[0], sizes[1], sizes[2]
	o := expr.One
	shapes := []expr.Shape{expr.Scalar, mat(n, o), mat(m, o), mat(k, o), mat(o, n), mat(o, m), mat(o, k),
		mat(n, n), mat(m, m), mat(k, k), mat(n, m), mat(m, n), mat(n, k), mat(k, n), mat(m, k), mat(k, m)}
	byShape = make(map[expr.Shape][][]application)
	for _, f := range rules.All() {
		if f.Op != expr.OpNum || f.Helper {
			continue // ones and eye are leaves; helpers are not typed
		}
		least, most := f.Arity()
		any, of := []application{}, make(map[expr.Shape][]application)
		for c := max(least, 1); c <= most && c <= 3; c++ {
			choose(f, shapes, make([]expr.Shape, 0, c), c, func(args []expr.Shape) {
				if s, err := f.FnShape(args); err == nil {
					a := application{f, append([]expr.Shape(nil), args...)}
					of[s] = append(of[s], a)
					any = append(any, a)
				}
			})
		}
		for _, s := range shapes {
			if len(of[s]) > 0 {
				byShape[s] = append(byShape[s], of[s])
			}
		}
		if len(any) > 0 {
			all = append(all, any)
		}
	}
}

func choose(f *rules.Func, shapes, args []expr.Shape, n int, yield func([]expr.Shape)) {
	if len(args) == n {
		yield(args)
		return
	}
	for _, s := range shapes {
		if k := f.Params[len(args)].Kind; (k == rules.Number || k == rules.SizeArg) && !s.IsScalar() {
			continue
		}
		choose(f, shapes, append(args, s), n, yield)
	}
}

// call applies a function that gives the shape. For a scalar it may be any
// function, its result reduced.
func (g *gen) call(s expr.Shape, d int) string {
	once.Do(tabulate)
	if s.IsScalar() && g.chance(0.6) {
		// A weighted sum of any function's entries.
		of := all[g.rng.IntN(len(all))]
		a := of[g.rng.IntN(len(of))]
		r, err := a.f.FnShape(a.args)
		if err != nil {
			return g.leaf(s)
		}
		text := g.apply(a, d)
		if r.IsScalar() {
			return text
		}
		if strings.Contains(r.String(), "*") { // no declaration has such a size
			return "sum(" + text + ".^2)"
		}
		return "sum(" + g.variable(r) + " .* " + text + ")"
	}
	list := byShape[s]
	if len(list) == 0 {
		return g.leaf(s)
	}
	of := list[g.rng.IntN(len(list))]
	return g.apply(of[g.rng.IntN(len(of))], d)
}

// apply writes the call.
func (g *gen) apply(a application, d int) string {
	var args []string
	for i, s := range a.args {
		p := a.f.Params[i]
		switch {
		case p.Kind == rules.Number || p.Kind == rules.SizeArg:
			args = append(args, pick(g, "0.1", "0.2", "1.5"))
		case i == 0 || a.f.Family == "loss" || p.Like != "":
			args = append(args, g.inside(a.f.Domain.Sampler, s, d-1))
		default:
			args = append(args, g.expr(s, d-1))
		}
	}
	if g.used != nil {
		g.used[a.f.Name]++
	}
	name := a.f.Name
	if n := len(a.f.Spellings); n > 0 && g.chance(0.2) {
		name = a.f.Spellings[g.rng.IntN(n)]
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}
