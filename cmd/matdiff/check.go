package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/matdiff/matdiff/render"
)

func (a *app) checkCmd() *cobra.Command {
	var opt checkOptions
	var format string
	cmd := &cobra.Command{
		Use:   "check [flags] PROGRAM | FILE… | FOLDER | -",
		Short: "Say which line of a derivation is wrong, and why",
		Example: `  matdiff check homework.txt
  matdiff check --format json --hint homework.txt
  matdiff check submissions/`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json", "markdown"); err != nil {
				return err
			}
			opt.seed = a.seed
			srcs, err := a.sources(cmd, args)
			if err != nil {
				return err
			}
			if len(srcs) == 1 {
				a.file = srcs[0].name
				r, err := a.engine.check(cmd.Context(), srcs[0], opt)
				if err != nil {
					return err
				}
				return a.printChecked(r, format)
			}
			return a.checkMany(cmd, srcs, opt, format)
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", "text", "text, markdown or json")
	f.BoolVar(&opt.hint, "hint", false, "say where and what kind, not the corrected line")
	complete(cmd, "format", "text", "markdown", "json")
	return cmd
}

// sources reads the arguments of check: one program, or files and folders.
func (a *app) sources(cmd *cobra.Command, args []string) ([]source, error) {
	if len(args) == 1 {
		if info, err := os.Stat(args[0]); err != nil || !info.IsDir() {
			src, err := a.input(cmd, args)
			return []source{src}, err
		}
	}
	if len(args) == 0 {
		_, err := a.input(cmd, args)
		return nil, err
	}
	var out []source
	for _, arg := range args {
		err := filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return usage("cannot read %s: %v", path, plain(err))
			}
			if d.IsDir() || path != arg && !extensions[filepath.Ext(path)] {
				return nil
			}
			src, err := readFile(path)
			out = append(out, src)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, usage("no file to check in %v", args)
	}
	return out, nil
}

func (a *app) printChecked(r *checked, format string) error {
	var s string
	switch format {
	case "json":
		b, err := render.EncodeJSON(r.json)
		if err != nil {
			return err
		}
		s = string(b)
	case "markdown":
		s = r.markdown(false)
	default:
		s = r.text(a.colourOn(a.out))
	}
	if _, err := io.WriteString(a.out, s); err != nil {
		return err
	}
	return judged(r.verdict == "wrong", r.verdict == "undecided")
}

// checkMany checks several files at once and prints each report in order,
// then a table.
func (a *app) checkMany(cmd *cobra.Command, srcs []source, opt checkOptions, format string) error {
	type outcome struct {
		r   *checked
		err error
	}
	results := make([]outcome, len(srcs))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i := range srcs {
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; wg.Done() }()
			r, err := a.engine.check(cmd.Context(), srcs[i], opt)
			results[i] = outcome{r, err}
		}()
	}
	wg.Wait()
	if format == "json" {
		return a.checkManyJSON(srcs, func(i int) (*checked, error) { return results[i].r, results[i].err })
	}
	worst := exitRight
	width := 0
	for _, src := range srcs {
		width = max(width, utf8.RuneCountInString(src.name))
	}
	table := "\n"
	for i, o := range results {
		verdict, first := "", ""
		if o.err != nil {
			io.WriteString(a.err, message(o.err, srcs[i].name, a.colourOn(a.err)))
			verdict, worst = "not read", graver(worst, codeOf(o.err))
		} else {
			fmt.Fprintf(a.out, "== %s\n", srcs[i].name)
			worst = graver(worst, codeOf(a.printChecked(o.r, format)))
			verdict, first = o.r.verdict, o.r.first
		}
		table += strings.TrimRight(fmt.Sprintf("%-10s %-*s   %s", verdict, width, srcs[i].name, first), " ") + "\n"
	}
	io.WriteString(a.out, table)
	if worst != exitRight {
		return &exit{worst, ""}
	}
	return nil
}

func (a *app) checkManyJSON(srcs []source, at func(int) (*checked, error)) error {
	type entry struct {
		File   string `json:"file"`
		Report any    `json:"report,omitempty"`
		Error  string `json:"error,omitempty"`
	}
	var out []entry
	worst := exitRight
	for i, src := range srcs {
		r, err := at(i)
		if err != nil {
			out = append(out, entry{File: src.name, Error: message(err, src.name, false)})
			worst = graver(worst, codeOf(err))
			continue
		}
		out = append(out, entry{File: src.name, Report: r.json})
		worst = graver(worst, codeOf(judged(r.verdict == "wrong", r.verdict == "undecided")))
	}
	b, err := render.EncodeJSON(out)
	if err != nil {
		return err
	}
	if _, err := a.out.Write(b); err != nil {
		return err
	}
	if worst != exitRight {
		return &exit{worst, ""}
	}
	return nil
}

// graver is the exit code of two files together: an input at fault, then a
// wrong one, then an undecided one.
func graver(a, b int) int {
	rank := map[int]int{exitRight: 0, exitUndecided: 1, exitWrong: 2, exitInput: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
