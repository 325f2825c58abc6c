package verify

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"github.com/matdiff/matdiff/eval"
	"github.com/matdiff/matdiff/expr"
	"github.com/matdiff/matdiff/num"
)

// Approach tells how far two values are from each other as a scalar grows:
// [x ≥ a] and σ(λ(x − a)) for λ = 1, 10, 100, …
type Approach struct {
	Grows  string
	Points int
	Rows   []Approached
	Sizes  map[string]int
}

// Approached is a row of the table: the errors over all points and entries.
type Approached struct {
	Value                 float64
	Mean, Median, Largest float64
	Off                   float64 // the share of entries off by more than a hundredth
}

// approachPoints is the number of points: every row takes the same ones.
const approachPoints = 400

// Approaching evaluates left and right at points drawn for all variables but
// grows, which takes the values 1, 10, … 1e5.
func Approaching(ctx context.Context, left, right *expr.Node, vars []*expr.Var, grows *expr.Var, sizes []string, seed int64) (*Approach, error) {
	t := &Approach{Grows: grows.Name, Sizes: map[string]int{}}
	for i, s := range sizes {
		t.Sizes[s] = 4 + i
	}
	rng := rand.New(rand.NewPCG(uint64(seed), 0x9e3779b97f4a7c15))
	var envs []eval.Env
	for len(envs) < approachPoints {
		env := eval.Env{Vars: map[string]*num.Mat{}, Sizes: t.Sizes}
		for _, v := range vars {
			if v == grows {
				continue
			}
			r, err := v.Shape.R.Eval(t.Sizes)
			if err != nil {
				return nil, err
			}
			c, err := v.Shape.C.Eval(t.Sizes)
			if err != nil {
				return nil, err
			}
			x := draw(rng, v.Props, manners(v.Props, r, c)[0], r, c, false)
			if x == nil {
				return nil, fmt.Errorf("no value of %s has its properties", v.Name)
			}
			env.Vars[v.Name] = x
		}
		envs = append(envs, env)
	}
	plan := eval.Compile(left, right)
	for value := 1.0; value <= 1e5; value *= 10 {
		var errs []float64
		points := 0
		for _, env := range envs {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			env.Vars[grows.Name] = num.Scalar(value)
			if err := plan.Resize(env); err != nil {
				return nil, err
			}
			out, err := plan.Run(env)
			if err != nil {
				continue // outside of the domain
			}
			points++
			for k, l := range out[0].Data {
				errs = append(errs, math.Abs(l-out[1].Data[k]))
			}
		}
		if points == 0 {
			return nil, fmt.Errorf("neither side has a value at any point drawn")
		}
		t.Points = points
		row := Approached{Value: value}
		sort.Float64s(errs)
		for _, e := range errs {
			row.Mean += e / float64(len(errs))
			if e > 0.01 {
				row.Off += 1 / float64(len(errs))
			}
		}
		row.Median, row.Largest = errs[len(errs)/2], errs[len(errs)-1]
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// Meets tells whether the error falls: its mean to less than a hundredth of
// what it was, or to nothing.
func (t *Approach) Meets() bool {
	first, last := t.Rows[0].Mean, t.Rows[len(t.Rows)-1].Mean
	return !math.IsNaN(last) && (last <= first/100 && first > 0 || last < 1e-12)
}

// Jumps tells whether an error stays at some points though the mean falls: at
// the edge of a bracket.
func (t *Approach) Jumps() bool {
	for _, r := range t.Rows {
		if t.Meets() && r.Mean < t.Rows[0].Mean/20 && r.Largest > t.Rows[0].Largest/10 {
			return true
		}
	}
	return false
}
