package roster

import (
	"cmp"
	"slices"
)

// Strip is how the requirement is met over the horizon: a line per client and
// tier, for the coverage strip under a board.
type Strip struct {
	IntervalMinutes int         `json:"interval_minutes"`
	Lines           []StripLine `json:"lines"` // clients in the order of Problem.Groups, tiers ascending
}

// StripLine is the cover of one client at one tier. Its lists have an entry per
// interval from local midnight of the first day in elapsed time; the last one may
// be shorter. Numbers are agents on average over the interval, so they are whole
// where the interval is the slot of the problem.
type StripLine struct {
	Client    string    `json:"client"`
	Tier      int       `json:"tier"`
	Groups    []int     `json:"groups"`    // positions in Problem.Groups that the line sums up
	Need      []float64 `json:"need"`      // agents required
	Scheduled []float64 `json:"scheduled"` // agents at work for these groups; breaks and meals do not count
	Under     []float64 `json:"under"`     // agents missing; surplus of another skill or slot does not fill it
	Over      []float64 `json:"over"`      // agents beyond the requirement
}

// CoverageStrip counts the cover of shifts from their activities, without judging
// the roster. interval is in minutes, a multiple of slot_minutes up to a day; 0 =
// slot_minutes. It costs O(groups x slots + activities). Errors (kind invalid):
// what [Problem.Validate] says of the horizon and the groups, the interval, and
// activities outside the horizon's groups.
func CoverageStrip(p *Problem, shifts []Shift, interval int) (*Strip, error) {
	m, err := compileCover(p)
	if err != nil {
		return nil, err
	}
	if err := p.checkStrip(interval); err != nil {
		return nil, err
	}
	count := make([]int32, len(m.groups)*m.tail)
	for _, sh := range shifts {
		for _, a := range sh.Activities {
			if a.Kind != Work || a.Group < 0 {
				continue
			}
			from, to := floorDiv(a.Start, m.slot), floorDiv(a.Start+a.Minutes, m.slot)
			if a.Group >= len(m.groups) || from < 0 || to < from || to > m.tail {
				return nil, invalid("activity", "Agent %d, day %d: an activity lies outside the horizon or names group %d, which does not exist.", sh.Agent, sh.Day, a.Group)
			}
			for t := from; t < to; t++ {
				count[a.Group*m.tail+t]++
			}
		}
	}
	return m.strip(count, interval), nil
}

// Strip is [CoverageStrip] of the roster as it stands in the editor.
func (e *Editor) Strip(interval int) (*Strip, error) {
	if err := e.m.p.checkStrip(interval); err != nil {
		return nil, err
	}
	return e.m.strip(e.s.count, interval), nil
}

func (p *Problem) checkStrip(interval int) error {
	if interval < 0 || interval > 1440 || interval%p.SlotMinutes != 0 {
		return invalid("strip_interval", "The strip has intervals of %d minutes; allowed are multiples of slot_minutes (%d) up to 1440.", interval, p.SlotMinutes)
	}
	return nil
}

// compileCover is as much of a model as counting cover needs.
func compileCover(p *Problem) (*model, error) {
	for _, check := range []func() error{p.checkHorizon, p.checkGroups} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	bare := *p
	bare.OpenDays, bare.Pay = nil, nil
	m := &model{p: &bare, slot: p.SlotMinutes}
	if err := m.calendar(); err != nil {
		return nil, err
	}
	m.compileGroups()
	return m, nil
}

// strip sums up counts per group and slot.
func (m *model) strip(count []int32, interval int) *Strip {
	if interval == 0 {
		interval = m.slot
	}
	per := interval / m.slot
	out := &Strip{IntervalMinutes: interval, Lines: []StripLine{}}
	for _, members := range m.stripGroups() {
		g := &m.p.Groups[members[0]]
		n := (m.slots + per - 1) / per
		line := StripLine{Client: g.Client, Tier: g.Tier, Groups: members, Need: make([]float64, n), Scheduled: make([]float64, n), Under: make([]float64, n), Over: make([]float64, n)}
		for k := range n {
			from, to := k*per, min((k+1)*per, m.slots)
			var need, have, under, over int32
			for _, g := range members {
				for t := from; t < to; t++ {
					c, want := count[g*m.tail+t], m.groups[g].need[t]
					need, have = need+want, have+c
					under, over = under+max(0, want-c), over+max(0, c-want)
				}
			}
			slots := float64(to - from)
			line.Need[k], line.Scheduled[k], line.Under[k], line.Over[k] = float64(need)/slots, float64(have)/slots, float64(under)/slots, float64(over)/slots
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// stripGroups lists the groups of each client and tier.
func (m *model) stripGroups() [][]int {
	type key struct {
		client string
		tier   int
	}
	at, clients := map[key]int{}, map[string]int{}
	var out [][]int
	for g := range m.p.Groups {
		k := key{m.p.Groups[g].Client, m.p.Groups[g].Tier}
		if _, ok := clients[k.client]; !ok {
			clients[k.client] = len(clients)
		}
		if _, ok := at[k]; !ok {
			at[k] = len(out)
			out = append(out, nil)
		}
		out[at[k]] = append(out[at[k]], g)
	}
	slices.SortStableFunc(out, func(a, b []int) int {
		x, y := &m.p.Groups[a[0]], &m.p.Groups[b[0]]
		return cmp.Or(cmp.Compare(clients[x.Client], clients[y.Client]), cmp.Compare(x.Tier, y.Tier))
	})
	return out
}
