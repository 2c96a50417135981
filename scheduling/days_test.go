package scheduling_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/scheduling"
	"muster/scheduling/holidays"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// multiply changes the facts of a queue on a date.
func (p *provider) multiply(queue ids.Queue, day calendar.Date, factor int64) {
	p.t.Helper()
	span := day.Span(shanghai(p.t))
	require.NoError(p.t, p.db.Write(p.t.Context(), all, func(tx *database.Tx) error {
		var rows []facts.QueueFact
		if err := tx.Where("queue_id = ? AND start_at >= ? AND start_at < ?", queue, span.Start, span.End).Find(&rows).Error; err != nil {
			return err
		}
		if err := tx.Where("queue_id = ? AND start_at >= ? AND start_at < ?", queue, span.Start, span.End).Delete(&facts.QueueFact{}).Error; err != nil {
			return err
		}
		for i := range rows {
			rows[i].Offered *= factor
		}
		if factor == 0 {
			return nil
		}
		_, err := database.Insert(tx, rows)
		return err
	}))
}

func TestHistoryProposesSpecialDays(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client, queue := p.t.Context(), p.clients[0].ID, p.queues[0].ID
		none, err := p.plan.ProposeDays(ctx, all, client)
		require.NoError(p.t, err)
		require.Empty(p.t, none, "Poisson noise is no special day")
		busy, quiet := p.monday-19, p.monday-34 // a Wednesday and a Tuesday
		p.multiply(queue, busy, 3)
		p.multiply(queue, quiet, 0)
		found, err := p.plan.ProposeDays(ctx, all, client)
		require.NoError(p.t, err)
		require.Len(p.t, found, 2)
		require.Equal(p.t, busy, found[0].Day, "the latest comes first")
		require.InDelta(p.t, 3, found[0].Size, 0.5)
		require.NotEmpty(p.t, found[0].Reason)
		require.NotEmpty(p.t, found[0].Tag)
		require.Zero(p.t, found[1].Actual)
		again, err := p.plan.ProposeDays(ctx, all, client)
		require.NoError(p.t, err)
		require.Len(p.t, again, 2)

		done, err := p.plan.DecideProposal(ctx, all, again[0].ID, scheduling.Decision{Accept: true, Tag: "launch"})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.ProposalAccepted, done.Status)
		_, err = p.plan.DecideProposal(ctx, all, again[0].ID, scheduling.Decision{})
		code(p.t, err, "proposal.decided")
		_, err = p.plan.DecideProposal(ctx, all, again[1].ID, scheduling.Decision{})
		require.NoError(p.t, err)
		calendars, err := p.plan.Calendars(ctx, all, client)
		require.NoError(p.t, err)
		require.Equal(p.t, []calendar.SpecialDay{{Date: busy, Kind: calendar.DayTagged, Tag: "launch", Name: done.Name}}, calendars[0].Special)
		left, err := p.plan.ProposeDays(ctx, all, client)
		require.NoError(p.t, err)
		require.Empty(p.t, left, "what was decided does not come back")
		every, err := p.plan.DayProposals(ctx, all, client, "")
		require.NoError(p.t, err)
		require.Len(p.t, every, 2)
		_, err = p.plan.DecideProposal(ctx, scope.Clients(p.clients[1].ID), again[1].ID, scheduling.Decision{})
		code(p.t, err, "proposal.not_found")
	})
}

