package parser

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/matdiff/matdiff/internal/lazyregexp"
)

// write repeats the statements of the recurrence. The terms of sums over the
// index get the hidden names, if there are any, in the order of the sums.
func (r *stepRange) write(rest []stepText, hidden ...string) (string, string) {
	layered := r.layered(rest)
	end := r.hi - r.off
	at := func(s string, k int, bound bool) string {
		return levelRE.ReplaceAllStringFunc(s, func(w string) string {
			m := levelRE.FindStringSubmatch(w)
			name, off := level(m)
			if d, ok := strings.CutPrefix(m[1], "d"); !layered[m[1]] && !(ok && layered[d]) { // da^0
				return w
			}
			n, err := strconv.Atoi(name)
			switch {
			case name == r.index && bound:
				n = k
			case name == r.end && r.end != "":
				n = end
			case err != nil:
				return w
			}
			return m[1] + "_" + strconv.Itoa(n+off)
		})
	}
	rest = named(rest)
	hides := len(hidden) > 0
	var first, last, out []string
	var loop []stepText
	for _, p := range rest {
		s := p.text
		if p.number != "" {
			if p.number != r.end {
				last = append(last, s)
			}
			continue
		}
		s, before, n := r.sums(s, end, hidden, at)
		hidden = hidden[min(n, len(hidden)):]
		indexed := false
		for _, m := range levelRE.FindAllStringSubmatch(s, -1) {
			name, _ := level(m)
			indexed = indexed || name == r.index && layered[m[1]]
		}
		switch {
		case indexed && p.own != nil && p.own.index == r.index && (p.own.down || len(last) > 0):
			// What is said of the layers after they are defined: δ^l, ∂Q/∂W^l.
			lo, hi := p.own.lo, p.own.hi
			if !p.own.known {
				hi = end + p.own.off
			}
			for i := lo; i <= hi; i++ {
				k := i
				if p.own.down {
					k = hi + lo - i
				}
				last = append(last, at(s, k, true))
			}
		case indexed:
			loop = append(loop, stepText{text: s, own: p.own})
		case len(loop) == 0 || strings.Contains(s, ":") && !strings.Contains(s, "=") || r.starts(s):
			first = append(first, at(s, 0, false))
		default:
			last = append(last, before...)
			last = append(last, at(s, 0, false))
		}
	}
	used := make(map[string]bool) // names with their levels
	for _, w := range levelName.FindAllString(strings.Join(append(first[:len(first):len(first)], last...), "\n"), -1) {
		used[w] = true
	}
	for k := r.lo; k <= r.hi; k++ {
		for _, p := range loop {
			if declares(p.text) {
				continue
			}
			for _, w := range levelName.FindAllString(at(p.text, k, true), -1) {
				used[w] = true
			}
		}
	}
	for k := r.lo; k <= r.hi; k++ {
		for _, p := range loop {
			s := p.text
			if declares(s) && r.step(rest) == 1 && !strings.Contains(strings.SplitN(s, ":", 2)[0], "+") {
				if first, ok := inUse(at(s, k, true), used); k == r.lo && ok {
					out = append(out, sized(first, r.index, k)) // u^k with k = 0
				}
				if next, ok := inUse(at(s, k+1, true), used); ok || k < r.hi {
					out = append(out, sized(next, r.index, k+1)) // W^l: N_l×N_{l-1}
				}
				continue
			}
			out = append(out, sized(at(s, k, true), r.index, k))
		}
	}
	if r.end != "" && hides { // 1/T
		if word := regexp.MustCompile(`(^|[^\pL\pN_^{\\])` + r.end + `($|[^\pL\pN_])`); word.MatchString(strings.Join(append(first[:len(first):len(first)], last...), "\n")) {
			first = append([]string{r.end + ": scalar const"}, first...)
		}
	}
	text := strings.Join(append(append(first, out...), last...), "\n")
	return text, fmt.Sprintf("wrote out the %d steps %s = %d…%d; the index is part of the names: %s", r.hi-r.lo+1, r.index, r.lo, r.hi, listOf(layered, r.index))
}

