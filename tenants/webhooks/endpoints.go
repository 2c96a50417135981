package webhooks

import (
	"context"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/events"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/secrets"
)

// Endpoint is an address that wants to hear of events.
type Endpoint struct {
	ID        ids.Any          `gorm:"primaryKey" json:"id"`
	ClientID  ids.Client       `json:"client_id"` // zero: the provider's own, which hears of every client
	URL       string           `gorm:"column:url" json:"url"`
	Types     []string         `gorm:"serializer:json" json:"types"` // exact, or the beginning of types that ends with a dot; none: all
	Sealed    []byte           `json:"-"`
	Active    bool             `json:"active"`
	Version   int              `json:"version"`
	CreatedAt calendar.Instant `json:"created_at"`
}

// TableName implements gorm's Tabler.
func (Endpoint) TableName() string { return "webhook_endpoints" }

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID          ids.Any           `gorm:"primaryKey" json:"id"`
	EndpointID  ids.Any           `json:"endpoint_id"`
	ClientID    ids.Client        `json:"client_id"`
	EventID     ids.Event         `json:"event_id"`
	Type        string            `json:"type"`
	Body        string            `json:"-"`
	Status      DeliveryStatus    `json:"status"`
	Attempts    int               `json:"attempts"`
	NextAt      calendar.Instant  `json:"next_at"`
	Problem     string            `json:"problem"`
	CreatedAt   calendar.Instant  `json:"created_at"`
	DeliveredAt *calendar.Instant `json:"delivered_at,omitempty"`
}

// TableName implements gorm's Tabler.
func (Delivery) TableName() string { return "webhook_deliveries" }

// DeliveryStatus is where a delivery stands.
type DeliveryStatus string

// The states of deliveries.
const (
	Waiting   DeliveryStatus = "waiting"
	Delivered DeliveryStatus = "delivered"
	GivenUp   DeliveryStatus = "given_up" // every retry failed; it can be sent again by hand
)

// sealPurpose binds sealed secrets to their use.
const sealPurpose = "tenants.webhooks"

// Service owns endpoints and deliveries.
type Service struct {
	db     *database.DB
	box    *secrets.Box
	stream *events.Stream
	client poster
	open   bool
}

// New makes the service. With open, private and loopback addresses may be called, as on a
// developer's machine; otherwise an endpoint can not be used to reach into the provider's network.
func New(db *database.DB, box *secrets.Box, stream *events.Stream, open bool) *Service {
	return &Service{db: db, box: box, stream: stream, client: newPoster(open), open: open}
}

// Add stores a new endpoint and gives the secret that signs its requests, which is never shown again.
func (s *Service) Add(ctx context.Context, sc scope.Scope, e Endpoint) (Endpoint, string, error) {
	if err := s.check(e); err != nil {
		return Endpoint{}, "", err
	}
	secret := "whsec_" + base64.RawURLEncoding.EncodeToString(secrets.Random(32))
	e.ID, e.Version, e.Active, e.CreatedAt = ids.New[ids.Any](s.db.IDs()), 1, true, s.db.Now()
	e.Sealed = s.box.Seal(sealPurpose, []byte(secret))
	if e.Types == nil {
		e.Types = []string{}
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Create(&e).Error })
	return e, secret, err
}

// check refuses an address that cannot be called and types that name nothing.
func (s *Service) check(e Endpoint) error {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !s.open)) || u.User != nil || len(e.URL) > 500 {
		return fault.New(fault.Invalid, "webhook.bad_url", "The address must be an https address without a user name, such as https://crm.example.com/muster.")
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && !s.open && !public(address) {
		return fault.New(fault.Invalid, "webhook.private_url", "The address lies in a private network; give one that is reached from outside.")
	}
	for _, t := range e.Types {
		if strings.TrimSpace(t) == "" || len(t) > 100 {
			return fault.New(fault.Invalid, "webhook.bad_type", "A type is the name of an event such as invoice.issued or contact.ended, or the beginning of names such as contact.")
		}
	}
	return nil
}

