package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
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
	factor  []float64 // lower triangle of the last solution, valid from first[row] on
	first   []int
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

// singular is the share of a diagonal element that must remain after elimination.
const singular = 1e-14

// solve gives the coefficients; ok is false when the problem is not positive definite. The Cholesky factor is built within
// the envelope of the matrix: the weekly levels touch only their neighbours, which saves most of the work.
func (r *ridge) solve() (b []float64, ok bool) {
	if !r.factorize() {
		return nil, false
	}
	n := r.n
	b = slices.Clone(r.right)
	for i := range n {
		from := r.first[i]
		b[i] = (b[i] - floats.Dot(r.factor[i*n+from:i*n+i], b[from:i])) / r.factor[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		from := r.first[i]
		b[i] /= r.factor[i*n+i]
		floats.AddScaled(b[from:i], -b[i], r.factor[i*n+from:i*n+i])
	}
	r.fitted = 0
	for i, v := range b {
		r.fitted += v * r.right[i]
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
	}
	return b, true
}

// factorize builds the lower Cholesky factor row by row and its log determinant.
func (r *ridge) factorize() bool {
	n := r.n
	if r.factor == nil {
		r.factor, r.first = make([]float64, n*n), make([]int, n)
	}
	r.logDet = 0
	for i := range n {
		row, out := r.normal[i*n:i*n+i+1], r.factor[i*n:i*n+i+1]
		from := 0
		for from < i && row[from] == 0 {
			from++
		}
		r.first[i] = from
		for j := from; j < i; j++ {
			k := max(from, r.first[j])
			out[j] = (row[j] - floats.Dot(out[k:j], r.factor[j*n+k:j*n+j])) / r.factor[j*n+j]
		}
		left := row[i] - floats.Dot(out[from:i], out[from:i])
		if !(left > singular*row[i]) {
			return false
		}
		out[i] = math.Sqrt(left)
		r.logDet += 2 * math.Log(out[i])
	}
	return true
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
