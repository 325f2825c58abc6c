package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// wanted is what a derivation's author says of one of its lines.
type wanted struct {
	line        int
	verdict, id string
}

// derivation is one case of testdata/derivations: a title, the text, and the
// verdicts that stand behind #~ in it.
type derivation struct {
	file, title, text string
	want              []wanted
}

func derivations(t testing.TB) []derivation {
	files, err := filepath.Glob("testdata/derivations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no derivations", err)
	}
	var out []derivation
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, l := range strings.Split(strings.TrimSpace(string(b)), "\n") {
			if title, ok := strings.CutPrefix(l, "== "); ok {
				out = append(out, derivation{file: filepath.Base(f), title: title})
				n = 0
				continue
			}
			d := &out[len(out)-1]
			n++
			text, want, ok := strings.Cut(l, "#~")
			d.text += strings.TrimRight(text, " ") + "\n"
			if !ok {
				continue
			}
			verdict, id := strings.TrimSpace(want), ""
			if strings.HasPrefix(verdict, "not understood") {
				verdict = "not understood"
			} else if fs := strings.Fields(want); len(fs) == 2 {
				verdict, id = fs[0], fs[1]
			}
			d.want = append(d.want, wanted{n, verdict, id})
		}
	}
	return out
}

// TestDerivations holds the verdicts, the names of the mistakes and the fixes
// to what the author of each derivation says.
func TestDerivations(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range derivations(t) {
		name := fmt.Sprintf("%s/%s", strings.TrimSuffix(d.file, ".txt"), d.title)
		if seen[name] {
			t.Errorf("two derivations are called %s", name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			r, list := Check(context.Background(), d.text, Options{Limit: time.Minute}) // the counted work alone bounds the search
			if list.Err() != nil {
				t.Fatalf("%v", list)
			}
			got := map[int]Line{}
			for _, l := range r.Lines {
				got[l.Line] = l
			}
			first := 0
			for _, w := range d.want {
				l, ok := got[w.line]
				if !ok {
					t.Errorf("line %d is not reported", w.line)
					continue
				}
				if w.verdict == "wrong" && first == 0 {
					first = w.line
				}
				if string(l.Verdict) != w.verdict {
					t.Errorf("line %d %q: %s (%s), want %s", w.line, l.Text, l.Verdict, l.Reason, w.verdict)
					continue
				}
				id := ""
				if l.Mistake != nil {
					id = l.Mistake.ID
				}
				if w.id != "" && id != w.id {
					t.Errorf("line %d %q: mistake %s (%+v), want %s", w.line, l.Text, id, l.Mistake, w.id)
				}
				if l.Verdict == Wrong && (l.Mistake == nil || l.Mistake.Fix == "" && !strings.Contains(l.Mistake.Message, "for all entries at once")) {
					t.Errorf("line %d %q: no fix: %+v", w.line, l.Text, l.Mistake)
				}
				if (l.Verdict == Right || l.Verdict == Inherited) && l.Mistake != nil {
					t.Errorf("line %d %q: %s with a mistake %+v", w.line, l.Text, l.Verdict, l.Mistake)
				}
				if testing.Verbose() && l.Mistake != nil {
					t.Logf("%d %s | %s: %s | fix %s | also %v", l.Line, l.Text, l.Mistake.ID, l.Mistake.Message, l.Mistake.Fix, l.Mistake.Also)
				}
				fixes(t, d, l)
			}
			outputs(t, d.text, r)
			if r.FirstBad == nil && first != 0 || r.FirstBad != nil && *r.FirstBad != first {
				t.Errorf("first bad line %v, want %d", r.FirstBad, first)
			}
		})
	}
}

// fixes reads the text anew with the fix in place: it must be right.
func fixes(t *testing.T, d derivation, l Line) {
	if l.Mistake == nil || l.Mistake.Fix == "" || !slices.Contains([]Verdict{Wrong, Transposed}, l.Verdict) {
		return
	}
	lines := strings.Split(d.text, "\n")
	old := lines[l.Line-1]
	at := strings.LastIndex(old, "=")
	lines[l.Line-1] = old[:at+1] + " " + l.Mistake.Fix
	r, list := Check(context.Background(), strings.Join(lines, "\n"), Options{})
	if list.Err() != nil {
		t.Errorf("line %d: the fix %s cannot be read: %v", l.Line, l.Mistake.Fix, list)
		return
	}
	for _, k := range r.Lines {
		if k.Line == l.Line && k.Verdict != Right {
			t.Errorf("line %d: the fix %s is %s: %s", l.Line, l.Mistake.Fix, k.Verdict, k.Reason)
		}
	}
}
