package formats

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"

	"muster/scheduling/roster"
	"muster/scheduling/roster/dayshift"
	"muster/tenants/fault"
)

// Verdict is what an independent judge says about a roster.
type Verdict struct {
	Penalty    int64    `json:"penalty"`
	Requests   int64    `json:"requests"`
	Cover      int64    `json:"cover"`
	Under      int64    `json:"under"`       // matsp: periods short
	Over       int64    `json:"over"`        // matsp: periods above the maximum, linear
	OverSquare int64    `json:"over_square"` // matsp: the same, squared per task and period
	Violations []string `json:"violations"`
}

// Legal says whether no hard rule is broken.
func (v *Verdict) Legal() bool { return len(v.Violations) == 0 }

func (v *Verdict) add(format string, args ...any) {
	v.Violations = append(v.Violations, fmt.Sprintf(format, args...))
}

// table reads a CSV with a header and gives the named columns of each row.
func table(r io.Reader, columns ...string) ([][]string, error) {
	c := csv.NewReader(r)
	c.TrimLeadingSpace = true
	rows, err := c.ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fault.New(fault.Invalid, "roster.csv", "The roster is not a CSV file with a header.").Wrap(err)
	}
	var at []int
	for _, name := range columns {
		k := slices.Index(rows[0], name)
		if k < 0 {
			return nil, fault.Newf(fault.Invalid, "roster.csv_column", "The roster has no column %q; its columns are %v.", name, rows[0])
		}
		at = append(at, k)
	}
	out := make([][]string, 0, len(rows)-1)
	for _, row := range rows[1:] {
		line := make([]string, len(at))
		for k, c := range at {
			line[k] = row[c]
		}
		out = append(out, line)
	}
	return out, nil
}

// JudgeNRP scores a CSV roster (agent, day, shift) by the published rules. It
// shares no code with the solver.
func JudgeNRP(p *dayshift.Problem, r io.Reader) (*Verdict, error) {
	rows, err := table(r, "agent", "day", "shift")
	if err != nil {
		return nil, err
	}
	agents, shifts := map[string]int{}, map[string]int{}
	for i := range p.Agents {
		agents[p.Agents[i].ID] = i
	}
	for s := range p.Shifts {
		shifts[p.Shifts[s].ID] = s
	}
	plan := make([]map[int]int, len(p.Agents))
	for i := range plan {
		plan[i] = map[int]int{}
	}
	v := &Verdict{}
	for n, f := range rows {
		i, known := agents[f[0]]
		d, err := strconv.Atoi(f[1])
		s, named := shifts[f[2]]
		if !known || !named || err != nil || d < 0 || d >= p.Days {
			return nil, fault.Newf(fault.Invalid, "roster.csv_row", "Row %d of the roster names agent %q, day %q and shift %q, which do not all exist.", n+2, f[0], f[1], f[2])
		}
		if _, taken := plan[i][d]; taken {
			v.add("agent %s: two shifts on day %d", f[0], d)
			continue
		}
		plan[i][d] = s
	}
	for i := range p.Agents {
		judgeAgent(p, i, plan[i], v)
	}
	judgeCover(p, plan, v)
	v.Penalty = v.Requests + v.Cover
	return v, nil
}

func judgeCover(p *dayshift.Problem, plan []map[int]int, v *Verdict) {
	have := map[[2]int]int{}
	for _, days := range plan {
		for d, s := range days {
			have[[2]int{d, s}]++
		}
	}
	for _, c := range p.Cover {
		n := have[[2]int{c.Day, c.Shift}]
		if n < c.Need {
			v.Cover += int64(c.Need-n) * int64(c.Under)
		} else {
			v.Cover += int64(n-c.Need) * int64(c.Over)
		}
	}
	for _, q := range p.Requests {
		s, works := plan[q.Agent][q.Day]
		if hit := works && s == q.Shift; hit != q.On {
			v.Requests += int64(q.Weight)
		}
	}
}

func judgeAgent(p *dayshift.Problem, i int, days map[int]int, v *Verdict) {
	a := &p.Agents[i]
	minutes, perType, weekends := 0, make([]int, len(p.Shifts)), map[int]bool{}
	for d, s := range days {
		minutes += p.Shifts[s].Minutes
		perType[s]++
		if d%7 >= 5 {
			weekends[d/7] = true
		}
		if slices.Contains(a.DaysOff, d) {
			v.add("agent %s: works on day %d, a fixed day off", a.ID, d)
		}
		if next, ok := days[d+1]; ok && slices.Contains(p.Shifts[s].NotNext, next) {
			v.add("agent %s: %s on day %d may not be followed by %s", a.ID, p.Shifts[s].ID, d, p.Shifts[next].ID)
		}
	}
	if minutes < a.MinMinutes || minutes > a.MaxMinutes {
		v.add("agent %s: %d minutes, allowed are %d to %d", a.ID, minutes, a.MinMinutes, a.MaxMinutes)
	}
	for s, n := range perType {
		if n > a.MaxShifts[s] {
			v.add("agent %s: %d shifts %s, allowed are %d", a.ID, n, p.Shifts[s].ID, a.MaxShifts[s])
		}
	}
	if len(weekends) > a.MaxWeekends {
		v.add("agent %s: %d weekends, allowed are %d", a.ID, len(weekends), a.MaxWeekends)
	}
	for first := 0; first < p.Days; {
		_, works := days[first]
		last := first
		for last+1 < p.Days {
			if _, w := days[last+1]; w != works {
				break
			}
			last++
		}
		n, cut := last-first+1, first == 0 || last == p.Days-1
		switch {
		case works && n > a.MaxRun:
			v.add("agent %s: %d days in a row from day %d, allowed are %d", a.ID, n, first, a.MaxRun)
		case works && n < a.MinRun && !cut:
			v.add("agent %s: only %d days in a row from day %d, due are %d", a.ID, n, first, a.MinRun)
		case !works && n < a.MinOff && !cut:
			v.add("agent %s: only %d days off from day %d, due are %d", a.ID, n, first, a.MinOff)
		}
		first = last + 1
	}
}

