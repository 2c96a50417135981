package forecast

import "math"

// LinEx gives the number of contacts to plan for when planning too few costs exponentially more than too many: the minimum of
// E[exp(a e) - a e - 1], e = contacts - plan, per interval, for a gamma variable with the point's mean and variance,
// -(k/a) log(1 - a theta) with shape k and scale theta (Varian 1975, Zellner 1986). asymmetry a is per contact; 0 gives the mean, negative
// values plan low. Where the expectation does not exist (a theta >= 1) the scale is capped just below.
func (p Point) LinEx(asymmetry float64) float64 {
	if !(p.Volume > 0) || !(p.Variance > 0) || asymmetry == 0 || math.IsNaN(asymmetry) {
		return p.Volume
	}
	x := math.Min(asymmetry*(p.Variance/p.Volume), 0.99)
	switch {
	case math.IsInf(x, -1):
		return 0 // too many costs without bounds
	case !(math.Abs(x) > 1e-12):
		return p.Volume // log(1 - x) / x is -1 to all digits
	}
	return -p.Volume * math.Log1p(-x) / x
}
