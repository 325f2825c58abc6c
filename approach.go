package matdiff

import (
	"context"
	"fmt"
	"strings"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// Approximation is a line such as [x ≥ a] ≈ σ(λ(x − a)) and how far its sides
// are from each other as λ grows.
type Approximation struct {
	*verify.Approach
	Left, Right string
}

// approximately are the spellings of ≈.
var approximately = []string{"≈", `\approx`, "~=", "≃"}

// Approximates tells whether a program has a line with ≈ in it.
func Approximates(program string) bool {
	for _, s := range approximately {
		if strings.Contains(program, s) {
			return true
		}
	}
	return false
}

// Approximate tabulates how the last line with ≈ in it holds as a scalar of its
// right side grows: the one that Wrt names, else the one that the left side has
// not. The lines before it declare and define.
func Approximate(ctx context.Context, program string, opts ...Option) (a *Approximation, err error) {
	defer guard(&err)
	ctx, end := during(ctx)
	defer end()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o, err := apply(opts)
	if err != nil {
		return nil, err
	}
	var before []string
	var left, right string
	for _, line := range strings.FieldsFunc(program, func(r rune) bool { return r == '\n' || r == ';' }) {
		cut := false
		for _, s := range approximately {
			if l, r, ok := strings.Cut(line, s); ok && !cut {
				left, right, cut = strings.TrimSpace(l), strings.TrimSpace(r), true
			}
		}
		if !cut {
			before = append(before, line)
		}
	}
	if r, _, ok := strings.Cut(right, "  "); ok {
		right = r
	}
	names := [2]string{"left_side", "right_side"}
	p, err := Parse(strings.Join(append(before, names[0]+" = "+left, names[1]+" = "+right), "\n"))
	if err != nil {
		return nil, err
	}
	l, r := p.Defs[len(p.Defs)-2].Node, p.Defs[len(p.Defs)-1].Node
	if l.Shape != r.Shape {
		return nil, &diag.Diagnostic{Code: "E238", Message: fmt.Sprintf("the sides of ≈ are %v and %v", l.Shape, r.Shape)}
	}
	grows, err := growing(p, l, r, o.derive.Wrt)
	if err != nil {
		return nil, err
	}
	a = &Approximation{Left: render.Expr(l, render.Text), Right: render.Expr(r, render.Text)}
	seed := o.verify.Seed
	if seed == 0 {
		seed = 1
	}
	a.Approach, err = verify.Approaching(ctx, l, r, p.Vars, grows, p.Sizes, seed)
	return a, err
}

// growing picks the scalar that grows.
func growing(p *expr.Program, l, r *expr.Node, wrt []string) (*expr.Var, error) {
	var found []*expr.Var
	for _, v := range p.Vars {
		n := p.B.Var(v)
		alone := contains(r, n) && !contains(l, n)
		for _, w := range wrt {
			alone = v.Name == w
		}
		if alone && v.Shape.IsScalar() {
			found = append(found, v)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	d := &diag.Diagnostic{Code: "E228", Message: "nothing says which scalar grows", Help: "write a scalar on the right of ≈ that the left has not, as λ in [x >= a] ≈ σ(λ (x − a))"}
	if len(found) > 1 {
		d.Message, d.Help = "several scalars could grow: "+found[0].Name+" and "+found[1].Name, "name one: --wrt "+found[0].Name
	}
	return nil, d
}

func contains(n, v *expr.Node) bool {
	for _, x := range expr.Topo(n) {
		if x == v {
			return true
		}
	}
	return false
}

// Text prints the table.
func (a *Approximation) Text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s ≈ %s as %s grows, at %d points\n\n", a.Left, a.Right, a.Grows, a.Points)
	fmt.Fprintf(&out, "%-8s  %-10s  %-12s  %-13s  %s\n", a.Grows, "mean error", "median error", "largest error", "off by more than 0.01")
	for _, r := range a.Rows {
		fmt.Fprintf(&out, "%-8g  %-10.2g  %-12.2g  %-13.2g  %.3g %%\n", r.Value, r.Mean, r.Median, r.Largest, 100*r.Off)
	}
	out.WriteByte('\n')
	switch {
	case a.Jumps():
		out.WriteString("the sides meet, but for points ever nearer to the edge, where one of them jumps\n")
	case a.Meets():
		out.WriteString("the sides meet\n")
	default:
		out.WriteString("the sides do not meet\n")
	}
	return out.String()
}
