package bench

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// The peers are written as a careful user of gonum writes them: matrices made
// once, vector and matrix operations of the library, loops for what it lacks.

// denseSoftmax is softmax regression on mat.Dense.
type denseSoftmax struct{ z, p, g mat.Dense }

func (d *denseSoftmax) step(X, W, b, Y, gW, gB *mat.Dense) float64 {
	n, k := Y.Dims()
	d.z.Mul(X, W)
	d.z.Apply(func(_, j int, v float64) float64 { return v + b.At(0, j) }, &d.z)
	loss := softmaxDense(&d.z, Y, &d.p)
	d.g.Sub(&d.p, Y)
	d.g.Scale(1/float64(n), &d.g)
	gW.Mul(X.T(), &d.g)
	for j := range k {
		gB.Set(0, j, mat.Sum(d.g.ColView(j)))
	}
	return loss
}

// softmaxDense stores the softmax of the rows of z in p and returns the mean
// cross-entropy with Y.
func softmaxDense(z, Y *mat.Dense, p *mat.Dense) float64 {
	n, k := Y.Dims()
	p.CloneFrom(z)
	loss := 0.0
	for i := range n {
		row, y := p.RawRowView(i), Y.RawRowView(i)
		m := math.Inf(-1)
		for _, v := range row {
			m = max(m, v)
		}
		s := 0.0
		for j := range k {
			loss -= y[j] * (row[j] - m)
			row[j] = math.Exp(row[j] - m)
			s += row[j]
		}
		ls := math.Log(s)
		for j := range k {
			loss += y[j] * ls
			row[j] /= s
		}
	}
	return loss / float64(n)
}

// blasSoftmax is softmax regression by blas64 with a workspace.
type blasSoftmax struct{ z blas64.General }

func (s *blasSoftmax) step(X, W, b, Y, gW, gB blas64.General) float64 {
	n, k := Y.Rows, Y.Cols
	for i := range n {
		copy(s.z.Data[i*k:(i+1)*k], b.Data)
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, X, W, 1, s.z)
	loss := softmaxLoss(s.z, Y)
	colSums(s.z, gB)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, X, s.z, 0, gW)
	return loss
}

// softmaxLoss overwrites z by (softmax(z) - Y)/n and returns the mean
// cross-entropy.
func softmaxLoss(z, Y blas64.General) float64 {
	n, k := Y.Rows, Y.Cols
	c := 1 / float64(n)
	loss := 0.0
	for i := range n {
		row, y := z.Data[i*k:(i+1)*k], Y.Data[i*k:(i+1)*k]
		m := math.Inf(-1)
		for _, v := range row {
			m = max(m, v)
		}
		s := 0.0
		for j, v := range row {
			loss -= y[j] * (v - m)
			row[j] = math.Exp(v - m)
			s += row[j]
		}
		ls := math.Log(s)
		r := 1 / s
		for j, v := range row {
			loss += y[j] * ls
			row[j] = c * (v*r - y[j])
		}
	}
	return loss * c
}

func colSums(g, out blas64.General) {
	o := out.Data[:g.Cols]
	clear(o)
	for i := range g.Rows {
		for j, v := range g.Data[i*g.Stride:][:len(o)] {
			o[j] += v
		}
	}
}

// denseLogistic is logistic regression on mat.Dense.
type denseLogistic struct{ z, g mat.VecDense }

func (d *denseLogistic) step(X *mat.Dense, w, y, gw *mat.VecDense) float64 {
	n := y.Len()
	d.z.MulVec(X, w)
	d.g.CloneFromVec(&d.z)
	loss := 0.0
	for i := range n {
		z, t := d.z.AtVec(i), y.AtVec(i)
		e := math.Exp(-math.Abs(z))
		p := 1 / (1 + e)
		if z < 0 {
			p = e / (1 + e)
		}
		loss += math.Max(z, 0) + math.Log1p(e) - t*z
		d.g.SetVec(i, (p-t)/float64(n))
	}
	gw.MulVec(X.T(), &d.g)
	return loss / float64(n)
}

// blasLogistic is logistic regression by blas64 with a workspace.
type blasLogistic struct{ z blas64.Vector }

