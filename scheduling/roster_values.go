package scheduling

import (
	"math"

	"muster/scheduling/roster"
	"muster/scheduling/staffing"
)

const (
	// seatPoints is what a rostered agent is worth on average up to the requirement,
	// in points per interval: the mean price of a missing one where no level decides.
	seatPoints = 1500
	// goalPoints is the least worth of an agent up to the requirement: what the
	// service level does not ask for, the other goals do (occupancy, hang-ups).
	goalPoints = seatPoints / 4
)

// agentValues says what the 1st, 2nd ... agent rostered for a queue is worth in
// each interval: the contacts that one more serves in time by Erlang A, with the
// contacts, handling time, patience and target that the plan was computed with.
// Of n rostered agents as many sit as attendance leaves. need is the agents to
// roster per interval; beyond it the goals are met and nobody is worth a point.
// Queues that are worked by deadline, and plans that do not say their contacts,
// give nil: there bodies count.
func (q QueueSetting) agentValues(points []PlanPoint, need []int, slot func(PlanPoint) int) ([][]int64, error) {
	if q.Kind == staffing.Deadline {
		return nil, nil
	}
	in := staffing.Input{Kind: q.Kind, Interval: float64(grid) / 1e6, Goals: staffing.Goals{ServiceLevel: q.ServiceLevel, Threshold: q.ThresholdS}}
	if q.Kind == staffing.Concurrent {
		in.Concurrency = staffing.TypicalChat(q.Concurrency)
	}
	var at []int
	most := 0
	for _, p := range points {
		i := slot(p)
		if i < 0 || i >= len(need) {
			continue
		}
		if p.Contacts <= 0 || p.AHTMS <= 0 {
			if p.Seats > 1 { // the work is not known, the requirement is
				return nil, nil
			}
			continue
		}
		at = append(at, i)
		most = max(most, need[i])
		in.Demands = append(in.Demands, staffing.Demand{Volume: p.Contacts, AHT: p.AHTMS / 1000, Patience: q.PatienceS})
	}
	if len(at) == 0 {
		return nil, nil
	}
	// The curve is flat not far beyond the requirement.
	table, err := staffing.ServiceLevelTable(in, min(most+most/4+5, staffing.MaxAgents))
	if err != nil {
		return nil, err
	}
	needed, contacts := make([]int, len(at)), make([]float64, len(at))
	for k, i := range at {
		table[k], needed[k], contacts[k] = rosteredLevels(table[k], q.attendance()), need[i], in.Demands[k].Volume
	}
	worth := roster.ContactPoints(needed, contacts, table, seatPoints)
	out := make([][]int64, len(need))
	for k, i := range at {
		out[i] = roster.LevelValues(contacts[k], table[k], worth)
	}
	for i, n := range need {
		out[i] = upTo(out[i], n)
	}
	return out, nil
}

// attendance is the share of rostered agents who come: what the shrinkage leaves
// once placed breaks are taken out.
func (q QueueSetting) attendance() float64 { return attendance(q.Shrinkage) }

// attendance is the share of rostered agents who come under a shrinkage.
func attendance(shrinkage float64) float64 { return min(1, (1-shrinkage)/(1-breakShare)) }

// rosteredLevels reads the levels by seats as levels by rostered agents, of whom a share come.
func rosteredLevels(bySeats []float64, share float64) []float64 {
	out := make([]float64, 0, len(bySeats))
	for n := 0; ; n++ {
		seats := float64(n) * share
		low := int(math.Floor(seats))
		if low+1 >= len(bySeats) {
			return out
		}
		part := seats - float64(low)
		out = append(out, bySeats[low]+(bySeats[low+1]-bySeats[low])*part)
	}
}

// upTo cuts values at the requirement and lifts what is below it to the least
// worth; the first agent of an open queue is worth no less than any other seat.
func upTo(values []int64, need int) []int64 {
	out := make([]int64, need)
	for n := range out {
		least := int64(goalPoints)
		if n == 0 {
			least = seatPoints
		}
		out[n] = least
		if n < len(values) {
			out[n] = max(least, values[n])
		}
	}
	return out
}
