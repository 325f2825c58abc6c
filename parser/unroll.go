package parser

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// A recurrence over layers or time,
//
//	a^0 = x;  z^{l+1} = W^{l+1} a^l + b^{l+1}, a^{l+1} = tanh(z^{l+1}), l = 0…L−1;  L = 3
//
// is written out before it is parsed: l takes each value in turn, and W^{l+1}
// becomes the name W_1, W_2, W_3. An index is read so only where a range l =
// 0…L−1 binds it and the statement steps from one value to the next; elsewhere
// x^l is a power.
var (
	dots     = `(?:…|⋯|\.\.\.?|\\(?:l|c)?dots)`
	rangeRE  = lazyregexp.New(`(?:\\quad|\\;|\bfor\b)?\s*\b([a-z])\s*(?:=|∈|\\in)\s*(\d+)\s*,?\s*` + dots + `\s*,?\s*(?:([A-Za-z](?:_(?:\{[^}]*\}|\w+))?)|(\d+))\s*(?:([-−+])\s*(\d+))?`)
	downRE   = lazyregexp.New(`(?:\\quad|\\;|\bfor\b)?\s*\b([a-z])\s*=\s*([A-Za-z])\s*(?:([-−+])\s*(\d+))?\s*,?\s*` + dots + `\s*,?\s*(\d+)`)
	boundRE  = lazyregexp.New(`^\s*([A-Za-z])\s*=\s*(\d+)\s*$`)
	aliasRE  = lazyregexp.New(`^\s*([a-z])\s*=\s*(\\?[\pL]+)\s*$`)
	levelRE  = lazyregexp.New(`(\\(?:mathbf|boldsymbol)\{\pL\}|\\?\pL+)(?:\^|_)(?:\{[(\[]?\s*([a-zA-Z0-9])\s*(?:([-−+])\s*(\d+))?\s*[)\]]?\}|\(\s*([a-zA-Z0-9])\s*(?:([-−+])\s*(\d+))?\s*\)|([a-zA-Z0-9])\b)`)
	casesRE  = lazyregexp.New(`\\(?:begin|end)\{(?:cases|aligned|align\*?)\}|\\left\\\{|\\right\.`)
	maxSteps = 1000

	commentRE = lazyregexp.New(`[#%][^\n]*`)
)

// stepRange is a bound index: its values and the symbol of its end.
type stepRange struct {
	index  string
	lo, hi int
	end    string // L
	off    int    // what is added to the end: −1 in 0…L−1
	known  bool   // the end is a number
	down   bool   // from the last to the first: L−1…1
}

// stepText is a statement of a text with a recurrence.
type stepText struct {
	text   string
	number string     // L of L = 3, "" of any other statement
	own    *stepRange // the range that stands behind it or behind one below
}

// unroll writes out the recurrences of a text; it returns the text as it is if
// there is none, and what was done.
func unroll(src string) (string, string) {
	main, rest, values := steps(src)
	if main == nil {
		return src, ""
	}
	if !main.known {
		n, ok := values[main.end]
		if !ok { // a few steps stand for any number
			n = main.lo + AnySteps - 1 - main.off
			text, note := main.numbered(n).write(rest)
			return text, fmt.Sprintf("%s has no value, so %s = %d stands for any: %s", main.end, main.end, n, note)
		}
		main.hi += n
	}
	if main.hi < main.lo || main.hi-main.lo >= maxSteps {
		return src, ""
	}
	return main.write(rest)
}

// AnySteps is how many steps are written out where their number is a symbol.
const AnySteps = 3

// numbered is the range where its end symbol is n.
func (r stepRange) numbered(n int) *stepRange {
	r.hi = n + r.off
	return &r
}

