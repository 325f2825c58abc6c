package diag

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Colours, by what they mark.
const (
	red   = "\x1b[1;31m"
	blue  = "\x1b[34m"
	green = "\x1b[32m"
	bold  = "\x1b[1m"
	reset = "\x1b[0m"
)

const (
	tabStop  = 4
	maxWidth = 100 // columns of a source line that are shown
)

// Format prints the diagnostics, each with its source lines, a caret under
// every character of a label, and the suggested fix:
//
//	error[E203]: cannot multiply n×1 by p×n
//	  --> least.md:2:3
//	  2 │ 2*(A*x - b)*A'
//	    │   ^^^^^^^^^ ^^ p×n
//	    │   n×1
//	  help: did you mean 2*A'*(A*x - b)?
//
// The line with --> is left out where the source is no file.
func (l *List) Format(colour bool) string {
	f := &formatter{list: l, colour: colour, starts: lineStarts(l.Source)}
	for i, d := range l.Items {
		if i > 0 {
			f.WriteByte('\n')
		}
		f.diagnostic(d)
	}
	return f.String()
}

// Position returns the 1-based line and column of a byte offset; columns count
// characters.
func (l *List) Position(offset int) (line, col int) {
	f := &formatter{list: l, starts: lineStarts(l.Source)}
	line = f.lineOf(offset)
	return line + 1, f.column(line, offset)
}

func lineStarts(src string) []int {
	starts := []int{0}
	for i := 0; ; {
		j := strings.IndexByte(src[i:], '\n')
		if j < 0 {
			return starts
		}
		i += j + 1
		starts = append(starts, i)
	}
}

type formatter struct {
	strings.Builder
	list   *List
	colour bool
	starts []int
}

func (f *formatter) paint(c, s string) string {
	if !f.colour || s == "" {
		return s
	}
	return c + s + reset
}

func (f *formatter) lineOf(offset int) int {
	i, found := slices.BinarySearch(f.starts, offset)
	if !found {
		i--
	}
	return max(i, 0)
}

// text returns line i without its end.
func (f *formatter) text(i int) string {
	end := len(f.list.Source)
	if i+1 < len(f.starts) {
		end = f.starts[i+1] - 1
	}
	return strings.TrimSuffix(f.list.Source[f.starts[i]:end], "\r")
}

func (f *formatter) column(line, offset int) int {
	s := f.text(line)
	return utf8.RuneCountInString(s[:min(max(offset-f.starts[line], 0), len(s))]) + 1
}

// mark is the part of a label that lies on one line, in bytes of that line.
type mark struct {
	from, to int
	text     string
}

func (f *formatter) diagnostic(d *Diagnostic) {
	head := "error[" + d.Code + "]"
	if d.Code == "" {
		head = "note"
	}
	f.WriteString(f.paint(red, head) + f.paint(bold, ": "+d.Message) + "\n")

	marks := f.marks(d)
	lines := make([]int, 0, len(marks))
	for n := range marks {
		lines = append(lines, n)
	}
	slices.Sort(lines)
	gutter := 1
	if len(lines) > 0 {
		gutter = len(strconv.Itoa(lines[len(lines)-1] + 1))
	}
	if f.list.File != "" && len(d.Labels) > 0 {
		at := f.clamp(d.Labels[0].Span.Start)
		n := f.lineOf(at)
		f.WriteString(f.paint(blue, "  --> ") + f.list.File + ":" + strconv.Itoa(n+1) + ":" + strconv.Itoa(f.column(n, at)) + "\n")
	}
	for i, n := range lines {
		if i > 0 && n > lines[i-1]+1 {
			f.WriteString(f.paint(blue, "  "+strings.Repeat(" ", gutter-1)+"⋮") + "\n")
		}
		f.line(n, gutter, marks[n])
	}
	if d.Help != "" {
		f.WriteString("  " + f.paint(green, "help") + ": " + d.Help + "\n")
	}
}

func (f *formatter) clamp(offset int) int { return min(max(offset, 0), len(f.list.Source)) }

