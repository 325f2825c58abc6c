package infer

import (
	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
)

type symKind uint8

const (
	symVar  symKind = iota // a free variable
	symSize                // a size symbol
	symDef                 // a defined name
	symNode                // a given node: parameters of templates
	symLost                // what a statement with a syntax error would define
	symOnes                // a literal 1 that may be a vector of ones
	symFunc                // a function that the program applies and does not define
)

// symbol is what a name stands for.
type symbol struct {
	kind     symKind
	name     string // as typed
	key      string
	span     ast.Span // where it is declared, defined or first used
	declared bool
	known    expr.Shape // declared shape
	props    expr.Props
	isConst  bool
	assumed  []ast.Ident // properties declared before the shape is known
	def      *statement
	early    bool // used before its definition was complete, which is reported
	node     *expr.Node
	v        *expr.Var

	// Of undeclared variables and ones: the index among the names to choose
	// for, the readings in order of preference, and the one chosen.
	idx      int
	readings []reading
	isSize   bool // turned out to be the size of that name
	square   bool // has a property of square matrices only
	named    bool // declared as a vector or matrix, without sizes
	family   int  // index of the first name of its letter, for x_1 and x_2

	shp   shape // in the current evaluation
	epoch int

	fun *mapping // symFunc

	by    []*ast.Name               // an abstract objective: what it is differentiated by
	parts map[*expr.Node]*expr.Node // and its adjoints of those above all others
	given map[string]*symbol        // names that the text gives to adjoints

	late  bool       // of kind symNode: the name of an expression that has derivatives
	alias *ast.Deriv // the derivative that it names
}

// env holds the names of a program.
type env struct {
	syms    map[string]*symbol
	order   []*symbol
	longest int       // bytes of the longest name
	open    []*symbol // names whose reading is chosen, in order of first use
	// diffs allows dX and ∂Q/∂X: claims.
	diffs bool
}

func newEnv() *env { return &env{syms: make(map[string]*symbol)} }

// lookup returns the declared, defined or already used symbol of a name.
func (e *env) lookup(name string) *symbol {
	if s := e.syms[name]; s != nil {
		return s
	}
	if k := keyOf(name); k != name {
		return e.syms[k]
	}
	return nil
}

// known returns the symbol of a name that is declared, defined or given.
func (e *env) known(name string) *symbol {
	if s := e.lookup(name); s != nil && (e.diffs || s.declared || s.named || s.kind == symFunc || s.kind == symDef || s.kind == symNode || s.kind == symSize || s.kind == symLost) {
		return s
	}
	return nil
}

func (e *env) put(s *symbol) *symbol {
	s.key = keyOf(s.name)
	s.idx = -1
	e.syms[s.key] = s
	e.longest = max(e.longest, len(s.name))
	e.order = append(e.order, s)
	return s
}

// collect enters all declarations, then all names that the program defines:
// both win over every other reading of a word, wherever it stands.
func (in *inferrer) collect(tree *ast.Program) {
	for _, n := range in.opt.Lost {
		in.env.put(&symbol{kind: symLost, name: n})
	}
	for _, s := range tree.Stmts {
		if d, ok := s.(*ast.Decl); ok && !d.Assume {
			if d.From != nil {
				in.declareMap(d)
				continue
			}
			if d.Kind != "" {
				in.declareKind(d)
				continue
			}
			in.declare(d)
		}
	}
	in.unnamed(tree)
	in.abstracts(tree)
	in.outsideSums(tree)
	in.entered = leftNames(tree)
	seenEquation := false
	for i, s := range tree.Stmts {
		switch s := s.(type) {
		case *ast.Decl:
			if s.Assume && !(in.opt.Claims && seenEquation && in.usedBefore(tree.Stmts[:i], s)) {
				in.assume(s)
			}
		case *ast.Equation:
			seenEquation = true
			in.enterDefinition(s)
			in.noteUse(s)
		}
	}
	in.impliedSizes(tree)
}

