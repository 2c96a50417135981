package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

func TestPublishedForecastsAreScored(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		origin := p.origin - 14*calendar.Day
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: origin, Days: 14}, nil)
		require.NoError(p.t, err)
		none, err := p.plan.ForecastAccuracy(ctx, all, ids.Client{}, 0)
		require.NoError(p.t, err)
		require.Empty(p.t, none, "drafts are not scored")
		_, err = p.plan.PublishForecast(ctx, all, f.ID)
		require.NoError(p.t, err)
		weeks, err := p.plan.ForecastAccuracy(ctx, all, ids.Client{}, 0)
		require.NoError(p.t, err)
		require.Len(p.t, weeks, 2)
		require.Equal(p.t, p.monday-7, weeks[0].Week, "the latest week comes first")
		require.Equal(p.t, 1, weeks[0].WeeksAhead)
		require.Equal(p.t, 0, weeks[1].WeeksAhead)
		for _, w := range weeks {
			require.Equal(p.t, 6*36, w.Intervals)
			require.Greater(p.t, *w.WAPE, 0.5**w.Floor)
			require.Less(p.t, *w.WAPE, 1.5**w.Floor, "Poisson data cannot be forecast better than their noise, ours not much worse")
			require.InDelta(p.t, 0, *w.Bias, 0.15)
			require.InEpsilon(p.t, w.Actual, w.Forecast, 0.15)
		}

		drift, err := p.plan.ForecastDrift(ctx, all)
		require.NoError(p.t, err)
		require.Empty(p.t, drift, "Poisson data of a steady queue do not drift")
		// Half of the contacts stay away: the last week is no longer what was promised.
		require.NoError(p.t, p.db.Write(ctx, all, func(tx *database.Tx) error {
			return tx.Where("queue_id = ? AND start_at >= ? AND start_at < ? AND offered > 3", p.queues[0].ID, p.origin-7*calendar.Day, p.origin).Delete(&facts.QueueFact{}).Error
		}))
		drift, err = p.plan.ForecastDrift(ctx, all)
		require.NoError(p.t, err)
		require.Len(p.t, drift, 1)
		require.Equal(p.t, p.monday-7, drift[0].Week)
		require.Positive(p.t, drift[0].Bias)

		plan, err := p.plan.CreatePlan(ctx, all, scheduling.NewPlan{Forecast: f.ID}, nil)
		require.NoError(p.t, err)
		need, err := p.plan.PlanPoints(ctx, all, plan.ID, p.queues[0].ID)
		require.NoError(p.t, err)
		series, err := p.plan.ForecastSeries(ctx, all, f.ID, ids.Queue{}, calendar.Interval{})
		require.NoError(p.t, err)
		require.Len(p.t, series.Points, 14*96)
		at := map[calendar.Instant]scheduling.SeriesPoint{}
		for _, v := range series.Points {
			at[v.Start] = v
		}
		seats := 0
		for _, n := range need {
			v := at[n.StartAt]
			require.NotNil(p.t, v.Forecast)
			require.NotNil(p.t, v.Actual)
			require.NotNil(p.t, v.LastWeek)
			require.Equal(p.t, float64(n.Seats), *v.Requirement)
			require.LessOrEqual(p.t, *v.Low, *v.High)
			require.InDelta(p.t, 240, *v.AHTSeconds, 0.01)
			seats += n.Seats
		}
		require.Positive(p.t, seats)
		require.Len(p.t, series.Days, 14)
		for i, d := range series.Days {
			low, high, total := 0.0, 0.0, 0.0
			for _, v := range series.Points[i*96 : (i+1)*96] {
				if v.Forecast != nil {
					low, high, total = low+*v.Low, high+*v.High, total+*v.Forecast
				}
			}
			require.Equal(p.t, p.monday-14+calendar.Date(i), d.Date)
			require.Less(p.t, d.Low, total)
			require.Greater(p.t, d.High, total)
			require.Less(p.t, d.High-d.Low, high-low, "the band of a day is narrower than its intervals' ends added up")
		}
		_, err = p.plan.ForecastSeries(ctx, all, f.ID, ids.Queue{}, calendar.Interval{Start: 1, End: calendar.Instant(1) << 60})
		code(p.t, err, "forecast.series_span")
	})
}
