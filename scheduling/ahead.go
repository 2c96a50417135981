package scheduling

import (
	"context"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// maxAheadDays bounds how far coverage is looked at.
const maxAheadDays = 62

// CoverageAhead is how well published rosters cover what the days to come need.
type CoverageAhead struct {
	From      calendar.Instant `json:"from"`
	To        calendar.Instant `json:"to"`        // exclusive
	Intervals int              `json:"intervals"` // of queues that need somebody
	Short     int              `json:"short"`     // of them with fewer people than needed
	// RequiredMinutes are the agent minutes needed, MissingMinutes those nobody is rostered for.
	RequiredMinutes float64         `json:"required_minutes"`
	MissingMinutes  float64         `json:"missing_minutes"`
	Rosters         []AheadRoster   `json:"rosters"`        // those that count, by first day
	Uncovered       []calendar.Date `json:"uncovered_days"` // days of which there is no published roster
}

// AheadRoster is a roster that covers some of the days.
type AheadRoster struct {
	ID      ids.Roster    `json:"id"`
	Name    string        `json:"name"`
	Version int           `json:"version"`
	FromDay calendar.Date `json:"from_day"`
	ToDay   calendar.Date `json:"to_day"` // exclusive
	Short   int           `json:"short"`  // intervals of its queues that lack people
	Missing float64       `json:"missing_minutes"`
}

// CoverageAhead adds up the coverage of the next days over every published roster
// that touches them. Of several versions of one name the one published last counts
// for an interval; rosters of different names serve a queue together: what one of
// them lacks another may bring. Uncovered are the days that no roster spans.
func (s *Service) CoverageAhead(ctx context.Context, sc scope.Scope, days int) (CoverageAhead, error) {
	if days < 1 || days > maxAheadDays {
		return CoverageAhead{}, fault.Newf(fault.Invalid, "roster.ahead_days", "Coverage is looked at for 1 to %d days, not %d.", maxAheadDays, days).With("days", days)
	}
	now := s.db.Now().Ceil(grid)
	span := calendar.Interval{Start: now, End: now + calendar.Instant(days)*calendar.Day}
	out := CoverageAhead{From: span.Start, To: span.End, Rosters: []AheadRoster{}, Uncovered: []calendar.Date{}}
	var rosters []Roster
	rows := map[ids.Roster][]Coverage{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		if rosters, err = inForce(tx, span); err != nil {
			return err
		}
		for _, r := range rosters {
			var part []Coverage
			if err := tx.Where("roster_id = ? AND start_at >= ? AND start_at < ?", r.ID, span.Start, span.End).Order("queue_id, start_at").Find(&part).Error; err != nil {
				return err
			}
			rows[r.ID] = part
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	out.add(rosters, rows)
	return out, nil
}

// cover is a queue's interval over all rosters.
type cover struct {
	required, scheduled float64
	by                  []ids.Roster
}

// add merges the rosters, the one published last first.
func (c *CoverageAhead) add(rosters []Roster, rows map[ids.Roster][]Coverage) {
	type named struct {
		name string
		at   pointKey
	}
	seen, at := map[named]bool{}, map[pointKey]*cover{}
	var order []pointKey
	for _, r := range rosters {
		for _, v := range rows[r.ID] {
			key := pointKey{v.QueueID, v.StartAt}
			if seen[named{r.Name, key}] {
				continue
			}
			seen[named{r.Name, key}] = true
			sum := at[key]
			if sum == nil {
				sum = &cover{}
				at[key] = sum
				order = append(order, key)
			}
			sum.required = max(sum.required, v.Required)
			sum.scheduled += v.Scheduled
			sum.by = append(sum.by, r.ID)
		}
	}
	byRoster := map[ids.Roster]*AheadRoster{}
	for _, r := range rosters {
		byRoster[r.ID] = &AheadRoster{ID: r.ID, Name: r.Name, Version: r.Version, FromDay: r.FromDay, ToDay: r.ToDay}
	}
	minutes := float64(grid / calendar.Minute)
	used := map[ids.Roster]bool{}
	for _, key := range order {
		sum := at[key]
		for _, id := range sum.by {
			used[id] = true
		}
		if sum.required <= 0 {
			continue
		}
		c.Intervals++
		c.RequiredMinutes += sum.required * minutes
		if missing := sum.required - sum.scheduled; missing > 1e-9 {
			c.Short++
			c.MissingMinutes += missing * minutes
			first := byRoster[sum.by[0]]
			first.Short++
			first.Missing += missing * minutes
		}
	}
	for _, r := range rosters {
		if used[r.ID] {
			c.Rosters = append(c.Rosters, *byRoster[r.ID])
		}
	}
	slices.SortStableFunc(c.Rosters, func(a, b AheadRoster) int { return int(a.FromDay - b.FromDay) })
	for d := calendar.Date(c.From / calendar.Day); d < calendar.Date(c.To/calendar.Day); d++ {
		if !slices.ContainsFunc(rosters, func(r Roster) bool { return r.FromDay <= d && d < r.ToDay }) {
			c.Uncovered = append(c.Uncovered, d)
		}
	}
}
