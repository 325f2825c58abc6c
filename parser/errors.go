package parser

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// syntaxError carries a diagnostic through participle.
type syntaxError struct {
	*diag.Diagnostic
}

func (e *syntaxError) Message() string { return e.Diagnostic.Message }
func (e *syntaxError) Position() lexer.Position {
	return lexer.Position{Offset: e.Labels[0].Span.Start}
}

func spanOf(t *lexer.Token) ast.Span {
	return ast.Span{Start: t.Pos.Offset, End: t.Pos.Offset + len(t.Value)}
}

func label(s ast.Span, text string) diag.Label { return diag.Label{Span: s, Text: text} }

func failure(code, message, help string, labels ...diag.Label) *diag.Diagnostic {
	return &diag.Diagnostic{Code: code, Message: message, Help: help, Labels: labels}
}

// quote shows a piece of source in a message, shortened and printable.
func quote(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if r, n := utf8.DecodeRuneInString(s); n == len(s) && unicode.IsControl(r) {
		return fmt.Sprintf("U+%04X", r)
	}
	if utf8.RuneCountInString(s) > 24 {
		r := []rune(s)
		s = string(r[:20]) + "…"
	}
	return "`" + strings.ReplaceAll(s, "\n", " ") + "`"
}

// unexpected explains why a token cannot stand where it does. want says what
// is missing there, as "an operand" or "`)`".
func unexpected(t *lexer.Token, want string, last ast.Span) *diag.Diagnostic {
	s := spanOf(t)
	switch t.Type {
	case tEOL, tSemi:
		return failure("E106", "unexpected "+quote(t.Value)+" inside a bracket", "arguments are separated by commas", label(s, ""))
	case lexer.EOF:
		at := last
		if at.End == 0 {
			at = s
		}
		if want == "" {
			want = "an operand"
		}
		return failure("E105", want+" is missing at the end of the statement", "", label(at, want+" should follow"))
	case tBad:
		if !utf8.ValidString(t.Value) {
			return failure("E102", "this is not UTF-8 text", "", label(s, ""))
		}
		if strings.HasPrefix(t.Value, `\`) && len(t.Value) > 1 {
			return failure("E117", "unknown LaTeX command "+quote(t.Value), commandHelp(t.Value), label(s, ""))
		}
		return failure("E101", "unexpected character "+quote(t.Value), badHelp(t.Value), label(s, ""))
	case tText:
		return failure("E119", "a phrase cannot stand in an expression", "put it into a comment: # …", label(s, ""))
	case tStarStar:
		d := failure("E120", quote(t.Value)+" is no operator here", "write .^ for the power of each entry; ^ is that of a scalar or a square matrix", label(s, ""))
		d.Fixes = []diag.Fix{{Span: s, Text: ".^"}}
		return d
	case tCompare:
		if t.Value == "==" {
			return failure("E121", "`==` stands in square brackets only", "a definition or claim has a single =, a comparison is [y == k]", label(s, ""))
		}
		return failure("E109", "a comparison needs square brackets", "write [x "+t.Value+" a], which is 0 or 1", label(s, ""))
	case tEq:
		if want != "" {
			break
		}
		return failure("E121", "an equals sign cannot stand here", "a comparison is written in square brackets: [y = k]", label(s, ""))
	case tMatrix:
		return failure("E221", "matrix literals are not in the language", "declare a variable and use its name", label(s, ""))
	}
	if want != "" {
		help := ""
		if t.Type == tDiv && last.End == s.Start {
			help = "# or % starts a comment"
		} else if t.Type == tTrans {
			help = "a transpose follows its operand, x'; programs hold no strings"
		}
		return failure("E105", want+" is missing before "+quote(t.Value), help, label(s, want+" expected"))
	}
	help := ""
	switch {
	case t.Type == tComma:
		help = "a new line or ; ends a statement"
	case t.Type == tSub:
		help = "an index follows a name: define P = … and write P" + t.Value
	case t.Value == "≈" || t.Value == `\approx`:
		help = "equations are exact; matdiff verify follows an approximation as its scalar grows, [x >= a] ≈ σ(λ (x − a))"
	}
	return failure("E106", "unexpected "+quote(t.Value), help, label(s, ""))
}

// commandHelp says what to write for a LaTeX command that one may well type.
func commandHelp(v string) string {
	switch v {
	case `\dagger`, `\dag`, `\ast`, `\star`, `\mathsf`:
		return "the transpose is x' or x^T"
	case `\int`, `\iint`, `\oint`, `\lim`:
		return "integrals and limits are not in the language"
	}
	return ""
}

// methods says what to write for methods and attributes of arrays.
var methods = map[string]string{
	"transpose": transposeHelp, "t": transposeHelp, "mT": transposeHelp, "H": transposeHelp,
	"dot": "the matrix product is A*B or A B", "matmul": "the matrix product is A*B or A B", "mm": "the matrix product is A*B or A B",
	"shape": sizeHelp, "size": sizeHelp,
	"\\": "X.\\Y is written Y./X",
}

const (
	transposeHelp = "the transpose is X' or X.T"
	sizeHelp      = "sizes are the symbols of a declaration, X: N×D"
)

func badHelp(v string) string {
	if v == ".t." {
		return "constraints are not in the language: give the objective alone, and what a variable satisfies as a property, W: n×k orthogonal"
	}
	if h := methods[strings.TrimPrefix(v, ".")]; h != "" && v[0] == '.' {
		return h
	}
	if f, ok := strings.CutPrefix(v, ".T"); ok && utf8.RuneCountInString(f) == 1 {
		return "a space ends the transpose: X.T " + f
	}
	if f := strings.TrimPrefix(v, "."); f != v && f != "" && !strings.HasPrefix(f, ".") {
		return "a function stands before its operand, with no module and no object: write " + f + "(X)"
	}
	switch v {
	case "\"", "`":
		return "programs hold no strings; # starts a comment"
	case ".":
		return "functions have no module before them, exp(x) for np.exp(x), and no period ends a statement"
	case "^":
		return ""
	case "_":
		return "a subscript follows a name directly: x_1"
	case "&", "&&":
		return "multiply comparisons: [x > 0] .* [y > 0]"
	case "?":
		return ""
	}
	return ""
}

const openedHere = "opened here"

// missingIn is the message for a bracket that nothing closes.
func missingIn(open, close *lexer.Token) *diag.Diagnostic {
	if close == nil {
		return failure("E103", fmt.Sprintf("this %s is never closed", quote(open.Value)), "", label(spanOf(open), openedHere))
	}
	if open == nil {
		return failure("E103", fmt.Sprintf("this %s closes nothing", quote(close.Value)), "", label(spanOf(close), "no bracket is open here"))
	}
	return failure("E103", fmt.Sprintf("%s is closed by %s", quote(open.Value), quote(close.Value)), "",
		label(spanOf(open), openedHere), label(spanOf(close), "closed here"))
}

func badNumber(t *lexer.Token) *diag.Diagnostic {
	return failure("E107", "the number "+quote(t.Value)+" is out of range", "", label(spanOf(t), ""))
}
