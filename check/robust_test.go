package check

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// TestMutated checks texts with a few characters changed: any verdict will do,
// but no panic, and a report that encodes.
func TestMutated(t *testing.T) {
	n := 60
	if s, err := strconv.Atoi(os.Getenv("MATDIFF_SWEEP")); err == nil {
		n = s
	}
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	cases := homeworkCases(t)
	const chars = "'*+-/()=. 12AXxndQWy^\n∂Σ:"
	pool := []rune(chars)
	for k := 0; k < n; k++ {
		src := []rune(cases[rng.IntN(len(cases))].Program)
		for e := 0; e <= rng.IntN(3); e++ {
			at := len(src)/2 + rng.IntN(len(src)/2)
			switch rng.IntN(3) {
			case 0:
				src[at] = pool[rng.IntN(len(pool))]
			case 1:
				src = append(src[:at], src[at+1:]...)
			default:
				src = append(src[:at], append([]rune{pool[rng.IntN(len(pool))]}, src[at:]...)...)
			}
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic %v on\n%s", r, string(src))
				}
			}()
			begin := time.Now()
			r, list := Check(context.Background(), string(src), Options{Limit: time.Second})
			if d := time.Since(begin); d > time.Minute {
				t.Errorf("%v for\n%s", d, string(src))
			}
			if list.Err() != nil {
				return
			}
			if _, err := json.Marshal(r); err != nil {
				t.Errorf("%v\n%s", err, string(src))
			}
			for _, l := range r.Lines {
				if l.Verdict == Right && l.Mistake != nil {
					t.Errorf("right with a mistake: %s\n%s", l.Text, string(src))
				}
			}
		}()
	}
}
