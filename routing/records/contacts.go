package records

import (
	"bytes"
	"errors"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// ErrRace says that another transaction wrote the same keys at the same time; the
// caller runs its transaction again.
var ErrRace = errors.New("records: another transaction wrote the same keys")

// ContactDraft is a contact as a source tells it.
type ContactDraft struct {
	QueueID    ids.Queue
	Channel    contract.Channel
	ExternalID string
	Customer   string // what the source calls the customer, empty if unknown
	Priority   int
	ArrivedAt  calendar.Instant
	QueuedAt   *calendar.Instant
	AnsweredAt *calendar.Instant
	EndedAt    *calendar.Instant
	Outcome    Outcome
	WaitMS     int64
	HandleMS   int64
	AgentID    ids.Agent
	Attributes string // JSON object
	Segments   []SegmentDraft
}

// SegmentDraft is one agent's part in a drafted contact.
type SegmentDraft struct {
	AgentID    ids.Agent
	OfferedAt  calendar.Instant
	AcceptedAt *calendar.Instant
	EndedAt    *calendar.Instant
	WrappedAt  *calendar.Instant
	Outcome    string
	Reason     string
}

// Hash gives the content by which a repeated draft is recognised.
func (c ContactDraft) Hash() []byte {
	var d digest
	d.b = make([]byte, 0, 256)
	d.b = append(d.b, c.QueueID[:]...)
	d.text(string(c.Channel), c.Customer, string(c.Outcome), c.Attributes)
	d.number(int64(c.Priority), int64(c.ArrivedAt), c.WaitMS, c.HandleMS, int64(len(c.Segments)))
	d.instant(c.QueuedAt, c.AnsweredAt, c.EndedAt)
	d.b = append(d.b, c.AgentID[:]...)
	for _, s := range c.Segments {
		d.b = append(d.b, s.AgentID[:]...)
		d.number(int64(s.OfferedAt))
		d.instant(s.AcceptedAt, s.EndedAt, s.WrappedAt)
		d.text(s.Outcome, s.Reason)
	}
	return d.sum()
}

// Origin says where drafts come from.
type Origin struct {
	Client ids.Client
	Source string
	Import ids.Import // zero outside imports
}

// Placement finds an agent's team, site and tier in force at an instant.
type Placement func(ids.Agent, calendar.Instant) people.Membership

// Book writes drafts. Its transaction is the caller's.
type Book struct {
	db    *database.DB
	place Placement
}

// NewBook makes a writer; place may be nil when nobody's team is known.
func NewBook(db *database.DB, place Placement) *Book {
	if place == nil {
		place = func(ids.Agent, calendar.Instant) people.Membership { return people.Membership{} }
	}
	return &Book{db: db, place: place}
}

// ClassifyContacts says what the drafts would become, without writing. External ids
// must be unique among the drafts.
func (b *Book) ClassifyContacts(tx *database.Tx, o Origin, drafts []ContactDraft) ([]Verdict, error) {
	verdicts, _, err := b.classifyContacts(tx, o, drafts)
	return verdicts, err
}

func (b *Book) classifyContacts(tx *database.Tx, o Origin, drafts []ContactDraft) ([]Verdict, map[string]contactKey, error) {
	known := make(map[string]contactKey, len(drafts))
	for part := range chunks(len(drafts), lookup) {
		names := make([]string, 0, part.size())
		for _, d := range drafts[part.from:part.to] {
			names = append(names, d.ExternalID)
		}
		var keys []contactKey
		if err := tx.Where("client_id = ? AND source = ? AND external_id IN ?", o.Client, o.Source, names).Find(&keys).Error; err != nil {
			return nil, nil, err
		}
		for _, k := range keys {
			known[k.ExternalID] = k
		}
	}
	verdicts := make([]Verdict, len(drafts))
	for i, d := range drafts {
		if k, ok := known[d.ExternalID]; ok {
			verdicts[i].Fate = Changed
			if bytes.Equal(k.ContentHash, d.Hash()) {
				verdicts[i].Fate = Unchanged
			}
		}
	}
	return verdicts, known, b.repeatedContacts(tx, o, drafts, verdicts, known)
}

// repeatedContacts finds changed drafts whose contact the same import has written: a
// file that names two contacts alike must not overwrite one with the other.
func (b *Book) repeatedContacts(tx *database.Tx, o Origin, drafts []ContactDraft, verdicts []Verdict, known map[string]contactKey) error {
	if o.Import.IsZero() {
		return nil
	}
	var changed []ids.Contact
	for i, d := range drafts {
		if verdicts[i].Fate == Changed {
			changed = append(changed, known[d.ExternalID].ContactID)
		}
	}
	mine := map[ids.Contact]bool{}
	for part := range chunks(len(changed), lookup) {
		var found []ids.Contact
		if err := tx.Model(&Contact{}).Where("id IN ? AND import_id = ? AND is_current = ?", changed[part.from:part.to], o.Import, true).Pluck("id", &found).Error; err != nil {
			return err
		}
		for _, id := range found {
			mine[id] = true
		}
	}
	for i, d := range drafts {
		if verdicts[i].Fate == Changed && mine[known[d.ExternalID].ContactID] {
			verdicts[i].Fate = Repeated
		}
	}
	return nil
}

// PutContacts stores the drafts of one origin and marks the buckets they touch;
// repeated ones are left out.
// External ids must be unique among the drafts. The months they arrive in must have
// partitions (database.EnsureMonths).
func (b *Book) PutContacts(tx *database.Tx, o Origin, drafts []ContactDraft) ([]Verdict, error) {
	verdicts, known, err := b.classifyContacts(tx, o, drafts)
	if err != nil {
		return nil, err
	}
	customers, err := b.customers(tx, o, drafts)
	if err != nil {
		return nil, err
	}
	now := b.db.Now()
	marks := Marks{}
	var contacts []Contact
	var segments []Segment
	var fresh, moved []contactKey
	var replaced []ids.Contact
	for i, d := range drafts {
		if verdicts[i].Fate == Unchanged || verdicts[i].Fate == Repeated {
			continue
		}
		key := contactKey{ClientID: o.Client, Source: o.Source, ExternalID: d.ExternalID, ArrivedAt: d.ArrivedAt, Revision: 1, ContentHash: d.Hash()}
		if verdicts[i].Fate == Changed {
			old := known[d.ExternalID]
			key.ContactID, key.Revision = old.ContactID, old.Revision+1
			replaced, moved = append(replaced, old.ContactID), append(moved, key)
		} else {
			key.ContactID = ids.New[ids.Contact](b.db.IDs())
			fresh = append(fresh, key)
		}
		contacts = append(contacts, d.row(o, key, customers[d.Customer], now))
		segments = append(segments, b.segments(o, d, key, now)...)
		marks.Queue(o.Client, d.QueueID, d.ArrivedAt)
	}
	if err := retireContacts(tx, replaced, marks); err != nil {
		return nil, err
	}
	if written, err := database.Insert(tx, fresh, clause.OnConflict{DoNothing: true}); err != nil {
		return nil, err
	} else if written < int64(len(fresh)) {
		return nil, ErrRace
	}
	if _, err := database.Insert(tx, moved, clause.OnConflict{
		Columns:   []clause.Column{{Name: "client_id"}, {Name: "source"}, {Name: "external_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"arrived_at", "revision", "content_hash"}),
	}); err != nil {
		return nil, err
	}
	if _, err := database.Insert(tx, contacts); err != nil {
		return nil, err
	}
	if _, err := database.Insert(tx, segments); err != nil {
		return nil, err
	}
	for _, s := range segments {
		marks.Agent(s.AgentID, s.Worked())
	}
	return verdicts, marks.Store(tx, now)
}

// row makes the stored contact of a draft.
func (c ContactDraft) row(o Origin, key contactKey, customer ids.Customer, now calendar.Instant) Contact {
	attributes := c.Attributes
	if attributes == "" {
		attributes = "{}"
	}
	return Contact{ID: key.ContactID, Revision: key.Revision, ArrivedAt: c.ArrivedAt, ClientID: o.Client, QueueID: c.QueueID, Channel: c.Channel,
		Source: o.Source, ExternalID: c.ExternalID, CustomerID: customer, Priority: c.Priority, QueuedAt: c.QueuedAt, AnsweredAt: c.AnsweredAt,
		EndedAt: c.EndedAt, Outcome: c.Outcome, WaitMS: c.WaitMS, HandleMS: c.HandleMS, AgentID: c.AgentID, Attributes: attributes,
		ContentHash: key.ContentHash, ImportID: o.Import, RecordedAt: now, IsCurrent: true}
}

// segments makes the stored segments of a draft, with the team and tier in force.
func (b *Book) segments(o Origin, c ContactDraft, key contactKey, now calendar.Instant) []Segment {
	out := make([]Segment, 0, len(c.Segments))
	for i, s := range c.Segments {
		m := b.place(s.AgentID, s.OfferedAt)
		out = append(out, Segment{ID: ids.New[ids.Segment](b.db.IDs()), ContactID: key.ContactID, ContactRevision: key.Revision, Seq: i + 1,
			ClientID: o.Client, QueueID: c.QueueID, AgentID: s.AgentID, Tier: m.Tier, SiteID: m.SiteID, TeamID: m.TeamID,
			OfferedAt: s.OfferedAt, AcceptedAt: s.AcceptedAt, EndedAt: s.EndedAt, WrappedAt: s.WrappedAt, Outcome: s.Outcome, Reason: s.Reason,
			ImportID: o.Import, RecordedAt: now, IsCurrent: true})
	}
	return out
}

// retireContacts takes the current revision from contacts and marks what it touched.
func retireContacts(tx *database.Tx, contacts []ids.Contact, marks Marks) error {
	for part := range chunks(len(contacts), lookup) {
		some := contacts[part.from:part.to]
		var old []Contact
		if err := tx.Select("client_id", "queue_id", "arrived_at").Where("id IN ? AND is_current = ?", some, true).Find(&old).Error; err != nil {
			return err
		}
		for _, c := range old {
			marks.Queue(c.ClientID, c.QueueID, c.ArrivedAt)
		}
		if err := markSegments(tx, some, marks); err != nil {
			return err
		}
		if err := tx.Model(&Contact{}).Where("id IN ? AND is_current = ?", some, true).Update("is_current", false).Error; err != nil {
			return err
		}
		if err := tx.Model(&Segment{}).Where("contact_id IN ? AND is_current = ?", some, true).Update("is_current", false).Error; err != nil {
			return err
		}
	}
	return nil
}

// markSegments marks the time agents spent on the contacts' current segments.
func markSegments(tx *database.Tx, contacts []ids.Contact, marks Marks) error {
	var old []Segment
	if err := tx.Where("contact_id IN ? AND is_current = ?", contacts, true).Find(&old).Error; err != nil {
		return err
	}
	for _, s := range old {
		marks.Agent(s.AgentID, s.Worked())
	}
	return nil
}

// span is a part of a slice.
type span struct{ from, to int }

func (s span) size() int { return s.to - s.from }

// chunks cuts n elements into parts of at most size.
func chunks(n, size int) func(func(span) bool) {
	return func(yield func(span) bool) {
		for from := 0; from < n; from += size {
			if !yield(span{from, min(from+size, n)}) {
				return
			}
		}
	}
}

// lookup is how many keys one query asks for.
const lookup = 400
