package feeds

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// TokenPrefix begins the secret of every feed.
const TokenPrefix = "mff_"

// The limits of a feed that states none, and what it may state, in milliseconds.
const (
	defaultLate  = 24 * 3600 * 1000
	defaultStale = 5 * 60 * 1000
	defaultOpen  = 4 * 3600 * 1000

	mostLate   = 7 * 24 * 3600 * 1000
	leastStale = 10 * 1000
	mostStale  = 24 * 3600 * 1000
	leastOpen  = 60 * 1000
	mostOpen   = 7 * 24 * 3600 * 1000
	mostOffset = 24 * 3600 * 1000
)

// Service owns feeds, their events and what they tell. It is safe for concurrent use.
type Service struct {
	db    *database.DB
	lanes lanes
}

// NewService makes the service.
func NewService(db *database.DB) *Service {
	return &Service{db: db, lanes: lanes{busy: map[ids.Any]int{}}}
}

// NewFeed is what Create needs; zero limits take the defaults.
type NewFeed struct {
	Client   ids.Client // zero: the provider's own
	Name     string
	Source   string
	Kind     Format
	OffsetMS int64
	LateMS   int64
	StaleMS  int64
	OpenMS   int64
}

// sources are names that other parts of muster write under.
var sources = map[string]bool{"muster": true, "import": true}

var sourcePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Create adds a feed and gives the secret with which its source posts events; it is
// never shown again.
func (s *Service) Create(ctx context.Context, sc scope.Scope, n NewFeed) (Feed, string, error) {
	f := Feed{ID: ids.New[ids.Any](s.db.IDs()), ClientID: n.Client, Name: strings.TrimSpace(n.Name), Source: strings.TrimSpace(n.Source), Kind: n.Kind, Active: true, OffsetMS: n.OffsetMS,
		LateMS: or(n.LateMS, defaultLate), StaleMS: or(n.StaleMS, defaultStale), OpenMS: or(n.OpenMS, defaultOpen), Version: 1, CreatedAt: s.db.Now()}
	if f.Source == "" {
		f.Source = "feed-" + f.ID.String()[24:]
	}
	secret, hash := newToken()
	f.TokenHash = hash
	if err := f.check(); err != nil {
		return Feed{}, "", err
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		err := tx.Create(&f).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return fault.Newf(fault.Conflict, "feed.duplicate_source", "Another feed writes under the source %q; choose another name.", f.Source).With("source", f.Source)
		}
		return err
	})
	return f, secret, err
}

func or(v, otherwise int64) int64 {
	if v == 0 {
		return otherwise
	}
	return v
}

// newToken makes a secret and what is stored of it.
func newToken() (secret string, hash []byte) {
	secret = TokenPrefix + base64.RawURLEncoding.EncodeToString(secrets.Random(32))
	sum := sha256.Sum256([]byte(secret))
	return secret, sum[:]
}

// check refuses settings that cannot work.
func (f Feed) check() error {
	known := false
	for _, k := range Formats() {
		known = known || f.Kind == k
	}
	within := func(v, least, most int64) bool { return least <= v && v <= most }
	switch {
	case !known:
		return fault.Newf(fault.Invalid, "feed.unknown_kind", "The kind %q is unknown; known are: %s.", f.Kind, fault.Allowed(Formats())).With("kind", string(f.Kind))
	case f.Name == "" || len(f.Name) > maxText:
		return fault.New(fault.Invalid, "feed.name_missing", "The feed needs a name of at most 200 bytes.")
	case !sourcePattern.MatchString(f.Source) || sources[f.Source]:
		return fault.Newf(fault.Invalid, "feed.bad_source", "The source %q is not usable: use lower-case letters, digits, points, hyphens and underscores, 1 to 63 characters, and not a name of muster's own.", f.Source).With("source", f.Source)
	case !within(f.OffsetMS, -mostOffset, mostOffset), !within(f.LateMS, 0, mostLate), !within(f.StaleMS, leastStale, mostStale), !within(f.OpenMS, leastOpen, mostOpen):
		return fault.New(fault.Invalid, "feed.bad_limit", "A limit is out of range: the clock's offset may be 24 hours either way, late events 0 to 7 days, stale 10 seconds to 24 hours, the end of silent contacts 1 minute to 7 days.")
	}
	return nil
}

// List gives the feeds of the scope, the oldest first.
func (s *Service) List(ctx context.Context, sc scope.Scope) ([]Feed, error) {
	var out []Feed
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("id").Find(&out).Error })
	return out, err
}

// Feed gives one feed of the scope.
func (s *Service) Feed(ctx context.Context, sc scope.Scope, id ids.Any) (Feed, error) {
	var out Feed
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = one(tx, id)
		return err
	})
	return out, err
}

func one(tx *database.Tx, id ids.Any) (Feed, error) {
	return database.One[Feed](tx.Where("id = ?", id), "feed.not_found", "There is no such feed.")
}

