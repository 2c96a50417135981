package roster

import (
	"fmt"
	"slices"

	"muster/tenants/fault"
)

func invalid(code, format string, args ...any) error {
	return fault.New(fault.Invalid, "roster."+code, fmt.Sprintf(format, args...))
}

// Validate reports the first thing in a problem that makes no sense, as a
// [fault.Error] of kind invalid that names the place and the cure. Demands that
// contradict one another are not errors: they become explained violations.
func (p *Problem) Validate() error {
	if err := p.checkHorizon(); err != nil {
		return err
	}
	if p.ChangeTax < 0 || p.MinStretch < 0 || p.FreezeUntil < 0 {
		return invalid("negative", "change_tax, min_stretch and freeze_until may not be negative.")
	}
	if p.ChangeTax > maxPoints || p.MinStretch > 1440 || p.FreezeUntil > farMinutes {
		return invalid("too_large", "change_tax may be %d, min_stretch 1440 and freeze_until %d at most.", maxPoints, farMinutes)
	}
	for _, v := range []*int64{p.OverCost, p.UnderCost} {
		if v != nil && (*v < 0 || *v > maxPoints) {
			return invalid("weight", "over_cost and under_cost must lie between 0 and %d.", maxPoints)
		}
	}
	checks := []func() error{p.checkGroups, p.checkTemplates, p.checkRules, p.checkAgents, p.checkShifts, p.checkDays, p.checkSums}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkHorizon is about the format, the days and the grid.
func (p *Problem) checkHorizon() error {
	if p.Format != Format {
		return invalid("format", "The problem has format %q; this version reads %q.", p.Format, Format)
	}
	if p.Days < 1 || p.Days > 366 {
		return invalid("days", "The horizon has %d days; allowed are 1 to 366.", p.Days)
	}
	switch p.SlotMinutes {
	case 5, 10, 15, 20, 30, 60:
	default:
		return invalid("slot", "slot_minutes is %d; allowed are 5, 10, 15, 20, 30 and 60.", p.SlotMinutes)
	}
	return nil
}

// Bounds of single numbers, so that they fit where the search keeps them.
const (
	maxPoints   = 1_000_000_000 // a weight
	maxTier     = 100
	maxCount    = 1_000_000     // days, shifts, weekends, nights of a rule
	maxContract = 1_000_000_000 // minutes
	maxSum      = 1e18          // points of the worst roster, see checkSums
)

func (p *Problem) checkGroups() error {
	seen := map[string]bool{}
	for i := range p.Groups {
		g := &p.Groups[i]
		if g.ID == "" || seen[g.ID] {
			return invalid("group_id", "Group %d has the id %q, which is empty or used twice.", i, g.ID)
		}
		seen[g.ID] = true
		if g.Skill == "" {
			return invalid("group_skill", "Group %q names no skill.", g.ID)
		}
		if g.Tier < 0 || g.Tier > maxTier {
			return invalid("group_tier", "Group %q has the tier %d; allowed are 0 to %d.", g.ID, g.Tier, maxTier)
		}
		iv := g.IntervalMinutes
		if iv != 0 && (iv < p.SlotMinutes || iv%p.SlotMinutes != 0 || iv > 1440) {
			return invalid("group_interval", "Group %q has intervals of %d minutes; they must be a multiple of slot_minutes (%d).", g.ID, iv, p.SlotMinutes)
		}
		for k, n := range g.Need {
			if n < 0 || n > 100_000 {
				return invalid("group_need", "Group %q needs %d agents in interval %d; allowed are 0 to 100000.", g.ID, n, k)
			}
		}
		for k, vs := range g.Values {
			for n, v := range vs {
				if v < 0 || v > maxPoints || (n > 0 && v > vs[n-1]) {
					return invalid("group_values", "Group %q, interval %d: the value of agent %d must not be negative nor above that of the one before.", g.ID, k, n+1)
				}
			}
		}
		for _, v := range []*int64{g.OverCost, g.UnderCost} {
			if v != nil && (*v < 0 || *v > maxPoints) {
				return invalid("weight", "Group %q: over_cost and under_cost must lie between 0 and %d.", g.ID, maxPoints)
			}
		}
	}
	return nil
}

func (p *Problem) checkTemplates() error {
	seen := map[string]bool{}
	for i := range p.Templates {
		t := &p.Templates[i]
		if t.ID == "" || seen[t.ID] {
			return invalid("template_id", "Template %d has the id %q, which is empty or used twice.", i, t.ID)
		}
		seen[t.ID] = true
		if t.StartFrom < 0 || t.StartFrom >= 1440 || t.StartTo < t.StartFrom || t.StartTo >= 1440 || t.StartStep < 0 {
			return invalid("template_start", "Template %q starts between minute %d and %d; both must lie in one day (0 to 1439) and in order.", t.ID, t.StartFrom, t.StartTo)
		}
		if t.MinMinutes < p.SlotMinutes || t.MaxMinutes < t.MinMinutes || t.MaxMinutes > 1440 || t.LengthStep < 0 {
			return invalid("template_length", "Template %q lasts %d to %d minutes; allowed are %d to 1440, in order.", t.ID, t.MinMinutes, t.MaxMinutes, p.SlotMinutes)
		}
		if t.StartStep > 1440 || t.LengthStep > 1440 {
			return invalid("template_step", "Template %q steps by %d and %d minutes; allowed are at most 1440.", t.ID, t.StartStep, t.LengthStep)
		}
		for _, v := range []int{t.StartFrom, t.StartStep, t.MinMinutes, t.LengthStep} {
			if v%p.SlotMinutes != 0 {
				return invalid("template_grid", "Template %q has %d minutes, which is not a multiple of slot_minutes (%d).", t.ID, v, p.SlotMinutes)
			}
		}
		if t.Cost < 0 || t.Cost > maxPoints {
			return invalid("weight", "Template %q has cost %d; allowed are 0 to %d.", t.ID, t.Cost, maxPoints)
		}
		for _, w := range t.Weekdays {
			if w < 0 || w > 6 {
				return invalid("template_weekday", "Template %q names weekday %d; allowed are 0 (Monday) to 6 (Sunday).", t.ID, w)
			}
		}
		for _, g := range t.Groups {
			if p.groupIndex(g) < 0 {
				return invalid("unknown_group", "Template %q names the group %q, which does not exist.", t.ID, g)
			}
		}
		if err := p.checkBreaks(t); err != nil {
			return err
		}
	}
	return nil
}

func (p *Problem) checkBreaks(t *Template) error {
	end := 0
	for _, b := range t.Breaks {
		if b.Minutes <= 0 || b.Earliest < 0 || b.Latest < b.Earliest || b.MinShift < 0 || max(b.Minutes, b.Latest, b.MinShift) > 1440 {
			return invalid("break", "Template %q, break %q: minutes must be positive, its window in order and all within 1440 minutes.", t.ID, b.ID)
		}
		least := max(t.MinMinutes, b.MinShift)
		up := (b.Minutes + p.SlotMinutes - 1) / p.SlotMinutes * p.SlotMinutes
		if (b.Earliest+p.SlotMinutes-1)/p.SlotMinutes*p.SlotMinutes > b.Latest || b.Latest+up > least {
			return invalid("break_window", "Template %q, break %q: it must end within the shortest shift that has it (%d minutes) and its window must hold a point of the grid.", t.ID, b.ID, least)
		}
		if b.Latest < end {
			return invalid("break_order", "Template %q, break %q: it cannot begin after the one before has ended (minute %d at the earliest).", t.ID, b.ID, end)
		}
		end = max(end, b.Earliest) + up
		if end-up > b.Latest {
			return invalid("break_order", "Template %q, break %q: the breaks do not fit one after the other.", t.ID, b.ID)
		}
	}
	return nil
}

func (p *Problem) checkRules() error {
	seen := map[string]bool{}
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.ID == "" || seen[r.ID] {
			return invalid("rule_id", "Rule %d has the id %q, which is empty or used twice.", i, r.ID)
		}
		seen[r.ID] = true
		if !slices.Contains(RuleKinds(), r.Kind) {
			return invalid("rule_kind", "Rule %q has the unknown kind %q; allowed are %s.", r.ID, r.Kind, fault.Allowed(RuleKinds()))
		}
		if r.Owner != OwnerLaw && r.Owner != OwnerContract && r.Owner != OwnerClient && r.Owner != OwnerPerson {
			return invalid("rule_owner", "Rule %q has the unknown owner %q; allowed are %s.", r.ID, r.Owner, fault.Allowed(Owners()))
		}
		if r.Weight < 0 || r.Weight > maxPoints || r.Min < 0 || r.Max < 0 || r.Minutes < 0 || r.Weeks < 0 {
			return invalid("weight", "Rule %q has a negative number or a weight above %d.", r.ID, maxPoints)
		}
		if r.Min > maxCount || r.Max > maxCount || r.Minutes > farMinutes || r.Weeks > 366 || r.NightFrom < 0 || r.NightFrom > 1440 || r.NightTo < 0 || r.NightTo > 1440 {
			return invalid("rule_number", "Rule %q: min and max may be %d, minutes %d and weeks 366 at most; a night lies between the minutes 0 and 1440.", r.ID, maxCount, farMinutes)
		}
		if r.Kind == AverageMinutesWeek && r.Weeks == 0 {
			return invalid("rule_weeks", "Rule %q averages over 0 weeks; give weeks.", r.ID)
		}
		for _, list := range [][]string{r.From, r.To} {
			for _, t := range list {
				if p.templateIndex(t) < 0 {
					return invalid("unknown_template", "Rule %q names the template %q, which does not exist.", r.ID, t)
				}
			}
		}
		if err := p.checkPattern(r); err != nil {
			return err
		}
		for _, a := range r.Agents {
			if a < 0 || a >= len(p.Agents) {
				return invalid("unknown_agent", "Rule %q names agent %d; agents are 0 to %d.", r.ID, a, len(p.Agents)-1)
			}
		}
	}
	return nil
}

