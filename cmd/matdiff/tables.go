package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/rules"
)

func (a *app) functionsCmd() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "functions [flags] [NAME…]",
		Short: "Print the table of functions, or all about some of them",
		Example: `  matdiff functions
  matdiff functions logdet softmax
  matdiff functions --format markdown > docs/functions.md`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, f := range rules.All() {
				names = append(names, f.Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "markdown"); err != nil {
				return err
			}
			if len(args) == 0 {
				if format == "markdown" {
					return rules.WriteMarkdown(a.out)
				}
				return rules.WriteText(a.out)
			}
			for i, name := range args {
				fs := rules.Overloads(name)
				if len(fs) == 0 {
					var names []string
					for _, f := range rules.All() {
						names = append(append(names, f.Name), f.Spellings...)
					}
					if near := diag.Nearest(name, names); near != "" {
						return usage("there is no function %s\n  help: did you mean %s?", name, near)
					}
					return usage("there is no function %s; 'matdiff functions' lists them", name)
				}
				for j, f := range fs {
					if i+j > 0 {
						io.WriteString(a.out, "\n")
					}
					io.WriteString(a.out, strings.TrimRight(f.Describe(), "\n")+"\n")
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or markdown")
	complete(cmd, "format", "text", "markdown")
	return cmd
}

func (a *app) explainCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "explain [CODE…]",
		Short:   "Explain an error code, with an example; without one, list them",
		Example: "  matdiff explain E203",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, c := range diag.Codes() {
				ids = append(ids, c.ID+"\t"+c.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, c := range diag.Codes() {
					io.WriteString(a.out, c.ID+"  "+c.Title+"\n")
				}
				return nil
			}
			for i, code := range args {
				if code != "" && code[:1] >= "0" && code[:1] <= "9" {
					code = "E" + code
				}
				text, ok := diag.Explain(code)
				if !ok {
					return usage("there is no code %s; 'matdiff explain' lists them", code)
				}
				if i > 0 {
					io.WriteString(a.out, "\n")
				}
				io.WriteString(a.out, text)
			}
			return nil
		},
	}
}
