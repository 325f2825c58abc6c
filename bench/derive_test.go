package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// What is asked of parse → infer → derive → simplify, without verification:
//
//	textbook case, median               1 ms
//	tanh network, 1000 layers           1 s, time and size linear in depth
//	tr(A₁X⋯A₆₄X), tr(X³²), Π₁₆ x'Aᵢx    50 ms each
const (
	goalTextbook = time.Millisecond
	goalDeep     = time.Second
	goalLong     = 50 * time.Millisecond
)

func derive(tb testing.TB, program string) *matdiff.Derivation {
	tb.Helper()
	d, err := matdiff.Derive(context.Background(), program, matdiff.NoVerify())
	if err != nil {
		tb.Fatalf("%.400s\n%v", program, err)
	}
	return d
}

// size counts the tokens of the named parts and the gradients as they are
// printed, which is the length of the output. An answer that repeats a part
// counts it each time.
func size(d *matdiff.Derivation) int {
	n := 0
	for _, l := range d.Lets {
		n += tokens(render.Expr(l.Node, render.ASCII))
	}
	for _, g := range d.Grads {
		n += tokens(render.Expr(g.Node, render.ASCII))
	}
	return n
}

// tokens counts names, numbers and operators of an ASCII form. Brackets and
// commas do not count.
func tokens(s string) int {
	n, word := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte(" (),[]", c) >= 0:
			word = false
		case strings.IndexByte("+-*/^'\\<>=", c) >= 0:
			n++
			word = false
		case c == '.' && i+1 < len(s) && strings.IndexByte("*/^", s[i+1]) >= 0:
			word = false // the operator after the dot counts
		default:
			if !word {
				n++
			}
			word = true
		}
	}
	return n
}

// textbook reads the programs of testdata/textbook in order.
func textbook(tb testing.TB) (ids, programs []string) {
	tb.Helper()
	files, err := filepath.Glob("../testdata/textbook/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatal("no textbook cases", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for sc := bufio.NewScanner(strings.NewReader(string(b))); sc.Scan(); {
			switch line := sc.Text(); {
			case strings.HasPrefix(line, "case: "):
				ids = append(ids, strings.Fields(line)[1])
				programs = append(programs, "")
			case strings.HasPrefix(line, "    ") && len(programs) > 0:
				programs[len(programs)-1] += line[4:] + "\n"
			}
		}
	}
	return ids, programs
}

// network is a tanh network of the given depth, a definition a layer.
func network(depth int) string {
	var b strings.Builder
	b.WriteString("X: N×D; Y: N×D\n")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "W_%d: D×D; b_%d: D\n", i, i)
	}
	h := "X"
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "H_%d = tanh(%s W_%d + 1b_%d')\n", i, h, i, i)
		h = fmt.Sprintf("H_%d", i)
	}
	fmt.Fprintf(&b, "Q = 1/2 ‖%s - Y‖²\n", h)
	return b.String()
}

// nested is the same network without biases as one expression.
func nested(depth int) string {
	var b strings.Builder
	b.WriteString("X: N×D; Y: N×D\n")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, "W_%d: D×D\n", i)
	}
	b.WriteString("Q = 1/2 sum((" + strings.Repeat("tanh(", depth) + "X")
	for i := 1; i <= depth; i++ {
		fmt.Fprintf(&b, " W_%d)", i)
	}
	b.WriteString(" - Y).^2)\n")
	return b.String()
}

// traceOfProduct is tr(A₁XA₂X⋯AₙX).
func traceOfProduct(n int) string {
	var b strings.Builder
	b.WriteString("X: n×n\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "A_%d: n×n\n", i)
	}
	b.WriteString("Q = tr(")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "A_%d X ", i)
	}
	b.WriteString(")\n")
	return b.String()
}

func traceOfPower(k int) string { return fmt.Sprintf("X: n×n\nQ = tr(X^%d)\n", k) }

// quadraticForms is the product of n quadratic forms x'Aᵢx.
func quadraticForms(n int) string {
	var b strings.Builder
	b.WriteString("x: n\n")
	f := make([]string, n)
	for i := range f {
		fmt.Fprintf(&b, "A_%d: n×n\n", i+1)
		f[i] = fmt.Sprintf("(x'A_%d x)", i+1)
	}
	b.WriteString("Q = " + strings.Join(f, " * ") + "\n")
	return b.String()
}

// fastest is the least time of several derivations.
func fastest(tb testing.TB, program string, runs int) time.Duration {
	var t timer
	for range runs {
		t.start()
		derive(tb, program)
		t.stop()
	}
	return t.best
}

