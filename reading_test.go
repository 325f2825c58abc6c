package matdiff_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// The loop of these tests:
//
//	program ──Derive──▶ gradients ──print──▶ claims in each notation
//	   └──────────────────────────────────────┴──Verify──▶ all right
//
// A result is thus read back from every notation and judged anew, by
// differences of the objective as read.
func readBack(program string, style render.Style, opts ...matdiff.Option) error {
	ctx := context.Background()
	d, err := matdiff.Derive(ctx, program, append(opts, matdiff.NoVerify())...)
	if err != nil {
		return nil // refused by name
	}
	doc := d.Doc()
	var text string
	if style == render.ASCII {
		text = doc.ASCII(render.Options{})
	} else {
		text = asClaims(doc, style)
	}
	rep, err := matdiff.Verify(ctx, text, opts...)
	if err != nil {
		return fmt.Errorf("%s\n%v", text, err)
	}
	if len(rep.Variables) != len(d.Grads) {
		return fmt.Errorf("%s\n%d of %d gradients read back", text, len(rep.Variables), len(d.Grads))
	}
	for _, v := range rep.Variables {
		if v.Verdict == verify.Fail {
			return fmt.Errorf("%s\nby %s: %s", text, v.Wrt, v.Reason)
		}
	}
	return nil
}

// asClaims writes the declarations, named parts, the objective and the gradients in one
// notation, as the formulas of a document.
func asClaims(d *render.Doc, style render.Style) string {
	p := render.NewPrinter(style, d.Names...)
	var out strings.Builder
	for _, v := range d.Variables {
		out.WriteString(p.Declaration(v) + "\n")
	}
	parts := d.Lets
	if d.Pullback {
		parts = d.Defs // a definition cannot hold ∂Q/∂Z
	}
	define := func() {
		for _, e := range parts {
			if e.Name != d.Objective.Name && e.Name != d.Of {
				out.WriteString(p.Name(e.Name) + " = " + p.Expr(e.Node) + "\n")
			}
		}
	}
	if d.Pullback {
		define()
	}
	name := d.Objective.Name
	if name == "" {
		name = d.Of
	}
	out.WriteString(p.Name(name) + " = " + p.Expr(d.Objective.Node) + "\n")
	if !d.Pullback { // parts may use the value, a pullback is that of what stands last
		define()
	}
	for _, g := range d.Gradients {
		n := g.Node
		if d.Pullback && g.Inline != nil {
			n = g.Inline
		}
		lhs := "∂" + d.Of + "/∂" + g.Wrt
		if style == render.LaTeX {
			lhs = `\frac{\partial ` + p.Name(d.Of) + `}{\partial ` + p.Name(g.Wrt) + `}`
		}
		out.WriteString(lhs + " = " + p.Expr(n) + "\n")
	}
	return out.String()
}

var styles = []render.Style{render.ASCII, render.Text, render.LaTeX}

func TestTextbookReadsBack(t *testing.T) {
	for i, c := range readTextbook(t) {
		for k, style := range styles {
			// Each case in one notation, in all of them where time allows.
			if i%len(styles) != k && os.Getenv("MATDIFF_SLOW") == "" {
				continue
			}
			if err := readBack(c.program, style); err != nil && !vague(style, err) {
				t.Errorf("%s in %v: %v", c.id, style, err)
			}
		}
	}
}

