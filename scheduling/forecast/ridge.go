package forecast

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// term is one non-zero entry of a design row.
type term struct {
	col int
	val float64
}

// ridge collects a penalised least-squares problem with sparse rows: sum w (z - row x b)^2 + b' P b.
type ridge struct {
	n       int
	penalty []float64 // n x n, row-major
	normal  []float64
	right   []float64
	square  float64 // sum w z^2
	logDet  float64 // of the normal matrix last solved
	fitted  float64 // right' b of the last solution
}

func newRidge(n int) *ridge {
	return &ridge{n: n, penalty: make([]float64, n*n), normal: make([]float64, n*n), right: make([]float64, n)}
}

// reset forgets the rows and keeps the penalty.
func (r *ridge) reset() {
	copy(r.normal, r.penalty)
	clear(r.right)
	r.square = 0
}

// add takes one observation z with weight w.
func (r *ridge) add(row []term, z, w float64) {
	r.square += w * z * z
	for _, a := range row {
		wa := w * a.val
		r.right[a.col] += wa * z
		base := a.col * r.n
		for _, b := range row {
			r.normal[base+b.col] += wa * b.val
		}
	}
}

// shrink penalises a coefficient as if it were drawn with the standard deviation sd around zero.
func (r *ridge) shrink(col int, sd float64) { r.penalty[col*r.n+col] += 1 / (sd * sd) }

// tie penalises the difference of two coefficients as if it were drawn with the standard deviation sd.
func (r *ridge) tie(a, b int, sd float64) {
	p := 1 / (sd * sd)
	r.penalty[a*r.n+a] += p
	r.penalty[b*r.n+b] += p
	r.penalty[a*r.n+b] -= p
	r.penalty[b*r.n+a] -= p
}

// block adds a precision matrix to consecutive coefficients.
func (r *ridge) block(first int, precision *mat.SymDense) {
	n := precision.SymmetricDim()
	for i := range n {
		for j := range n {
			r.penalty[(first+i)*r.n+first+j] += precision.At(i, j)
		}
	}
}

// solve gives the coefficients; ok is false when the problem is not positive definite.
func (r *ridge) solve() (b []float64, ok bool) {
	var ch mat.Cholesky
	if !ch.Factorize(mat.NewSymDense(r.n, r.normal)) {
		return nil, false
	}
	var x mat.VecDense
	if err := ch.SolveVecTo(&x, mat.NewVecDense(r.n, r.right)); err != nil {
		return nil, false
	}
	b = make([]float64, r.n)
	r.logDet, r.fitted = ch.LogDet(), 0
	for i := range b {
		b[i] = x.AtVec(i)
		r.fitted += b[i] * r.right[i]
		if math.IsNaN(b[i]) {
			return nil, false
		}
	}
	return b, true
}

// rescale multiplies the penalty of consecutive coefficients among themselves by a factor, in the rows added so far too.
func (r *ridge) rescale(first, count int, factor float64) {
	for i := first; i < first+count; i++ {
		for j := first; j < first+count; j++ {
			k := i*r.n + j
			r.normal[k] += (factor - 1) * r.penalty[k]
			r.penalty[k] *= factor
		}
	}
}

// evidence is the log marginal likelihood of the last solution up to a constant, without the prior's own determinant.
func (r *ridge) evidence() float64 { return -0.5*(r.square-r.fitted) - 0.5*r.logDet }
