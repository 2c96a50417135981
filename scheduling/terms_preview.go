package scheduling

import (
	"context"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// previewMonths is how many fiscal months ahead a preview of terms looks.
const previewMonths = 14

// TermsPreview is what changed terms would do, told before they are put in force.
type TermsPreview struct {
	Version int          `json:"version"` // that the terms would become
	Months  []TermsMonth `json:"months"`  // fiscal months from today's on, as the new terms cut them
	// Forecast is our newest published version and Breaches the totals of its days to
	// come that the new terms would not let pass.
	Forecast int      `json:"forecast,omitempty"`
	Breaches []Breach `json:"breaches"`
}

// TermsMonth is a fiscal month under the terms in force and under the new ones.
type TermsMonth struct {
	Month  calendar.Date `json:"month"`
	To     calendar.Date `json:"to"` // exclusive
	Before TermsLock     `json:"before"`
	After  TermsLock     `json:"after"`
}

// TermsLock is how firmly a month is held today.
type TermsLock struct {
	Stage    string         `json:"stage"` // the last one whose deadline has passed, empty before all of them
	Allows   LockMode       `json:"allows" enum:"open,band,locked"`
	Next     string         `json:"next,omitempty"`     // the stage that comes next
	Deadline *calendar.Date `json:"deadline,omitempty"` // its last day to commit
	Version  int            `json:"version,omitempty"`  // the committed version that the lock protects; none, none is protected
}

// PreviewCommitmentTerms says which fiscal months terms would lock if they were put
// in force for months from validFrom, beside what holds now; nothing is stored.
// Errors as of PutCommitmentTerms.
func (s *Service) PreviewCommitmentTerms(ctx context.Context, sc scope.Scope, client ids.Client, validFrom calendar.Date, doc CommitmentDocument) (TermsPreview, error) {
	out := TermsPreview{Version: 1, Months: []TermsMonth{}, Breaches: []Breach{}}
	if err := doc.Validate(); err != nil {
		return out, err
	}
	c, err := s.Contracts.Client(ctx, sc, client)
	if err != nil {
		return out, err
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return out, err
	}
	before, err := s.CommitmentTermsOf(ctx, sc, client)
	if err != nil {
		return out, err
	}
	after, err := agreed(before).followedBy(client, validFrom, doc)
	if err != nil {
		return out, err
	}
	out.Version = after[0].Version
	made, err := s.Commitments(ctx, sc, client)
	if err != nil {
		return out, err
	}
	forecasts, err := s.Forecasts(ctx, sc, client, false)
	if err != nil {
		return out, err
	}
	versions := map[ids.Forecast]int{}
	for _, f := range forecasts {
		versions[f.ID] = f.Version
	}
	today := calendar.DateOf(s.db.Now(), zone)
	months := after.months(today, today+31*previewMonths)
	for _, m := range months[:min(len(months), previewMonths)] {
		old := agreed(before).months(m.from, m.from+1)[0]
		out.Months = append(out.Months, TermsMonth{Month: m.from, To: m.to, Before: old.lockOn(today, made, versions), After: m.lockOn(today, made, versions)})
	}
	i := slices.IndexFunc(forecasts, func(f Forecast) bool {
		return f.Settings.Source == SourceEngine && calendar.DateOf(f.EndAt, zone) > today
	})
	if i < 0 {
		return out, nil
	}
	check, err := s.locksUnder(ctx, sc, forecasts[i], after, stepPublish)
	out.Forecast, out.Breaches = forecasts[i].Version, check.Breaches
	return out, err
}

// followedBy is the agreement with its next version in front, which closes the one before it.
func (a agreed) followedBy(client ids.Client, validFrom calendar.Date, doc CommitmentDocument) (agreed, error) {
	next := CommitmentTerms{ClientID: client, Version: 1, ValidFrom: validFrom, Terms: doc}
	out := slices.Clone(a)
	if len(out) > 0 {
		if out[0].ValidFrom >= validFrom {
			return nil, notLatest(out[0])
		}
		next.Version, out[0].ValidTo = out[0].Version+1, &validFrom
	}
	return slices.Insert(out, 0, next), nil
}

// notLatest says that a version is in force from a later date.
func notLatest(last CommitmentTerms) error {
	return fault.Newf(fault.Conflict, "commitment.not_latest", "Version %d is in force from %s; the next one must begin later.", last.Version, last.ValidFrom).With("from", last.ValidFrom.String())
}

// lockOn says how firmly a month is held on a date.
func (m fiscalMonth) lockOn(today calendar.Date, made []ForecastCommitment, versions map[ids.Forecast]int) TermsLock {
	out := TermsLock{Allows: LockOpen}
	for i, stage := range m.terms.Terms.Stages {
		deadline := stage.deadline(m.from)
		if today <= deadline {
			out.Next, out.Deadline = stage.Key, &deadline
			break
		}
		out.Stage, out.Allows = stage.Key, stage.Allows
		out.Version = 0
		if c, ok := referenceFor(made, m, i); ok {
			out.Version = versions[c.ForecastID]
		}
	}
	return out
}
