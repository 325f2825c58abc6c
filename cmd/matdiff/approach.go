package main

import (
	"context"
	"io"

	"github.com/matdiff/matdiff"
)

type jsonApproach struct {
	Schema  int           `json:"schema"`
	Left    string        `json:"left"`
	Right   string        `json:"right"`
	Grows   string        `json:"grows"`
	Points  int           `json:"points"`
	Rows    []jsonGrowing `json:"rows"`
	Verdict string        `json:"verdict"`
}

type jsonGrowing struct {
	Value   float64 `json:"value"`
	Mean    float64 `json:"mean_error"`
	Median  float64 `json:"median_error"`
	Largest float64 `json:"largest_error"`
	Off     float64 `json:"share_off"`
}

func libApproach(ctx context.Context, src source, opt verifyOptions) (*tabled, error) {
	opts := []matdiff.Option{matdiff.Seed(opt.seed)}
	if len(opt.wrt) > 0 {
		opts = append(opts, matdiff.Wrt(opt.wrt...))
	}
	t, err := matdiff.Approximate(ctx, src.text, opts...)
	if err != nil {
		return nil, err
	}
	j := jsonApproach{Schema: 1, Left: t.Left, Right: t.Right, Grows: t.Grows, Points: t.Points, Verdict: "right"}
	for _, r := range t.Rows {
		j.Rows = append(j.Rows, jsonGrowing(r))
	}
	if !t.Meets() {
		j.Verdict = "wrong"
	}
	return &tabled{text: t.Text(), json: j, wrong: !t.Meets()}, nil
}

// approach prints the table of a line with ≈ in it.
func (a *app) approach(ctx context.Context, src source, opt verifyOptions, format string) error {
	t, err := a.engine.approach(ctx, src, opt)
	if err != nil {
		return err
	}
	if format == "json" {
		err = a.printJSON(t.json)
	} else {
		_, err = io.WriteString(a.out, t.text)
	}
	if err != nil {
		return err
	}
	return judged(t.wrong, false)
}
