package scheduling

import (
	"context"

	"muster/routing/facts"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

const (
	// absenceWeeks is how far back people's history of absence reaches.
	absenceWeeks = 8
	// leastShifts is how many published shifts make a history.
	leastShifts = 100
	// presentShare of a shift in which somebody was seen at work makes it attended.
	presentShare = 0.1
)

// AbsenceRate is how often people of a roster did not come to a shift.
type AbsenceRate struct {
	Shifts int     `json:"shifts"` // published shifts of the weeks before that are over
	Missed int     `json:"missed"` // of them without any work
	Share  float64 `json:"share"`
	Known  bool    `json:"known"` // enough shifts to plan with
}

// AbsenceOf reads the absence of a roster's people off the eight weeks before its
// first day, or before now: published shifts in which nobody saw the agent work.
func (s *Service) AbsenceOf(ctx context.Context, sc scope.Scope, id ids.Roster) (AbsenceRate, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return AbsenceRate{}, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return AbsenceRate{}, err
	}
	end := min(r.FromDay.At(0, zone), s.db.Now())
	span := calendar.Interval{Start: end - absenceWeeks*7*calendar.Day, End: end}
	shifts, err := s.PublishedShifts(ctx, sc, r.Summary.Agents, span)
	if err != nil || len(shifts) == 0 {
		return AbsenceRate{}, err
	}
	worked, err := s.Facts.Agents(ctx, sc, facts.Query{Span: calendar.Interval{Start: span.Start - calendar.Day, End: end}})
	if err != nil {
		return AbsenceRate{}, err
	}
	return absenceOf(shifts, worked, span), nil
}

// absenceOf counts the shifts of the span in which nobody was seen.
func absenceOf(shifts []Shift, worked []facts.AgentFact, span calendar.Interval) AbsenceRate {
	type slot struct {
		agent ids.Agent
		at    calendar.Instant
	}
	seen := make(map[slot]int64, len(worked))
	for _, f := range worked {
		seen[slot{f.AgentID, f.StartAt}] += f.PaidMS
	}
	var out AbsenceRate
	for _, sh := range shifts {
		if sh.StartAt < span.Start || sh.EndAt > span.End {
			continue
		}
		out.Shifts++
		ms := int64(0)
		for t := sh.StartAt - sh.StartAt%grid; t < sh.EndAt; t += grid {
			ms += seen[slot{sh.AgentID, t}]
		}
		if float64(ms) < presentShare*float64((sh.EndAt-sh.StartAt)/calendar.Millisecond) {
			out.Missed++
		}
	}
	if out.Shifts > 0 {
		out.Share = float64(out.Missed) / float64(out.Shifts)
	}
	// Everybody missing means that nobody records what people do.
	out.Known = out.Shifts >= leastShifts && out.Missed < out.Shifts
	return out
}

// AbsenceBasis says where the absence that a simulation plays comes from.
type AbsenceBasis string

// The sources of a planned absence.
const (
	AbsenceGiven   AbsenceBasis = "given"   // whoever asked named it
	AbsenceHistory AbsenceBasis = "history" // what the same people did in the weeks before
	AbsenceTerms   AbsenceBasis = "terms"   // the shrinkage of the terms
)

// decideAbsence settles the share of agents who do not come; without a better
// source what the terms say stands.
func (s *Service) decideAbsence(ctx context.Context, sc scope.Scope, n NewSimulation, st *stage) error {
	st.basis = AbsenceTerms
	if n.Absent != nil {
		st.absent, st.basis = *n.Absent, AbsenceGiven
		return nil
	}
	known, err := s.AbsenceOf(ctx, sc, n.Roster)
	if err == nil && known.Known {
		st.absent, st.basis = known.Share, AbsenceHistory
	}
	return err
}
