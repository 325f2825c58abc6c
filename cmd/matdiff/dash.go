package main

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// dashes moves a program that begins with a minus (-1/2 x'x, -log(p)'y) behind
// "--", where it is no flag: one dash and then no shorthand of the command.
func dashes(root *cobra.Command, args []string) []string {
	cmd, _, err := root.Find(args)
	if err != nil {
		return args
	}
	cmd.InitDefaultHelpFlag()
	cmd.InheritedFlags() // merges them into Flags
	var flags, programs []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(append(append(flags, "--"), programs...), args[i+1:]...)
		}
		if isProgram(cmd.Flags(), arg) {
			programs = append(programs, arg)
			continue
		}
		flags = append(flags, arg)
		if takesNext(cmd.Flags(), arg) && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	if len(programs) == 0 {
		return args
	}
	return append(append(flags, "--"), programs...)
}

// isProgram tells a program that begins with a minus from a flag.
func isProgram(flags *pflag.FlagSet, arg string) bool {
	if len(arg) < 2 || arg[0] != '-' || arg[1] == '-' {
		return false
	}
	if name, _, _ := strings.Cut(arg[1:], "="); flags.Lookup(name) != nil {
		return false // -steps for --steps
	}
	r, _ := utf8.DecodeRuneInString(arg[1:])
	if r >= utf8.RuneSelf {
		return true
	}
	f := flags.ShorthandLookup(arg[1:2])
	if f == nil {
		// A lone unknown letter is a mistaken flag rather than a program.
		return len(arg) > 2
	}
	return f.NoOptDefVal != "" && len(arg) > 2
}

// takesNext tells whether arg is a flag whose value is the next argument.
func takesNext(flags *pflag.FlagSet, arg string) bool {
	var f *pflag.Flag
	switch {
	case strings.HasPrefix(arg, "--") && !strings.Contains(arg, "="):
		f = flags.Lookup(arg[2:])
	case len(arg) == 2 && arg[0] == '-':
		f = flags.ShorthandLookup(arg[1:])
	}
	return f != nil && f.NoOptDefVal == ""
}