// stretch is one row of a matsp roster, in quarter hours from midnight of day 1.
type stretch struct{ from, to, task int }

// JudgeMATSP scores a CSV roster (agent, start_minute, task, minutes) by the
// published rules. It shares no code with the solver.
func JudgeMATSP(p *roster.Problem, r io.Reader) (*Verdict, error) {
	rows, err := table(r, "agent", "start_minute", "task", "minutes")
	if err != nil {
		return nil, err
	}
	work := map[string][]stretch{}
	for i := range p.Agents {
		work[p.Agents[i].ID] = nil
	}
	v := &Verdict{}
	have := map[[2]int]int{}
	for n, f := range rows {
		start, err1 := strconv.Atoi(f[1])
		task, err2 := strconv.Atoi(f[2])
		minutes, err3 := strconv.Atoi(f[3])
		if _, known := work[f[0]]; !known || err1 != nil || err2 != nil || err3 != nil || task < 1 || task > len(p.Groups) ||
			start < 0 || start%15 != 0 || minutes <= 0 || minutes%15 != 0 || start > 400*1440 || minutes > 400*1440 {
			return nil, fault.Newf(fault.Invalid, "roster.csv_row", "Row %d of the roster is not an agent, start, task and length of the problem: %v.", n+2, f)
		}
		s := stretch{24 + start/15, 24 + (start+minutes)/15, task}
		work[f[0]] = append(work[f[0]], s)
		for q := s.from; q < s.to; q++ {
			have[[2]int{q, task}]++
		}
	}
	for i := range p.Agents {
		judgeStretches(&p.Agents[i], work[p.Agents[i].ID], v)
	}
	for g := range p.Groups {
		for q := 24; q < (p.Days-1)*96+24; q++ {
			need, n := 0, have[[2]int{q, g + 1}]
			if q < len(p.Groups[g].Need) {
				need = p.Groups[g].Need[q]
			}
			delete(have, [2]int{q, g + 1})
			v.Under += int64(max(0, need-n))
			v.Over += int64(max(0, n-need))
			v.OverSquare += int64(max(0, n-need)) * int64(max(0, n-need))
		}
	}
	if v.Under > 0 {
		v.add("cover: %d periods short", v.Under)
	}
	if len(have) > 0 {
		v.add("cover: work outside the horizon in %d periods", len(have))
	}
	v.Penalty, v.Cover = v.Over, v.Over
	return v, nil
}

func judgeStretches(a *roster.Agent, list []stretch, v *Verdict) {
	slices.SortFunc(list, func(x, y stretch) int { return x.from - y.from })
	var shifts []stretch
	total := 0
	for _, s := range list {
		total += (s.to - s.from) * 15
		if s.to-s.from < 4 {
			v.add("agent %s: a stretch of less than an hour at quarter %d", a.ID, s.from)
		}
		if n := len(shifts); n > 0 && s.from <= shifts[n-1].to {
			if s.from < shifts[n-1].to {
				v.add("agent %s: stretches overlap at quarter %d", a.ID, s.from)
			}
			shifts[n-1].to = max(shifts[n-1].to, s.to)
			continue
		}
		shifts = append(shifts, s)
	}
	if total < a.Contract.MinMinutes || total > a.Contract.MaxMinutes {
		v.add("agent %s: %d minutes, allowed are %d to %d", a.ID, total, a.Contract.MinMinutes, a.Contract.MaxMinutes)
	}
	run := 0
	for k, s := range shifts {
		if n := s.to - s.from; n < 24 || n > 40 {
			v.add("agent %s: a shift of %d minutes", a.ID, n*15)
		}
		if t := s.from % 96; t != 0 && (t < 24 || t > 40) && (t < 56 || t > 72) && t < 80 {
			v.add("agent %s: a start at %02d:%02d", a.ID, t/4, t%4*15)
		}
		if k == 0 {
			run = 1
			continue
		}
		before := shifts[k-1]
		if s.from-before.to < 56 {
			v.add("agent %s: %d minutes of rest before quarter %d", a.ID, (s.from-before.to)*15, s.from)
		}
		switch s.from/96 - before.from/96 {
		case 0:
			v.add("agent %s: two starts on day %d", a.ID, s.from/96+1)
		case 1:
			if run++; run > 5 {
				v.add("agent %s: %d days in a row", a.ID, run)
			}
		default:
			run = 1
		}
	}
}
