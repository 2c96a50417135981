package customers

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// LinkStatus is where a link between two customers stands.
type LinkStatus string

// The states of links.
const (
	Proposed  LinkStatus = "proposed"  // a contact named both
	Linked    LinkStatus = "linked"    // they are one: the identities of Gone belong to Kept
	Dismissed LinkStatus = "dismissed" // somebody looked and they are two
	Undone    LinkStatus = "undone"    // they were one and are two again
)

// Link says that two customers are, or may be, one person.
type Link struct {
	ID         ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID   ids.Client        `json:"client_id"`
	Kept       ids.Customer      `gorm:"column:kept_id" json:"kept_id"`
	Gone       ids.Customer      `gorm:"column:gone_id" json:"gone_id"`
	Status     LinkStatus        `json:"status"`
	Moved      []Identity        `gorm:"serializer:json" json:"-"` // identities that went from Gone to Kept
	CreatedAt  calendar.Instant  `json:"created_at"`
	DecidedAt  *calendar.Instant `json:"decided_at,omitempty"`
	DecidedBy  ids.User          `json:"decided_by"`
	ProposedBy ids.Contact       `gorm:"column:contact_id" json:"contact_id"` // the contact that named both, zero when a person linked them
}

// TableName implements gorm's Tabler.
func (Link) TableName() string { return "customer_links" }

// Customer is a customer with what is known of him or her.
type Customer struct {
	ID         ids.Customer      `json:"id"`
	ClientID   ids.Client        `json:"client_id"`
	CreatedAt  calendar.Instant  `json:"created_at"`
	ErasedAt   *calendar.Instant `json:"erased_at,omitempty"`
	Identities []Identity        `json:"identities"`
	Links      []Link            `json:"links"`
}

// Service owns customers, their identities and links.
type Service struct{ db *database.DB }

// NewService makes the service on a door.
func NewService(db *database.DB) *Service { return &Service{db: db} }

// Found is what identities led to.
type Found struct {
	Customer ids.Customer
	Last     ids.Agent // who answered the customer last, zero if nobody did
}

// Identify finds the customer that identities name, adds one when they name nobody, adds the
// identities that are new, and proposes links when they name several. No identities name nobody.
func (s *Service) Identify(ctx context.Context, sc scope.Scope, client ids.Client, contact ids.Contact, named []Identity) (Found, error) {
	if len(named) == 0 {
		return Found{}, nil
	}
	normal := make([]Identity, len(named))
	for i, n := range named {
		var err error
		if normal[i], err = n.Normalise(); err != nil {
			return Found{}, err
		}
	}
	slices.SortStableFunc(normal, func(a, b Identity) int { return strength(a.Kind) - strength(b.Kind) })
	var out Found
	complete := false
	look := func(tx *database.Tx) error {
		known, err := identitiesOf(tx, client, normal)
		if err != nil {
			return err
		}
		out, complete = Found{}, true
		var others []ids.Customer
		for _, n := range normal {
			id, ok := known[n]
			switch {
			case !ok:
				complete = false
			case out.Customer.IsZero():
				out.Customer = id
			case id != out.Customer && !slices.Contains(others, id):
				others = append(others, id)
			}
		}
		if complete = complete && len(others) == 0; complete {
			out.Last, err = lastAgent(tx, out.Customer)
		}
		return err
	}
	if err := s.db.Read(ctx, sc, look); err != nil || complete {
		return out, err
	}
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		out.Customer, err = s.adopt(tx, client, contact, normal)
		if err == nil {
			out.Last, err = lastAgent(tx, out.Customer)
		}
		return err
	})
	return out, err
}

// adopt stores what identities say that was not known: a customer, identities, proposed links.
func (s *Service) adopt(tx *database.Tx, client ids.Client, contact ids.Contact, normal []Identity) (ids.Customer, error) {
	fresh := records.Customer{ID: ids.New[ids.Customer](s.db.IDs()), ClientID: client, CreatedAt: s.db.Now()}
	known, err := identitiesOf(tx, client, normal)
	if err != nil {
		return ids.Customer{}, err
	}
	owner := fresh.ID
	for _, n := range normal {
		if id, ok := known[n]; ok {
			owner = id
			break
		}
	}
	if owner == fresh.ID {
		if err := tx.Create(&fresh).Error; err != nil {
			return ids.Customer{}, err
		}
	}
	var rows []records.CustomerIdentity
	for _, n := range normal {
		if _, ok := known[n]; !ok {
			rows = append(rows, records.CustomerIdentity{ClientID: client, Kind: n.Kind, Value: n.Value, CustomerID: owner})
		}
	}
	// Somebody else may store the same identity at this moment: then it is theirs, and the next contact finds it.
	if _, err := database.Insert(tx, rows, clause.OnConflict{DoNothing: true}); err != nil {
		return ids.Customer{}, err
	}
	for _, id := range known {
		if id == owner {
			continue
		}
		var before int64
		if err := tx.Model(&Link{}).Where("kept_id = ? AND gone_id = ? OR kept_id = ? AND gone_id = ?", owner, id, id, owner).Count(&before).Error; err != nil {
			return ids.Customer{}, err
		}
		if before > 0 {
			continue // it was proposed or decided already
		}
		l := Link{ID: ids.New[ids.Any](s.db.IDs()), ClientID: client, Kept: owner, Gone: id, Status: Proposed, Moved: []Identity{}, CreatedAt: s.db.Now(), ProposedBy: contact}
		if err := tx.Create(&l).Error; err != nil {
			return ids.Customer{}, err
		}
	}
	return owner, nil
}

