package records

import (
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// withdrawn is the content of a key whose record was withdrawn: the next draft of the
// key, whatever it says, becomes a new revision.
var withdrawn = []byte{0}

// WithdrawContacts takes back contacts of the origin by their external ids because
// their source has corrected what it told; their revisions stay, none is current.
func (b *Book) WithdrawContacts(tx *database.Tx, o Origin, external []string) error {
	keys, err := database.Lookup[contactKey](tx.Where("client_id = ? AND source = ?", o.Client, o.Source), "external_id", external)
	if err != nil || len(keys) == 0 {
		return err
	}
	marks := Marks{}
	var contacts []ids.Contact
	for _, k := range keys {
		contacts = append(contacts, k.ContactID)
	}
	if err := retireContacts(tx, contacts, marks); err != nil {
		return err
	}
	if err := database.Change(tx.Model(&contactKey{}).Where("client_id = ? AND source = ?", o.Client, o.Source), "external_id", external, "content_hash", withdrawn); err != nil {
		return err
	}
	return marks.Store(tx, b.db.Now())
}

// WithdrawStates takes back the agent's current states of the source that begin at or
// after the instant, but for those whose keys shall stay, and gives how many.
func (b *Book) WithdrawStates(tx *database.Tx, source string, agent ids.Agent, from calendar.Instant, stay map[string]bool) (int, error) {
	var stored []State
	if err := tx.Select("id", "external_id").Where("agent_id = ? AND source = ? AND is_current = ? AND started_at >= ?", agent, source, true, from).Find(&stored).Error; err != nil {
		return 0, err
	}
	var states []ids.State
	var keys []string
	for _, s := range stored {
		if !stay[s.ExternalID] {
			states, keys = append(states, s.ID), append(keys, s.ExternalID)
		}
	}
	if len(states) == 0 {
		return 0, nil
	}
	marks := Marks{}
	if err := retireStates(tx, states, marks); err != nil {
		return 0, err
	}
	if err := database.Change(tx.Model(&stateKey{}).Where("agent_id = ? AND source = ?", agent, source), "external_id", keys, "content_hash", withdrawn); err != nil {
		return 0, err
	}
	return len(states), marks.Store(tx, b.db.Now())
}
