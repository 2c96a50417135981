package scheduling

import (
	"context"
	"fmt"
	"math"
	"slices"

	"muster/scheduling/staffing"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// gridHours is the length of an interval in hours.
const gridHours = float64(grid) / float64(calendar.Hour)

// deadlineThresholdMS is the threshold from which a queue other than mail is
// planned as work with a deadline: nobody waits an hour on a line.
const deadlineThresholdMS = 3_600_000

// NewPlan asks for the staffing of a forecast.
type NewPlan struct {
	Forecast ids.Forecast `json:"forecast"`
	// Quantile of the volume to staff for: 0 = the mean, otherwise between 0.1 and 0.9,
	// read off between low, mean and high.
	Quantile float64  `json:"quantile,omitempty"`
	Actor    ids.User `json:"actor,omitzero"`
}

// PlanSettings is what a plan was computed with.
type PlanSettings struct {
	Quantile float64        `json:"quantile,omitempty"`
	Queues   []QueueSetting `json:"queues"`
}

// QueueSetting is how one queue was planned, with the terms in force at the beginning of the forecast.
type QueueSetting struct {
	QueueID      ids.Queue     `json:"queue_id"`
	Kind         staffing.Kind `json:"kind"`
	ServiceLevel float64       `json:"service_level"`
	ThresholdS   float64       `json:"threshold_s"`
	Abandonment  float64       `json:"abandonment,omitempty"`
	PatienceS    float64       `json:"patience_s,omitempty"`
	MaxOccupancy float64       `json:"max_occupancy,omitempty"`
	Shrinkage    float64       `json:"shrinkage"`
	Concurrency  int           `json:"concurrency"`
	SeatHours    float64       `json:"seat_hours"`
	RosterHours  float64       `json:"roster_hours"`
}

// CreatePlan computes what every queue of a forecast needs, interval by interval,
// under the terms in force when the forecast begins. Voice waits for one agent
// each; chat and other queues with a concurrency above one share an agent; mail,
// and queues whose threshold is an hour or more, are work with a deadline. Drafts
// can be planned too, for what-if; queues without terms are a Conflict that names them.
func (s *Service) CreatePlan(ctx context.Context, sc scope.Scope, n NewPlan, progress Progress) (Plan, error) {
	if n.Quantile != 0 && !(n.Quantile >= 0.1 && n.Quantile <= 0.9) {
		return Plan{}, fault.Newf(fault.Invalid, "staffing.quantile", "The quantile to staff for is %v; give 0 for the mean or a value from 0.1 to 0.9.", n.Quantile)
	}
	f, err := s.Forecast(ctx, sc, n.Forecast)
	if err != nil {
		return Plan{}, err
	}
	queues, err := s.queuesOf(ctx, sc, f.ClientID, f.StartAt)
	if err != nil {
		return Plan{}, err
	}
	points, err := s.ForecastPoints(ctx, sc, f.ID, ids.Queue{})
	if err != nil {
		return Plan{}, err
	}
	p := Plan{ClientID: f.ClientID, ForecastID: f.ID, CreatedBy: n.Actor, Settings: PlanSettings{Quantile: n.Quantile}}
	inputs, used, err := staffingInputs(f, queues, points, n.Quantile)
	if err != nil {
		return Plan{}, err
	}
	answers, err := staffing.RequireAll(ctx, inputs, 0, func(done int) {
		progress.say(0.9*float64(done)/float64(len(inputs)), fmt.Sprintf("queue %d of %d", done, len(inputs)))
	})
	if err != nil {
		return Plan{}, err
	}
	var rows []PlanPoint
	for i, q := range used {
		setting := settingOf(q, inputs[i])
		for k, r := range answers[i] {
			if inputs[i].Demands[k].Closed {
				continue
			}
			rostered := float64(r.Net) / (1 - q.terms.Shrinkage)
			setting.SeatHours += float64(r.Net) * gridHours
			setting.RosterHours += rostered * gridHours
			rows = append(rows, PlanPoint{QueueID: q.ID, StartAt: f.StartAt + calendar.Instant(k)*grid, ClientID: f.ClientID, Seats: r.Net, Scheduled: rostered,
				ServiceLevel: orZero(r.ServiceLevel), Abandonment: orZero(r.Abandonment), Occupancy: orZero(r.Occupancy), ASAMS: math.Min(orZero(r.ASA)*1000, 1e12), Reason: string(r.Binding),
				Contacts: inputs[i].Demands[k].Volume, AHTMS: inputs[i].Demands[k].AHT * 1000})
		}
		p.Settings.Queues = append(p.Settings.Queues, setting)
	}
	progress.say(0.92, "storing")
	return s.storePlan(ctx, sc, p, rows)
}

// kindOf decides how a queue's contacts can be worked.
func kindOf(channel contract.Channel, t contract.Terms) staffing.Kind {
	switch {
	case channel == contract.Mail || t.ThresholdMS >= deadlineThresholdMS:
		return staffing.Deadline
	case t.Concurrency > 1:
		return staffing.Concurrent
	}
	return staffing.Live
}

// staffingInputs makes one input per queue that has points.
func staffingInputs(f Forecast, queues []queueInfo, points []ForecastPoint, quantile float64) ([]staffing.Input, []queueInfo, error) {
	byQueue := map[ids.Queue][]ForecastPoint{}
	for _, p := range points {
		byQueue[p.QueueID] = append(byQueue[p.QueueID], p)
	}
	var inputs []staffing.Input
	var used []queueInfo
	for _, q := range queues {
		if len(byQueue[q.ID]) == 0 {
			continue
		}
		if !q.hasTerms {
			return nil, nil, fault.Newf(fault.Conflict, "staffing.no_terms", "The queue %s has no terms in force on %s; set its service level first.", q.Slug, f.StartAt).With("queue", q.Slug)
		}
		inputs = append(inputs, q.staffingInput(f, byQueue[q.ID], quantile))
		used = append(used, q)
	}
	if len(inputs) == 0 {
		return nil, nil, fault.New(fault.Conflict, "staffing.no_points", "The forecast has no open interval; check the opening hours.")
	}
	return inputs, used, nil
}

// staffingInput lays a queue's points out on the whole span; what has no point is closed.
func (q queueInfo) staffingInput(f Forecast, points []ForecastPoint, quantile float64) staffing.Input {
	t := q.terms
	in := staffing.Input{Name: q.Slug, Kind: kindOf(q.Channel, t), Interval: float64(f.IntervalMS) / 1000, Demands: make([]staffing.Demand, int((f.EndAt-f.StartAt)/grid)),
		Goals:     staffing.Goals{ServiceLevel: t.ServiceLevelGoal, Threshold: float64(t.ThresholdMS) / 1000},
		Shrinkage: []staffing.Shrinkage{{Type: "terms", Rate: t.Shrinkage}}}
	if t.AbandonGoal != nil {
		in.Goals.Abandonment = *t.AbandonGoal
	}
	if t.OccupancyCap != nil {
		in.Goals.MaxOccupancy = *t.OccupancyCap
	}
	switch in.Kind {
	case staffing.Concurrent:
		in.Concurrency = staffing.TypicalChat(t.Concurrency)
		in.Goals.MinSeats = 1
	case staffing.Deadline:
		in.Due = float64(t.ThresholdMS) / 1000
	default:
		in.Goals.MinSeats = 1
	}
	for i := range in.Demands {
		in.Demands[i].Closed = true
	}
	for _, p := range points {
		d := staffing.Demand{Volume: volumeAt(p, quantile), AHT: p.AHTMS / 1000}
		if t.PatienceMS != nil && in.Kind != staffing.Deadline {
			d.Patience = float64(*t.PatienceMS) / 1000
		}
		in.Demands[(p.StartAt-f.StartAt)/grid] = d
	}
	return in
}

// volumeAt reads a quantile between low (0.1), the mean and high (0.9).
func volumeAt(p ForecastPoint, quantile float64) float64 {
	switch {
	case quantile == 0:
		return p.Volume
	case quantile < 0.5:
		return p.Low + (p.Volume-p.Low)*(quantile-0.1)/0.4
	}
	return p.Volume + (p.High-p.Volume)*(quantile-0.5)/0.4
}

func settingOf(q queueInfo, in staffing.Input) QueueSetting {
	out := QueueSetting{QueueID: q.ID, Kind: in.Kind, ServiceLevel: in.Goals.ServiceLevel, ThresholdS: in.Goals.Threshold, Abandonment: in.Goals.Abandonment,
		MaxOccupancy: in.Goals.MaxOccupancy, Shrinkage: q.terms.Shrinkage, Concurrency: q.terms.Concurrency}
	if q.terms.PatienceMS != nil {
		out.PatienceS = float64(*q.terms.PatienceMS) / 1000
	}
	return out
}

func (s *Service) storePlan(ctx context.Context, sc scope.Scope, p Plan, rows []PlanPoint) (Plan, error) {
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if p.Version, err = nextVersion(tx.Model(&Plan{}).Where("client_id = ?", p.ClientID)); err != nil {
			return err
		}
		p.ID, p.CreatedAt = ids.New[ids.Staffing](s.db.IDs()), s.db.Now()
		if err := tx.Create(&p).Error; err != nil {
			return raced(err)
		}
		for i := range rows {
			rows[i].PlanID = p.ID
		}
		if _, err := database.Insert(tx, rows); err != nil {
			return err
		}
		if err := s.Events.Publish(tx, events.Message{Type: "staffing.created", Client: p.ClientID, Subject: "staffing/" + p.ID.String(), Data: map[string]any{"version": p.Version, "forecast": p.ForecastID}}); err != nil {
			return err
		}
		return finish(tx, p.ID)
	})
	return p, err
}

