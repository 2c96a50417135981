package scheduling

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// ExchangeCSV writes a roster in the form in which outsourcers exchange staffing:
// source (the site), skillcombination (skill slugs joined by +, sorted),
// startdatetime, enddatetime (RFC 3339 with the offset of the roster's zone) and
// agents at work. Consecutive intervals with the same number are one row.
func (s *Service) ExchangeCSV(ctx context.Context, sc scope.Scope, id ids.Roster) ([]byte, error) {
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return nil, err
	}
	shifts, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return nil, err
	}
	names, err := s.exchangeNames(ctx, sc, r, zone)
	if err != nil {
		return nil, err
	}
	return writeExchange(exchanged(shifts, names), zone)
}

// exchanged counts the agents at work per source, combination and interval.
func exchanged(shifts []Shift, names map[ids.Agent]exchangeKey) map[exchangeKey]map[calendar.Instant]int {
	at := map[exchangeKey]map[calendar.Instant]int{}
	for _, sh := range shifts {
		k, ok := names[sh.AgentID]
		if !ok {
			continue
		}
		if at[k] == nil {
			at[k] = map[calendar.Instant]int{}
		}
		for _, a := range sh.Activities {
			if a.Kind != "work" {
				continue
			}
			for t := a.StartAt; t < a.EndAt; t += grid {
				at[k][t]++
			}
		}
	}
	return at
}

// exchangeKey is one source with one combination of skills.
type exchangeKey struct{ source, skills string }

// exchangeNames gives source and combination of everybody.
func (s *Service) exchangeNames(ctx context.Context, sc scope.Scope, r Roster, zone *time.Location) (map[ids.Agent]exchangeKey, error) {
	staff, err := s.People.Staff(ctx, sc, r.FromDay.At(0, zone), r.FromDay)
	if err != nil {
		return nil, err
	}
	sites, err := s.People.Sites(ctx, sc)
	if err != nil {
		return nil, err
	}
	skills, err := s.People.Skills(ctx, sc)
	if err != nil {
		return nil, err
	}
	out := map[ids.Agent]exchangeKey{}
	for _, p := range staff {
		var slugs []string
		for _, k := range p.Skills {
			i := slices.IndexFunc(skills, func(v people.Skill) bool { return v.ID == k.SkillID })
			if i >= 0 {
				slugs = append(slugs, skills[i].Slug)
			}
		}
		slices.Sort(slugs)
		out[p.Agent.ID] = exchangeKey{siteOf(sites, p).Slug, strings.Join(slugs, "+")}
	}
	return out, nil
}

// writeExchange merges intervals and writes rows by source, combination and start.
func writeExchange(at map[exchangeKey]map[calendar.Instant]int, zone *time.Location) ([]byte, error) {
	keys := make([]exchangeKey, 0, len(at))
	for k := range at {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b exchangeKey) int {
		if a.source != b.source {
			return strings.Compare(a.source, b.source)
		}
		return strings.Compare(a.skills, b.skills)
	})
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write([]string{"source", "skillcombination", "startdatetime", "enddatetime", "agents"}); err != nil {
		return nil, err
	}
	for _, k := range keys {
		starts := make([]calendar.Instant, 0, len(at[k]))
		for t := range at[k] {
			starts = append(starts, t)
		}
		slices.Sort(starts)
		for i := 0; i < len(starts); {
			n, end := at[k][starts[i]], starts[i]+grid
			j := i + 1
			for ; j < len(starts) && starts[j] == end && at[k][end] == n; j++ {
				end += grid
			}
			if err := w.Write([]string{k.source, k.skills, starts[i].In(zone).Format(time.RFC3339), end.In(zone).Format(time.RFC3339), strconv.Itoa(n)}); err != nil {
				return nil, err
			}
			i = j
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}
