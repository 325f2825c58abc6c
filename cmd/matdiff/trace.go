package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// traceFlags ask derive for the lines of the evaluation instead of the
// gradients alone.
type traceFlags struct {
	mode  string // forward, reverse
	graph string // dot, svg
	at    string
	out   string
}

func (t *traceFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&t.mode, "trace", "", "print the evaluation line by line with its derivatives: forward or reverse")
	f.StringVar(&t.graph, "graph", "", "draw the computational graph: dot or svg")
	f.StringVar(&t.at, "at", "", "a point at which values are shown: x_1=1,w=[1,2,3],A=[1 2;3 4]")
	f.StringVarP(&t.out, "output", "o", "", "file to write the graph to; standard output if not given")
	complete(cmd, "trace", "forward", "reverse")
	complete(cmd, "graph", "dot", "svg")
}

func (t *traceFlags) given() bool { return t.mode != "" || t.graph != "" }

// valid refuses flags that say nothing together.
func (t *traceFlags) valid(cmd *cobra.Command, opt deriveOptions) error {
	if t.mode != "" {
		if err := oneOf("trace", t.mode, "forward", "reverse"); err != nil {
			return err
		}
	}
	if t.graph != "" {
		if err := oneOf("graph", t.graph, "dot", "svg"); err != nil {
			return err
		}
	}
	switch {
	case t.mode != "" && t.graph != "":
		return usage("--trace prints and --graph draws: give one of them")
	case cmd.Flags().Changed("at") && !t.given():
		return usage("--at needs --trace or --graph")
	case t.out != "" && t.graph == "":
		return usage("-o needs --graph")
	case t.given() && opt.order != "gradient":
		return usage("a trace is of --order gradient")
	case t.given() && opt.layout == "numerator":
		return usage("a trace has the gradients in the shape of their variables: leave out --layout numerator")
	case t.graph != "" && cmd.Flags().Changed("format"):
		return usage("--graph has its own formats, dot and svg: leave out --format")
	}
	return nil
}

// traced is a trace and what the verifier made of it.
type traced struct {
	doc              *render.Trace
	dot, svg         func() string
	wrong, undecided bool
}

func libTrace(ctx context.Context, src source, opt deriveOptions, t traceFlags) (*traced, error) {
	mode := t.mode
	if mode == "" {
		mode = "reverse"
	}
	opts := append(opt.options(), matdiff.Mode(mode))
	if t.at != "" {
		opts = append(opts, matdiff.At(t.at))
	}
	tr, err := matdiff.Trace(ctx, src.text, opts...)
	if err != nil {
		return nil, err
	}
	out := &traced{
		doc: tr.Doc(mode),
		dot: func() string { return tr.Graph().DOT() },
		svg: func() string { return tr.Graph().SVG() },
	}
	out.wrong, out.undecided = tr.Verdict(mode)
	return out, nil
}

func (a *app) trace(ctx context.Context, src source, opt deriveOptions, t traceFlags, format string) error {
	tr, err := a.engine.trace(ctx, src, opt, t)
	if err != nil {
		return err
	}
	switch t.graph {
	case "dot":
		err = a.picture(tr.dot(), t.out)
	case "svg":
		err = a.picture(tr.svg(), t.out)
	default:
		err = printTrace(a.out, tr.doc, format, a.colourOn(a.out))
	}
	if err != nil {
		return err
	}
	return judged(tr.wrong, tr.undecided)
}

func printTrace(w io.Writer, d *render.Trace, format string, colour bool) error {
	opt := render.Options{Colour: colour}
	var s string
	switch format {
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
	default:
		s = d.Text(opt)
	}
	_, err := io.WriteString(w, s)
	return err
}

// picture writes a drawing to a file, or to standard output.
func (a *app) picture(text, file string) error {
	if file != "" {
		return writeFile(file, []byte(text))
	}
	_, err := io.WriteString(a.out, text)
	return err
}