// rangeOf reads l = 0…L−1 or l = L−1…1 that stands alone, nil if s is something
// else.
func rangeOf(s string) *stepRange {
	alone := func(m []string) bool {
		return m != nil && strings.TrimSpace(strings.TrimLeft(strings.TrimSuffix(s, m[0]), ", (")) == ""
	}
	offset := func(sign, digits string) int {
		n, _ := strconv.Atoi(digits)
		if sign != "+" {
			n = -n
		}
		return n
	}
	if m := rangeRE.FindStringSubmatch(s); alone(m) {
		r := &stepRange{index: m[1], end: m[3], off: offset(m[5], m[6])}
		r.lo, _ = strconv.Atoi(m[2])
		r.hi = r.off
		if m[4] != "" {
			n, _ := strconv.Atoi(m[4])
			r.hi, r.known = n+r.off, true
		}
		return r
	}
	if m := downRE.FindStringSubmatch(s); alone(m) {
		r := &stepRange{index: m[1], end: m[2], off: offset(m[3], m[4]), down: true}
		r.lo, _ = strconv.Atoi(m[5])
		r.hi = r.off
		return r
	}
	return nil
}

// steps finds the recurrence of a text: its range, nil if there is none, the
// statements, and the numbers that the text gives to names.
func steps(src string) (main *stepRange, rest []stepText, values map[string]int) {
	if !rangeRE.MatchString(src) || !strings.ContainsAny(src, "=") {
		return nil, nil, nil
	}
	text := commentRE.ReplaceAllString(src, "")
	text = casesRE.ReplaceAllString(text, "\n")
	text = strings.NewReplacer(`\\`, "\n", "&=", "=", ";", "\n").Replace(text)
	var parts []string
	for _, line := range strings.Split(text, "\n") {
		if m := rangeRE.FindString(line); m != "" && !strings.Contains(m, `\in`) || strings.Contains(line, "=") {
			parts = append(parts, splitCommas(line)...)
		} else {
			parts = append(parts, line)
		}
	}
	values = map[string]int{}
	var ranges []*stepRange
	open := 0
	for _, s := range parts {
		s = strings.TrimSpace(s)
		switch m := boundRE.FindStringSubmatch(s); {
		case s == "":
			continue
		case m != nil:
			values[m[1]], _ = strconv.Atoi(m[2])
			rest = append(rest, stepText{text: s, number: m[1]})
			continue
		}
		if r := rangeOf(s); r != nil {
			ranges = append(ranges, r)
			for ; open < len(rest); open++ {
				rest[open].own = r
			}
			continue
		}
		rest = append(rest, stepText{text: s})
	}
	body := textOf(rest)
	var entries []*stepRange
	for _, r := range ranges {
		switch {
		case main == nil && !r.down && stepsBy(body, r.index):
			main = r
		case main == nil || r.index != main.index:
			entries = append(entries, r)
		}
	}
	if main == nil {
		return nil, nil, nil
	}
	for _, e := range entries { // g(z_i), entry by entry, is g(z)
		if e.index == main.index {
			continue
		}
		for i := range rest {
			s := strings.ReplaceAll(rest[i].text, "_{"+e.index+"}", "")
			rest[i].text = regexp.MustCompile(`_`+e.index+`(\^|\b)`).ReplaceAllString(s, "$1")
		}
	}
	return main, rest, values
}

func textOf(rest []stepText) string {
	lines := make([]string, len(rest))
	for i, s := range rest {
		lines[i] = s.text
	}
	return strings.Join(lines, "\n")
}

// splitCommas cuts at commas outside of brackets that stand between equations.
func splitCommas(line string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range line {
		switch r {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ',':
			before, after := line[from:i], line[i+1:]
			if depth == 0 && strings.ContainsAny(before, "=:") && !strings.HasSuffix(strings.TrimSpace(before), "=") && regexp.MustCompile(`^[^,]*[=:]`).MatchString(after) && !regexp.MustCompile(`^\s*`+dots).MatchString(after) {
				out = append(out, before)
				from = i + 1
			}
		}
	}
	return append(out, line[from:])
}

// stepsBy tells whether a text has both an index and its neighbour: a^l, a^{l+1}.
func stepsBy(text, index string) bool {
	offsets := map[int]bool{}
	for _, m := range levelRE.FindAllStringSubmatch(text, -1) {
		if name, off := level(m); name == index {
			offsets[off] = true
		}
	}
	return len(offsets) > 1
}

