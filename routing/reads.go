package routing

import (
	"context"
	"slices"
	"time"

	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// readsAtOnce is how many callers share one read.
const readsAtOnce = 256

// within is a wish for a row by its id in the caller's scope.
type within[K comparable] struct {
	scope scope.Scope
	id    K
}

// found is the answer: the row, if the scope has it.
type found[T any] struct {
	row   T
	there bool
}

// underScopes reads the wished rows, in one transaction per scope: the walls of
// each caller hold although they share the reads.
func underScopes[T any, K comparable](ctx context.Context, db *database.DB, wishes []within[K], read func(*database.Tx, []K) (map[K]T, error)) ([]found[T], error) {
	out := make([]found[T], len(wishes))
	byScope := map[string][]int{}
	var order []string
	for i, w := range wishes {
		key := w.scope.String()
		if byScope[key] == nil {
			order = append(order, key)
		}
		byScope[key] = append(byScope[key], i)
	}
	for _, key := range order {
		mine := byScope[key]
		keys := pluck(mine, func(i int) K { return wishes[i].id })
		err := db.Read(ctx, wishes[mine[0]].scope, func(tx *database.Tx) error {
			rows, err := read(tx, keys)
			for _, i := range mine {
				out[i].row, out[i].there = rows[wishes[i].id]
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readQueues reads queues that take contacts.
func (l *Live) readQueues(ctx context.Context, wishes []within[ids.Queue]) ([]found[contract.Queue], error) {
	return underScopes(ctx, l.db, wishes, func(tx *database.Tx, keys []ids.Queue) (map[ids.Queue]contract.Queue, error) {
		rows, err := database.Lookup[contract.Queue](tx.Where("archived_at IS NULL"), "id", distinct(keys))
		return index(rows, func(q contract.Queue) ids.Queue { return q.ID }), err
	})
}

// entrance is a queue that a scope has and how contacts come in there.
type entrance struct {
	queue  contract.Queue
	policy QueuePolicy
	until  time.Time // when it is read again
}

// entrance gives a queue that takes contacts, in the caller's scope; one outside of
// it is the same as an absent one. It is remembered as long as names are: a queue
// never changes its client, and the leader looks for changes no more often.
func (l *Live) entrance(ctx context.Context, sc scope.Scope, id ids.Queue) (entrance, error) {
	key := sc.String() + "/" + id.String()
	if known, ok := l.seen.Load(key); ok {
		if e := known.(entrance); time.Now().Before(e.until) {
			return e, nil
		}
	}
	until := time.Now().Add(labelsFor)
	q, err := alone(ctx, l, l.queues, l.readQueues, within[ids.Queue]{sc, id})
	if err != nil {
		return entrance{}, err
	}
	if !q.there {
		return entrance{}, fault.New(fault.NotFound, "queue.not_found", "There is no such queue.")
	}
	p, err := present[QueuePolicy](ctx, l, scope.Provider(), queueSetting, id.String())
	e := entrance{queue: q.row, policy: p.Policy, until: until}
	if err == nil && !l.db.InTransaction(ctx) {
		l.seen.Store(key, e)
	}
	return e, err
}

// readContacts reads open contacts.
func (l *Live) readContacts(ctx context.Context, wishes []within[ids.Contact]) ([]found[Contact], error) {
	return underScopes(ctx, l.db, wishes, func(tx *database.Tx, keys []ids.Contact) (map[ids.Contact]Contact, error) {
		rows, err := database.Lookup[Contact](tx.DB, "contact_id", distinct(keys))
		return index(rows, func(c Contact) ids.Contact { return c.ContactID }), err
	})
}

// beat stores signs of life of many desktops at once and gives the agents' rows.
// They are locked in the order in which the leader writes them.
func (l *Live) beat(ctx context.Context, agents []ids.Agent) ([]Agent, error) {
	wanted := distinct(agents)
	slices.SortFunc(wanted, ids.Agent.Compare)
	var rows []Agent
	err := l.db.Write(ctx, scope.Provider(), func(tx *database.Tx) (err error) {
		if rows, err = database.Lookup[Agent](tx.Clauses(database.ForUpdate()).Order("agent_id"), "agent_id", wanted); err != nil {
			return err
		}
		return database.Change(tx.Model(&Agent{}), "agent_id", wanted, "heartbeat_at", l.db.Now())
	})
	byAgent := index(rows, func(a Agent) ids.Agent { return a.AgentID })
	return pluck(agents, func(id ids.Agent) Agent { return byAgent[id] }), err
}

// distinct gives each value once, in the order of the first.
func distinct[K comparable](values []K) []K {
	seen := make(map[K]bool, len(values))
	var out []K
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// index gives rows by their keys.
func index[T any, K comparable](rows []T, key func(T) K) map[K]T {
	out := make(map[K]T, len(rows))
	for _, r := range rows {
		out[key(r)] = r
	}
	return out
}
