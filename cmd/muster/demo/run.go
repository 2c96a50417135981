package demo

import (
	"context"
	"fmt"
	"slices"

	"muster/billing"
	"muster/reporting"
	"muster/routing"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Demo runs the stations on the services of one house whose rows are empty.
type Demo struct {
	Seed   uint64
	Monday calendar.Date // the first day of the plan; the history ends before it
	Size   Size          // zero: the whole demo

	DB        *database.DB
	Access    *access.Service
	Contracts *contract.Service
	People    *people.Service
	Facts     *facts.Service
	Planning  *scheduling.Service
	Reports   *reporting.Service
	Billing   *billing.Service
	Live      *routing.Live

	// Dir is where workbooks are written.
	Dir string

	// Station is told how far the named station is, 0 to 1; it may be nil.
	Station func(name string, done float64)
}

// Size says how much is made up; a zero field means the figure of the whole demo.
type Size struct {
	Share        float64 // of agents and contacts, above 0; 1 for all
	HistoryWeeks int     // weeks of history, at least 5 so that a whole month and a back-test fit
	PlanWeeks    int     // weeks that are forecast and rostered
	Moves        int64   // of the roster's search: the same on every machine
	Replications int     // of the simulated week
}

// full fills the zero fields.
func (s Size) full() Size {
	whole := Size{Share: 1, HistoryWeeks: 13, PlanWeeks: 4, Moves: 400_000, Replications: 10}
	if s.Share <= 0 {
		s.Share = whole.Share
	}
	if s.HistoryWeeks <= 0 {
		s.HistoryWeeks = whole.HistoryWeeks
	}
	if s.PlanWeeks <= 0 {
		s.PlanWeeks = whole.PlanWeeks
	}
	if s.Moves <= 0 {
		s.Moves = whole.Moves
	}
	if s.Replications <= 0 {
		s.Replications = whole.Replications
	}
	return s
}

// agents gives how many of a group's agents there are, at least two.
func (s Size) agents(g groupPlan) int { return max(2, int(float64(g.agents)*s.Share+0.5)) }

// Line is one line of the summary, for people.
type Line struct {
	Label, Value string
}

// Summary is what a manager wants to know when the loop has run.
type Summary struct {
	Lines []Line
	Files []string
}

func (s *Summary) add(label, format string, args ...any) {
	s.Lines = append(s.Lines, Line{label, fmt.Sprintf(format, args...)})
}

// Run makes up the provider and runs the loop once.
func (d *Demo) Run(ctx context.Context) (*Summary, error) {
	d.Size = d.Size.full()
	var w *world
	var history *past
	l := &loop{}
	stations := []struct {
		name string
		run  func(ctx context.Context, progress func(float64)) error
	}{
		{"provider", func(ctx context.Context, p func(float64)) (err error) { w, err = d.build(ctx, p); return err }},
		{"history", func(ctx context.Context, p func(float64)) (err error) {
			history, err = w.simulate(ctx, d.Seed, p)
			return err
		}},
		{"records", func(ctx context.Context, p func(float64)) error { return d.record(ctx, w, history, p) }},
		{"facts", func(ctx context.Context, p func(float64)) error { return d.rollUp(ctx, p) }},
		{"forecast", func(ctx context.Context, p func(float64)) error { return d.forecast(ctx, w, l, p) }},
		{"staffing", func(ctx context.Context, p func(float64)) error { return d.staff(ctx, l, p) }},
		{"roster", func(ctx context.Context, p func(float64)) error { return d.rosterStation(ctx, l, p) }},
		{"simulation", func(ctx context.Context, p func(float64)) error { return d.simulate(ctx, l, p) }},
		{"publication", func(ctx context.Context, _ func(float64)) error { return d.publish(ctx, l) }},
		{"scorecards", func(ctx context.Context, p func(float64)) error { return d.report(ctx, w, l, p) }},
		{"invoices", func(ctx context.Context, p func(float64)) error { return d.invoice(ctx, w, l, p) }},
		{"routing", func(ctx context.Context, _ func(float64)) error { return d.route(ctx, w) }},
	}
	for _, s := range stations {
		d.tell(s.name, 0)
		if err := s.run(ctx, func(done float64) { d.tell(s.name, done) }); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		d.tell(s.name, 1)
	}
	return d.summarise(w, history, l)
}

func (d *Demo) tell(name string, done float64) {
	if d.Station != nil {
		d.Station(name, min(1, max(0, done)))
	}
}

// batch is how many drafts are written in one transaction.
const batch = 2000

// record writes the history as records.
func (d *Demo) record(ctx context.Context, w *world, p *past, progress func(float64)) error {
	if err := d.DB.EnsureMonths(ctx, calendar.Interval{Start: w.history.Start - calendar.Day, End: w.history.End + 60*calendar.Day}); err != nil {
		return err
	}
	memberships := map[ids.Agent]people.Membership{}
	staff, err := d.People.Staff(ctx, scope.Provider(), w.history.Start, w.first)
	if err != nil {
		return err
	}
	for _, s := range staff {
		memberships[s.Agent.ID] = s.Membership
	}
	book := records.NewBook(d.DB, func(a ids.Agent, _ calendar.Instant) people.Membership { return memberships[a] })
	total, done := 0, 0
	for _, v := range p.contacts {
		total += len(v)
	}
	for _, v := range p.states {
		total += len(v)
	}
	step := func(n int) { done += n; progress(float64(done) / float64(total)) }
	for _, c := range clientPlans {
		o := records.Origin{Client: w.clients[c.slug].ID, Source: source}
		if err := put(ctx, d.DB, p.contacts[c.slug], step, func(tx *database.Tx, part []records.ContactDraft) error {
			_, err := book.PutContacts(tx, o, part)
			return err
		}); err != nil {
			return err
		}
	}
	for _, slug := range append(slugs(), "") {
		o := records.Origin{Source: source}
		if slug != "" {
			o.Client = w.clients[slug].ID
		}
		drafts := p.states[slug]
		if err := put(ctx, d.DB, drafts, step, func(tx *database.Tx, part []records.StateDraft) error {
			_, err := book.PutStates(tx, o, part)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func slugs() []string {
	var out []string
	for _, c := range clientPlans {
		out = append(out, c.slug)
	}
	return out
}

// put writes drafts in batches of one transaction each.
func put[T any](ctx context.Context, db *database.DB, drafts []T, step func(int), write func(*database.Tx, []T) error) error {
	for part := range slices.Chunk(drafts, batch) {
		if err := db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return write(tx, part) }); err != nil {
			return err
		}
		step(len(part))
	}
	return nil
}

// rollUp computes the facts from the records.
func (d *Demo) rollUp(ctx context.Context, progress func(float64)) error {
	_, err := d.Facts.RollUp(ctx, func(done, left int64) {
		if all := done + left; all > 0 {
			progress(float64(done) / float64(all))
		}
	})
	return err
}
