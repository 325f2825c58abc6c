package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func (a *app) verifyCmd() *cobra.Command {
	var opt verifyOptions
	cmd := &cobra.Command{
		Use:   "verify [flags] PROGRAM | FILE | -",
		Short: "Verify gradients against differences, derived ones and those claimed",
		Long: `verify derives the gradients of a program and compares them, and every gradient
that the program claims (dQ/dW = …), with central differences at random points.`,
		Example: `  matdiff verify "Q = logdet(X'X)"
  matdiff verify "A: n×n; x: n; Q = x'A x; dQ/dx = 2 A x"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := a.input(cmd, args)
			if err != nil {
				return err
			}
			opt.seed = a.seed
			r, err := a.engine.verify(cmd.Context(), src, opt)
			if err != nil {
				return err
			}
			if err := printVerified(a.out, r); err != nil {
				return err
			}
			return judged(r.wrong, r.undecided)
		},
	}
	cmd.Flags().StringSliceVar(&opt.wrt, "wrt", nil, "variables to verify, all if not given")
	cmd.Flags().IntVar(&opt.points, "points", 7, "points to draw, at least 7")
	return cmd
}

func printVerified(w io.Writer, r *verified) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "gradient\tpoints\tlargest relative error\tbound\tverdict")
	for _, v := range r.rows {
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\n", v.name, v.points, short(v.maxRelError), short(v.bound), v.verdict)
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

func short(x float64) string { return strconv.FormatFloat(x, 'g', 2, 64) }
