package records

import (
	"slices"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// TakeBack deletes at most limit revisions that the import wrote, makes the revisions
// before them current again and marks what they touched. It gives how many it
// deleted; zero means that none is left.
func (b *Book) TakeBack(tx *database.Tx, id ids.Import, limit int) (int, error) {
	marks := Marks{}
	n, err := takeBackContacts(tx, id, limit, marks)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		if n, err = takeBackStates(tx, id, limit, marks); err != nil {
			return 0, err
		}
	}
	if n == 0 {
		if n, err = takeBackIntervals(tx, id, limit, marks); err != nil {
			return 0, err
		}
	}
	return n, marks.Store(tx, b.db.Now())
}

// takeBackContacts works contact by contact with all the import's revisions of it.
func takeBackContacts(tx *database.Tx, id ids.Import, limit int, marks Marks) (int, error) {
	var mine []Contact
	if err := tx.Where("import_id = ?", id).Order("id, revision").Limit(limit).Find(&mine).Error; err != nil || len(mine) == 0 {
		return 0, err
	}
	contacts := make([]ids.Contact, 0, len(mine))
	for _, c := range mine {
		contacts = append(contacts, c.ID)
	}
	contacts = slices.Compact(contacts)
	if err := markSegments(tx, contacts, marks); err != nil {
		return 0, err
	}
	// All of the import's revisions of these contacts, also those beyond the limit.
	if err := tx.Where("import_id = ? AND id IN ?", id, contacts).Find(&mine).Error; err != nil {
		return 0, err
	}
	for _, c := range mine {
		marks.Queue(c.ClientID, c.QueueID, c.ArrivedAt)
	}
	if err := tx.Where("import_id = ? AND id IN ?", id, contacts).Delete(&Contact{}).Error; err != nil {
		return 0, err
	}
	if err := tx.Where("import_id = ? AND contact_id IN ?", id, contacts).Delete(&Segment{}).Error; err != nil {
		return 0, err
	}
	var rest []Contact
	if err := tx.Where("id IN ?", contacts).Order("id, revision").Find(&rest).Error; err != nil {
		return 0, err
	}
	latest := map[ids.Contact]Contact{}
	for _, c := range rest {
		latest[c.ID] = c
	}
	var keys []contactKey
	var gone []ids.Contact
	for _, c := range contacts {
		last, left := latest[c]
		if !left {
			gone = append(gone, c)
			continue
		}
		keys = append(keys, contactKey{ClientID: last.ClientID, Source: last.Source, ExternalID: last.ExternalID, ContactID: last.ID, ArrivedAt: last.ArrivedAt, Revision: last.Revision, ContentHash: last.ContentHash})
		marks.Queue(last.ClientID, last.QueueID, last.ArrivedAt)
		if err := tx.Model(&Contact{}).Where("id = ? AND revision = ?", c, last.Revision).Update("is_current", true).Error; err != nil {
			return 0, err
		}
		if err := tx.Model(&Segment{}).Where("contact_id = ? AND contact_revision = ?", c, last.Revision).Update("is_current", true).Error; err != nil {
			return 0, err
		}
	}
	if err := tx.Where("contact_id IN ?", gone).Delete(&contactKey{}).Error; err != nil {
		return 0, err
	}
	if _, err := database.Insert(tx, keys, clause.OnConflict{
		Columns:   []clause.Column{{Name: "client_id"}, {Name: "source"}, {Name: "external_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"arrived_at", "revision", "content_hash"}),
	}); err != nil {
		return 0, err
	}
	return len(mine), markSegments(tx, contacts, marks)
}

// takeBackStates does the same for agent states.
func takeBackStates(tx *database.Tx, id ids.Import, limit int, marks Marks) (int, error) {
	var mine []State
	if err := tx.Where("import_id = ?", id).Order("id, revision").Limit(limit).Find(&mine).Error; err != nil || len(mine) == 0 {
		return 0, err
	}
	states := make([]ids.State, 0, len(mine))
	for _, s := range mine {
		states = append(states, s.ID)
	}
	states = slices.Compact(states)
	if err := tx.Where("import_id = ? AND id IN ?", id, states).Find(&mine).Error; err != nil {
		return 0, err
	}
	for _, s := range mine {
		markState(s, marks)
	}
	if err := tx.Where("import_id = ? AND id IN ?", id, states).Delete(&State{}).Error; err != nil {
		return 0, err
	}
	var rest []State
	if err := tx.Where("id IN ?", states).Order("id, revision").Find(&rest).Error; err != nil {
		return 0, err
	}
	latest := map[ids.State]State{}
	for _, s := range rest {
		latest[s.ID] = s
	}
	var keys []stateKey
	var gone []ids.State
	for _, s := range states {
		last, left := latest[s]
		if !left {
			gone = append(gone, s)
			continue
		}
		keys = append(keys, stateKey{AgentID: last.AgentID, Source: last.Source, ExternalID: last.ExternalID, ClientID: last.ClientID, StateID: last.ID, StartedAt: last.StartedAt, Revision: last.Revision, ContentHash: last.ContentHash})
		markState(last, marks)
		if err := tx.Model(&State{}).Where("id = ? AND revision = ?", s, last.Revision).Update("is_current", true).Error; err != nil {
			return 0, err
		}
	}
	if err := tx.Where("state_id IN ?", gone).Delete(&stateKey{}).Error; err != nil {
		return 0, err
	}
	_, err := database.Insert(tx, keys, clause.OnConflict{
		Columns:   []clause.Column{{Name: "agent_id"}, {Name: "source"}, {Name: "external_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"client_id", "started_at", "revision", "content_hash"}),
	})
	return len(mine), err
}

func markState(s State, marks Marks) {
	if s.EndedAt != nil {
		marks.Agent(s.AgentID, calendar.Interval{Start: s.StartedAt, End: *s.EndedAt})
	}
}

// takeBackIntervals does the same for interval records.
func takeBackIntervals(tx *database.Tx, id ids.Import, limit int, marks Marks) (int, error) {
	var mine []IntervalRecord
	// Highest revisions first, so that the one left at the end is the current one.
	if err := tx.Where("import_id = ?", id).Order("queue_id, source, start_at, revision DESC").Limit(limit).Find(&mine).Error; err != nil {
		return 0, err
	}
	for _, r := range mine {
		marks.QueueSpan(r.ClientID, r.QueueID, r.Span())
		if err := tx.Where("queue_id = ? AND source = ? AND start_at = ? AND revision = ?", r.QueueID, r.Source, r.StartAt, r.Revision).Delete(&IntervalRecord{}).Error; err != nil {
			return 0, err
		}
		var before []IntervalRecord
		if err := tx.Where("queue_id = ? AND source = ? AND start_at = ?", r.QueueID, r.Source, r.StartAt).Order("revision DESC").Limit(1).Find(&before).Error; err != nil {
			return 0, err
		}
		for _, p := range before {
			marks.QueueSpan(p.ClientID, p.QueueID, p.Span())
			if err := tx.Model(&IntervalRecord{}).Where("queue_id = ? AND source = ? AND start_at = ? AND revision = ?", p.QueueID, p.Source, p.StartAt, p.Revision).
				Update("is_current", true).Error; err != nil {
				return 0, err
			}
		}
	}
	return len(mine), nil
}
