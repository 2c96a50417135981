package demo

import (
	"context"
	"slices"
	"time"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// demand is what the forecast in force expects of one queue.
type demand struct {
	queue  contract.Queue
	grid   calendar.Instant
	points map[calendar.Instant]scheduling.ForecastPoint
}

// nightGap is the mean time between contacts of a queue that no forecast speaks of.
const nightGap = 18 * time.Second

// readDemand reads the points of each client's version in force.
func readDemand(ctx context.Context, planning *scheduling.Service, queues []contract.Queue, at calendar.Instant) ([]demand, error) {
	versions, err := planning.Forecasts(ctx, scope.Provider(), ids.Client{}, false)
	if err != nil {
		return nil, err
	}
	var out []demand
	for _, q := range queues {
		d := demand{queue: q, grid: calendar.Quarter, points: map[calendar.Instant]scheduling.ForecastPoint{}}
		i := slices.IndexFunc(versions, func(f scheduling.Forecast) bool {
			return f.ClientID == q.ClientID && f.StartAt <= at && at < f.EndAt
		})
		if i >= 0 {
			points, err := planning.ForecastPoints(ctx, scope.Provider(), versions[i].ID, q.ID)
			if err != nil {
				return nil, err
			}
			d.grid = calendar.Instant(versions[i].IntervalMS) * calendar.Millisecond
			for _, p := range points {
				d.points[p.StartAt] = p
			}
		}
		out = append(out, d)
	}
	return out, nil
}

// rate is the contacts per second expected at an instant: none where the queue is
// closed, a trickle where no forecast is.
func (d demand) rate(at calendar.Instant) float64 {
	if len(d.points) == 0 {
		return 1 / nightGap.Seconds()
	}
	return d.points[at.Floor(d.grid)].Volume / (time.Duration(d.grid) * time.Microsecond).Seconds()
}

// handling is the handling time expected at an instant, a minute where none is.
func (d demand) handling(at calendar.Instant) time.Duration {
	if ms := d.points[at.Floor(d.grid)].AHTMS; ms > 0 {
		return time.Duration(ms) * time.Millisecond
	}
	return time.Minute
}

// erlangs is the work under way at an instant.
func (d demand) erlangs(at calendar.Instant) float64 { return d.rate(at) * d.handling(at).Seconds() }