func (s *blasLogistic) step(X blas64.General, w, y, gw blas64.Vector) float64 {
	n := X.Rows
	blas64.Gemv(blas.NoTrans, 1, X, w, 0, s.z)
	c := 1 / float64(n)
	loss := 0.0
	for i, z := range s.z.Data[:n] {
		t := y.Data[i]
		e := math.Exp(-math.Abs(z))
		r := 1 / (1 + e)
		p := r
		if z < 0 {
			p = e * r
		}
		loss += math.Max(z, 0) + math.Log1p(e) - t*z
		s.z.Data[i] = c * (p - t)
	}
	blas64.Gemv(blas.Trans, 1, X, s.z, 0, gw)
	return loss * c
}

// denseMLP is the two-layer perceptron on mat.Dense.
type denseMLP struct{ h, z, p, g, gh mat.Dense }

func (d *denseMLP) step(X, W, b, V, c, Y, gW, gb, gV, gc *mat.Dense) float64 {
	n, k := Y.Dims()
	d.h.Mul(X, W)
	d.h.Apply(func(_, j int, v float64) float64 { return math.Tanh(v + b.At(0, j)) }, &d.h)
	d.z.Mul(&d.h, V)
	d.z.Apply(func(_, j int, v float64) float64 { return v + c.At(0, j) }, &d.z)
	loss := softmaxDense(&d.z, Y, &d.p)
	d.g.Sub(&d.p, Y)
	d.g.Scale(1/float64(n), &d.g)
	gV.Mul(d.h.T(), &d.g)
	for j := range k {
		gc.Set(0, j, mat.Sum(d.g.ColView(j)))
	}
	d.gh.Mul(&d.g, V.T())
	d.gh.Apply(func(i, j int, v float64) float64 { h := d.h.At(i, j); return v * (1 - h*h) }, &d.gh)
	gW.Mul(X.T(), &d.gh)
	_, hs := d.gh.Dims()
	for j := range hs {
		gb.Set(0, j, mat.Sum(d.gh.ColView(j)))
	}
	return loss
}

// blasMLP is the two-layer perceptron by blas64 with a workspace.
type blasMLP struct{ h, z, gh blas64.General }

func (s *blasMLP) step(X, W, b, V, c, Y, gW, gb, gV, gc blas64.General) float64 {
	n, k, hs := Y.Rows, Y.Cols, W.Cols
	for i := range n {
		copy(s.h.Data[i*hs:(i+1)*hs], b.Data)
		copy(s.z.Data[i*k:(i+1)*k], c.Data)
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, X, W, 1, s.h)
	for i, v := range s.h.Data {
		s.h.Data[i] = math.Tanh(v)
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, s.h, V, 1, s.z)
	loss := softmaxLoss(s.z, Y)
	colSums(s.z, gc)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, s.h, s.z, 0, gV)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, s.z, V, 0, s.gh)
	for i, h := range s.h.Data {
		s.gh.Data[i] *= 1 - h*h
	}
	colSums(s.gh, gb)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, X, s.gh, 0, gW)
	return loss
}

// denseLeastSquares is least squares on mat.Dense.
type denseLeastSquares struct{ r mat.VecDense }

func (d *denseLeastSquares) step(A *mat.Dense, x, b, gx *mat.VecDense) float64 {
	d.r.MulVec(A, x)
	d.r.SubVec(&d.r, b)
	gx.MulVec(A.T(), &d.r)
	return 0.5 * mat.Dot(&d.r, &d.r)
}

// blasLeastSquares is least squares by blas64 with a workspace.
type blasLeastSquares struct{ r blas64.Vector }

func (s *blasLeastSquares) step(A blas64.General, x, b, gx blas64.Vector) float64 {
	blas64.Copy(b, s.r)
	blas64.Gemv(blas.NoTrans, 1, A, x, -1, s.r)
	blas64.Gemv(blas.Trans, 1, A, s.r, 0, gx)
	return 0.5 * blas64.Dot(s.r, s.r)
}

// denseFactorisation is matrix factorisation on mat.Dense.
type denseFactorisation struct{ e mat.Dense }

func (d *denseFactorisation) step(R, U, V, gU, gV *mat.Dense) float64 {
	d.e.Mul(U, V.T())
	d.e.Sub(&d.e, R)
	gU.Mul(&d.e, V)
	gV.Mul(d.e.T(), U)
	n := mat.Norm(&d.e, 2)
	return 0.5 * n * n
}

// blasFactorisation is matrix factorisation by blas64 with a workspace.
type blasFactorisation struct{ e blas64.General }

func (s *blasFactorisation) step(R, U, V, gU, gV blas64.General) float64 {
	copy(s.e.Data, R.Data)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, U, V, -1, s.e)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, s.e, V, 0, gU)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, s.e, U, 0, gV)
	q := 0.0
	for _, v := range s.e.Data {
		q += v * v
	}
	return 0.5 * q
}

