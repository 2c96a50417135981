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

// DayOption is one ranked answer to absences.
type DayOption struct {
	Measure        roster.Measure `json:"measure"`         // see roster.Measures
	Points         int64          `json:"points"`          // change against accepting the gap; less is better
	Agents         int            `json:"agents"`          // people with another shift
	MissingMinutes int64          `json:"missing_minutes"` // of requirement, in agent-minutes
	PaidMinutes    int64          `json:"paid_minutes"`    // more than accepting the gap
	Changes        []Difference   `json:"changes"`         // against the roster with the gap
	Queues         []QueueGap     `json:"queues"`          // what stays missing on the days of the absences
}

// QueueGap is requirement of a queue that an option leaves open on the days of the absences.
type QueueGap struct {
	QueueID        ids.Queue  `json:"queue_id"`
	ClientID       ids.Client `json:"client_id"`
	MissingMinutes int64      `json:"missing_minutes"`
}

// dayAnswer is the options with the roster they are about.
type dayAnswer struct {
	draftRoster
	options []roster.DayOption
}

// DayOptions ranks what can be done about absences from now on: accept the gap,
// move breaks, move starts, extend, call people in, offer time off, all together.
// Nothing is applied. maxChanges bounds the changed cells per option (0 = three
// per absence).
func (s *Service) DayOptions(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence, maxChanges int) ([]DayOption, error) {
	a, err := s.answer(ctx, sc, id, absences, maxChanges)
	if err != nil {
		return nil, err
	}
	out := make([]DayOption, 0, len(a.options))
	for _, o := range a.options {
		v := DayOption{Measure: o.Measure, Points: o.Points, Agents: o.Agents, MissingMinutes: o.MissingMins, PaidMinutes: o.PaidMinutes, Queues: a.gaps(o.Solution, absences)}
		if v.Changes, err = a.differences(s, o.Changes); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// answer asks the engine.
func (s *Service) answer(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence, maxChanges int) (dayAnswer, error) {
	if len(absences) == 0 {
		return dayAnswer{}, fault.New(fault.Invalid, "roster.no_absence", "Name at least one absence.")
	}
	d, current, err := s.solved(ctx, sc, id)
	if err != nil {
		return dayAnswer{}, err
	}
	list := make([]roster.Absence, 0, len(absences))
	for _, a := range absences {
		i, err := agentIndex(&d.problem, a.AgentID)
		if err != nil {
			return dayAnswer{}, err
		}
		list = append(list, roster.Absence{Agent: i, From: d.minuteOf(a.From), To: d.minuteOf(a.To), Reason: a.Reason})
	}
	options, err := roster.DayOptions(ctx, &d.problem, current, list, max(0, d.minuteOf(s.db.Now())), maxChanges)
	return dayAnswer{d, options}, err
}

// gaps sums what stays open per queue on the days the absences touch.
func (a *dayAnswer) gaps(sol *roster.Solution, absences []Absence) []QueueGap {
	from, to := absences[0].From, absences[0].To
	for _, v := range absences {
		from, to = min(from, v.From), max(to, v.To)
	}
	missing := make([]int64, len(a.queues))
	for _, u := range sol.Unmet {
		part := calendar.Interval{Start: a.instantOf(u.Start), End: a.instantOf(u.Start + u.Minutes)}.Intersect(calendar.Interval{Start: from, End: to})
		if !part.Empty() {
			missing[u.Group] += int64(u.Missing) * int64((part.End-part.Start)/calendar.Minute)
		}
	}
	out := []QueueGap{}
	for g, q := range a.queues {
		if missing[g] > 0 {
			out = append(out, QueueGap{QueueID: q.ID, ClientID: q.ClientID, MissingMinutes: missing[g]})
		}
	}
	return out
}

// ApplyDayOption makes a new draft version in which the absences are entered and
// the option's changes made; publishing it tells the people concerned. The
// option is computed again, so that what is applied fits the roster of now.
func (s *Service) ApplyDayOption(ctx context.Context, sc scope.Scope, id ids.Roster, absences []Absence, measure roster.Measure, maxChanges int, actor ids.User) (Roster, error) {
	if !slices.Contains(roster.Measures(), measure) {
		return Roster{}, fault.Newf(fault.Invalid, "roster.unknown_measure", "The measure %q is unknown: use one of %s.", measure, fault.Allowed(roster.Measures()))
	}
	a, err := s.answer(ctx, sc, id, absences, maxChanges)
	if err != nil {
		return Roster{}, err
	}
	i := slices.IndexFunc(a.options, func(o roster.DayOption) bool { return o.Measure == measure })
	d := a.draftRoster
	for _, v := range absences {
		k, err := agentIndex(&d.problem, v.AgentID)
		if err != nil {
			return Roster{}, err
		}
		g := &d.problem.Agents[k]
		g.TimeOff = append(slices.Clone(g.TimeOff), roster.Window{From: d.minuteOf(v.From), To: d.minuteOf(v.To), Reason: v.Reason})
	}
	sol, err := roster.Evaluate(&d.problem, a.options[i].Solution.Shifts)
	if err != nil {
		return Roster{}, err
	}
	d.Status, d.BasedOn, d.Edition, d.CreatedBy, d.PublishedAt, d.LockedAt = Draft, id, 1, actor, nil, nil
	return s.storeRoster(ctx, sc, d, sol, NewRoster{Seed: d.Summary.Seed})
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
	d.Summary.Seed, d.Summary.Moves, d.Summary.Stopped = old.Seed, old.Moves, old.Stopped
	r := d.Roster
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		return tx.Model(&r).Where("edition = ?", r.Edition).Select("summary").Updates(&r).Error
	})
	return r, err
}
