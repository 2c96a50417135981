package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"

	"muster/billing"
	"muster/reporting"
	"muster/reporting/measure"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// loop is what the stations after the history hand on.
type loop struct {
	forecasts  map[string]scheduling.Forecast
	plans      []ids.Staffing
	roster     scheduling.Roster
	simulation scheduling.Simulation
	cards      map[string]reporting.Scorecard
	invoices   []billing.Invoice
	files      []string
}

// forecast publishes last week's forecast, made from what was known before it, and
// the forecast of the weeks to plan.
func (d *Demo) forecast(ctx context.Context, w *world, l *loop, progress func(float64)) error {
	all := scope.Provider()
	l.forecasts = map[string]scheduling.Forecast{}
	for i, p := range clientPlans {
		c := w.clients[p.slug]
		zone, err := zoneOf(p.zone)
		if err != nil {
			return err
		}
		for n, ask := range []scheduling.NewForecast{
			{Client: c.ID, Name: "Last week", Origin: (d.Monday - 7).At(0, zone), From: d.Monday - 7, Days: 7},
			{Client: c.ID, Name: "Next weeks", Origin: d.Monday.At(0, zone), From: d.Monday, Days: d.Size.PlanWeeks * 7},
		} {
			share := float64(len(clientPlans) * 2)
			f, err := d.Planning.CreateForecast(ctx, all, ask, func(done float64, _ string) { progress((float64(2*i+n) + done) / share) })
			if err != nil {
				return fmt.Errorf("%s: %w", p.slug, err)
			}
			if f, err = d.Planning.PublishForecast(ctx, all, f.ID); err != nil {
				return err
			}
			l.forecasts[p.slug] = f
		}
		if _, err := d.Planning.PutCommitmentTerms(ctx, all, c.ID, d.Monday-400, scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: scheduling.TypicalStages()}, ids.User{}); err != nil {
			return err
		}
		if f, err := d.Planning.CommitForecast(ctx, all, l.forecasts[p.slug].ID, scheduling.CommitRequest{}); err == nil {
			l.forecasts[p.slug] = f
		} else {
			return err
		}
	}
	return nil
}

// staff computes the requirement of every forecast.
func (d *Demo) staff(ctx context.Context, l *loop, progress func(float64)) error {
	for i, p := range clientPlans {
		plan, err := d.Planning.CreatePlan(ctx, scope.Provider(), scheduling.NewPlan{Forecast: l.forecasts[p.slug].ID}, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", p.slug, err)
		}
		l.plans = append(l.plans, plan.ID)
		progress(float64(i+1) / float64(len(clientPlans)))
	}
	return nil
}

// rosterStation builds the roster of all clients at once.
func (d *Demo) rosterStation(ctx context.Context, l *loop, progress func(float64)) (err error) {
	l.roster, err = d.Planning.CreateRoster(ctx, scope.Provider(), scheduling.NewRoster{Name: "Weeks from " + d.Monday.String(), Plans: l.plans, From: d.Monday, Days: d.Size.PlanWeeks * 7, Seed: d.Seed, Moves: d.Size.Moves, Threads: 1},
		func(done float64, _ string) { progress(done) })
	return err
}

// simulate plays the first week of the roster on the routing engine.
func (d *Demo) simulate(ctx context.Context, l *loop, progress func(float64)) (err error) {
	l.simulation, err = d.Planning.Simulate(ctx, scope.Provider(), scheduling.NewSimulation{Roster: l.roster.ID, Days: 7, Replications: d.Size.Replications, Seed: d.Seed}, func(done float64, _ string) { progress(done) })
	return err
}

// publish puts the roster in force.
func (d *Demo) publish(ctx context.Context, l *loop) (err error) {
	l.roster, err = d.Planning.PublishRoster(ctx, scope.Provider(), l.roster.ID)
	return err
}

// lastMonth gives the billing month that ended last before the plan begins.
func (d *Demo) lastMonth() calendar.Date {
	year, month, _ := d.Monday.Parts()
	return calendar.NewDate(year, month, 1) - 1
}

