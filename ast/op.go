package ast

// Op is an operator of the language.
type Op uint8

// The operators. Several spellings share one Op (see docs/language.md).
const (
	NoOp Op = iota

	Transpose    // ' ᵀ ^T .T
	Inverse      // ^-1 ⁻¹
	InvTranspose // ^-T
	Pow          // ^k
	ElemPow      // .^k
	Juxt         // X W
	Mul          // * @ · × \cdot
	ElemMul      // .* ⊙ ∘
	Div          // /
	ElemDiv      // ./
	Solve        // \
	Kron         // ⊗
	Neg          // unary -
	Pos          // unary +
	Add          // +
	Sub          // - −
	Ge           // >= ≥
	Gt           // >
	Le           // <= ≤
	Lt           // <
	Eq           // == (and = inside [ ])
	Ne           // != ≠
	In           // ∈ an interval
	Sum          // Σ
	Prod         // Π
)

// Precedence levels, tightest last. A printer brackets an operand whose level
// is lower than its place demands; the parser climbs the same numbers.
const (
	LevelCompare = 1 + iota
	LevelSum     // + -, left associative
	LevelUnary   // -x
	LevelProduct // * .* / ./ \ ⊗, left associative
	LevelJuxt    // X W
	LevelPostfix // ' ^
	LevelAtom
)

// Level returns the precedence level of an operator.
func (o Op) Level() int {
	switch o {
	case Transpose, Inverse, InvTranspose, Pow, ElemPow:
		return LevelPostfix
	case Juxt:
		return LevelJuxt
	case Mul, ElemMul, Div, ElemDiv, Solve, Kron:
		return LevelProduct
	case Neg, Pos:
		return LevelUnary
	case Add, Sub:
		return LevelSum
	case Ge, Gt, Le, Lt, Eq, Ne, In:
		return LevelCompare
	}
	return LevelAtom
}
