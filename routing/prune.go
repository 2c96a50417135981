package routing

import (
	"context"
	"encoding/binary"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// pruneBatch is how many rows one transaction removes: the leader waits for no more.
const pruneBatch = 500

// Prune removes applied inputs of before the instant from the inbox, and inputs that
// were set aside and closed before it, and gives their number. Until then a repeated
// input is recognised by its key; the input of a contact that is still open stays. It
// is called on a node that Prepare has readied. The log is never pruned, and of
// snapshots the leader keeps the last two.
func (l *Live) Prune(ctx context.Context, before calendar.Instant) (int64, error) {
	return l.prune(ctx, before, pruneBatch)
}

// prune is Prune with batches of so many rows.
func (l *Live) prune(ctx context.Context, before calendar.Instant, batch int) (int64, error) {
	var removed int64
	last := ids.Event{}
	for {
		n, next, err := l.pruneInbox(ctx, before, last, batch)
		removed += n
		if err != nil {
			return removed, err
		}
		if next.IsZero() {
			break
		}
		last = next
	}
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Where("domain_id = ? AND closed_at < ?", l.domain, before).Delete(&Aside{})
		removed += r.RowsAffected
		return r.Error
	})
	return removed, err
}

// pruneInbox removes one batch of inputs whose ids come after last and gives the last
// one that it looked at, zero when there are no more.
func (l *Live) pruneInbox(ctx context.Context, before calendar.Instant, last ids.Event, batch int) (removed int64, next ids.Event, err error) {
	err = l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		var rows []inboxRow
		// Ids begin with the time at which they were made: the primary key finds the old rows.
		old := tx.Where("domain_id = ? AND id < ? AND received_at < ? AND applied_seq IS NOT NULL", l.domain, firstID(before), before)
		if !last.IsZero() {
			old = old.Where("id > ?", last)
		}
		if err := old.Order("id").Limit(batch).Find(&rows).Error; err != nil {
			return err
		}
		open, err := openOf(tx.DB, rows)
		if err != nil {
			return err
		}
		var gone []ids.Event
		for _, r := range rows {
			if !open[r.Event.Contact] {
				gone = append(gone, r.ID)
			}
		}
		removed, next = int64(len(gone)), ids.Event{}
		if len(rows) == batch {
			next = rows[len(rows)-1].ID
		}
		return database.Remove[inboxRow](tx.DB, "id", gone)
	})
	return removed, next, err
}

// openOf finds the contacts of inputs that are still open.
func openOf(tx *gorm.DB, rows []inboxRow) (map[ids.Contact]bool, error) {
	var contacts []ids.Contact
	for _, r := range rows {
		if !r.Event.Contact.IsZero() {
			contacts = append(contacts, r.Event.Contact)
		}
	}
	found, err := database.Lookup[Contact](tx.Select("contact_id"), "contact_id", distinct(contacts))
	out := make(map[ids.Contact]bool, len(found))
	for _, c := range found {
		out[c.ContactID] = true
	}
	return out, err
}

// firstID is the least id that can have been made at the instant: 48 bits of
// milliseconds come first.
func firstID(at calendar.Instant) (id ids.Event) {
	binary.BigEndian.PutUint64(id[:8], uint64(max(0, at/calendar.Millisecond))<<16)
	return id
}
