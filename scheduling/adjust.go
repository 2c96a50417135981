package scheduling

import (
	"context"
	"math"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// AdjustmentKind is how an adjustment changes volumes.
type AdjustmentKind string

// The kinds of adjustment.
const (
	DayTotal AdjustmentKind = "day_total" // the contacts of a business date become Value, spread as they were
	Multiply AdjustmentKind = "multiply"  // the contacts of [From, To) are multiplied by Value
)

// Adjustment is one named change of a forecast by a person. Undone ones stay in the list.
type Adjustment struct {
	ID      ids.Any          `json:"id"`
	Name    string           `json:"name"` // why: "spring promotion"
	Kind    AdjustmentKind   `json:"kind"`
	QueueID ids.Queue        `json:"queue_id,omitzero"` // zero = every queue
	Day     calendar.Date    `json:"day,omitempty"`     // of day_total
	From    calendar.Instant `json:"from,omitempty"`    // of multiply
	To      calendar.Instant `json:"to,omitempty"`      // of multiply, exclusive
	Value   float64          `json:"value"`             // contacts, or the factor
	By      ids.User         `json:"by"`
	At      calendar.Instant `json:"at"`
	Undone  bool             `json:"undone"`
}

// maxFactor bounds a multiplication; more is a typing error.
const maxFactor = 100

// baseRun keeps what adjusted points of a queue were before any adjustment: index
// of the interval since the forecast's start, volume, low and high.
type baseRun struct {
	Queue  ids.Queue    `json:"queue"`
	Points [][4]float64 `json:"points"`
}

// span gives the interval the adjustment touches.
func (a Adjustment) span(f Forecast) (calendar.Interval, error) {
	if a.Kind == Multiply {
		return calendar.Interval{Start: a.From, End: a.To}, nil
	}
	zone, err := zoneOf(f.Zone)
	return a.Day.Span(zone), err
}

// validate names what is wrong with an adjustment of the forecast.
func (a Adjustment) validate(f Forecast) error {
	if strings.TrimSpace(a.Name) == "" {
		return fault.New(fault.Invalid, "forecast.adjustment_name", "An adjustment needs a name that says why.")
	}
	if a.Kind != DayTotal && a.Kind != Multiply {
		return fault.Newf(fault.Invalid, "forecast.adjustment_kind", "The kind of adjustment %q is unknown: use one of %s.", a.Kind, fault.Allowed([]AdjustmentKind{DayTotal, Multiply}))
	}
	if math.IsNaN(a.Value) || math.IsInf(a.Value, 0) || a.Value < 0 || a.Kind == Multiply && a.Value > maxFactor {
		return fault.Newf(fault.Invalid, "forecast.adjustment_value", "The value %v cannot be used: want contacts of 0 or more, or a factor from 0 to %d.", a.Value, maxFactor)
	}
	span, err := a.span(f)
	if err != nil {
		return err
	}
	if span.Empty() || !span.Overlaps(calendar.Interval{Start: f.StartAt, End: f.EndAt}) {
		return fault.New(fault.Invalid, "forecast.adjustment_span", "The adjustment lies outside of the forecast; choose dates that it covers.")
	}
	return nil
}

// AdjustForecast applies a named adjustment and gives the version that holds it: a
// draft changes in place, anything else is copied into a new draft first. Errors:
// Invalid for a span outside of the forecast, Conflict
// forecast.nothing_to_spread for a total on a day without any contact.
func (s *Service) AdjustForecast(ctx context.Context, sc scope.Scope, id ids.Forecast, a Adjustment) (Forecast, error) {
	var f Forecast
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f, err = s.editable(tx, id, a.By); err != nil {
			return err
		}
		if err := a.validate(f); err != nil {
			return err
		}
		a.ID, a.At, a.Undone = ids.New[ids.Any](s.db.IDs()), s.db.Now(), false
		f.Settings.Adjustments = append(slices.Clone(f.Settings.Adjustments), a)
		return s.replay(tx, &f)
	})
	f.Settings.Base = nil
	return f, err
}

// SetUndone undoes an adjustment of a draft, or does it again.
func (s *Service) SetUndone(ctx context.Context, sc scope.Scope, id ids.Forecast, adjustment ids.Any, undone bool) (Forecast, error) {
	var f Forecast
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f, err = s.editable(tx, id, ids.User{}); err != nil {
			return err
		}
		i := slices.IndexFunc(f.Settings.Adjustments, func(a Adjustment) bool { return a.ID == adjustment })
		if i < 0 {
			return fault.New(fault.NotFound, "forecast.adjustment_not_found", "The forecast has no such adjustment.")
		}
		f.Settings.Adjustments = slices.Clone(f.Settings.Adjustments)
		f.Settings.Adjustments[i].Undone = undone
		return s.replay(tx, &f)
	})
	f.Settings.Base = nil
	return f, err
}

