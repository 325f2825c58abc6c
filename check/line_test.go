package check

import (
	"strings"
	"testing"
)

// lineHead is what the lines of TestLines stand in.
const lineHead = `A: n×p; x: p; b: n; S: p×p
X: N×D; W: D×K; Y: N×K onehot; B: 1×K
r = A x − b
Z = X W + B
P = softmax(Z)
loss = −sum(Y ⊙ log(P))
`

// TestLines reads lines of words and mathematics as they are mixed in
// homework. "-" is a line passed over.
func TestLines(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		// Declarations.
		{"Let X: n×p; y: n; w: p.", "X: n×p; y: n; w: p"},
		{"Let A ∈ R^{n×p}, x ∈ R^p and b ∈ R^n be given.", "A ∈ R^{n×p}; x ∈ R^p ; b ∈ R^n"},
		{"Let x, y ∈ R^n", "x, y ∈ R^n"},
		{"Пусть A ∈ R^{n×p}, x ∈ R^p, b ∈ R^n.", "A ∈ R^{n×p}; x ∈ R^p; b ∈ R^n"},
		{"Sei A ∈ R^{n×p} und x ∈ R^p gegeben.", "A ∈ R^{n×p}; x ∈ R^p"},
		{"Y: N×K onehot, X: N×D", "Y: N×K onehot, X: N×D"},
		{"W: ∂loss/∂W = X'(P − Y)", "∂loss/∂W = X'(P − Y)"},
		{"a: scalar; b: scalar; Q = abs(a − b); ∂Q/∂a = sign(a − b)", "a: scalar; b: scalar; Q = abs(a − b); ∂Q/∂a = sign(a − b)"},
		{"S: p×p symmetric; q = x'S x; ∂q/∂x = 2 S x", "S: p×p symmetric; q = x'S x; ∂q/∂x = 2 S x"},
		{"Let S: p×p symmetric and x: p. q = x'S x", "S: p×p symmetric ; x: p; q = x'S x"},
		{"Note: obvious; q = x'S x", "q = x'S x"},
		{"X is N x D, w is D by 1, y is N×1", "X: N×D; w: D×1; y: N×1"},
		{"Let M be a symmetric n×n matrix.", "M: n×n symmetric"},
		{"Here M is symmetric.", "M symmetric"},
		{"q = x'S x (S symmetric)", "S symmetric; q = x'S x"},
		{"q = x'S x, where S is symmetric", "S symmetric; q = x'S x"},
		// Definitions.
		{"We minimise Q = ‖A x − b‖².", "Q = ‖A x − b‖²"},
		{"Define the residual r = A x − b.", "r = A x − b"},
		{"Let f(x) = x'S x", "f(x) = x'S x"},
		{"The loss = −sum(Y ⊙ log(P)) is convex.", "loss = −sum(Y ⊙ log(P))"},
		{"total = loss + reg", "total = loss + reg"},
		{"Рассмотрим Q = ‖A x − b‖².", "Q = ‖A x − b‖²"},
		{"Wir betrachten Q = ‖A x − b‖².", "Q = ‖A x − b‖²"},
		{"Q = norm(Xmat w − yvec)^2", "Q = norm(Xmat w − yvec)^2"},
		{"Q = A y + b", "Q = A y + b"},
		// Claims.
		{"Then dr = A dx.", "dr = A dx"},
		{"Hence dQ = 2 r' dr = 2 r' A dx.", "dQ = 2 r' dr = 2 r' A dx"},
		{"so ∂Q/∂x = 2 A' r", "∂Q/∂x = 2 A' r"},
		{"dQ = 2 r' dr and dr = A dx", "dQ = 2 r' dr ; dr = A dx"},
		{"dQ = 2 r' dr, dr = A dx", "dQ = 2 r' dr; dr = A dx"},
		{"dQ = 2 r' dr, where r = A x − b", "dQ = 2 r' dr ; r = A x − b"},
		{"For the bias: ∂Q/∂B = 1'(P − Y)", "∂Q/∂B = 1'(P − Y)"},
		{"The gradient by W is ∂loss/∂W = X'(P − Y).", "∂loss/∂W = X'(P − Y)"},
		{"With respect to W, dloss = tr((P − Y)' X dW)", "dloss = tr((P − Y)' X dW)"},
		{"w.r.t. x: ∂Q/∂x = 2 A'r", "∂Q/∂x = 2 A'r"},
		{"i.e. ∂Q/∂x = 2 A'r", "∂Q/∂x = 2 A'r"},
		{"I get ∂Q/∂x = 2 A'r", "∂Q/∂x = 2 A'r"},
		{"It's clear that dr = A dx", "dr = A dx"},
		{"Since Q is quadratic, dQ = 2 r' dr", "dQ = 2 r' dr"},
		{"dQ = 2 r' dr, since r'r is a scalar", "dQ = 2 r' dr"},
		{"dQ = 2 r' dr (by the chain rule)", "dQ = 2 r' dr"},
		{"dQ = 2 r' dr    (chain rule)    (3)", "dQ = 2 r' dr"},
		{"dQ = 2 r' dr [product rule]", "dQ = 2 r' dr"},
		{"∂Q/∂x = 2 A'(A x − b) ∎", "∂Q/∂x = 2 A'(A x − b)"},
		{"= 2 A'(A x − b), which is the claim.", "= 2 A'(A x − b)"},
		{"Setting ∂Q/∂x = 0 gives A'A x = A'b, hence x = inv(A'A) A'b", "∂Q/∂x = 0 ; A'A x = A'b ; x = inv(A'A) A'b"},
		{"∴ dr = A dx", "dr = A dx"},
		{"⇒ dr = A dx", "dr = A dx"},
		{"Step 2: dr = A dx", "dr = A dx"},
		{"(2) dr = A dx", "dr = A dx"},
		{"2. dr = A dx", "dr = A dx"},
		{"b) dr = A dx", "dr = A dx"},
		{"- dr = A dx", "dr = A dx"},
		{"* dr = A dx", "dr = A dx"},
		{"• dr = A dx;", "dr = A dx"},
		{"Тогда dQ = 2 r' dr, где r = A x − b.", "dQ = 2 r' dr ; r = A x − b"},
		{"Отсюда ∂Q/∂x = 2 A' r.", "∂Q/∂x = 2 A' r"},
		{"Градиент по x равен ∂Q/∂x = 2 A' r", "∂Q/∂x = 2 A' r"},
		{"Найдём дифференциал: dQ = 2 r' dr", "dQ = 2 r' dr"},
		{"а dr = A dx", "dr = A dx"},
		{"т.е. dr = A dx", "dr = A dx"},
		{"dQ = 2 r' dr (по правилу цепочки)", "dQ = 2 r' dr"},
		{"dQ = 2 r' dr и dr = A dx", "dQ = 2 r' dr ; dr = A dx"},
		{"Dann ist dQ = 2 r' dr.", "dQ = 2 r' dr"},
		{"Daraus folgt ∂Q/∂x = 2 A' r.", "∂Q/∂x = 2 A' r"},
		{"dQ = 2 r' dr mit r = A x − b", "dQ = 2 r' dr ; r = A x − b"},
		{"d.h. dr = A dx", "dr = A dx"},
		{"Für den Gradienten nach W: ∂loss/∂W = X'(P − Y)", "∂loss/∂W = X'(P − Y)"},
		{"also gilt dr = A dx", "dr = A dx"},
		// Assumptions.
		{"If S is symmetric, ∂f/∂x = 2 S x.", "S symmetric; ∂f/∂x = 2 S x"},
		{"∂f/∂x = 2 S x, with S symmetric", "S symmetric; ∂f/∂x = 2 S x"},
		{"∂f/∂x = 2 S x for symmetric S", "S symmetric; ∂f/∂x = 2 S x"},
		{"Так как S симметрична, ∂f/∂x = 2 S x.", "S symmetric; ∂f/∂x = 2 S x"},
		{"Da S symmetrisch ist, gilt ∂f/∂x = 2 S x.", "S symmetric; ∂f/∂x = 2 S x"},
		{"Assume that S is symmetric.", "S symmetric"},
		{"Пусть S симметрична.", "S symmetric"},
		{"S symmetric", "S symmetric"},
		{"∂f/∂x = 2 S x, since X'X is symmetric", "∂f/∂x = 2 S x"},
		{"∂f/∂x = (S + S')x, since S is not symmetric", "∂f/∂x = (S + S')x"},
		{"Let S be positive definite.", "S spd"},
		{"f = x'S x with x ∈ R^p and S ∈ R^{p×p} symmetric", "S symmetric; f = x'S x ; x ∈ R^p ; S ∈ R^{p×p}"},
		// Prose.
		{"This is a quadratic form.", "-"},
		{"The first term does not depend on W, so it vanishes.", "-"},
		{"Теперь найдём производную по W.", "-"},
		{"Nun leiten wir nach W ab.", "-"},
	} {
		v := newVocabulary(lineHead + c.line + "\n")
		got := "-"
		if !isProse(c.line) || v.assumption(c.line, false) != "" {
			l := v.formula(c.line)
			if len(l) != len(c.line) {
				t.Errorf("%q: %d bytes became %d", c.line, len(c.line), len(l))
			}
			got = strings.Join(strings.Fields(l), " ")
		}
		if got != c.want {
			t.Errorf("%q:\n  got  %s\n  want %s", c.line, got, c.want)
		}
	}
}

// TestUndeclaredDifferentials reads da and de as differentials where a text
// that declares nothing uses the letter; elsewhere they are words.
func TestUndeclaredDifferentials(t *testing.T) {
	for _, c := range []struct{ first, line, want string }{
		{"Q = x'a", "dQ/da = x", "dQ/da = x"},
		{"Q = x'a", "dQ = x' da", "dQ = x' da"},
		{"L = norm(A*x - b)^2", "dL/dA = 2 (A x - b) x'", "dL/dA = 2 (A x - b) x'"},
		{"Q = x'S x", "da ist dQ/dx = 2 S x", "dQ/dx = 2 S x"},
	} {
		v := newVocabulary(c.first + "\n" + c.line + "\n")
		if got := strings.Join(strings.Fields(v.formula(c.line)), " "); got != c.want {
			t.Errorf("%q after %q: %q, want %q", c.line, c.first, got, c.want)
		}
	}
}
