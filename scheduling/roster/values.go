package roster

import "math"

// LevelValues turns service levels into what the 1st, 2nd ... agent of an
// interval is worth, for [Group.Values]. levels holds the share of contacts
// served in time with 0, 1, 2 ... agents at work (Erlang A, or a simulation);
// contacts arrive in the interval; points is what one contact served in time is
// worth per slot of the interval. The value of an agent is what the level gains
// by him. Few agents gain little, those near the target most, later ones less and
// less; as values may not increase, the first ones share their gains evenly (the
// concave hull of the curve), which keeps every sum that ends where the gains
// begin to fall. The list ends at the last agent worth at least one point. Levels
// outside 0..1, falling ones and no contacts are read as no gain.
func LevelValues(contacts float64, levels []float64, points int64) []int64 {
	if !(contacts > 0) || math.IsInf(contacts, 0) || points <= 0 || len(levels) < 2 {
		return []int64{}
	}
	level := make([]float64, len(levels))
	for n, v := range levels {
		if v >= 0 && v <= 1 {
			level[n] = v
		}
		if n > 0 {
			level[n] = max(level[n], level[n-1])
		}
	}
	out := []int64{}
	for n := 0; n+1 < len(level); {
		// The steepest chord from n is the next edge of the hull.
		to, slope := n+1, 0.0
		for k := n + 1; k < len(level); k++ {
			if s := (level[k] - level[n]) / float64(k-n); s > slope+1e-15 {
				to, slope = k, s
			}
		}
		value := int64(min(math.Round(slope*contacts*float64(points)), maxPoints))
		if value < 1 {
			break
		}
		for ; n < to; n++ {
			out = append(out, value)
		}
	}
	return out
}

// ContactPoints is the worth of a contact served in time for [LevelValues] that
// makes the agents up to the requirement worth unit points per slot on average,
// the price of a missing agent elsewhere in the problem. Interval k has
// contacts[k] contacts, needs need[k] agents and serves levels[k][n] of them in
// time with n agents. It is at least 1.
func ContactPoints(need []int, contacts []float64, levels [][]float64, unit int64) int64 {
	agents, served := 0.0, 0.0
	for k := range min(len(need), len(contacts), len(levels)) {
		n := min(need[k], len(levels[k])-1)
		if n <= 0 || !(contacts[k] > 0) {
			continue
		}
		agents += float64(n)
		served += contacts[k] * max(0, levels[k][n]-levels[k][0])
	}
	if !(served > 0) || math.IsInf(served, 0) {
		return max(1, unit)
	}
	return int64(max(1, min(math.Round(float64(unit)*agents/served), maxPoints)))
}
