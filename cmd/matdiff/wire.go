package main

import (
	"context"
	"fmt"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/check"
	"github.com/matdiff/matdiff/render"
	"github.com/matdiff/matdiff/verify"
)

// library is the engine that the commands run on: package matdiff.
var library = engine{derive: libDerive, trace: libTrace, direction: libDirection, approach: libApproach, verify: libVerify, check: libCheck, generate: libGenerate}

func (c conventions) options() []matdiff.Option {
	opts := []matdiff.Option{matdiff.Symmetric(c.symmetric)}
	if c.layout == "numerator" {
		opts = append(opts, matdiff.NumeratorLayout())
	}
	return opts
}

func (o deriveOptions) options() []matdiff.Option {
	opts := append(o.conventions.options(), matdiff.Seed(o.seed), matdiff.Order(o.order))
	if len(o.wrt) > 0 {
		opts = append(opts, matdiff.Wrt(o.wrt...))
	}
	if o.steps {
		opts = append(opts, matdiff.Steps())
	}
	if !o.verify {
		opts = append(opts, matdiff.NoVerify())
	}
	return opts
}

func libDerive(ctx context.Context, src source, opt deriveOptions) (*derived, error) {
	d, err := matdiff.Derive(ctx, src.text, opt.options()...)
	if err != nil {
		return nil, err
	}
	out := &derived{doc: d.Doc()}
	out.wrong, out.undecided = d.Verdict()
	return out, nil
}

func libVerify(ctx context.Context, src source, opt verifyOptions) (*verified, error) {
	opts := append(opt.conventions.options(), matdiff.Seed(opt.seed), matdiff.Points(opt.points))
	if len(opt.wrt) > 0 {
		opts = append(opts, matdiff.Wrt(opt.wrt...))
	}
	r, err := matdiff.Verify(ctx, src.text, opts...)
	if err != nil {
		return nil, err
	}
	out := &verified{summary: fmt.Sprintf("%d points, seed %d, step %.3g", r.Points, r.Seed, r.Step)}
	for _, v := range r.Variables {
		row := verifiedRow{name: v.Wrt, verdict: v.Verdict.String(), reason: v.Reason, points: v.Points, maxRelError: v.MaxRelError, bound: v.Bound}
		if v.Counter != nil {
			row.reason = v.Counter.String()
		}
		out.rows = append(out.rows, row)
		out.undecided = out.undecided || v.Verdict.String() == "inconclusive"
	}
	out.wrong = r.Failed() != nil
	verdict := "right"
	switch {
	case out.wrong:
		verdict = "wrong"
	case out.undecided:
		verdict = "undecided"
	}
	out.json = verifiedJSON{render.Schema, verdict, r}
	return out, nil
}

// verifiedJSON is the form of matdiff verify --format json.
type verifiedJSON struct {
	Schema  int    `json:"schema"`
	Verdict string `json:"verdict"` // right, wrong, undecided
	*verify.Report
}

func libCheck(ctx context.Context, src source, opt checkOptions) (*checked, error) {
	r, err := matdiff.Check(ctx, src.text, matdiff.CheckOptions{Seed: opt.seed, Hint: opt.hint, File: src.name})
	if err != nil {
		return nil, err
	}
	return &checked{
		verdict:  string(r.Verdict),
		first:    firstBad(r),
		text:     r.Text,
		markdown: func(bool) string { return r.Markdown() },
		json:     r,
	}, nil
}

// firstBad says where a derivation goes wrong, and the kind of mistake.
func firstBad(r *check.Report) string {
	if r.FirstBad == nil {
		return ""
	}
	for _, l := range r.Lines {
		if l.Line != *r.FirstBad {
			continue
		}
		if l.Mistake != nil && l.Mistake.ID != "other" {
			return fmt.Sprintf("line %d: %s", l.Line, l.Mistake.ID)
		}
		return fmt.Sprintf("line %d", l.Line)
	}
	return ""
}

func libGenerate(ctx context.Context, src source, opt genOptions) (*generated, error) {
	opts := []matdiff.Option{matdiff.Seed(opt.seed)}
	if len(opt.wrt) > 0 {
		opts = append(opts, matdiff.Wrt(opt.wrt...))
	}
	o, err := matdiff.Generate(ctx, src.text, matdiff.GenerateOptions{
		Lang: opt.lang, Package: opt.pkg, Name: opt.name, Order: opt.order, File: opt.file,
		Float32: opt.float32, Test: opt.test, Optimize: opt.optimize, Workers: opt.workers,
	}, opts...)
	if err != nil {
		return nil, err
	}
	g := &generated{plan: o.Plan, notes: o.Notes}
	for _, f := range o.Files {
		g.files = append(g.files, generatedFile{f.Name, f.Data})
	}
	return g, nil
}

// variables lists the names that a program can be differentiated by, none if
// it does not read.
func variables(program string) []string {
	p, err := matdiff.Parse(program)
	if err != nil {
		return nil
	}
	var out []string
	for _, v := range p.Vars {
		if !v.Const {
			out = append(out, v.Name)
		}
	}
	return out
}
