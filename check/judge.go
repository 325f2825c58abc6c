package check

import (
	"context"
	"errors"
	"fmt"

	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/infer"
	"github.com/matdiff/matdiff/verify"
)

// Judge judges claim i of a program by numbers: values with rounding noise,
// derivatives with dual numbers, none of it by the rules of differentials. It
// tells right from wrong and names no mistake; a claim of another shape is
// different. An error means that there is nothing to judge.
func Judge(ctx context.Context, res *infer.Result, i int, opt Options) (cmp *verify.Comparison, err error) {
	cl := &res.Claims[i]
	if cl.Err.Err() != nil {
		return nil, cl.Err
	}
	c := newChecker(ctx, res, opt)
	defer func() {
		if r := recover(); r != nil {
			b, ok := r.(*expr.BudgetError)
			if !ok {
				panic(r)
			}
			cmp, err = &verify.Comparison{Reason: b.Error()}, nil
		}
	}()
	switch {
	case cl.Kind == infer.ClaimStationary && cl.ThenLeft != nil:
		var l Line
		c.plain = true
		c.stationary(i, cl, &l)
		return &verify.Comparison{Verdict: relations[l.Verdict], Reason: l.Reason}, nil
	case cl.Kind == infer.ClaimAssume:
		return nil, errors.New("an assumption, not a claim")
	case len(cl.Sides) == 0:
		return nil, errors.New("a claim without a right side")
	}
	n := cl.Sides[len(cl.Sides)-1]
	if cl.Kind == infer.ClaimStationary {
		n = c.b.Zeros(cl.By[0].Shape)
	}
	for _, c.numeric = range []bool{cl.Kind != infer.ClaimHessian, false} {
		c.grads = make(map[[2]*Node]*Node)
		q, err := c.question(cl, cl.Of)
		if err != nil {
			return nil, fmt.Errorf("the claim cannot be judged: %w", err)
		}
		if why := q.shapes(n); why != "" {
			return &verify.Comparison{Verdict: verify.Different, Reason: why}, nil
		}
		if _, cmp = c.ask(q, n); cmp.Verdict != verify.Undecided || !c.numeric || ctx.Err() != nil {
			break
		}
	}
	return cmp, nil
}

var relations = map[Verdict]verify.Relation{Right: verify.Same, Wrong: verify.Different}