// Authenticate gives the feed whose secret this is; a wrong secret and an absent feed
// are the same.
func (s *Service) Authenticate(ctx context.Context, id ids.Any, secret string) (Feed, error) {
	sum := sha256.Sum256([]byte(secret))
	f, err := s.Feed(ctx, scope.Provider(), id)
	if fault.KindOf(err) == fault.NotFound || err == nil && subtle.ConstantTimeCompare(f.TokenHash, sum[:]) != 1 {
		return Feed{}, fault.New(fault.Unauthorized, "feed.bad_token", "The token does not belong to this feed; take the one that was shown when the feed was made, or make a new one.")
	}
	return f, err
}

// Amendment is what of a feed can change; absent values stay.
type Amendment struct {
	Name     *string `json:"name,omitempty" maxLength:"200"`
	Active   *bool   `json:"active,omitempty"` // false refuses events
	OffsetMS *int64  `json:"offset_ms,omitempty" doc:"Holds for events that come from now on"`
	LateMS   *int64  `json:"late_ms,omitempty"`
	StaleMS  *int64  `json:"stale_ms,omitempty"`
	OpenMS   *int64  `json:"open_ms,omitempty"`
}

// Update changes a feed that still has the version.
func (s *Service) Update(ctx context.Context, sc scope.Scope, id ids.Any, version int, e Amendment) (Feed, error) {
	var f Feed
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f, err = one(tx, id); err != nil {
			return err
		}
		if e.Name != nil {
			f.Name = strings.TrimSpace(*e.Name)
		}
		if e.Active != nil {
			f.Active = *e.Active
		}
		for _, v := range []struct{ to, from *int64 }{{&f.OffsetMS, e.OffsetMS}, {&f.LateMS, e.LateMS}, {&f.StaleMS, e.StaleMS}, {&f.OpenMS, e.OpenMS}} {
			if v.from != nil {
				*v.to = *v.from
			}
		}
		if err := f.check(); err != nil {
			return err
		}
		f.Version = version + 1
		changed := tx.Model(&Feed{}).Where("id = ? AND version = ?", id, version).Select("name", "active", "offset_ms", "late_ms", "stale_ms", "open_ms", "version").Updates(&f)
		if changed.Error == nil && changed.RowsAffected == 0 {
			return fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.")
		}
		return changed.Error
	})
	return f, err
}

// Renew gives the feed another secret; the old one is refused from then on.
func (s *Service) Renew(ctx context.Context, sc scope.Scope, id ids.Any) (Feed, string, error) {
	secret, hash := newToken()
	var f Feed
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if f, err = one(tx, id); err != nil {
			return err
		}
		f.Version++
		f.TokenHash = hash
		return tx.Model(&Feed{}).Where("id = ?", id).Select("token_hash", "version").Updates(&f).Error
	})
	return f, secret, err
}

// Remove deletes a feed with its kept events and names. What it recorded stays.
func (s *Service) Remove(ctx context.Context, sc scope.Scope, id ids.Any) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if _, err := one(tx, id); err != nil {
			return err
		}
		for _, rows := range []any{&kept{}, &Name{}, &LiveAgent{}, &LiveContact{}, &Refusal{}} {
			if err := tx.Where("feed_id = ?", id).Delete(rows).Error; err != nil {
				return err
			}
		}
		return tx.Where("id = ?", id).Delete(&Feed{}).Error
	})
}

// keepFor is how long applied events are kept beyond a feed's window for late ones;
// after it, mapping a name anew no longer reaches them.
const keepFor = 14 * calendar.Day

// keepRefusals is how long refusals are shown.
const keepRefusals = 7 * calendar.Day

// Prune removes events that are applied and so old that later ones cannot change what
// follows from them, and refusals of old. It gives how many events it removed. Events
// that wait for a name stay until it is mapped.
func (s *Service) Prune(ctx context.Context) (int64, error) {
	feeds, err := s.List(ctx, scope.Provider())
	if err != nil {
		return 0, err
	}
	var removed int64
	for _, f := range feeds {
		before := f.mark() - keepFor - calendar.Instant(f.LateMS+f.OpenMS)*calendar.Millisecond
		err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			// What is going on goes on from the memory of the last event of each agent; that one stays.
			last := tx.Model(&kept{}).Select("max(at)").Where("feed_id = ?", f.ID).Group("subject")
			held := tx.Model(&kept{}).Select("subject").Where("feed_id = ? AND status <> ?", f.ID, applied)
			r := tx.Where("feed_id = ? AND at < ? AND status = ? AND subject NOT IN (?) AND NOT (kind LIKE 'agent.%' AND at IN (?))", f.ID, before, applied, held, last).Delete(&kept{})
			if r.Error != nil {
				return r.Error
			}
			removed += r.RowsAffected
			if err := tx.Where("feed_id = ? AND last_at < ? AND status = 'done'", f.ID, before).Delete(&LiveContact{}).Error; err != nil {
				return err
			}
			return tx.Where("feed_id = ? AND at < ?", f.ID, s.db.Now()-keepRefusals).Delete(&Refusal{}).Error
		})
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}
