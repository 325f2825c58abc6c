package infer

import (
	"slices"
	"strings"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

// A program may apply functions that it does not define: z = f(x, y), and Q(z)
// as its objective. Their derivatives ∂f/∂x stand in the answer as they are.
// What is such a function, where no declaration f: R^n → R^m says so:
//
//	f(x, y)      any one-letter name before several operands: no product
//	f(X w)       f, g, h, φ, ψ, where they never stand but before brackets
//	∂f/∂x        a name that a claim differentiates and a definition applies
//	Q(z)         the last line, where z is defined, and Q is nothing else
//
// Everything else before a bracket is a factor.

// mapping is what is known of such a function.
type mapping struct {
	from  []expr.Shape // declared operands
	calls []string     // the texts of the operands it is applied to, each once
	sites []*term      // the calls
	entry bool         // applied to entries below a sum: one number each

	is *expr.Map // what it is, once the program is built

	args []shape // of the first call, in the current evaluation
	at   int     // the evaluation that args are of
}

// functionLetters are the names that stand for functions where nothing else is
// said.
const functionLetters = "fghφϕψ"

// declareMap enters f: R^n → R^m.
func (in *inferrer) declareMap(d *ast.Decl) {
	space := func(scalar bool, rows, cols ast.Expr) expr.Shape {
		s := expr.Scalar
		if scalar {
			return s
		}
		var ok bool
		if s.R, ok = in.declSize(rows); !ok {
			return expr.Scalar
		}
		if cols != nil {
			if s.C, ok = in.declSize(cols); !ok {
				return expr.Scalar
			}
		}
		return s
	}
	m := mapping{}
	for _, s := range d.From {
		m.from = append(m.from, space(s.Scalar, s.Rows, s.Cols))
	}
	to := space(d.Scalar, d.Rows, d.Cols)
	for _, id := range d.Names {
		if old := in.env.lookup(id.Name); old != nil {
			in.add(&diag.Diagnostic{Code: "E222", Message: id.Text + " is declared twice", Labels: []diag.Label{{Span: id.Span}, {Span: old.span, Text: "declared here"}},
				Help: "keep one of the declarations"})
			continue
		}
		one := m
		in.env.put(&symbol{kind: symFunc, name: id.Name, span: id.Span, declared: true, known: to, fun: &one})
	}
}

// use is what a program does with a short name that nothing declares.
type use struct {
	name      *ast.Name
	calls     int
	many      bool // applied to several operands
	moves     bool // applied to more than numbers
	bare      bool // stands without brackets behind it
	deriv     bool // ∂f/∂x
	objective bool // a line Q(z)
}

// unnamed finds the functions that are applied and not defined, before the
// definitions are entered.
func (in *inferrer) unnamed(tree *ast.Program) {
	defs := in.leftNames(tree)
	uses := map[string]*use{}
	var order []*use
	of := func(n *ast.Name) *use {
		k := keyOf(n.Text)
		if uses[k] == nil {
			uses[k] = &use{name: n}
			order = append(order, uses[k])
		}
		return uses[k]
	}
	heads := map[*ast.Name]bool{}
	call := func(n *ast.Name, args ...ast.Expr) {
		if in.env.lookup(n.Text) != nil || defs[keyOf(n.Text)] || !isShortName(n.Text) || isFunction(n.Text) {
			return
		}
		if base := entryBase(n); base != "" && (defs[keyOf(base)] || in.env.lookup(base) != nil) { // p_i (1 − p_j)
			return
		}
		heads[n] = true
		u := of(n)
		u.calls++
		u.many = u.many || len(args) > 1 && !allWhole(args) // A(1, 2) is an entry
		for _, a := range args {
			walk(a, func(x ast.Expr) {
				_, name := x.(*ast.Name)
				u.moves = u.moves || name
			})
		}
	}
	visit := func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.Call:
			if !e.Space {
				call(e.Fun, e.Args...)
			}
		case *ast.Binary:
			left := e.X
			if b, ok := left.(*ast.Binary); ok && b.Op == ast.Juxt {
				left = b.Y
			}
			if n, primes, arg := slopeParts(left, e.Y); e.Op == ast.Juxt && primes != "" {
				call(n, arg.X)
			}
		case *ast.Name:
			if !heads[e] && isShortName(e.Text) {
				of(e).bare = true
			}
		case *ast.Deriv:
			if n, ok := e.Of.(*ast.Name); ok {
				of(n).deriv = true
			}
		}
	}
	for i, s := range tree.Stmts {
		for _, side := range sidesOf(s) {
			walk(side, visit)
		}
		switch x := s.(type) {
		case *ast.ExprStmt:
			if c, ok := x.X.(*ast.Call); ok && (i == len(tree.Stmts)-1 || in.opt.Claims) && onDefined(c, defs) {
				of(c.Fun).objective = true
			}
		case *ast.Equation: // Q = Q(z), as it is printed
			if n, c := ofItself(x); n != nil && isShortName(n.Text) && !isFunction(n.Text) {
				in.ownMap(c.Fun)
			}
			in.argumentOfSlope(x, defs)
		}
	}
	for _, u := range order {
		k := keyOf(u.name.Text)
		if u.calls == 0 || in.env.lookup(k) != nil || k == "d" || k == "I" || isIndex(tree, k) {
			continue
		}
		letter := strings.Contains(functionLetters, letterOf(k))
		switch {
		case u.objective && u.calls == 1 && !u.bare:
			in.ownMap(u.name)
		case u.bare && !u.many:
		case u.many, letter && u.moves, u.deriv:
			in.openMap(u.name)
		}
	}
}

