package check

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

var marks = map[Verdict]string{Right: "✓", Transposed: "ᵀ", Wrong: "✗", Inherited: "↳", Undecided: "?", NotUnderstood: "·"}

const (
	green  = "\x1b[32m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	reset  = "\x1b[0m"
)

// row is a line of the margin view: what was typed, and the report on it, nil
// where there is none.
type row struct {
	line int
	text string
	on   *Line
}

// rows are the lines of a derivation as typed, each with its verdict; of a
// document, the lines that were judged. Several statements of one line have a
// row each.
func (r *Report) rows() []row {
	var out []row
	k := 0
	judged := func(upto int) {
		for ; k < len(r.Lines) && r.Lines[k].Line <= upto; k++ {
			if l := &r.Lines[k]; !r.passed(l) {
				out = append(out, row{l.Line, l.typed(), l})
			}
		}
	}
	for i, s := range r.source {
		judged(i)
		first := k
		for k < len(r.Lines) && r.Lines[k].Line == i+1 {
			k++
		}
		s = strings.TrimRight(s, " \t\r")
		switch {
		case k == first+1:
			out = append(out, row{i + 1, s, &r.Lines[first]})
		case k > first:
			k = first
			judged(i + 1)
		case s != "" || len(out) > 0:
			out = append(out, row{i + 1, s, nil})
		}
	}
	judged(math.MaxInt)
	return out
}

// typed is the text of a line with the = that it stands behind.
func (l *Line) typed() string {
	if l.chained {
		return "= " + l.Text
	}
	return l.Text
}

// Text prints the derivation with its marks, the reason and the fix under each
// line that is false by itself, and a summary.
func (r *Report) Text(colour bool) string {
	var out strings.Builder
	rows := r.rows()
	width := 0
	for _, w := range rows {
		if w.on != nil {
			width = max(width, utf8.RuneCountInString(w.text))
		}
	}
	width = min(width, 60)
	paint := func(code, s string) string {
		if !colour {
			return s
		}
		return code + s + reset
	}
	for _, w := range rows {
		l := w.on
		if l == nil {
			out.WriteString(strings.TrimRight(fmt.Sprintf("%4d   %s", w.line, w.text), " ") + "\n")
			continue
		}
		mark := marks[l.Verdict]
		switch l.Verdict {
		case Right:
			mark = paint(green, mark)
		case Wrong:
			mark = paint(red, mark)
		default:
			mark = paint(yellow, mark)
		}
		fmt.Fprintf(&out, "%4d %s %s", l.Line, mark, w.text)
		if l.Verdict != Right {
			pad := max(0, width-utf8.RuneCountInString(w.text))
			fmt.Fprintf(&out, "%s  %s", strings.Repeat(" ", pad), l.Verdict)
			if l.Verdict == Inherited {
				fmt.Fprintf(&out, ": %s", l.Reason)
			}
		}
		out.WriteByte('\n')
		for _, s := range l.remarks() {
			fmt.Fprintf(&out, "         %s\n", s)
		}
	}
	out.WriteString("\n" + r.Summary() + "\n")
	if r.held != "" {
		out.WriteString("  " + r.held + "\n")
	}
	out.WriteString(r.passedOver())
	return out.String()
}

// passed tells a line of a document that is listed among what was passed over.
func (r *Report) passed(l *Line) bool { return r.document && l.Verdict == NotUnderstood }

// passedOver lists why formulas of a document were passed over, and where.
func (r *Report) passedOver() string {
	var reasons []string
	lines := map[string][]string{}
	for _, p := range r.PassedOver {
		n := fmt.Sprint(p.Line)
		if lines[p.Reason] == nil {
			reasons = append(reasons, p.Reason)
		}
		if !slices.Contains(lines[p.Reason], n) {
			lines[p.Reason] = append(lines[p.Reason], n)
		}
	}
	sort.SliceStable(reasons, func(i, j int) bool { return len(lines[reasons[i]]) > len(lines[reasons[j]]) })
	var out strings.Builder
	for _, w := range reasons {
		s := "line "
		if len(lines[w]) > 1 {
			s = "lines "
		}
		fmt.Fprintf(&out, "  passed over: %s (%s%s)\n", w, s, strings.Join(lines[w], ", "))
	}
	return out.String()
}

// remarks are the sentences under a line.
func (l *Line) remarks() []string {
	var out []string
	if m := l.Mistake; m != nil {
		s := m.Message
		if l.Verdict == Wrong && m.ID != "shape" {
			s = m.ID + ": " + s
		}
		out = append(out, s)
		if m.Fix != "" {
			if l.Verdict == Transposed {
				out = append(out, "here: "+m.Fix)
			} else {
				out = append(out, "fix: "+m.Fix)
			}
		}
	} else if l.Reason != "" && l.Verdict != Inherited {
		out = append(out, l.Reason)
	}
	if c := l.Counter; c != nil {
		var sizes []string
		for k, v := range c.Sizes {
			sizes = append(sizes, fmt.Sprintf("%s=%d", k, v))
		}
		sort.Strings(sizes)
		at := ""
		if len(sizes) > 0 {
			at = " with " + strings.Join(sizes, ", ")
		}
		out = append(out, fmt.Sprintf("for instance%s: %s is %.6g where it should be %.6g", at, c.where(), c.Claim, c.Truth))
	}
	return out
}

// Summary is one sentence on the whole.
func (r *Report) Summary() string {
	n := map[Verdict]int{}
	for _, l := range r.Lines {
		if !r.passed(&l) {
			n[l.Verdict]++
		}
	}
	var parts []string
	for _, v := range []Verdict{Right, Transposed, Wrong, Inherited, Undecided, NotUnderstood} {
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], v))
		}
	}
	s := r.Verdict
	if r.FirstBad != nil {
		s += fmt.Sprintf(" from line %d", *r.FirstBad)
	}
	if len(parts) > 0 {
		s += " (lines: " + strings.Join(parts, ", ") + ")"
	}
	if r.Prose > 0 {
		s += fmt.Sprintf("; %d of prose passed over", r.Prose)
	}
	if n := len(r.PassedOver); n > 0 {
		s += fmt.Sprintf("; %d formulas passed over", n)
	}
	return s
}

