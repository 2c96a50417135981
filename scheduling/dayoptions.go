package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Absence takes an agent out for a time: a sick call at 07:00.
type Absence struct {
	AgentID ids.Agent        `json:"agent_id"`
	From    calendar.Instant `json:"from"`
	To      calendar.Instant `json:"to"`
	Reason  string           `json:"reason,omitempty"`
}

// DayAnswer is what can be done about absences, and how the day was planned.
type DayAnswer struct {
	Planned DayEffect   `json:"planned"` // the day before the absences
	Options []DayOption `json:"options"` // the best first; accepting the gap is one of them
}

// DayOption is one ranked answer to absences.
type DayOption struct {
	Measure        roster.Measure   `json:"measure"`         // see roster.Measures
	Measures       []roster.Measure `json:"measures"`        // what is done, in order
	Points         int64            `json:"points"`          // change against accepting the gap; less is better
	Agents         int              `json:"agents"`          // people with another shift
	Rearranged     int              `json:"rearranged"`      // people with other breaks or work in the same shift
	MissingMinutes int64            `json:"missing_minutes"` // of requirement, in agent-minutes, over the whole roster
	PaidMinutes    int64            `json:"paid_minutes"`    // more than accepting the gap
	Changes        []Difference     `json:"changes"`         // against the roster with the gap
	Effect         DayEffect        `json:"effect"`
}

// dayAnswer is the engine's side of an answer.
type dayAnswer struct {
	draftRoster
	planned *roster.Solution
	list    []roster.Absence
	span    calendar.Interval // whole days that the absences touch
	now     int               // minutes
}

// DayOptions ranks what can be done about absences from now on: accept the gap,
// use the reserve, move breaks or starts, swap days, extend, call people in,
// offer time off, all together, each with service level, penalty and labour
// cost. Nothing is applied. maxChanges bounds the changed cells per option (0 =
// three per absence).
func (s *Service) DayOptions(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence, maxChanges int) (DayAnswer, error) {
	a, err := s.answer(ctx, sc, id, absences)
	if err != nil {
		return DayAnswer{}, err
	}
	options, err := roster.DayOptions(ctx, &a.problem, a.planned, a.list, a.now, maxChanges)
	if err != nil {
		return DayAnswer{}, err
	}
	w, err := s.weigh(ctx, sc, a)
	if err != nil {
		return DayAnswer{}, err
	}
	out := DayAnswer{Options: make([]DayOption, 0, len(options))}
	if out.Planned, err = w.effect(a.planned, nil); err != nil {
		return out, err
	}
	for _, o := range options {
		v, err := a.option(s, w, o, []roster.Measure{o.Measure})
		if err != nil {
			return out, err
		}
		out.Options = append(out.Options, v)
	}
	return out, nil
}

// DayPlan says what several measures together would do about absences; nothing is applied.
func (s *Service) DayPlan(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence, measures []roster.Measure, maxChanges int) (DayOption, error) {
	a, err := s.answer(ctx, sc, id, absences)
	if err != nil {
		return DayOption{}, err
	}
	plan, err := a.plan(ctx, measures, maxChanges)
	if err != nil {
		return DayOption{}, err
	}
	w, err := s.weigh(ctx, sc, a)
	if err != nil {
		return DayOption{}, err
	}
	return a.option(s, w, *plan, measures)
}

// plan asks the engine for measures taken together.
func (a *dayAnswer) plan(ctx context.Context, measures []roster.Measure, maxChanges int) (*roster.DayOption, error) {
	for _, m := range measures {
		if !slices.Contains(roster.Measures(), m) {
			return nil, fault.Newf(fault.Invalid, "roster.unknown_measure", "The measure %q is unknown: use one of %s.", m, fault.Allowed(roster.Measures())).With("measure", m)
		}
	}
	return roster.DayPlan(ctx, &a.problem, a.planned, a.list, a.now, maxChanges, measures)
}

