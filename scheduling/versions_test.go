package scheduling_test

import (
	"context"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

func code(t *testing.T, err error, want string) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, fault.CodeOf(err), err.Error())
}

func TestAdjustmentsAreNamedAndUndone(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		before, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		tuesday := p.monday + 1
		g, err := p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "billing run", Kind: scheduling.DayTotal, Day: tuesday, Value: 500})
		require.NoError(p.t, err)
		require.Equal(p.t, f.ID, g.ID, "a draft changes in place")
		zone, err := calendar.Zone("Asia/Shanghai")
		require.NoError(p.t, err)
		total := func(id ids.Forecast) float64 {
			points, err := p.plan.ForecastPoints(ctx, all, id, ids.Queue{})
			require.NoError(p.t, err)
			sum := 0.0
			for _, v := range points {
				if tuesday.Span(zone).Contains(v.StartAt) {
					sum += v.Volume
				}
			}
			return sum
		}
		require.InDelta(p.t, 500, total(f.ID), 1e-6)
		span := calendar.Interval{Start: tuesday.At(0, zone), End: (tuesday + 2).At(0, zone)}
		g, err = p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "promotion", Kind: scheduling.Multiply, From: span.Start, To: span.End, Value: 3})
		require.NoError(p.t, err)
		require.InDelta(p.t, 1500, total(f.ID), 1e-6)
		require.Len(p.t, g.Settings.Adjustments, 2)
		_, err = p.plan.SetUndone(ctx, all, f.ID, g.Settings.Adjustments[0].ID, true)
		require.NoError(p.t, err)
		_, err = p.plan.SetUndone(ctx, all, f.ID, g.Settings.Adjustments[1].ID, true)
		require.NoError(p.t, err)
		after, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		require.Equal(p.t, before, after, "undoing everything is exact")
		_, err = p.plan.SetUndone(ctx, all, f.ID, g.Settings.Adjustments[1].ID, false)
		require.NoError(p.t, err)

		_, err = p.plan.PublishForecast(ctx, all, f.ID)
		require.NoError(p.t, err)
		_, err = p.plan.PublishForecast(ctx, all, f.ID)
		code(p.t, err, "forecast.wrong_status")
		published, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		next, err := p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "late news", Kind: scheduling.DayTotal, Day: tuesday, Value: 10})
		require.NoError(p.t, err)
		require.NotEqual(p.t, f.ID, next.ID, "a published version never changes")
		require.Equal(p.t, scheduling.Draft, next.Status)
		require.InDelta(p.t, 10, total(next.ID), 1e-6)
		still, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		require.Equal(p.t, published, still)

		for _, bad := range []struct {
			code string
			a    scheduling.Adjustment
		}{
			{"forecast.adjustment_name", scheduling.Adjustment{Kind: scheduling.DayTotal, Day: tuesday, Value: 1}},
			{"forecast.adjustment_kind", scheduling.Adjustment{Name: "x", Kind: "guess", Day: tuesday, Value: 1}},
			{"forecast.adjustment_value", scheduling.Adjustment{Name: "x", Kind: scheduling.DayTotal, Day: tuesday, Value: -1}},
			{"forecast.adjustment_span", scheduling.Adjustment{Name: "x", Kind: scheduling.DayTotal, Day: tuesday + 100, Value: 1}},
			{"forecast.nothing_to_spread", scheduling.Adjustment{Name: "x", Kind: scheduling.DayTotal, Day: p.monday + 6, Value: 5}},
		} {
			_, err := p.plan.AdjustForecast(ctx, all, next.ID, bad.a)
			code(p.t, err, bad.code)
		}
	})
}

