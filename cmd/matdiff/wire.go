package main

import (
	"context"
	"fmt"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/codegen"
	"github.com/matdiff/matdiff/verify"
)

// library is the engine that the commands run on.
var library = engine{
	derive:   deriveProgram,
	verify:   verifyProgram,
	generate: generateCode,
	check:    checkDerivation,
}

func checkDerivation(ctx context.Context, src source, opt checkOptions) (*checked, error) {
	rep, err := matdiff.Check(ctx, src.text, matdiff.CheckOptions{Seed: opt.seed, Hint: opt.hint})
	if err != nil {
		return nil, err
	}
	return &checked{
		verdict: rep.Verdict, json: rep, text: rep.Text,
		markdown: func(bool) string { return rep.Markdown() },
	}, nil
}

func deriveProgram(ctx context.Context, src source, opt deriveOptions) (*derived, error) {
	opts := []matdiff.Option{
		matdiff.Wrt(opt.wrt...), matdiff.Order(opt.order), matdiff.Symmetric(opt.symmetric),
		matdiff.Seed(opt.seed), matdiff.Steps(),
	}
	if opt.layout == "numerator" {
		opts = append(opts, matdiff.NumeratorLayout())
	}
	if !opt.verify {
		opts = append(opts, matdiff.NoVerify())
	}
	d, err := matdiff.Derive(ctx, src.text, opts...)
	if err != nil {
		return nil, err
	}
	wrong, undecided := d.Verdict()
	return &derived{doc: d.Doc(), wrong: wrong, undecided: undecided}, nil
}

func verifyProgram(ctx context.Context, src source, opt verifyOptions) (*verified, error) {
	rep, err := matdiff.Verify(ctx, src.text, matdiff.Wrt(opt.wrt...), matdiff.Points(opt.points), matdiff.Seed(opt.seed))
	if err != nil {
		return nil, err
	}
	out := &verified{}
	right := 0
	for _, v := range rep.Variables {
		out.rows = append(out.rows, verifiedRow{
			name: v.Wrt, verdict: v.Verdict.String(), reason: v.Reason, points: v.Points, maxRelError: v.MaxRelError, bound: v.Bound,
		})
		switch v.Verdict {
		case verify.Fail:
			out.wrong = true
		case verify.Inconclusive:
			out.undecided = true
		default:
			right++
		}
	}
	out.summary = fmt.Sprintf("%d of %d gradients verified by central differences, step %.4g, seed %d", right, len(rep.Variables), rep.Step, rep.Seed)
	return out, nil
}

func generateCode(ctx context.Context, src source, opt genOptions) (*generated, error) {
	gen := codegen.Options{
		Lang: opt.lang, Package: opt.pkg, Name: opt.name, Order: opt.order, Float32: opt.float32,
		Test: opt.test, Optimize: opt.optimize, Workers: opt.workers, File: opt.file,
	}
	out, err := matdiff.Generate(ctx, src.text, gen, matdiff.Wrt(opt.wrt...), matdiff.Seed(opt.seed))
	if err != nil {
		return nil, err
	}
	g := &generated{plan: out.Plan, notes: out.Notes}
	for _, f := range out.Files {
		g.files = append(g.files, generatedFile{f.Name, f.Data})
	}
	return g, nil
}
