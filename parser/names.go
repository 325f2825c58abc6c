package parser

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/matdiff/matdiff/ast"
)

// Superscript and subscript characters and what they stand for. Unicode puts
// ᵀ and ⁿ among the letters and ² among the numbers, so that the scanner must
// ask here before it asks the unicode package.
var (
	superscripts = pairs("⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁺+⁻-⁼=⁽(⁾)ᵀTᵗtⁿnⁱiᵃaᵇbᶜcᵈdᵉeᶠfᵍgʰhʲjᵏkˡlᵐmᵒoᵖpʳrˢsᵘuᵛvʷwˣxʸyᶻz" +
		"ᴬAᴮBᴰDᴱEᴳGᴴHᴵIᴶJᴷKᴸLᴹMᴺNᴼOᴾPᴿRᵁUⱽVᵂW")
	subscripts = pairs("₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋-₌=₍(₎)ₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓxᵦβᵧγᵨρᵩφ")
)

func pairs(s string) map[rune]rune {
	m := make(map[rune]rune)
	rs := []rune(s)
	for i := 0; i+1 < len(rs); i += 2 {
		m[rs[i]] = rs[i+1]
	}
	return m
}

// accents maps the LaTeX accents to combining characters.
var accents = map[string]rune{
	"hat": 0x302, "widehat": 0x302, "tilde": 0x303, "widetilde": 0x303, "bar": 0x304, "overline": 0x304,
	"dot": 0x307, "ddot": 0x308, "vec": 0x20d7, "check": 0x30c, "breve": 0x306, "mathring": 0x30a,
}

// fonts are the LaTeX commands that only choose a typeface.
var fonts = setOf("mathbf boldsymbol bm pmb mathrm text textrm textbf textit textsf operatorname operatorname* mathsf mathit mathtt mathnormal mathcal mathscr mathfrak mathbb mathds bold rm bf")

var greek = func() map[string]string {
	m := map[string]string{
		"epsilon": "ε", "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "ς", "varpi": "π",
		"varkappa": "κ", "omicron": "ο", "ell": "ℓ", "infty": "∞", "imath": "i", "jmath": "j", "R": "ℝ", "digamma": "ϝ",
	}
	for i, n := range strings.Fields("alpha beta gamma delta - zeta eta theta iota kappa lambda mu nu xi - pi rho - sigma tau upsilon phi chi psi omega") {
		if n != "-" {
			m[n] = string(rune('α' + i))
		}
	}
	for _, w := range strings.Fields("ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΣSigma ΥUpsilon ΦPhi ΨPsi ΩOmega") {
		_, n := utf8.DecodeRuneInString(w)
		m[w[n:]] = w[:n]
	}
	return m
}()

// functions are the LaTeX commands that are words: \log is the word log.
var functions = setOf("log ln lg exp sin cos tan sinh cosh tanh arcsin arccos arctan asin acos atan det max min arg argmax argmin sup inf lim " +
	"tr Tr trace rank diag Diag softmax logsoftmax logsumexp sigmoid softplus relu ReLU sign sgn erf logdet mean var " +
	"KL vect abs norm inv kron expm")

func setOf(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if unicode.Is(unicode.Lm, r) || superscripts[r] != 0 || subscripts[r] != 0 || r == 'ª' || r == 'º' {
		return false
	}
	return unicode.IsLetter(r)
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// isMark tells combining characters: the hat of x̂.
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(unicode.Mn, r) }

// nameOf makes the name that raw source text spells.
func nameOf(raw string, at int) *ast.Name {
	n := &ast.Name{Text: raw, Base: raw, Src: raw, Span: ast.Span{Start: at, End: at + len(raw)}}
	if !plainWord(raw) {
		n.Text, n.Base, n.Sub = canonical(raw)
	}
	return n
}

func identOf(raw string, at int) ast.Ident {
	n := nameOf(raw, at)
	return ast.Ident{Name: n.Text, Text: raw, Span: n.Span}
}