func TestRosterVersions(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r := p.rostered(p.planned())
		shifts, err := p.plan.Shifts(ctx, all, r.ID, 0, 0)
		require.NoError(p.t, err)
		first := shifts[0]

		// A day off is a legal change; it takes the shift's coverage away.
		off := scheduling.Cell{AgentID: first.AgentID, Day: first.BusinessDay}
		dry, err := p.plan.EditCell(ctx, all, r.ID, off, true, false)
		require.NoError(p.t, err)
		require.False(p.t, dry.Stored)
		require.NotEmpty(p.t, dry.Coverage)
		done, err := p.plan.EditCell(ctx, all, r.ID, off, false, false)
		require.NoError(p.t, err)
		require.True(p.t, done.Stored)
		require.Equal(p.t, r.Edition+1, done.Edition)
		now, err := p.plan.Shifts(ctx, all, r.ID, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, now, len(shifts)-1)
		p.coverageAgrees(r.ID)

		// The shift comes back with breaks and work placed, and is pinned.
		back, err := p.plan.EditCell(ctx, all, r.ID, scheduling.Cell{AgentID: first.AgentID, Day: first.BusinessDay, Template: first.Template, StartAt: first.StartAt}, false, false)
		require.NoError(p.t, err)
		require.True(p.t, back.Stored, "%+v", back.Violations)
		require.True(p.t, back.Cells[0].After.Pinned)
		require.Equal(p.t, first.EndAt, back.Cells[0].After.EndAt)
		require.Greater(p.t, len(back.Cells[0].After.Activities), 3)
		p.coverageAgrees(r.ID)

		// A start that takes the rest away breaks a hard rule and is not stored without force.
		var second scheduling.Shift
		for _, s := range shifts[1:] {
			if s.AgentID == first.AgentID && s.BusinessDay == first.BusinessDay+1 {
				second = s
			}
		}
		require.False(p.t, second.ID.IsZero(), "the first agent works two days in a row")
		late := scheduling.Cell{AgentID: first.AgentID, Day: first.BusinessDay, Template: "dalian/late", StartAt: first.BusinessDay.At(15*60, shanghai(p.t))}
		tight := scheduling.Cell{AgentID: first.AgentID, Day: second.BusinessDay, Template: "dalian/day", StartAt: second.BusinessDay.At(6*60, shanghai(p.t))}
		_, err = p.plan.EditCell(ctx, all, r.ID, late, false, true)
		require.NoError(p.t, err)
		refused, err := p.plan.EditCell(ctx, all, r.ID, tight, false, false)
		require.NoError(p.t, err)
		require.False(p.t, refused.Stored)
		require.Equal(p.t, "rest-11h", refused.Violations[0].Rule)
		require.True(p.t, refused.Violations[0].Hard)
		require.NotEmpty(p.t, refused.Violations[0].Reason)
		_, err = p.plan.EditCell(ctx, all, r.ID, scheduling.Cell{AgentID: first.AgentID, Day: first.BusinessDay, Template: "nonsense", StartAt: first.StartAt}, false, false)
		code(p.t, err, "roster.unknown_template")

		_, err = p.plan.PublishRoster(ctx, all, r.ID)
		require.NoError(p.t, err)
		_, err = p.plan.EditCell(ctx, all, r.ID, off, false, false)
		code(p.t, err, "roster.not_draft")
		next, err := p.plan.ReviseRoster(ctx, all, r.ID, ids.User{})
		require.NoError(p.t, err)
		require.Equal(p.t, 2, next.Version)
		require.Equal(p.t, r.ID, next.BasedOn)
		_, err = p.plan.EditCell(ctx, all, next.ID, off, false, false)
		require.NoError(p.t, err)
		inForce := p.ownDays(first.AgentID)
		require.True(p.t, inForce[first.BusinessDay], "a draft changes nothing for people")
		_, err = p.plan.PublishRoster(ctx, all, next.ID)
		require.NoError(p.t, err)
		require.False(p.t, p.ownDays(first.AgentID)[first.BusinessDay], "the version published last counts")
		_, err = p.plan.LockRoster(ctx, all, next.ID)
		require.NoError(p.t, err)
		_, err = p.plan.LockRoster(ctx, all, next.ID)
		code(p.t, err, "roster.wrong_status")
	})
}

func shanghai(t *testing.T) *time.Location {
	t.Helper()
	zone, err := calendar.Zone("Asia/Shanghai")
	require.NoError(t, err)
	return zone
}

// ownDays gives the business days an agent works by the rosters in force.
func (p *provider) ownDays(agent ids.Agent) map[calendar.Date]bool {
	p.t.Helper()
	own, err := p.plan.OwnShifts(p.t.Context(), agent, calendar.Interval{Start: p.origin, End: p.origin + 14*calendar.Day})
	require.NoError(p.t, err)
	out := map[calendar.Date]bool{}
	for _, s := range own.Shifts {
		out[s.BusinessDay] = true
	}
	return out
}

// coverageAgrees checks stored coverage against the activities.
func (p *provider) coverageAgrees(id ids.Roster) {
	p.t.Helper()
	shifts, err := p.plan.Shifts(p.t.Context(), all, id, 0, 0)
	require.NoError(p.t, err)
	type key struct {
		queue ids.Queue
		at    calendar.Instant
	}
	want := map[key]float64{}
	for _, s := range shifts {
		for _, a := range s.Activities {
			for at := a.StartAt; at < a.EndAt && !a.QueueID.IsZero(); at += calendar.Quarter {
				want[key{a.QueueID, at}]++
			}
		}
	}
	cover, err := p.plan.Coverage(p.t.Context(), all, id, ids.Client{}, calendar.Interval{})
	require.NoError(p.t, err)
	got := map[key]float64{}
	for _, c := range cover {
		if c.Scheduled != 0 {
			got[key{c.QueueID, c.StartAt}] = c.Scheduled
		}
	}
	require.Equal(p.t, want, got)
}

