package facts

import (
	"context"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// Query selects facts; zero members do not narrow.
type Query struct {
	Client ids.Client
	Queues []ids.Queue
	Agents []ids.Agent
	Span   calendar.Interval // [start, end) of buckets
}

func (q Query) where(tx *gorm.DB) *gorm.DB {
	if !q.Client.IsZero() {
		tx = tx.Where("client_id = ?", q.Client)
	}
	if q.Span.End > q.Span.Start {
		tx = tx.Where("start_at >= ? AND start_at < ?", q.Span.Start, q.Span.End)
	}
	return tx
}

// Queues lists queue facts of the scope by queue and start. A bucket without
// contacts has no fact.
func (s *Service) Queues(ctx context.Context, sc scope.Scope, q Query) ([]QueueFact, error) {
	var out []QueueFact
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		query := q.where(tx.DB)
		if len(q.Queues) > 0 {
			query = query.Where("queue_id IN ?", q.Queues)
		}
		return query.Order("queue_id, start_at").Find(&out).Error
	})
	return out, err
}

// Agents lists agent facts of the scope by agent, start and slot. A client's scope
// sees the time spent for that client only.
func (s *Service) Agents(ctx context.Context, sc scope.Scope, q Query) ([]AgentFact, error) {
	var out []AgentFact
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		query := q.where(tx.DB)
		if len(q.Agents) > 0 {
			query = query.Where("agent_id IN ?", q.Agents)
		}
		return query.Order("agent_id, start_at, slot").Find(&out).Error
	})
	return out, err
}

// Sum adds facts up; WaitMaxMS is the longest. Queue, client and start are the first one's.
func Sum(all []QueueFact) QueueFact {
	var out QueueFact
	for i, f := range all {
		if i == 0 {
			out.QueueID, out.ClientID, out.StartAt = f.QueueID, f.ClientID, f.StartAt
		}
		out.add(f)
	}
	return out
}
