package contract

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/scope"
)

// Channel is the way a contact arrives.
type Channel string

// The channels.
const (
	Voice  Channel = "voice"
	Chat   Channel = "chat"
	Mail   Channel = "mail"
	App    Channel = "app"
	Social Channel = "social"
)

// Channels lists the channels.
func Channels() []Channel { return []Channel{Voice, Chat, Mail, App, Social} }

// Client is a company that buys from the provider.
type Client struct {
	ID         ids.Client        `gorm:"primaryKey" json:"id"`
	Slug       string            `json:"slug"`
	Name       string            `json:"name"`
	Colour     string            `json:"colour"` // #rrggbb, assigned once
	Zone       string            `json:"zone"`
	Locale     string            `json:"locale"`
	Currency   money.Currency    `json:"currency"`
	Version    int               `json:"version"`
	CreatedAt  calendar.Instant  `json:"created_at"`
	ArchivedAt *calendar.Instant `json:"archived_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Client) TableName() string { return "clients" }

// LOB is a line of business of a client.
type LOB struct {
	ID         ids.LOB           `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client        `json:"client_id"`
	Slug       string            `json:"slug"`
	Name       string            `json:"name"`
	CreatedAt  calendar.Instant  `json:"created_at"`
	ArchivedAt *calendar.Instant `json:"archived_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (LOB) TableName() string { return "lobs" }

// Queue is client × channel × skill: where contacts of one kind wait.
type Queue struct {
	ID         ids.Queue         `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client        `json:"client_id"`
	LOBID      ids.LOB           `gorm:"column:lob_id" json:"lob_id"`
	Slug       string            `json:"slug"`
	Name       string            `json:"name"`
	Channel    Channel           `json:"channel"`
	SkillID    ids.Skill         `json:"skill_id"`
	CalendarID ids.Calendar      `json:"calendar_id"` // zero: never closes
	CreatedAt  calendar.Instant  `json:"created_at"`
	ArchivedAt *calendar.Instant `json:"archived_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Queue) TableName() string { return "queues" }

// palette is the Okabe-Ito set; clients take its colours in turn.
var palette = []string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#000000"}

var slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Service owns the rows of contracts.
type Service struct{ db *database.DB }

// NewService makes the service on a door.
func NewService(db *database.DB) *Service { return &Service{db: db} }

// CheckSlug reports a slug that cannot be part of an address or a command line.
func CheckSlug(what, slug string) error {
	if slugPattern.MatchString(slug) {
		return nil
	}
	return fault.Newf(fault.Invalid, "contract.bad_slug", "The slug %q of the %s is not usable: use lower-case letters, digits and hyphens, 1 to 63 characters.", slug, what).With("slug", slug)
}

// checkPlace reports an unknown zone or currency.
func checkPlace(zone string, currency money.Currency) error {
	if _, err := calendar.Zone(zone); err != nil {
		return fault.Newf(fault.Invalid, "contract.unknown_zone", "%s.", err).With("zone", zone)
	}
	if _, err := money.ParseCurrency(string(currency)); err != nil {
		return fault.Newf(fault.Invalid, "contract.unknown_currency", "%s.", err).With("currency", string(currency))
	}
	return nil
}

// duplicate turns the database's unique violation into a conflict.
func duplicate(err error, what, slug string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.Newf(fault.Conflict, "contract.duplicate_slug", "There is a %s with the slug %q already; choose another.", what, slug).With("slug", slug)
	}
	return err
}

// CreateClient adds a client. Empty Colour takes the next of the palette; empty
// Locale means zh-CN. It needs a provider-wide scope.
func (s *Service) CreateClient(ctx context.Context, sc scope.Scope, c Client) (Client, error) {
	if err := errors.Join(CheckSlug("client", c.Slug), checkPlace(c.Zone, c.Currency)); err != nil {
		return Client{}, firstFault(err)
	}
	if strings.TrimSpace(c.Name) == "" {
		return Client{}, fault.New(fault.Invalid, "contract.name_missing", "The client needs a name.")
	}
	if c.Locale == "" {
		c.Locale = "zh-CN"
	}
	c.ID, c.Version, c.CreatedAt = ids.New[ids.Client](s.db.IDs()), 1, s.db.Now()
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if c.Colour == "" {
			var n int64
			if err := tx.Model(&Client{}).Count(&n).Error; err != nil {
				return err
			}
			c.Colour = palette[int(n)%len(palette)]
		}
		return duplicate(tx.Create(&c).Error, "client", c.Slug)
	})
	return c, err
}

// ClientEdit is what may change on a client; nil leaves a value as it is.
type ClientEdit struct {
	Name   *string `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Colour *string `json:"colour,omitempty" pattern:"^#[0-9a-fA-F]{6}$"` // #rrggbb
	Zone   *string `json:"zone,omitempty"`
	Locale *string `json:"locale,omitempty" enum:"zh-CN,en"`
}