// Plans lists the plans of the scope, the newest first; client zero means all clients.
func (s *Service) Plans(ctx context.Context, sc scope.Scope, client ids.Client) ([]Plan, error) {
	var out []Plan
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("created_at DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// PlansOf lists the plans of a forecast, the newest first.
func (s *Service) PlansOf(ctx context.Context, sc scope.Scope, forecast ids.Forecast) ([]Plan, error) {
	var out []Plan
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("forecast_id = ?", forecast).Order("version DESC").Find(&out).Error
	})
	return out, err
}

// Plan gives one plan, or NotFound.
func (s *Service) Plan(ctx context.Context, sc scope.Scope, id ids.Staffing) (Plan, error) {
	var out Plan
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Plan](tx.Where("id = ?", id), "staffing.not_found", "There is no such staffing plan.")
		return err
	})
	return out, err
}

// PlanPoints lists the points of a plan by queue and start; queue zero means all queues.
func (s *Service) PlanPoints(ctx context.Context, sc scope.Scope, id ids.Staffing, queue ids.Queue) ([]PlanPoint, error) {
	var out []PlanPoint
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Where("plan_id = ?", id)
		if !queue.IsZero() {
			q = q.Where("queue_id = ?", queue)
		}
		return q.Order("queue_id, start_at").Find(&out).Error
	})
	return out, err
}

// plansByID loads several plans in the order asked for; an absent one is NotFound.
func (s *Service) plansByID(ctx context.Context, sc scope.Scope, want []ids.Staffing) ([]Plan, error) {
	out := make([]Plan, 0, len(want))
	for i, id := range want {
		if slices.Contains(want[:i], id) {
			return nil, fault.New(fault.Invalid, "roster.plan_twice", "A staffing plan is named twice; name each once.")
		}
		p, err := s.Plan(ctx, sc, id)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}
