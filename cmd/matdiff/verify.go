package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

func (a *app) verifyCmd() *cobra.Command {
	var opt verifyOptions
	var format, at, plot string
	var direction bool
	cmd := &cobra.Command{
		Use:   "verify [flags] PROGRAM | FILE | -",
		Short: "Verify gradients by numbers, those a program claims or derived ones",
		Long: `verify compares what a program claims with numbers at random points: gradients
(dQ/dW = …) with central differences of the objective, other claims (dQ = …,
∂Q/∂r = …, a second Q = …) by their values. The gradients of a program that
claims nothing are derived and verified. A line with ≈ is followed as the scalar
that only its right side has grows.`,
		Example: `  matdiff verify "Q = logdet(X'X)"
  matdiff verify "A: n×n; x: n; Q = x'A x; dQ/dx = 2 A x"
  matdiff verify "[x >= a] ≈ σ(λ (x - a))"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := opt.valid(); err != nil {
				return err
			}
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if !direction && (plot != "" || at != "") {
				return usage("--plot and --at need --direction")
			}
			if opt.points < 7 {
				return usage("--points is at least 7, not %d", opt.points)
			}
			if err := a.wrt(cmd, opt.wrt); err != nil {
				return err
			}
			src, err := a.input(cmd, args)
			if err != nil {
				return err
			}
			opt.seed = a.seed
			if direction {
				return a.direction(cmd.Context(), src, opt, at, plot, format)
			}
			if matdiff.Approximates(src.text) {
				return a.approach(cmd.Context(), src, opt, format)
			}
			r, err := a.engine.verify(cmd.Context(), src, opt)
			if err != nil {
				return err
			}
			if format == "json" {
				err = a.printJSON(r.json)
			} else {
				err = printVerified(a.out, r)
			}
			if err != nil {
				return err
			}
			return judged(r.wrong, r.undecided)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&direction, "direction", false, "tabulate the error of central differences along one direction, for steps from 1e-1 to 1e-12")
	f.StringVar(&plot, "plot", "", "with --direction: file to draw the error against the step to, as SVG; - for standard output")
	f.StringVar(&at, "at", "", "with --direction: the point, x=1,w=[1,2,3]; drawn if not given")
	f.StringVar(&format, "format", "text", "text or json")
	f.StringSliceVar(&opt.wrt, "wrt", nil, "variables to verify, all if not given")
	f.IntVar(&opt.points, "points", 7, "points to draw, at least 7")
	opt.flags(f)
	complete(cmd, "format", "text", "json")
	opt.complete(cmd)
	a.completeWrt(cmd)
	return cmd
}

func (a *app) printJSON(v any) error {
	b, err := render.EncodeJSON(v)
	if err != nil {
		return err
	}
	_, err = a.out.Write(b)
	return err
}

func printVerified(w io.Writer, r *verified) error {
	if len(r.rows) == 0 {
		_, err := fmt.Fprintln(w, "nothing to verify: there is no variable to differentiate by")
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "gradient\tpoints\tlargest relative error\tbound\tverdict")
	for _, v := range r.rows {
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\n", v.name, v.points, figure(v.maxRelError, v.points), figure(v.bound, v.points), v.verdict)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, v := range r.rows {
		if v.reason != "" {
			fmt.Fprintf(w, "%s: %s\n", v.name, v.reason)
		}
	}
	_, err := fmt.Fprintln(w, r.summary)
	return err
}

// figure prints a number that was measured, or a dash.
func figure(x float64, points int) string {
	if points == 0 {
		return "-"
	}
	return strconv.FormatFloat(x, 'g', 2, 64)
}
