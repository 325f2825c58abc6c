package render

import "github.com/matdiff/matdiff/ast"

// form is the kind of a written piece.
type form uint8

const (
	fName     form = iota
	fNumber        // digits
	fOnes          // the column vector of ones
	fAdjoint       // ∂Q/∂Z
	fSum           // kids with signs
	fNeg           // unary minus
	fProd          // matrix product: juxtaposition, * in ASCII
	fHad           // elementwise product
	fElDiv         // kids[0] ./ kids[1]
	fDiv           // kids[0] / kids[1], a scalar below
	fPow           // kids[0] ^ kids[1], of a scalar or a square matrix
	fElPow         // kids[0] .^ kids[1]
	fTrans         // transpose
	fInv           // inverse
	fInvTrans      // transposed inverse
	fCall          // text(kids…)
	fForm          // a function's own notation: text with $1, $2
)

// tree is an expression as it is to be written. Trees are shared like the
// nodes they come from; do not change one.
type tree struct {
	form  form
	level int // precedence level, of package ast
	text  string
	kids  []*tree
	minus []bool // fSum: the signs
	slots []int  // fForm: the level that each kid needs
	// lead counts the scalar factors at the front of a product; a product of
	// scalars and one matrix reads well before an elementwise operator.
	lead int
	size int // tokens
	// unit marks the 1 of "1 ./ Y" and "1/N", which a real factor replaces.
	unit bool
}

// maxSize keeps sums of sizes from overflowing: a DAG's text can be huge.
const maxSize = 1 << 40

func sizeOf(own int, kids []*tree) int {
	for _, k := range kids {
		if own += k.size; own > maxSize {
			return maxSize
		}
	}
	return own
}

func leaf(f form, text string) *tree {
	return &tree{form: f, level: ast.LevelAtom, text: text, size: 1}
}

func node(f form, level, own int, kids ...*tree) *tree {
	return &tree{form: f, level: level, kids: kids, size: sizeOf(own, kids)}
}

func neg(t *tree) *tree { return node(fNeg, ast.LevelUnary, 1, t) }

// product joins factors, those of inner products included.
func (p *Printer) product(lead int, kids ...*tree) *tree {
	if len(kids) == 1 {
		return kids[0]
	}
	t := node(fProd, ast.LevelJuxt, len(kids)-1, kids...)
	t.lead = lead
	if p.star() || kids[0].form == fNumber && kids[0].level == ast.LevelProduct {
		t.level = ast.LevelProduct
	}
	return t
}

func hadamard(kids []*tree) *tree {
	if len(kids) == 1 {
		return kids[0]
	}
	return node(fHad, ast.LevelProduct, len(kids)-1, kids...)
}

// quotient is a / b for a scalar b.
func (p *Printer) quotient(a, b *tree) *tree {
	t := node(fDiv, ast.LevelProduct, 1, a, b)
	if p.style == LaTeX {
		t.level = ast.LevelPostfix // \frac brackets its parts
	}
	return t
}

func elQuotient(a, b *tree) *tree { return node(fElDiv, ast.LevelProduct, 1, a, b) }

func power(f form, x, e *tree) *tree { return node(f, ast.LevelPostfix, 1, x, e) }

func (p *Printer) transpose(x *tree) *tree {
	if x.form == fInv {
		return node(fInvTrans, ast.LevelPostfix, 1, x.kids[0])
	}
	return node(fTrans, ast.LevelPostfix, 1, x)
}

func (p *Printer) plainCall(name string, kids ...*tree) *tree {
	t := node(fCall, ast.LevelAtom, 1, kids...)
	t.text = name
	return t
}

func (p *Printer) norm(x *tree) *tree { return p.call("norm", x) }