// answer reads the absences against the roster as it stands.
func (s *Service) answer(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence) (dayAnswer, error) {
	a := dayAnswer{}
	if len(absences) == 0 {
		return a, fault.New(fault.Invalid, "roster.no_absence", "Name at least one absence.")
	}
	var err error
	if a.draftRoster, a.planned, err = s.solved(ctx, sc, id); err != nil {
		return a, err
	}
	zone, err := zoneOf(a.Zone)
	if err != nil {
		return a, err
	}
	for _, v := range absences {
		i, err := agentIndex(&a.problem, v.AgentID)
		if err != nil {
			return a, err
		}
		a.list = append(a.list, roster.Absence{Agent: i, From: a.minuteOf(v.From), To: a.minuteOf(v.To), Reason: v.Reason})
		days := calendar.Interval{Start: calendar.DateOf(v.From, zone).At(0, zone), End: (calendar.DateOf(v.To-1, zone) + 1).At(0, zone)}
		if a.span.Empty() {
			a.span = days
		}
		a.span = calendar.Interval{Start: min(a.span.Start, days.Start), End: max(a.span.End, days.End)}
	}
	a.now = max(0, a.minuteOf(s.db.Now()))
	return a, nil
}

// option translates the engine's option.
func (a *dayAnswer) option(s *Service, w *weigher, o roster.DayOption, measures []roster.Measure) (DayOption, error) {
	v := DayOption{Measure: o.Measure, Measures: measures, Points: o.Points, Agents: o.Agents, MissingMinutes: o.MissingMins, PaidMinutes: o.PaidMinutes}
	others := map[int]bool{}
	for _, c := range o.Changes {
		if c.Kind == "activities" {
			others[c.Agent] = true
		}
	}
	v.Rearranged = len(others)
	var err error
	if v.Changes, err = a.differences(s, o.Changes); err != nil {
		return v, err
	}
	v.Effect, err = w.effect(o.Solution, o.Changes)
	return v, err
}

// DayDecision is one confirmed answer to absences.
type DayDecision struct {
	Roster     ids.Roster       `json:"roster"`
	Absences   []Absence        `json:"absences"`
	Measures   []roster.Measure `json:"measures"` // none = accept the gap
	MaxChanges int              `json:"max_changes,omitempty"`
	Publish    bool             `json:"publish"` // put the version in force at once
	Actor      ids.User         `json:"actor,omitzero"`
}

// ApplyDayPlan makes a new version in which the absences are entered and the
// measures taken, and puts it in force when the decision says so; publishing
// tells the people concerned. The measures are computed again, so that what is
// applied fits the roster of now. A roster that another version has taken over
// from is a Conflict.
func (s *Service) ApplyDayPlan(ctx context.Context, sc scope.Scope, in DayDecision, progress Progress) (Roster, error) {
	progress.say(0, "reading the day")
	if err := s.stillInForce(ctx, sc, in.Roster); err != nil {
		return Roster{}, err
	}
	a, err := s.answer(ctx, sc, in.Roster, in.Absences)
	if err != nil {
		return Roster{}, err
	}
	plan, err := a.plan(ctx, in.Measures, in.MaxChanges)
	if err != nil {
		return Roster{}, err
	}
	progress.say(0.6, "storing")
	d := a.draftRoster
	d.problem.Agents = slices.Clone(d.problem.Agents)
	for _, v := range a.list {
		g := &d.problem.Agents[v.Agent]
		g.TimeOff = append(slices.Clone(g.TimeOff), roster.Window{From: v.From, To: v.To, Reason: v.Reason})
	}
	sol, err := roster.Evaluate(&d.problem, plan.Solution.Shifts)
	if err != nil {
		return Roster{}, err
	}
	d.Roster = d.successor(in.Actor)
	d.Status = Draft
	if in.Publish {
		d.Status = Published
	}
	return s.storeRoster(ctx, sc, d, sol, NewRoster{Seed: d.Summary.Seed})
}