func plainWord(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c == '_' || c == '\\' || c == '{' || c == '^' {
			return false
		}
	}
	return true
}

// canonical returns the one spelling of a name that may be typed in several
// ways, with its parts before and after the first subscript sign:
//
//	z_1 z_{1} z₁        z_1
//	\hat{y} ŷ           ŷ
//	\mathbf{X} 𝐗        X
//	\mathbf{1} 𝟙 \bar1   𝟏
func canonical(raw string) (text, base, sub string) {
	if len(raw) > 1 && raw[0] == '1' { // 1_n
		raw = "𝟏" + raw[1:]
	}
	if flat, ok := layered(raw); ok {
		raw = flat
	}
	text = norm.NFC.String(spell(raw, 8))
	base, sub, _ = strings.Cut(text, "_")
	if i := len(sub) - 1; i > 0 && sub[0] == '{' && sub[i] == '}' {
		sub = sub[1:i]
	}
	return text, base, sub
}

// spell rewrites LaTeX and Unicode forms; depth bounds nested groups.
func spell(raw string, depth int) string {
	if depth == 0 {
		return raw
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRuneInString(raw[i:])
		switch {
		case r == ' ' || r == '\t':
			i += n
		case r == '_':
			end := max(subEnd(raw, i), i+1)
			b.WriteString(subscript(spell(raw[i+1:end], depth-1)))
			i = end
		case subscripts[r] != 0:
			var s strings.Builder
			for i < len(raw) {
				r, n := utf8.DecodeRuneInString(raw[i:])
				if subscripts[r] == 0 {
					break
				}
				s.WriteRune(subscripts[r])
				i += n
			}
			b.WriteString(subscript(s.String()))
		case r == '{' || r == '}':
			i += n
		case r == '\\':
			cmd, end := command(raw, i)
			switch {
			case accents[cmd] != 0:
				arg, next := argument(raw, end)
				if inner := spell(arg, depth-1); isOnes(inner) {
					b.WriteString("𝟏")
				} else if f, k := utf8.DecodeRuneInString(inner); k > 0 {
					b.WriteRune(f)
					b.WriteRune(accents[cmd])
					b.WriteString(inner[k:])
				}
				i = next
			case fonts[cmd]:
				arg, next := argument(raw, end)
				b.WriteString(typeface(cmd, spell(arg, depth-1)))
				i = next
			case greek[cmd] != "":
				b.WriteString(greek[cmd])
				i = end
			default:
				b.WriteString(cmd)
				i = end
			}
		default:
			b.WriteRune(fold(r))
			i += n
		}
	}
	return b.String()
}

func isOnes(s string) bool { return s == "1" || s == "𝟏" }

func typeface(cmd, s string) string {
	switch cmd {
	case "mathbf", "boldsymbol", "bm", "pmb", "mathbb", "mathds", "bold", "textbf", "bf":
		if s == "1" {
			return "𝟏"
		}
		if s == "0" {
			return "𝟎"
		}
	}
	if r, n := utf8.DecodeRuneInString(s); n == len(s) {
		switch cmd {
		case "mathbb":
			if d := doubleStruck[r]; d != 0 {
				return string(d)
			}
		case "mathcal", "mathscr":
			if d := script[r]; d != 0 {
				return string(d)
			}
		}
	}
	return s
}

// doubleStruck and script are the letters of \mathbb and \mathcal.
var (
	doubleStruck = pairs("RℝNℕZℤQℚCℂPℙS𝕊E𝔼D𝔻I𝕀")
	script       = func() map[rune]rune {
		m := pairs("BℬEℰFℱHℋIℐLℒMℳRℛ")
		for r := 'A'; r <= 'Z'; r++ {
			if m[r] == 0 {
				m[r] = '𝒜' + (r - 'A')
			}
		}
		return m
	}()
)

