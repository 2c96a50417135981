package scheduling

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// AdjustmentKind is how an adjustment changes a forecast.
type AdjustmentKind string

// The kinds of adjustment.
const (
	DayTotal AdjustmentKind = "day_total" // the contacts of a business date become Value, spread as they were
	Multiply AdjustmentKind = "multiply"  // the contacts of [From, To) are multiplied by Value
	Deflect  AdjustmentKind = "deflect"   // the bot settles the share Value of the contacts of [From, To)
	Escalate AdjustmentKind = "escalate"  // the share Value of the contacts of [From, To) arrives at ToQueue as well
	Handling AdjustmentKind = "handling"  // the handling times of [From, To) are multiplied by Value
	SetCells AdjustmentKind = "cells"     // single intervals get figures of their own: pasted, or from a file
)

// AdjustmentKinds lists the kinds.
func AdjustmentKinds() []AdjustmentKind {
	return []AdjustmentKind{DayTotal, Multiply, Deflect, Escalate, Handling, SetCells}
}

// Adjustment is one named change of a forecast by a person. Undone ones stay in the list.
type Adjustment struct {
	ID      ids.Any          `json:"id"`
	Name    string           `json:"name"` // why: "spring promotion"
	Kind    AdjustmentKind   `json:"kind"`
	QueueID ids.Queue        `json:"queue_id,omitzero"`    // zero = every queue
	ToQueue ids.Queue        `json:"to_queue_id,omitzero"` // of escalate
	Day     calendar.Date    `json:"day,omitempty"`        // of day_total
	From    calendar.Instant `json:"from,omitempty"`       // of kinds with a range
	To      calendar.Instant `json:"to,omitempty"`         // exclusive
	Value   float64          `json:"value"`                // contacts, factor or share
	Cells   []ForecastCell   `json:"cells,omitempty"`      // of cells; left out where versions are listed
	Count   int              `json:"cell_count,omitempty"` // how many cells there are
	Source  string           `json:"source,omitempty"`     // name of the file that the cells came from
	By      ids.User         `json:"by"`
	At      calendar.Instant `json:"at"`
	Undone  bool             `json:"undone"`
}

// ForecastCell is one interval with a figure of its own; nil leaves the figure as it is.
type ForecastCell struct {
	QueueID    ids.Queue        `json:"queue_id"`
	Start      calendar.Instant `json:"start"`
	Volume     *float64         `json:"volume,omitempty"`
	AHTSeconds *float64         `json:"aht_seconds,omitempty"`
}

// Bounds of adjustments; more is a typing error.
const (
	maxFactor      = 100
	maxCells       = 100_000
	maxCellValue   = 1e7
	maxEscalateFor = 7 * calendar.Day // how long escalated contacts wait for their queue to open
)

// baseRun keeps what adjusted points of a queue were before any adjustment: index
// of the interval since the forecast's start, volume, low, high and handling time
// (0 in versions stored before handling times could be adjusted: unchanged).
type baseRun struct {
	Queue  ids.Queue    `json:"queue"`
	Points [][5]float64 `json:"points"`
}

// strip takes out what only replaying needs.
func (s *ForecastSettings) strip() {
	s.Base = nil
	s.Adjustments = withoutCells(s.Adjustments)
}

// withoutCells copies adjustments without their cells.
func withoutCells(list []Adjustment) []Adjustment {
	out := slices.Clone(list)
	for i := range out {
		out[i].Cells = nil
	}
	return out
}

// span gives the interval the adjustment touches.
func (a Adjustment) span(f Forecast) (calendar.Interval, error) {
	switch a.Kind {
	case DayTotal:
		zone, err := zoneOf(f.Zone)
		return a.Day.Span(zone), err
	case SetCells:
		out := calendar.Interval{}
		for i, c := range a.Cells {
			if i == 0 || c.Start < out.Start {
				out.Start = c.Start
			}
			out.End = max(out.End, c.Start+grid)
		}
		return out, nil
	}
	return calendar.Interval{Start: a.From, End: a.To}, nil
}