// usedBefore tells whether an equation stands before the assumption: in a
// derivation an assumption holds from its line on.
func (in *inferrer) usedBefore(stmts []ast.Stmt, d *ast.Decl) bool {
	for _, s := range stmts {
		if e, ok := s.(*ast.Equation); ok {
			if _, def := in.definedName(e); !def {
				return true
			}
		}
	}
	return false
}

func (in *inferrer) declare(d *ast.Decl) {
	shp := expr.Scalar
	if !d.Scalar {
		r, okR := in.declSize(d.Rows)
		c, okC := expr.One, true
		if d.Cols != nil {
			c, okC = in.declSize(d.Cols)
		}
		if !okR || !okC {
			r, c = expr.One, expr.One
		}
		shp = expr.Shape{R: r, C: c}
	}
	for _, id := range d.Names {
		if old := in.env.lookup(id.Name); old != nil {
			if old.kind == symSize {
				in.sizeClash(old, id.Span, "variable")
				continue
			}
			if old.kind == symLost || old.named && in.sizedNow(old, shp, d.Props) {
				continue
			}
			if old.known != shp {
				in.add(&diag.Diagnostic{Code: "E222", Message: id.Text + " is declared twice, as " + old.known.String() + " and as " + shp.String(),
					Labels: []diag.Label{{Span: id.Span, Text: shp.String()}, {Span: old.span, Text: old.known.String()}},
					Help:   "keep one of the declarations"})
				continue
			}
			in.setProps(old, d.Props)
			continue
		}
		s := in.env.put(&symbol{kind: symVar, name: id.Name, span: id.Span, declared: true, known: shp})
		in.setProps(s, d.Props)
	}
}

func (in *inferrer) setProps(s *symbol, props []ast.Ident) {
	for _, p := range props {
		if p.Name == "const" || p.Name == "constant" {
			s.isConst = true
			continue
		}
		q := expr.PropNamed(p.Name)
		if q == 0 {
			in.errorf("E112", p.Span, "%q is not a property; properties are symmetric, spd, psd, diagonal, orthogonal, positive, nonnegative, binary, onehot, simplex, stochastic and const", p.Text)
			continue
		}
		if s.declared {
			if why := impossible(p.Name, q, s.known); why != "" {
				in.add(&diag.Diagnostic{Code: "E219", Message: s.name + " is " + s.known.String() + " and cannot be " + p.Name + ": " + why,
					Labels: []diag.Label{{Span: p.Span, Text: why}, {Span: s.span, Text: s.known.String()}}})
				continue
			}
		}
		s.props |= q
	}
}

// squareProps are the properties of square matrices.
const squareProps = expr.Symmetric | expr.PSD | expr.SPD | expr.Diagonal | expr.Orthogonal

// impossible says why a matrix of shape s cannot have the property; "" if it can.
func impossible(name string, p expr.Props, s expr.Shape) string {
	switch p {
	case expr.Symmetric, expr.PSD, expr.SPD, expr.Diagonal, expr.Orthogonal:
		if !s.IsSquare() {
			return "only a square matrix is " + name
		}
	case expr.Simplex:
		if !s.IsCol() && !s.IsRow() {
			return "only a vector is simplex (a matrix whose rows sum to 1 is stochastic)"
		}
	case expr.OneHot, expr.Stochastic:
		if s.IsScalar() {
			return "a scalar is not " + name
		}
		if p == expr.Stochastic && s.C.IsOne() {
			return "each row of a column is one number (a column whose entries sum to 1 is simplex)"
		}
	}
	return ""
}

// assume adds the properties of a line such as "A symmetric".
func (in *inferrer) assume(d *ast.Decl) {
	for _, id := range d.Names {
		s := in.env.lookup(id.Name)
		if s == nil {
			s = in.env.put(&symbol{kind: symVar, name: id.Name, span: id.Span})
			in.openName(s, id.Name)
		}
		if s.kind == symSize {
			in.sizeClash(s, id.Span, "variable")
			continue
		}
		if s.declared {
			in.setProps(s, d.Props)
			continue
		}
		s.assumed = append(s.assumed, d.Props...)
	}
}

// declSize reads a size of a declaration and enters its symbols.
func (in *inferrer) declSize(e ast.Expr) (expr.Dim, bool) {
	d, ok := in.sizeOf(e, true)
	return d, ok
}

