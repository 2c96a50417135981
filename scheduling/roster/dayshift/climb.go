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

// climb prices the block for a number of rounds, keeps the rows found in the
// second half and ends at the multipliers of the best bound. Steps begin at a
// part of the dearest shortage.
func (g *generator) climb(rounds int, part float64, done func() bool) {
	c := newClimber(len(g.dual))
	copy(g.dual, g.center)
	for k, v := range g.center {
		c.value[k] = float64(v) / float64(g.m.scale)
	}
	most := 0.0
	for _, s := range g.cover {
		most = max(most, s.under)
	}
	for k := range rounds {
		if done() {
			break
		}
		g.priceRows()
		g.rounds++
		g.improveBound()
		g.chargeExcess()
		if 2*k > rounds {
			for x := range g.agents {
				if g.ok[x] {
					g.addColumn(x, g.found[x])
				}
			}
		}
		left := 1 - float64(k)/float64(rounds)
		c.move(g, part*most*left*left+most/400)
	}
	if g.centered {
		copy(g.dual, g.center)
	}
}

// move changes every multiplier by at most about rate points.
func (c *climber) move(g *generator, rate float64) {
	c.step++
	have := make([]int32, len(g.dual))
	for x, row := range g.found {
		if !g.ok[x] {
			continue
		}
		for d := g.w.a; d < g.w.b; d++ {
			if v := row[d]; v != Off {
				have[(d-g.w.a)*g.m.shifts+int(v)]++
			}
		}
	}
	warm1, warm2 := 1-math.Pow(0.9, float64(c.step)), 1-math.Pow(0.95, float64(c.step))
	for k, s := range g.cover {
		if s.free {
			continue
		}
		slope := float64(s.need - have[k])
		c.mean[k] = 0.9*c.mean[k] + 0.1*slope
		c.square[k] = 0.95*c.square[k] + 0.05*slope*slope
		v := c.value[k] + rate*(c.mean[k]/warm1)/(math.Sqrt(c.square[k]/warm2)+0.1)
		c.value[k] = min(max(v, -s.over), s.under)
		g.dual[k] = int32(math.Round(c.value[k] * float64(g.m.scale)))
	}
}
