package parser

import (
	"io"

	"github.com/alecthomas/participle/v2/lexer"
)

// The kinds of token. Spellings of one operator share a kind; the Value of a
// token is always the source text itself, so that its span is exact.
const (
	tBad lexer.TokenType = iota + 1 // no token of the language; the splitter reports it
	tEOL
	tSemi
	tComma
	tColon
	tName   // X, XW, z_1, x̂, \mathbf{w}
	tNumber // 2, .5, 1e-3, ½
	tText   // \text{several words}
	tTrans  // ' ᵀ ^T .T
	tInvT   // ^-T ⁻ᵀ
	tSup    // superscript run: ² ⁻¹ ⁿ
	tSub    // subscript after what is not a name: ‖x‖_1, ∇_W, Σᵢ₌₁
	tCaret  // ^
	tDotCaret
	tMul
	tElemMul
	tDiv
	tElemDiv
	tSolve
	tKron
	tAdd
	tMinus
	tCompare // >= ≤ > < == ≠
	tEq
	tIn
	tImplies
	tStarStar
	tArrow // → ≈ … and other signs that no expression has
	tOpen
	tClose
	tLBrack
	tRBrack
	tLBrace
	tRBrace
	tLSet // \{
	tRSet
	tLAngle
	tRAngle
	tBar  // |
	tNorm // ‖ \|
	tLAbs // \lvert, \left|
	tRAbs
	tLNorm
	tRNorm
	tBigOp // ∑ Σ_ sum_
	tUnder // _ of a big operator
	tPartial
	tNabla
	tFrac
	tSqrt
	tBrace // \underbrace, \overbrace
	tOver  // \underset, \overset, \stackrel
	tCases // \begin{cases}
	tEndCases
	tMatrix // \begin{bmatrix} and the like
	tEndMatrix
	tAmp // & inside cases and matrices
	// What the splitter makes of tokens of declarations.
	tDeclare // empty mark: a declaration follows
	tAssume  // empty mark: names and properties follow
	tMap     // empty mark: the declaration of a function follows
	tTimes   // × x between sizes
	tScalar  // scalar
	tProp    // symmetric, spd, ...
)

var symbols = map[string]lexer.TokenType{
	"EOF": lexer.EOF, "Bad": tBad, "EOL": tEOL, "Semi": tSemi, "Comma": tComma, "Colon": tColon,
	"Name": tName, "Number": tNumber, "Text": tText, "Trans": tTrans, "InvT": tInvT, "Sup": tSup, "Sub": tSub,
	"Caret": tCaret, "DotCaret": tDotCaret, "Mul": tMul, "ElemMul": tElemMul, "Div": tDiv, "ElemDiv": tElemDiv,
	"Solve": tSolve, "Kron": tKron, "Add": tAdd, "Minus": tMinus, "Compare": tCompare, "Eq": tEq, "In": tIn,
	"Implies": tImplies, "StarStar": tStarStar, "Arrow": tArrow, "Open": tOpen, "Close": tClose,
	"LBrack": tLBrack, "RBrack": tRBrack, "LBrace": tLBrace, "RBrace": tRBrace, "LSet": tLSet, "RSet": tRSet,
	"LAngle": tLAngle, "RAngle": tRAngle, "Bar": tBar, "Norm": tNorm, "LAbs": tLAbs, "RAbs": tRAbs,
	"LNorm": tLNorm, "RNorm": tRNorm, "BigOp": tBigOp, "Under": tUnder, "Partial": tPartial, "Nabla": tNabla,
	"Frac": tFrac, "Sqrt": tSqrt, "Brace": tBrace, "Over": tOver, "Cases": tCases, "EndCases": tEndCases,
	"Matrix": tMatrix, "EndMatrix": tEndMatrix, "Amp": tAmp,
	"Declare": tDeclare, "Assume": tAssume, "Map": tMap, "Times": tTimes, "Scalar": tScalar, "Prop": tProp,
}

// definition is the hand-written lexer as participle takes it.
type definition struct{}

func (definition) Symbols() map[string]lexer.TokenType { return symbols }

func (definition) Lex(_ string, r io.Reader) (lexer.Lexer, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return &tokens{list: scan(string(b))}, nil
}

func (definition) LexString(_ string, src string) (lexer.Lexer, error) {
	return &tokens{list: scan(src)}, nil
}

// tokens hands out a list of tokens, then EOF at offset end.
type tokens struct {
	list []lexer.Token
	end  int
}

func (t *tokens) Next() (lexer.Token, error) {
	if len(t.list) == 0 {
		return lexer.EOFToken(lexer.Position{Offset: t.end}), nil
	}
	tok := t.list[0]
	t.list = t.list[1:]
	t.end = tok.Pos.Offset + len(tok.Value)
	return tok, nil
}
