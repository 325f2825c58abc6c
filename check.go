package matdiff

import (
	"context"
	"errors"

	"github.com/matdiff/matdiff/check"
)

// CheckOptions changes how a derivation is checked; see package check.
type CheckOptions = check.Options

// Check judges every definition and claim of a derivation (docs/language.md): right,
// transposed, wrong, inherited, undecided or not understood. An error, a
// *diag.List, means that the problem itself could not be read; what is wrong
// with a claim is a verdict on its line.
func Check(ctx context.Context, derivation string, opt CheckOptions) (rep *check.Report, err error) {
	defer guard(&err)
	ctx, end := during(ctx)
	defer end()
	rep, list := check.Check(ctx, derivation, opt)
	if err := ctx.Err(); err != nil && list.Err() != nil {
		return nil, err
	}
	if list.Err() != nil {
		return nil, list
	}
	if rep == nil {
		return nil, errors.New("no report")
	}
	return rep, nil
}
