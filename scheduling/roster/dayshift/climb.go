package dayshift

import "math"

// climber moves the multipliers of a block along the shortages of its rows, with
// momentum and a step of its own per coordinate (Kingma and Ba 2015). It needs no
// master: where that is large, it gives it its first columns and multipliers.
type climber struct {
	value, mean, square []float64
	step                int
}

func newClimber(n int) *climber {
	return &climber{value: make([]float64, n), mean: make([]float64, n), square: make([]float64, n)}
}

// climb prices the block for a number of rounds and ends at the multipliers of the
// best bound. Steps begin at a part of the dearest shortage; keep takes the rows
// found in the second half.
func (b *block) climb(rounds int, part float64, keep func(), done func() bool) {
	c := newClimber(len(b.dual))
	copy(b.dual, b.center)
	for k, v := range b.center {
		c.value[k] = float64(v) / float64(b.m.scale)
	}
	most := 0.0
	for _, s := range b.cover {
		most = max(most, s.under)
	}
	for k := range rounds {
		if done() {
			break
		}
		b.priceRows()
		b.improveBound()
		b.chargeExcess()
		if 2*k > rounds {
			keep()
		}
		left := 1 - float64(k)/float64(rounds)
		c.move(b, part*most*left*left+most/400)
	}
	if b.centered {
		copy(b.dual, b.center)
	}
}

// move changes every multiplier by at most about rate points.
func (c *climber) move(b *block, rate float64) {
	c.step++
	have := make([]int32, len(b.dual))
	for x, row := range b.found {
		if !b.ok[x] {
			continue
		}
		for d := b.w.a; d < b.w.b; d++ {
			if v := row[d]; v != Off {
				have[(d-b.w.a)*b.m.shifts+int(v)]++
			}
		}
	}
	warm1, warm2 := 1-math.Pow(0.9, float64(c.step)), 1-math.Pow(0.95, float64(c.step))
	for k, s := range b.cover {
		if s.free {
			continue
		}
		if s.full {
			b.dual[k] = -int32(math.Round(s.over * float64(b.m.scale)))
			continue
		}
		slope := float64(s.need - have[k])
		c.mean[k] = 0.9*c.mean[k] + 0.1*slope
		c.square[k] = 0.95*c.square[k] + 0.05*slope*slope
		v := c.value[k] + rate*(c.mean[k]/warm1)/(math.Sqrt(c.square[k]/warm2)+0.1)
		c.value[k] = min(max(v, -s.over), s.under)
		b.dual[k] = int32(math.Round(c.value[k] * float64(b.m.scale)))
	}
}
