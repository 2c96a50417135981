package scheduling_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

func TestLongRangeIsAVersionWhoseQueuesAddUp(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		client := p.clients[1].ID
		job := p.worked(func(ctx context.Context) (jobs.Job, error) {
			return p.plan.EnqueueLongForecast(ctx, all, scheduling.NewLongForecast{Client: client, From: p.monday - 7})
		})
		var made struct{ ID ids.LongRange }
		require.NoError(p.t, job.DecodeResult(&made))

		weeks, err := p.plan.LongTable(ctx, all, made.ID, scheduling.LongByWeek)
		require.NoError(p.t, err)
		require.Equal(p.t, 1, weeks.Forecast.Version)
		require.Len(p.t, weeks.Periods, 64)
		require.Len(p.t, weeks.Rows, 4, "the total and three queues")
		daily, err := p.plan.LongTable(ctx, all, made.ID, scheduling.LongByDay)
		require.NoError(p.t, err)
		require.Len(p.t, daily.Periods, 64*7)
		for k := range weeks.Periods {
			sum, days := 0.0, 0.0
			for _, r := range weeks.Rows[1:] {
				sum += r.Volume[k]
			}
			for d := 7 * k; d < 7*k+7; d++ {
				days += daily.Rows[0].Volume[d]
			}
			require.InDelta(p.t, weeks.Rows[0].Volume[k], sum, 1e-6)
			require.InDelta(p.t, weeks.Rows[0].Volume[k], days, 1e-6)
			require.LessOrEqual(p.t, weeks.Rows[0].Low[k], weeks.Rows[0].Volume[k])
			require.Greater(p.t, weeks.Rows[0].High[k], weeks.Rows[0].Volume[k])
		}
		require.Zero(p.t, daily.Rows[0].Volume[6], "closed on Sundays")
		// The first week is over but for its Sunday, on which the clock stands; of the year before nothing is known.
		require.NotNil(p.t, daily.Rows[0].Actual[0])
		require.InEpsilon(p.t, *daily.Rows[0].Actual[0], daily.Rows[0].Volume[0], 0.3)
		require.Nil(p.t, weeks.Rows[0].Actual[0])
		require.Nil(p.t, weeks.Rows[0].LastYear[0])
		// The history began ten weeks before: a year later it is last year's.
		require.NotNil(p.t, weeks.Rows[0].LastYear[52-9])
		require.Nil(p.t, weeks.Rows[0].LastYear[63])

		text, err := p.plan.LongCSV(ctx, all, made.ID, scheduling.LongByWeek)
		require.NoError(p.t, err)
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		require.NoError(p.t, err)
		require.Len(p.t, rows, 1+4*64)
		require.Equal(p.t, "TOTAL", rows[1][0])
		content, err := p.plan.LongWorkbook(ctx, all, made.ID)
		require.NoError(p.t, err)
		book, err := excelize.OpenReader(bytes.NewReader(content))
		require.NoError(p.t, err)
		require.Equal(p.t, []string{"muster", "week", "day"}, book.GetSheetList())
		cell, err := book.GetCellValue("week", "A2")
		require.NoError(p.t, err)
		require.Equal(p.t, (p.monday - 7).String(), cell)
		require.NoError(p.t, book.Close())
	})
}

func TestLongRangeRefusesWhatItCannotForecast(t *testing.T) {
	t.Parallel()
	p := openProviderSQLite(t)
	ctx, client := t.Context(), p.clients[0].ID
	for _, bad := range []struct {
		code string
		in   scheduling.NewLongForecast
	}{
		{"forecast.weeks", scheduling.NewLongForecast{Client: client, Weeks: 105}},
		{"forecast.weeks", scheduling.NewLongForecast{Client: client, Weeks: -1}},
		{"forecast.after_history", scheduling.NewLongForecast{Client: client, From: p.monday + 30}},
		{"forecast.no_history", scheduling.NewLongForecast{Client: client, From: calendar.NewDate(2020, time.January, 1)}},
	} {
		_, err := p.plan.CreateLongForecast(ctx, all, bad.in, nil)
		code(t, err, bad.code)
	}
	first, err := p.plan.CreateLongForecast(ctx, all, scheduling.NewLongForecast{Client: client, Weeks: 3}, nil)
	require.NoError(t, err)
	second, err := p.plan.CreateLongForecast(ctx, all, scheduling.NewLongForecast{Client: client, Weeks: 3, Name: "Budget"}, nil)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, []int{first.Version, second.Version})
	list, err := p.plan.LongForecasts(ctx, all, client)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.Equal(t, "Budget", list[0].Name)
	// The clock stands on a Sunday: the first week is that day alone, the last ends on a Saturday.
	weeks, err := p.plan.LongTable(ctx, all, first.ID, scheduling.LongByWeek)
	require.NoError(t, err)
	require.Len(t, weeks.Periods, 4)
	require.Equal(t, p.monday, weeks.Periods[0].To)
	_, err = p.plan.LongTable(ctx, all, first.ID, "month")
	code(t, err, "forecast.long_grain")
	_, err = p.plan.LongTable(ctx, scope.Clients(p.clients[1].ID), first.ID, scheduling.LongByDay)
	code(t, err, "forecast.long_not_found")
}
