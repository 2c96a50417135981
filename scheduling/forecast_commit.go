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

// ForecastCommitment says that a version is what provider and client agreed on for the
// days [FromDay, ToDay) of a fiscal month. It never changes; a later one follows it.
type ForecastCommitment struct {
	ID         ids.Commitment   `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client       `json:"client_id"`
	ForecastID ids.Forecast     `json:"forecast_id"`
	TermsID    ids.Any          `json:"terms_id,omitzero"` // zero: nothing was agreed about stages
	Month      calendar.Date    `json:"month"`             // first day of the fiscal month
	Stage      string           `json:"stage"`             // key of the stage it was made for, "late" after the last
	FromDay    calendar.Date    `json:"from_day"`
	ToDay      calendar.Date    `json:"to_day"`           // exclusive
	Reason     string           `json:"reason,omitempty"` // why a lock was opened
	Breaches   []Breach         `gorm:"serializer:json" json:"breaches"`
	CreatedBy  ids.User         `json:"created_by"`
	CreatedAt  calendar.Instant `gorm:"autoCreateTime:false" json:"created_at"`
}

// TableName implements gorm's Tabler.
func (ForecastCommitment) TableName() string { return "commitments" }

// Breach is a total of a version that a lock does not allow.
type Breach struct {
	Month     calendar.Date `json:"month"`
	Stage     string        `json:"stage"`             // the stage whose lock it is
	QueueID   ids.Queue     `json:"queue_id,omitzero"` // zero: the client's total
	From      calendar.Date `json:"from"`
	To        calendar.Date `json:"to"` // exclusive
	Committed float64       `json:"committed"`
	Proposed  float64       `json:"proposed"`
	Share     *float64      `json:"share"` // Proposed / Committed - 1; null when nothing was committed
	Below     float64       `json:"below"` // what is tolerated
	Above     float64       `json:"above"`
}

// closedAtMost is how far beyond a month the fact may lie that shows its last day to be over.
const closedAtMost = 14 * calendar.Day

// maxBreaches bounds what is stored and shown of a version's breaches.
const maxBreaches = 200

// StageLock is one stage of a month with the version that was committed for it.
type StageLock struct {
	LockStage
	Deadline   calendar.Date  `json:"deadline"` // last day to commit for it
	Passed     bool           `json:"passed"`   // from then on the lock holds
	ForecastID ids.Forecast   `json:"forecast_id,omitzero"`
	Version    int            `json:"version,omitempty"`
	Commitment ids.Commitment `json:"commitment_id,omitzero"`
	Breaches   int            `json:"breaches"`
}

// MonthLock is a fiscal month of a version: for which stage it would be committed
// now, and the locks that hold.
type MonthLock struct {
	Month calendar.Date `json:"month"`
	To    calendar.Date `json:"to"` // exclusive
	Stage string        `json:"stage"`
	Locks []StageLock   `json:"locks"`
}

// LockCheck is what stands between a version and its commitment.
type LockCheck struct {
	ForecastID ids.Forecast  `json:"forecast_id"`
	Today      calendar.Date `json:"today"` // in the client's zone
	Months     []MonthLock   `json:"months"`
	Breaches   []Breach      `json:"breaches"` // the worst first
	Blocked    bool          `json:"blocked"`  // only the right to unlock and a reason can commit it
}

// CommitRequest asks for a step that locks may stand in the way of: publishing or committing.
type CommitRequest struct {
	Reason    string // why the locks shall be opened; only read when they are in the way
	MayUnlock bool   // the right of whoever asks
	Actor     ids.User
}

// Commitments lists the commitments of a client, the newest first; client zero
// means all clients of the scope.
func (s *Service) Commitments(ctx context.Context, sc scope.Scope, client ids.Client) ([]ForecastCommitment, error) {
	out := []ForecastCommitment{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("created_at DESC, month DESC, id DESC")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}

// ForecastLocks says which locks hold for the months of a version and what of the
// version they do not allow.
func (s *Service) ForecastLocks(ctx context.Context, sc scope.Scope, id ids.Forecast) (LockCheck, error) {
	f, err := s.Forecast(ctx, sc, id)
	if err != nil {
		return LockCheck{}, err
	}
	return s.locksOf(ctx, sc, f, stepOf(f))
}

// stepOf is the step that comes next in the life of a version.
func stepOf(f Forecast) lockStep {
	if f.Status == Draft {
		return stepPublish
	}
	return stepCommit
}

// lockStep is what somebody is about to do with a version; locks are stricter with some steps.
type lockStep int

// The steps. What is committed anew may not differ at all from what a lock protects;
// what is published, and only plans the work, may lie within the stage's tolerance
// on the days to come.
const (
	stepCommit lockStep = iota
	stepPublish
)

// locksOf compares a version with what was committed before.
func (s *Service) locksOf(ctx context.Context, sc scope.Scope, f Forecast, step lockStep) (LockCheck, error) {
	terms, err := s.CommitmentTermsOf(ctx, sc, f.ClientID)
	if err != nil {
		return LockCheck{}, err
	}
	return s.locksUnder(ctx, sc, f, terms, step)
}

// locksUnder compares a version with what was committed before, under an agreement.
func (s *Service) locksUnder(ctx context.Context, sc scope.Scope, f Forecast, terms agreed, step lockStep) (LockCheck, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return LockCheck{}, err
	}
	made, err := s.Commitments(ctx, sc, f.ClientID)
	if err != nil {
		return LockCheck{}, err
	}
	out := LockCheck{ForecastID: f.ID, Today: calendar.DateOf(s.db.Now(), zone), Months: []MonthLock{}, Breaches: []Breach{}}
	span := days{calendar.DateOf(f.StartAt, zone), calendar.DateOf(f.EndAt, zone)}
	compared := span
	if step == stepPublish {
		compared.from = max(compared.from, out.Today)
	}
	proposed, err := s.dayTotalsOf(ctx, sc, f, calendar.Interval{})
	if err != nil {
		return LockCheck{}, err
	}
	read := s.readVersions(sc)
	for _, m := range terms.months(span.from, span.to) {
		lock := MonthLock{Month: m.from, To: m.to, Stage: m.terms.Terms.stageOn(m.from, out.Today), Locks: []StageLock{}}
		for i, stage := range m.terms.Terms.Stages {
			held := StageLock{LockStage: stage, Deadline: stage.deadline(m.from)}
			held.Passed = out.Today > held.Deadline
			reference, ok := referenceFor(made, m, i)
			if ok {
				base, committed, err := read(ctx, reference.ForecastID)
				if err != nil {
					return LockCheck{}, err
				}
				held.ForecastID, held.Commitment, held.Version = reference.ForecastID, reference.ID, base.Version
				var breaches []Breach
				if held.Passed && stage.Allows != LockOpen && reference.ForecastID != f.ID {
					breaches = breachesOf(m, stage.tolerating(step), reference, committed, proposed, compared)
				}
				held.Breaches = len(breaches)
				out.Breaches = append(out.Breaches, breaches...)
			}
			lock.Locks = append(lock.Locks, held)
		}
		out.Months = append(out.Months, lock)
	}
	slices.SortStableFunc(out.Breaches, func(a, b Breach) int { return byDeviation(a.Share, b.Share) })
	out.Blocked = len(out.Breaches) > 0
	out.Breaches = out.Breaches[:min(len(out.Breaches), maxBreaches)]
	return out, nil
}

// referenceFor gives the commitment that a stage's lock protects: the newest one
// made for the stage or an earlier one. The list is the newest first.
func referenceFor(made []ForecastCommitment, m fiscalMonth, stage int) (ForecastCommitment, bool) {
	i := slices.IndexFunc(made, func(c ForecastCommitment) bool {
		return c.Month == m.from && m.terms.Terms.rank(c.Stage) <= stage
	})
	if i < 0 {
		return ForecastCommitment{}, false
	}
	return made[i], true
}

// versionReader loads a version with its day totals.
type versionReader func(context.Context, ids.Forecast) (Forecast, dayTotals, error)

// readVersions gives a reader that loads each version once.
func (s *Service) readVersions(sc scope.Scope) versionReader {
	type version struct {
		Forecast
		totals dayTotals
	}
	known := map[ids.Forecast]version{}
	return func(ctx context.Context, id ids.Forecast) (Forecast, dayTotals, error) {
		if v, ok := known[id]; ok {
			return v.Forecast, v.totals, nil
		}
		f, err := s.briefForecast(ctx, sc, id)
		if err != nil {
			return f, nil, err
		}
		totals, err := s.dayTotalsOf(ctx, sc, f, calendar.Interval{})
		known[id] = version{f, totals}
		return f, totals, err
	}
}

// tolerating is the stage with the tolerance that it has for a step: a lock tolerates
// nothing that is committed anew.
func (s LockStage) tolerating(step lockStep) LockStage {
	if s.Allows == LockLocked && step == stepCommit {
		s.Below, s.Above = 0, 0
	}
	return s
}

// breachesOf compares the totals that both versions know with the stage's tolerance.
func breachesOf(m fiscalMonth, stage LockStage, reference ForecastCommitment, committed, proposed dayTotals, span days) []Breach {
	from, to := max(reference.FromDay, span.from, m.from), min(reference.ToDay, span.to, m.to)
	var out []Breach
	for _, queue := range stage.sides(committed, proposed) {
		for _, u := range stage.Grain.units(from, to) {
			was, now := committed.sum(queue, u.from, u.to), proposed.sum(queue, u.from, u.to)
			if share, ok := stage.within(was, now); !ok {
				out = append(out, Breach{Month: m.from, Stage: stage.Key, QueueID: queue, From: u.from, To: u.to, Committed: was, Proposed: now, Share: share, Below: stage.Below, Above: stage.Above})
			}
		}
	}
	return out
}

// briefForecast loads a version without its reasons.
func (s *Service) briefForecast(ctx context.Context, sc scope.Scope, id ids.Forecast) (Forecast, error) {
	var out Forecast
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Forecast](tx.Omit("explain").Where("id = ?", id), "forecast.not_found", "There is no such forecast.")
		return err
	})
	out.Settings.strip()
	return out, err
}

// dayTotalsOf sums a version by queue and business date over a span, the zero one meaning all.
func (s *Service) dayTotalsOf(ctx context.Context, sc scope.Scope, f Forecast, span calendar.Interval) (dayTotals, error) {
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return nil, err
	}
	var points []ForecastPoint
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Where("forecast_id = ?", f.ID)
		if span.End > 0 {
			q = q.Where("start_at >= ? AND start_at < ?", span.Start, span.End)
		}
		return q.Order("queue_id, start_at").Find(&points).Error
	})
	out := dayTotals{}
	for _, p := range points {
		out.add(p.QueueID, calendar.DateOf(p.StartAt, zone), p.Volume)
	}
	return out, err
}

// CommitForecast makes a published version, or one that the client handed in, the one
// that is agreed with it, with a commitment for every fiscal month it touches. Conflict forecast.locked when
// a lock is in the way: whoever has the right to unlock may commit all the same and
// says why.
func (s *Service) CommitForecast(ctx context.Context, sc scope.Scope, id ids.Forecast, r CommitRequest) (Forecast, error) {
	f, err := s.briefForecast(ctx, sc, id)
	if err != nil {
		return f, err
	}
	check, r, err := s.mayPass(ctx, sc, f, stepCommit, r)
	if err != nil {
		return f, err
	}
	from := Published
	if f.Settings.Source == SourceClient {
		from = Received
	}
	f, err = s.advanceForecast(ctx, sc, id, from, Committed, r.Actor, func(tx *database.Tx, f Forecast) error {
		return s.storeCommitments(tx, sc, f, check, r)
	})
	return f, err
}

// mayPass says whether the locks let a version pass a step, or whoever asks may open
// them and says why; the reason is empty when nothing was opened.
func (s *Service) mayPass(ctx context.Context, sc scope.Scope, f Forecast, step lockStep, r CommitRequest) (LockCheck, CommitRequest, error) {
	check, err := s.locksOf(ctx, sc, f, step)
	if err != nil {
		return check, r, err
	}
	r.Reason = strings.TrimSpace(r.Reason)
	switch {
	case !check.Blocked:
		r.Reason = ""
	case !r.MayUnlock:
		worst := check.Breaches[0]
		return check, r, fault.Newf(fault.Conflict, "forecast.locked", "What was committed for %s is locked, and this version departs from it in %d totals, the worst of %s: %.0f contacts instead of %.0f; ask somebody who may unlock, or bring it back within the tolerance.",
			worst.Month, len(check.Breaches), worst.From, worst.Proposed, worst.Committed).
			With("month", worst.Month.String()).With("breaches", len(check.Breaches)).With("day", worst.From.String()).With("committed", math.Round(worst.Committed)).With("proposed", math.Round(worst.Proposed))
	case r.Reason == "":
		return check, r, fault.New(fault.Invalid, "forecast.unlock_reason", "Opening a lock needs a reason; it is kept with the commitment.")
	}
	return check, r, nil
}

// storeCommitments writes a row for every fiscal month that the version touches.
func (s *Service) storeCommitments(tx *database.Tx, sc scope.Scope, f Forecast, check LockCheck, r CommitRequest) error {
	terms, err := s.CommitmentTermsOf(tx.Context(), sc, f.ClientID)
	if err != nil {
		return err
	}
	zone, err := zoneOf(f.Zone)
	if err != nil {
		return err
	}
	span := days{calendar.DateOf(f.StartAt, zone), calendar.DateOf(f.EndAt, zone)}
	for _, m := range agreed(terms).months(span.from, span.to) {
		c := ForecastCommitment{ID: ids.New[ids.Commitment](s.db.IDs()), ClientID: f.ClientID, ForecastID: f.ID, TermsID: m.terms.ID, Month: m.from, Stage: m.terms.Terms.stageOn(m.from, check.Today),
			FromDay: max(span.from, m.from), ToDay: min(span.to, m.to), Reason: r.Reason, Breaches: []Breach{}, CreatedBy: r.Actor, CreatedAt: s.db.Now()}
		for _, b := range check.Breaches {
			if b.Month == m.from {
				c.Breaches = append(c.Breaches, b)
			}
		}
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		if len(c.Breaches) > 0 {
			if err := s.Events.Publish(tx, events.Message{Type: "forecast.unlocked", Client: f.ClientID, Subject: "forecast/" + f.ID.String(), Data: map[string]any{"month": c.Month, "reason": r.Reason}}); err != nil {
				return err
			}
		}
	}
	return nil
}
