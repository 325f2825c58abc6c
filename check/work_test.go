package check

import (
	"context"
	"testing"
	"time"

	"github.com/matdiff/matdiff/infer"
)

// TestWork holds the search for a mistake to what it may count: on the
// derivations of students far less than the bound, and on a value of many terms,
// where everything would be tried, hardly more.
func TestWork(t *testing.T) {
	work := func(src string) int {
		doc, list := read(src, nil)
		if list.Err() != nil {
			t.Fatal(list)
		}
		res, list := infer.Infer(doc.tree, infer.Options{Claims: true, Abstract: true})
		if list.Err() != nil {
			t.Fatal(list)
		}
		c := newChecker(context.Background(), res, Options{Limit: time.Hour})
		c.src = doc.src
		c.run(doc)
		return c.work
	}
	most := 0
	for _, h := range homeworkCases(t) {
		if n := work(h.Program); n > most {
			most = n
			t.Logf("%s %s: %d", h.ID, h.Title, n)
		}
	}
	if most > maxWork {
		t.Errorf("%d for a derivation of a student", most)
	}
	long := "X: n×n; A: n×n; B: n×n; C: n×n\nQ = tr(A*X)"
	for range 6 {
		long += " + tr(A*X*B*X'*C) + logdet(A + X*B*X') + sum(tanh(A*X*B).*C)"
	}
	if n := work(long + "\ndQ/dX = A*B*C - inv(X)*sum(X)\n"); n > maxWork+maxWork/2 {
		t.Errorf("%d for a long value", n)
	}
}
