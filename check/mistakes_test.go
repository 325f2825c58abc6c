package check

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMistakes judges natural mistakes of every class: each must be told by its
// name, with a fix that is right when it is put in, and shown by a
// counterexample where the shapes allow one.
func TestMistakes(t *testing.T) {
	b, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		t.Fatal(err)
	}
	class, made := "", map[string]int{}
	for _, l := range strings.Split(string(b), "\n") {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if c, ok := strings.CutPrefix(l, "== "); ok {
			class = c
			continue
		}
		l, also := strings.CutPrefix(l, "~ ")
		program, claim, _ := strings.Cut(l, " ;; ")
		program = strings.ReplaceAll(program, "; ", "\n") + "\n"
		ask := func(claim string) *Line {
			r, list := Check(context.Background(), program+claim+"\n", Options{})
			if list.Err() != nil || len(r.Lines) == 0 {
				t.Fatalf("%s: not read: %v", l, list)
			}
			return &r.Lines[len(r.Lines)-1]
		}
		made[class]++
		got := ask(claim)
		m := got.Mistake
		switch {
		case got.Verdict != Wrong || m == nil:
			t.Errorf("%s: %s %+v", l, got.Verdict, m)
			continue
		case m.ID != class && !(also && slices.Contains(m.Also, class)):
			t.Errorf("%s:\n  called %s %v: %s\n  want %s", l, m.ID, m.Also, m.Message, class)
		case m.Fix == "":
			t.Errorf("%s: no fix: %+v", l, m)
			continue
		}
		left, _, _ := strings.Cut(claim, " = ")
		if fixed := ask(left + " = " + m.Fix); fixed.Verdict != Right {
			t.Errorf("%s: the fix %s is %s", l, m.Fix, fixed.Verdict)
		}
	}
	for class, n := range made {
		if n < 2 {
			t.Errorf("%d mistakes of the class %s", n, class)
		}
	}
}