// UpdateClient changes a client that still has the given version and gives it with
// the next one; a client that somebody else changed is Stale, one outside of the
// scope NotFound.
func (s *Service) UpdateClient(ctx context.Context, sc scope.Scope, id ids.Client, version int, e ClientEdit) (Client, error) {
	var c Client
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if c, err = database.One[Client](tx.Where("id = ?", id), "client.not_found", "There is no such client."); err != nil {
			return err
		}
		for _, f := range []struct {
			to   *string
			from *string
		}{{&c.Name, e.Name}, {&c.Colour, e.Colour}, {&c.Zone, e.Zone}, {&c.Locale, e.Locale}} {
			if f.from != nil {
				*f.to = strings.TrimSpace(*f.from)
			}
		}
		if err := checkPlace(c.Zone, c.Currency); err != nil {
			return err
		}
		if c.Name == "" {
			return fault.New(fault.Invalid, "contract.name_missing", "The client needs a name.")
		}
		c.Version = version + 1
		r := tx.Model(&Client{}).Where("id = ? AND version = ?", id, version).Updates(map[string]any{"name": c.Name, "colour": c.Colour, "zone": c.Zone, "locale": c.Locale, "version": c.Version})
		if r.Error == nil && r.RowsAffected == 0 {
			return fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.")
		}
		return r.Error
	})
	if err != nil {
		return Client{}, err
	}
	return c, nil
}

// firstFault gives the first coded error of a joined error.
func firstFault(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return err
}

// Clients lists the clients of the scope by name, archived ones last.
func (s *Service) Clients(ctx context.Context, sc scope.Scope) ([]Client, error) {
	var out []Client
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Order("archived_at IS NOT NULL, name, id").Find(&out).Error
	})
	return out, err
}

// Client gives one client, or NotFound when it is absent or outside of the scope.
func (s *Service) Client(ctx context.Context, sc scope.Scope, id ids.Client) (Client, error) {
	var out Client
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = database.One[Client](tx.Where("id = ?", id), "client.not_found", "There is no such client.")
		return err
	})
	return out, err
}

// ClientBySlug finds a client by its slug; an unknown one is an error that names the known ones of the scope.
func (s *Service) ClientBySlug(ctx context.Context, sc scope.Scope, slug string) (Client, error) {
	all, err := s.Clients(ctx, sc)
	if err != nil {
		return Client{}, err
	}
	if i := slices.IndexFunc(all, func(c Client) bool { return c.Slug == slug }); i >= 0 {
		return all[i], nil
	}
	return Client{}, fault.Newf(fault.NotFound, "client.not_found", "There is no client %q; known are: %s.", slug, names(all, func(c Client) string { return c.Slug })).With("slug", slug)
}

// names lists what the caller could have meant, "none yet" for nothing.
func names[T any](all []T, name func(T) string) string {
	if len(all) == 0 {
		return "none yet"
	}
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = name(v)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// CreateLOB adds a line of business to a client.
func (s *Service) CreateLOB(ctx context.Context, sc scope.Scope, l LOB) (LOB, error) {
	if err := CheckSlug("line of business", l.Slug); err != nil {
		return LOB{}, err
	}
	if _, err := s.Client(ctx, sc, l.ClientID); err != nil {
		return LOB{}, err
	}
	l.ID, l.CreatedAt = ids.New[ids.LOB](s.db.IDs()), s.db.Now()
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		return duplicate(tx.Create(&l).Error, "line of business", l.Slug)
	})
	return l, err
}

// LOBs lists the lines of business of a client by name.
func (s *Service) LOBs(ctx context.Context, sc scope.Scope, client ids.Client) ([]LOB, error) {
	var out []LOB
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("client_id = ?", client).Order("name, id").Find(&out).Error
	})
	return out, err
}

// CreateQueue adds a queue; its line of business must belong to the client. The
// queue has no terms until SetTerms.
func (s *Service) CreateQueue(ctx context.Context, sc scope.Scope, q Queue) (Queue, error) {
	if err := CheckSlug("queue", q.Slug); err != nil {
		return Queue{}, err
	}
	if !slices.Contains(Channels(), q.Channel) {
		return Queue{}, fault.Newf(fault.Invalid, "queue.unknown_channel", "The channel %q is unknown: use one of %s.", q.Channel, fault.Allowed(Channels())).With("channel", string(q.Channel))
	}
	q.ID, q.CreatedAt = ids.New[ids.Queue](s.db.IDs()), s.db.Now()
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if _, err := database.One[LOB](tx.Where("id = ? AND client_id = ?", q.LOBID, q.ClientID), "lob.not_found", "The client has no such line of business."); err != nil {
			return err
		}
		return duplicate(tx.Create(&q).Error, "queue", q.Slug)
	})
	return q, err
}

// Queues lists the queues of the scope, of one client when it is not zero, by client and slug.
func (s *Service) Queues(ctx context.Context, sc scope.Scope, client ids.Client) ([]Queue, error) {
	var out []Queue
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		q := tx.Order("client_id, slug")
		if !client.IsZero() {
			q = q.Where("client_id = ?", client)
		}
		return q.Find(&out).Error
	})
	return out, err
}
