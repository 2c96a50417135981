package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

func TestForecastFilesGoRound(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[1].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		text, err := p.plan.ForecastCSV(ctx, all, f)
		require.NoError(p.t, err)
		own, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: p.clients[1].ID, Text: text})
		require.NoError(p.t, err)
		require.Equal(p.t, "client", own.Settings.Source)
		require.Len(p.t, own.Settings.FileSHA256, 64)
		require.Equal(p.t, f.StartAt, own.StartAt)
		want, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		got, err := p.plan.ForecastPoints(ctx, all, own.ID, ids.Queue{})
		require.NoError(p.t, err)
		require.Len(p.t, got, len(want))
		for i := range want {
			require.Equal(p.t, want[i].Volume, got[i].Volume)
			require.InDelta(p.t, want[i].AHTMS, got[i].AHTMS, 1e-6)
		}
		for _, bad := range []struct{ code, text string }{
			{"forecast.file", ""},
			{"forecast.file", "queue,start,volume\n"},
			{"forecast.file_column", "queue,start,calls\n"},
			{"forecast.file_column", "queue,start\n"},
			{"forecast.file_line", "queue,start,volume\nnowhere,2026-03-02 09:00,1\n"},
			{"forecast.file_line", "queue,start,volume\nvoice,2026-03-02 09:07,1\n"},
			{"forecast.file_line", "queue,start,volume\nvoice,2026-03-02 09:00,-1\n"},
			{"forecast.file_line", "queue,start,volume\nvoice,2026-03-02 09:00,NaN\n"},
			{"forecast.file_line", "queue,start,volume\nvoice,2026-03-02 09:00,1\nvoice,2026-03-02 09:00,1\n"},
		} {
			_, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: p.clients[1].ID, Text: []byte(bad.text)})
			code(p.t, err, bad.code)
		}
	})
}

func TestSpecialDaysReachTheForecast(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		calendars, err := p.plan.Calendars(ctx, all, p.clients[0].ID)
		require.NoError(p.t, err)
		require.Len(p.t, calendars, 1)
		_, n, err := p.plan.ImportDays(ctx, all, calendars[0].ID, scheduling.DaySource{Format: "csv", Text: "date,name\n2026-03-04,Founder's day\n", Kind: calendar.DayClosed})
		require.NoError(p.t, err)
		require.Equal(p.t, 1, n)
		_, n, err = p.plan.ImportDays(ctx, all, calendars[0].ID, scheduling.DaySource{Preset: "cn", Kind: calendar.DayClosed})
		require.NoError(p.t, err)
		require.Greater(p.t, n, 50)
		_, _, err = p.plan.ImportDays(ctx, all, calendars[0].ID, scheduling.DaySource{Format: "csv", Text: "date,name\n", Kind: calendar.DayClosed})
		code(p.t, err, "calendar.no_days")
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		points, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
		require.NoError(p.t, err)
		require.Len(p.t, points, 5*36, "the closed Wednesday has no interval")
	})
}
