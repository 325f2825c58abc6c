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

// classes are the ids that name a class of mistake of the homework cases.
var classes = map[string]string{
	"inner/outer confusion": "inner-outer-confusion", "missing transpose": "missing-transpose", "missing 1/N": "missing-1/N", "sign": "sign",
	"sign inside the argument": "sign", "dropped term": "dropped-term", "product rule": "product-rule", "order of factors": "order-of-factors",
	"product rule: one occurrence doubled": "product-rule", "product rule: one occurrence": "product-rule", "chain rule factor": "chain-rule-factor",
	"missing trace": "missing-trace", "norm vs squared norm": "norm-vs-squared-norm", "quotient rule: term missing": "quotient-rule",
	"chain rule: factor lost": "chain-rule-factor", "missing sum over the batch": "missing-sum",
	"softmax Jacobian: off-diagonal terms dropped": "softmax-jacobian", "layout": "layout", "layout or missing transpose": "layout",
	"Hadamard": "hadamard", "determinant factor": "determinant-factor", "elementwise rule": "elementwise-rule", "factor": "factor",
	"inverse order": "inverse-order", "other variable": "other-variable", "power": "power", "rows sum to one assumed": "rows-sum-to-one-assumed",
	"scalar for vector": "scalar-for-vector", "symmetric assumed": "symmetric-assumed", "symmetric convention": "symmetric-convention", "wrong point": "wrong-point",
	"quotient rule: sign": "quotient-rule", "function lost": "missing-function", "factor N": "factor-N", "wrong derivative": "wrong-derivative",
}

func homeworkCases(t testing.TB) []homework {
	var out []homework
	for _, f := range []string{"testdata/homework.json", "testdata/homework_more.json"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var list []homework
		if err := json.Unmarshal(b, &list); err != nil {
			t.Fatal(err)
		}
		out = append(out, list...)
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
					if l.Mistake.ID != classes[h.Mistake] {
						t.Errorf("%s: mistake %s, want %s (%s)", h.Title, l.Mistake.ID, classes[h.Mistake], h.Mistake)
					}
					if l.Mistake.Fix == "" {
						t.Errorf("%s: no fix", h.Title)
					}
				}
			}
		})
	}
}
