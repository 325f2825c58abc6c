package parser

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
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
	rangeRE  = regexp.MustCompile(`(?:\\quad|\\;|\bfor\b)?\s*\b([a-z])\s*(?:=|∈|\\in)\s*(\d+)\s*,?\s*` + dots + `\s*,?\s*(?:([A-Za-z](?:_(?:\{[^}]*\}|\w+))?)|(\d+))\s*(?:([-−+])\s*(\d+))?`)
	boundRE  = regexp.MustCompile(`^\s*([A-Za-z])\s*=\s*(\d+)\s*$`)
	aliasRE  = regexp.MustCompile(`^\s*([a-z])\s*=\s*(\\?[\pL]+)\s*$`)
	levelRE  = regexp.MustCompile(`(\\(?:mathbf|boldsymbol)\{\pL\}|\\?\pL+)(?:\^|_)(?:\{\(?\s*([a-zA-Z0-9])\s*(?:([-−+])\s*(\d+))?\s*\)?\}|\(\s*([a-zA-Z0-9])\s*(?:([-−+])\s*(\d+))?\s*\)|([a-zA-Z0-9])\b)`)
	casesRE  = regexp.MustCompile(`\\(?:begin|end)\{(?:cases|aligned|align\*?)\}|\\left\\\{|\\right\.`)
	maxSteps = 1000
)

// stepRange is a bound index: its values and the symbol of its end.
type stepRange struct {
	index  string
	lo, hi int
	end    string // L
	known  bool   // the end is a number
}

