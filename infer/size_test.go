package infer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff/parser"
)

// long programs of n parts; each is read in time linear in n.
var long = map[string]func(n int) string{
	"layers": func(n int) string {
		return lines("h_0 = x", n, func(i int) string { return fmt.Sprintf("h_%d = tanh(W_%d h_%d + b_%d)", i, i, i-1, i) })
	},
	"statements apart": func(n int) string {
		return lines("", n, func(i int) string { return fmt.Sprintf("q_%d = norm(A_%d x_%d - b_%d)^2", i, i, i, i) })
	},
	"terms apart":       func(n int) string { return "Q = 0" + each(n, " + norm(A_%d x_%d - b_%d)^2") },
	"terms alike":       func(n int) string { return "Q = 1" + strings.Repeat(" + x'A x", n) },
	"ones":              func(n int) string { return "Q = 0" + each(n, " + 1'x_%d") },
	"Greek":             func(n int) string { return "Q = 0" + each(n, " + λ_%d norm(x_%d - μ_%d)") },
	"one word":          func(n int) string { return "Q = tr(" + strings.Repeat("ABC", n/3) + ")" },
	"transposes":        func(n int) string { return "Q = A" + strings.Repeat("'", n) },
	"declarations":      func(n int) string { return each(n, "A_%d: n_%d×m_%d\n") + "Q = x'x" },
	"errors":            func(n int) string { return "A: n×m; B: n×m\n" + each(n, "q_%d = A*B\n") },
	"errors of one sum": func(n int) string { return "A: n×m; B: n×m\nQ = 1" + strings.Repeat(" + sum(A*B)", n) },
	"undeclared errors": func(n int) string { return each(n, "q_%d = sum(X^0.5) + x'y/y'y\n") },
	"doubled sums": func(n int) string {
		return lines("f_0 = x'x", n, func(i int) string { return fmt.Sprintf("f_%d = f_%d + f_%d", i, i-1, i-1) })
	},
	"squared matrices": func(n int) string {
		return lines("X_0 = X", n, func(i int) string { return fmt.Sprintf("X_%d = X_%d X_%d", i, i-1, i-1) })
	},
	"squared scalars": func(n int) string {
		return lines("f_0 = x'x", n, func(i int) string { return fmt.Sprintf("f_%d = f_%d f_%d", i, i-1, i-1) })
	},
	"min_w": func(n int) string { return "Q = min_w x'x" + strings.Repeat(" + x'x", n) },
	"|A|":   func(n int) string { return "Q = 0" + strings.Repeat(" + |A|", n) },
}

func lines(first string, n int, f func(int) string) string {
	var b strings.Builder
	b.WriteString(first)
	for i := 1; i <= n; i++ {
		b.WriteString("\n" + f(i))
	}
	return b.String()
}

// each repeats a form with its number in every place.
func each(n int, form string) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(strings.ReplaceAll(form, "%d", itoa(i)))
	}
	return b.String()
}

// TestLongPrograms reads programs of a thousand parts, right and wrong ones,
// in bounded time: a hidden quadratic step or a doubling would not end.
func TestLongPrograms(t *testing.T) {
	const parts = 1000
	for name, program := range long {
		src := program(parts)
		start := time.Now()
		tree, list := parser.Parse(src)
		if list.Err() == nil {
			_, list = Infer(tree, Options{})
		}
		for _, d := range itemsOf(list) {
			if d.Code == "E901" {
				t.Errorf("%s: %v", name, d)
			}
		}
		if d := time.Since(start); d > time.Minute { // what is not linear takes hours
			t.Errorf("%s: %v for %d parts", name, d, parts)
		}
	}
}

// BenchmarkLong shows the growth: the time of 4,000 parts is four times that
// of 1,000.
func BenchmarkLong(b *testing.B) {
	for name, program := range long {
		for _, n := range []int{1000, 4000} {
			src := program(n)
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if tree, list := parser.Parse(src); list.Err() == nil {
						Infer(tree, Options{})
					}
				}
			})
		}
	}
}
