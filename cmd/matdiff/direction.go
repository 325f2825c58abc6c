package main

import (
	"context"
	"io"
	"math"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/verify"
)

// tabled is the table of verify --direction.
type tabled struct {
	text, plot string
	json       any
	wrong      bool
	undecided  bool
}

type jsonDirection struct {
	Schema    int       `json:"schema"`
	Objective string    `json:"objective"`
	Wrt       []string  `json:"wrt"`
	Exact     float64   `json:"exact"`
	Rows      []jsonEps `json:"rows"`
	Best      float64   `json:"best_eps"`
	Step      float64   `json:"step"`
	Verdict   string    `json:"verdict"`
	Reason    string    `json:"reason,omitempty"`
}

type jsonEps struct {
	Eps      float64  `json:"eps"`
	Estimate *float64 `json:"estimate"` // null where the objective has no value
	Error    *float64 `json:"error"`
	Bound    *float64 `json:"bound"` // of the error where the gradient is right
}

func libDirection(ctx context.Context, src source, opt verifyOptions, at string) (*tabled, error) {
	opts := append(opt.conventions.options(), matdiff.Seed(opt.seed))
	if len(opt.wrt) > 0 {
		opts = append(opts, matdiff.Wrt(opt.wrt...))
	}
	if at != "" {
		opts = append(opts, matdiff.At(at))
	}
	d, err := matdiff.Direction(ctx, src.text, opts...)
	if err != nil {
		return nil, err
	}
	j := jsonDirection{Schema: 1, Objective: d.Of, Wrt: d.Wrt, Exact: d.Exact, Best: d.Rows[d.Best].Eps, Step: math.Cbrt(0x1p-52), Verdict: "right"}
	switch d.Verdict {
	case verify.Fail:
		j.Verdict, j.Reason = "wrong", d.Reason
	case verify.Inconclusive:
		j.Verdict, j.Reason = "inconclusive", d.Reason
	}
	for _, r := range d.Rows {
		row := jsonEps{Eps: r.Eps}
		if !math.IsNaN(r.Error) {
			row.Estimate, row.Error = &r.Estimate, &r.Error
		}
		if !math.IsNaN(r.Bound) {
			row.Bound = &r.Bound
		}
		j.Rows = append(j.Rows, row)
	}
	return &tabled{text: d.Text(), plot: d.Plot().SVG(), json: j, wrong: d.Verdict == verify.Fail, undecided: d.Verdict == verify.Inconclusive}, nil
}

func (a *app) direction(ctx context.Context, src source, opt verifyOptions, at, plot, format string) error {
	t, err := a.engine.direction(ctx, src, opt, at)
	if err != nil {
		return err
	}
	switch {
	case plot == "-":
		_, err = io.WriteString(a.out, t.plot)
		return err
	case plot != "":
		if err := writeFile(plot, []byte(t.plot)); err != nil {
			return err
		}
	}
	if format == "json" {
		err = a.printJSON(t.json)
	} else {
		_, err = io.WriteString(a.out, t.text)
	}
	if err != nil {
		return err
	}
	return judged(t.wrong, t.undecided)
}
