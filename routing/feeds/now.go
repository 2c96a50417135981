package feeds

import (
	"errors"

	"muster/tenants/database"
	"muster/tenants/ids"
)

// Now is what the feeds of a scope tell of the present.
type Now struct {
	Feeds    map[ids.Any]Feed
	Agents   []LiveAgent             // those who are signed in
	Contacts []LiveContact           // those that are open, the oldest first
	Queues   map[ids.Queue][]ids.Any // feeds that name the queue
}

// ReadNow reads, under the transaction's scope, what the active feeds tell of the present.
func ReadNow(tx *database.Tx) (Now, error) {
	out := Now{Feeds: map[ids.Any]Feed{}, Queues: map[ids.Queue][]ids.Any{}}
	var feeds []Feed
	if err := tx.Where("active = ?", true).Order("id").Find(&feeds).Error; err != nil || len(feeds) == 0 {
		return out, err
	}
	var active []ids.Any
	for _, f := range feeds {
		out.Feeds[f.ID] = f
		active = append(active, f.ID)
	}
	var names []Name
	err := errors.Join(
		tx.Where("feed_id IN ? AND state <> 'off'", active).Order("agent_id, feed_id").Find(&out.Agents).Error,
		tx.Where("feed_id IN ? AND status IN ('waiting', 'offered', 'active')", active).Order("arrived_at, subject").Find(&out.Contacts).Error,
		tx.Distinct("feed_id", "target_id").Where("feed_id IN ? AND kind = ? AND status = ? AND valid_to IS NULL", active, QueueName, Mapped).Order("feed_id, target_id").Find(&names).Error)
	for _, n := range names {
		out.Queues[ids.Queue(n.TargetID)] = append(out.Queues[ids.Queue(n.TargetID)], n.FeedID)
	}
	return out, err
}
