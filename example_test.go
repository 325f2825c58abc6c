package matdiff_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

func ExampleDerive() {
	d, err := matdiff.Derive(context.Background(), "A: m×n; b: m; x: n; Q = ‖A x - b‖²", matdiff.Wrt("x"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range d.Grads {
		fmt.Printf("∂Q/∂%s = %s\n", g.Wrt.Name, render.Expr(g.Node, render.Text))
	}
	fmt.Println("verified:", d.Report.Right())
	// Output:
	// ∂Q/∂x = 2 Aᵀ(A x − b)
	// verified: true
}

// Parts that several gradients share get a name.
func ExampleDerive_lets() {
	d, err := matdiff.Derive(context.Background(), "Q = sum(Y .* logsoftmax(XW+b))")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range d.Lets {
		fmt.Printf("%s = %s\n", l.Name, render.Expr(l.Node, render.ASCII))
	}
	for _, g := range d.Grads {
		fmt.Printf("dQ/d%s = %s\n", g.Wrt.Name, render.Expr(g.Node, render.ASCII))
	}
	// Output:
	// R = Y - softmax(X*W + b) .* rowsum(Y)
	// dQ/dY = logsoftmax(X*W + b)
	// dQ/dX = R*W'
	// dQ/dW = X'*R
	// dQ/db = colsum(R)
}

// An objective that is not a scalar has pullbacks: the gradients of any scalar
// that uses it.
func ExampleDerive_pullback() {
	d, err := matdiff.Derive(context.Background(), "X: N×D; W: D×K; b: K; Z = X W + 1bᵀ")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range d.Grads {
		fmt.Printf("∂Q/∂%s = %s\n", g.Wrt.Name, render.Expr(g.Node, render.Text))
	}
	// Output:
	// ∂Q/∂X = ∂Q/∂Z Wᵀ
	// ∂Q/∂W = Xᵀ ∂Q/∂Z
	// ∂Q/∂b = (∂Q/∂Z)ᵀ1
}

// Errors of a program carry a code, the line with a caret, both shapes and,
// where there is one, a fix.
func ExampleDerive_error() {
	_, err := matdiff.Derive(context.Background(), "A: p×n; x: n; b: p\nQ = sum(2*(A*x - b)*A')")
	fmt.Println(err)
	// Output:
	// error[E203]: cannot multiply p×1 by n×p
	//   1 │ A: p×n; x: n; b: p
	//     │ ^       ^     ^ b is declared p×1
	//     │ │       x is declared n×1
	//     │ A is declared p×n
	//   2 │ Q = sum(2*(A*x - b)*A')
	//     │           ^^^^^^^^^ ^^ n×p
	//     │           p×1
	//   help: did you mean 2*A'*(A*x - b)?
}

func ExampleSteps() {
	d, err := matdiff.Derive(context.Background(), "A: m×n; b: m; x: n; r = A x - b; Q = r'r", matdiff.Wrt("x"), matdiff.Steps())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range d.Steps {
		fmt.Printf("%s = %s  (%s)\n", render.Expr(s.Lhs, render.Text), render.Expr(s.Rhs, render.Text), s.Rule)
	}
	// Output:
	// r = A x − b  (definition)
	// dr = A dx  (product)
	// dQ = 2 rᵀ dr  (product)
	// ∂Q/∂r = 2 r  (isolated)
	// dQ = 2 rᵀA dx  (substitution)
	// ∂Q/∂x = 2 Aᵀr  (gradient)
}

func ExampleSymmetric() {
	for _, convention := range []string{"half", "free", "book"} {
		d, err := matdiff.Derive(context.Background(), "S: n×n spd; Q = logdet(S)", matdiff.Symmetric(convention))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(convention, render.Expr(d.Grads[0].Node, render.Text))
	}
	// Output:
	// half S⁻¹
	// free S⁻¹
	// book 2 S⁻¹ − diag(diag(S⁻¹))
}

func ExampleNumeratorLayout() {
	d, err := matdiff.Derive(context.Background(), "a: n; X: n×m; b: m; Q = a'X b", matdiff.Wrt("X"), matdiff.NumeratorLayout())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(render.Expr(d.Grads[0].Node, render.ASCII))
	// Output:
	// b*a'
}

// A gradient that the program claims is verified against central differences.
func ExampleVerify() {
	for _, claim := range []string{"(A + A')*x", "2*A*x"} {
		rep, err := matdiff.Verify(context.Background(), "A: n×n; x: n\nQ = x'A x\ndQ/dx = "+claim)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(claim, rep.Of("x").Verdict)
	}
	// Output:
	// (A + A')*x pass
	// 2*A*x fail
}

func ExampleDerivation_Doc() {
	d, err := matdiff.Derive(context.Background(), "y: N onehot; z: N; Q = -y'log(softmax(z))", matdiff.Wrt("z"), matdiff.NoVerify())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(d.Doc().Text(render.Options{}))
	// Output:
	// Q = −yᵀ log(softmax(z))
	//
	// shapes   y: N onehot   z: N
	//
	// ∂Q/∂z = softmax(z) − y
	//
	// not verified
}

func ExampleGenerate() {
	out, err := matdiff.Generate(context.Background(), "A: m×n; b: m; x: n; Q = ‖A x - b‖²", matdiff.GenerateOptions{Lang: "numpy"}, matdiff.Wrt("x"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range out.Files {
		for line := range strings.Lines(string(f.Data)) {
			if strings.HasPrefix(line, "def value") {
				fmt.Print(line)
			}
		}
	}
	// Output:
	// def value(A, b, x):
	// def value_and_grad(A, b, x):
}

func ExampleParse() {
	p, err := matdiff.Parse("Q = sum(Y .* logsoftmax(XW+b))")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range p.Vars {
		fmt.Println(v.Name, v.Shape)
	}
	for _, n := range p.Notes {
		fmt.Println("note:", n)
	}
	// Output:
	// Y N×K
	// X N×D
	// W D×K
	// b 1×K
	// note: read XW as X W
	// note: inferred Y: N×K, X: N×D, W: D×K, b: 1×K
	// note: b (1×K) is repeated over N rows
}
