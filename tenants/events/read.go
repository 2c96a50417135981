package events

import (
	"context"
	"fmt"
	"math"
	"strings"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/scope"
)

// Filter narrows a stream; zero fields do not narrow.
type Filter struct {
	Types   []string // exact, or the beginning of types when it ends with a dot: "roster."
	Subject string
}

// narrow adds the filter to a query.
func (f Filter) narrow(query *gorm.DB) *gorm.DB {
	if f.Subject != "" {
		query = query.Where("subject = ?", f.Subject)
	}
	if len(f.Types) == 0 {
		return query
	}
	types := query.Session(&gorm.Session{NewDB: true})
	for _, t := range f.Types {
		if strings.HasSuffix(t, ".") {
			// '/' follows '.' in ASCII, so this is a range of the beginning t.
			types = types.Or("type >= ? AND type < ?", t, strings.TrimSuffix(t, ".")+"/")
		} else {
			types = types.Or("type = ?", t)
		}
	}
	return query.Where(types)
}

// maxBatch is the most events one read gives.
const maxBatch = 500

// bound leaves out events behind which another could still appear. A read in
// the caller's transaction sees the state in which that one began; others ask
// the horizon of the database before they open theirs.
type bound struct {
	xid   int64
	known bool // xid is set
}

// boundOf asks for the bound before a transaction is opened.
func (s *Stream) boundOf(ctx context.Context) (bound, error) {
	if s.db.InTransaction(ctx) {
		return bound{}, nil
	}
	xid, ok, err := s.db.Horizon(ctx)
	return bound{xid: xid, known: ok}, err
}

// apply narrows a query.
func (b bound) apply(tx *database.Tx) *gorm.DB {
	switch {
	case b.known:
		return tx.Where("xid < ?", b.xid)
	case tx.Dialect() == database.PostgreSQL:
		return tx.Where("xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
	default:
		return tx.DB
	}
}

// position is a place in the order of the stream.
type position struct {
	xid transaction
	seq int64
}

// position gives the place of a row.
func (r row) position() position { return position{xid: r.Xid, seq: r.Seq} }

// before reports whether the place lies before another.
func (p position) before(o position) bool {
	return p.xid < o.xid || p.xid == o.xid && p.seq < o.seq
}

// beginning is before every event; a restored outbox has numbers below zero.
var beginning = position{xid: math.MinInt64}

// after leaves out what lies at or before the position.
func (p position) after(query *gorm.DB) *gorm.DB {
	return query.Where("(xid > ? OR (xid = ? AND seq > ?))", int64(p.xid), int64(p.xid), p.seq)
}

// find gives the position of a sequence number within the scope of the
// transaction, or the beginning when there is none.
func find(tx *database.Tx, seq int64) (position, bool, error) {
	var found []row
	if err := tx.Select("seq", "xid").Where("seq = ?", seq).Limit(1).Find(&found).Error; err != nil {
		return beginning, false, fmt.Errorf("events: position: %w", err)
	}
	if len(found) == 0 {
		return beginning, false, nil
	}
	return position{xid: found[0].Xid, seq: seq}, true, nil
}

// ErrReset is the fault of a reader whose place in the stream is gone: it must
// load the present state and go on from Head.
var ErrReset = fault.New(fault.Conflict, "events.reset", "The place to resume at is no longer kept; load the present state and follow from its head.")

// Head gives the sequence number of the newest event in the scope, 0 when there is none.
func (s *Stream) Head(ctx context.Context, sc scope.Scope) (int64, error) {
	newest, err := s.head(ctx, sc)
	return newest.seq, err
}

// head gives the place of the newest event in the scope, the beginning when there is none.
func (s *Stream) head(ctx context.Context, sc scope.Scope) (position, error) {
	settled, err := s.boundOf(ctx)
	if err != nil {
		return beginning, err
	}
	var newest []row
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return settled.apply(tx).Select("seq", "xid").Order("xid DESC, seq DESC").Limit(1).Find(&newest).Error
	})
	if err != nil || len(newest) == 0 {
		return beginning, err
	}
	return newest[0].position(), nil
}

// Read gives up to limit events of the scope after a sequence number, in
// order; 0 starts at the oldest that is kept. The error is ErrReset when the
// event of that number is no longer kept or lies outside the scope.
func (s *Stream) Read(ctx context.Context, sc scope.Scope, after int64, f Filter, limit int) ([]Event, error) {
	rows, err := s.read(ctx, sc, f, limit, func(tx *database.Tx) (position, error) {
		from, found, err := find(tx, after)
		if err == nil && !found && after != 0 {
			err = ErrReset
		}
		return from, err
	})
	if err != nil {
		return nil, err
	}
	return envelopes(rows), nil
}

// read gives rows after the position that from gives.
func (s *Stream) read(ctx context.Context, sc scope.Scope, f Filter, limit int, from func(*database.Tx) (position, error)) ([]row, error) {
	settled, err := s.boundOf(ctx)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = s.db.Read(ctx, sc, func(tx *database.Tx) error {
		start, err := from(tx)
		if err != nil {
			return err
		}
		return f.narrow(start.after(settled.apply(tx))).Order("xid, seq").Limit(min(maxBatch, max(1, limit))).Find(&rows).Error
	})
	return rows, err
}

// envelopes gives the events of rows.
func envelopes(rows []row) []Event {
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events
}

// Prune deletes events from before the instant and gives their number. Events
// that a consumer has yet to read stay, unless the consumer has not moved since
// the instant either.
func (s *Stream) Prune(ctx context.Context, before calendar.Instant) (int64, error) {
	var deleted int64
	err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		var cursors []cursor
		if err := tx.Where("updated_at >= ?", before).Find(&cursors).Error; err != nil {
			return fmt.Errorf("events: prune: %w", err)
		}
		query := tx.Where("at < ?", before)
		for _, c := range cursors {
			p, _, err := find(tx, c.Seq)
			if err != nil {
				return err
			}
			query = query.Where("(xid < ? OR (xid = ? AND seq < ?))", int64(p.xid), int64(p.xid), p.seq)
		}
		result := query.Delete(&row{})
		deleted = result.RowsAffected
		return result.Error
	})
	return deleted, err
}
