package reporting

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"muster/reporting/measure"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// totals gives the sum of an indicator's rows. Counts of facts are added up by the
// database, which is the same sum; only what needs single rows loads them.
func (s *Service) totals(ctx context.Context, sc scope.Scope, key measure.Key, p Part, span calendar.Interval, zone *time.Location) (measure.Counts, Source, error) {
	var out measure.Counts
	added := false
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, added = measure.Counts{}, false
		switch key {
		case measure.ForecastAccuracy, measure.ForecastBias:
			return nil
		case measure.Occupancy:
			added = true
			out, err = addAgents(tx, p, span)
			return err
		}
		queues, err := queuesOf(tx, p)
		if err != nil {
			return err
		}
		list := make([]ids.Queue, len(queues))
		for i, q := range queues {
			list[i] = q.ID
		}
		own, err := hasOwnThreshold(tx, p.Threshold, list, span)
		if err != nil || own {
			return err
		}
		added = true
		if len(list) == 0 {
			return nil
		}
		v, err := sumColumns(tx.Model(&facts.QueueFact{}).Where("client_id = ? AND queue_id IN ? AND start_at >= ? AND start_at < ?", p.Client, list, span.Start, span.End),
			"offered", "queued", "answered", "answered_within", "abandoned", "abandoned_within", "abandoned_short", "wait_answered_ms", "wait_abandoned_ms", "handle_ms")
		out = v.counts()
		return err
	})
	if err != nil || added {
		return out, FromFacts, err
	}
	rows, source, err := s.rows(ctx, sc, key, p, span, zone)
	return total(rows), source, err
}

// sums receives the sums of a query; the names are those of the columns.
type sums struct {
	Offered         int64
	Queued          int64
	Answered        int64
	AnsweredWithin  int64
	Abandoned       int64
	AbandonedWithin int64
	AbandonedShort  int64
	WaitAnsweredMs  int64
	WaitAbandonedMs int64
	HandleMs        int64
	TotalMs         int64
}

// sumColumns adds the columns of the selected rows up.
func sumColumns(query *gorm.DB, columns ...string) (sums, error) {
	selected := make([]string, len(columns))
	for i, c := range columns {
		// PostgreSQL gives the sum of 64-bit integers as numeric; it is cast back.
		selected[i] = "CAST(COALESCE(SUM(" + c + "), 0) AS BIGINT) AS " + c
	}
	var out sums
	return out, query.Select(strings.Join(selected, ", ")).Scan(&out).Error
}

// counts gives the sums of queue facts.
func (v sums) counts() measure.Counts {
	return measure.Counts{Offered: v.Offered, Queued: v.Queued, Answered: v.Answered, AnsweredWithin: v.AnsweredWithin, Abandoned: v.Abandoned, AbandonedWithin: v.AbandonedWithin,
		AbandonedShort: v.AbandonedShort, WaitAnsweredMS: v.WaitAnsweredMs, WaitAbandonedMS: v.WaitAbandonedMs, HandleMS: v.HandleMs}
}

// addAgents adds the agents' time for contacts, and of it the time busy.
func addAgents(tx *database.Tx, p Part, span calendar.Interval) (measure.Counts, error) {
	of := func(activity records.Activity, column string) (sums, error) {
		q := tx.Model(&facts.AgentFact{}).Where("client_id = ? AND activity = ? AND start_at >= ? AND start_at < ?", p.Client, activity, span.Start, span.End)
		if !p.LOB.IsZero() {
			q = q.Where("lob_id = ?", p.LOB)
		}
		return sumColumns(q, column)
	}
	work, err := of(records.Work, "total_ms")
	if err != nil {
		return measure.Counts{}, err
	}
	busy, err := of(facts.Handling, "handle_ms")
	return measure.Counts{WorkMS: work.TotalMs, HandlingMS: busy.HandleMs}, err
}
