package scheduling

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"

	"muster/routing/simulation"
	"muster/tenants/calendar"
)

// tally counts contacts per queue and interval of arrival, replication by
// replication, from the records of a run. Sums of whole numbers do not depend on
// the order in which replications end.
type tally struct {
	st    *stage
	index map[string]int
	mu    sync.Mutex
	runs  map[int][]tallyCell // by replication: queue x interval
}

// tallyCell is one queue's interval in one replication; waits in milliseconds.
type tallyCell struct {
	offered, inTarget, answered, abandoned, overflowed int32
	waitMS                                             int64
}

func newTally(st stage) *tally {
	t := &tally{st: &st, index: map[string]int{}, runs: map[int][]tallyCell{}}
	for i, q := range st.scenario.Queues {
		t.index[q.Name] = i
	}
	return t
}

// contact counts one record; replications call it concurrently.
func (t *tally) contact(c simulation.ContactRecord) {
	q, n := t.index[c.Queue], t.st.scenario.Intervals
	at := int((calendar.Instant(c.Arrived) - t.st.span.Start) / grid)
	if at < 0 || at >= n {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	run := t.runs[c.Replication]
	if run == nil {
		run = make([]tallyCell, len(t.st.queues)*n)
		t.runs[c.Replication] = run
	}
	cell := &run[q*n+at]
	cell.offered++
	switch {
	case c.Accepted > 0:
		cell.answered++
		cell.waitMS += (c.Accepted - c.Arrived) / 1000
		if c.InTarget {
			cell.inTarget++
		}
	case c.Outcome == simulation.OutcomeAbandoned:
		cell.abandoned++
	case c.Outcome == simulation.OutcomeOverflowed:
		cell.overflowed++
	}
}

// points makes a row per queue and interval in which anybody arrived. The service
// level is that of all replications together; its band is Student's over the
// replications, weighted by their contacts (ratio estimator).
func (t *tally) points(result simulation.Result) []SimulationPoint {
	n, reps := t.st.scenario.Intervals, t.st.scenario.Replications
	occupancy := map[string][]simulation.Figures{}
	for _, c := range result.Clients {
		occupancy[c.Name] = c.Intervals
	}
	student := 0.0
	if reps > 1 {
		student = distuv.StudentsT{Sigma: 1, Nu: float64(reps - 1)}.Quantile(0.975)
	}
	var out []SimulationPoint
	for q, info := range t.st.queues {
		for i := range n {
			var sum tallyCell
			for rep := range reps {
				sum.add(t.cell(rep, q*n+i))
			}
			if sum.offered == 0 {
				continue
			}
			offered := float64(sum.offered)
			p := SimulationPoint{QueueID: info.ID, ClientID: info.ClientID, StartAt: t.st.span.Start + calendar.Instant(i)*grid, Offered: offered / float64(reps),
				ServiceLevel: float64(sum.inTarget) / offered, Abandonment: float64(sum.abandoned) / offered, Overflow: float64(sum.overflowed) / offered}
			if sum.answered > 0 {
				p.ASAMS = float64(sum.waitMS) / float64(sum.answered)
			}
			if f := occupancy[info.ClientID.String()]; i < len(f) {
				p.Occupancy = orZero(f[i].Occupancy.Mean)
			}
			squares := 0.0
			for rep := range reps {
				c := t.cell(rep, q*n+i)
				e := float64(c.inTarget) - p.ServiceLevel*float64(c.offered)
				squares += e * e
			}
			half := 0.0
			if reps > 1 {
				half = student * math.Sqrt(squares/float64(reps-1)/float64(reps)) / (offered / float64(reps))
			}
			p.ServiceLevelLow, p.ServiceLevelHigh = math.Max(0, p.ServiceLevel-half), math.Min(1, p.ServiceLevel+half)
			out = append(out, p)
		}
	}
	return out
}

func (t *tally) cell(rep, i int) tallyCell {
	if run := t.runs[rep]; run != nil {
		return run[i]
	}
	return tallyCell{}
}

func (c *tallyCell) add(o tallyCell) {
	c.offered += o.offered
	c.inTarget += o.inTarget
	c.answered += o.answered
	c.abandoned += o.abandoned
	c.overflowed += o.overflowed
	c.waitMS += o.waitMS
}
