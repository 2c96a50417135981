package supervision

import (
	"math"

	"muster/scheduling/staffing"
)

// Slot is one stretch of the rest of the day: what is expected and who is there.
type Slot struct {
	Seconds  float64 // length
	Expected float64 // contacts
	AHT      float64 // seconds
	Agents   float64 // at work for the queue, on average
}

// Day is a queue's day so far and the rest of it.
type Day struct {
	Within, Served float64 // answered within the threshold; answered and abandoned
	Late           float64 // waiting past the threshold already: lost for the level
	Threshold      float64 // seconds
	Patience       float64 // mean, seconds; 0 is never
	Goal           float64 // share
	Slots          []Slot
}

// Outlook is a day's end as it looks now.
type Outlook struct {
	Within, Served float64
	Gap            float64 // agents missing in the slots ahead, averaged over them; negative is spare
	Known          bool    // false: nothing was counted and nothing is expected
}

// Level is the service level of the outlook, a share.
func (o Outlook) Level() float64 {
	if !(o.Served > 0) {
		return 0
	}
	return min(max(o.Within/o.Served, 0), 1)
}

// Project adds the rest of the day, by Erlang A per slot, to what was counted.
// Fractions of agents are interpolated. Slots that make no sense are left out.
func Project(d Day) Outlook {
	out := Outlook{Within: d.Within, Served: d.Served + max(d.Late, 0)}
	gap, length := 0.0, 0.0
	for _, s := range d.Slots {
		if !(s.Expected > 0) || !(s.Seconds > 0) || math.IsInf(s.Expected+s.Seconds, 0) {
			continue
		}
		level, need, ok := slotLevel(d, s)
		if !ok {
			continue
		}
		out.Within += s.Expected * level
		out.Served += s.Expected
		gap += (need - s.Agents) * s.Seconds
		length += s.Seconds
	}
	if length > 0 {
		out.Gap = gap / length
	}
	out.Known = out.Served > 0
	return out
}

// slotLevel gives the level of one slot and the agents that its goal needs.
func slotLevel(d Day, s Slot) (level, need float64, ok bool) {
	curve, err := staffing.NewCurve(staffing.Load{Contacts: s.Expected, Interval: s.Seconds, AHT: s.AHT, Patience: d.Patience})
	if err != nil {
		return 0, 0, false
	}
	at := func(n float64) float64 {
		return min(max(curve.At(int(n)).ServiceLevel(staffing.AnsweredOverOffered, d.Threshold), 0), 1)
	}
	agents := min(max(s.Agents, 0), staffing.MaxAgents)
	if math.IsNaN(agents) {
		return 0, 0, false
	}
	low := math.Floor(agents)
	level = at(low)
	if part := agents - low; part > 0 {
		level += part * (at(low+1) - level)
	}
	n, err := curve.AgentsForServiceLevel(staffing.AnsweredOverOffered, d.Threshold, min(max(d.Goal, 0), 0.999))
	if err != nil {
		return level, agents, true
	}
	return level, float64(n), true
}

// WithAgents is the day with so many more agents in the slots of the next seconds.
func (d Day) WithAgents(more, next float64) Day {
	out := d
	out.Slots = append([]Slot(nil), d.Slots...)
	from := 0.0
	for i := range out.Slots {
		if from >= next {
			break
		}
		out.Slots[i].Agents = max(0, out.Slots[i].Agents+more)
		from += out.Slots[i].Seconds
	}
	return out
}
