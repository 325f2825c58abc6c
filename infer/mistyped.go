package infer

import (
	"strings"
	"unicode"

	"github.com/matdiff/matdiff/ast"
	"github.com/matdiff/matdiff/diag"
)

// Here are forms that have a reading, or nearly, which nobody means.

// entryError says that an entry has no place in the language.
func entryError(text string, at ast.Span) *diag.Diagnostic {
	return &diag.Diagnostic{Code: "E220", Message: "a fixed entry such as " + text + " is not in the language yet",
		Labels: []diag.Label{{Span: at}}, Help: "declare a variable for the entry, or take it by a product with a unit vector"}
}

// fixedEntry explains x[1], and Sin[x] as Mathematica writes it.
func (in *inferrer) fixedEntry(e *ast.Index) *diag.Diagnostic {
	d := entryError(in.text(e.Span), e.Span)
	n, ok := e.X.(*ast.Name)
	if !ok || in.env.known(n.Text) != nil {
		return d
	}
	for _, f := range []string{n.Text, strings.ToLower(n.Text)} {
		if isFunction(f) {
			inner := strings.TrimSuffix(strings.TrimPrefix(in.text(e.Span), n.Src+"["), "]")
			d.Message = "square brackets after the function " + f
			d.Help = "write " + f + "(" + inner + ")"
			d.Fixes = []diag.Fix{{Span: e.Span, Text: f + "(" + inner + ")"}}
			return d
		}
	}
	return d
}

// derivativeSign reports d/dx, a derivative where a value should stand.
func (in *inferrer) derivativeSign(e *ast.Binary) bool {
	d, ok := e.X.(*ast.Name)
	if !ok || d.Text != "d" || in.env.diffs || in.env.known("d") != nil {
		return false
	}
	by, ok := e.Y.(*ast.Name)
	if !ok || !strings.HasPrefix(by.Text, "d") || len(by.Text) < 2 || in.env.known(by.Text) != nil {
		return false
	}
	in.add(&diag.Diagnostic{Code: "E236", Message: "a derivative stands in claims only; give the program to matdiff check",
		Labels: []diag.Label{{Span: e.X.Pos().To(e.Y.Pos())}}, Help: "to have it derived, give the objective alone"})
	return true
}

// notZero reports a division by the number 0.
func (in *inferrer) notZero(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Paren:
		in.notZero(e.X)
	case *ast.Binary:
		if e.Op == ast.Juxt {
			in.notZero(e.X)
		}
	case *ast.Number:
		if strings.Trim(e.Val, "0.") == "" {
			in.add(&diag.Diagnostic{Code: "E240", Message: "division by zero", Labels: []diag.Label{{Span: e.Span}}})
		}
	}
}

// looksMeant remarks on an undeclared name that is something else elsewhere.
func (in *inferrer) looksMeant(name string, at ast.Span) bool {
	rest := in.src[min(at.End, len(in.src)):]
	switch {
	case name == "e" && strings.HasPrefix(rest, "^"):
		in.note("e is a variable here; the exponential is exp(x)")
	case name == "Σ" && in.entryOfKnown(rest):
		in.add(&diag.Diagnostic{Code: "E226", Message: "this Σ does not say over which index it sums", Labels: []diag.Label{{Span: at}},
			Help: "write Σ_i for a sum over i, or declare Σ where it is a matrix"})
		return true
	}
	return false
}

// entryOfKnown tells whether an entry x_i of a declared x comes next.
func (in *inferrer) entryOfKnown(rest string) bool {
	word := strings.TrimLeft(rest, " \t")
	end := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	if end >= 0 {
		word = word[:end]
	}
	base, sub, ok := strings.Cut(word, "_")
	return ok && len(sub) == 1 && unicode.IsLower(rune(sub[0])) && in.env.known(word) == nil && in.env.known(base) != nil
}

// layerIndex remarks on W^{(2)}, which texts on networks write for the second
// of several matrices.
func (in *inferrer) layerIndex(e *ast.Power) {
	n, ok := e.X.(*ast.Name)
	_, index, braced := strings.Cut(in.text(e.Span), "^{(")
	k, ended := strings.CutSuffix(index, ")}")
	if _, whole := wholeNumber(k); ok && braced && ended && whole {
		in.note("read %s as a power; for the name of a layer write %s_%s", in.text(e.Span), n.Src, k)
	}
}