// checkPattern wants a rotation to name a pattern of known words.
func (p *Problem) checkPattern(r *Rule) error {
	if r.Kind != Rotation {
		if len(r.Pattern) > 0 || r.Offset != 0 || r.Stagger != 0 {
			return invalid("pattern", "Rule %q has a pattern, which only a rotation reads.", r.ID)
		}
		return nil
	}
	if len(r.Pattern) == 0 || len(r.Pattern) > 366 || r.Offset < 0 || r.Stagger < 0 || r.Offset > 366 || r.Stagger > 366 {
		return invalid("pattern", "Rotation %q needs a pattern of 1 to 366 days and an offset and stagger of 0 to 366.", r.ID)
	}
	for _, w := range r.Pattern {
		if w != PatternOff && w != PatternWork && w != PatternAny && p.templateIndex(w) < 0 {
			return invalid("unknown_template", "Rotation %q names the template %q, which does not exist; beside templates the words %s, %s and %s are allowed.", r.ID, w, PatternAny, PatternOff, PatternWork)
		}
	}
	return nil
}

func (p *Problem) checkAgents() error {
	seen := map[string]bool{}
	for i := range p.Agents {
		a := &p.Agents[i]
		if a.ID == "" || seen[a.ID] {
			return invalid("agent_id", "Agent %d has the id %q, which is empty or used twice.", i, a.ID)
		}
		seen[a.ID] = true
		c := a.Contract
		if c == nil {
			return invalid("no_contract", "Agent %q has no contract; give min_minutes and max_minutes.", a.ID)
		}
		if c.MinMinutes < 0 || c.MaxMinutes < c.MinMinutes || c.WeekMinMinutes < 0 || c.WeekMaxMinutes < 0 || c.Weight < 0 || c.Weight > 1_000_000 ||
			(c.WeekMaxMinutes > 0 && c.WeekMaxMinutes < c.WeekMinMinutes) {
			return invalid("contract", "Agent %q: the contract's minutes must not be negative and the minimum not above the maximum.", a.ID)
		}
		if max(c.MaxMinutes, c.WeekMinMinutes, c.WeekMaxMinutes) > maxContract {
			return invalid("contract", "Agent %q: a contract may hold %d minutes at most; leave week_max_minutes out for no limit.", a.ID, maxContract)
		}
		if a.CostPerHour < 0 || a.CostPerHour > maxPoints {
			return invalid("weight", "Agent %q has the cost_per_hour %d; allowed are 0 to %d.", a.ID, a.CostPerHour, maxPoints)
		}
		for _, s := range a.Skills {
			if s.Skill == "" || s.Tier < 0 || s.Tier > maxTier || s.Proficiency < 0 || s.Proficiency > 1000 {
				return invalid("skill", "Agent %q has a skill without name, or with a tier outside 0 to %d or a proficiency outside 0 to 1000.", a.ID, maxTier)
			}
		}
		for _, t := range a.Templates {
			if p.templateIndex(t) < 0 {
				return invalid("unknown_template", "Agent %q names the template %q, which does not exist.", a.ID, t)
			}
		}
		if err := p.checkAgentDays(a); err != nil {
			return err
		}
	}
	return nil
}

