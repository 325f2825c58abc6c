package matdiff

import (
	"context"
	"slices"

	"github.com/matdiff/matdiff/check"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// Verify verifies by numbers what a program claims: gradients (dQ/dW = …) by
// central differences of their objective, all other claims (differentials,
// derivatives by a defined name, Jacobians, a second Q = …) by their values at
// random points. A program that claims nothing about the variables asked for
// has its gradients derived and verified. The judgements stand in the order of
// the claims. A claim of the wrong shape fails; a claim that has no meaning,
// and any other error of the program, is a *diag.List.
func Verify(ctx context.Context, program string, opts ...Option) (rep *verify.Report, err error) {
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
	res, list := infer.Infer(tree, infer.Options{Claims: true, Stop: ctx.Err})
	if list.Err() != nil {
		return nil, list
	}
	if o.derive.Wrt, err = wanted(res.Program, o.derive.Wrt, program); err != nil {
		return nil, err
	}
	o.verify.Symmetric = convention(o.derive.Symmetric)
	v := &verifier{options: o, ctx: ctx, res: res}
	for i := range res.Claims {
		if err := v.claim(i); err != nil {
			return nil, err
		}
	}
	if v.rep == nil {
		d, err := o.derived(ctx, res.Program, res.Program, program)
		if err != nil {
			return nil, err
		}
		return d.Report, nil
	}
	return v.rep, nil
}

// verifier verifies the claims of one program.
type verifier struct {
	options
	ctx context.Context
	res *infer.Result
	rep *verify.Report
}

// claim judges claim i and adds the judgement to the report. What is asked for
// by name are gradients, so that other claims are then passed over.
func (v *verifier) claim(i int) error {
	c := &v.res.Claims[i]
	if c.Err.Err() != nil {
		return c.Err
	}
	// ∂Q/∂w = 0 is a condition where something follows from it, else a claim.
	zero := c.Kind == infer.ClaimStationary && c.ThenLeft == nil
	byInput := (c.Kind == infer.ClaimGradient || zero) && c.By[0].Op == expr.OpVar && c.By[0].Var.Kind == expr.Input
	if len(v.derive.Wrt) > 0 && !(byInput && slices.Contains(v.derive.Wrt, c.By[0].Var.Name)) {
		return nil
	}
	if !byInput || len(c.Sides) == 0 {
		return v.compare(i)
	}
	p := *v.res.Program
	if c.Of != nil {
		p.Objective = expr.Def{Name: c.OfName, Node: c.Of}
	}
	by, n := c.By[0].Var, c.Sides[len(c.Sides)-1]
	out := verify.Variable{Wrt: by.Name, Verdict: verify.Fail}
	want := by.Shape
	if v.derive.Numerator {
		want = want.T()
	}
	if zero {
		n = p.B.Zeros(want)
	}
	differ := "the gradient is " + want.String() + ", the claim " + n.Shape.String()
	turned := n.Shape != want && n.Shape == want.T()
	if n.Shape != want && !turned {
		out.Reason = differ
		v.add(nil, out, c)
		return nil
	}
	if turned != v.derive.Numerator {
		n = p.B.T(n)
	}
	rep, err := verify.Gradients(v.ctx, &p, []verify.Claim{{Wrt: by, Node: n}}, v.verify)
	if err != nil {
		return err
	}
	if !turned {
		out = rep.Variables[0]
	} else {
		out.Points = rep.Variables[0].Points
		out.Reason = differ
		if rep.Right() {
			out.Reason += "; its transpose is right, so it is in the other layout"
		}
	}
	v.add(rep, out, c)
	return nil
}

// compare judges a claim that is not the gradient by a variable.
func (v *verifier) compare(i int) error {
	c := &v.res.Claims[i]
	out := verify.Variable{Wrt: label(c), Verdict: verify.Fail}
	cmp, err := check.Judge(v.ctx, v.res, i, check.Options{Seed: v.verify.Seed})
	if err != nil {
		return nil // a condition
	}
	out.Points, out.Checks, out.MaxRelError, out.Reason, out.Counter = cmp.Points, cmp.Points, cmp.MaxRelError, cmp.Reason, cmp.Counter
	switch cmp.Verdict {
	case verify.Same:
		out.Verdict = verify.Pass
	case verify.Undecided:
		out.Verdict = verify.Inconclusive
	}
	v.add(nil, out, c)
	return nil
}

// label names what a claim is about: dQ, ∂Q/∂r, Q.
func label(c *infer.Claim) string {
	of := c.OfName
	if of == "" {
		of = "(…)"
	}
	switch c.Kind {
	case infer.ClaimDifferential:
		return "d" + of
	case infer.ClaimSecond:
		return "d²" + of
	case infer.ClaimGradient, infer.ClaimJacobian, infer.ClaimStationary:
		return "∂" + of + "/∂" + c.ByNames[0]
	case infer.ClaimHessian:
		last := c.ByNames[len(c.ByNames)-1]
		if c.ByNames[0] == last {
			return "∂²" + of + "/∂" + last + "²"
		}
		return "∂²" + of + "/∂" + c.ByNames[0] + "∂" + last
	}
	return of
}

// add appends a judgement; rep, if it is not nil, tells how it was made.
func (v *verifier) add(rep *verify.Report, out verify.Variable, c *infer.Claim) {
	out.Claim = c.Text
	if v.rep == nil {
		v.rep = verify.NewReport(v.verify)
	}
	if rep != nil && len(v.rep.Sizes) == 0 {
		v.rep.Sizes = rep.Sizes
	}
	v.rep.Variables = append(v.rep.Variables, out)
}