var sumRE = lazyregexp.New(`(?:\\sum|[∑Σ]|\bsum)\s*_\s*\{?\s*([a-z])\s*=\s*(\d+)\s*\}?\s*\^\s*\{?\s*(?:([A-Za-z])\s*(?:([-−+])\s*(\d+))?|(\d+))\s*\}?`)

// sums writes out the sums over the index, Σ_{t=1}^T ‖h^t − y^t‖², each up to
// the next plus or minus outside of brackets. Where there are hidden names for
// their terms, those are defined before; n is how many sums there were.
func (r *stepRange) sums(s string, end int, hidden []string, at func(string, int, bool) string) (out string, before []string, n int) {
	total := totalOf(s)
	for i := range maxSums {
		m := sumRE.FindStringSubmatchIndex(s)
		if m == nil {
			break
		}
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return s[m[2*i]:m[2*i+1]]
		}
		lo, _ := strconv.Atoi(group(2))
		hi, err := strconv.Atoi(group(6))
		if group(3) == r.end && r.end != "" {
			off, _ := strconv.Atoi(group(5))
			if group(4) != "+" {
				off = -off
			}
			hi, err = end+off, nil
		}
		if group(1) != r.index || err != nil || hi-lo >= maxSteps {
			break
		}
		body, tail := summand(s[m[1]:])
		var terms []string
		for k := lo; k <= hi; k++ {
			t := strings.TrimSpace(at(body, k, true))
			if i < len(hidden) {
				name := fmt.Sprintf("%s_%d", hidden[i], k)
				before = append(before, name+" = "+t)
				t = name
			}
			terms = append(terms, t)
		}
		if len(terms) == 0 {
			terms = []string{"0"}
		}
		n++
		sum := "(" + strings.Join(terms, " + ") + ")"
		if i < len(hidden) && hidden[i] != total {
			before = append(before, hidden[i]+" = "+sum)
			sum = hidden[i]
		}
		s = s[:m[0]] + sum + " " + tail
	}
	return s, before, n
}

var levelName = lazyregexp.New(`(?:\\(?:mathbf|boldsymbol)\{\pL\}|\\?\pL+)_\d+`)

func declares(s string) bool { return strings.Contains(s, ":") && !strings.Contains(s, "=") }

// inUse tells whether a declaration is of a name that other statements have.
func inUse(s string, used map[string]bool) (string, bool) {
	names, _, _ := strings.Cut(s, ":")
	for _, w := range levelName.FindAllString(names, -1) {
		if used[w] {
			return s, true
		}
	}
	return s, false
}

// totalOf is q of q = Σ_t …, where the sum is all that q is; "" of any other
// statement.
func totalOf(s string) string {
	left, right, ok := strings.Cut(s, "=")
	left, right = strings.TrimSpace(left), strings.TrimSpace(right)
	m := sumRE.FindStringIndex(right)
	if !ok || wordRE.FindString(left) != left || m == nil || m[0] != 0 {
		return ""
	}
	if _, tail := summand(right[m[1]:]); tail != "" || sumRE.MatchString(right[m[1]:]) {
		return ""
	}
	return left
}

// summand cuts the body of a sum off the text behind its sign.
func summand(s string) (body, tail string) {
	depth := 0
	for i, c := range s {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return s[:i], s[i:]
			}
		case '+', '-', '−':
			bars := strings.NewReplacer(`\|`, "‖", "||", "‖").Replace(s[:i])
			if depth == 0 && strings.TrimSpace(bars) != "" && strings.Count(bars, "‖")%2 == 0 && strings.Count(bars, "|")%2 == 0 {
				return s[:i], s[i:]
			}
		}
	}
	return s, ""
}

// maxSums is the most sums of a statement.
const maxSums = 20
