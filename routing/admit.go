package routing

import (
	"errors"
	"slices"

	"muster/tenants/database"
	"muster/tenants/ids"
)

// notOnDesk refuses work on a contact that another agent has, or nobody.
const notOnDesk = "the contact is not on the agent's desk"

// deskWork are the inputs by which agents work on contacts of their desks.
var deskWork = []Kind{KindAccept, KindDecline, KindEnd, KindWrapped}

// item is an input on its way into the engine: from the inbox, from a caller of
// this node, or from the leader itself (without an id).
type item struct {
	inboxRow
	ask   *ask
	aside string // why it is set aside; empty: it is to be applied
}

// answered is what a caller will hear when the group is committed.
type answered struct {
	ask *ask
	told
}

// tell keeps the answer for the item's caller, if there is one.
func (c *change) tell(i *item, refused string) {
	if i.ask != nil {
		c.answers = append(c.answers, answered{i.ask, told{outcome: Outcome{Applied: true, Refused: refused, Contact: i.Event.Contact}}})
	}
}

// admit orders a group: what is stored comes first, then the keyed inputs of
// callers of this node, then the others. Keyed inputs are written to the inbox as
// applied, which finds out whether their key was used before: those are answered
// by the outcome of the first use and left out.
func (c *change) admit(group []item) ([]item, error) {
	c.answers = nil
	var stored, keyed, others []item
	first := map[string]*ask{}
	for _, i := range group {
		switch {
		case i.ask == nil:
			stored = append(stored, i)
		case !i.ask.keyed:
			others = append(others, i)
		case first[i.Dedupe] != nil: // asked twice in one group
			c.answers = append(c.answers, answered{i.ask, told{err: errElsewhere}})
		default:
			first[i.Dedupe] = i.ask
			keyed = append(keyed, i)
		}
	}
	repeated, err := c.claim(c.seq+int64(len(stored)), keyed)
	if err != nil {
		return nil, err
	}
	if len(repeated) > 0 {
		keyed = slices.DeleteFunc(keyed, func(i item) bool {
			row, known := repeated[i.Dedupe]
			if known {
				t := told{outcome: row.outcome()}
				if row.AppliedSeq == nil {
					t = told{err: errElsewhere} // it waits in the inbox, and so does its caller
				}
				c.answers = append(c.answers, answered{i.ask, t})
			}
			return known
		})
		if again, err := c.claim(c.seq+int64(len(stored)), keyed); err != nil || len(again) > 0 {
			return nil, errors.Join(err, errors.New("routing: a key was taken while it was looked for"))
		}
	}
	return slices.Concat(stored, keyed, others), nil
}

// claim writes keyed inputs to the inbox as applied under the numbers after the
// given one. It gives the rows that hold a key already; then nothing is written.
func (c *change) claim(after int64, keyed []item) (map[string]inboxRow, error) {
	if len(keyed) == 0 {
		return nil, nil
	}
	rows := pluck(keyed, func(i item) inboxRow { return i.inboxRow })
	for i := range rows {
		seq := after + int64(i) + 1
		// The log holds the whole input; here it is only remembered.
		rows[i].AppliedSeq, rows[i].Event = &seq, Input{Kind: rows[i].Kind, Contact: rows[i].Event.Contact}
	}
	written, err := database.Insert(c.tx, rows, onceByDedupe())
	if err != nil || written == int64(len(rows)) {
		return nil, err
	}
	known, err := c.w.live.byDedupe(c.tx, rows)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if known[r.Dedupe].ID == r.ID {
			delete(known, r.Dedupe)
		}
	}
	return known, database.Remove[inboxRow](c.tx.DB, "id", pluck(rows, func(r inboxRow) ids.Event { return r.ID }))
}

// answer tells callers what became of their inputs, and pages that there is news.
func (c *change) answer() {
	l := c.w.live
	hints := []string{hintDone}
	desks := make(map[ids.Agent]Desk, len(c.desks))
	for agent := range c.desks {
		hints = append(hints, deskHint(agent))
		desks[agent] = c.w.rows.desk(agent)
	}
	l.board.show(desks)
	for _, a := range c.answers {
		a.ask.tell(a.told)
	}
	if len(c.log) > 0 {
		l.db.Hint(hints...)
	}
}

// disappoint tells callers that their inputs were not applied. They go by the
// inbox, unless the commit itself failed and nobody knows whether it happened: then
// only what the inbox recognises by its key goes there.
func (c *change) disappoint(group []item, err error) {
	unknown := c.whole && !database.RolledBack(err) && c.w.live.db.Dialect() == database.PostgreSQL
	for _, i := range group {
		switch {
		case i.ask == nil:
		case unknown && !i.ask.keyed:
			i.ask.tell(told{err: unsure(err)})
		default:
			i.ask.tell(told{err: errElsewhere})
		}
	}
}
