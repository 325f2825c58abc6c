package expr

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Dim is one size of a matrix: a whole number K ≥ 1 times a product of size
// symbols. The zero Dim means "not known yet" and occurs only inside infer.
// Dims compare with ==.
type Dim struct {
	K   int
	Sym string // "" or sorted symbols joined by "*": "N", "D*N"
}

// One is the size 1.
var One = Dim{K: 1}

// Whole returns the size n.
func Whole(n int) Dim { return Dim{K: n} }

// Symbol returns the size named s.
func Symbol(s string) Dim { return Dim{K: 1, Sym: s} }

// IsOne tells whether d is the number 1.
func (d Dim) IsOne() bool { return d.K == 1 && d.Sym == "" }

// Known tells whether d is a size at all.
func (d Dim) Known() bool { return d.K != 0 }

// Symbols lists the size symbols of d.
func (d Dim) Symbols() []string {
	if d.Sym == "" {
		return nil
	}
	return strings.Split(d.Sym, "*")
}

// Times returns the product of two sizes.
func (d Dim) Times(e Dim) Dim {
	if e.Sym == "" {
		return Dim{d.K * e.K, d.Sym}
	}
	if d.Sym == "" {
		return Dim{d.K * e.K, e.Sym}
	}
	s := append(d.Symbols(), e.Symbols()...)
	sort.Strings(s)
	return Dim{d.K * e.K, strings.Join(s, "*")}
}

// Subst replaces size symbols by sizes; symbols not in m stay.
func (d Dim) Subst(m map[string]Dim) Dim {
	if d.Sym == "" || len(m) == 0 {
		return d
	}
	out := Dim{K: d.K}
	for _, s := range d.Symbols() {
		if e, ok := m[s]; ok {
			out = out.Times(e)
		} else {
			out = out.Times(Symbol(s))
		}
	}
	return out
}

// Eval returns the number that d stands for.
func (d Dim) Eval(sizes map[string]int) (int, error) {
	n := d.K
	for _, s := range d.Symbols() {
		v, ok := sizes[s]
		if !ok {
			return 0, fmt.Errorf("size %s has no value", s)
		}
		n *= v
	}
	return n, nil
}

// String prints d as the language writes it: "N", "3", "2*N", "D*N".
func (d Dim) String() string {
	switch {
	case d.Sym == "":
		return strconv.Itoa(d.K)
	case d.K == 1:
		return d.Sym
	}
	return strconv.Itoa(d.K) + "*" + d.Sym
}

// Shape is rows by columns. A scalar is 1×1, a vector a column N×1.
type Shape struct{ R, C Dim }

// Scalar is the shape 1×1.
var Scalar = Shape{One, One}

// IsScalar tells whether s is 1×1.
func (s Shape) IsScalar() bool { return s.R.IsOne() && s.C.IsOne() }

// IsCol tells whether s is a column vector N×1, N not the number 1.
func (s Shape) IsCol() bool { return s.C.IsOne() && !s.R.IsOne() }

// IsRow tells whether s is a row vector 1×N, N not the number 1.
func (s Shape) IsRow() bool { return s.R.IsOne() && !s.C.IsOne() }

// IsSquare tells whether s has as many rows as columns.
func (s Shape) IsSquare() bool { return s.R == s.C }

// T returns the transposed shape.
func (s Shape) T() Shape { return Shape{s.C, s.R} }

// Count returns the number of entries.
func (s Shape) Count() Dim { return s.R.Times(s.C) }

// Subst replaces size symbols in both sizes.
func (s Shape) Subst(m map[string]Dim) Shape { return Shape{s.R.Subst(m), s.C.Subst(m)} }

// String prints s as the language writes it: "N×K", "n×1", "scalar".
func (s Shape) String() string {
	if s.IsScalar() {
		return "scalar"
	}
	return s.R.String() + "×" + s.C.String()
}