// MATDIFF_RANDOM=10000 tries that many random programs.
func TestRandomReadsBack(t *testing.T) {
	n := 60
	if s := os.Getenv("MATDIFF_RANDOM"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for seed := uint64(7000); seed < 7000+uint64(n); seed++ {
		program := randexpr.Program(seed, 6+int(seed%10))
		for _, style := range styles {
			err := readBack(program, style, matdiff.Seed(int64(seed)))
			if err != nil && !vague(style, err) {
				t.Errorf("seed %d in %v:\n%s\n%v", seed, style, program, err)
			}
		}
	}
}

// vague tells errors of notations that leave something to the reader: 𝟏 and I
// do not tell their sizes, alone or in a Kronecker product. ASCII leaves nothing.
func vague(style render.Style, err error) bool {
	return style != render.ASCII && (strings.Contains(err.Error(), "E230") || strings.Contains(err.Error(), "E214"))
}

// TestEchoReadsAsTyped holds the echo to the names of definitions and to the
// order of terms in the program.
func TestEchoReadsAsTyped(t *testing.T) {
	for program, want := range map[string]string{
		"H = tanh(X W_1 + b_1); Z = H W_2 + b_2; Q = 1/2 ‖Z − Y‖²":                   "Q = ½ ‖Z − Y‖²",
		"D: n×n; s: scalar; K = s*exp(-D); L = y'inv(K + t*eye(n))y - 1/2 logdet(K)": "L = yᵀ(K + t I)⁻¹ y − ½ log det(K)",
		"cos = x'y/(norm(x)*norm(y)); loss = max(0, 1 - cos)":                        "loss = max(0, 1 − cos)",
		"H_1 = tanh(X W); H_2 = X + tanh(H_1 W + b); Q = sum(H_2 + H_1)":             "Q = sum(H_2 + H_1)",
		"Q = -y'log(p) + (1-y)'log(1-p)":                                             "Q = −yᵀ log(p) + (1 − y)ᵀ log(1 − p)",
		"r = A x - b; Q = (r + b)'r":                                                 "Q = (r + b)ᵀr",
		"P = X'X; Q = tr(P P + P)":                                                   "Q = tr(P² + P)",
	} {
		d, err := matdiff.Derive(context.Background(), program, matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", program, err)
			continue
		}
		if got := d.Doc().Reading(render.Text); got != want {
			t.Errorf("%s\n got %s\nwant %s", program, got, want)
		}
	}
}

// TestAnswersKeepDirections holds differences in answers to the direction that
// the program gives them, and forms to those of the books.
func TestAnswersKeepDirections(t *testing.T) {
	for _, c := range [][3]string{
		{"Q = norm(A*x - b)^2", "x", "2*A'*r"},
		{"Q = norm(b - A*x)^2", "x", "-2*A'*r"},
		{"Q = norm(U V' - R)^2 + norm(U)^2", "U", "2*(R_1*V + U)"},
		{"H = tanh(X W_1 + b_1); Z = H W_2 + b_2; Q = 1/2 ‖Z − Y‖²", "W_2", "H'*R"},
		{"H = tanh(X W_1 + b_1); Z = H W_2 + b_2; Q = 1/2 ‖Z − Y‖²", "W_1", "X'*G"},
		{"X: n×n; Q = a'inv(X) b", "X", "-inv(X)'*a*b'*inv(X)'"},
		{"X: n×n; Q = tr(A inv(X) B)", "X", "-(inv(X)*B*A*inv(X))'"},
		{"x_1: scalar; x_2: scalar; x_3: scalar; f = (x_1*x_2*sin(x_3)+exp(x_1*x_2))/x_3", "x_3", "(x_1*x_2*cos(x_3) - f)/x_3"},
	} {
		d, err := matdiff.Derive(context.Background(), c[0], matdiff.NoVerify())
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		for _, g := range d.Grads {
			if got := render.Expr(g.Node, render.ASCII); g.Wrt.Name == c[1] && got != c[2] {
				t.Errorf("%s: by %s: got %s, want %s", c[0], c[1], got, c[2])
			}
		}
	}
}

// TestNumbersOfSchoolAlgebra reads small letters as numbers where one of them
// can only be a number, and nothing speaks of vectors.
func TestNumbersOfSchoolAlgebra(t *testing.T) {
	for program, numbers := range map[string]bool{
		"2 x y + x^2 - 3 y/x": true, "f = x^2 y": true, "f(x, y) = x^2 + x y": true, "f = exp(x y)/z + log(x)": true,
		"x + y": false, "A x + y": false, "x'y + y": false,
	} {
		p, err := matdiff.Parse(program)
		if err != nil {
			if numbers {
				t.Errorf("%s: %v", program, err)
			}
			continue
		}
		if v := p.VarNamed("y"); v.Shape.IsScalar() != numbers {
			t.Errorf("%s: y is %v", program, v.Shape)
		}
	}
}
