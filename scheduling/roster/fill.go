package roster

import "math"

// Rostered turns service levels by agents at work into service levels by agents
// on the roster, of whom the share absent (0 to below 1) falls away unplanned:
// level n is read at n x (1 - absent), linearly between whole agents. Other
// shares are read as 0.
func Rostered(levels []float64, absent float64) []float64 {
	if !(absent > 0 && absent < 1) {
		absent = 0
	}
	out := make([]float64, len(levels))
	for n := range out {
		whole, part := math.Modf(float64(n) * (1 - absent))
		k := int(whole)
		out[n] = levels[k] + part*(levels[min(k+1, len(levels)-1)]-levels[k])
	}
	return out
}

// Fill sets Need and Values of a group from service levels; the other fields
// stay. This is all that whoever builds a [Problem] has to do for values:
//
//   - contacts[k] are the contacts expected in interval k, an interval being
//     IntervalMinutes long (slot_minutes where that is 0) and the first one beginning
//     at local midnight of the first day;
//   - levels[k][n] is the share of them served in time with n agents on the roster
//     (0 first), from Erlang A ([muster/scheduling/staffing.Curve.ServiceLevels]) or
//     a simulation; with unplanned absence, the curve by [Rostered];
//   - target is the level that the client's contract asks for, above 0 to 1;
//   - unit is what a missing agent costs per slot elsewhere in the problem
//     (under_cost, 1000 unless set), so that groups with values and groups with a
//     bare requirement weigh alike.
//
// Need becomes the fewest agents with which the target is reached, 0 without
// contacts. Values become what the agents up to Need are worth ([LevelValues] at
// [ContactPoints]): an agent beyond the need is surplus, one before it is worth as
// much as he brings in contacts served in time. UnderCost of the group is not read
// any more. Errors (kind invalid) name the interval: lists of different length
// (roster.level_lengths), contacts that are negative or no number
// (roster.level_contacts), a level that is no share (roster.level_share), a target
// out of range (roster.level_target), and a curve that ends before the target is
// reached, which no number of agents listed can fill (roster.level_unreachable).
func (g *Group) Fill(contacts []float64, levels [][]float64, target float64, unit int64) error {
	if len(contacts) != len(levels) {
		return invalid("level_lengths", "Group %q has contacts for %d intervals and service levels for %d; give one curve per interval.", g.ID, len(contacts), len(levels))
	}
	if !(target > 0 && target <= 1) {
		return invalid("level_target", "Group %q has the service level target %g; it must lie above 0 and not above 1.", g.ID, target)
	}
	if unit < 1 || unit > maxPoints {
		return invalid("weight", "Group %q: a missing agent costs %d; allowed are 1 to %d.", g.ID, unit, maxPoints)
	}
	need := make([]int, len(contacts))
	for k, n := range contacts {
		var err error
		if need[k], err = g.needOf(k, n, levels[k], target); err != nil {
			return err
		}
	}
	points := ContactPoints(need, contacts, levels, unit)
	values := make([][]int64, len(contacts))
	for k, n := range contacts {
		values[k] = LevelValues(n, levels[k], points)
		values[k] = values[k][:min(len(values[k]), need[k])]
	}
	g.Need, g.Values = need, values
	return nil
}

// needOf is the fewest agents of an interval with which the target is reached.
func (g *Group) needOf(interval int, contacts float64, levels []float64, target float64) (int, error) {
	if !(contacts >= 0) || math.IsInf(contacts, 0) {
		return 0, invalid("level_contacts", "Group %q, interval %d: %g contacts are expected; give a number that is not negative.", g.ID, interval, contacts)
	}
	best := 0.0
	for n, v := range levels {
		if !(v >= 0 && v <= 1) {
			return 0, invalid("level_share", "Group %q, interval %d: the service level with %d agents is %g; levels are shares from 0 to 1.", g.ID, interval, n, v)
		}
		if best = max(best, v); contacts > 0 && best >= target {
			return n, nil
		}
	}
	if contacts == 0 {
		return 0, nil
	}
	return 0, invalid("level_unreachable", "Group %q, interval %d: with up to %d agents the service level reaches %.3g, the target is %g; give a longer curve, or a target that impatient callers allow.", g.ID, interval, max(0, len(levels)-1), best, target)
}
