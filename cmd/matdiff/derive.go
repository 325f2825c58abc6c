package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/matdiff/matdiff/render"
)

func (a *app) deriveCmd() *cobra.Command {
	var opt deriveOptions
	var format string
	var steps, noVerify bool
	var tr traceFlags
	cmd := &cobra.Command{
		Use:   "derive [flags] PROGRAM | FILE | -",
		Short: "Derive the gradients of an objective in closed form",
		Example: `  matdiff derive "Q = sum(Y .* logsoftmax(XW + b))"
  matdiff derive --steps --wrt x "Q = norm(A*x - b)^2"
  matdiff derive --format json model.txt
  matdiff derive --trace reverse --at x_1=1,x_2=2 "f = x_1 x_2 + sin(x_1)"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "ascii", "latex", "markdown", "json"); err != nil {
				return err
			}
			if err := oneOf("order", opt.order, "gradient", "jacobian", "hessian"); err != nil {
				return err
			}
			if err := opt.valid(); err != nil {
				return err
			}
			if err := a.wrt(cmd, opt.wrt); err != nil {
				return err
			}
			if err := tr.valid(cmd, opt); err != nil {
				return err
			}
			src, err := a.input(cmd, args)
			if err != nil {
				return err
			}
			opt.seed, opt.verify = a.seed, !noVerify
			if tr.given() {
				return a.trace(cmd.Context(), src, opt, tr, format)
			}
			opt.steps = steps || format == "json"
			d, err := a.engine.derive(cmd.Context(), src, opt)
			if err != nil {
				return err
			}
			if err := a.printDoc(d.doc, format, steps); err != nil {
				return err
			}
			return judged(d.wrong, d.undecided)
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "text", "text, ascii, latex, markdown or json")
	f.StringSliceVar(&opt.wrt, "wrt", nil, "variables to differentiate by, all if not given")
	f.BoolVar(&steps, "steps", false, "print the derivation too")
	f.StringVar(&opt.order, "order", "gradient", "gradient, jacobian or hessian")
	opt.flags(f)
	f.BoolVar(&noVerify, "no-verify", false, "do not verify the result; it is then marked unverified")
	tr.flags(cmd)
	complete(cmd, "format", "text", "ascii", "latex", "markdown", "json")
	complete(cmd, "order", "gradient", "jacobian", "hessian")
	opt.complete(cmd)
	a.completeWrt(cmd)
	return cmd
}

// conventions are the flags on what a gradient means.
type conventions struct {
	layout    string // denominator, numerator
	symmetric string // half, free, book
}

func (c *conventions) flags(f *pflag.FlagSet) {
	f.StringVar(&c.layout, "layout", "denominator", "denominator (shape of the variable) or numerator (transposed)")
	f.StringVar(&c.symmetric, "symmetric", "half", "gradient by a symmetric variable: half (G + G')/2, free G, book G + G' - G∘I")
}

func (c *conventions) valid() error {
	if err := oneOf("layout", c.layout, "denominator", "numerator"); err != nil {
		return err
	}
	return oneOf("symmetric", c.symmetric, "half", "free", "book")
}

func (c *conventions) complete(cmd *cobra.Command) {
	complete(cmd, "layout", "denominator", "numerator")
	complete(cmd, "symmetric", "half", "free", "book")
}

// wrt refuses a --wrt that names nothing, since no --wrt at all means all.
func (a *app) wrt(cmd *cobra.Command, names []string) error {
	if cmd.Flags().Changed("wrt") && len(names) == 0 {
		return usage("--wrt names no variable; leave it out to differentiate by all")
	}
	return nil
}

// completeWrt offers the variables of the program on the command line, after
// those that are named already.
func (a *app) completeWrt(cmd *cobra.Command) {
	err := cmd.RegisterFlagCompletionFunc("wrt", func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		const none = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		if len(args) == 0 || args[0] == "-" {
			return nil, none
		}
		src, err := a.read(args[0])
		if err != nil {
			return nil, none
		}
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var out []string
		for _, name := range variables(src.text) {
			if !slices.Contains(strings.Split(before, ","), name) {
				out = append(out, before+name)
			}
		}
		return out, none
	})
	if err != nil {
		panic(err)
	}
}

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values ...string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag does not exist: a mistake in this file
	}
}

func (a *app) printDoc(d *render.Doc, format string, steps bool) error {
	opt := render.Options{Colour: a.colourOn(a.out), Steps: steps}
	var s string
	switch format {
	case "text":
		s = d.Text(opt)
	case "ascii":
		s = d.ASCII(opt)
	case "latex":
		s = d.LaTeX(opt)
	case "markdown":
		s = d.Markdown(opt)
	case "json":
		b, err := d.JSON()
		if err != nil {
			return err
		}
		s = string(b)
	}
	_, err := io.WriteString(a.out, s)
	return err
}

// judged turns a verdict into the exit code; the result has been printed.
func judged(wrong, undecided bool) error {
	switch {
	case wrong:
		return &exit{exitWrong, ""}
	case undecided:
		return &exit{exitUndecided, ""}
	}
	return nil
}
