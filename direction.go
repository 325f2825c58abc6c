package matdiff

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/matdiff/matdiff/derive"
	"github.com/matdiff/matdiff/draw"
	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// Directional is a table of ∇f(x)ᵀp against (f(x+εp) − f(x−εp))/2ε.
type Directional struct {
	*verify.Table
	Of   string
	Wrt  []string
	Seed int64
}

// Direction compares the gradients that Derive finds with central differences
// along a random direction p of length 1 in all variables together, for steps
// ε from 1e-1 to 1e-12, at a random point or at the one that At gives. The
// verdict is that of the step whose error has the least bound.
func Direction(ctx context.Context, program string, opts ...Option) (d *Directional, err error) {
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
	tree, err := syntax(program)
	if err != nil {
		return nil, err
	}
	understood, list := infer.Infer(tree, infer.Options{Claims: true, Stop: ctx.Err})
	if list.Err() != nil {
		return nil, list
	}
	p := understood.Program
	var claims []verify.Claim
	for _, c := range understood.Claims { // of two claims about one variable the last
		if c.Err.Err() != nil {
			return nil, c.Err
		}
		if c.Kind == infer.ClaimGradient && len(c.By) == 1 && c.By[0].Op == expr.OpVar && len(c.Sides) > 0 {
			claims = append(claims, verify.Claim{Wrt: c.By[0].Var, Node: c.Sides[len(c.Sides)-1]})
		}
	}
	if len(claims) == 0 {
		res, err := derive.Derive(p, o.derive)
		if err != nil {
			return nil, diagnostic(err, program)
		}
		for _, g := range res.Grads {
			claims = append(claims, verify.Claim{Wrt: g.Wrt, Node: g.Node})
		}
	}
	if o.at != "" {
		env, list := eval.ParsePoint(o.at, p.Vars)
		if list.Err() != nil {
			return nil, list
		}
		o.verify.At, o.verify.Sizes = env.Vars, env.Sizes
	}
	d = &Directional{Of: p.Of(), Seed: o.verify.Seed}
	for _, c := range claims {
		d.Wrt = append(d.Wrt, c.Wrt.Name)
	}
	o.verify.Symmetric = convention(o.derive.Symmetric)
	d.Table, err = verify.Directional(ctx, p, claims, o.verify)
	return d, err
}

// Right tells whether the differences agree with the gradient.
func (d *Directional) Right() bool { return d.Verdict == verify.Pass }

// Text prints the table.
func (d *Directional) Text() string {
	var out strings.Builder
	var sizes []string
	for k, v := range d.Sizes {
		sizes = append(sizes, fmt.Sprintf("%s = %d", k, v))
	}
	sort.Strings(sizes)
	at := ""
	if len(sizes) > 0 {
		at = " (" + strings.Join(sizes, ", ") + ")"
	}
	fmt.Fprintf(&out, "∇%sᵀp = %.10g along a random direction p of length 1 in %s%s\n\n", d.Of, d.Exact, strings.Join(d.Wrt, ", "), at)
	fmt.Fprintf(&out, "%-10s  %-20s  %-9s\n", "ε", "(f(x+εp) − f(x−εp))/2ε", "error")
	for i, r := range d.Rows {
		note := ""
		if r.Eps == verify.Step {
			note = "   ε_m^(1/3)"
		}
		if i == d.Best {
			note += "   least error"
		}
		fmt.Fprintf(&out, "%-10s  %-22s  %-9s%s\n", fmt.Sprintf("%.3g", r.Eps), fmt.Sprintf("%.14g", r.Estimate), fmt.Sprintf("%.2g", r.Error), note)
	}
	out.WriteString("\nThe error falls as ε² while truncation makes it, and rises as 1/ε once rounding does;\nboth are least together near ε_m^(1/3), ε_m = 2.2e-16.\n")
	switch r := d.Rows[d.Surest]; {
	case d.Verdict == verify.Pass:
		fmt.Fprintf(&out, "\nright: at ε = %.3g the error is within its bound %.1g\n", r.Eps, r.Bound)
	case d.Verdict == verify.Fail:
		fmt.Fprintf(&out, "\nwrong: at ε = %.3g %s\n", r.Eps, d.Reason)
	default:
		fmt.Fprintf(&out, "\ninconclusive: %s\n", d.Reason)
	}
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Plot draws the error against ε with the two slopes.
func (d *Directional) Plot() *draw.Plot {
	p := &draw.Plot{
		Title: "Error of central differences along p", X: "ε", Y: "error |(f(x+εp) − f(x−εp))/2ε − ∇fᵀp|",
		Best: d.Best, Mark: verify.Step, MarkText: "ε_m^(1/3)",
	}
	for _, r := range d.Rows {
		e := r.Error
		if math.IsNaN(e) {
			e = 0
		}
		p.Points = append(p.Points, [2]float64{r.Eps, e})
	}
	var rounding float64
	for _, r := range d.Rows { // the geometric middle of what rounding leaves
		if r.Eps < verify.Step && r.Error > 0 {
			rounding = math.Max(rounding, r.Error*r.Eps)
		}
	}
	for _, r := range d.Rows {
		if r.Eps > verify.Step && r.Error > 1e3*rounding/r.Eps && r.Eps <= 1e-2 { // truncation for certain
			p.Slopes = append(p.Slopes, draw.Slope{Text: "truncation ∝ ε²", C: r.Error / (r.Eps * r.Eps), K: 2, From: verify.Step / 100, To: 1e-1})
			break
		}
	}
	p.Slopes = append(p.Slopes, draw.Slope{Text: "rounding ∝ 1/ε", C: rounding, K: -1, From: 1e-12, To: verify.Step * 10})
	return p
}