// editable gives the draft itself, or a new draft copied from a version that must not change.
func (s *Service) editable(tx *database.Tx, id ids.Forecast, actor ids.User) (Forecast, error) {
	f, err := database.One[Forecast](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "forecast.not_found", "There is no such forecast.")
	if err != nil || f.Status == Draft {
		return f, err
	}
	var points []ForecastPoint
	if err := tx.Where("forecast_id = ?", id).Order("queue_id, start_at").Find(&points).Error; err != nil {
		return f, err
	}
	if f.Version, err = nextVersion(tx.Model(&Forecast{}).Where("client_id = ?", f.ClientID)); err != nil {
		return f, err
	}
	f.Settings.BasedOn = f.ID
	f.ID, f.Status, f.CreatedBy, f.CreatedAt, f.PublishedAt, f.CommittedAt = ids.New[ids.Forecast](s.db.IDs()), Draft, actor, s.db.Now(), nil, nil
	if err := tx.Create(&f).Error; err != nil {
		return f, raced(err)
	}
	for i := range points {
		points[i].ForecastID = f.ID
	}
	_, err = database.Insert(tx, points)
	return f, err
}

// replay computes the touched points again from what they were before any
// adjustment, so that undoing is exact, and stores them with the list.
func (s *Service) replay(tx *database.Tx, f *Forecast) error {
	var points []ForecastPoint
	if err := tx.Where("forecast_id = ?", f.ID).Order("queue_id, start_at").Find(&points).Error; err != nil {
		return err
	}
	touched, err := f.restore(points)
	if err != nil {
		return err
	}
	for _, a := range f.Settings.Adjustments {
		if !a.Undone {
			if err := a.apply(*f, points); err != nil {
				return err
			}
		}
	}
	var changed []ForecastPoint
	starts := map[ids.Queue][]calendar.Instant{}
	for i, p := range points {
		if touched[i] {
			changed = append(changed, p)
			starts[p.QueueID] = append(starts[p.QueueID], p.StartAt)
		}
	}
	for queue, list := range starts {
		for part := range slices.Chunk(list, 5000) {
			if err := tx.Where("forecast_id = ? AND queue_id = ? AND start_at IN ?", f.ID, queue, part).Delete(&ForecastPoint{}).Error; err != nil {
				return err
			}
		}
	}
	if _, err := database.Insert(tx, changed); err != nil {
		return err
	}
	if err := tx.Model(f).Select("settings").Updates(f).Error; err != nil {
		return err
	}
	return s.Events.Publish(tx, events.Message{Type: "forecast.adjusted", Client: f.ClientID, Subject: "forecast/" + f.ID.String(), Data: map[string]any{"version": f.Version}})
}

// restore puts the points that adjustments touch back to their base, remembering
// the base of those that are touched for the first time.
func (f *Forecast) restore(points []ForecastPoint) ([]bool, error) {
	known := map[ids.Queue]map[int][4]float64{}
	for _, run := range f.Settings.Base {
		known[run.Queue] = map[int][4]float64{}
		for _, v := range run.Points {
			known[run.Queue][int(v[0])] = v
		}
	}
	touched := make([]bool, len(points))
	var order []ids.Queue
	base := map[ids.Queue][][4]float64{}
	for i := range points {
		p := &points[i]
		hit := false
		for _, a := range f.Settings.Adjustments {
			ok, err := a.touches(*f, *p)
			if err != nil {
				return nil, err
			}
			hit = hit || ok
		}
		if !hit {
			continue
		}
		touched[i] = true
		k := int((p.StartAt - f.StartAt) / grid)
		v, ok := known[p.QueueID][k]
		if !ok {
			v = [4]float64{float64(k), p.Volume, p.Low, p.High}
		}
		p.Volume, p.Low, p.High = v[1], v[2], v[3]
		if base[p.QueueID] == nil {
			order = append(order, p.QueueID)
		}
		base[p.QueueID] = append(base[p.QueueID], v)
	}
	f.Settings.Base = nil
	for _, q := range order {
		f.Settings.Base = append(f.Settings.Base, baseRun{Queue: q, Points: base[q]})
	}
	return touched, nil
}

// touches reports whether the adjustment is about the point.
func (a Adjustment) touches(f Forecast, p ForecastPoint) (bool, error) {
	if !a.QueueID.IsZero() && a.QueueID != p.QueueID {
		return false, nil
	}
	span, err := a.span(f)
	return span.Contains(p.StartAt), err
}

// apply changes the points; the band keeps its share of the volume.
func (a Adjustment) apply(f Forecast, points []ForecastPoint) error {
	total := 0.0
	var hit []int
	for i, p := range points {
		ok, err := a.touches(f, p)
		if err != nil {
			return err
		}
		if ok {
			hit = append(hit, i)
			total += p.Volume
		}
	}
	factor := a.Value
	if a.Kind == DayTotal {
		if total <= 0 && a.Value > 0 {
			return fault.Newf(fault.Conflict, "forecast.nothing_to_spread", "Nothing is forecast on %s, so a total has no shape to spread by; check the opening hours of that day.", a.Day).With("day", a.Day.String())
		}
		factor = 0
		if total > 0 {
			factor = a.Value / total
		}
	}
	for _, i := range hit {
		points[i].Volume *= factor
		points[i].Low *= factor
		points[i].High *= factor
	}
	return nil
}