// timer keeps the least of several times. A time is the lesser of the time of
// day and the processor time: other processes add to the one, a collector that
// runs on idle processors to the other.
type timer struct {
	day             time.Time
	cpu, last, best time.Duration
}

func (t *timer) start() { t.day, t.cpu = time.Now(), CPUTime() }
func (t *timer) stop() {
	t.last = min(time.Since(t.day), CPUTime()-t.cpu)
	if t.best == 0 || t.last < t.best {
		t.best = t.last
	}
}

// report adds the least time of an iteration to a benchmark's figures and holds
// it to the goal.
func (t *timer) report(b *testing.B, goal time.Duration) {
	b.ReportMetric(float64(t.best.Microseconds())/1000, "ms-least")
	if t.best > goal {
		b.Errorf("%v at best, goal %v", t.best, goal)
	}
}

// BenchmarkTextbook derives the whole corpus once an iteration and reports the
// median and the 95th percentile of the cases' times.
func BenchmarkTextbook(b *testing.B) {
	ids, programs := textbook(b)
	for _, p := range programs {
		derive(b, p) // the tables are compiled once a process
	}
	times := make([][]time.Duration, len(programs))
	var t timer
	for b.Loop() {
		for i, p := range programs {
			t.start()
			derive(b, p)
			t.stop()
			times[i] = append(times[i], t.last)
		}
	}
	medians := make([]time.Duration, len(programs))
	worst := 0
	for i, t := range times {
		medians[i] = quantile(t, 0.5)
		if medians[i] > medians[worst] {
			worst = i
		}
	}
	b.Logf("slowest of %d: %s, %v", len(ids), ids[worst], medians[worst])
	median := quantile(medians, 0.5)
	b.ReportMetric(float64(median.Microseconds()), "median-µs/case")
	b.ReportMetric(float64(quantile(medians, 0.95).Microseconds()), "p95-µs/case")
	if median > goalTextbook {
		b.Errorf("median %v of a case, goal %v", median, goalTextbook)
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	s := append([]time.Duration(nil), d...)
	sort.Slice(s, func(i, j int) bool { return s[i] < s[j] })
	return s[int(q*float64(len(s)-1)+0.5)]
}

func BenchmarkNetwork(b *testing.B) {
	for _, depth := range []int{1, 8, 64, 512, 1000} {
		for _, form := range []struct {
			name    string
			program func(int) string
		}{{"definitions", network}, {"nested", nested}} {
			program := form.program(depth)
			b.Run(fmt.Sprintf("%s/%d", form.name, depth), func(b *testing.B) {
				var d *matdiff.Derivation
				var t timer
				for b.Loop() {
					t.start()
					d = derive(b, program)
					t.stop()
				}
				b.ReportMetric(float64(size(d)), "tokens")
				b.ReportMetric(float64(size(d))/float64(depth), "tokens/layer")
				b.ReportMetric(float64(t.best.Microseconds())/float64(depth), "µs/layer")
				t.report(b, goalDeep)
			})
		}
	}
}

func BenchmarkLong(b *testing.B) {
	for _, c := range []struct{ name, program string }{
		{"trace-of-product-64", traceOfProduct(64)},
		{"trace-of-power-32", traceOfPower(32)},
		{"quadratic-forms-16", quadraticForms(16)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var d *matdiff.Derivation
			var t timer
			for b.Loop() {
				t.start()
				d = derive(b, c.program)
				t.stop()
			}
			b.ReportMetric(float64(size(d)), "tokens")
			t.report(b, goalLong)
		})
	}
}

// TestSizeIsLinear holds the answers for a network to a fixed size a layer. It
// counts, so that a busy machine cannot make it fail.
func TestSizeIsLinear(t *testing.T) {
	for name, program := range map[string]func(int) string{"definitions": network, "nested": nested} {
		a, b, c := size(derive(t, program(8))), size(derive(t, program(16))), size(derive(t, program(32)))
		if c-b != 2*(b-a) {
			t.Errorf("%s: %d, %d, %d tokens for 8, 16, 32 layers", name, a, b, c)
		}
	}
}

// TestTimeIsLinear compares the time a layer of two depths; a quadratic pass
// would take eight times as long a layer at the greater one.
func TestTimeIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a second")
	}
	for name, program := range map[string]func(int) string{"definitions": network, "nested": nested} {
		short, long := fastest(t, program(32), 5), fastest(t, program(256), 3)
		if ratio := float64(long) / float64(short) / 8; ratio > 4 {
			t.Errorf("%s: %v for 32 layers, %v for 256: %.1f times as long a layer", name, short, long, ratio)
		}
	}
}
