package facts

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// marksPerTurn bounds the buckets one transaction computes, so that it stays short.
const marksPerTurn = 384

// longestGroup bounds the time that the buckets computed with one query span.
const longestGroup = 15 * calendar.Day

// longestWork is how far back states and segments may begin that reach into a bucket.
const longestWork = 2 * calendar.Day

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

// RollUp computes the marked buckets again until none is left, a few in each
// transaction, and gives how many it computed. progress (may be nil) hears how many
// are done and how many are left. It needs no right: what it computes follows from
// the records alone.
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
	for {
		marks, err := s.nextMarks(ctx)
		if err != nil || len(marks) == 0 {
			return done, err
		}
		if err := s.db.EnsureMonths(ctx, reach(marks)); err != nil {
			return done, err
		}
		if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return s.turn(tx, marks, known) }); err != nil {
			return done, err
		}
		done += int64(len(marks))
		if progress != nil {
			progress(done, max(0, total-done))
		}
	}
}

// nextMarks reads some marks, in the order of their kind, key and start.
func (s *Service) nextMarks(ctx context.Context) (marks []records.Mark, err error) {
	err = s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		marks = nil
		return tx.Order("kind, key, start_at").Limit(marksPerTurn).Find(&marks).Error
	})
	slices.SortFunc(marks, func(a, b records.Mark) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), bytes.Compare(a.Key[:], b.Key[:]), cmp.Compare(a.StartAt, b.StartAt))
	})
	return marks, err
}

// reach gives the time the marks lie in.
func reach(marks []records.Mark) calendar.Interval {
	v := calendar.Interval{Start: marks[0].StartAt, End: marks[0].StartAt + calendar.Quarter}
	for _, m := range marks {
		v.Start, v.End = min(v.Start, m.StartAt), max(v.End, m.StartAt+calendar.Quarter)
	}
	return v
}

// turn takes the marks and computes their buckets. Taking comes first: it waits for
// transactions that are marking, so their records are seen.
func (s *Service) turn(tx *database.Tx, marks []records.Mark, known terms) error {
	for len(marks) > 0 {
		n := 1
		for n < len(marks) && marks[n].Kind == marks[0].Kind && marks[n].Key == marks[0].Key && marks[n].StartAt-marks[0].StartAt < longestGroup {
			n++
		}
		group := marks[:n]
		marks = marks[n:]
		starts := make([]calendar.Instant, n)
		for i, m := range group {
			starts[i] = m.StartAt
		}
		if err := tx.Where("kind = ? AND key = ? AND start_at IN ?", group[0].Kind, group[0].Key, starts).Delete(&records.Mark{}).Error; err != nil {
			return err
		}
		var err error
		if group[0].Kind == records.DirtyQueue {
			err = queueTurn(tx, ids.Queue(group[0].Key), starts, known)
		} else {
			err = agentTurn(tx, ids.Agent(group[0].Key), starts, known)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// queueTurn replaces a queue's facts in the buckets.
func queueTurn(tx *database.Tx, queue ids.Queue, starts []calendar.Instant, known terms) error {
	from, to := starts[0], starts[len(starts)-1]+calendar.Quarter
	var contacts []records.Contact
	if err := tx.Select("id", "arrived_at", "client_id", "queue_id", "queued_at", "outcome", "wait_ms", "handle_ms").
		Where("queue_id = ? AND arrived_at >= ? AND arrived_at < ? AND is_current = ?", queue, from, to, true).Find(&contacts).Error; err != nil {
		return err
	}
	var intervals []records.IntervalRecord
	if err := tx.Where("queue_id = ? AND start_at > ? AND start_at < ? AND is_current = ?", queue, from-calendar.Day-calendar.Hour, to, true).
		Order("source, start_at").Find(&intervals).Error; err != nil {
		return err
	}
	if err := tx.Where("queue_id = ? AND start_at IN ?", queue, starts).Delete(&QueueFact{}).Error; err != nil {
		return err
	}
	var client ids.Client
	switch {
	case len(contacts) > 0:
		client = contacts[0].ClientID
	case len(intervals) > 0:
		client = intervals[0].ClientID
	default:
		return nil
	}
	_, err := database.Insert(tx, QueueFacts(queue, client, starts, contacts, intervals, known.limits))
	return err
}

// agentTurn replaces an agent's facts in the buckets.
func agentTurn(tx *database.Tx, agent ids.Agent, starts []calendar.Instant, known terms) error {
	from, to := starts[0], starts[len(starts)-1]+calendar.Quarter
	var states []records.State
	if err := tx.Select("id", "agent_id", "client_id", "lob_id", "started_at", "ended_at", "activity", "paid", "billable").
		Where("agent_id = ? AND started_at > ? AND started_at < ? AND is_current = ? AND ended_at > ?", agent, from-longestWork, to, true, from).
		Find(&states).Error; err != nil {
		return err
	}
	var segments []records.Segment
	if err := tx.Select("id", "agent_id", "client_id", "queue_id", "offered_at", "accepted_at", "ended_at", "wrapped_at").
		Where("agent_id = ? AND offered_at > ? AND offered_at < ? AND is_current = ? AND accepted_at IS NOT NULL", agent, from-longestWork, to+calendar.Hour, true).
		Find(&segments).Error; err != nil {
		return err
	}
	if err := tx.Where("agent_id = ? AND start_at IN ?", agent, starts).Delete(&AgentFact{}).Error; err != nil {
		return err
	}
	_, err := database.Insert(tx, AgentFacts(agent, starts, states, segments, func(q ids.Queue) ids.LOB { return known.lob[q] }))
	return err
}
