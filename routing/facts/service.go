package facts

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// marksPerTurn bounds the buckets one transaction computes, so that it stays short.
const marksPerTurn = 384

// Service keeps the facts. It is safe for concurrent use.
type Service struct {
	db       *database.DB
	contract *contract.Service
}

// NewService makes the service.
func NewService(db *database.DB, c *contract.Service) *Service {
	return &Service{db: db, contract: c}
}

// terms is what the computation needs to know about queues.
type terms struct {
	history map[ids.Queue][]contract.Terms
	lob     map[ids.Queue]ids.LOB
}

func (t terms) limits(q ids.Queue, at calendar.Instant) Limits {
	for _, v := range t.history[q] {
		if v.ValidFrom <= at && (v.ValidTo == nil || *v.ValidTo > at) {
			return Limits{ThresholdMS: v.ThresholdMS, ShortAbandonMS: v.ShortAbandonMS}
		}
	}
	return Limits{ThresholdMS: DefaultThresholdMS}
}

// loadTerms reads the history of all queues' terms. Terms are effective-dated and
// never change, except that new ones begin; SetTerms of a past date is followed by Remark.
func (s *Service) loadTerms(ctx context.Context) (terms, error) {
	out := terms{history: map[ids.Queue][]contract.Terms{}, lob: map[ids.Queue]ids.LOB{}}
	all, err := s.contract.TermsHistory(ctx, scope.Provider())
	if err != nil {
		return out, err
	}
	for _, t := range all {
		out.history[t.QueueID] = append(out.history[t.QueueID], t)
	}
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var queues []contract.Queue
		if err := tx.Select("id", "lob_id").Find(&queues).Error; err != nil {
			return err
		}
		for _, q := range queues {
			out.lob[q.ID] = q.LOBID
		}
		return nil
	})
	return out, err
}

// RollUp computes every marked bucket again, some in each turn, and gives how many
// it computed. Buckets that are marked meanwhile stay marked for the next call.
// progress (may be nil) hears how many are done and how many are left. It needs no
// right: what it computes follows from the records alone.
//
// A turn reads and computes without holding anybody up, then takes the marks and
// stores the facts in a short transaction: writers of records, who mark the same
// buckets, wait for no computation.
func (s *Service) RollUp(ctx context.Context, progress func(done, left int64)) (int64, error) {
	known, err := s.loadTerms(ctx)
	if err != nil {
		return 0, err
	}
	var done, total int64
	if progress != nil { // counting reads every mark, so it is done once and marks added meanwhile are not awaited
		if err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error { return tx.Model(&records.Mark{}).Count(&total).Error }); err != nil {
			return 0, err
		}
	}
	var last records.Mark
	for {
		marks, groups, err := s.compute(ctx, last, known)
		if err != nil || len(marks) == 0 {
			return done, err
		}
		if err := s.db.EnsureMonths(ctx, reach(marks)); err != nil {
			return done, err
		}
		if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return store(tx, marks, groups) }); err != nil {
			return done, err
		}
		last = marks[len(marks)-1]
		done += int64(len(marks))
		if progress != nil {
			progress(done, max(0, total-done))
		}
	}
}

// between restricts a query to the marks from the first to the last of the list.
func between(tx *database.Tx, marks []records.Mark) *gorm.DB {
	a, b := marks[0], marks[len(marks)-1]
	return tx.Where("(kind, key, start_at) >= (?, ?, ?) AND (kind, key, start_at) <= (?, ?, ?)", a.Kind, a.Key, a.StartAt, b.Kind, b.Key, b.StartAt).Order("kind, key, start_at")
}

// compute reads the next marks and, in the same state of the database, the records
// of their buckets, and computes the facts.
func (s *Service) compute(ctx context.Context, after records.Mark, known terms) (marks []records.Mark, groups []group, err error) {
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		marks, groups = nil, nil
		if err := tx.Where("(kind, key, start_at) > (?, ?, ?)", after.Kind, after.Key, after.StartAt).Order("kind, key, start_at").Limit(marksPerTurn).Find(&marks).Error; err != nil {
			return err
		}
		slices.SortFunc(marks, compareMarks)
		groups = groupsOf(marks)
		for i := range groups {
			if err := groups[i].compute(tx, known); err != nil {
				return err
			}
		}
		return nil
	})
	return marks, groups, err
}

// compareMarks orders marks as every writer does.
func compareMarks(a, b records.Mark) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.Key[:], b.Key[:]), cmp.Compare(a.StartAt, b.StartAt))
}

// reach gives the time the marks lie in.
func reach(marks []records.Mark) calendar.Interval {
	v := calendar.Interval{Start: marks[0].StartAt, End: marks[0].StartAt + calendar.Quarter}
	for _, m := range marks {
		v.Start, v.End = min(v.Start, m.StartAt), max(v.End, m.StartAt+calendar.Quarter)
	}
	return v
}

// store takes the marks and stores what was computed. A mark that somebody has
// renewed meanwhile stays, so that its bucket is computed again; a bucket whose mark
// is gone was computed by somebody else after this turn had read, and is left alone.
func store(tx *database.Tx, marks []records.Mark, groups []group) error {
	var present []records.Mark
	if err := between(tx, marks).Clauses(database.ForUpdate()).Find(&present).Error; err != nil {
		return err
	}
	now := make(map[records.Mark]calendar.Instant, len(present))
	for _, m := range present {
		now[named(m)] = m.MarkedAt
	}
	there := func(m records.Mark) bool { _, ok := now[named(m)]; return ok }
	for i := range groups {
		if err := groups[i].take(tx, func(m records.Mark) bool { return now[named(m)] == m.MarkedAt && there(m) }); err != nil {
			return err
		}
		if err := groups[i].store(tx, there); err != nil {
			return err
		}
	}
	return nil
}

// named gives the bucket of a mark without when and for whom it was set.
func named(m records.Mark) records.Mark {
	return records.Mark{Kind: m.Kind, Key: m.Key, StartAt: m.StartAt}
}
