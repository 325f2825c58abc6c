package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/matdiff/matdiff/diag"
)

var (
	unknownCommand   = regexp.MustCompile(`(?s)^unknown command "(.*)" for "`)
	unknownFlag      = regexp.MustCompile(`^unknown flag: --([^=]*)`)
	unknownShorthand = regexp.MustCompile(`^unknown shorthand flag: '.' in -(.*)`)
	invalidValue     = regexp.MustCompile(`(?s)^invalid argument "(.*)" for "(?:-., )?--(.*)" flag: `)
)

// isUsage tells cobra's own errors (unknown flag, unknown command).
func isUsage(err error) bool {
	var e *exit
	if errors.As(err, &e) {
		return false
	}
	s := err.Error()
	return strings.HasPrefix(s, "unknown ") || strings.Contains(s, "arg(s)") || strings.HasPrefix(s, "flag needs") || strings.HasPrefix(s, "invalid argument")
}

// advice prints a mistake of usage with what was probably meant.
func advice(root *cobra.Command, args []string, err error) string {
	cmd, _, e := root.Find(args)
	if e != nil {
		cmd = root
	}
	text, help := err.Error(), ""
	if m := unknownCommand.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("there is no command %q", m[1])
		var names []string
		for _, c := range root.Commands() {
			names = append(names, c.Name())
		}
		if near := diag.Nearest(m[1], names); near != "" {
			help = "did you mean " + near + "?"
		} else if strings.ContainsAny(m[1], " =*'(^._") {
			help = "to derive a program's gradients write matdiff derive before it"
		}
	} else if m := unknownFlag.FindStringSubmatch(text); m != nil {
		text = "there is no flag --" + m[1]
		if near := nearestFlag(cmd, m[1]); near != "" {
			help = "did you mean --" + near + "?"
		}
	} else if m := unknownShorthand.FindStringSubmatch(text); m != nil {
		text = "there is no flag -" + m[1]
		if near := nearestFlag(cmd, m[1]); near != "" {
			help = "did you mean --" + near + "?"
		}
	} else if m := invalidValue.FindStringSubmatch(text); m != nil {
		kind := "a value of another kind"
		if f := cmd.Flag(m[2]); f != nil {
			kind = map[string]string{"int": "a whole number", "int64": "a whole number", "bool": "true or false"}[f.Value.Type()]
		}
		text = fmt.Sprintf("--%s is %s, not %q", m[2], kind, m[1])
	}
	out := "error: " + text + "\n"
	if help != "" {
		out += "  help: " + help + "\n"
	}
	return out + "Run '" + cmd.CommandPath() + " --help' for usage.\n"
}

func nearestFlag(cmd *cobra.Command, word string) string {
	word, _, _ = strings.Cut(word, "=")
	var names []string
	add := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return diag.Nearest(word, names)
}
