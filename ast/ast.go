// Package ast holds the syntax tree of a matdiff program and the one table of
// operators and precedences that the parser and every printer share.
//
//	program text ──parser──▶ ast ──infer──▶ expr
//
// The tree knows no function names, no shapes and no splitting of words: "XW",
// "log" and "σ" are all a Name here. infer decides what they mean.
package ast

// Span is a half-open range of byte offsets into the source text.
type Span struct{ Start, End int }

// To returns the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, t.End} }

// Program is a parsed text: its statements in order.
type Program struct {
	Source string
	Stmts  []Stmt
	Notes  []Note // readings that a writer may not have meant, for infer to pass on
	Broken []Span // statements with a syntax error, which are not in Stmts
}

// Note is a remark on how a piece of the source was read, e.g. that 1/2N is
// (1/2)N.
type Note struct {
	Text string
	Span Span
}

// Stmt is a statement: *Decl, *Equation, *ExprStmt or *Prose.
type Stmt interface {
	stmt()
	Pos() Span
}

// Ident is a name as typed, e.g. "X", "z_1", "x̂", with its span.
type Ident struct {
	Name string // canonical: z_{1}, z₁ and z_1 are all "z_1"
	Text string // as typed
	Span Span
}

// Decl declares one or more names with a shape and properties:
//
//	X: N×D    A: n×n symmetric    b: 1×K    X ∈ R^{N×D}    Y ∈ {0,1}^{N×K}    A ∈ S^n_{++}    λ: scalar
type Decl struct {
	Names  []Ident
	Scalar bool // "scalar", or no size given at all (properties only, see Assume)
	Rows   Expr // nil if scalar; a size symbol, a whole number or a product
	Cols   Expr // nil for a single size: a column vector
	Props  []Ident
	Kind   string // vector, row, matrix or square where no sizes are given, else ""
	Assume bool   // properties only, no shape: "A symmetric", "A: symmetric"
	// From is set for a function, f: R^n × R^m → R^k: where its operands lie.
	From []Space
	Span Span
}

// Space is R^{n×m}, R^n or R.
type Space struct {
	Scalar     bool
	Rows, Cols Expr // as in Decl
}

// Equation is "a = b = c": a definition, or a chain of claims. Sides has at
// least two members; a line that begins with "=" was joined to the one above.
// "a = b ⇒ c = d" has the second equation in Then (a stationarity claim).
type Equation struct {
	Sides []Expr
	Then  *Equation
	Span  Span
}

// ExprStmt is a bare expression, an objective.
type ExprStmt struct {
	X    Expr
	Span Span
}

// Prose is a line of a derivation that is not mathematics; only documents and
// check have them.
type Prose struct {
	Text string
	Span Span
}

func (*Decl) stmt()           {}
func (*Equation) stmt()       {}
func (*ExprStmt) stmt()       {}
func (*Prose) stmt()          {}
func (s *Decl) Pos() Span     { return s.Span }
func (s *Equation) Pos() Span { return s.Span }
func (s *ExprStmt) Pos() Span { return s.Span }
func (s *Prose) Pos() Span    { return s.Span }

// Expr is an expression node.
type Expr interface {
	expr()
	Pos() Span
}

