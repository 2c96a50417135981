package facts

import (
	"context"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// bucketStart turns a column of instants into the start of its bucket on both databases.
const bucketStart = " / 900000000 * 900000000 AS start_at"

// Rebuild throws the facts of the span away and computes them from the records. The
// result is the same as what rolling up marked buckets has made. The span is widened
// to whole buckets.
func (s *Service) Rebuild(ctx context.Context, span calendar.Interval, progress func(done, left int64)) (int64, error) {
	span.Start, span.End = span.Start.Floor(calendar.Quarter), span.End.Ceil(calendar.Quarter)
	for day := span.Start; day < span.End; day += calendar.Day {
		part := calendar.Interval{Start: day, End: min(day+calendar.Day, span.End)}
		if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error { return s.remark(tx, part) }); err != nil {
			return 0, err
		}
	}
	return s.RollUp(ctx, progress)
}

// Span gives the time all records lie in, empty when there are none.
func (s *Service) Span(ctx context.Context) (calendar.Interval, error) {
	var out calendar.Interval
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		out = calendar.Interval{}
		for _, source := range []struct {
			model  any
			column string
		}{{&records.Contact{}, "arrived_at"}, {&records.State{}, "started_at"}, {&records.IntervalRecord{}, "start_at"}, {&records.Segment{}, "offered_at"}} {
			var first, last []calendar.Instant
			if err := tx.Model(source.model).Order(source.column).Limit(1).Pluck(source.column, &first).Error; err != nil {
				return err
			}
			if err := tx.Model(source.model).Order(source.column+" DESC").Limit(1).Pluck(source.column, &last).Error; err != nil {
				return err
			}
			if len(first) == 0 || len(last) == 0 {
				continue
			}
			end := last[0] + longestWork
			if out.End == 0 {
				out = calendar.Interval{Start: first[0], End: end}
			}
			out.Start, out.End = min(out.Start, first[0]), max(out.End, end)
		}
		return nil
	})
	return out, err
}

// remark deletes the facts of the part and marks every bucket that has records.
func (s *Service) remark(tx *database.Tx, part calendar.Interval) error {
	marks := records.Marks{}
	type place struct {
		QueueID  ids.Queue
		ClientID ids.Client
		StartAt  calendar.Instant
	}
	var places []place
	if err := tx.Model(&records.Contact{}).Select("DISTINCT queue_id, client_id, arrived_at"+bucketStart).
		Where("arrived_at >= ? AND arrived_at < ? AND is_current = ?", part.Start, part.End, true).Scan(&places).Error; err != nil {
		return err
	}
	for _, p := range places {
		marks.Queue(p.ClientID, p.QueueID, p.StartAt)
	}
	var intervals []records.IntervalRecord
	if err := tx.Where("start_at > ? AND start_at < ? AND is_current = ?", part.Start-calendar.Day-calendar.Hour, part.End, true).Find(&intervals).Error; err != nil {
		return err
	}
	for _, r := range intervals {
		marks.QueueSpan(r.ClientID, r.QueueID, clipTo(r.Span(), part))
	}
	var states []records.State
	if err := tx.Select("agent_id", "started_at", "ended_at").
		Where("started_at > ? AND started_at < ? AND is_current = ? AND ended_at > ?", part.Start-longestWork, part.End, true, part.Start).Find(&states).Error; err != nil {
		return err
	}
	for _, v := range states {
		marks.Agent(v.AgentID, clipTo(calendar.Interval{Start: v.StartedAt, End: *v.EndedAt}, part))
	}
	var segments []records.Segment
	if err := tx.Where("offered_at > ? AND offered_at < ? AND is_current = ? AND accepted_at IS NOT NULL", part.Start-longestWork, part.End+calendar.Hour, true).
		Find(&segments).Error; err != nil {
		return err
	}
	for _, v := range segments {
		marks.Agent(v.AgentID, clipTo(v.Worked(), part))
	}
	for _, facts := range []any{&QueueFact{}, &AgentFact{}} {
		if err := tx.Where("start_at >= ? AND start_at < ?", part.Start, part.End).Delete(facts).Error; err != nil {
			return err
		}
	}
	return marks.Store(tx, s.db.Now())
}

// clipTo gives what the intervals share.
func clipTo(v, part calendar.Interval) calendar.Interval {
	return calendar.Interval{Start: max(v.Start, part.Start), End: min(v.End, part.End)}
}