func (p *Problem) checkAgentDays(a *Agent) error {
	for _, list := range [][]Window{a.Available, a.TimeOff} {
		for _, w := range list {
			if w.To < w.From || w.From < -farMinutes || w.To > farMinutes {
				return invalid("window", "Agent %q: a window from minute %d to %d ends before it begins or is absurd.", a.ID, w.From, w.To)
			}
		}
	}
	pinned := map[int]bool{}
	for _, pin := range a.Pins {
		if pin.Day < 0 || pin.Day >= p.Days {
			return invalid("pin_day", "Agent %q has a pin on day %d; days are 0 to %d.", a.ID, pin.Day, p.Days-1)
		}
		if pinned[pin.Day] {
			return invalid("pin_overlap", "Agent %q has two pins on day %d; keep one.", a.ID, pin.Day)
		}
		pinned[pin.Day] = true
		if pin.Template == "" {
			continue
		}
		if err := p.checkCell("Pin of agent "+a.ID, pin.Template, pin.Day, pin.Start, pin.Minutes); err != nil {
			return err
		}
	}
	for _, r := range a.Requests {
		if r.Day < 0 || r.Day >= p.Days || r.From < 0 || r.To < 0 || r.To > 2880 || (r.To != 0 && r.To <= r.From) {
			return invalid("request", "Agent %q has a request on day %d from %d to %d; the day must exist and the window be in order.", a.ID, r.Day, r.From, r.To)
		}
		if r.Weight < 0 || r.Weight > maxPoints {
			return invalid("weight", "Agent %q has a request with weight %d; allowed are 0 to %d.", a.ID, r.Weight, maxPoints)
		}
	}
	h := a.History
	if (h.LastEnd != nil && (*h.LastEnd > 1440 || *h.LastEnd < -farMinutes)) || h.ConsecutiveDays < 0 || h.ConsecutiveOff < 0 || h.WeekMinutes < 0 || h.Nights < 0 || h.Weekends < 0 || h.Unpopular < 0 || h.Refused < 0 ||
		max(h.ConsecutiveDays, h.ConsecutiveOff, h.Nights, h.Weekends, h.Unpopular, h.Refused) > 10_000 || h.WeekMinutes > 7*1440 {
		return invalid("history", "Agent %q: the history holds a negative or absurd count or an end after the first day.", a.ID)
	}
	if h.LastTemplate != "" && p.templateIndex(h.LastTemplate) < 0 {
		return invalid("unknown_template", "Agent %q names the last template %q, which does not exist.", a.ID, h.LastTemplate)
	}
	return nil
}

