package dayshift

import (
	"fmt"

	"muster/tenants/fault"
)

// Off is the cell of a day without a shift.
const Off = -1

// Problem is a roster problem of agents, days and shift types. Day 0 is a Monday.
type Problem struct {
	Days     int
	Shifts   []Shift
	Agents   []Agent
	Requests []Request
	Cover    []Cover
}

// Shift is a shift type.
type Shift struct {
	ID      string
	Minutes int
	NotNext []int // shift types that may not be worked on the next day
}

// Agent is a person with the hard rules of the contract.
type Agent struct {
	ID          string
	MaxShifts   []int // per shift type
	MinMinutes  int
	MaxMinutes  int
	MaxRun      int // most worked days in a row
	MinRun      int // least worked days in a row; runs that touch an end of the horizon are free
	MinOff      int // least days off in a row; runs that touch an end of the horizon are free
	MaxWeekends int // weekends with work on Saturday or Sunday
	DaysOff     []int
	Pins        map[int]int // day -> shift type or Off: cells that are fixed
}

// Request is a wish of an agent: Weight is paid when the shift is not worked on
// the day (On) or when it is (not On).
type Request struct {
	Agent, Day, Shift int
	On                bool
	Weight            int
}

// Cover is the requirement of a shift on a day with linear prices.
type Cover struct {
	Day, Shift, Need, Under, Over int
}

// Result is a roster: Rows[agent][day] is a shift type or Off.
type Result struct {
	Rows      [][]int8
	Penalty   int64
	Bound     int64       // no legal roster has a smaller penalty; 0 when not computed
	Broken    []Violation // hard rules broken
	Moves     int64       // moves scored
	BestAt    float64     // fraction of the budget after which the best was found
	RowsBuilt int64       // rows built by the dynamic program
}

// Violation is a hard rule that a row breaks.
type Violation struct {
	Agent  int
	Day    int // -1 when about the whole row
	Rule   string
	Reason string
}

func invalid(code, format string, args ...any) error {
	return fault.New(fault.Invalid, "roster."+code, fmt.Sprintf(format, args...))
}

// Limits on sizes, so that a malformed file cannot ask for all memory.
const (
	maxDays   = 3500
	maxShifts = 100
	maxAgents = 20_000
	maxWeight = 1_000_000
)

// Validate reports the first thing that makes no sense, as an invalid [fault.Error].
func (p *Problem) Validate() error {
	if p.Days < 1 || p.Days > maxDays || len(p.Shifts) < 1 || len(p.Shifts) > maxShifts || len(p.Agents) < 1 || len(p.Agents) > maxAgents {
		return invalid("size", "The problem has %d days, %d shifts and %d agents; allowed are 1 to %d, %d and %d.", p.Days, len(p.Shifts), len(p.Agents), maxDays, maxShifts, maxAgents)
	}
	for _, s := range p.Shifts {
		if s.Minutes <= 0 || s.Minutes > 1440 {
			return invalid("shift_minutes", "Shift %q lasts %d minutes; allowed are 1 to 1440.", s.ID, s.Minutes)
		}
		for _, n := range s.NotNext {
			if n < 0 || n >= len(p.Shifts) {
				return invalid("unknown_shift", "Shift %q forbids a following shift that does not exist.", s.ID)
			}
		}
	}
	for i := range p.Agents {
		if err := p.validateAgent(&p.Agents[i]); err != nil {
			return err
		}
	}
	for _, r := range p.Requests {
		if r.Agent < 0 || r.Agent >= len(p.Agents) || r.Day < 0 || r.Day >= p.Days || r.Shift < 0 || r.Shift >= len(p.Shifts) || r.Weight < 0 || r.Weight > maxWeight {
			return invalid("request", "A request of agent %d for shift %d on day %d with weight %d is out of range.", r.Agent, r.Shift, r.Day, r.Weight)
		}
	}
	for _, c := range p.Cover {
		if c.Day < 0 || c.Day >= p.Days || c.Shift < 0 || c.Shift >= len(p.Shifts) || c.Need < 0 || c.Need > maxAgents ||
			c.Under < 0 || c.Under > maxWeight || c.Over < 0 || c.Over > maxWeight {
			return invalid("cover", "The requirement of shift %d on day %d is out of range.", c.Shift, c.Day)
		}
	}
	return nil
}

func (p *Problem) validateAgent(a *Agent) error {
	if len(a.MaxShifts) != len(p.Shifts) {
		return invalid("max_shifts", "Agent %q limits %d shift types; the problem has %d.", a.ID, len(a.MaxShifts), len(p.Shifts))
	}
	for s, n := range a.MaxShifts {
		if n < 0 {
			return invalid("max_shifts", "Agent %q allows %d shifts of type %q.", a.ID, n, p.Shifts[s].ID)
		}
	}
	if a.MinMinutes < 0 || a.MaxMinutes < 0 || a.MaxRun < 0 || a.MinRun < 0 || a.MinOff < 0 || a.MaxWeekends < 0 || a.MaxRun > 366 || a.MinRun > 366 || a.MinOff > 366 {
		return invalid("agent", "Agent %q has a negative or absurd limit.", a.ID)
	}
	if (min(a.MaxRun, p.Days)+min(a.MinRun, p.Days)+1)*len(p.Shifts)+min(a.MinOff, p.Days) > 1<<15 {
		return invalid("agent", "Agent %q: so long runs with so many shift types are not supported.", a.ID)
	}
	for _, d := range a.DaysOff {
		if d < 0 || d >= p.Days {
			return invalid("day_off", "Agent %q has a day off on day %d; days are 0 to %d.", a.ID, d, p.Days-1)
		}
	}
	for d, s := range a.Pins {
		if d < 0 || d >= p.Days || s < Off || s >= len(p.Shifts) {
			return invalid("pin", "Agent %q has a pin on day %d to shift %d, which does not exist.", a.ID, d, s)
		}
	}
	return nil
}
