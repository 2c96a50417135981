package skillshift

import "muster/tenants/fault"

// The prices of the competition, points per unit.
const (
	weightOptimal  = 30
	weightShiftRun = 15
	weightRun      = 30
	weightRequest  = 10
	weightWeekend  = 30
	weightTotal    = 20
	weightHard     = 2000 // least staffing and successions during the search
)

// Off is the cell of a day without work.
const Off = -1

// Range is an inclusive range.
type Range struct{ Min, Max int }

// Contract limits an agent's row; all of it is soft.
type Contract struct {
	ID               string
	Total            Range // shifts over the horizon
	Run              Range // worked days in a row
	Off              Range // days off in a row
	MaxWeekends      int
	CompleteWeekends bool
}

// Shift is a shift type.
type Shift struct {
	ID      string
	Run     Range // days in a row
	NotNext []int
}

// Agent is a person with the history before the first day.
type Agent struct {
	ID       string
	Contract int
	Skills   []int
	Shifts   int // worked before, of Total
	Weekends int // worked before
	Last     int // shift of the day before, Off if none
	ShiftRun int // days in a row of that shift
	Run      int // worked days in a row
	OffRun   int // days off in a row
}

// Request asks not to work a shift (Shift >= 0) or at all (Off) on a day.
type Request struct{ Agent, Day, Shift int }

// Problem is a whole horizon of weeks; day 0 is a Monday.
type Problem struct {
	Name      string
	Weeks     int
	Skills    []string
	Shifts    []Shift
	Contracts []Contract
	Agents    []Agent
	Need      []Range // (day*shifts+shift)*skills+skill: least and best number
	Requests  []Request
}

// Days is the length of the horizon.
func (p *Problem) Days() int { return 7 * p.Weeks }

// Validate reports the first thing that makes no sense, as an invalid [fault.Error].
func (p *Problem) Validate() error {
	bad := func(format string, args ...any) error {
		return fault.Newf(fault.Invalid, "roster.skillshift", format, args...)
	}
	if p.Weeks < 1 || p.Weeks > 60 || len(p.Shifts) < 1 || len(p.Shifts) > 50 || len(p.Skills) < 1 || len(p.Skills) > 50 || len(p.Agents) < 1 || len(p.Agents) > 5000 {
		return bad("The problem has %d weeks, %d shifts, %d skills and %d agents, which is out of range.", p.Weeks, len(p.Shifts), len(p.Skills), len(p.Agents))
	}
	if len(p.Need) != p.Days()*len(p.Shifts)*len(p.Skills) {
		return bad("The requirement has %d entries; %d are due.", len(p.Need), p.Days()*len(p.Shifts)*len(p.Skills))
	}
	for _, n := range p.Need {
		if n.Min < 0 || n.Max < n.Min || n.Max > 5000 {
			return bad("A requirement of %d to %d agents is out of range.", n.Min, n.Max)
		}
	}
	for _, a := range p.Agents {
		if a.Contract < 0 || a.Contract >= len(p.Contracts) || a.Last < Off || a.Last >= len(p.Shifts) || a.Shifts < 0 || a.Weekends < 0 || a.ShiftRun < 0 || a.Run < 0 || a.OffRun < 0 {
			return bad("Agent %q has an unknown contract, an unknown last shift or a negative history.", a.ID)
		}
		for _, k := range a.Skills {
			if k < 0 || k >= len(p.Skills) {
				return bad("Agent %q has an unknown skill.", a.ID)
			}
		}
	}
	for _, r := range p.Requests {
		if r.Agent < 0 || r.Agent >= len(p.Agents) || r.Day < 0 || r.Day >= p.Days() || r.Shift < Off || r.Shift >= len(p.Shifts) {
			return bad("A request names an agent, day or shift that does not exist.")
		}
	}
	return nil
}