// unroll writes out the recurrences of a text; it returns the text as it is if
// there is none, and what was done.
func unroll(src string) (string, string) {
	if !rangeRE.MatchString(src) || !strings.ContainsAny(src, "=") {
		return src, ""
	}
	text := casesRE.ReplaceAllString(src, "\n")
	text = strings.NewReplacer(`\\`, "\n", "&=", "=", ";", "\n").Replace(text)
	var parts []string
	for _, line := range strings.Split(text, "\n") {
		if i := strings.IndexAny(line, "#%"); i >= 0 {
			line = line[:i]
		}
		if m := rangeRE.FindString(line); m != "" && !strings.Contains(m, `\in`) || strings.Contains(line, "=") {
			parts = append(parts, splitCommas(line)...)
		} else {
			parts = append(parts, line)
		}
	}
	values := map[string]int{}
	var rest []string
	var steps, entries []stepRange
	for _, s := range parts {
		s = strings.TrimSpace(s)
		switch m := boundRE.FindStringSubmatch(s); {
		case s == "":
			continue
		case m != nil:
			values[m[1]], _ = strconv.Atoi(m[2])
			rest = append(rest, "\x00"+m[1]+"\x00"+s)
			continue
		}
		if m := rangeRE.FindStringSubmatch(s); m != nil && strings.TrimSpace(strings.TrimLeft(strings.TrimSuffix(s, m[0]), ", (")) == "" {
			r := stepRange{index: m[1], end: m[3]}
			r.lo, _ = strconv.Atoi(m[2])
			off, _ := strconv.Atoi(m[6])
			if m[5] != "+" {
				off = -off
			}
			r.hi = off
			if m[4] != "" {
				n, _ := strconv.Atoi(m[4])
				r.hi, r.known = n+off, true
			}
			steps = append(steps, r)
			continue
		}
		rest = append(rest, s)
	}
	body := strings.Join(rest, "\n")
	var main *stepRange
	for i := range steps {
		if stepsBy(body, steps[i].index) && main == nil {
			main = &steps[i]
		} else {
			entries = append(entries, steps[i])
		}
	}
	if main == nil {
		return src, ""
	}
	for _, e := range entries { // g(z_i), entry by entry, is g(z)
		for i, s := range rest {
			s = strings.ReplaceAll(s, "_{"+e.index+"}", "")
			rest[i] = regexp.MustCompile(`_`+e.index+`(\^|\b)`).ReplaceAllString(s, "$1")
		}
	}
	if !main.known {
		n, ok := values[main.end]
		if !ok {
			return main.generic(rest)
		}
		main.hi += n
	}
	if main.hi < main.lo || main.hi-main.lo >= maxSteps {
		return src, ""
	}
	return main.write(rest)
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

// write repeats the statements of the recurrence.
func (r *stepRange) write(rest []string) (string, string) {
	layered := map[string]bool{}
	for _, m := range levelRE.FindAllStringSubmatch(strings.Join(rest, "\n"), -1) {
		if name, _ := level(m); name == r.index {
			layered[m[1]] = true
		}
	}
	at := func(s string, k int, bound bool) string {
		return levelRE.ReplaceAllStringFunc(s, func(w string) string {
			m := levelRE.FindStringSubmatch(w)
			name, off := level(m)
			if !layered[m[1]] {
				return w
			}
			n, err := strconv.Atoi(name)
			switch {
			case name == r.index && bound:
				n = k
			case name == r.end && r.end != "":
				n = r.hi + r.step(rest)
			case err != nil:
				return w
			}
			return m[1] + "_" + strconv.Itoa(n+off)
		})
	}
	rest = named(rest)
	var first, loop, last, out []string
	for _, s := range rest {
		if strings.HasPrefix(s, "\x00") {
			p := strings.SplitN(s, "\x00", 3)
			if p[1] != r.end {
				last = append(last, p[2])
			}
			continue
		}
		indexed := false
		for _, m := range levelRE.FindAllStringSubmatch(s, -1) {
			name, _ := level(m)
			indexed = indexed || name == r.index && layered[m[1]]
		}
		switch {
		case indexed:
			loop = append(loop, s)
		case len(loop) == 0 || strings.Contains(s, ":") && !strings.Contains(s, "=") || r.starts(s):
			first = append(first, at(s, 0, false))
		default:
			last = append(last, at(s, 0, false))
		}
	}
	for k := r.lo; k <= r.hi; k++ {
		for _, s := range loop {
			if strings.Contains(s, ":") && !strings.Contains(s, "=") && r.step(rest) == 1 && !strings.Contains(strings.SplitN(s, ":", 2)[0], "+") {
				out = append(out, sized(at(s, k+1, true), r.index, k+1)) // W^l: N_l×N_{l-1}
				continue
			}
			out = append(out, sized(at(s, k, true), r.index, k))
		}
	}
	text := strings.Join(append(append(first, out...), last...), "\n")
	return text, fmt.Sprintf("wrote out the %d steps %s = %d…%d; the index is part of the names: %s", r.hi-r.lo+1, r.index, r.lo, r.hi, listOf(layered, r.index))
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

// step is the highest offset of the index: 1 where layer l+1 follows from l.
func (r *stepRange) step(rest []string) int {
	top := 0
	for _, m := range levelRE.FindAllStringSubmatch(strings.Join(rest, "\n"), -1) {
		if name, off := level(m); name == r.index {
			top = max(top, off)
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
func named(rest []string) []string {
	all := strings.Join(rest, "\n")
	var out []string
	fs := map[string]string{}
	for _, s := range rest {
		if m := aliasRE.FindStringSubmatch(s); m != nil && regexp.MustCompile(`\b`+m[1]+`\s*\(`).MatchString(all) {
			fs[m[1]] = m[2]
			continue
		}
		out = append(out, s)
	}
	for i, s := range out {
		out[i] = applied.ReplaceAllStringFunc(s, func(w string) string {
			name, tail, _ := strings.Cut(w, "(")
			if f := fs[strings.TrimSpace(name)]; f != "" {
				return f + "(" + tail
			}
			return w
		})
	}
	return out
}

var applied = regexp.MustCompile(`\b[a-z]\s*\(`)

// generic writes one layer of a recurrence of unknown length: what is indexed
// l+1 has its plain name, and a^l is a_prev. Its pullback is the recursion of
// the adjoints.
func (r *stepRange) generic(rest []string) (string, string) {
	var out []string
	top := r.step(rest)
	defined := ""
	var outside []string // the first layer, the loss
	for _, s := range named(rest) {
		indexed := false
		line := levelRE.ReplaceAllStringFunc(s, func(w string) string {
			m := levelRE.FindStringSubmatch(w)
			name, off := level(m)
			if name != r.index {
				return w
			}
			indexed = true
			if off == top {
				return m[1]
			}
			return m[1] + "_prev"
		})
		if indexed && strings.Contains(line, "=") {
			out = append(out, line)
			left, _, _ := strings.Cut(line, "=")
			defined = strings.TrimSpace(left)
		} else if strings.Contains(s, "=") && !strings.HasPrefix(s, "\x00") {
			outside = append(outside, s)
		}
	}
	if len(out) == 0 {
		return strings.Join(rest, "\n"), ""
	}
	note := fmt.Sprintf("%s has no value, so this is one layer of %s = %d…%s: %s is the layer above, %s_prev the one below, and the gradient by %s_prev is handed down as ∂Q/∂%s of the next; give %s = 3 for a whole network", r.end, r.index, r.lo, r.end, defined, defined, defined, defined, r.end)
	if len(outside) > 0 {
		note += fmt.Sprintf("; left out, since it is about the first or last layer: %s", strings.Join(outside, "; "))
	}
	return strings.Join(out, "\n"), note
}

var unnamed = regexp.MustCompile(`\b[fgh]\s*\(`)

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
