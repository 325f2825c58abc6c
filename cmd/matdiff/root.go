package main

import (
	"context"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// stdio is what a command sees of the world.
type stdio struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

// app is one run: the flags that every command has, and the input's name.
type app struct {
	stdio
	engine engine
	colour string
	seed   int64
	file   string // for diagnostics
}

// run runs the command line and returns its exit code.
func run(ctx context.Context, args []string, io stdio) int {
	return (&app{stdio: io, engine: library}).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(dashes(root, args))
	err := root.ExecuteContext(ctx)
	if err != nil {
		text := message(err, a.file, a.colourOn(a.err))
		if isUsage(err) {
			text = advice(root, args, err)
		}
		io.WriteString(a.err, text)
	}
	return codeOf(err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "matdiff",
		Short: "Derive, check, verify and generate matrix derivatives",
		Long: `matdiff reads an objective as it is written on paper or typed in MATLAB, Julia
or NumPy, derives its gradients in closed form, verifies them, and turns them
into code. It checks derivations line by line.

  matdiff derive "Q = sum(Y .* logsoftmax(XW + b))"
  matdiff check homework.txt
  matdiff gen --lang go "Q = norm(A*x - b)^2"`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetVersionTemplate("matdiff {{.Version}}\n")
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	pf := root.PersistentFlags()
	pf.StringVar(&a.colour, "color", "auto", "colour: auto, always or never (NO_COLOR counts as never)")
	pf.Int64Var(&a.seed, "seed", 1, "seed of the points at which results are verified")
	complete(root, "color", "auto", "always", "never")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		return oneOf("color", a.colour, "auto", "always", "never")
	}
	root.AddCommand(a.deriveCmd(), a.genCmd(), a.checkCmd(), a.verifyCmd(), a.functionsCmd(), a.explainCmd(), a.versionCmd())
	return root
}

// colourOn decides on colours for w: the flag, then NO_COLOR, then whether w
// is a terminal.
func (a *app) colourOn(w io.Writer) bool {
	switch a.colour {
	case "always":
		return true
	case "never":
		return false
	}
	if a.getenv("NO_COLOR") != "" || a.getenv("TERM") == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// input reads the one PROGRAM, FILE or - of a command.
func (a *app) input(cmd *cobra.Command, args []string) (source, error) {
	switch len(args) {
	case 0:
		return source{}, usage("give a program, a file, or - for standard input\nRun 'matdiff %s --help' for usage.", cmd.Name())
	case 1:
		src, err := a.read(args[0])
		a.file = src.name
		return src, err
	}
	return source{}, usage("one program at a time, not %d: quote it, so that the shell leaves it whole", len(args))
}

func (a *app) versionCmd() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(a.out, "matdiff "+version()+"\n")
			return err
		},
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