// level returns the index of a match of levelRE and what is added to it.
func level(m []string) (string, int) {
	name, sign, digits := m[2], m[3], m[4]
	if name == "" {
		name, sign, digits = m[5], m[6], m[7]
	}
	if name == "" {
		return m[8], 0
	}
	off, _ := strconv.Atoi(digits)
	if sign != "+" {
		off = -off
	}
	return name, off
}

// layered returns the names that are numbered by the index, and those of a
// last layer that has its own statement, z^L = W^L a^{L-1}.
func (r *stepRange) layered(rest []stepText) map[string]bool {
	out := map[string]bool{}
	for _, s := range rest {
		left, _, _ := strings.Cut(s.text, "=")
		for _, m := range levelRE.FindAllStringSubmatch(s.text, -1) {
			if name, _ := level(m); name == r.index || r.end != "" && name == r.end && m[0] == strings.TrimSpace(left) {
				out[m[1]] = true
			}
		}
	}
	return out
}

// starts tells whether a statement gives the first layer: a^0 = x.
func (r *stepRange) starts(s string) bool {
	left, _, _ := strings.Cut(s, "=")
	left = strings.TrimSpace(left)
	m := levelRE.FindStringSubmatch(left)
	if m == nil || m[0] != left {
		return false
	}
	name, off := level(m)
	n, err := strconv.Atoi(name)
	return err == nil && n+off <= r.lo
}

// step is the highest offset of the index in what is defined: 1 where layer
// l+1 follows from l.
func (r *stepRange) step(rest []stepText) int {
	top := 0
	for _, s := range rest {
		left, _, ok := strings.Cut(s.text, "=")
		if !ok || s.own != nil && s.own.down || strings.Contains(left, "/") {
			continue
		}
		for _, m := range levelRE.FindAllStringSubmatch(left, -1) {
			if name, off := level(m); name == r.index {
				top = max(top, off)
			}
		}
	}
	return top
}

// sized writes the sizes N_l, N_{l-1} of a declaration.
func sized(s, index string, k int) string {
	return levelRE.ReplaceAllStringFunc(s, func(w string) string {
		m := levelRE.FindStringSubmatch(w)
		if name, off := level(m); name == index {
			return m[1] + "_" + strconv.Itoa(k+off)
		}
		return w
	})
}

// listOf lists the names that have the index.
func listOf(m map[string]bool, index string) string {
	var names []string
	for k := range m {
		names = append(names, k+"_"+index)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// named writes g(z) as tanh(z) where the text says g = tanh.
func named(rest []stepText) []stepText {
	all := textOf(rest)
	var out []stepText
	fs := map[string]string{}
	for _, s := range rest {
		if m := aliasRE.FindStringSubmatch(s.text); m != nil && regexp.MustCompile(`\b`+m[1]+`\s*\(`).MatchString(all) {
			fs[m[1]] = m[2]
			continue
		}
		out = append(out, s)
	}
	for i := range out {
		out[i].text = applied.ReplaceAllStringFunc(out[i].text, func(w string) string {
			name, tail, _ := strings.Cut(w, "(")
			if f := fs[strings.TrimSpace(name)]; f != "" {
				return f + "(" + tail
			}
			return w
		})
	}
	return out
}

var applied = lazyregexp.New(`\b[a-z]\s*\(`)

var unnamed = lazyregexp.New(`\b[fgh]\s*\(`)

// activation returns the function of a recurrence that is a letter only: g in
// a^{l+1} = g(z^{l+1}), where the text does not say what g is.
func activation(text string) string {
	for _, line := range strings.Split(text, "\n") {
		m := unnamed.FindString(line)
		if m == "" {
			continue
		}
		g := m[:1]
		if !regexp.MustCompile(`(?m)^\s*(?:\w\s*,\s*)*` + g + `\s*[:=(]`).MatchString(text) {
			return g
		}
	}
	return ""
}
