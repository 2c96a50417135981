package reporting

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"muster/billing"
	"muster/billing/rating"
	"muster/reporting/measure"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Service closes the SLA of a period for billing.
var _ billing.Judge = (*Service)(nil)

// Status is how a measure stands.
type Status string

// The statuses.
const (
	Good    Status = "good"    // the target is met
	Watch   Status = "watch"   // missed, but no credit band is reached
	Bad     Status = "bad"     // missed
	Unknown Status = "unknown" // nothing was measured, or the measure cannot be computed
)

// Line is one contract measure of a scorecard.
type Line struct {
	Measure    contract.Measure   `json:"measure"`
	Definition measure.Definition `json:"definition"`
	Ratio      measure.Ratio      `json:"ratio"`
	Value      *decimal.Decimal   `json:"value,omitempty"`
	Target     decimal.Decimal    `json:"target"`
	Status     Status             `json:"status"`
	Counts     measure.Counts     `json:"counts"`
	Source     Source             `json:"source"`
	Note       string             `json:"note,omitempty"` // why the status is unknown
}

// Scorecard is a client's measures over business dates [From, Until) of its contract's zone.
type Scorecard struct {
	Client ids.Client       `json:"client"`
	From   calendar.Date    `json:"from"`
	Until  calendar.Date    `json:"until"`
	Zone   string           `json:"zone"`
	At     calendar.Instant `json:"at"` // when it was computed
	Lines  []Line           `json:"lines"`
}

// Scorecard computes the measures in force on the period's last day. A measure that
// the catalogue does not know is listed as unknown, with the reason.
func (s *Service) Scorecard(ctx context.Context, sc scope.Scope, client ids.Client, from, until calendar.Date) (Scorecard, error) {
	zone, span, err := s.place(ctx, sc, client, from, until)
	if err != nil {
		return Scorecard{}, err
	}
	measures, err := s.contracts.MeasuresOn(ctx, sc, client, until-1)
	if err != nil {
		return Scorecard{}, err
	}
	out := Scorecard{Client: client, From: from, Until: until, Zone: zone.String(), At: s.db.Now(), Lines: []Line{}}
	for _, m := range measures {
		l, err := s.line(ctx, sc, m, span, zone)
		if err != nil {
			return Scorecard{}, err
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

// line computes one measure.
func (s *Service) line(ctx context.Context, sc scope.Scope, m contract.Measure, span calendar.Interval, zone *time.Location) (Line, error) {
	l := Line{Measure: m, Status: Unknown}
	if l.Note = l.define(m); l.Note != "" {
		return l, nil
	}
	var err error
	if l.Counts, l.Source, err = s.totals(ctx, sc, l.Definition.Key, partOf(m), span, zone); err != nil {
		return Line{}, err
	}
	l.Ratio = l.Definition.Compute(l.Counts)
	l.Value = l.Ratio.Value()
	l.Status = statusOf(m, l.Ratio, l.Target)
	return l, nil
}

// define fills in what the measure means, or says why it cannot be computed.
func (l *Line) define(m contract.Measure) (note string) {
	var err error
	if l.Definition, err = measure.Find(measure.Key(m.Key), measure.Formula(m.Formula)); err != nil {
		return err.Error()
	}
	if l.Target, err = rating.ParseDecimal(m.Target); err != nil {
		return fmt.Sprintf("The target cannot be used: %v.", err)
	}
	return ""
}

// partOf gives what a measure is about.
func partOf(m contract.Measure) Part {
	return Part{Client: m.ClientID, LOB: m.LOBID, Queue: m.QueueID, Threshold: m.ThresholdMS}
}

// statusOf compares a ratio with target and bands.
func statusOf(m contract.Measure, r measure.Ratio, target decimal.Decimal) Status {
	switch {
	case r.Denominator == 0:
		return Unknown
	case !r.Worse(m.Better, target):
		return Good
	}
	reached := slices.ContainsFunc(m.Bands, func(b contract.Band) bool {
		limit, err := rating.ParseDecimal(b.Beyond)
		return err != nil || r.Worse(m.Better, limit)
	})
	if len(m.Bands) > 0 && !reached {
		return Watch
	}
	return Bad
}

// MeasureResults implements billing.Judge: the closed ratios of the measures that the catalogue knows.
func (s *Service) MeasureResults(ctx context.Context, sc scope.Scope, client ids.Client, from, until calendar.Date) ([]rating.MeasureResult, error) {
	card, err := s.Scorecard(ctx, sc, client, from, until)
	if err != nil {
		return nil, err
	}
	out := []rating.MeasureResult{}
	for _, l := range card.Lines {
		if l.Note != "" {
			continue
		}
		// A bias counts by its size: bills know how far, not to which side.
		out = append(out, rating.MeasureResult{Measure: l.Measure.ID.String(), Numerator: absolute(l.Ratio.Numerator), Denominator: l.Ratio.Denominator, Per: l.Ratio.Per})
	}
	return out, nil
}

// TrendPoint is one billing month of a measure.
type TrendPoint struct {
	From   calendar.Date    `json:"from"`
	Until  calendar.Date    `json:"until"`
	Ratio  measure.Ratio    `json:"ratio"`
	Value  *decimal.Decimal `json:"value,omitempty"`
	Status Status           `json:"status"`
}

// Trend gives a measure over the last billing months up to the one that holds the
// date, the oldest first, each by the measure's present formula and target.
func (s *Service) Trend(ctx context.Context, sc scope.Scope, id ids.Measure, on calendar.Date, months int) ([]TrendPoint, error) {
	m, err := s.measure(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	startDay := 1
	if agreed, err := s.contracts.ContractOn(ctx, sc, m.ClientID, on); err == nil {
		startDay = agreed.Document.PeriodStartDay
	} else if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	var out []TrendPoint
	for range min(max(months, 1), 60) {
		from, until := billing.PeriodAround(on, startDay)
		zone, span, err := s.place(ctx, sc, m.ClientID, from, until)
		if err != nil {
			return nil, err
		}
		l, err := s.line(ctx, sc, m, span, zone)
		if err != nil {
			return nil, err
		}
		out = append(out, TrendPoint{From: from, Until: until, Ratio: l.Ratio, Value: l.Value, Status: l.Status})
		on = from - 1
	}
	slices.Reverse(out)
	return out, nil
}

// measure loads one contract measure of the scope.
func (s *Service) measure(ctx context.Context, sc scope.Scope, id ids.Measure) (contract.Measure, error) {
	var out contract.Measure
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[contract.Measure](tx.Where("id = ?", id), "measure.not_found", "There is no such measure.")
		return err
	})
	return out, err
}