// leftNames are the names that equations have on their left, and so may define.
func (in *inferrer) leftNames(tree *ast.Program) map[string]bool {
	defs := map[string]bool{}
	for _, s := range tree.Stmts {
		e, ok := s.(*ast.Equation)
		if !ok || len(e.Sides) < 2 {
			continue
		}
		switch x := e.Sides[0].(type) {
		case *ast.Name:
			defs[keyOf(x.Text)] = true
			if base, idx := in.freeIndices(e); len(idx) > 0 {
				defs[keyOf(base)] = true
			}
		case *ast.Call:
			if allNames(x.Args) && !x.Space {
				defs[keyOf(x.Fun.Text)] = true
			}
		}
	}
	return defs
}

// isIndex tells whether a sum runs over an index of that name.
func isIndex(tree *ast.Program, name string) (found bool) {
	for _, s := range tree.Stmts {
		for _, side := range sidesOf(s) {
			walk(side, func(e ast.Expr) {
				if b, ok := e.(*ast.BigOp); ok && slices.ContainsFunc(b.Index, func(i ast.Ident) bool { return i.Name == name }) {
					found = true
				}
			})
		}
	}
	return found
}

// onDefined tells Q(z) where the program says what z is.
func onDefined(c *ast.Call, defs map[string]bool) bool {
	return !c.Space && allNames(c.Args) && slices.ContainsFunc(c.Args, func(a ast.Expr) bool { return defs[keyOf(a.(*ast.Name).Text)] })
}

// argumentOfSlope enters the t of σ'(t) = σ(t)(1 − σ(t)), which stands for any
// number.
func (in *inferrer) argumentOfSlope(e *ast.Equation, defs map[string]bool) {
	b, ok := e.Sides[0].(*ast.Binary)
	if !ok || b.Op != ast.Juxt || len(e.Sides) < 2 {
		return
	}
	f, primes, arg := slopeParts(b.X, b.Y)
	if primes == "" || !isFunction(f.Text) {
		return
	}
	if n, ok := arg.X.(*ast.Name); ok && in.env.lookup(n.Text) == nil && !defs[keyOf(n.Text)] && isShortName(n.Text) {
		in.env.put(&symbol{kind: symVar, name: n.Text, span: n.Span, declared: true, known: expr.Scalar})
	}
}

// ofItself tells Q = Q(z).
func ofItself(e *ast.Equation) (*ast.Name, *ast.Call) {
	if len(e.Sides) < 2 {
		return nil, nil
	}
	n, isName := e.Sides[0].(*ast.Name)
	c, isCall := e.Sides[1].(*ast.Call)
	if !isName || !isCall || n.Text != c.Fun.Text || c.Space {
		return nil, nil
	}
	return n, c
}

func (in *inferrer) openMap(n *ast.Name) *symbol {
	s := in.env.put(&symbol{kind: symFunc, name: n.Text, span: n.Span, fun: &mapping{}})
	in.openName(s, n.Text)
	s.readings = mapReadings
	return s
}

// ownMap enters the function of Q = Q(z) or of a last line Q(z), whose value has
// the name of the function.
func (in *inferrer) ownMap(n *ast.Name) {
	def := in.env.lookup(n.Text)
	s := def
	if def != nil && def.kind == symFunc { // declared
		def = nil
	} else if s = in.openMap(n); isGoal(n.Text) {
		s.readings = goalReadings
	}
	if in.ownMaps == nil {
		in.ownMaps = make(map[ast.Span]*symbol)
	}
	in.ownMaps[n.Span] = s
	if def != nil {
		in.env.syms[def.key] = def
	} else {
		in.env.put(&symbol{kind: symDef, name: n.Text, span: n.Span})
	}
}

// The results of a function that nobody declared: a vector, a number, or as
// many as it has operands, entry by entry. The objective is rather a number.
var (
	mapReadings  = []reading{{asCol, 0}, {asScalar, 1}, {asMatrix, 2}}
	goalReadings = []reading{{asScalar, 0}}
)

// isGoal tells the names that objectives have: capitals, words, none.
func isGoal(name string) bool {
	return name == "" || isUpper(name) || len([]rune(name)) > 2 && !strings.ContainsAny(name, "_^") && oneName(name)
}

// vectorGoal is what it costs to read an objective that has functions without
// a formula as a vector: more than to read some of them as numbers.
const vectorGoal = 9

// opaque tells whether a term applies a function that nobody declared.
func (in *inferrer) opaque(t *term) bool {
	return slices.ContainsFunc(in.env.open, func(s *symbol) bool { return s.kind == symFunc && t.names.has(s.idx) })
}

// goalCall resolves a last line Q(z) as the definition of Q.
func (in *inferrer) goalCall(s *ast.ExprStmt, st *statement) bool {
	c, ok := s.X.(*ast.Call)
	if !ok || in.ownMaps[c.Fun.Span] == nil {
		return false
	}
	sym := in.env.lookup(c.Fun.Text)
	st.sym, st.name = sym, sym.name
	st.t = in.expr(c)
	sym.def = st
	in.stmts = append(in.stmts, st)
	return true
}
