package verify

import (
	"math/rand/v2"
	"testing"

	"github.com/matdiff/matdiff/expr"
)

// Every combination of two declared properties that a square matrix can have
// is drawn in every manner, and what is drawn has them.
func TestDraw(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	list := []expr.Props{0, expr.Symmetric, expr.PSD, expr.SPD, expr.Diagonal, expr.Orthogonal, expr.Positive,
		expr.Nonnegative, expr.Binary, expr.OneHot, expr.Stochastic}
	s := expr.Shape{R: expr.Whole(4), C: expr.Whole(4)}
	for _, p := range list {
		for _, q := range list {
			u := (p | q).Close(s)
			if u.Has(expr.Positive) && u&(expr.Diagonal|expr.Orthogonal|expr.OneHot) != 0 {
				continue // no matrix has both
			}
			for m := normal; m <= sorted; m++ {
				for _, fresh := range []bool{false, true} {
					if x := draw(rng, u, m, 4, 4, fresh); x == nil {
						t.Errorf("%v: nothing drawn in manner %d", u, m)
					} else if !Satisfies(x, u) {
						t.Errorf("%v: %v", u, x)
					}
				}
			}
		}
	}
	for _, p := range []expr.Props{expr.Simplex, expr.OneHot, expr.Binary} {
		v := expr.Shape{R: expr.Whole(5), C: expr.One}
		if x := draw(rng, p.Close(v), normal, 5, 1, false); x == nil {
			t.Errorf("%v: no vector drawn", p)
		}
	}
}

func TestSatisfies(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	x := draw(rng, 0, normal, 3, 3, false)
	for _, p := range []expr.Props{expr.Symmetric, expr.SPD, expr.Diagonal, expr.Orthogonal, expr.Binary, expr.OneHot, expr.Stochastic} {
		if Satisfies(x, p) {
			t.Errorf("a general matrix is %v", p)
		}
	}
	x = draw(rng, expr.SPD|expr.PSD|expr.Symmetric, normal, 3, 3, false)
	x.Set(1, 1, -1)
	if Satisfies(x, expr.PSD) {
		t.Error("a negative diagonal is psd")
	}
}
