package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"muster/routing/facts"
	"muster/scheduling/holidays"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// JobProposals looks for special days in a client's history.
const JobProposals = "forecast.propose_days"

// ProposalStatus is what became of a proposal.
type ProposalStatus string

// The statuses.
const (
	ProposalOpen      ProposalStatus = "open"
	ProposalAccepted  ProposalStatus = "accepted"
	ProposalDismissed ProposalStatus = "dismissed"
)

// DayProposal is a past date whose contacts departed from what its weekday lets
// expect, and that the calendar does not explain.
type DayProposal struct {
	ID         ids.DayProposal   `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client        `json:"client_id"`
	CalendarID ids.Calendar      `json:"calendar_id"`
	Day        calendar.Date     `json:"day"`
	Name       string            `json:"name"`
	Tag        string            `json:"tag"`
	Size       float64           `json:"size"` // Actual / Expected
	Actual     float64           `json:"actual"`
	Expected   float64           `json:"expected"`
	Score      float64           `json:"score"`  // departure in robust standard deviations
	Reason     string            `json:"reason"` // why the day and why the tag
	Status     ProposalStatus    `json:"status"`
	CreatedAt  calendar.Instant  `gorm:"autoCreateTime:false" json:"created_at"`
	DecidedBy  ids.User          `json:"decided_by,omitzero"`
	DecidedAt  *calendar.Instant `json:"decided_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (DayProposal) TableName() string { return "day_proposals" }

// What makes a day special.
const (
	proposalWindow = 6    // weeks to either side whose same weekday is the expectation
	proposalLeast  = 4    // of those must exist
	proposalMean   = 10   // contacts; less is noise
	proposalScore  = 4.0  // robust standard deviations
	proposalShare  = 0.15 // and at least this far from the expectation
	proposalRun    = 7    // open days in a row that are unusual are a new level, not special days
)

// ProposeDays looks through a client's history for days that are special and that
// the calendar does not know, and stores those that are new. It gives the open
// proposals. Calendars that several clients' queues follow are judged by the
// client's queues alone.
func (s *Service) ProposeDays(ctx context.Context, sc scope.Scope, client ids.Client) ([]DayProposal, error) {
	c, err := s.Contracts.Client(ctx, sc, client)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return nil, err
	}
	now := s.db.Now()
	queues, err := s.queuesOf(ctx, sc, client, now)
	if err != nil {
		return nil, err
	}
	rows, err := s.Facts.Queues(ctx, sc, facts.Query{Client: client, Span: calendar.Interval{Start: now - historyReach, End: now}})
	if err != nil {
		return nil, err
	}
	presets, err := s.Presets(ctx)
	if err != nil {
		return nil, err
	}
	names := presetNames(presets, c)
	today := calendar.DateOf(now, zone)
	totals := map[ids.Calendar]map[calendar.Date]float64{}
	follows := map[ids.Queue]ids.Calendar{}
	known := map[ids.Calendar]*calendar.Calendar{}
	for _, q := range queues {
		if q.calendar != nil {
			follows[q.ID], known[q.CalendarID] = q.CalendarID, q.calendar
			totals[q.CalendarID] = map[calendar.Date]float64{}
		}
	}
	for _, r := range rows {
		id, ok := follows[r.QueueID]
		if day := calendar.DateOf(r.StartAt, zone); ok && day < today {
			totals[id][day] += float64(r.Offered)
		}
	}
	var found []DayProposal
	for id, days := range totals {
		for _, p := range unusualDays(days, known[id], names) {
			p.ID, p.ClientID, p.CalendarID, p.Status, p.CreatedAt = ids.New[ids.DayProposal](s.db.IDs()), client, id, ProposalOpen, now
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b DayProposal) int {
		return cmp.Or(a.CalendarID.Compare(b.CalendarID), cmp.Compare(a.Day, b.Day))
	})
	err = s.db.Write(ctx, sc, func(tx *database.Tx) error {
		// What was decided stays decided; what is no longer unusual goes.
		if err := tx.Where("client_id = ? AND status = ?", client, ProposalOpen).Delete(&DayProposal{}).Error; err != nil {
			return err
		}
		_, err := database.Insert(tx, found, clause.OnConflict{DoNothing: true})
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.DayProposals(ctx, sc, client, ProposalOpen)
}

// DayProposals lists the proposals of a client (zero: all) with the status (empty:
// all), the latest date first.
func (s *Service) DayProposals(ctx context.Context, sc scope.Scope, client ids.Client, status ProposalStatus) ([]DayProposal, error) {
	out := []DayProposal{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("day DESC, calendar_id")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		if status != "" {
			q = q.Where("status = ?", status)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// Decision is what a planner says to a proposal; empty name and tag are the proposed ones.
type Decision struct {
	Accept bool
	Name   string
	Tag    string
	Kind   calendar.DayKind // empty: tagged, closed for a day without contacts
	Actor  ids.User
}

// DecideProposal accepts a proposal, which makes the date a special day of the
// calendar, or dismisses it for good. Conflict proposal.decided for one that is
// not open.
func (s *Service) DecideProposal(ctx context.Context, sc scope.Scope, id ids.DayProposal, d Decision) (DayProposal, error) {
	var p DayProposal
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		p, err = database.One[DayProposal](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "proposal.not_found", "There is no such proposal.")
		if err != nil {
			return err
		}
		if p.Status != ProposalOpen {
			return fault.Newf(fault.Conflict, "proposal.decided", "The proposal is %s already.", p.Status).With("status", p.Status)
		}
		now := s.db.Now()
		p.Status, p.DecidedBy, p.DecidedAt = ProposalDismissed, d.Actor, &now
		if d.Accept {
			p.Status = ProposalAccepted
			p.Name, p.Tag = cmp.Or(strings.TrimSpace(d.Name), p.Name), cmp.Or(strings.TrimSpace(d.Tag), p.Tag)
			if err := s.takeDay(tx, sc, p, d.Kind); err != nil {
				return err
			}
		}
		return tx.Model(&p).Select("name", "tag", "status", "decided_by", "decided_at").Updates(&p).Error
	})
	return p, err
}

// takeDay makes the proposal's date a special day.
func (s *Service) takeDay(tx *database.Tx, sc scope.Scope, p DayProposal, kind calendar.DayKind) error {
	if kind == "" {
		if kind = calendar.DayTagged; p.Actual == 0 {
			kind = calendar.DayClosed
		}
	}
	c, err := s.openCalendar(tx.Context(), sc, p.CalendarID)
	if err != nil {
		return err
	}
	c.Special = withDay(c.Special, calendar.SpecialDay{Date: p.Day, Kind: kind, Tag: p.Tag, Name: p.Name})
	if err := checkDays(c.Special); err != nil {
		return err
	}
	return s.Contracts.SetCalendar(tx.Context(), sc, p.CalendarID, c)
}

// EnqueueProposals makes the job that does ProposeDays.
func (s *Service) EnqueueProposals(ctx context.Context, sc scope.Scope, client ids.Client, actor ids.User) (jobs.Job, error) {
	if _, err := s.Contracts.Client(ctx, sc, client); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc.Within(client), JobProposals, client, actor, client)
}

// namedDay is a date of a preset.
type namedDay struct{ name, tag string }

// presetNames gives the dates of the presets of the client's country, told by its zone.
func presetNames(presets []PresetView, c contract.Client) map[calendar.Date]namedDay {
	country := ""
	for prefix, id := range map[string]string{"Asia/Shanghai": "cn", "Asia/Urumqi": "cn", "America/": "us", "US/": "us", "Europe/London": "uk", "Asia/Manila": "ph", "Asia/Kolkata": "in", "Asia/Calcutta": "in"} {
		if strings.HasPrefix(c.Zone, prefix) {
			country = id
		}
	}
	out := map[calendar.Date]namedDay{}
	for _, p := range presets {
		if !strings.EqualFold(p.ID, country) {
			continue
		}
		for _, d := range p.Days {
			for day := d.Date; day <= lastOf(d); day++ {
				out[day] = namedDay{d.Name, d.Tag}
			}
		}
	}
	return out
}

func lastOf(d holidays.Day) calendar.Date {
	if d.To != nil {
		return *d.To
	}
	return d.Date
}

// unusualDays finds the dates whose total departs from the median of the same weekday
// in the weeks around it by proposalScore robust standard deviations and
// proposalShare of it. The deviation is 1.4826 times the median absolute one, at
// least that of a Poisson count. Dates that the calendar knows, and the open day
// after one of them, are explained and neither judged nor expected from.
func unusualDays(totals map[calendar.Date]float64, c *calendar.Calendar, names map[calendar.Date]namedDay) []DayProposal {
	if len(totals) == 0 {
		return nil
	}
	first, last := calendar.Date(math.MaxInt32), calendar.Date(math.MinInt32)
	for d := range totals {
		first, last = min(first, d), max(last, d)
	}
	plain := func(d calendar.Date) bool { // an open day that the calendar does not explain
		if _, special := c.SpecialOn(d); special || len(c.OpenOn(d)) == 0 {
			return false
		}
		before := d - 1
		for before >= d-4 && len(c.OpenOn(before)) == 0 {
			if _, special := c.SpecialOn(before); special {
				return false
			}
			before--
		}
		_, special := c.SpecialOn(before)
		return !special
	}
	var out []DayProposal
	run := 0
	for d := first; d <= last; d++ {
		if !plain(d) {
			continue
		}
		p, unusual := judgeDay(d, totals, plain, first, last)
		if !unusual {
			run = 0
			continue
		}
		out, run = append(out, p), run+1
		if run == proposalRun {
			out = out[:len(out)-run]
		} else if run > proposalRun {
			out = out[:len(out)-1]
		}
	}
	nameDays(out, names)
	return out
}

// judgeDay compares a date with the same weekday around it.
func judgeDay(d calendar.Date, totals map[calendar.Date]float64, plain func(calendar.Date) bool, first, last calendar.Date) (DayProposal, bool) {
	var around []float64
	for k := -proposalWindow; k <= proposalWindow; k++ {
		o := d + calendar.Date(7*k)
		if v := totals[o]; k != 0 && o >= first && o <= last && plain(o) && v > 0 {
			around = append(around, v)
		}
	}
	if len(around) < proposalLeast {
		return DayProposal{}, false
	}
	expected := median(around)
	away := make([]float64, len(around))
	for i, v := range around {
		away[i] = math.Abs(v - expected)
	}
	if expected < proposalMean {
		return DayProposal{}, false
	}
	deviation := math.Max(1.4826*median(away), math.Sqrt(expected))
	p := DayProposal{Day: d, Actual: totals[d], Expected: expected, Size: totals[d] / expected, Score: (totals[d] - expected) / deviation}
	return p, math.Abs(p.Score) >= proposalScore && math.Abs(p.Size-1) >= proposalShare
}

// median of at least one value; the list is sorted by it.
func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// nameDays proposes a name and a tag: those of a public holiday of the date, of the
// date's anniversary or day of month when it was unusual before, otherwise one of its own.
func nameDays(list []DayProposal, names map[calendar.Date]namedDay) {
	yearly, monthly := map[[2]int]int{}, map[int]int{}
	for _, p := range list {
		_, m, d := p.Day.Parts()
		yearly[[2]int{int(m), d}]++
		monthly[d]++
	}
	for i := range list {
		p := &list[i]
		_, m, d := p.Day.Parts()
		p.Reason = fmt.Sprintf("%.0f contacts came where the same weekday around it lets expect %.0f (%+.0f %%, %.1f robust standard deviations).", p.Actual, p.Expected, 100*(p.Size-1), p.Score)
		holiday, isHoliday := names[p.Day]
		before, isAfter := names[p.Day-1]
		switch {
		case isHoliday:
			p.Name, p.Tag = holiday.name, holiday.tag
			p.Reason += " The date is " + holiday.name + " in the preset of the client's country."
		case isAfter && p.Size > 1:
			p.Name, p.Tag = "After "+before.name, "after-"+before.tag
			p.Reason += " It follows " + before.name + "."
		case yearly[[2]int{int(m), d}] > 1:
			p.Tag = fmt.Sprintf("yearly-%02d-%02d", int(m), d)
			p.Name = fmt.Sprintf("Every year on %02d-%02d", int(m), d)
			p.Reason += " The same date of another year was unusual too."
		case monthly[d] > 2:
			p.Tag, p.Name = fmt.Sprintf("monthly-%02d", d), fmt.Sprintf("Day %d of the month", d)
			p.Reason += fmt.Sprintf(" Day %d was unusual in %d months.", d, monthly[d])
		default:
			p.Tag, p.Name = "once-"+p.Day.String(), "Unusual day"
		}
		if p.Actual == 0 {
			p.Reason += " Nothing came: it was closed, or its data are lost."
		}
	}
}
