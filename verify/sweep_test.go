package verify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/diag"
	"github.com/matdiff/matdiff/internal/randexpr"
	"github.com/matdiff/matdiff/verify"
)

// outcome is what became of one random program.
type outcome struct {
	seed           uint64
	kind           string // right, wrong, inconclusive, refused, panic, late
	detail         string
	right, unknown int // gradients
}

// sweepOne derives and verifies the program of a seed.
func sweepOne(seed uint64, size int) (o outcome) {
	o.seed = seed
	src := program(seed, size)
	defer func() {
		if r := recover(); r != nil {
			o.kind, o.detail = "panic", fmt.Sprintf("%v\n%s", r, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	d, err := matdiff.Derive(ctx, src, variant(seed)...)
	if err != nil {
		o.kind, o.detail = "refused", err.Error()
		var list *diag.List
		if errors.As(err, &list) && len(list.Items) > 0 {
			o.detail = list.Items[0].Error()
		}
		if strings.Contains(o.detail, "internal error") {
			o.kind = "panic"
		}
		return o
	}
	if ctx.Err() != nil {
		o.kind = "late"
		return o
	}
	o.kind = "right"
	for _, v := range d.Report.Variables {
		switch {
		case v.Verdict.Right():
			o.right++
		case v.Verdict == verify.Fail:
			o.kind, o.detail = "wrong", "∂/∂"+v.Wrt+": "+v.Reason
			return o
		default:
			o.unknown++
			o.kind, o.detail = "inconclusive", v.Reason
		}
	}
	return o
}

// program is the text of a seed: in every third some shapes are left to be
// inferred.
func program(seed uint64, size int) string {
	src := randexpr.Program(seed, size)
	if seed%3 == 0 {
		open := randexpr.Undeclare(src, seed)
		if _, err := matdiff.Parse(open); err == nil {
			return open
		}
	}
	return src
}

// variant is the options of a seed.
func variant(seed uint64) []matdiff.Option {
	opts := []matdiff.Option{matdiff.Seed(int64(seed) + 1)}
	switch seed % 7 {
	case 0:
		opts = append(opts, matdiff.Symmetric("free"))
	case 1:
		opts = append(opts, matdiff.Symmetric("book"))
	}
	if seed%5 == 0 {
		opts = append(opts, matdiff.NumeratorLayout())
	}
	return opts
}

// TestSweep derives and verifies random programs: MATDIFF_SWEEP of them from
// the seed MATDIFF_SWEEP_SEED on, a few without it.
func TestSweep(t *testing.T) {
	n, first := 150, uint64(1)
	if s := os.Getenv("MATDIFF_SWEEP"); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		n = v
	}
	if s := os.Getenv("MATDIFF_SWEEP_SEED"); s != "" {
		v, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		first = v
	}
	seeds := make(chan uint64)
	out := make(chan outcome)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for s := range seeds {
				out <- sweepOne(s, 6+int(s%12))
			}
		})
	}
	go func() {
		for i := 0; i < n; i++ {
			seeds <- first + uint64(i)
		}
		close(seeds)
		wg.Wait()
		close(out)
	}()
	count, reasons := map[string]int{}, map[string]int{}
	gradients, unknown := 0, 0
	for o := range out {
		count[o.kind]++
		gradients += o.right
		unknown += o.unknown
		switch o.kind {
		case "wrong", "panic", "late":
			t.Errorf("seed %d: %s: %s\n%s", o.seed, o.kind, o.detail, program(o.seed, 6+int(o.seed%12)))
		case "refused", "inconclusive":
			reasons[o.kind+": "+o.detail]++
			if os.Getenv("MATDIFF_SWEEP_SHOW") == o.kind {
				t.Logf("seed %d: %s: %s\n%s", o.seed, o.kind, o.detail, program(o.seed, 6+int(o.seed%12)))
			}
		}
	}
	t.Logf("%d programs: %v; %d gradients right, %d undecided", n, count, gradients, unknown)
	var list []string
	for r, c := range reasons {
		list = append(list, fmt.Sprintf("%6d %s", c, r))
	}
	sort.Sort(sort.Reverse(sort.StringSlice(list)))
	for i, r := range list {
		if i < 40 {
			t.Log(r)
		}
	}
}

// TestFixedBugs derives and verifies the programs that once went wrong.
func TestFixedBugs(t *testing.T) {
	files, err := filepath.Glob("../testdata/fixedbugs/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases in testdata/fixedbugs")
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for seed := int64(1); seed <= 5; seed++ {
			d, err := matdiff.Derive(context.Background(), string(src), matdiff.Seed(seed))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			for _, v := range d.Report.Variables {
				if !v.Verdict.Right() {
					t.Errorf("%s: ∂/∂%s %v: %s", name, v.Wrt, v.Verdict, v.Reason)
				}
			}
		}
	}
}
