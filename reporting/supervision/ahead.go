package supervision

import "math"

// Pool is what is known of the queues that a reserve pool would help.
type Pool struct {
	Queues    []Day   // their slots begin now and go on in step
	Recent    float64 // arrivals of the last full stretch, all queues
	Expected  float64 // what the forecast said for it
	LeadSlots int     // a peak that begins within so many slots calls the pool up
	GapAgents float64 // a slot in which so many agents are missing is a peak
}

// The causes of calling a reserve pool up.
const (
	CausePeak  = "peak"  // the forecast says so
	CauseTrend = "trend" // more than the forecast has arrived lately
)

// CallUp says that a reserve pool is wanted.
type CallUp struct {
	Cause  string
	From   int     // slot in which the peak begins
	Slots  int     // how long it lasts
	Agents float64 // missing at its worst
	Factor float64 // live volume over forecast
}

// significance is how many standard deviations of a Poisson count the recent
// arrivals must lie above the forecast before the trend counts.
const significance = 3

// Ahead looks for a peak within the lead. When significantly more than forecast
// has arrived lately, the slots of the lead are scaled by the excess; a peak that
// only shows then is called by the trend.
func Ahead(p Pool) (CallUp, bool) {
	factor := 1.0
	if p.Expected > 0 && p.Recent > p.Expected+significance*math.Sqrt(p.Expected) {
		factor = p.Recent / p.Expected
	}
	if c, ok := peak(p, 1); ok {
		c.Cause, c.Factor = CausePeak, factor
		return c, true
	}
	if factor > 1 {
		if c, ok := peak(p, factor); ok {
			c.Cause, c.Factor = CauseTrend, factor
			return c, true
		}
	}
	return CallUp{}, false
}

// peak finds the first run of slots in which agents are missing, begun within the lead.
func peak(p Pool, factor float64) (CallUp, bool) {
	slots := 0
	for _, q := range p.Queues {
		slots = max(slots, len(q.Slots))
	}
	found := CallUp{From: -1}
	for i := range slots {
		gap := 0.0
		for _, q := range p.Queues {
			if i >= len(q.Slots) {
				continue
			}
			s := q.Slots[i]
			if i < p.LeadSlots {
				s.Expected *= factor
			}
			if _, need, ok := slotLevel(q, s); ok && s.Expected > 0 {
				gap += need - s.Agents
			}
		}
		short := gap >= max(p.GapAgents, 1)
		switch {
		case short && found.From < 0 && i >= p.LeadSlots:
			return found, false // too far ahead
		case short && found.From < 0:
			found.From, found.Slots, found.Agents = i, 1, gap
		case short:
			found.Slots, found.Agents = found.Slots+1, max(found.Agents, gap)
		case found.From >= 0:
			return found, true
		}
	}
	return found, found.From >= 0
}
