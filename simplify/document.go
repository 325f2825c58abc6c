package simplify

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the table as docs/rewrites.md.
func WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# Rewrites

Generated from the table in ` + "`simplify/`" + `; do not edit. Each entry writes its left side as its right side, where its
condition holds. A test applies every entry to its left side, sees by name that it fires there and does not fire in the last column's
program, and compares the values before and after, and of both sides, at random points of distinct sizes.
`)
	group := ""
	cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	for _, r := range Rewrites() {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&b, "\n## %s\n\n| rewrite | from | to | given | where | not in |\n|---|---|---|---|---|---|\n", group)
		}
		cond := r.If
		decl := ""
		if r.Given != "" {
			decl = "`" + r.Given + "`"
		}
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s | %s | `%s` |\n", r.Name, cell(r.Left), cell(r.Right), decl, cell(cond), cell(r.Stays))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
