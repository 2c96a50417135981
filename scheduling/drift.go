package scheduling

import (
	"context"
	"slices"

	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// JobDrift is the nightly look at how published forecasts do.
const JobDrift = "forecast.drift"

// driftFactor is how much worse than its back-test a week must be to be reported;
// weeks of few intervals are left out, since their error is mostly chance.
const (
	driftFactor    = 1.3
	driftIntervals = 96
)

// Drift is a queue whose published forecast does worse than its back-test promised.
type Drift struct {
	ForecastID ids.Forecast  `json:"forecast_id"`
	ClientID   ids.Client    `json:"client_id"`
	QueueID    ids.Queue     `json:"queue_id"`
	Week       calendar.Date `json:"week"`
	WAPE       float64       `json:"wape"`
	Promised   float64       `json:"promised"` // WAPE of the chosen methods in the back-test
	Bias       float64       `json:"bias"`
}

// ForecastDrift compares the weeks of published forecasts, scored by facts, with
// what their back-tests promised, and lists what is worse by a third or more.
func (s *Service) ForecastDrift(ctx context.Context, sc scope.Scope) ([]Drift, error) {
	scored, err := s.ForecastAccuracy(ctx, sc, ids.Client{}, 0)
	if err != nil {
		return nil, err
	}
	return s.driftOf(ctx, sc, scored)
}

// driftOf compares scored weeks with the promises of their versions.
func (s *Service) driftOf(ctx context.Context, sc scope.Scope, scored []Accuracy) ([]Drift, error) {
	promised := map[ids.Forecast]map[ids.Queue]float64{}
	out := []Drift{}
	for _, a := range scored {
		if a.WAPE == nil || a.Bias == nil || a.Intervals < driftIntervals {
			continue
		}
		if promised[a.ForecastID] == nil {
			f, err := s.Forecast(ctx, sc, a.ForecastID)
			if err != nil {
				return nil, err
			}
			promised[a.ForecastID] = f.promises()
		}
		if p := promised[a.ForecastID][a.QueueID]; p > 0 && *a.WAPE > driftFactor*p {
			out = append(out, Drift{ForecastID: a.ForecastID, ClientID: a.ClientID, QueueID: a.QueueID, Week: a.Week, WAPE: *a.WAPE, Promised: p, Bias: *a.Bias})
		}
	}
	return out, nil
}

// promises gives the largest back-test WAPE of the chosen methods per queue.
func (f Forecast) promises() map[ids.Queue]float64 {
	out := map[ids.Queue]float64{}
	for _, q := range f.Explain.Queues {
		for _, b := range q.Backtest {
			chosen := slices.ContainsFunc(q.Choices, func(c forecast.Choice) bool { return c.Lead == b.Lead && string(c.Method) == b.Method })
			if chosen && b.WAPE != nil {
				out[q.QueueID] = max(out[q.QueueID], *b.WAPE)
			}
		}
	}
	return out
}

// reportDrift publishes an event per drifting queue.
func (s *Service) reportDrift(ctx context.Context) ([]Drift, error) {
	all, err := s.ForecastDrift(ctx, scope.Provider())
	if err != nil || len(all) == 0 {
		return all, err
	}
	messages := make([]events.Message, len(all))
	for i, d := range all {
		messages[i] = events.Message{Type: "forecast.drifted", Client: d.ClientID, Subject: "forecast/" + d.ForecastID.String(), Data: d}
	}
	err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return s.Events.Publish(tx, messages...) })
	return all, err
}

// Nightly registers the training of every client, at 02:30 of the provider's zone, and
// the look at drift an hour later. Any number of nodes may call it.
func (s *Service) Nightly(ctx context.Context, zone string, pool *jobs.Pool) error {
	pool.Handle(JobNightly, 1, func(ctx context.Context, job *jobs.Running) (any, error) {
		done, err := s.retrainAll(ctx, job.Progress)
		return map[string]int{"clients": done}, err
	})
	pool.Handle(JobDrift, 1, func(ctx context.Context, _ *jobs.Running) (any, error) { return s.reportDrift(ctx) })
	if err := s.Jobs.SetSchedule(ctx, JobNightly, "30 2 * * *", zone, JobNightly, nil); err != nil {
		return err
	}
	return s.Jobs.SetSchedule(ctx, JobDrift, "30 3 * * *", zone, JobDrift, nil)
}
