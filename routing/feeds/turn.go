package feeds

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm/clause"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// turn makes the rows that follow from events, in the caller's transaction.
type turn struct {
	service  *Service
	tx       *database.Tx
	feed     Feed
	words    *dictionary
	fresh    []*kept          // not stored yet
	mark     calendar.Instant // time of the feed's latest event
	contacts []string         // further subjects to make again
	agents   []LiveAgent      // further agents to make again

	store    map[string]*kept // events to store, by key
	refusals []Refusal
}

// run makes rows and stores the events with what became of them.
func (t *turn) run() error {
	t.store = map[string]*kept{}
	for _, k := range t.fresh {
		t.store[k.Key] = k
	}
	if err := t.service.learn(t.tx, t.words, t.fresh); err != nil {
		return err
	}
	book := records.NewBook(t.service.db, t.words.place)
	if err := t.runContacts(book); err != nil {
		return err
	}
	if err := t.runAgents(book); err != nil {
		return err
	}
	rows := make([]kept, 0, len(t.store))
	for _, key := range slices.Sorted(maps.Keys(t.store)) {
		rows = append(rows, *t.store[key])
	}
	_, err := database.Insert(t.tx, rows, clause.OnConflict{Columns: []clause.Column{{Name: "feed_id"}, {Name: "key"}}, DoUpdates: clause.AssignmentColumns([]string{"status", "blocked", "memory"})})
	return err
}

// before is when a contact must have been heard of last to be still open.
func (t *turn) before() calendar.Instant {
	return t.mark - calendar.Instant(t.feed.OpenMS)*calendar.Millisecond
}

// mostExpired bounds the silent contacts that one transaction ends.
const mostExpired = 200

// runContacts makes the rows of the contacts that events are about, and of those that
// have been silent for too long.
func (t *turn) runContacts(book *records.Book) error {
	subjects := slices.Clone(t.contacts)
	fresh := map[string][]*kept{}
	for _, k := range t.fresh {
		if !k.Kind.ofAgent() {
			subjects = append(subjects, k.Subject)
			fresh[k.Subject] = append(fresh[k.Subject], k)
		}
	}
	var silent []string
	if err := t.tx.Model(&LiveContact{}).Where("feed_id = ? AND status <> 'done' AND last_at < ?", t.feed.ID, t.before()).Order("last_at").Limit(mostExpired).Pluck("subject", &silent).Error; err != nil {
		return err
	}
	subjects = append(subjects, silent...)
	slices.Sort(subjects)
	if subjects = slices.Compact(subjects); len(subjects) == 0 {
		return nil
	}
	events, err := t.load(subjects)
	if err != nil {
		return err
	}
	live, err := database.Lookup[LiveContact](t.tx.Where("feed_id = ?", t.feed.ID), "subject", subjects)
	if err != nil {
		return err
	}
	before := map[string][]recorded{}
	for _, l := range live {
		before[l.Subject] = l.Recorded
	}
	drafts := map[ids.Client][]records.ContactDraft{}
	gone := map[ids.Client][]string{}
	var rows []LiveContact
	for _, subject := range subjects {
		all := append(events[subject], fresh[subject]...)
		if len(all) == 0 {
			continue
		}
		was := stands(all)
		slices.SortFunc(all, earlier)
		result := foldContact(t.feed, all, t.words, t.before())
		t.changed(all, was)
		for _, r := range result.rows {
			drafts[r.client] = append(drafts[r.client], r.draft)
		}
		for _, r := range before[subject] {
			if !slices.Contains(result.live.Recorded, r) {
				gone[r.Client] = append(gone[r.Client], r.External)
			}
		}
		rows = append(rows, result.live)
	}
	for _, client := range clientsOf(gone) {
		if err := book.WithdrawContacts(t.tx, t.origin(client), gone[client]); err != nil {
			return err
		}
	}
	for _, client := range clientsOf(drafts) {
		if _, err := book.PutContacts(t.tx, t.origin(client), drafts[client]); err != nil {
			return err
		}
	}
	_, err = database.Insert(t.tx, rows, clause.OnConflict{Columns: []clause.Column{{Name: "feed_id"}, {Name: "subject"}}, UpdateAll: true})
	return err
}

func (t *turn) origin(client ids.Client) records.Origin {
	return records.Origin{Client: client, Source: t.feed.Source}
}

// load reads the kept events of subjects and the names they use.
func (t *turn) load(subjects []string) (map[string][]*kept, error) {
	rows, err := database.Lookup[kept](t.tx.Where("feed_id = ?", t.feed.ID), "subject", subjects)
	if err != nil {
		return nil, err
	}
	return t.opened(rows)
}

// opened reads stored events, by subject.
func (t *turn) opened(rows []kept) (map[string][]*kept, error) {
	out := map[string][]*kept{}
	all := make([]*kept, 0, len(rows))
	for i := range rows {
		k := &rows[i]
		if err := k.open(); err != nil {
			return nil, err
		}
		out[k.Subject] = append(out[k.Subject], k)
		all = append(all, k)
	}
	return out, t.service.learn(t.tx, t.words, all)
}

// stand is what can change of a stored event.
type stand struct {
	status          EventStatus
	blocked, memory string
}

func stands(events []*kept) map[string]stand {
	out := make(map[string]stand, len(events))
	for _, k := range events {
		out[k.Key] = stand{k.Status, k.Blocked, k.Memory}
	}
	return out
}

// changed stores the events that stand otherwise than they did.
func (t *turn) changed(events []*kept, was map[string]stand) {
	for _, k := range events {
		if was[k.Key] != (stand{k.Status, k.Blocked, k.Memory}) {
			t.store[k.Key] = k
		}
	}
}

// clientsOf lists the keys in order.
func clientsOf[T any](m map[ids.Client]T) []ids.Client {
	return slices.SortedFunc(maps.Keys(m), ids.Client.Compare)
}

// storable drops what PostgreSQL cannot keep in a text.
func storable(s string) string {
	s = strings.ReplaceAll(s, "\x00", "")
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	return s
}
