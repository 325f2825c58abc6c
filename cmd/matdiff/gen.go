package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/matdiff/matdiff/diag"
)

func (a *app) genCmd() *cobra.Command {
	var opt genOptions
	var out string
	var stale, plan bool
	cmd := &cobra.Command{
		Use:   "gen [flags] PROGRAM | FILE | -",
		Short: "Generate Go or NumPy code for the value and the gradients",
		Example: `  matdiff gen --lang go --package model --name Softmax -o softmax.go --test model.txt
  matdiff gen --lang numpy "Q = norm(A*x - b)^2"
  matdiff gen --plan "Q = norm(A*x - b)^2"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("lang", opt.lang, "go", "numpy"); err != nil {
				return &diag.Diagnostic{Code: "E501", Message: err.Error()}
			}
			if out == "-" {
				out = "" // standard output, as elsewhere
			}
			if (opt.test || stale) && out == "" {
				return usage("--test and --check need -o FILE")
			}
			src, err := a.input(cmd, args)
			if err != nil {
				return err
			}
			opt.seed, opt.file = a.seed, filepath.Base(out)
			if out == "" {
				opt.file = ""
			}
			g, err := a.engine.generate(cmd.Context(), src, opt)
			if err != nil {
				return err
			}
			for _, n := range g.notes {
				io.WriteString(a.err, "note: "+n+"\n")
			}
			switch {
			case plan:
				_, err = io.WriteString(a.out, g.plan)
				return err
			case out == "":
				_, err = a.out.Write(g.files[0].data)
				return err
			case stale:
				return compare(out, g.files)
			}
			return writeAll(out, g.files)
		},
	}
	f := cmd.Flags()
	f.StringVar(&opt.lang, "lang", "go", "go or numpy")
	f.StringVarP(&out, "output", "o", "", "file to write; standard output if not given or -")
	f.StringVar(&opt.pkg, "package", "", "package name of the Go code (default model)")
	f.StringVar(&opt.name, "name", "", "type name of the Go code (default Model)")
	f.StringVar(&opt.order, "order", "gradient", "value, gradient, jacobian or hessian")
	f.StringSliceVar(&opt.wrt, "wrt", nil, "variables to differentiate by, all if not given")
	f.BoolVar(&opt.test, "test", false, "also write a test with a benchmark beside FILE")
	f.BoolVar(&opt.optimize, "optimize", false, "add Problem() for gonum/optimize")
	f.BoolVar(&opt.workers, "workers", false, "add SetWorkers, row blocks on several cores")
	f.BoolVar(&opt.float32, "float32", false, "single precision")
	f.BoolVar(&stale, "check", false, "write nothing; fail if FILE is not what would be written")
	f.BoolVar(&plan, "plan", false, "print the schedule instead of code: operation, sizes, flops, bytes, buffer")
	a.completeWrt(cmd)
	complete(cmd, "lang", "go", "numpy")
	complete(cmd, "order", "value", "gradient", "jacobian", "hessian")
	return cmd
}

// target is the path of the i-th file: the first is FILE, others stand beside.
func target(out string, i int, f generatedFile) string {
	if i == 0 {
		return out
	}
	return filepath.Join(filepath.Dir(out), f.name)
}

func writeAll(out string, files []generatedFile) error {
	var o outputs
	defer o.drop()
	for i, f := range files {
		if err := o.add(target(out, i, f), f.data); err != nil {
			return err
		}
	}
	return o.commit()
}

// compare tells whether the files on disk are what would be written.
func compare(out string, files []generatedFile) error {
	for i, f := range files {
		name := target(out, i, f)
		if err := writable(name); err != nil {
			return err
		}
		old, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(old, f.data) {
			return staleError{&diag.Diagnostic{Code: "E506", Message: name + " is stale", Help: "run the same command without --check"}}
		}
	}
	return nil
}

// staleError is a wrong file, not a wrong input.
type staleError struct{ *diag.Diagnostic }

func (e staleError) Unwrap() []error { return []error{e.Diagnostic, &exit{exitWrong, ""}} }