// identitiesOf finds whose the identities are.
func identitiesOf(tx *database.Tx, client ids.Client, normal []Identity) (map[Identity]ids.Customer, error) {
	values := make([]string, len(normal))
	for i, n := range normal {
		values[i] = n.Value
	}
	var rows []records.CustomerIdentity
	if err := tx.Where("client_id = ? AND value IN ?", client, values).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := map[Identity]ids.Customer{}
	for _, r := range rows {
		if i := (Identity{r.Kind, r.Value}); slices.Contains(normal, i) {
			out[i] = r.CustomerID
		}
	}
	return out, nil
}

// lastAgent gives who answered the customer's latest answered contact.
func lastAgent(tx *database.Tx, id ids.Customer) (ids.Agent, error) {
	var agents []ids.Agent
	err := tx.Model(&records.Contact{}).Where("customer_id = ? AND is_current = ? AND agent_id IS NOT NULL", id, true).Order("arrived_at DESC").Limit(1).Pluck("agent_id", &agents).Error
	if err != nil || len(agents) == 0 {
		return ids.Agent{}, err
	}
	return agents[0], nil
}

// Search finds the customers of the scope that an identity names, whatever its kind.
func (s *Service) Search(ctx context.Context, sc scope.Scope, text string) ([]Customer, error) {
	values := []string{}
	for _, kind := range append(Kinds(), sourcePrefix+"any") {
		if n, err := (Identity{kind, text}).Normalise(); err == nil && !slices.Contains(values, n.Value) {
			values = append(values, n.Value)
		}
	}
	out := []Customer{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		var found []ids.Customer
		if err := tx.Model(&records.CustomerIdentity{}).Where("value IN ?", values).Distinct().Order("customer_id").Limit(50).Pluck("customer_id", &found).Error; err != nil {
			return err
		}
		for _, id := range found {
			c, err := one(tx, id)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

// Customer gives a customer of the scope.
func (s *Service) Customer(ctx context.Context, sc scope.Scope, id ids.Customer) (Customer, error) {
	var out Customer
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		out, err = one(tx, id)
		return err
	})
	return out, err
}

// one reads a customer with identities and links.
func one(tx *database.Tx, id ids.Customer) (Customer, error) {
	row, err := database.One[records.Customer](tx.Where("id = ?", id), "customer.not_found", "There is no such customer.")
	if err != nil {
		return Customer{}, err
	}
	out := Customer{ID: row.ID, ClientID: row.ClientID, CreatedAt: row.CreatedAt, ErasedAt: row.ErasedAt, Identities: []Identity{}, Links: []Link{}}
	var rows []records.CustomerIdentity
	if err := tx.Where("customer_id = ?", id).Order("kind, value").Find(&rows).Error; err != nil {
		return Customer{}, err
	}
	for _, r := range rows {
		out.Identities = append(out.Identities, Identity{r.Kind, r.Value})
	}
	return out, tx.Where("kept_id = ? OR gone_id = ?", id, id).Order("id").Find(&out.Links).Error
}

// historyLimit bounds the contacts of one answer.
const historyLimit = 200

// History lists the latest contacts of a customer and of those linked to him or her, the latest first.
func (s *Service) History(ctx context.Context, sc scope.Scope, id ids.Customer) ([]records.Contact, error) {
	var out []records.Contact
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		c, err := one(tx, id)
		if err != nil {
			return err
		}
		group, err := linkedWith(tx, c.ClientID, id)
		if err != nil {
			return err
		}
		return tx.Where("customer_id IN ? AND is_current = ?", group, true).Order("arrived_at DESC, id").Limit(historyLimit).Find(&out).Error
	})
	return out, err
}

// linkedWith gives the customer and all who are gone into him or her, also through others.
func linkedWith(tx *database.Tx, client ids.Client, id ids.Customer) ([]ids.Customer, error) {
	var links []Link
	if err := tx.Where("client_id = ? AND status = ?", client, Linked).Find(&links).Error; err != nil {
		return nil, err
	}
	group := []ids.Customer{id}
	for i := 0; i < len(group); i++ {
		for _, l := range links {
			if l.Kept == group[i] && !slices.Contains(group, l.Gone) {
				group = append(group, l.Gone)
			}
		}
	}
	return group, nil
}

// Erase removes what identifies the customer, for good; the contacts stay.
func (s *Service) Erase(ctx context.Context, sc scope.Scope, id ids.Customer) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		c, err := one(tx, id)
		if err != nil {
			return err
		}
		if err := tx.Where("client_id = ? AND customer_id = ?", c.ClientID, id).Delete(&records.CustomerIdentity{}).Error; err != nil {
			return err
		}
		for _, l := range c.Links {
			if err := tx.Model(&Link{}).Where("id = ?", l.ID).Update("moved", "[]").Error; err != nil {
				return err
			}
		}
		return tx.Model(&records.Customer{}).Where("id = ?", id).Update("erased_at", s.db.Now()).Error
	})
}

// Segments gives who had a recorded contact of the scope, in order.
func (s *Service) Segments(ctx context.Context, sc scope.Scope, id ids.Contact) ([]records.Segment, error) {
	var out []records.Segment
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		if _, err := database.One[records.Contact](tx.Where("id = ? AND is_current = ?", id, true), "contact.not_found", "There is no such contact."); err != nil {
			return err
		}
		return tx.Where("contact_id = ? AND is_current = ?", id, true).Order("seq").Find(&out).Error
	})
	return out, err
}