// farMinutes bounds instants: four years either way.
const farMinutes = 4 * 366 * 1440

func (p *Problem) checkCell(what, template string, day, start, minutes int) error {
	if p.templateIndex(template) < 0 {
		return invalid("unknown_template", "%s names the template %q, which does not exist.", what, template)
	}
	if minutes < p.SlotMinutes || minutes > 1440 || minutes%p.SlotMinutes != 0 || start%p.SlotMinutes != 0 {
		return invalid("shift_grid", "%s on day %d starts at minute %d and lasts %d; both must lie on the grid of %d minutes.", what, day, start, minutes, p.SlotMinutes)
	}
	// A day may be an hour longer or shorter than 24 hours.
	if start < day*1440-180 || start > (day+1)*1440+180 || start < 0 {
		return invalid("shift_day", "%s on day %d starts at minute %d, which lies on another day.", what, day, start)
	}
	return nil
}

func (p *Problem) checkShifts() error {
	seen := map[Cell]bool{}
	for _, s := range p.Published {
		if s.Agent < 0 || s.Agent >= len(p.Agents) || s.Day < 0 || s.Day >= p.Days {
			return invalid("published", "A published shift names agent %d and day %d; agents are 0 to %d, days 0 to %d.", s.Agent, s.Day, len(p.Agents)-1, p.Days-1)
		}
		c := Cell{s.Agent, s.Day}
		if seen[c] {
			return invalid("published", "Agent %q has two published shifts on day %d.", p.Agents[s.Agent].ID, s.Day)
		}
		seen[c] = true
		if err := p.checkCell("Published shift of agent "+p.Agents[s.Agent].ID, s.Template, s.Day, s.Start, s.Minutes); err != nil {
			return err
		}
	}
	return nil
}