// denseGaussian is the Gaussian likelihood on mat.Dense, without forming
// inverses but for the gradient, which is one.
type denseGaussian struct {
	xc, c, t, si mat.Dense
	chol         mat.Cholesky
	sum          mat.VecDense
}

func (d *denseGaussian) step(X *mat.Dense, m *mat.VecDense, S *mat.SymDense, gS *mat.Dense, gm *mat.VecDense) float64 {
	n, k := X.Dims()
	d.xc.Apply(func(_, j int, v float64) float64 { return v - m.AtVec(j) }, X)
	d.c.Mul(d.xc.T(), &d.xc)
	if !d.chol.Factorize(S) {
		return math.NaN()
	}
	if err := d.chol.SolveTo(&d.t, &d.c); err != nil {
		return math.NaN()
	}
	q := float64(n)/2*d.chol.LogDet() + mat.Trace(&d.t)/2
	// ∂Q/∂S = (n S⁻¹ - S⁻¹ C S⁻¹)/2 = S⁻¹ (nI - C S⁻¹)/2
	d.si.CloneFrom(d.t.T())
	d.si.Scale(-0.5, &d.si)
	for i := range k {
		d.si.Set(i, i, d.si.At(i, i)+float64(n)/2)
	}
	if err := d.chol.SolveTo(gS, &d.si); err != nil {
		return math.NaN()
	}
	if d.sum.Len() == 0 {
		d.sum.ReuseAsVec(k)
	}
	for j := range k {
		d.sum.SetVec(j, -mat.Sum(d.xc.ColView(j)))
	}
	if err := d.chol.SolveVecTo(gm, &d.sum); err != nil {
		return math.NaN()
	}
	return q
}

// denseAttention is attention on mat.Dense.
type denseAttention struct{ s, r, gp, gs mat.Dense }

func (d *denseAttention) step(Q, K, V, T, gQ, gK, gV *mat.Dense) float64 {
	n, k := Q.Dims()
	c := 1 / math.Sqrt(float64(k))
	d.s.Mul(Q, K.T())
	d.s.Scale(c, &d.s)
	for i := range n {
		softmaxRow(d.s.RawRowView(i))
	}
	d.r.Mul(&d.s, V)
	d.r.Sub(&d.r, T)
	gV.Mul(d.s.T(), &d.r)
	d.gp.Mul(&d.r, V.T())
	d.gs.CloneFrom(&d.gp)
	for i := range n {
		softmaxBack(d.s.RawRowView(i), d.gp.RawRowView(i), d.gs.RawRowView(i), c)
	}
	gQ.Mul(&d.gs, K)
	gK.Mul(d.gs.T(), Q)
	l := mat.Norm(&d.r, 2)
	return 0.5 * l * l
}

func softmaxRow(row []float64) {
	m := math.Inf(-1)
	for _, v := range row {
		m = max(m, v)
	}
	s := 0.0
	for j, v := range row {
		row[j] = math.Exp(v - m)
		s += row[j]
	}
	for j := range row {
		row[j] /= s
	}
}

func softmaxBack(p, gp, gs []float64, c float64) {
	d := 0.0
	for j := range p {
		d += p[j] * gp[j]
	}
	for j := range p {
		gs[j] = c * p[j] * (gp[j] - d)
	}
}

// blasAttention is attention by blas64 with a workspace.
type blasAttention struct{ s, r, gs blas64.General }

func (b *blasAttention) step(Q, K, V, T, gQ, gK, gV blas64.General) float64 {
	n := Q.Rows
	c := 1 / math.Sqrt(float64(Q.Cols))
	blas64.Gemm(blas.NoTrans, blas.Trans, c, Q, K, 0, b.s)
	for i := range n {
		softmaxRow(b.s.Data[i*n : (i+1)*n])
	}
	copy(b.r.Data, T.Data)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, b.s, V, -1, b.r)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, b.s, b.r, 0, gV)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, b.r, V, 0, b.gs)
	for i := range n {
		softmaxBack(b.s.Data[i*n:(i+1)*n], b.gs.Data[i*n:(i+1)*n], b.gs.Data[i*n:(i+1)*n], c)
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, b.gs, K, 0, gQ)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, b.gs, Q, 0, gK)
	q := 0.0
	for _, v := range b.r.Data {
		q += v * v
	}
	return 0.5 * q
}
