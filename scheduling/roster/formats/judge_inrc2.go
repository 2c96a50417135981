package formats

import (
	"io"
	"slices"
	"strconv"

	"muster/scheduling/roster/skillshift"
	"muster/tenants/fault"
)

// JudgeINRC2 scores a CSV roster (agent, day, shift, skill) by the rules of the
// competition. It shares no code with the solver: rows are cut into blocks and
// each block is priced, where the solver counts day by day.
func JudgeINRC2(p *skillshift.Problem, r io.Reader) (*Verdict, error) {
	rows, err := table(r, "agent", "day", "shift", "skill")
	if err != nil {
		return nil, err
	}
	v := &Verdict{}
	plan := make([]map[int]int, len(p.Agents))
	for i := range plan {
		plan[i] = map[int]int{}
	}
	have := map[[3]int]int{}
	for n, f := range rows {
		i := slices.IndexFunc(p.Agents, func(a skillshift.Agent) bool { return a.ID == f[0] })
		s := slices.IndexFunc(p.Shifts, func(s skillshift.Shift) bool { return s.ID == f[2] })
		k := slices.Index(p.Skills, f[3])
		d, err := strconv.Atoi(f[1])
		if i < 0 || s < 0 || k < 0 || err != nil || d < 0 || d >= p.Days() {
			return nil, fault.Newf(fault.Invalid, "roster.csv_row", "Row %d of the roster is not an agent, day, shift and skill of the problem: %v.", n+2, f)
		}
		if _, twice := plan[i][d]; twice {
			v.add("agent %s: two shifts on day %d", f[0], d)
			continue
		}
		if !slices.Contains(p.Agents[i].Skills, k) {
			v.add("agent %s: does not have the skill %s", f[0], f[3])
		}
		plan[i][d] = s
		have[[3]int{d, s, k}]++
	}
	judgeStaffing(p, have, v)
	for i := range p.Agents {
		judgeNurse(p, i, plan[i], v)
	}
	for _, q := range p.Requests {
		if s, works := plan[q.Agent][q.Day]; works && (q.Shift == skillshift.Off || q.Shift == s) {
			v.Requests += 10
		}
	}
	v.Penalty += v.Requests + v.Cover
	return v, nil
}

func judgeStaffing(p *skillshift.Problem, have map[[3]int]int, v *Verdict) {
	at := 0
	for d := range p.Days() {
		for s := range p.Shifts {
			for k := range p.Skills {
				need, n := p.Need[at], have[[3]int{d, s, k}]
				at++
				if n < need.Min {
					v.add("day %d, shift %s, skill %s: %d agents, at least %d are due", d, p.Shifts[s].ID, p.Skills[k], n, need.Min)
				}
				if n < need.Max {
					v.Cover += int64(30 * (need.Max - n))
				}
			}
		}
	}
}

// block is a run of equal days; before is how much of it lies before the horizon.
type block struct {
	what, length, before int
	open                 bool // reaches the end of the horizon
}

// blocks cuts a row of values, with a run of before days of value first in front.
func blocks(days, first, before int, value func(d int) int) []block {
	list := []block{{what: first, length: before, before: before}}
	for d := range days {
		if w := value(d); w == list[len(list)-1].what {
			list[len(list)-1].length++
		} else {
			list = append(list, block{what: w, length: 1})
		}
	}
	list[len(list)-1].open = true
	return list
}

// beyond prices a block against its range; days before the horizon were priced in their own week.
func (b block) beyond(r skillshift.Range) int {
	over := max(0, b.length-r.Max) - max(0, b.before-r.Max)
	if b.open || b.length == 0 {
		return over
	}
	return over + max(0, r.Min-b.length)
}

func judgeNurse(p *skillshift.Problem, i int, days map[int]int, v *Verdict) {
	a := &p.Agents[i]
	k := &p.Contracts[a.Contract]
	shiftOn := func(d int) int {
		if s, ok := days[d]; ok {
			return s
		}
		return skillshift.Off
	}
	working := func(d int) int { return min(0, shiftOn(d)) } // 0 at work, -1 off
	first, before := 0, a.Run
	if a.Last == skillshift.Off {
		first, before = -1, a.OffRun
	}
	for _, b := range blocks(p.Days(), first, before, working) {
		if b.what == 0 {
			v.Penalty += int64(30 * b.beyond(k.Run))
		} else {
			v.Penalty += int64(30 * b.beyond(k.Off))
		}
	}
	shiftBefore := a.ShiftRun
	if a.Last == skillshift.Off {
		shiftBefore = 0
	}
	for _, b := range blocks(p.Days(), a.Last, shiftBefore, shiftOn) {
		if b.what != skillshift.Off {
			v.Penalty += int64(15 * b.beyond(p.Shifts[b.what].Run))
		}
	}
	last, ends := a.Last, a.Weekends
	for d := range p.Days() {
		if s := shiftOn(d); s != skillshift.Off && last != skillshift.Off && slices.Contains(p.Shifts[last].NotNext, s) {
			v.add("agent %s: %s on day %d may not follow %s", a.ID, p.Shifts[s].ID, d, p.Shifts[last].ID)
		}
		last = shiftOn(d)
	}
	for w := range p.Weeks {
		sat, sun := working(7*w+5) == 0, working(7*w+6) == 0
		if sat || sun {
			ends++
		}
		if sat != sun && k.CompleteWeekends {
			v.Penalty += 30
		}
	}
	total := a.Shifts + len(days)
	v.Penalty += int64(30*max(0, ends-k.MaxWeekends) + 20*(max(0, k.Total.Min-total)+max(0, total-k.Total.Max)))
}
