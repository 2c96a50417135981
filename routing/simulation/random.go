package simulation

import (
	"math"
	"sort"

	"muster/tenants/fault"
)

// stream is a keyed random stream (SplitMix64, Steele et al. 2014): the same key
// gives the same draws whatever else was drawn before.
type stream struct{ x uint64 }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// keyed makes the stream of a key.
func keyed(parts ...uint64) stream {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h = mix(h ^ p + 0x9e3779b97f4a7c15)
	}
	return stream{h}
}

func (s *stream) next() uint64 {
	s.x += 0x9e3779b97f4a7c15
	return mix(s.x)
}

// uniform lies strictly between 0 and 1.
func (s *stream) uniform() float64 { return (float64(s.next()>>11) + 0.5) / (1 << 53) }

func (s *stream) exponential() float64 { return -math.Log(s.uniform()) }

// normal by Box-Muller; one of the pair, so that a draw uses two numbers always.
func (s *stream) normal() float64 {
	return math.Sqrt(-2*math.Log(s.uniform())) * math.Cos(2*math.Pi*s.uniform())
}

// gamma with mean 1 and the given coefficient of variation (Marsaglia and Tsang
// 2000); 1 if cv is 0.
func (s *stream) gamma(cv float64) float64 {
	if cv <= 0 {
		return 1
	}
	k := 1 / (cv * cv)
	boost := 1.0
	shape := k
	if shape < 1 {
		boost = math.Pow(s.uniform(), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.normal()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(s.uniform()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v * boost / k
		}
	}
}

type distKind uint8

const (
	constant distKind = iota
	exponential
	lognormal
	empirical
	uniform
	never
)

// dist is a checked distribution.
type dist struct {
	kind   distKind
	a, b   float64
	values []float64
}

func compileDist(d Dist, where string) (dist, error) {
	fail := func(format string, args ...any) (dist, error) {
		return dist{}, fault.Newf(fault.Invalid, "simulation.bad_distribution", where+": "+format, args...)
	}
	for _, v := range append([]float64{d.Mean, d.CV, d.Min, d.Max}, d.Values...) {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fail("%v is not a finite number of at least 0", v)
		}
	}
	switch d.Kind {
	case "", "constant":
		return dist{kind: constant, a: d.Mean}, nil
	case "exponential":
		return dist{kind: exponential, a: d.Mean}, nil
	case "lognormal":
		if d.Mean == 0 {
			return fail("a lognormal needs a mean above 0")
		}
		s2 := math.Log(1 + d.CV*d.CV)
		return dist{kind: lognormal, a: math.Log(d.Mean) - s2/2, b: math.Sqrt(s2)}, nil
	case "empirical":
		if len(d.Values) == 0 {
			return fail("an empirical distribution needs values")
		}
		v := append([]float64(nil), d.Values...)
		sort.Float64s(v)
		return dist{kind: empirical, values: v}, nil
	case "uniform":
		if d.Max < d.Min {
			return fail("max %v lies below min %v", d.Max, d.Min)
		}
		return dist{kind: uniform, a: d.Min, b: d.Max - d.Min}, nil
	case "never":
		return dist{kind: never}, nil
	}
	return fail("distribution %q is not known; allowed: constant, empirical, exponential, lognormal, never, uniform", d.Kind)
}

// draw gives one value; +Inf for never.
func (d *dist) draw(s *stream) float64 {
	switch d.kind {
	case exponential:
		return d.a * s.exponential()
	case lognormal:
		return math.Exp(d.a + d.b*s.normal())
	case empirical:
		return d.values[int(s.uniform()*float64(len(d.values)))]
	case uniform:
		return d.a + d.b*s.uniform()
	case never:
		return math.Inf(1)
	default:
		return d.a
	}
}
