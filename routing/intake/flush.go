package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// Batches grow and shrink so that a write transaction lasts about 30 ms.
const (
	firstBatch = 250
	leastBatch = 50
	mostBatch  = 4000
)

// nextBatch adapts the number of rows to how long the last ones took.
func nextBatch(size int, took time.Duration) int {
	switch {
	case took > 45*time.Millisecond:
		return max(leastBatch, size/2)
	case took < 20*time.Millisecond:
		return min(mostBatch, size+size/4)
	}
	return size
}

// flush stores the batch with its issues, counts and line, or classifies it in a dry run.
func (s *Service) flush(ctx context.Context, d *job, sink sink, line int64) error {
	if span := sink.span(); span.End > 0 {
		if d.summary.First == 0 || span.Start < d.summary.First {
			d.summary.First = span.Start
		}
		d.summary.Last = max(d.summary.Last, span.End)
		if d.row != nil {
			if err := s.db.EnsureMonths(ctx, calendar.Interval{Start: span.Start - clockSkew, End: span.End + calendar.Day}); err != nil {
				return err
			}
		}
	}
	before, codes, pending := d.summary, maps.Clone(d.summary.Codes), len(d.issues)
	attempt := func(tx *database.Tx) error {
		// A transaction that runs again counts again from the same state.
		d.summary, d.issues = before, d.issues[:pending]
		d.summary.Codes = maps.Clone(codes)
		verdicts, err := sink.put(tx)
		if err != nil {
			return err
		}
		d.settle(sink, verdicts)
		if d.row == nil {
			return nil
		}
		if _, err := database.Insert(tx, d.issueRows()); err != nil {
			return err
		}
		return d.advance(tx, line)
	}
	var err error
	if d.row == nil {
		err = s.db.Read(ctx, scope.Provider(), attempt)
	} else {
		err = records.ErrRace
		for tries := 0; errors.Is(err, records.ErrRace) && tries < 5; tries++ {
			err = s.db.Write(ctx, scope.Provider(), attempt)
		}
	}
	if err != nil {
		return err
	}
	if d.row != nil {
		d.row.ResumeLine = max(d.row.ResumeLine, line)
	}
	for _, i := range d.issues {
		if d.request.Issue != nil {
			d.request.Issue(i.Issue, i.grade)
		}
	}
	d.seq += int64(len(d.issues))
	d.issues = d.issues[:0]
	sink.reset()
	return nil
}

// settle turns the batch's verdicts into counts and issues.
func (d *job) settle(sink sink, verdicts []records.Verdict) {
	for i, v := range verdicts {
		fate := v.Fate
		if d.dry != nil && fate != records.Clashing {
			fate = d.dryFate(sink, i, fate)
		}
		switch fate {
		case records.New:
			d.summary.Counts.New++
		case records.Changed:
			d.summary.Counts.Changed++
		case records.Unchanged:
			d.summary.Counts.Unchanged++
		case records.Repeated:
			d.summary.Counts.Refused++
			d.note(GradeRefused, []tabular.Issue{{Line: sink.line(i), Code: "duplicate_key",
				Sentence: "An earlier row of the file has the same key and other content; if both are right, the mapping must take more columns into the key."}})
		case records.Clashing:
			d.summary.Counts.Refused++
			d.note(GradeRefused, []tabular.Issue{{Line: sink.line(i), Code: "overlap",
				Sentence: fmt.Sprintf("The row overlaps another one of its source, from %s to %s; one of them is wrong.", v.Clash.Start, v.Clash.End)}})
		}
	}
}

// dryFate corrects a verdict by the rows before, which a dry run has not stored.
func (d *job) dryFate(sink sink, i int, fate records.Fate) records.Fate {
	switch among := d.dry.fate(sink.fingerprint(i)); {
	case among == records.New:
		return fate
	case among == records.Repeated && (d.request.Kind == People || d.request.Kind == Codes):
		return records.Changed
	default:
		return among
	}
}