func TestCalendarsAreEditedByVersion(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		all0, err := p.plan.Calendars(ctx, all, p.clients[0].ID)
		require.NoError(p.t, err)
		c := all0[0]
		require.Equal(p.t, "Hours", c.Name)
		event := scheduling.CalendarEvent{Name: "Mailing", From: p.monday, To: p.monday + 1, Size: 2}
		edit := scheduling.CalendarEdit{Zone: c.Zone, Hours: c.Hours, Special: []calendar.SpecialDay{{Date: p.monday + 2, Kind: calendar.DayClosed, Tag: "founders", Name: "Founders' day"}}, Events: []scheduling.CalendarEvent{event}}
		plain, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		d, err := p.plan.ReplaceCalendar(ctx, all, c.ID, c.Version, edit)
		require.NoError(p.t, err)
		require.Equal(p.t, c.Version+1, d.Version)
		require.Len(p.t, d.Events, 1)
		_, err = p.plan.ReplaceCalendar(ctx, all, c.ID, c.Version, edit)
		code(p.t, err, "calendar.stale")
		edit.Events = nil
		d, err = p.plan.ReplaceCalendar(ctx, all, c.ID, d.Version, edit)
		require.NoError(p.t, err)
		require.Len(p.t, d.Events, 1, "nil keeps the events")
		moved, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		a, b := p.volumes(plain.ID)[p.queues[0].ID], p.volumes(moved.ID)[p.queues[0].ID]
		require.Len(p.t, b, len(a)-36, "Wednesday is closed")
		// Thursday and Friday are the measure: other terms in the model move the level a little.
		require.InDelta(p.t, 2*sum(a[:72])/sum(a[108:180]), sum(b[:72])/sum(b[72:144]), 0.25, "the mailing doubles its days")

		for want, bad := range map[string]func(*scheduling.CalendarEdit){
			"planning.unknown_zone": func(e *scheduling.CalendarEdit) { e.Zone = "Nowhere" },
			"calendar.day_twice":    func(e *scheduling.CalendarEdit) { e.Special = append(e.Special, e.Special[0]) },
			"calendar.day": func(e *scheduling.CalendarEdit) {
				e.Special = []calendar.SpecialDay{{Date: p.monday, Kind: calendar.DayOpen}}
			},
			"calendar.event": func(e *scheduling.CalendarEdit) {
				e.Events = []scheduling.CalendarEvent{{Name: "x", From: p.monday, To: p.monday - 1}}
			},
			"calendar.invalid": func(e *scheduling.CalendarEdit) { e.Hours = []calendar.Hours{{Open: 600, Close: 500}} },
		} {
			e := scheduling.CalendarEdit{Zone: c.Zone, Hours: c.Hours, Special: edit.Special}
			bad(&e)
			_, err := p.plan.ReplaceCalendar(ctx, all, c.ID, d.Version, e)
			code(p.t, err, want)
		}
		_, err = p.plan.CalendarOf(ctx, scope.Clients(p.clients[1].ID), c.ID)
		code(p.t, err, "calendar.not_found")
	})
}

func TestPresetsAreReplacedAndPreviewed(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		shipped, err := p.plan.Presets(ctx)
		require.NoError(p.t, err)
		require.Len(p.t, shipped, 5)
		calendars, err := p.plan.Calendars(ctx, all, p.clients[0].ID)
		require.NoError(p.t, err)
		id := calendars[0].ID
		year := scheduling.DaySource{Preset: "cn", Kind: calendar.DayClosed, From: calendar.NewDate(2026, 1, 1), To: calendar.NewDate(2027, 1, 1)}
		preview, err := p.plan.PreviewDays(ctx, all, id, year)
		require.NoError(p.t, err)
		working := 0
		for _, d := range preview {
			require.Equal(p.t, "new", d.Change)
			y, _, _ := d.Day.Date.Parts()
			require.Equal(p.t, 2026, y)
			if d.Day.Kind == calendar.DayOpen {
				working++
			}
		}
		require.Positive(p.t, working, "make-up working days are open")
		_, n, err := p.plan.ImportDays(ctx, all, id, year)
		require.NoError(p.t, err)
		require.Equal(p.t, len(preview), n)
		preview, err = p.plan.PreviewDays(ctx, all, id, year)
		require.NoError(p.t, err)
		require.Equal(p.t, "same", preview[0].Change)

		own := holidays.Preset{ID: "cn", Name: "Ours", Source: "board decision", From: 2026, To: 2026, Days: []holidays.Day{{Date: calendar.NewDate(2026, 1, 1), Name: "New year", Tag: "new-year"}}}
		stored, err := p.plan.PutPreset(ctx, own, 0, ids.User{})
		require.NoError(p.t, err)
		require.True(p.t, stored.Own)
		_, err = p.plan.PutPreset(ctx, own, 0, ids.User{})
		code(p.t, err, "holidays.stale")
		preview, err = p.plan.PreviewDays(ctx, all, id, year)
		require.NoError(p.t, err)
		require.Len(p.t, preview, 1)
		require.Equal(p.t, "replaced", preview[0].Change)
		require.NoError(p.t, p.plan.DropPreset(ctx, "cn"))
		code(p.t, p.plan.DropPreset(ctx, "cn"), "holidays.not_found")
		again, err := p.plan.Presets(ctx)
		require.NoError(p.t, err)
		require.Equal(p.t, shipped, again)
		own.Days[0].Tag = ""
		_, err = p.plan.PutPreset(ctx, own, 0, ids.User{})
		code(p.t, err, "holidays.day")
		year.Preset = "xx"
		_, err = p.plan.PreviewDays(ctx, all, id, year)
		code(p.t, err, "holidays.unknown")
	})
}

