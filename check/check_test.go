package check

import (
	"context"
	"encoding/json"
	"os"
	"testing"
)

type homework struct {
	ID, Title, Program string
	Lines              []struct {
		Line          int
		Verdict, Kind string
	}
	Verdict, Mistake, Why, Fix string
}

func homeworkCases(t testing.TB) []homework {
	b, err := os.ReadFile("testdata/homework.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []homework
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestHomework(t *testing.T) {
	for _, h := range homeworkCases(t) {
		t.Run(h.ID, func(t *testing.T) {
			r, list := Check(context.Background(), h.Program, Options{})
			if list.Err() != nil {
				t.Fatal(list)
			}
			got := map[int]Line{}
			for _, l := range r.Lines {
				got[l.Line] = l
			}
			first := 0
			for _, l := range h.Lines {
				g := got[l.Line]
				if string(g.Verdict) != l.Verdict {
					t.Errorf("%s: line %d %q: %s (%s), want %s", h.Title, l.Line, g.Text, g.Verdict, g.Reason, l.Verdict)
				}
				if l.Verdict == "wrong" && first == 0 {
					first = l.Line
				}
			}
			if (r.FirstBad == nil) != (first == 0) || first != 0 && *r.FirstBad != first {
				t.Errorf("first bad line %v, want %d", r.FirstBad, first)
			}
			for _, l := range r.Lines {
				if l.Mistake != nil {
					t.Logf("%s | %s: want %q fix %s; got %s: %s; fix %s also %v", h.Title, l.Text, h.Mistake, h.Fix, l.Mistake.ID, l.Mistake.Message, l.Mistake.Fix, l.Mistake.Also)
					if l.Verdict == Right {
						t.Errorf("a right line has a mistake")
					}
				}
			}
		})
	}
}
