package matdiff_test

import (
	"context"
	"fmt"

	"github.com/matdiff/matdiff"
)

func ExampleCheck() {
	rep, err := matdiff.Check(context.Background(), `
A: n×p; x: p; b: n
r = A x - b
Q = r'r
dQ = 2 r'dr
dr = A dx
dQ/dx = 2 A r
`, matdiff.CheckOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range rep.Lines {
		fmt.Println(l.Line, l.Verdict, l.Text)
		if l.Mistake != nil {
			fmt.Println("  write", l.Mistake.Fix)
		}
	}
	// Output:
	// 3 right r = A x - b
	// 4 right Q = r'r
	// 5 right dQ = 2 r'dr
	// 6 right dr = A dx
	// 7 wrong dQ/dx = 2 A r
	//   write 2 A' r
}

func ExampleTrace() {
	t, err := matdiff.Trace(context.Background(), "x, y: scalar; f = x y + sin(x)", matdiff.At("x=2, y=3"))
	if err != nil {
		fmt.Println(err)
		return
	}
	wrong, undecided := t.Verdict("reverse")
	fmt.Println(wrong, undecided)
	for _, l := range t.Doc("reverse").Lines {
		fmt.Printf("%s = %.4f\n", l.Name, l.Value.Data[0])
	}
	// Output:
	// false false
	// x = 2.0000
	// y = 3.0000
	// v_1 = 6.0000
	// v_2 = 0.9093
	// f = 6.9093
}

func ExampleDirection() {
	d, err := matdiff.Direction(context.Background(), "Q = log(x'x)", matdiff.At("x=[1,2,3]"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the gradient says %.6f, differences at best %.6f\n", d.Exact, d.Rows[d.Best].Estimate)
	fmt.Println(d.Right())
	// Output:
	// the gradient says 0.453743, differences at best 0.453743
	// true
}

func ExampleWrt() {
	d, err := matdiff.Derive(context.Background(), "Q = ‖X w − y‖²", matdiff.Wrt("w"), matdiff.Seed(7), matdiff.Points(9))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range d.Report.Variables {
		fmt.Println(g.Wrt, g.Verdict, g.Points)
	}
	// Output:
	// w pass 9
}

func ExamplePoints() {
	_, err := matdiff.Derive(context.Background(), "Q = x'x", matdiff.Points(3))
	fmt.Println(err)
	// Output:
	// a verification draws at least 7 points, not 3
}
