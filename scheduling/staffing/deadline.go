package staffing

import (
	"fmt"
	"math"
)

// corridor is what work with a deadline allows, on the axis of open intervals.
type corridor struct {
	arrived []float64 // agent-seconds that can have been done by the end of the interval
	due     []float64 // agent-seconds that must have been done by the end of the interval
	late    []bool    // by interval of arrival: due before anybody is there to do it
}

// spread plans work with a deadline. Work can be done from the interval after its
// arrival (in the same one if the deadline allows no other) and must be done in
// the last open interval that ends within Due of the start of the interval of
// arrival. Among all plans the taut string between "arrived" and "due" has the
// lowest peak and the least sum of squares (Yao, Demers and Shenker 1995). Work
// due after the last interval is owed in proportion to the time that has passed.
func spread(in Input) ([]Requirement, error) {
	out := make([]Requirement, len(in.Demands))
	open := make([]int, 0, len(in.Demands))
	for i, d := range in.Demands {
		load := in.load(i)
		if err := load.Validate(); err != nil {
			return nil, in.named(fmt.Errorf("interval %d: %w", i+1, err))
		}
		out[i] = Requirement{Erlangs: load.Erlangs(), ServiceLevel: 1, Binding: BindingNone}
		if d.Closed {
			out[i].Binding = BindingClosed
		} else {
			open = append(open, i)
		}
	}
	c := in.corridor(open)
	pace := tautString(c.due, c.arrived)
	unit := in.Interval // agent-seconds of one seat in one interval
	if in.Goals.MaxOccupancy > 0 {
		unit *= in.Goals.MaxOccupancy
	}
	worked := make([]float64, len(in.Demands)) // agent-seconds by interval
	done, target := 0.0, 0.0
	for k, i := range open {
		target += pace[k]
		r := &out[i]
		if need := Ceil((target - done) / unit); need > 0 {
			r.Net, r.Binding = need, BindingDeadline
		}
		if r.Net < in.Goals.MinSeats {
			r.Net, r.Binding = in.Goals.MinSeats, BindingMinimum
		}
		worked[i] = math.Max(0, math.Min(float64(r.Net)*unit, c.arrived[k]-done))
		done += worked[i]
		if r.Net > 0 {
			r.Occupancy = worked[i] / (float64(r.Net) * in.Interval)
		}
		r.Stationary = r.Net
	}
	in.account(out, worked, c.late)
	return out, nil
}

// account fills in what is left after every interval and what comes too late.
// Work is done in order of arrival.
func (in Input) account(out []Requirement, worked []float64, late []bool) {
	left := make([]float64, len(in.Demands)) // contacts not yet done, by interval of arrival
	oldest, backlog := 0, 0.0
	for i, d := range in.Demands {
		if d.Volume > 0 {
			left[i] = d.Volume
			backlog += d.Volume
			if late[i] {
				out[i].Late, out[i].ServiceLevel = d.Volume, 0
			}
		}
		for budget := worked[i]; budget > 0 && oldest <= i; {
			aht := in.Demands[oldest].AHT
			if left[oldest]*aht > budget {
				left[oldest] -= budget / aht
				backlog -= budget / aht
				break
			}
			budget -= left[oldest] * aht
			backlog -= left[oldest]
			left[oldest] = 0
			oldest++
		}
		out[i].Backlog = math.Max(0, backlog)
	}
}

// corridor lays arrivals and deadlines on the axis of open intervals.
func (in Input) corridor(open []int) corridor {
	n, m := len(in.Demands), len(open)
	c := corridor{arrived: make([]float64, m), due: make([]float64, m), late: make([]bool, n)}
	before := make([]int, n+1) // number of open intervals before i
	for i, d := range in.Demands {
		before[i+1] = before[i]
		if !d.Closed {
			before[i+1]++
		}
	}
	window := max(1, int(math.Min(math.Floor(in.Due/in.Interval+1e-9), float64(n+1))))
	for i, d := range in.Demands {
		work := d.Volume * d.AHT
		if !(work > 0) {
			continue
		}
		first, last := i, i+window-1
		if window > 1 {
			first++
		}
		release, deadline := before[min(first, n)], before[min(last, n-1)+1]-1
		owed := work
		switch {
		case last >= n:
			owed *= float64(n-i) / float64(window)
			c.late[i] = false
		case release > deadline:
			c.late[i] = true // nobody is there in time: do it at the first chance
		}
		if release >= m {
			continue // nobody is there before the end
		}
		c.arrived[release] += work
		c.due[max(release, deadline)] += owed
	}
	for k := 1; k < m; k++ {
		c.arrived[k] += c.arrived[k-1]
		c.due[k] += c.due[k-1]
	}
	return c
}

// tautString gives the steps of the shortest path from 0 that ends at the last
// value of low and stays between low and high, both non-decreasing.
func tautString(low, high []float64) []float64 {
	n := len(low)
	steps := make([]float64, n)
	from, value := -1, 0.0
	for from < n-1 {
		steepest, flattest := math.Inf(-1), math.Inf(1) // needed by low, allowed by high
		atLow, atHigh := from, from
		to, level := n-1, 0.0
	scan:
		for k := from + 1; k < n; k++ {
			length := float64(k - from)
			top := high[k]
			if k == n-1 {
				top = math.Min(high[k], low[k]) // the string ends here
			}
			bottom := math.Min(low[k], top)
			need, allow := (bottom-value)/length, (top-value)/length
			switch {
			case need > flattest:
				to, level = atHigh, high[atHigh]
				break scan
			case allow < steepest:
				to, level = atLow, low[atLow]
				break scan
			}
			if need >= steepest {
				steepest, atLow = need, k
			}
			if allow <= flattest {
				flattest, atHigh = allow, k
			}
			to, level = k, bottom
		}
		step := math.Max(0, (level-value)/float64(to-from))
		for k := from + 1; k <= to; k++ {
			steps[k] = step
		}
		from, value = to, level
	}
	return steps
}
