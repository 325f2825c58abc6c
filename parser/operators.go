package parser

import "github.com/alecthomas/participle/v2/lexer"

// ascii are the operators of ASCII text, longest first for each first byte.
var ascii = map[byte][]struct {
	text string
	kind lexer.TokenType
}{
	'+':  {{"+", tAdd}},
	'-':  {{"->", tArrow}, {"-", tMinus}},
	'*':  {{"**", tStarStar}, {"*", tMul}},
	'/':  {{"/", tDiv}},
	'@':  {{"@", tMul}},
	'<':  {{"<=>", tImplies}, {"<=", tCompare}, {"<>", tCompare}, {"<", tCompare}},
	'>':  {{">=", tCompare}, {">", tCompare}},
	'=':  {{"==>", tImplies}, {"==", tCompare}, {"=>", tImplies}, {"=", tEq}},
	'!':  {{"!=", tCompare}},
	'~':  {{"~=", tCompare}},
	':':  {{":=", tEq}, {":", tColon}},
	'(':  {{"(", tOpen}},
	')':  {{")", tClose}},
	'[':  {{"[", tLBrack}},
	']':  {{"]", tRBrack}},
	',':  {{",", tComma}},
	';':  {{";", tSemi}},
	'|':  {{"|", tBar}},
	'\'': {{"'", tTrans}},
}

// unicodeOps are the operators beyond ASCII.
var unicodeOps = map[rune]lexer.TokenType{
	'’': tTrans, '′': tTrans, '⊤': tTrans, '⊺': tTrans,
	'·': tMul, '⋅': tMul, '×': tMul, '∗': tMul, '•': tMul,
	'⊙': tElemMul, '∘': tElemMul, '⊗': tKron, '÷': tDiv, '⁄': tDiv, '∕': tDiv, '∖': tSolve, '⊘': tElemDiv,
	'−': tMinus, '–': tMinus, '—': tMinus, '‐': tMinus, '‑': tMinus, '‒': tMinus, '－': tMinus, '＋': tAdd,
	'≥': tCompare, '≤': tCompare, '⩾': tCompare, '⩽': tCompare, '≠': tCompare, '≻': tCompare, '⪰': tCompare, '≽': tCompare,
	'∈': tIn, '≡': tEq, '≔': tEq, '≜': tEq, '⇒': tImplies, '⟹': tImplies, '⇔': tImplies, '⟺': tImplies,
	'→': tArrow, '←': tArrow, '⟶': tArrow, '↦': tArrow, '≈': tArrow, '∝': tArrow, '∼': tArrow, '≪': tArrow, '≫': tArrow,
	'∉': tArrow, '⊂': tArrow, '∀': tArrow, '∃': tArrow, '■': tArrow, '∎': tArrow,
	'‖': tNorm, '∥': tNorm, '⟨': tLAngle, '⟩': tRAngle, '〈': tLAngle, '〉': tRAngle,
	'∂': tPartial, '∇': tNabla, '∑': tBigOp, '∏': tBigOp, '√': tSqrt, '∞': tName,
	'（': tOpen, '）': tClose, '，': tComma, '；': tSemi, '：': tColon,
	'½': tNumber, '⅓': tNumber, '¼': tNumber,
}

// vulgar are the fractions of one character.
var vulgar = map[rune]string{
	'½': "1/2", '⅓': "1/3", '⅔': "2/3", '¼': "1/4", '¾': "3/4", '⅕': "1/5", '⅖': "2/5", '⅗': "3/5", '⅘': "4/5",
	'⅙': "1/6", '⅚': "5/6", '⅐': "1/7", '⅛': "1/8", '⅜': "3/8", '⅝': "5/8", '⅞': "7/8", '⅑': "1/9", '⅒': "1/10",
}