func (p *Problem) checkDays() error {
	for _, o := range p.OpenDays {
		if o.Day < 0 || o.Day >= p.Days || o.From < 0 || o.To < o.From || o.To > 2880 {
			return invalid("open_days", "Opening on day %d from %d to %d is out of range or order.", o.Day, o.From, o.To)
		}
	}
	for _, w := range p.Pay {
		if w.To < w.From || w.From < -farMinutes || w.To > farMinutes || w.Percent < 0 || w.Percent > 1000 {
			return invalid("pay", "A pay window from minute %d to %d with %d per cent ends before it begins or is not between 0 and 1000 per cent.", w.From, w.To, w.Percent)
		}
		if w.Site != "" && !slices.ContainsFunc(p.Agents, func(a Agent) bool { return a.Site == w.Site }) {
			return invalid("pay_site", "A pay window holds for the site %q, where nobody of the roster works.", w.Site)
		}
	}
	for _, h := range p.Holidays {
		if h < 0 || h >= p.Days {
			return invalid("holiday", "Holiday %d is not a day of the horizon (0 to %d).", h, p.Days-1)
		}
	}
	return nil
}

// checkSums wants weights and sizes together to stay inside whole numbers of 64
// bits: the points of the worst roster by a rough count from above.
func (p *Problem) checkSums() error {
	days, agents := float64(p.Days), float64(len(p.Agents))
	slots := days * 1500 / float64(p.SlotMinutes)
	sum, over := 0.0, float64(pick(4, p.OverCost))
	for i := range p.Groups {
		g := &p.Groups[i]
		over = max(over, float64(pick(4, g.OverCost)))
		per := 1.0
		if g.IntervalMinutes > 0 {
			per = float64(g.IntervalMinutes / p.SlotMinutes)
		}
		for _, n := range g.Need {
			sum += 2 * per * float64(n) * float64(pick(1000, p.UnderCost, g.UnderCost))
		}
		for _, vs := range g.Values {
			for _, v := range vs {
				sum += per * float64(v)
			}
		}
	}
	dear, pay := float64(p.ChangeTax), 1.0
	for i := range p.Templates {
		dear = max(dear, float64(p.ChangeTax+p.Templates[i].Cost))
	}
	for _, w := range p.Pay {
		pay += float64(w.Percent) / 100
	}
	sum += slots*over*agents*agents + agents*days*dear
	longest := 0.0
	for i := range p.Agents {
		a := &p.Agents[i]
		h := &a.History
		longest = max(longest, days+float64(max(h.Nights, h.Weekends, h.Unpopular, h.Refused)))
		sum += 2*float64(max(20, a.Contract.Weight))*(days*1440+float64(a.Contract.MinMinutes)+days*float64(a.Contract.WeekMinMinutes)) + days*24*pay*float64(a.CostPerHour)
		for _, r := range a.Requests {
			sum += float64(r.Weight)
		}
	}
	for i := range p.Rules {
		n := days * 1440
		switch p.Rules[i].Kind {
		case FairNights, FairWeekends, FairTemplates, FairRequests:
			n = longest * longest
		}
		sum += agents * n * float64(p.Rules[i].Weight)
	}
	if sum > maxSum {
		return invalid("weights_too_large", "Weights, requirement and agents together come to some %.0g points, more than can be added exactly (%.0g); give smaller weights.", sum, maxSum)
	}
	return nil
}

func (p *Problem) templateIndex(id string) int {
	for i := range p.Templates {
		if p.Templates[i].ID == id {
			return i
		}
	}
	return -1
}

func (p *Problem) groupIndex(id string) int {
	for i := range p.Groups {
		if p.Groups[i].ID == id {
			return i
		}
	}
	return -1
}
