package diag

import (
	"slices"
	"strings"
)

// Code describes one stable code: what it means and how a program that has it
// is mended.
type Code struct {
	ID    string // "E203"
	Title string // a few words, lower case
	Text  string // a paragraph
	Bad   string // an example that gives the code
	Good  string // the example mended
}

// codes is every code there is, in order. A code never changes its meaning and
// is never used again once given up.
var codes = slices.Concat(syntaxCodes, shapeCodes, laterCodes)

// Codes returns every code in order.
func Codes() []Code { return slices.Clone(codes) }

// Lookup returns the entry of a code such as "E203"; case does not matter.
func Lookup(code string) (Code, bool) {
	code = strings.ToUpper(strings.TrimSpace(code))
	for _, c := range codes {
		if c.ID == code {
			return c, true
		}
	}
	return Code{}, false
}

// Explain returns the full text about a code: title, paragraph, an example and
// its fix. It returns false for a code that does not exist.
func Explain(code string) (string, bool) {
	c, ok := Lookup(code)
	if !ok {
		return "", false
	}
	var b strings.Builder
	b.WriteString(c.ID + ": " + c.Title + "\n\n" + c.Text + "\n")
	if c.Bad != "" {
		b.WriteString("\nFor example\n\n" + indent(c.Bad) + "\n")
	}
	if c.Good != "" {
		b.WriteString("\nMended\n\n" + indent(c.Good) + "\n")
	}
	return b.String(), true
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(s, "\n", "\n    ")
}