// sizeOf reads a size: a whole number, a symbol or a product of them. enter
// makes unknown names size symbols.
func (in *inferrer) sizeOf(e ast.Expr, enter bool) (expr.Dim, bool) {
	switch e := e.(type) {
	case *ast.Number:
		n, ok := wholeNumber(e.Val)
		if !ok || n < 1 {
			in.errorf("E231", e.Span, "a size is a positive whole number or a symbol, not %s", e.Text)
			return expr.One, false
		}
		return expr.Whole(n), true
	case *ast.Name:
		s := in.env.lookup(e.Text)
		if s == nil && enter {
			s = in.env.put(&symbol{kind: symSize, name: e.Text, span: e.Span})
		}
		if s == nil {
			return expr.One, false
		}
		if s.isSize || s.kind == symLost {
			return expr.Symbol(s.name), true
		}
		if s.kind != symSize {
			if enter {
				in.sizeClash(&symbol{kind: symSize, name: e.Text, span: e.Span}, s.span, "variable")
			}
			return expr.One, false
		}
		return expr.Symbol(s.name), true
	case *ast.Paren:
		return in.sizeOf(e.X, enter)
	case *ast.Binary:
		if e.Op == ast.Mul || e.Op == ast.Juxt {
			x, okX := in.sizeOf(e.X, enter)
			y, okY := in.sizeOf(e.Y, enter)
			return x.Times(y), okX && okY
		}
	}
	if enter {
		in.errorf("E231", e.Pos(), "a size is a positive whole number, a symbol or a product of them, not %s", in.text(e.Pos()))
	}
	return expr.One, false
}

func (in *inferrer) sizeClash(size *symbol, at ast.Span, what string) {
	in.add(&diag.Diagnostic{Code: "E218", Message: size.name + " is both a size and a " + what,
		Labels: []diag.Label{{Span: at, Text: what}, {Span: size.span, Text: "size"}}, Help: "give one of them another name"})
}

// definedName returns the name that an equation could define.
func (in *inferrer) definedName(e *ast.Equation) (*ast.Name, bool) {
	if e.Then != nil || len(e.Sides) < 2 {
		return nil, false
	}
	switch x := e.Sides[0].(type) {
	case *ast.Name:
		if base, free := in.freeIndices(e); len(free) > 0 {
			return &ast.Name{Text: base, Base: base, Src: base, Span: x.Span}, true
		}
		if in.env.known(x.Text) == nil && in.isDifferential(x.Text) && (in.opt.Claims || in.ofDefined(x.Text)) {
			return nil, false
		}
		if in.opt.Claims && in.env.known(x.Text) == nil && len(x.Text) > 1 && x.Text[0] == 'd' && in.env.known(x.Text[1:]) != nil && in.ofDefined(x.Text) {
			return nil, false // where the text has a number d, too
		}
		if in.isSecond(x.Text) {
			return nil, false
		}
		if s := in.env.lookup(x.Text); s != nil && s.kind == symNode && len(in.abstract) > 0 {
			return nil, false // a name for an adjoint
		}
		return x, true
	case *ast.Call: // f(x, y) = … defines f
		if in.opt.Claims && (x.Fun.Text == "d" || derivWords[x.Fun.Base] > 0 && len(x.Fun.Base) > 1) {
			return nil, false
		}
		if in.env.lookup(x.Fun.Text) == nil && !x.Space && allNames(x.Args) && (!isFunction(x.Fun.Text) || len(x.Fun.Text) == 1) {
			return x.Fun, true
		}
	}
	return nil, false
}

func allNames(args []ast.Expr) bool {
	for _, a := range args {
		if _, ok := a.(*ast.Name); !ok {
			return false
		}
	}
	return true
}

// isDifferential tells whether a word is d before a declared or defined name.
func (in *inferrer) isDifferential(w string) bool {
	if len(w) < 2 || w[0] != 'd' || in.env.known(w[1:]) == nil {
		return false
	}
	d := in.env.known("d") // x ∈ R^d leaves dx what it is
	return d == nil || in.opt.Claims && (d.kind == symSize || d.isSize || in.moving || in.opt.Differentials && !in.gradient)
}

