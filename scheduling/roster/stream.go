package roster

import "math/rand/v2"

// stream is a keyed random stream: the same seed and key give the same numbers
// on every machine.
type stream struct{ r *rand.Rand }

func newStream(seed uint64, key uint64) *stream {
	return &stream{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15^key))}
}

func (s *stream) intn(n int) int { return s.r.IntN(n) }

func (s *stream) float() float64 { return s.r.Float64() }

// jitter is up to three per cent of a value, so that equal agents do not all
// make the same choice; a nil stream gives none.
func (s *stream) jitter(v int64) int64 {
	if s == nil || v <= 0 {
		return 0
	}
	if v /= 32; v == 0 {
		return 0
	}
	return s.r.Int64N(v + 1)
}
