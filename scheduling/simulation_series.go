package scheduling

import (
	"context"
	"math"

	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// SimulationSeries is a simulation in the compact form that the roster board
// draws: one row of numbers per queue and measure, a number per quarter of an
// hour from StartAt.
type SimulationSeries struct {
	Simulation
	StartAt calendar.Instant  `json:"start_at"`
	Stale   bool              `json:"stale"` // the roster was edited after it was tested
	Queues  []SimulatedSeries `json:"queues"`
}

// SimulatedSeries is one queue's expected service. Shares are per mille; where no
// contact is expected they are -1.
type SimulatedSeries struct {
	QueueID  ids.Queue  `json:"queue_id"`
	ClientID ids.Client `json:"client_id"`
	Goal     int        `json:"goal"`    // per mille
	Offered  []float64  `json:"offered"` // contacts, to a hundredth
	Level    []int      `json:"level"`
	Low      []int      `json:"low"`  // 95 per cent confidence band of the mean
	High     []int      `json:"high"` //
	ASA      []int      `json:"asa"`  // seconds
}

// SimulationSeriesOf gives one simulation with its curves, or NotFound; client zero means all clients.
func (s *Service) SimulationSeriesOf(ctx context.Context, sc scope.Scope, id ids.Simulation, client ids.Client) (SimulationSeries, error) {
	v, points, err := s.SimulationOf(ctx, sc, id, client)
	if err != nil {
		return SimulationSeries{}, err
	}
	r, err := s.header(ctx, sc, v.RosterID)
	if err != nil {
		return SimulationSeries{}, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return SimulationSeries{}, err
	}
	out := SimulationSeries{Simulation: v, StartAt: v.Summary.From.At(0, zone), Stale: v.Edition != r.Edition, Queues: []SimulatedSeries{}}
	slots := int(((v.Summary.From+calendar.Date(v.Summary.Days)).At(0, zone) - out.StartAt) / grid)
	goals := map[ids.Queue]float64{}
	for _, q := range v.Summary.Queues {
		goals[q.QueueID] = q.Goal
	}
	for _, p := range points {
		n := len(out.Queues) - 1
		if n < 0 || out.Queues[n].QueueID != p.QueueID {
			out.Queues = append(out.Queues, newSeries(p, perMille(goals[p.QueueID]), slots))
			n++
		}
		k := int((p.StartAt - out.StartAt) / grid)
		if k < 0 || k >= slots || p.Offered <= 0 {
			continue
		}
		q := &out.Queues[n]
		q.Offered[k] = math.Round(p.Offered*100) / 100
		q.Level[k], q.Low[k], q.High[k] = perMille(p.ServiceLevel), perMille(p.ServiceLevelLow), perMille(p.ServiceLevelHigh)
		q.ASA[k] = int(math.Round(min(p.ASAMS/1000, 86_400)))
	}
	return out, nil
}

func newSeries(p SimulationPoint, goal, slots int) SimulatedSeries {
	q := SimulatedSeries{QueueID: p.QueueID, ClientID: p.ClientID, Goal: goal, Offered: make([]float64, slots), Level: make([]int, slots), Low: make([]int, slots), High: make([]int, slots), ASA: make([]int, slots)}
	for k := range slots {
		q.Level[k], q.Low[k], q.High[k] = -1, -1, -1
	}
	return q
}

func perMille(share float64) int { return int(math.Round(1000 * min(1, max(0, orZero(share))))) }