// Markdown prints the report as a table for pasting back.
func (r *Report) Markdown() string {
	var out strings.Builder
	out.WriteString("| line | | derivation | verdict |\n|---:|:-:|---|---|\n")
	cell := func(s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ")
	}
	code := func(s string) string {
		if strings.Contains(s, "`") {
			return cell(s)
		}
		return "`" + cell(s) + "`"
	}
	for _, l := range r.Lines {
		if r.passed(&l) {
			continue
		}
		v := string(l.Verdict)
		if l.Verdict == Inherited {
			v += ": " + l.Reason
		}
		fmt.Fprintf(&out, "| %d | %s | %s | %s |\n", l.Line, marks[l.Verdict], code(l.typed()), cell(v))
	}
	for _, l := range r.Lines {
		if r.passed(&l) {
			continue
		}
		for i, s := range l.remarks() {
			if i == 0 {
				fmt.Fprintf(&out, "\n**Line %d.** %s", l.Line, s)
			} else if rest, ok := strings.CutPrefix(s, "fix: "); ok {
				fmt.Fprintf(&out, "  \nfix: `%s`", rest)
			} else {
				fmt.Fprintf(&out, "  \n%s", s)
			}
		}
		if len(l.remarks()) > 0 {
			out.WriteByte('\n')
		}
	}
	fmt.Fprintf(&out, "\n%s\n", r.Summary())
	if r.held != "" {
		fmt.Fprintf(&out, "\n%s\n", r.held)
	}
	return out.String()
}