func TestTheNightTrainsBesideWhatIsPublished(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		f := p.published(28)
		before := p.volumes(f.ID)
		p.multiply(p.queues[0].ID, p.monday-19, 3)
		pool := jobs.NewPool(p.queue, jobs.Options{Workers: 1, Poll: 20 * time.Millisecond})
		p.plan.Handlers(pool)
		require.NoError(p.t, p.plan.Nightly(ctx, "UTC", pool))
		runs, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- pool.Run(runs) }()
		defer func() { stop(); require.NoError(p.t, <-ended) }()
		job, err := p.plan.EnqueueRetrain(ctx, all, client, ids.User{})
		require.NoError(p.t, err)
		job, err = p.queue.Await(ctx, all, job.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, jobs.Done, job.Status, "%+v", job.Error)

		reports, err := p.plan.ForecastReports(ctx, all, client, 0)
		require.NoError(p.t, err)
		require.Len(p.t, reports, 1)
		r := reports[0].Report
		require.Empty(p.t, r.Error, r.Detail)
		require.Equal(p.t, f.ID, r.Published)
		require.Len(p.t, r.Queues, 1)
		require.NotEmpty(p.t, r.Queues[0].Backtest)
		require.NotNil(p.t, r.Queues[0].Promised)
		require.NotEmpty(p.t, r.Queues[0].Weeks)
		for _, w := range r.Queues[0].Weeks {
			require.InDelta(p.t, w.Fresh/w.Published-1, *w.Share, 1e-9)
		}
		require.Equal(p.t, 1, r.Proposals)
		draft, err := p.plan.Forecast(ctx, all, reports[0].ForecastID)
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Draft, draft.Status)
		require.True(p.t, draft.Settings.Nightly)
		require.Equal(p.t, before, p.volumes(f.ID), "the published version is not touched")
		stays, err := p.plan.Forecast(ctx, all, f.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Published, stays.Status)
	})
}

func TestOldNightlyDraftsGo(t *testing.T) {
	p := openProviderSQLite(t)
	ctx, client := t.Context(), p.clients[0].ID
	night := func() scheduling.ForecastReport {
		r, err := p.plan.Retrain(ctx, all, client, ids.User{}, nil)
		require.NoError(t, err)
		return r
	}
	used := night().ForecastID
	_, err := p.plan.AdjustForecast(ctx, all, used, scheduling.Adjustment{Name: "kept", Kind: scheduling.DayTotal, Day: p.monday, Value: 100})
	require.NoError(t, err)
	first := night().ForecastID
	for range 7 {
		night()
	}
	_, err = p.plan.Forecast(ctx, all, first)
	code(t, err, "forecast.not_found")
	_, err = p.plan.Forecast(ctx, all, used)
	require.NoError(t, err, "a draft that somebody worked on stays")
	drafts, err := p.plan.Forecasts(ctx, all, client, true)
	require.NoError(t, err)
	require.Len(t, drafts, 8)

	// A client without history gets a report that says so.
	require.NoError(t, p.db.Write(ctx, all, func(tx *database.Tx) error {
		return tx.Where("client_id = ?", p.clients[1].ID).Delete(&facts.QueueFact{}).Error
	}))
	r, err := p.plan.Retrain(ctx, all, p.clients[1].ID, ids.User{}, nil)
	require.NoError(t, err)
	require.Equal(t, "forecast.no_history", r.Report.Error)
	require.True(t, r.ForecastID.IsZero())
}

func TestAccuracyByVersionAndLead(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[1].ID, Origin: p.origin - 14*calendar.Day, Days: 14}, nil)
		require.NoError(p.t, err)
		_, err = p.plan.PublishForecast(ctx, all, f.ID)
		require.NoError(p.t, err)
		weeks, err := p.plan.Accuracies(ctx, all, scheduling.AccuracyQuery{Forecast: f.ID})
		require.NoError(p.t, err)
		require.Len(p.t, weeks, 6)
		for _, w := range weeks {
			require.Positive(p.t, *w.MASE)
			require.Less(p.t, *w.MASE, 1.0, "repeating last week errs more")
		}
		leads, err := p.plan.AccuracyByLead(ctx, all, scheduling.AccuracyQuery{Client: p.clients[1].ID}, true)
		require.NoError(p.t, err)
		require.Len(p.t, leads, 3*4, "two leads and their sum, for three queues and all together")
		total, actual := leads[0], 0.0
		require.True(p.t, total.QueueID.IsZero())
		require.Equal(p.t, -1, total.WeeksAhead)
		abs := 0.0
		for _, w := range weeks {
			actual += w.Actual
			abs += *w.WAPE * w.Actual
		}
		require.InDelta(p.t, actual, total.Actual, 1e-6)
		require.InDelta(p.t, abs/actual, *total.WAPE, 1e-9)
		require.InDelta(p.t, total.Forecast/total.Actual-1, *total.Bias, 1e-9)
		text, err := p.plan.AccuracyCSV(ctx, all, scheduling.AccuracyQuery{})
		require.NoError(p.t, err)
		require.Contains(p.t, string(text), "week,client-1,engine,1,voice,2026-02-23,1,")
		require.Contains(p.t, string(text), "lead,client-1,engine,,all,,0,")
		hidden, err := p.plan.Accuracies(ctx, scope.Clients(p.clients[0].ID), scheduling.AccuracyQuery{Forecast: f.ID})
		require.NoError(p.t, err)
		require.Empty(p.t, hidden)
	})
}
