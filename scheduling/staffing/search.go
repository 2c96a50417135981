package staffing

import "math"

// requirement finds the least seats that meet all goals. hint is how many roots
// of the traffic the neighbour's answer lay above its traffic; the same figure
// for this answer is returned with it.
func (c *Curve) requirement(goals Goals, closed bool, hint float64) (Requirement, float64) {
	r := Requirement{Erlangs: c.erlangs, ServiceLevel: 1, Binding: BindingNone}
	switch {
	case closed:
		r.Binding = BindingClosed
		if c.lambda > 0 {
			r.describe(c.At(0), goals)
		}
		return r, hint
	case !(c.lambda > 0):
		if goals.MinSeats > 0 {
			r.Net, r.Binding = goals.MinSeats, BindingMinimum
		}
		r.Stationary = r.Net
		return r, hint
	}
	work := c.erlangs / c.load.Concurrency.fastest()
	if hint < 0 {
		hint = 1
	}
	start := int(work + hint*math.Sqrt(work) + 0.5)
	r.Net = c.least(start, func(try System) bool { return goals.missed(try) == "" })
	s := c.At(r.Net)
	r.Binding = BindingLoad
	if r.Net > 0 {
		if missed := goals.missed(c.At(r.Net - 1)); missed != "" {
			r.Binding = missed
		}
	}
	found := math.Max(0, (float64(r.Net)-work)/math.Sqrt(work))
	if r.Net < goals.MinSeats {
		r.Net, r.Binding = goals.MinSeats, BindingMinimum
		s = c.At(r.Net)
	}
	r.Stationary = r.Net
	r.describe(s, goals)
	return r, found
}

// missed names the first goal that a system misses, "" when it meets all. A queue
// that grows for ever misses the load before any goal.
func (g Goals) missed(s System) Binding {
	switch {
	case !s.Stable():
		return BindingLoad
	case g.ServiceLevel > 0 && s.ServiceLevel(g.Formula, g.Threshold) < g.ServiceLevel-tolerance:
		return BindingServiceLevel
	case g.ASA > 0 && s.MeanWait() > g.ASA*(1+tolerance):
		return BindingASA
	case g.Abandonment > 0 && s.Abandonment() > g.Abandonment+tolerance:
		return BindingAbandonment
	case g.MaxOccupancy > 0 && s.Occupancy() > g.MaxOccupancy+tolerance:
		return BindingOccupancy
	}
	return ""
}

// describe fills in what the system achieves.
func (r *Requirement) describe(s System, goals Goals) {
	r.ServiceLevel = s.ServiceLevel(goals.Formula, goals.Threshold)
	r.Abandonment = s.Abandonment()
	r.ASA = s.MeanWait()
	r.Occupancy = s.Occupancy()
}

// fastest is the speed with all slots open.
func (c Concurrency) fastest() float64 {
	if len(c.Speed) == 0 {
		return 1
	}
	return c.Speed[len(c.Speed)-1]
}