// validate names what is wrong with an adjustment of the forecast.
func (a Adjustment) validate(f Forecast, queues []contract.Queue) error {
	if strings.TrimSpace(a.Name) == "" {
		return fault.New(fault.Invalid, "forecast.adjustment_name", "An adjustment needs a name that says why.")
	}
	most := float64(maxCellValue)
	switch a.Kind {
	case DayTotal, SetCells:
	case Multiply, Handling:
		most = maxFactor
	case Deflect, Escalate:
		most = 1
	default:
		return fault.Newf(fault.Invalid, "forecast.adjustment_kind", "The kind of adjustment %q is unknown: use one of %s.", a.Kind, fault.Allowed(AdjustmentKinds())).With("allowed", fault.Allowed(AdjustmentKinds()))
	}
	least := 0.0
	if a.Kind == Handling {
		least = 1.0 / maxFactor
	}
	if !(a.Value >= least && a.Value <= most) {
		return fault.Newf(fault.Invalid, "forecast.adjustment_value", "The value %v cannot be used: want %v to %v.", a.Value, least, most).With("least", least).With("most", most)
	}
	known := map[ids.Queue]bool{{}: true}
	for _, q := range queues {
		known[q.ID] = true
	}
	if !known[a.QueueID] || !known[a.ToQueue] || a.Kind == Escalate && (a.ToQueue.IsZero() || a.ToQueue == a.QueueID) {
		return fault.New(fault.Invalid, "forecast.adjustment_queue", "Name queues of the client; an escalation needs the queue it goes to, another than the one it comes from.")
	}
	if a.Kind == SetCells {
		return a.validateCells(f, known)
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

// validateCells names the first cell that cannot be used.
func (a Adjustment) validateCells(f Forecast, known map[ids.Queue]bool) error {
	if len(a.Cells) == 0 || len(a.Cells) > maxCells {
		return fault.Newf(fault.Invalid, "forecast.adjustment_cells", "An adjustment of single intervals holds 1 to %d of them, not %d.", maxCells, len(a.Cells)).With("most", maxCells)
	}
	type key struct {
		queue ids.Queue
		at    calendar.Instant
	}
	seen := map[key]bool{}
	usable := func(v *float64) bool { return v == nil || *v >= 0 && *v <= maxCellValue }
	for _, c := range a.Cells {
		k := key{c.QueueID, c.Start}
		if c.QueueID.IsZero() || !known[c.QueueID] || c.Start < f.StartAt || c.Start >= f.EndAt || (c.Start-f.StartAt)%grid != 0 || seen[k] || c.Volume == nil && c.AHTSeconds == nil || !usable(c.Volume) || !usable(c.AHTSeconds) || c.AHTSeconds != nil && *c.AHTSeconds == 0 {
			return fault.Newf(fault.Invalid, "forecast.adjustment_cell", "The interval %s cannot be set: want a quarter of an hour of the forecast, once, for a queue of the client, with a volume of 0 or more or a handling time above 0.", c.Start).With("start", c.Start.String())
		}
		seen[k] = true
	}
	return nil
}

// AdjustForecast applies a named adjustment and gives the version that holds it: a
// draft changes in place, anything else is copied into a new draft first. Errors:
// Invalid for a span outside of the forecast, Conflict
// forecast.nothing_to_spread for a total on a day without any contact.
func (s *Service) AdjustForecast(ctx context.Context, sc scope.Scope, id ids.Forecast, a Adjustment) (Forecast, error) {
	return s.editAdjustments(ctx, sc, id, a.By, func(f *Forecast, queues []contract.Queue) error {
		if err := a.validate(*f, queues); err != nil {
			return err
		}
		a.ID, a.At, a.Undone, a.Count = ids.New[ids.Any](s.db.IDs()), s.db.Now(), false, len(a.Cells)
		f.Settings.Adjustments = append(f.Settings.Adjustments, a)
		return nil
	})
}

// SetUndone undoes an adjustment of a draft, or does it again.
func (s *Service) SetUndone(ctx context.Context, sc scope.Scope, id ids.Forecast, adjustment ids.Any, undone bool) (Forecast, error) {
	return s.editAdjustments(ctx, sc, id, ids.User{}, func(f *Forecast, _ []contract.Queue) error {
		return setUndone(f.Settings.Adjustments, func(a Adjustment) bool { return a.ID == adjustment }, undone)
	})
}

// SetUndoneByName undoes every adjustment of the name, or does them again.
func (s *Service) SetUndoneByName(ctx context.Context, sc scope.Scope, id ids.Forecast, name string, undone bool) (Forecast, error) {
	return s.editAdjustments(ctx, sc, id, ids.User{}, func(f *Forecast, _ []contract.Queue) error {
		return setUndone(f.Settings.Adjustments, func(a Adjustment) bool { return a.Name == name }, undone)
	})
}

// setUndone marks the adjustments that are meant; none is NotFound.
func setUndone(list []Adjustment, meant func(Adjustment) bool, undone bool) error {
	found := false
	for i := range list {
		if meant(list[i]) {
			list[i].Undone, found = undone, true
		}
	}
	if !found {
		return fault.New(fault.NotFound, "forecast.adjustment_not_found", "The forecast has no such adjustment.")
	}
	return nil
}

// editAdjustments changes the list of adjustments of a draft, of a new one when the
// version must not change, and computes the points again.
func (s *Service) editAdjustments(ctx context.Context, sc scope.Scope, id ids.Forecast, actor ids.User, edit func(*Forecast, []contract.Queue) error) (Forecast, error) {
	var f Forecast
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f, err = s.editable(tx, id, actor); err != nil {
			return err
		}
		queues, err := s.Contracts.Queues(tx.Context(), sc, f.ClientID)
		if err != nil {
			return err
		}
		f.Settings.Adjustments = slices.Clone(f.Settings.Adjustments)
		if err := edit(&f, queues); err != nil {
			return err
		}
		return s.replay(tx, &f)
	})
	f.Settings.strip()
	return f, err
}

