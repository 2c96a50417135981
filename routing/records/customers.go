package records

import (
	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// Customer is who calls; what identifies it lies in identities, which can be erased.
type Customer struct {
	ID        ids.Customer `gorm:"primaryKey"`
	ClientID  ids.Client
	CreatedAt calendar.Instant
	ErasedAt  *calendar.Instant
}

// TableName implements gorm's Tabler.
func (Customer) TableName() string { return "customers" }

// CustomerIdentity is one name by which a customer is known.
type CustomerIdentity struct {
	ClientID   ids.Client `gorm:"primaryKey"`
	Kind       string     `gorm:"primaryKey"` // "source:" and the source's name, phone, mail, …
	Value      string     `gorm:"primaryKey"`
	CustomerID ids.Customer
}

// TableName implements gorm's Tabler.
func (CustomerIdentity) TableName() string { return "customer_identities" }

// customers finds the drafts' customers by what the source calls them and adds the unknown ones.
func (b *Book) customers(tx *database.Tx, o Origin, drafts []ContactDraft) (map[string]ids.Customer, error) {
	out := map[string]ids.Customer{"": {}}
	var names []string
	for _, d := range drafts {
		if _, seen := out[d.Customer]; !seen {
			out[d.Customer] = ids.Customer{}
			names = append(names, d.Customer)
		}
	}
	kind := "source:" + o.Source
	for part := range chunks(len(names), lookup) {
		var found []CustomerIdentity
		if err := tx.Where("client_id = ? AND kind = ? AND value IN ?", o.Client, kind, names[part.from:part.to]).Find(&found).Error; err != nil {
			return nil, err
		}
		for _, f := range found {
			out[f.Value] = f.CustomerID
		}
	}
	var fresh []Customer
	var identities []CustomerIdentity
	for _, name := range names {
		if out[name].IsZero() {
			id := ids.New[ids.Customer](b.db.IDs())
			out[name] = id
			fresh = append(fresh, Customer{ID: id, ClientID: o.Client, CreatedAt: b.db.Now()})
			identities = append(identities, CustomerIdentity{ClientID: o.Client, Kind: kind, Value: name, CustomerID: id})
		}
	}
	if _, err := database.Insert(tx, fresh); err != nil {
		return nil, err
	}
	written, err := database.Insert(tx, identities, clause.OnConflict{DoNothing: true})
	if err == nil && written < int64(len(identities)) {
		err = ErrRace
	}
	return out, err
}
