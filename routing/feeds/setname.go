package feeds

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Meaning is what a person says a name means.
type Meaning struct {
	Kind     NameKind          `json:"kind" enum:"agent,queue,code"`
	Name     string            `json:"name" minLength:"1" maxLength:"200"`
	Ignore   bool              `json:"ignore,omitempty" doc:"An agent or queue that is not ours: its events say nothing"`
	Target   ids.Any           `json:"target_id,omitzero" doc:"The agent or queue"`
	Activity records.Activity  `json:"activity,omitempty" doc:"Of a code: an activity, or off for signed out"`
	Paid     bool              `json:"paid,omitempty"`
	Billable bool              `json:"billable,omitempty"`
	From     *calendar.Instant `json:"from,omitempty" doc:"Since when it means that; absent: a name without a meaning from the beginning, another from now on"`
}

// NameView is a name with the events that wait for it.
type NameView struct {
	Name
	Waiting int64 `json:"waiting"`
}

// Names lists what the feed's names mean, those to be mapped first.
func (s *Service) Names(ctx context.Context, sc scope.Scope, feed ids.Any) ([]NameView, error) {
	out := []NameView{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := one(tx, feed); err != nil {
			return err
		}
		var names []Name
		if err := tx.Where("feed_id = ?", feed).Order("kind, name, valid_from").Find(&names).Error; err != nil {
			return err
		}
		held, err := heldBy(tx, feed)
		if err != nil {
			return err
		}
		for _, n := range names {
			v := NameView{Name: n}
			if n.Status == Open {
				v.Waiting = held[blockedBy(n.Kind, n.Name)]
			}
			out = append(out, v)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b NameView) int {
		return -cmp.Compare(b2i(a.Status == Open), b2i(b.Status == Open))
	})
	return out, err
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// heldBy counts the events that wait, by what they wait for.
func heldBy(tx *database.Tx, feed ids.Any) (map[string]int64, error) {
	var rows []struct {
		Blocked string
		N       int64
	}
	err := tx.Model(&kept{}).Select("blocked, count(*) AS n").Where("feed_id = ? AND status = ?", feed, waiting).Group("blocked").Scan(&rows).Error
	out := map[string]int64{}
	for _, r := range rows {
		out[r.Blocked] = r.N
	}
	return out, err
}

// SetName says what a name of the source means. The events that waited for it are
// applied, and those that were applied with another meaning since then again.
func (s *Service) SetName(ctx context.Context, sc scope.Scope, feed ids.Any, m Meaning) (Name, error) {
	var n Name
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		f, err := hold(tx, feed)
		if err != nil {
			return err
		}
		if err := m.check(tx, f); err != nil {
			return err
		}
		n, err = s.setName(tx, f, m)
		return err
	})
	if err != nil || s.db.InTransaction(ctx) {
		return n, err
	}
	return n, s.Settle(ctx, feed)
}

// check refuses a meaning that the feed must not have: a client's feed names the
// client's queues and agents who serve the client.
func (m Meaning) check(tx *database.Tx, f Feed) error {
	if !slices.Contains(NameKinds(), m.Kind) {
		return fault.Newf(fault.Invalid, "feed.unknown_name_kind", "The kind of name %q is unknown; known are: %s.", m.Kind, fault.Allowed(NameKinds())).With("kind", string(m.Kind))
	}
	if strings.TrimSpace(m.Name) == "" || len(m.Name) > maxText {
		return fault.New(fault.Invalid, "feed.name_empty", "Say which name of the source is meant.")
	}
	if m.Kind == CodeName {
		if m.Ignore || m.Activity != Off && !records.KnownActivity(m.Activity) {
			return fault.Newf(fault.Invalid, "feed.unknown_activity", "A code means one of the activities %s, or off for signed out.", fault.Allowed(records.Activities()))
		}
		return nil
	}
	if m.Ignore {
		return nil
	}
	if m.Kind == QueueName {
		query := tx.Where("id = ?", m.Target)
		if !f.ClientID.IsZero() {
			query = query.Where("client_id = ?", f.ClientID)
		}
		_, err := database.One[contract.Queue](query, "feed.no_queue_there", "There is no such queue within reach of the feed.")
		return err
	}
	if _, err := database.One[people.Agent](tx.Where("id = ?", m.Target), "feed.no_agent_there", "There is no such agent within reach of the feed."); err != nil || f.ClientID.IsZero() {
		return err
	}
	serves, err := servesClient(tx, ids.Agent(m.Target), f.ClientID)
	if err == nil && !serves {
		return fault.New(fault.NotFound, "feed.no_agent_there", "There is no such agent within reach of the feed.")
	}
	return err
}

// setName stores the meaning as the name's next version, or in place of those that
// would begin later, and notes what must be made again.
func (s *Service) setName(tx *database.Tx, f Feed, m Meaning) (Name, error) {
	var versions []Name
	if err := tx.Where("feed_id = ? AND kind = ? AND name = ?", f.ID, m.Kind, m.Name).Order("valid_from").Find(&versions).Error; err != nil {
		return Name{}, err
	}
	n := Name{ID: ids.New[ids.Any](s.db.IDs()), FeedID: f.ID, ClientID: f.ClientID, Kind: m.Kind, Name: m.Name, Status: Mapped, TargetID: m.Target, Activity: m.Activity, Paid: m.Paid, Billable: m.Billable, SeenAt: s.db.Now()}
	if m.Ignore {
		n.Status, n.TargetID = Ignored, ids.Any{}
	}
	if m.Kind == CodeName {
		n.TargetID = ids.Any{}
	} else {
		n.Activity, n.Paid, n.Billable = "", false, false
	}
	from := calendar.Instant(0)
	if len(versions) > 0 {
		n.SeenAt = versions[0].SeenAt
		if versions[len(versions)-1].Status != Open {
			from = s.db.Now()
		}
	}
	if m.From != nil {
		from = max(0, *m.From)
	}
	n.ValidFrom = from
	if last := len(versions) - 1; last >= 0 && versions[last].same(n) && versions[last].ValidFrom <= from {
		return versions[last], nil
	}
	for _, old := range versions {
		var err error
		switch {
		case old.ValidFrom >= from:
			err = tx.Where("id = ?", old.ID).Delete(&Name{}).Error
		case old.ValidTo == nil || *old.ValidTo > from:
			err = tx.Model(&Name{}).Where("id = ?", old.ID).Update("valid_to", from).Error
		}
		if err != nil {
			return Name{}, err
		}
	}
	if err := tx.Create(&n).Error; err != nil {
		return Name{}, err
	}
	return n, renew(tx, f, versions, n, from)
}

// same reports whether two versions mean the same.
func (n Name) same(o Name) bool {
	return n.Status == o.Status && n.TargetID == o.TargetID && n.Activity == o.Activity && n.Paid == o.Paid && n.Billable == o.Billable
}

// renew notes what must be made again: for the new meaning, and for the agents whom the
// name meant before.
func renew(tx *database.Tx, f Feed, versions []Name, n Name, from calendar.Instant) error {
	if err := release(tx, f, n, from); err != nil || n.Kind != AgentName {
		return err
	}
	before := map[ids.Agent]calendar.Instant{}
	for _, old := range versions {
		if old.Status == Mapped && old.TargetID != n.TargetID && (old.ValidTo == nil || *old.ValidTo > from) {
			before[ids.Agent(old.TargetID)] = from
		}
	}
	return remake(tx, f, before)
}