// List gives the endpoints of the scope, the oldest first.
func (s *Service) List(ctx context.Context, sc scope.Scope) ([]Endpoint, error) {
	var out []Endpoint
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error { return tx.Order("id").Find(&out).Error })
	return out, err
}

// one reads an endpoint of the scope.
func one(tx *database.Tx, id ids.Any) (Endpoint, error) {
	return database.One[Endpoint](tx.Where("id = ?", id), "webhook.not_found", "There is no such endpoint.")
}

// Endpoint gives one endpoint of the scope.
func (s *Service) Endpoint(ctx context.Context, sc scope.Scope, id ids.Any) (Endpoint, error) {
	var out Endpoint
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = one(tx, id)
		return err
	})
	return out, err
}

// Edit is what of an endpoint can change; absent values stay.
type Edit struct {
	URL    *string   `json:"url,omitempty"`
	Types  *[]string `json:"types,omitempty"`
	Active *bool     `json:"active,omitempty"` // false pauses: what waits stays and is sent afterwards
}

// Update changes an endpoint that still has the version.
func (s *Service) Update(ctx context.Context, sc scope.Scope, id ids.Any, version int, edit Edit) (Endpoint, error) {
	var out Endpoint
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		e, err := one(tx, id)
		if err != nil {
			return err
		}
		if edit.URL != nil {
			e.URL = *edit.URL
		}
		if edit.Types != nil {
			e.Types = *edit.Types
		}
		if edit.Active != nil {
			e.Active = *edit.Active
		}
		if err := s.check(e); err != nil {
			return err
		}
		e.Version = version + 1
		changed := tx.Model(&Endpoint{}).Where("id = ? AND version = ?", id, version).Select("url", "types", "active", "version").Updates(&e)
		if changed.Error == nil && changed.RowsAffected == 0 {
			return fault.New(fault.Stale, "http.stale", "Somebody changed this in the meantime; read it again and repeat the change.")
		}
		out = e
		return changed.Error
	})
	return out, err
}

// Remove deletes an endpoint with its deliveries.
func (s *Service) Remove(ctx context.Context, sc scope.Scope, id ids.Any) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if _, err := one(tx, id); err != nil {
			return err
		}
		if err := tx.Where("endpoint_id = ?", id).Delete(&Delivery{}).Error; err != nil {
			return err
		}
		return tx.Where("id = ?", id).Delete(&Endpoint{}).Error
	})
}

// Deliveries lists the latest deliveries of an endpoint, the newest first.
func (s *Service) Deliveries(ctx context.Context, sc scope.Scope, id ids.Any) ([]Delivery, error) {
	var out []Delivery
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := one(tx, id); err != nil {
			return err
		}
		return tx.Where("endpoint_id = ?", id).Order("id DESC").Limit(200).Find(&out).Error
	})
	return out, err
}

// Again lets a delivery that was given up be tried anew.
func (s *Service) Again(ctx context.Context, sc scope.Scope, delivery ids.Any) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		d, err := database.One[Delivery](tx.Where("id = ?", delivery), "webhook.no_delivery", "There is no such delivery.")
		if err != nil {
			return err
		}
		if d.Status != GivenUp {
			return fault.New(fault.Conflict, "webhook.not_given_up", "The delivery was not given up; only one that was can be sent again.")
		}
		return tx.Model(&Delivery{}).Where("id = ?", delivery).Updates(map[string]any{"status": Waiting, "attempts": 0, "next_at": s.db.Now()}).Error
	})
}

// Prune removes deliveries from before an instant that are delivered or given up, and gives how many.
func (s *Service) Prune(ctx context.Context, before calendar.Instant) (int64, error) {
	var removed int64
	err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		r := tx.Where("status <> ? AND created_at < ?", Waiting, before).Delete(&Delivery{})
		removed = r.RowsAffected
		return r.Error
	})
	return removed, err
}