// leadingD is the d of d tr(X) = … and d(X w) = …, where the text has a number
// d too; nil if the equation does not begin so.
func leadingD(e *ast.Equation) *ast.Name {
	x := e.Sides[0]
	for {
		b, ok := x.(*ast.Binary)
		if !ok || b.Op != ast.Juxt {
			break
		}
		if n, ok := b.X.(*ast.Name); ok && n.Text == "d" {
			if y, ok := b.Y.(*ast.Name); ok && !isFunction(y.Text) {
				return nil
			}
			return n
		}
		x = b.X
	}
	if c, ok := x.(*ast.Call); ok && c.Fun.Text == "d" {
		return c.Fun
	}
	return nil
}

// saysDifferential tells an equation about a differential, dL = … or
// tr(G' dZ) = …: dX is one in it even where the text has a number d.
func (in *inferrer) saysDifferential(e *ast.Equation) bool {
	found := in.leading != nil
	walk(e.Sides[0], func(x ast.Expr) {
		n, ok := x.(*ast.Name)
		found = found || ok && len(n.Text) > 1 && n.Text[0] == 'd' && in.env.lookup(n.Text) == nil && in.env.lookup(n.Text[1:]) != nil
	})
	return found
}

// ofDefined tells the differential of a value that the program defines.
func (in *inferrer) ofDefined(w string) bool { return in.env.known(w[1:]).kind == symDef }

// isD tells whether a piece w of a word is the d of d(X w) and d tr(X).
func (in *inferrer) isD(w string, word *ast.Name) bool {
	return w == "d" && in.env.diffs && (word == in.leading || in.env.known("d") == nil)
}

// noteUse records the names on the right side of what may be a definition.
func (in *inferrer) noteUse(e *ast.Equation) {
	if n, ok := e.Sides[0].(*ast.Name); !ok || len(e.Sides) < 2 || in.isDifferential(n.Text) {
		return
	}
	if in.used == nil {
		in.used = make(map[string]bool)
	}
	WalkNames(e.Sides[1], func(n *ast.Name) {
		in.used[n.Text] = true
		if n.Sub == "" && in.env.lookup(n.Text) == nil {
			for _, r := range n.Base {
				in.used[string(r)] = true
			}
		}
	})
}

// mentionsName tells whether a name stands in an expression as a word.
func mentionsName(e ast.Expr, name string) bool {
	found := false
	WalkNames(e, func(n *ast.Name) { found = found || n.Text == name })
	return found
}

// leftNames lists the names on the left of equations.
func leftNames(tree *ast.Program) map[string]bool {
	out := map[string]bool{}
	for _, s := range tree.Stmts {
		if e, ok := s.(*ast.Equation); ok {
			switch x := e.Sides[0].(type) {
			case *ast.Name:
				out[x.Text] = true
			case *ast.Call:
				out[x.Fun.Text] = true
			}
		}
	}
	return out
}

func (in *inferrer) enterDefinition(e *ast.Equation) {
	n, ok := in.definedName(e)
	if !ok {
		return
	}
	s := in.env.lookup(n.Text)
	_, alias := e.Sides[1].(*ast.Deriv)
	if (s == nil || s.kind == symVar && s.declared && alias) && in.isLate(e) {
		in.enterLate(s, n, e)
		return
	}
	if g := in.adjointOf(n.Text); g != nil && s == nil {
		s = in.env.put(&symbol{kind: symVar, name: n.Text, span: n.Span, declared: true, known: g.known})
	}
	switch {
	case s == nil:
		in.env.put(&symbol{kind: symDef, name: n.Text, span: n.Span})
	case s.kind == symSize:
		in.sizeClash(s, n.Span, "defined name")
	case s.kind == symVar && s.declared && in.opt.StandIn && (in.used[s.name] || mentionsName(e.Sides[1], s.name)):
		// a claim about a variable that was used as one
	case s.kind == symVar && s.declared:
		s.kind = symDef // a declared name may be defined, in the shape declared
	case s.kind == symVar:
		s.kind = symDef
		if s.idx >= 0 {
			in.close(s)
		}
	}
}
