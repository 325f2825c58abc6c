package check

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// outputs holds the report on a text to what LANGUAGE.md says of it: the JSON,
// its verdicts and lines, what makes the verdict on the whole, and that a hint
// keeps the answers to itself in every form.
func outputs(t *testing.T, text string, r *Report) {
	t.Helper()
	name := t.Name()
	verdicts := []Verdict{Right, Wrong, Transposed, Inherited, Undecided, NotUnderstood}
	var doc struct {
		Schema   int
		Verdict  string
		FirstBad *int `json:"first_bad"`
		Lines    []struct {
			Line    int
			Text    string
			Verdict string
			Mistake *struct{ ID, Message, Fix string }
		}
	}
	b, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(b, &doc)
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	bad, open, first := false, false, 0
	count := strings.Count(text, "\n") + 1
	for i, l := range doc.Lines {
		if !slices.Contains(verdicts, Verdict(l.Verdict)) {
			t.Errorf("%s: verdict %q", name, l.Verdict)
		}
		if l.Line < 1 || l.Line > count || l.Text == "" || i > 0 && l.Line < doc.Lines[i-1].Line {
			t.Errorf("%s: line %d %q of %d", name, l.Line, l.Text, count)
		}
		if l.Mistake != nil && l.Mistake.ID == "" {
			t.Errorf("%s: line %d: a mistake without a name", name, l.Line)
		}
		if l.Mistake != nil && kinds[l.Mistake.ID] == "" {
			t.Errorf("%s: line %d: nothing says what kind of mistake %s is", name, l.Line, l.Mistake.ID)
		}
		if (l.Mistake != nil) != (l.Verdict == "wrong" || l.Verdict == "transposed") {
			t.Errorf("%s: line %d is %s, its mistake %+v", name, l.Line, l.Verdict, l.Mistake)
		}
		switch l.Verdict {
		case "wrong":
			if first == 0 {
				first = l.Line
			}
			bad = true
		case "inherited":
			bad = true
		case "undecided":
			open = true
		case "not understood":
			open = open || !r.document
		}
	}
	want := map[bool]string{true: "wrong", false: map[bool]string{true: "undecided", false: "right"}[open]}[bad]
	if doc.Schema != 1 || doc.Verdict != want {
		t.Errorf("%s: schema %d, verdict %s, want %s", name, doc.Schema, doc.Verdict, want)
	}
	if (doc.FirstBad == nil) != (first == 0) || first != 0 && *doc.FirstBad != first {
		t.Errorf("%s: the first bad line is %d, not %v", name, first, doc.FirstBad)
	}
	h := *r
	h.Lines = slices.Clone(r.Lines)
	h.FirstBad = nil
	h.finish(Options{Hint: true})
	hints(t, name, text, r, &h)
}

// hints holds the report h with hints only against the full one.
func hints(t *testing.T, name, text string, r, h *Report) {
	b, err := json.Marshal(h)
	if err != nil {
		t.Error(err)
	}
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	forms := map[string]string{"text": h.Text(false), "markdown": h.Markdown(), "json": string(b)}
	if len(h.Lines) != len(r.Lines) {
		t.Errorf("%s: %d lines, with hints %d", name, len(r.Lines), len(h.Lines))
		return
	}
	for i, l := range r.Lines {
		if k := h.Lines[i]; k.Verdict != l.Verdict || k.Line != l.Line || (k.Mistake == nil) != (l.Mistake == nil) || k.Mistake != nil && k.Mistake.ID != l.Mistake.ID {
			t.Errorf("%s: line %d with hints is another: %+v", name, l.Line, k)
		}
		if l.Verdict != Wrong || l.Mistake == nil {
			continue
		}
		for form, out := range forms {
			if strings.Contains(out, "fix: ") && !strings.Contains(text, "fix: ") {
				t.Errorf("%s: the hint has a fix in its %s", name, form)
			}
			if f := l.Mistake.Fix; len(f) > 6 && strings.Contains(squeeze(out), squeeze(f)) && !strings.Contains(squeeze(text), squeeze(f)) && !strings.Contains(squeeze(r.withoutMistakes()), squeeze(f)) {
				t.Errorf("%s: the fix %s of line %d is in the hint's %s", name, f, l.Line, form)
			}
			if c := l.Counter; c != nil {
				for _, v := range []float64{c.Truth, c.Claim} {
					if s := fmt.Sprintf("%.6g", v); len(s) > 5 && strings.Contains(out, s) {
						t.Errorf("%s: the value %s of line %d is in the hint's %s", name, s, l.Line, form)
					}
				}
			}
		}
	}
}

// withoutMistakes is what the report says of the text besides its mistakes.
func (r *Report) withoutMistakes() string {
	var b strings.Builder
	for _, l := range r.Lines {
		b.WriteString(l.Text + " ")
		if l.Mistake == nil {
			b.WriteString(l.Reason + " ")
		}
	}
	return b.String() + strings.Join(r.Notes, " ")
}