// report computes the scorecards of the last month.
func (d *Demo) report(ctx context.Context, w *world, l *loop, progress func(float64)) error {
	l.cards = map[string]reporting.Scorecard{}
	from, until := billing.PeriodAround(d.lastMonth(), 1)
	for i, p := range clientPlans {
		card, err := d.Reports.Scorecard(ctx, scope.Provider(), w.clients[p.slug].ID, from, until)
		if err != nil {
			return fmt.Errorf("%s: %w", p.slug, err)
		}
		l.cards[p.slug] = card
		progress(float64(i+1) / float64(len(clientPlans)))
	}
	return nil
}

// invoice drafts the last month for every client, issues all but the last and writes the workbooks.
func (d *Demo) invoice(ctx context.Context, w *world, l *loop, progress func(float64)) error {
	all := scope.Provider()
	for i, p := range clientPlans {
		v, err := d.Billing.DraftInvoice(ctx, all, billing.DraftInput{Client: w.clients[p.slug].ID, On: d.lastMonth()})
		if err != nil {
			return fmt.Errorf("%s: %w", p.slug, err)
		}
		if i < len(clientPlans)-1 { // the last one is left for finance to review
			if v, err = d.Billing.Review(ctx, all, v.ID, v.Version, ids.User{}); err != nil {
				return err
			}
			if v, err = d.Billing.Issue(ctx, all, v.ID, v.Version, ids.User{}); err != nil {
				return err
			}
		}
		l.invoices = append(l.invoices, v)
		name, content, err := d.Billing.Export(ctx, all, v.ID, "")
		if err != nil {
			return err
		}
		path := filepath.Join(d.Dir, "invoices", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		l.files = append(l.files, path)
		progress(float64(i+1) / float64(len(clientPlans)))
	}
	return nil
}

// summarise says what happened in figures a manager asks for.
func (d *Demo) summarise(w *world, history *past, l *loop) (*Summary, error) {
	out := &Summary{Files: l.files}
	contacts, states := 0, 0
	for _, v := range history.contacts {
		contacts += len(v)
	}
	for _, v := range history.states {
		states += len(v)
	}
	out.add("History", "%d contacts and %d agent states of %d agents in %d weeks", contacts, states, len(w.byNumber), w.size.HistoryWeeks)
	for _, p := range clientPlans {
		for _, line := range l.cards[p.slug].Lines {
			out.add(p.name, "%-14s %9s  target %6s  %s", line.Measure.Key, figure(line.Definition.Unit, line.Value), figure(line.Definition.Unit, &line.Target), line.Status)
		}
	}
	s := l.roster.Summary
	out.add("Roster", "%d shifts, %.1f %% of the required hours covered, %d of %d intervals short, %d hard rules broken", s.Shifts, percent(s.MetMinutes, s.RequiredMinutes), s.Short, s.Intervals, s.Score["hard"])
	for _, c := range l.simulation.Summary.Clients {
		out.add("Simulated week", "%s: service level %.1f %% (%.1f to %.1f)", w.nameOf(c.ClientID), 100*c.ServiceLevel.Mean, 100*c.ServiceLevel.Low, 100*c.ServiceLevel.High)
	}
	totals := map[money.Currency]int64{}
	for _, v := range l.invoices {
		totals[v.Currency] += v.TotalMinor
		label := v.Label()
		if label == "" {
			label = "draft"
		}
		out.add("Invoice", "%s %s: %s", w.nameOf(v.ClientID), label, v.Total())
	}
	if len(l.invoices) != len(clientPlans) {
		return nil, errors.New("an invoice is missing")
	}
	return out, nil
}

// figure renders a measure's value in its unit.
func figure(unit measure.Unit, v *decimal.Decimal) string {
	switch {
	case v == nil:
		return "nothing"
	case unit == measure.Share:
		return v.Shift(2).StringFixed(1) + " %"
	}
	return v.StringFixed(1) + " s"
}

func percent(part, whole int64) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

// nameOf gives the name of a client by its id.
func (w *world) nameOf(id ids.Client) string {
	for _, c := range w.clients {
		if c.ID == id {
			return c.Name
		}
	}
	return id.String()
}
