package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// historyDays is how far back published shifts are read for rules that look back.
const historyDays = 14

// defaultChangeTax is the points that each changed agent-day of a published roster costs.
const defaultChangeTax = 50

// addHistory tells the problem what published rosters had agents do just before it.
func (s *Service) addHistory(ctx context.Context, sc scope.Scope, d *draftRoster) error {
	span := calendar.Interval{Start: d.origin - historyDays*calendar.Day, End: d.origin}
	shifts, err := s.PublishedShifts(ctx, sc, nil, span)
	if err != nil {
		return err
	}
	byAgent := map[ids.Agent][]Shift{}
	for _, sh := range shifts {
		byAgent[sh.AgentID] = append(byAgent[sh.AgentID], sh)
	}
	zone, err := zoneOf(d.Zone)
	if err != nil {
		return err
	}
	for i, p := range d.people {
		own := byAgent[p.Agent.ID]
		if len(own) == 0 {
			continue
		}
		slices.SortFunc(own, func(a, b Shift) int { return int((a.StartAt - b.StartAt) / calendar.Minute) })
		worked := map[calendar.Date]bool{}
		h := roster.History{}
		monday := mondayOf(d.FromDay)
		for _, sh := range own {
			day := calendar.DateOf(sh.StartAt, zone)
			worked[day] = true
			if day >= monday && day < d.FromDay {
				h.WeekMinutes += paidMinutes(sh)
			}
		}
		end := min(0, d.minuteOf(own[len(own)-1].EndAt))
		if last := d.minuteOf(own[len(own)-1].EndAt); last > 0 {
			end = min(last, 1440)
		}
		h.LastEnd = &end
		for day := d.FromDay - 1; worked[day]; day-- {
			h.ConsecutiveDays++
		}
		for day := d.FromDay - 1; h.ConsecutiveDays == 0 && !worked[day] && h.ConsecutiveOff < historyDays; day-- {
			h.ConsecutiveOff++
		}
		d.problem.Agents[i].History = h
	}
	return nil
}

// paidMinutes sums the paid activities of a shift.
func paidMinutes(sh Shift) int {
	total := 0
	for _, a := range sh.Activities {
		if a.Paid {
			total += int((a.EndAt - a.StartAt) / calendar.Minute)
		}
	}
	return total
}

// addBase makes the problem a change of a stored roster: its shifts are what
// people know, changing one costs the tax, cells pinned by hand stay, and what
// has begun cannot move.
func (s *Service) addBase(ctx context.Context, sc scope.Scope, d *draftRoster, n NewRoster) error {
	shifts, err := s.Shifts(ctx, sc, n.BasedOn, 0, 0)
	if err != nil {
		return err
	}
	d.problem.ChangeTax = defaultChangeTax
	if n.ChangeTax > 0 {
		d.problem.ChangeTax = n.ChangeTax
	}
	d.problem.FreezeUntil = max(0, d.minuteOf(s.db.Now()))
	for _, sh := range shifts {
		i, err := agentIndex(&d.problem, sh.AgentID)
		if err != nil {
			continue // the agent has left
		}
		e, err := d.engineShift(i, sh)
		if err != nil {
			return err
		}
		if e.Day < 0 || e.Day >= d.problem.Days || !slices.ContainsFunc(d.problem.Templates, func(t roster.Template) bool { return t.ID == e.Template }) {
			continue
		}
		d.problem.Published = append(d.problem.Published, e)
		if sh.Pinned {
			d.problem.Agents[i].Pins = append(d.problem.Agents[i].Pins, roster.Pin{Day: e.Day, Template: e.Template, Start: e.Start, Minutes: e.Minutes})
		}
	}
	return nil
}

// engineShift writes a stored shift in the engine's terms.
func (d *draftRoster) engineShift(agent int, sh Shift) (roster.Shift, error) {
	day, err := d.dayOf(sh.StartAt)
	if err != nil {
		return roster.Shift{}, err
	}
	out := roster.Shift{Agent: agent, Day: day, Template: sh.Template, Start: d.minuteOf(sh.StartAt), Minutes: int((sh.EndAt - sh.StartAt) / calendar.Minute), Pinned: sh.Pinned}
	for _, a := range sh.Activities {
		e := roster.Activity{Kind: roster.ActivityKind(a.Kind), Start: d.minuteOf(a.StartAt), Minutes: int((a.EndAt - a.StartAt) / calendar.Minute), Group: -1, Paid: a.Paid}
		if !a.QueueID.IsZero() {
			id := a.QueueID.String()
			e.Group = slices.IndexFunc(d.problem.Groups, func(g roster.Group) bool { return g.ID == id })
		}
		if a.Paid {
			out.PaidMinutes += e.Minutes
		}
		out.Activities = append(out.Activities, e)
	}
	return out, nil
}
