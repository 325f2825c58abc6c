package matdiff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/matdiff/matdiff"
	"github.com/matdiff/matdiff/diag"
)

// countdown is a context that ends when it has been asked n times.
type countdown struct {
	context.Context
	left, asked int
}

func (c *countdown) Err() error {
	c.asked++
	if c.asked > c.left {
		return context.Canceled
	}
	return nil
}

func network(layers int) string {
	var b strings.Builder
	b.WriteString("x: n\na_0 = x\n")
	for i := 1; i <= layers; i++ {
		fmt.Fprintf(&b, "W_%d: n×n\na_%d = tanh(W_%d a_%d)\n", i, i, i, i-1)
	}
	fmt.Fprintf(&b, "Q = ‖a_%d‖²", layers)
	return b.String()
}

// Every stage asks the context, and stops when it has ended: nothing asks it
// more than a few times after that.
func TestCancel(t *testing.T) {
	deep := network(60)
	checked := network(3) + "\ndQ/dx = 2*x\ndQ/dW_1 = 2*W_1\ndQ/dW_2 = W_2\ndQ/dW_3 = W_3"
	for name, run := range map[string]func(ctx context.Context) error{
		"derive": func(ctx context.Context) error {
			d, err := matdiff.Derive(ctx, deep)
			if err == nil {
				if _, undecided := d.Verdict(); undecided {
					err = context.Canceled
				}
				d.Doc() // of what is there
			}
			return err
		},
		"verify": func(ctx context.Context) error {
			rep, err := matdiff.Verify(ctx, deep)
			if err == nil && !rep.Right() {
				err = context.Canceled
			}
			return err
		},
		"check": func(ctx context.Context) error {
			rep, err := matdiff.Check(ctx, checked, matdiff.CheckOptions{})
			if err == nil {
				for _, l := range rep.Lines {
					if l.Verdict == "undecided" {
						err = context.Canceled
					}
				}
			}
			return err
		},
		"generate": func(ctx context.Context) error {
			_, err := matdiff.Generate(ctx, deep, matdiff.GenerateOptions{Lang: "go"})
			return err
		},
		"trace": func(ctx context.Context) error {
			_, err := matdiff.Trace(ctx, network(6))
			return err
		},
		"direction": func(ctx context.Context) error {
			_, err := matdiff.Direction(ctx, network(6))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			whole := &countdown{Context: context.Background(), left: 1 << 40}
			run(whole)
			if whole.asked < 5 {
				t.Errorf("asked %d times in all", whole.asked)
			}
			for _, left := range []int{0, 1, 2, whole.asked / 4, whole.asked / 2} {
				ctx := &countdown{Context: context.Background(), left: left}
				if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("after %d of %d: %v", left, whole.asked, err)
				}
				if over := ctx.asked - left; over > 40 {
					t.Errorf("asked %d times more after it had ended at %d of %d", over, left, whole.asked)
				}
			}
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			if err := run(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("an ended context: %v", err)
			}
		})
	}
}

// A result outlives the context that it was derived in.
func TestResultOutlivesContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d, err := matdiff.Derive(ctx, network(40))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if doc := d.Doc(); len(doc.Gradients) != 41 {
		t.Errorf("%d gradients", len(doc.Gradients))
	}
}

// Options that have no meaning are errors, at every entry point.
func TestOptionsValidated(t *testing.T) {
	ctx := context.Background()
	for _, opt := range []matdiff.Option{matdiff.Symmetric("both"), matdiff.Points(3), matdiff.Points(-1), matdiff.Wrt("nothing")} {
		_, derive := matdiff.Derive(ctx, "Q = x'x", opt)
		_, verify := matdiff.Verify(ctx, "Q = x'x", opt)
		_, generate := matdiff.Generate(ctx, "Q = x'x", matdiff.GenerateOptions{Lang: "go"}, opt)
		_, trace := matdiff.Trace(ctx, "Q = x'x", opt)
		_, direction := matdiff.Direction(ctx, "Q = x'x", opt)
		for i, err := range []error{derive, verify, generate, trace, direction} {
			if err == nil {
				t.Errorf("entry point %d: no error", i)
			}
		}
	}
	for _, opt := range []matdiff.Option{matdiff.Symmetric("half"), matdiff.Symmetric("free"), matdiff.Symmetric("book"), matdiff.Points(9), matdiff.Seed(-4), matdiff.Wrt("x"), matdiff.Wrt()} {
		if _, err := matdiff.Derive(ctx, "Q = x'x", opt); err != nil {
			t.Error(err)
		}
	}
}

// What is wrong with a function points at the function.
func TestNoDerivativeSpan(t *testing.T) {
	_, err := matdiff.Derive(context.Background(), "x: n\nargmaxed = x\nQ = a argmax(x)")
	var list *diag.List
	if !errors.As(err, &list) || len(list.Items) != 1 || len(list.Items[0].Labels) != 1 {
		t.Fatalf("%v", err)
	}
	if at := list.Items[0].Labels[0].Span; list.Source[at.Start:at.End] != "argmax" || at.Start != len("x: n\nargmaxed = x\nQ = a ") {
		t.Errorf("%v", list)
	}
}
