package matdiff_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/render"
)

// TestConcurrent derives the same programs from many goroutines at once: each
// answer is that of a lone run. The race detector watches it.
func TestConcurrent(t *testing.T) {
	programs := []string{
		"Q = sum(Y .* logsoftmax(XW+b))",
		"A: n×p; x: p; b: n; Q = norm(A*x - b)^2",
		"S: n×n spd; Q = logdet(S) + x' inv(S) x",
		"Z = XW + 1bᵀ",
	}
	answer := func(program string) string {
		d, err := matdiff.Derive(context.Background(), program, matdiff.Steps())
		if err != nil {
			return err.Error()
		}
		return d.Doc().Text(render.Options{Steps: true})
	}
	want := make([]string, len(programs))
	for i, p := range programs {
		want[i] = answer(p)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 8*len(programs))
	for range 8 {
		for i, p := range programs {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if got := answer(p); got != want[i] {
					errs <- fmt.Errorf("%s: alone\n%s\nbeside others\n%s", p, want[i], got)
				}
			}()
		}
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}