// marks sorts the labels to their lines. A span of several lines marks its
// first and its last line; its text stands at the last.
func (f *formatter) marks(d *Diagnostic) map[int][]mark {
	out := make(map[int][]mark)
	if strings.TrimSpace(f.list.Source) == "" {
		return out
	}
	for _, l := range d.Labels {
		start, end := f.clamp(l.Span.Start), f.clamp(max(l.Span.End, l.Span.Start))
		a, b := f.lineOf(start), f.lineOf(max(end-1, start))
		if a == b {
			from := start - f.starts[a]
			out[a] = append(out[a], mark{from, end - f.starts[a], l.Text})
			continue
		}
		last := f.text(b)
		indent := len(last) - len(strings.TrimLeft(last, " \t"))
		out[a] = append(out[a], mark{start - f.starts[a], len(f.text(a)), ""})
		out[b] = append(out[b], mark{indent, end - f.starts[b], l.Text})
	}
	return out
}

// line prints a source line and its marks: the carets, the text of the
// rightmost mark behind them, the other texts below, each under its mark.
func (f *formatter) line(n, gutter int, marks []mark) {
	slices.SortStableFunc(marks, func(a, b mark) int { return a.from - b.from })
	shown, col := layout(f.text(n), marks[0].from)
	num := strconv.Itoa(n + 1)
	bar := f.paint(blue, "  "+strings.Repeat(" ", gutter)+" │")
	f.WriteString(f.paint(blue, "  "+strings.Repeat(" ", gutter-len(num))+num+" │"))
	if shown != "" {
		f.WriteString(" " + shown)
	}
	f.WriteByte('\n')

	var carets []byte
	for _, m := range marks {
		from, to := col(m.from), col(m.to)
		for len(carets) < from {
			carets = append(carets, ' ')
		}
		for i := from; i < max(to, from+1); i++ {
			if i < len(carets) {
				carets[i] = '^'
			} else {
				carets = append(carets, '^')
			}
		}
	}
	last := marks[len(marks)-1]
	row := bar + " " + f.paint(red, string(carets))
	if last.text != "" {
		row += " " + f.paint(red, last.text)
	}
	f.WriteString(row + "\n")
	for i := len(marks) - 2; i >= 0; i-- {
		m := marks[i]
		if m.text == "" {
			continue
		}
		var row strings.Builder
		at := 0
		for _, left := range marks[:i] { // a line down to each text still to come
			if c := col(left.from); left.text != "" && c >= at && c < col(m.from) {
				row.WriteString(strings.Repeat(" ", c-at) + "│")
				at = c + 1
			}
		}
		row.WriteString(strings.Repeat(" ", col(m.from)-at) + m.text)
		f.WriteString(bar + " " + f.paint(red, row.String()) + "\n")
	}
}

// layout renders a line for a terminal: tabs as spaces, control characters and
// invalid bytes as one sign each, a long line cut around the byte focus. col
// maps a byte of the line to its column.
func layout(line string, focus int) (string, func(int) int) {
	from, to := window(line, focus)
	var b strings.Builder
	cols := make([]int, to-from+1)
	at := 0
	if from > 0 {
		b.WriteString("…")
		at = 1
	}
	rest, state, i := line[from:to], -1, 0
	for rest != "" {
		var cluster string
		var width int
		cluster, rest, width, state = uniseg.FirstGraphemeClusterInString(rest, state)
		r, size := utf8.DecodeRuneInString(cluster)
		switch {
		case r == '\t':
			width = tabStop - at%tabStop
			cluster = strings.Repeat(" ", width)
		case r == utf8.RuneError && size <= 1:
			cluster, width = "�", 1
		case unicode.IsControl(r):
			cluster, width = "·", 1
		}
		end := to - from - len(rest)
		for ; i < end; i++ {
			cols[i] = at
		}
		b.WriteString(cluster)
		at += width
	}
	cols[to-from] = at
	if to < len(line) {
		b.WriteString("…")
	}
	return strings.TrimRight(b.String(), " "), func(p int) int { return cols[min(max(p-from, 0), to-from)] }
}

// window chooses the bytes of a long line to show.
func window(line string, focus int) (from, to int) {
	if len(line) <= maxWidth || len(line) <= 4*maxWidth && uniseg.StringWidth(line) <= maxWidth {
		return 0, len(line)
	}
	focus = min(focus, len(line))
	from = max(0, focus-maxWidth/2)
	to = min(len(line), from+maxWidth)
	for from > 0 && from < len(line) && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	return from, to
}