// fold maps letters that differ in typeface only, and look-alikes of one
// letter, to one spelling.
func fold(r rune) rune {
	switch r {
	case 'µ':
		return 'μ'
	case 'ϵ':
		return 'ε'
	case 'ϕ':
		return 'φ'
	case 'ϑ':
		return 'θ'
	case 'ϱ':
		return 'ρ'
	case '∑':
		return 'Σ'
	case 0x305:
		return 0x304
	case '𝟏', '𝟙', '𝟭':
		return '𝟏'
	case '𝟎', '𝟘':
		return '𝟎'
	}
	if 0x1d400 <= r && r <= 0x1d7cb && !(0x1d49c <= r && r <= 0x1d4cf) && !(0x1d538 <= r && r <= 0x1d56b) {
		if s := norm.NFKC.String(string(r)); utf8.RuneCountInString(s) == 1 {
			f, _ := utf8.DecodeRuneInString(s)
			return f
		}
	}
	return r
}

// subscript joins a subscript to its base: _1, _ij, but _{i,j}.
func subscript(s string) string {
	for _, r := range s {
		if !isLetter(r) && !isDigit(r) && r != '+' && r != '*' && r != '_' && !isMark(r) {
			return "_{" + s + "}"
		}
	}
	return "_" + s
}

// command returns the name of the LaTeX command at the backslash i and where
// its text ends.
func command(s string, i int) (string, int) {
	j := i + 1
	for j < len(s) && isLetter(rune(s[j])) && s[j] < utf8.RuneSelf {
		j++
	}
	if j == i+1 {
		_, n := utf8.DecodeRuneInString(s[j:])
		j += n
	}
	if s[i+1:j] == "operatorname" && j < len(s) && s[j] == '*' {
		j++
	}
	return s[i+1 : j], j
}

// argument returns the LaTeX argument at i, a {group} or one character or
// command, and where it ends. It ends at i if there is none.
func argument(s string, i int) (string, int) { return nestedArgument(s, i, 8) }

// nestedArgument is argument with a bound on how deep \hat\bar\mathbf nest.
func nestedArgument(s string, i, depth int) (string, int) {
	start := i
	for i < len(s) && s[i] == ' ' && i < start+maxGroup {
		i++
	}
	if i >= len(s) || depth == 0 {
		return "", start
	}
	switch s[i] {
	case '{':
		if j := closing(s, i); j > 0 {
			return s[i+1 : j], j + 1
		}
		return "", start
	case '\\':
		cmd, j := command(s, i)
		if fonts[cmd] || accents[cmd] != 0 {
			_, k := nestedArgument(s, j, depth-1)
			if k == j {
				return "", start
			}
			j = k
		}
		return s[i:j], j
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return s[i : i+n], i + n
}

// subEnd returns where the subscript at the underscore s[i] ends, 0 if none
// follows: _{...}, _\theta, a run of letters and digits, _+, _++, _*.
func subEnd(s string, i int) int {
	j := i + 1
	if j >= len(s) {
		return 0
	}
	switch s[j] {
	case '{':
		return closing(s, j) + 1
	case '\\':
		if cmd, _ := command(s, j); fonts[cmd] || accents[cmd] != 0 || greek[cmd] != "" || cmd == "ast" || cmd == "star" {
			_, k := argument(s, j)
			return k
		}
		return 0
	case '*':
		return j + 1
	case '+':
		for j < len(s) && s[j] == '+' {
			j++
		}
		return j
	}
	for j < len(s) {
		r, n := utf8.DecodeRuneInString(s[j:])
		if !isLetter(r) && !isDigit(r) && !isMark(r) && r != '∞' {
			break
		}
		j += n
	}
	if j == i+1 {
		return 0
	}
	return j
}

// maxGroup bounds the length of the group of a name: \mathrm{...}.
const maxGroup = 400

// closing returns the index of the brace that closes the one at i, -1 if it is
// not on the same line and near.
func closing(s string, i int) int {
	depth := 0
	for j := i; j < len(s) && j < i+maxGroup && s[j] != '\n'; j++ {
		switch s[j] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return -1
}
