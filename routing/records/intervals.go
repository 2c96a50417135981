package records

import (
	"bytes"
	"slices"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// maxIntervalLength bounds an interval record; what an overlap check must look back.
const maxIntervalLength = calendar.Day + calendar.Hour

// IntervalDraft is a source's counts of one queue in one interval.
type IntervalDraft struct {
	QueueID         ids.Queue
	StartAt         calendar.Instant
	LengthMS        int64
	Offered         int64
	Answered        int64
	Abandoned       int64
	WithinThreshold int64
	WaitMS          int64 // summed
	HandleMS        int64 // summed
}

// Hash gives the content by which a repeated draft is recognised.
func (r IntervalDraft) Hash() []byte {
	var d digest
	d.number(r.LengthMS, r.Offered, r.Answered, r.Abandoned, r.WithinThreshold, r.WaitMS, r.HandleMS)
	return d.sum()
}

// Span gives the interval the counts are for.
func (r IntervalDraft) Span() calendar.Interval {
	return calendar.Interval{Start: r.StartAt, End: r.StartAt + calendar.Instant(r.LengthMS)*calendar.Millisecond}
}

// intervalID names an interval record within its source.
type intervalID struct {
	queue ids.Queue
	start calendar.Instant
}

// ClassifyIntervals says what the drafts would become, without writing. Queue and
// start must be unique among the drafts. A draft that overlaps another interval of
// its queue and source is Clashing.
func (b *Book) ClassifyIntervals(tx *database.Tx, o Origin, drafts []IntervalDraft) ([]Verdict, error) {
	verdicts, _, err := b.classifyIntervals(tx, o, drafts)
	return verdicts, err
}

func (b *Book) classifyIntervals(tx *database.Tx, o Origin, drafts []IntervalDraft) ([]Verdict, map[intervalID]IntervalRecord, error) {
	known := map[intervalID]IntervalRecord{}
	verdicts := make([]Verdict, len(drafts))
	if len(drafts) == 0 {
		return verdicts, known, nil
	}
	from, to := drafts[0].StartAt, drafts[0].StartAt
	var queues []ids.Queue
	for _, d := range drafts {
		queues = append(queues, d.QueueID)
		from, to = min(from, d.StartAt), max(to, d.Span().End)
	}
	slices.SortFunc(queues, ids.Queue.Compare)
	var stored []IntervalRecord
	if err := tx.Where("queue_id IN ? AND source = ? AND start_at > ? AND start_at < ? AND is_current = ?", slices.Compact(queues), o.Source, from-maxIntervalLength, to, true).
		Find(&stored).Error; err != nil {
		return nil, nil, err
	}
	taken := map[ids.Queue][]calendar.Interval{}
	for _, r := range stored {
		known[intervalID{r.QueueID, r.StartAt}] = r
		taken[r.QueueID] = append(taken[r.QueueID], r.Span())
	}
	for i, d := range drafts {
		old, ok := known[intervalID{d.QueueID, d.StartAt}]
		if ok && bytes.Equal(old.ContentHash, d.Hash()) {
			verdicts[i].Fate = Unchanged
			continue
		}
		if ok && !o.Import.IsZero() && old.ImportID == o.Import {
			verdicts[i].Fate = Repeated
			continue
		}
		v := d.Span()
		clash := slices.IndexFunc(taken[d.QueueID], func(t calendar.Interval) bool { return t.Start != v.Start && t.Start < v.End && v.Start < t.End })
		switch {
		case clash >= 0:
			verdicts[i] = Verdict{Fate: Clashing, Clash: taken[d.QueueID][clash]}
			continue
		case ok:
			verdicts[i].Fate = Changed
			taken[d.QueueID] = slices.DeleteFunc(taken[d.QueueID], func(t calendar.Interval) bool { return t.Start == v.Start })
		}
		taken[d.QueueID] = append(taken[d.QueueID], v)
	}
	return verdicts, known, nil
}

// PutIntervals stores the drafts of one origin and marks the buckets they touch;
// drafts that clash or repeat are left out. Queue and start must be unique among the drafts.
func (b *Book) PutIntervals(tx *database.Tx, o Origin, drafts []IntervalDraft) ([]Verdict, error) {
	verdicts, known, err := b.classifyIntervals(tx, o, drafts)
	if err != nil {
		return nil, err
	}
	now := b.db.Now()
	marks := Marks{}
	var rows []IntervalRecord
	for i, d := range drafts {
		if verdicts[i].Fate != New && verdicts[i].Fate != Changed {
			continue
		}
		revision := 1
		if verdicts[i].Fate == Changed {
			old := known[intervalID{d.QueueID, d.StartAt}]
			revision = old.Revision + 1
			marks.QueueSpan(o.Client, d.QueueID, old.Span())
			if err := tx.Model(&IntervalRecord{}).Where("queue_id = ? AND source = ? AND start_at = ? AND is_current = ?", d.QueueID, o.Source, d.StartAt, true).
				Update("is_current", false).Error; err != nil {
				return nil, err
			}
		}
		rows = append(rows, IntervalRecord{ClientID: o.Client, QueueID: d.QueueID, Source: o.Source, StartAt: d.StartAt, Revision: revision, LengthMS: d.LengthMS,
			Offered: d.Offered, Answered: d.Answered, Abandoned: d.Abandoned, WithinThreshold: d.WithinThreshold, WaitMS: d.WaitMS, HandleMS: d.HandleMS,
			ContentHash: d.Hash(), ImportID: o.Import, RecordedAt: now, IsCurrent: true})
		marks.QueueSpan(o.Client, d.QueueID, d.Span())
	}
	if _, err := database.Insert(tx, rows); err != nil {
		return nil, err
	}
	return verdicts, marks.Store(tx, now)
}