func TestCalendarFeed(t *testing.T) {
	p := openProvider(t, databasetest.OpenSQLite(t))
	ctx := t.Context()
	r := p.rostered(p.planned())
	_, err := p.plan.PublishRoster(ctx, all, r.ID)
	require.NoError(t, err)
	agent := p.agents[0].ID
	text, err := p.plan.CalendarFeed(ctx, agent)
	require.NoError(t, err)
	cal, err := ical.ParseCalendar(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, cal.Events(), len(p.ownDays(agent)))
	require.Contains(t, text, "BEGIN:VTIMEZONE")
	require.Contains(t, text, "TZOFFSETTO:+0800")
	first := cal.Events()[0]
	require.Contains(t, first.GetProperty(ical.ComponentPropertySummary).Value, "Client 0")
	again, err := p.plan.CalendarFeed(ctx, agent)
	require.NoError(t, err)
	require.Equal(t, text, again, "the feed repeats")
	for line := range strings.SplitSeq(text, "\r\n") {
		require.LessOrEqual(t, len(line), 75, "lines are folded")
	}

	table, err := p.plan.ExchangeCSV(ctx, all, r.ID)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(table))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"source", "skillcombination", "startdatetime", "enddatetime", "agents"}, rows[0])
	require.Contains(t, string(table), "dalian,skill-0+skill-1,2026-03-0")
}

func TestClientsSeeTheirOwnPlanningOnly(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r := p.rostered(p.planned())
		mine, theirs := scope.Clients(p.clients[0].ID), p.clients[1].ID
		forecasts, err := p.plan.Forecasts(ctx, mine, ids.Client{}, true)
		require.NoError(p.t, err)
		require.Len(p.t, forecasts, 1)
		require.Equal(p.t, p.clients[0].ID, forecasts[0].ClientID)
		others, err := p.plan.Forecasts(ctx, all, theirs, true)
		require.NoError(p.t, err)
		_, err = p.plan.Forecast(ctx, mine, others[0].ID)
		code(p.t, err, "forecast.not_found")
		points, err := p.plan.ForecastPoints(ctx, mine, others[0].ID, ids.Queue{})
		require.NoError(p.t, err)
		require.Empty(p.t, points)
		_, err = p.plan.CreateForecast(ctx, mine, scheduling.NewForecast{Client: theirs, Origin: p.origin}, nil)
		code(p.t, err, "client.not_found")
		_, err = p.plan.Roster(ctx, mine, r.ID)
		code(p.t, err, "roster.not_found")
		cover, err := p.plan.Coverage(ctx, mine, r.ID, ids.Client{}, calendar.Interval{})
		require.NoError(p.t, err)
		require.NotEmpty(p.t, cover)
		for _, c := range cover {
			require.Equal(p.t, p.clients[0].ID, c.ClientID)
		}
		var activities []scheduling.Activity
		require.NoError(p.t, p.db.Read(ctx, mine, func(tx *database.Tx) error { return tx.Find(&activities).Error }))
		require.NotEmpty(p.t, activities)
		for _, a := range activities {
			require.Equal(p.t, p.clients[0].ID, a.ClientID)
		}
	})
}

func TestJobsDoTheSteps(t *testing.T) {
	each(t, func(p *provider) {
		pool := jobs.NewPool(p.queue, jobs.Options{Workers: 1, Poll: 20 * time.Millisecond})
		p.plan.Handlers(pool)
		ctx, stop := context.WithCancel(p.t.Context())
		ended := make(chan error, 1)
		go func() { ended <- pool.Run(ctx) }()
		defer func() { stop(); require.NoError(p.t, <-ended) }()
		job, err := p.plan.EnqueueForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: 14})
		require.NoError(p.t, err)
		job, err = p.queue.Await(ctx, all, job.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, jobs.Done, job.Status, "%+v", job.Error)
		var made scheduling.Made
		require.NoError(p.t, job.DecodeResult(&made))
		id, err := ids.Parse[struct{}](made.ID)
		require.NoError(p.t, err)
		f, err := p.plan.Forecast(ctx, all, ids.Forecast(id))
		require.NoError(p.t, err)
		plan, err := p.plan.CreatePlan(ctx, all, scheduling.NewPlan{Forecast: f.ID}, nil)
		require.NoError(p.t, err)

		// A solve that would take an hour ends when it is cancelled and stores nothing.
		job, err = p.plan.EnqueueRoster(ctx, all, scheduling.NewRoster{Plans: []ids.Staffing{plan.ID}, From: p.monday, Days: 14, Seconds: 3600})
		require.NoError(p.t, err)
		require.Eventually(p.t, func() bool {
			j, err := p.queue.Get(ctx, all, job.ID)
			return err == nil && j.Status == jobs.Working
		}, 20*time.Second, 10*time.Millisecond)
		_, err = p.queue.Cancel(ctx, all, job.ID)
		require.NoError(p.t, err)
		job, err = p.queue.Await(ctx, all, job.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, jobs.Cancelled, job.Status)
		rosters, err := p.plan.Rosters(ctx, all)
		require.NoError(p.t, err)
		require.Empty(p.t, rosters)
	})
}
