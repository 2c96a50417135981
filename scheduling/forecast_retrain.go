package scheduling

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"muster/scheduling/forecast"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

// Kinds of the nightly jobs.
const (
	JobNightly = "forecast.nightly" // every client
	JobRetrain = "forecast.retrain" // one client
)

// What the nightly training makes and keeps.
const (
	nightlyDays = 42
	nightlyKept = 7 // untouched drafts a client, older ones go
)

// ForecastReport is what a training found.
type ForecastReport struct {
	ID         ids.Any          `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client       `json:"client_id"`
	ForecastID ids.Forecast     `json:"forecast_id,omitzero"` // the new draft, zero when there is none (any more)
	Report     RetrainReport    `gorm:"column:document;serializer:json" json:"report"`
	CreatedAt  calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (ForecastReport) TableName() string { return "forecast_reports" }

// RetrainReport compares a fresh draft with the published version and what both promised.
type RetrainReport struct {
	Origin    calendar.Instant `json:"origin_at"`
	Version   int              `json:"version,omitempty"`
	Published ids.Forecast     `json:"published_id,omitzero"` // newest published version of ours that overlaps the draft
	Queues    []RetrainQueue   `json:"queues"`
	Drifting  int              `json:"drifting"`         // queues whose published version does worse than it promised
	Proposals int              `json:"proposals"`        // open proposals of special days
	Removed   int              `json:"removed"`          // old untouched drafts of former nights that were removed
	Error     string           `json:"error,omitempty"`  // code of the fault that kept the training from a draft
	Detail    string           `json:"detail,omitempty"` // its sentence
}

// RetrainQueue is one queue of a report.
type RetrainQueue struct {
	QueueID ids.Queue `json:"queue_id"`
	// Backtest are the methods that were chosen per lead with their scores.
	Backtest []BacktestRow `json:"backtest"`
	// Scored is how the published versions did in the last four weeks; null fields when nothing was scored.
	Scored   Score         `json:"scored"`
	Promised *float64      `json:"promised"` // WAPE of the chosen methods in the published version's back-test
	Drift    bool          `json:"drift"`
	Weeks    []RetrainWeek `json:"weeks"`
}

// RetrainWeek is a week that published version and draft both cover.
type RetrainWeek struct {
	Week      calendar.Date `json:"week"`
	Published float64       `json:"published"`
	Fresh     float64       `json:"fresh"`
	Share     *float64      `json:"share"` // Fresh / Published - 1
}

// Retrain trains a client's queues anew: a new draft beside the published version
// (never in its place), its back-test, how the published ones did, and special days
// to propose. It keeps a planner's settings of the newest version of ours. A client
// without history gets a report that says so.
func (s *Service) Retrain(ctx context.Context, sc scope.Scope, client ids.Client, actor ids.User, progress Progress) (ForecastReport, error) {
	report := ForecastReport{ClientID: client, Report: RetrainReport{Origin: s.db.Now().Floor(grid), Queues: []RetrainQueue{}}}
	f, err := s.trainedDraft(ctx, sc, client, actor, progress.within(0, 0.8))
	var known *fault.Error
	switch {
	case errors.As(err, &known) && known.Kind != fault.Internal && known.Kind != fault.NotFound:
		report.Report.Error, report.Report.Detail = known.Code, known.Detail
	case err != nil:
		return report, err
	default:
		report.ForecastID, report.Report.Version, report.Report.Origin = f.ID, f.Version, f.OriginAt
		progress.say(0.85, "comparing")
		if err := s.compareRetrained(ctx, sc, f, &report.Report); err != nil {
			return report, err
		}
	}
	proposals, err := s.ProposeDays(ctx, sc, client)
	if err != nil {
		return report, err
	}
	report.Report.Proposals = len(proposals)
	progress.say(0.95, "storing")
	err = s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if report.Report.Removed, err = s.removeNightly(tx, client); err != nil {
			return err
		}
		report.ID, report.CreatedAt = ids.New[ids.Any](s.db.IDs()), s.db.Now()
		if err := tx.Create(&report).Error; err != nil {
			return err
		}
		if err := s.Events.Publish(tx, events.Message{Type: "forecast.retrained", Client: client, Subject: "forecast/" + report.ForecastID.String(), Data: map[string]any{"version": report.Report.Version, "drifting": report.Report.Drifting, "error": report.Report.Error}}); err != nil {
			return err
		}
		return finish(tx, report.ID)
	})
	return report, err
}

// trainedDraft makes the draft with the settings of the newest version of ours.
func (s *Service) trainedDraft(ctx context.Context, sc scope.Scope, client ids.Client, actor ids.User, progress Progress) (Forecast, error) {
	all, err := s.Forecasts(ctx, sc, client, true)
	if err != nil {
		return Forecast{}, err
	}
	n := NewForecast{Client: client, Days: nightlyDays, Actor: actor, Nightly: true}
	for _, f := range all {
		if f.Settings.Source == SourceEngine && !f.Settings.Nightly {
			n.Refused, n.Expected, n.Analogue = f.Settings.Refused, f.Settings.Expected, f.Settings.Analogue
			break
		}
	}
	// The job ends with the report, not with the draft.
	return s.CreateForecast(context.WithValue(ctx, finishKey{}, nil), sc, n, progress)
}

// compareRetrained fills the report from the draft and the published versions.
func (s *Service) compareRetrained(ctx context.Context, sc scope.Scope, f Forecast, r *RetrainReport) error {
	all, err := s.Forecasts(ctx, sc, f.ClientID, false)
	if err != nil {
		return err
	}
	span := calendar.Interval{Start: f.StartAt, End: f.EndAt}
	var weeks ForecastComparison
	promised := map[ids.Queue]float64{}
	for _, p := range all {
		if p.Settings.Source != SourceEngine || !span.Overlaps(calendar.Interval{Start: p.StartAt, End: p.EndAt}) {
			continue
		}
		r.Published = p.ID
		if weeks, err = s.CompareForecasts(ctx, sc, f.ID, p.ID, true); err != nil {
			return err
		}
		whole, err := s.Forecast(ctx, sc, p.ID)
		if err != nil {
			return err
		}
		promised = whole.promises()
		break
	}
	scored, err := s.Accuracies(ctx, sc, AccuracyQuery{Client: f.ClientID})
	if err != nil {
		return err
	}
	drifts, err := s.driftOf(ctx, sc, scored)
	if err != nil {
		return err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return err
	}
	since := mondayOf(calendar.DateOf(f.OriginAt, zone)) - 28
	for _, q := range f.Explain.Queues {
		row := RetrainQueue{QueueID: q.QueueID, Backtest: []BacktestRow{}, Weeks: []RetrainWeek{}}
		for _, b := range q.Backtest {
			if slices.ContainsFunc(q.Choices, func(c forecast.Choice) bool { return c.Lead == b.Lead && string(c.Method) == b.Method }) {
				row.Backtest = append(row.Backtest, b)
			}
		}
		sum := leadSum{versions: map[ids.Forecast]bool{}}
		for _, a := range scored {
			if a.QueueID == q.QueueID && a.Week >= since {
				sum.add(a)
			}
		}
		row.Scored = sum.score()
		if p, ok := promised[q.QueueID]; ok {
			row.Promised = &p
		}
		row.Drift = slices.ContainsFunc(drifts, func(d Drift) bool { return d.QueueID == q.QueueID && d.Week >= since })
		if row.Drift {
			r.Drifting++
		}
		for _, w := range weeks.Weeks {
			if w.QueueID == q.QueueID {
				row.Weeks = append(row.Weeks, RetrainWeek{Week: w.Week, Published: w.Second, Fresh: w.First, Share: w.Bias})
			}
		}
		r.Queues = append(r.Queues, row)
	}
	return nil
}

// removeNightly removes untouched drafts of former nights, the newest excepted: no
// adjustment, plan, scenario or version stands on them.
func (s *Service) removeNightly(tx *database.Tx, client ids.Client) (int, error) {
	var drafts []Forecast
	if err := tx.Omit("explain").Where("client_id = ?", client).Order("version DESC").Find(&drafts).Error; err != nil {
		return 0, err
	}
	based := map[ids.Forecast]bool{}
	for _, f := range drafts {
		based[f.Settings.BasedOn] = true
	}
	kept, removed := 0, 0
	for _, f := range drafts {
		if f.Status != Draft || !f.Settings.Nightly || len(f.Settings.Adjustments) > 0 || based[f.ID] {
			continue
		}
		if kept++; kept <= nightlyKept {
			continue
		}
		var used int64
		for _, model := range []any{&Plan{}, &Scenario{}, &ForecastCommitment{}} {
			var n int64
			if err := tx.Model(model).Where("forecast_id = ?", f.ID).Count(&n).Error; err != nil {
				return removed, err
			}
			used += n
		}
		if used > 0 {
			continue
		}
		if err := errors.Join(tx.Where("forecast_id = ?", f.ID).Delete(&ForecastPoint{}).Error, tx.Model(&ForecastReport{}).Where("forecast_id = ?", f.ID).Update("forecast_id", nil).Error,
			tx.Where("id = ?", f.ID).Delete(&Forecast{}).Error); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// ForecastReports lists the reports of a client, zero meaning all, the newest first.
func (s *Service) ForecastReports(ctx context.Context, sc scope.Scope, client ids.Client, limit int) ([]ForecastReport, error) {
	out := []ForecastReport{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("created_at DESC, id DESC").Limit(cmp.Or(limit, 30))
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// EnqueueRetrain makes the job that does Retrain.
func (s *Service) EnqueueRetrain(ctx context.Context, sc scope.Scope, client ids.Client, actor ids.User) (jobs.Job, error) {
	if _, err := s.Contracts.Client(ctx, sc, client); err != nil {
		return jobs.Job{}, err
	}
	return enqueue(ctx, s, sc.Within(client), JobRetrain, client, actor, retrainArgs{client, actor})
}

// retrainArgs are the arguments of JobRetrain.
type retrainArgs struct {
	Client ids.Client `json:"client"`
	Actor  ids.User   `json:"actor"`
}

// retrainAll trains every client that has queues; what fails for one is reported and
// does not keep the others from theirs.
func (s *Service) retrainAll(ctx context.Context, progress Progress) (int, error) {
	clients, err := s.Contracts.Clients(ctx, scope.Provider())
	if err != nil {
		return 0, err
	}
	done := 0
	var failed error
	for i, c := range clients {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		part := progress.within(float64(i)/float64(len(clients)), float64(i+1)/float64(len(clients)))
		if _, err := s.Retrain(ctx, scope.Clients(c.ID), c.ID, ids.User{}, part); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", c.Slug, err))
			continue
		}
		done++
	}
	return done, failed
}
