// Package num holds the small dense matrices, of float64 and of dual numbers,
// that the kernels of rules, the evaluator and the verifier compute with.
package num

import "fmt"

// Mat is a dense row-major matrix of float64. A scalar is 1×1.
type Mat struct {
	R, C int
	Data []float64
}

// New returns a zero matrix.
func New(r, c int) *Mat { return &Mat{r, c, make([]float64, r*c)} }

// At returns entry (i, j), counted from 0.
func (m *Mat) At(i, j int) float64 { return m.Data[i*m.C+j] }

// Set stores entry (i, j).
func (m *Mat) Set(i, j int, v float64) { m.Data[i*m.C+j] = v }

// Clone returns a copy.
func (m *Mat) Clone() *Mat { return &Mat{m.R, m.C, append([]float64(nil), m.Data...)} }

// Scalar returns a 1×1 matrix.
func Scalar(v float64) *Mat { return &Mat{1, 1, []float64{v}} }

// Dual is a dense row-major matrix of dual numbers v + d·ε, ε² = 0: the value
// and its derivative along one direction.
type Dual struct {
	R, C int
	V, D []float64
}

// NewDual returns a zero matrix of dual numbers.
func NewDual(r, c int) *Dual { return &Dual{r, c, make([]float64, r*c), make([]float64, r*c)} }

// String prints the size, for failures in tests.
func (m *Mat) String() string { return fmt.Sprintf("%d×%d%v", m.R, m.C, m.Data) }