// editable gives the draft itself, or a new draft copied from a version that must not change.
func (s *Service) editable(tx *database.Tx, id ids.Forecast, actor ids.User) (Forecast, error) {
	f, err := database.One[Forecast](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "forecast.not_found", "There is no such forecast.")
	if err != nil || f.Status == Draft {
		return f, err
	}
	return s.copyForecast(tx, f, actor)
}

// copyForecast stores a version once more as a new draft of ours.
func (s *Service) copyForecast(tx *database.Tx, f Forecast, actor ids.User) (Forecast, error) {
	var points []ForecastPoint
	if err := tx.Where("forecast_id = ?", f.ID).Order("queue_id, start_at").Find(&points).Error; err != nil {
		return f, err
	}
	var err error
	if f.Version, err = nextVersion(tx.Model(&Forecast{}).Where("client_id = ?", f.ClientID)); err != nil {
		return f, err
	}
	f.Settings.BasedOn, f.Settings.Source, f.Settings.Nightly = f.ID, SourceEngine, false
	f.ID, f.Status, f.CreatedBy, f.CreatedAt, f.PublishedAt, f.CommittedAt, f.PublishedBy, f.CommittedBy = ids.New[ids.Forecast](s.db.IDs()), Draft, actor, s.db.Now(), nil, nil, ids.User{}, ids.User{}
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
	if err := applyAll(*f, points, f.Settings.Adjustments); err != nil {
		return err
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
	known := map[ids.Queue]map[int][5]float64{}
	for _, run := range f.Settings.Base {
		known[run.Queue] = map[int][5]float64{}
		for _, v := range run.Points {
			known[run.Queue][int(v[0])] = v
		}
	}
	touched, err := f.touchedBy(points, f.Settings.Adjustments)
	if err != nil {
		return nil, err
	}
	var order []ids.Queue
	base := map[ids.Queue][][5]float64{}
	for i := range points {
		if !touched[i] {
			continue
		}
		p := &points[i]
		k := int((p.StartAt - f.StartAt) / grid)
		v, ok := known[p.QueueID][k]
		if !ok {
			v = [5]float64{float64(k), p.Volume, p.Low, p.High, p.AHTMS}
		}
		if v[4] == 0 {
			v[4] = p.AHTMS
		}
		p.Volume, p.Low, p.High, p.AHTMS = v[1], v[2], v[3], v[4]
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

// pointKey names a point.
type pointKey struct {
	queue ids.Queue
	at    calendar.Instant
}

// touchedBy marks the points that some adjustment may change.
func (f *Forecast) touchedBy(points []ForecastPoint, list []Adjustment) ([]bool, error) {
	touched := make([]bool, len(points))
	for _, a := range list {
		hit, err := a.reach(*f)
		if err != nil {
			return nil, err
		}
		for i, p := range points {
			touched[i] = touched[i] || hit(p)
		}
	}
	return touched, nil
}

// reach tells which points the adjustment may change.
func (a Adjustment) reach(f Forecast) (func(ForecastPoint) bool, error) {
	span, err := a.span(f)
	if err != nil {
		return nil, err
	}
	switch a.Kind {
	case SetCells:
		cells := map[pointKey]bool{}
		for _, c := range a.Cells {
			cells[pointKey{c.QueueID, c.Start}] = true
		}
		return func(p ForecastPoint) bool { return cells[pointKey{p.QueueID, p.StartAt}] }, nil
	case Escalate:
		span.End += maxEscalateFor
		return func(p ForecastPoint) bool { return p.QueueID == a.ToQueue && span.Contains(p.StartAt) }, nil
	}
	return func(p ForecastPoint) bool { return a.covers(p, span) }, nil
}

// covers reports whether a point lies in the span of the adjustment's queue.
func (a Adjustment) covers(p ForecastPoint, span calendar.Interval) bool {
	return (a.QueueID.IsZero() || a.QueueID == p.QueueID) && span.Contains(p.StartAt)
}

// applyAll makes the adjustments that are not undone, in their order. The points are
// those before any adjustment, ordered by queue and start.
func applyAll(f Forecast, points []ForecastPoint, list []Adjustment) error {
	base := make([]float64, len(points))
	for i, p := range points {
		base[i] = p.Volume
	}
	for _, a := range list {
		if a.Undone {
			continue
		}
		if err := a.apply(f, points, base); err != nil {
			return err
		}
	}
	return nil
}

// apply changes the points; the band keeps its share of the volume.
func (a Adjustment) apply(f Forecast, points []ForecastPoint, base []float64) error {
	span, err := a.span(f)
	if err != nil {
		return err
	}
	switch a.Kind {
	case DayTotal:
		return a.applyTotal(points, base, span)
	case Escalate:
		return a.applyEscalation(points, span)
	case SetCells:
		return a.applyCells(points)
	}
	for i := range points {
		p := &points[i]
		switch {
		case !a.covers(*p, span):
		case a.Kind == Handling:
			p.AHTMS *= a.Value
		case a.Kind == Deflect:
			p.scale(1 - a.Value)
		default:
			p.scale(a.Value)
		}
	}
	return nil
}

// scale multiplies the volume with its band.
func (p *ForecastPoint) scale(factor float64) {
	p.Volume *= factor
	p.Low *= factor
	p.High *= factor
}

// setVolume gives a point a volume; the band keeps its share, a new volume has none.
func (p *ForecastPoint) setVolume(v float64) {
	if p.Volume > 0 {
		p.scale(v / p.Volume)
	} else {
		p.Low, p.High = v, v
	}
	p.Volume = v
}

// applyTotal spreads a day's contacts as they are, or as they were before any
// adjustment on a day that was set to nothing.
func (a Adjustment) applyTotal(points []ForecastPoint, base []float64, span calendar.Interval) error {
	total, before := 0.0, 0.0
	var hit []int
	for i, p := range points {
		if a.covers(p, span) {
			hit = append(hit, i)
			total += p.Volume
			before += base[i]
		}
	}
	if total <= 0 && before <= 0 && a.Value > 0 {
		return fault.Newf(fault.Conflict, "forecast.nothing_to_spread", "Nothing is forecast on %s, so a total has no shape to spread by; check the opening hours of that day.", a.Day).With("day", a.Day.String())
	}
	for _, i := range hit {
		switch {
		case total > 0:
			points[i].scale(a.Value / total)
		case before > 0:
			points[i].setVolume(a.Value * base[i] / before)
		}
	}
	return nil
}

// applyEscalation adds the share of the contacts to the queue they go to, at the
// time they come or, when it is closed then, at its next opening.
func (a Adjustment) applyEscalation(points []ForecastPoint, span calendar.Interval) error {
	var open []int // of the queue it goes to, in order of time
	for i, p := range points {
		if p.QueueID == a.ToQueue && p.StartAt >= span.Start {
			open = append(open, i)
		}
	}
	more := make([]float64, len(points))
	for _, p := range points {
		if p.QueueID == a.ToQueue || !a.covers(p, span) || p.Volume == 0 {
			continue
		}
		k, _ := slices.BinarySearchFunc(open, p.StartAt, func(i int, at calendar.Instant) int { return cmp.Compare(points[i].StartAt, at) })
		if k == len(open) || points[open[k]].StartAt >= span.End+maxEscalateFor {
			return fault.Newf(fault.Conflict, "forecast.nowhere_to_escalate", "The queue that contacts of %s would go to does not open within a week of them; check its opening hours.", p.StartAt).With("start", p.StartAt.String())
		}
		more[open[k]] += a.Value * p.Volume
	}
	for _, i := range open {
		if more[i] > 0 {
			points[i].setVolume(points[i].Volume + more[i])
		}
	}
	return nil
}

// applyCells sets single intervals; one that is closed has no point to set.
func (a Adjustment) applyCells(points []ForecastPoint) error {
	cells := make(map[pointKey]ForecastCell, len(a.Cells))
	for _, c := range a.Cells {
		cells[pointKey{c.QueueID, c.Start}] = c
	}
	for i := range points {
		key := pointKey{points[i].QueueID, points[i].StartAt}
		c, ok := cells[key]
		if !ok {
			continue
		}
		delete(cells, key)
		if c.Volume != nil {
			points[i].setVolume(*c.Volume)
		}
		if c.AHTSeconds != nil {
			points[i].AHTMS = *c.AHTSeconds * 1000
		}
	}
	for _, c := range a.Cells {
		if _, left := cells[pointKey{c.QueueID, c.Start}]; left {
			return fault.Newf(fault.Conflict, "forecast.cell_closed", "The queue is closed at %s, so nothing can be forecast there; change its opening hours first.", c.Start).With("start", c.Start.String())
		}
	}
	return nil
}
