package feeds

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"gorm.io/gorm"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// MostEvents is how many events one request may carry.
const MostEvents = 5000

// chunk is how many events one transaction takes, so that it stays short.
const chunk = 250

// skew is how far an event's time may lie ahead of this clock.
const skew = 10 * calendar.Minute

// Item is one event of a request, or what is wrong with it.
type Item struct {
	Line    int // of the request, counted from 1
	Event   Event
	Raw     string       // as it was told, for the list of refusals
	Silent  bool         // it tells nothing of agents or contacts
	Problem *fault.Error // why it cannot be read
}

// Receipt says what became of a request's events. Everything that it counts is stored.
type Receipt struct {
	Accepted   int      `json:"accepted"`
	Duplicates int      `json:"duplicates" doc:"Known already; nothing changed"`
	Refused    int      `json:"refused"`
	Ignored    int      `json:"ignored" doc:"Say nothing of agents or contacts"`
	Waiting    int      `json:"waiting" doc:"Of the accepted: wait for a name to be mapped"`
	Reasons    []Reason `json:"reasons" doc:"Of every refused event"`
}

// Reason says why an event was refused.
type Reason struct {
	Line   int    `json:"line" doc:"Of the request, counted from 1"`
	ID     string `json:"id,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// lanes bounds the requests at work, in all and for each feed.
type lanes struct {
	mu   sync.Mutex
	busy map[ids.Any]int
	all  int
}

// The requests that may be at work or wait for each other on one node.
const (
	feedLanes = 3
	allLanes  = 12
)

func (l *lanes) enter(feed ids.Any) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[feed] >= feedLanes || l.all >= allLanes {
		return false
	}
	l.busy[feed]++
	l.all++
	return true
}

func (l *lanes) leave(feed ids.Any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.busy[feed]--; l.busy[feed] == 0 {
		delete(l.busy, feed)
	}
}

// Post takes the events of one request. It returns after everything is committed; a
// request that failed in between may be repeated whole, for what was taken before is
// known. No events at all are a sign of life.
func (s *Service) Post(ctx context.Context, feed ids.Any, items []Item) (Receipt, error) {
	out := Receipt{Reasons: []Reason{}}
	if len(items) > MostEvents {
		return out, fault.Newf(fault.TooLarge, "feed.too_many", "A request may carry %d events; send the rest in further ones.", MostEvents)
	}
	if !s.lanes.enter(feed) {
		return out, fault.New(fault.TooMany, "feed.busy", "The feed's requests before this one are still at work; wait for their answers, then send again.")
	}
	defer s.lanes.leave(feed)
	for first := true; first || len(items) > 0; first = false {
		n := min(chunk, len(items))
		if err := s.takeChunk(ctx, feed, items[:n], &out); err != nil {
			return out, err
		}
		items = items[n:]
	}
	return out, s.Settle(ctx, feed)
}

// takeChunk takes some events in one transaction.
func (s *Service) takeChunk(ctx context.Context, feed ids.Any, items []Item, out *Receipt) error {
	for _, i := range items {
		if at := calendar.Instant(i.Event.At); i.Problem == nil && !i.Silent && at >= firstTime && at < s.db.Now()+2*calendar.Day {
			if err := s.db.EnsureMonths(ctx, calendar.Interval{Start: at - 2*calendar.Day, End: at + calendar.Day}); err != nil {
				return err
			}
		}
	}
	var got Receipt
	err := records.ErrRace
	for tries := 0; errors.Is(err, records.ErrRace) && tries < 5; tries++ {
		err = s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
			got, err = s.take(tx, feed, items)
			return err
		})
	}
	if err != nil {
		return err
	}
	out.Accepted += got.Accepted
	out.Duplicates += got.Duplicates
	out.Refused += got.Refused
	out.Ignored += got.Ignored
	out.Waiting += got.Waiting
	out.Reasons = append(out.Reasons, got.Reasons...)
	return nil
}

// take stores what is new of the events and what follows from it.
func (s *Service) take(tx *database.Tx, feed ids.Any, items []Item) (Receipt, error) {
	f, err := hold(tx, feed)
	if err != nil {
		return Receipt{}, err
	}
	if !f.Active {
		return Receipt{}, fault.New(fault.Conflict, "feed.paused", "The feed is paused; let it run again before it sends events.")
	}
	in := &admission{service: s, feed: f, now: s.db.Now(), mark: f.mark()}
	if err := in.admit(tx, items); err != nil {
		return Receipt{}, err
	}
	t := &turn{service: s, tx: tx, feed: f, words: newDictionary(f), fresh: in.fresh, mark: in.mark, refusals: in.refusals}
	if err := t.run(); err != nil {
		return Receipt{}, err
	}
	for _, k := range in.fresh {
		if k.Status == waiting {
			in.receipt.Waiting++
		}
	}
	return in.receipt, in.count(tx, t)
}

// hold reads the feed and lets no other transaction work on it until this one ends.
func hold(tx *database.Tx, id ids.Any) (Feed, error) {
	return database.One[Feed](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "feed.not_found", "There is no such feed.")
}

// admission decides which events of a request are new.
type admission struct {
	service  *Service
	feed     Feed
	now      calendar.Instant
	mark     calendar.Instant // time of the latest event so far
	fresh    []*kept
	newest   *kept
	receipt  Receipt
	refusals []Refusal
}

func (a *admission) admit(tx *database.Tx, items []Item) error {
	events := make([]*kept, len(items))
	var keys []string
	for i, item := range items {
		if item.Silent || item.Problem != nil {
			continue
		}
		if problem := item.Event.check(); problem != nil {
			items[i].Problem = problem
			continue
		}
		k, err := a.feed.keep(item.Event, a.now)
		if err != nil {
			return err
		}
		events[i] = &k
		keys = append(keys, k.Key)
	}
	stored, err := database.Lookup[kept](tx.Select("key", "hash").Where("feed_id = ?", a.feed.ID), "key", keys)
	if err != nil {
		return err
	}
	known := map[string]*kept{}
	for i := range stored {
		known[stored[i].Key] = &stored[i]
	}
	for i, item := range items {
		k := events[i]
		switch {
		case item.Silent:
			a.receipt.Ignored++
		case item.Problem != nil:
			a.refuse(item, item.Problem)
		case known[k.Key] != nil && known[k.Key].same(*k):
			a.receipt.Duplicates++
		case known[k.Key] != nil:
			a.refuse(item, refuse("changed", "An earlier event has the same id and tells something else; events are never changed, tell what happened next."))
		case k.At > a.now+skew:
			a.refuse(item, refuse("in_future", "The event's time %s lies more than 10 minutes ahead of this clock; set the source's clock, or the feed's offset.", k.At))
		case k.At < a.mark-calendar.Instant(a.feed.LateMS)*calendar.Millisecond:
			a.refuse(item, refuse("too_late", "The event's time %s lies before the feed's window: its latest event is of %s. Import the file it is from.", k.At, a.mark))
		default:
			known[k.Key] = k
			a.fresh = append(a.fresh, k)
			a.receipt.Accepted++
			if k.At >= a.mark {
				a.mark, a.newest = k.At, k
			}
		}
	}
	return nil
}

// longestExcerpt bounds what is kept of a refused event, in bytes.
const longestExcerpt = 400

// refuse counts a refused event and keeps why.
func (a *admission) refuse(item Item, why *fault.Error) {
	raw := item.Raw
	if raw == "" {
		if b, err := json.Marshal(item.Event); err == nil {
			raw = string(b)
		}
	}
	a.receipt.Refused++
	a.receipt.Reasons = append(a.receipt.Reasons, Reason{Line: item.Line, ID: clip(item.Event.ID, maxText), Code: why.Code, Detail: why.Detail})
	a.refusals = append(a.refusals, a.service.refusal(a.feed, why, raw))
}

// refusal makes the stored form of a reason.
func (s *Service) refusal(f Feed, why *fault.Error, event string) Refusal {
	return Refusal{ID: ids.New[ids.Any](s.db.IDs()), FeedID: f.ID, ClientID: f.ClientID, At: s.db.Now(), Code: why.Code, Detail: why.Detail, Event: storable(clip(event, longestExcerpt))}
}

// count stores the refusals and the feed's counters.
func (a *admission) count(tx *database.Tx, t *turn) error {
	if _, err := database.Insert(tx, t.refusals); err != nil {
		return err
	}
	set := map[string]any{"last_received_at": a.now, "accepted": gorm.Expr("accepted + ?", a.receipt.Accepted), "duplicates": gorm.Expr("duplicates + ?", a.receipt.Duplicates),
		"refused": gorm.Expr("refused + ?", a.receipt.Refused), "ignored": gorm.Expr("ignored + ?", a.receipt.Ignored)}
	if a.newest != nil {
		set["last_event_at"], set["lag_ms"] = a.mark, int64((a.now-a.newest.At)/calendar.Millisecond)
	}
	return tx.Model(&Feed{}).Where("id = ?", a.feed.ID).Updates(set).Error
}