type (
	// Name is a word, not yet split or resolved: X, XW, log, σ, z_1, x̂, 𝟏.
	// Base and Sub hold the parts of a subscripted word: w_k is {"w", "k"}.
	Name struct {
		Text string // canonical spelling
		Base string
		Sub  string
		Src  string // as typed
		Span Span
	}

	// Number is a literal, exact: "2", ".5", "1e-3". Text is what was typed,
	// Val its decimal or rational value ("1/2" for ½).
	Number struct {
		Val  string
		Text string
		// Touches tells that the literal is written straight against what
		// follows (1bᵀ, 1ᵀ, 2A), with no space between: a "1" may then be 𝟏.
		Touches bool
		Span    Span
	}

	// Unary is -x or +x.
	Unary struct {
		Op     Op
		X      Expr
		OpSpan Span
		Span   Span // set by the parser, so that Pos takes constant time
	}

	// Binary is x op y, juxtaposition included (Op Juxt).
	Binary struct {
		Op     Op
		X, Y   Expr
		OpSpan Span // empty for juxtaposition
		Span   Span
	}

	// Postfix is x', x^T (Transpose), x^-1 (Inverse), x^-T (InvTranspose).
	Postfix struct {
		Op     Op
		X      Expr
		OpSpan Span
		Span   Span
	}

	// Power is x^e (Pow) or x.^e (ElemPow).
	Power struct {
		Op     Op
		X, Exp Expr
		OpSpan Span
		Span   Span
	}

	// Paren is a bracketed expression, kept since f(x) may be a product.
	Paren struct {
		X    Expr
		Span Span
	}

	// Call is Fun directly before a bracketed list, f(a, b). With one argument
	// infer may still read it as a product. Space tells "f (x)" from "f(x)".
	// "X (A + B)'" is Postfix(Call) and "1/n (x)" is Div(1, Call): where infer
	// reads a product out of a Call, it regroups the operators around it.
	Call struct {
		Fun   *Name
		Args  []Expr
		Space bool
		Span  Span
	}

	// Norm is ‖x‖, ||x||, with the subscript "", "1", "2", "F" or "*".
	Norm struct {
		X    Expr
		Kind string
		Span Span
	}

	// Abs is |x|.
	Abs struct {
		X    Expr
		Span Span
	}

	// Inner is ⟨a, b⟩.
	Inner struct {
		X, Y Expr
		Span Span
	}

	// Iverson is [x >= a], a 0/1 value. A chain of comparisons has
	// len(Ops) == len(Xs)-1; [x ∈ [a, b]] is the chain [a <= x <= b].
	Iverson struct {
		Xs   []Expr
		Ops  []Op
		Span Span
	}

	// Index is a fixed entry x[1], A[i, j]; not in the language yet.
	Index struct {
		X    Expr
		Args []Expr
		Span Span
	}

	// Entry is an entry of what is no plain name: (X'W)_{ij}, [X'r]_k, σ(z)_i.
	// A name with its subscript is one Name.
	Entry struct {
		X    Expr
		Sub  string // as in Name
		Span Span
	}

	// BigOp is Σ_{i=Lo}^{Hi} Body or Π; Lo, Hi may be nil (Σ_i).
	BigOp struct {
		Op     Op // Sum or Prod
		Index  []Ident
		Lo, Hi Expr
		Body   Expr
		Span   Span
	}

	// Deriv is ∂Q/∂W, dQ/dW, ∇_W Q, d²Q/dw²: Order 1 or 2. It is a claim's
	// left side or an operand in claims. By is empty for ∇Q, and for the second
	// differential d²Q, which is no Nabla. What is written
	// with a plain d could also be a quotient: Alt is then that reading,
	// dQ/dX as Div(dQ, dX), for infer to choose where dQ or dX is declared.
	Deriv struct {
		Of    Expr
		By    []Expr
		Order int
		Nabla bool
		Alt   Expr
		Span  Span
	}
)

func (*Name) expr()    {}
func (*Number) expr()  {}
func (*Unary) expr()   {}
func (*Binary) expr()  {}
func (*Postfix) expr() {}
func (*Power) expr()   {}
func (*Paren) expr()   {}
func (*Call) expr()    {}
func (*Norm) expr()    {}
func (*Abs) expr()     {}
func (*Inner) expr()   {}
func (*Iverson) expr() {}
func (*Index) expr()   {}
func (*Entry) expr()   {}
func (*BigOp) expr()   {}
func (*Deriv) expr()   {}

func (x *Name) Pos() Span   { return x.Span }
func (x *Number) Pos() Span { return x.Span }
func (x *Unary) Pos() Span {
	if x.Span.End > 0 {
		return x.Span
	}
	return x.OpSpan.To(x.X.Pos())
}
func (x *Binary) Pos() Span {
	if x.Span.End > 0 {
		return x.Span
	}
	return x.X.Pos().To(x.Y.Pos())
}
func (x *Postfix) Pos() Span {
	if x.Span.End > 0 {
		return x.Span
	}
	return x.X.Pos().To(x.OpSpan)
}
func (x *Power) Pos() Span {
	if x.Span.End > 0 {
		return x.Span
	}
	return x.X.Pos().To(x.Exp.Pos())
}
func (x *Paren) Pos() Span   { return x.Span }
func (x *Call) Pos() Span    { return x.Span }
func (x *Norm) Pos() Span    { return x.Span }
func (x *Abs) Pos() Span     { return x.Span }
func (x *Inner) Pos() Span   { return x.Span }
func (x *Iverson) Pos() Span { return x.Span }
func (x *Index) Pos() Span   { return x.Span }
func (x *Entry) Pos() Span   { return x.Span }
func (x *BigOp) Pos() Span   { return x.Span }
func (x *Deriv) Pos() Span   { return x.Span }