// stillInForce refuses a decision about a version that another one has replaced.
func (s *Service) stillInForce(ctx context.Context, sc scope.Scope, id ids.Roster) error {
	r, err := s.header(ctx, sc, id)
	if err != nil || r.PublishedAt == nil {
		return err
	}
	return s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var later int64
		err := tx.Model(&Roster{}).Where("name = ? AND status IN ? AND from_day = ? AND to_day = ? AND (published_at > ? OR published_at = ? AND id > ?)",
			r.Name, []Status{Published, Locked}, r.FromDay, r.ToDay, *r.PublishedAt, *r.PublishedAt, r.ID).Count(&later).Error
		if err == nil && later > 0 {
			return fault.New(fault.Conflict, "roster.superseded", "Another version of this roster has been published in the meantime; look at that one and decide again.")
		}
		return err
	})
}

// RestoreRoster takes the version in force back: what it changed against the
// version it was based on returns in a new published version, as far as it has
// not begun; shifts that people have begun stay as they were lived.
func (s *Service) RestoreRoster(ctx context.Context, sc scope.Scope, id ids.Roster, actor ids.User, progress Progress) (Roster, error) {
	progress.say(0, "reading both versions")
	if err := s.stillInForce(ctx, sc, id); err != nil {
		return Roster{}, err
	}
	now, err := s.Roster(ctx, sc, id)
	if err != nil {
		return now, err
	}
	if now.BasedOn.IsZero() || now.PublishedAt == nil {
		return now, fault.New(fault.Conflict, "roster.nothing_to_restore", "This version follows no other one, or was never published; there is nothing to take back.")
	}
	d, before, err := s.solved(ctx, sc, now.BasedOn)
	if err != nil {
		return now, err
	}
	_, lived, err := s.solved(ctx, sc, id)
	if err != nil {
		return now, err
	}
	sol, err := roster.Evaluate(&d.problem, mergeAt(before.Shifts, lived.Shifts, d.minuteOf(s.db.Now())))
	if err != nil {
		return now, err
	}
	progress.say(0.5, "storing")
	d.Roster = d.successor(actor)
	d.BasedOn, d.Status = id, Published
	return s.storeRoster(ctx, sc, d, sol, NewRoster{Seed: d.Summary.Seed})
}

// mergeAt takes cells that have begun by the minute in either roster from the
// second, all others from the first.
func mergeAt(first, second []roster.Shift, minute int) []roster.Shift {
	begun := map[roster.Cell]bool{}
	for _, list := range [][]roster.Shift{first, second} {
		for _, sh := range list {
			if sh.Start < minute {
				begun[roster.Cell{Agent: sh.Agent, Day: sh.Day}] = true
			}
		}
	}
	var out []roster.Shift
	for _, sh := range first {
		if !begun[roster.Cell{Agent: sh.Agent, Day: sh.Day}] {
			out = append(out, sh)
		}
	}
	for _, sh := range second {
		if begun[roster.Cell{Agent: sh.Agent, Day: sh.Day}] {
			out = append(out, sh)
		}
	}
	return out
}

// RejudgeRoster brings the summary of a draft up to date after edits by hand.
func (s *Service) RejudgeRoster(ctx context.Context, sc scope.Scope, id ids.Roster) (Roster, error) {
	d, sol, err := s.solved(ctx, sc, id)
	if err != nil {
		return Roster{}, err
	}
	old := d.Summary
	if d.Summary, err = d.summary(sol); err != nil {
		return Roster{}, err
	}
	d.Summary.Seed, d.Summary.Moves, d.Summary.Stopped, d.Summary.Bound, d.Summary.Proofs = old.Seed, old.Moves, old.Stopped, old.Bound, old.Proofs
	r := d.Roster
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		return tx.Model(&r).Where("edition = ?", r.Edition).Select("summary").Updates(&r).Error
	})
	return r, err
}
