package supervision

import (
	"context"
	"errors"
	"slices"
	"strings"

	"muster/routing"
	"muster/tenants/audit"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// The actions.
const (
	OpenPool    = "open_pool"
	ClosePool   = "close_pool"
	MoveAgents  = "move_agents"  // into a pool
	SliceAgents = "slice_agents" // work for one client alone; without a client, for any again
	RaiseQueue  = "raise_queue"
	SetState    = "set_state"
)

var actionKinds = []string{OpenPool, ClosePool, MoveAgents, SliceAgents, RaiseQueue, SetState}

// FloorAction is one thing a team leader does to the floor.
type FloorAction struct {
	Kind   string            `json:"kind" enum:"open_pool,close_pool,move_agents,slice_agents,raise_queue,set_state"`
	Pool   string            `json:"pool,omitempty" maxLength:"63" doc:"open_pool, close_pool, move_agents: its slug"`
	Until  *calendar.Instant `json:"until,omitempty" doc:"open_pool: closes by itself; absent: until somebody closes it"`
	Agents []ids.Agent       `json:"agents,omitempty" maxItems:"200"`
	Client ids.Client        `json:"client_id,omitzero" doc:"slice_agents; absent: any client again"`
	Queue  ids.Queue         `json:"queue_id,omitzero" doc:"raise_queue"`
	Weight int               `json:"weight,omitempty" minimum:"0" maximum:"10000" doc:"raise_queue: permille, 1000 is neutral"`
	State  string            `json:"state,omitempty" enum:"ready,not_ready,off," doc:"set_state"`
	Reason string            `json:"reason,omitempty" enum:"break,meal,training,meeting,office," doc:"set_state not_ready"`
}

// FloorEntry is an action that was done.
type FloorEntry struct {
	ID       ids.Any           `gorm:"primaryKey" json:"id"`
	ClientID ids.Client        `json:"client_id,omitzero"`
	Kind     string            `json:"kind"`
	Action   FloorAction       `gorm:"column:document;serializer:json" json:"action"`
	Inverse  []FloorAction     `gorm:"serializer:json" json:"inverse" doc:"What undoes it; empty: it cannot be undone"`
	DoneAt   calendar.Instant  `json:"done_at"`
	DoneBy   ids.User          `json:"done_by,omitzero" doc:"Absent: by policy"`
	UndoneAt *calendar.Instant `json:"undone_at,omitempty"`
	UndoneBy ids.User          `json:"undone_by,omitzero"`
}

// TableName implements gorm's Tabler.
func (FloorEntry) TableName() string { return "floor_actions" }

// Act does an action and keeps what would undo it. The entry and its audit record
// are stored before the floor is told, so nothing happens unseen.
func (s *Service) Act(ctx context.Context, sc scope.Scope, a FloorAction, by ids.User) (FloorEntry, error) {
	return s.act(ctx, sc, a, by, audit.User)
}

func (s *Service) act(ctx context.Context, sc scope.Scope, a FloorAction, by ids.User, actor audit.ActorKind) (FloorEntry, error) {
	f, err := s.check(ctx, sc, a)
	if err != nil {
		return FloorEntry{}, err
	}
	d := FloorEntry{ID: ids.New[ids.Any](s.db.IDs()), Kind: a.Kind, Action: a, Inverse: inverse(a, f), DoneAt: s.db.Now(), DoneBy: by}
	if a.Kind == RaiseQueue {
		for _, q := range f.Queues {
			if q.Queue.ID == a.Queue {
				d.ClientID = q.Queue.ClientID
			}
		}
	}
	if err := s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
		if err := tx.Create(&d).Error; err != nil {
			return err
		}
		return s.Audit.Append(tx, audit.Record{Client: d.ClientID, Actor: by, ActorKind: actor, Action: "floor." + a.Kind, Object: "floor", ObjectID: d.ID, Detail: a})
	}); err != nil {
		return d, err
	}
	some, err := s.perform(ctx, sc, a)
	if err != nil && !some { // nothing happened: only the audit record tells of the attempt
		return d, errors.Join(err, s.db.Write(ctx, scope.Provider(), func(tx *database.Tx) error {
			return tx.Where("id = ?", d.ID).Delete(&FloorEntry{}).Error
		}))
	}
	return d, err
}

// check refuses what the caller may not do or what names nothing that is there.
func (s *Service) check(ctx context.Context, sc scope.Scope, a FloorAction) (routing.Floor, error) {
	if !slices.Contains(actionKinds, a.Kind) {
		return routing.Floor{}, fault.Newf(fault.Invalid, "floor.unknown_action", "The action %q is unknown: use one of %s.", a.Kind, strings.Join(actionKinds, ", ")).With("action", a.Kind).With("allowed", strings.Join(actionKinds, ", "))
	}
	f, err := s.Live.Floor(ctx, sc)
	if err != nil {
		return f, err
	}
	if a.Kind == SetState {
		if err := routing.CheckState(a.State, a.Reason); err != nil {
			return f, err
		}
	}
	if a.Kind == RaiseQueue {
		if err := routing.CheckWeight(a.Weight); err != nil {
			return f, err
		}
		if !slices.ContainsFunc(f.Queues, func(q routing.QueueNow) bool { return q.Queue.ID == a.Queue }) {
			return f, fault.New(fault.NotFound, "queue.not_found", "There is no such queue.")
		}
		return f, nil
	}
	if !sc.IsProvider() || len(sc.Sites)+len(sc.Teams) > 0 && a.Kind != SetState {
		return f, fault.New(fault.Forbidden, "floor.provider_only", "Pools and agents serve several clients: your right to steer the floor must hold for the whole provider.")
	}
	if a.Kind == OpenPool || a.Kind == ClosePool || a.Kind == MoveAgents {
		if !slices.ContainsFunc(f.Pools, func(p routing.PoolNow) bool { return p.Slug == a.Pool }) {
			return f, fault.Newf(fault.NotFound, "routing.pool_not_found", "There is no pool %q.", a.Pool).With("pool", a.Pool)
		}
	}
	if a.Kind == MoveAgents || a.Kind == SliceAgents || a.Kind == SetState {
		if len(a.Agents) == 0 {
			return f, fault.New(fault.Invalid, "floor.no_agents", "Name at least one agent who is on the floor.")
		}
		for _, id := range a.Agents {
			at := slices.IndexFunc(f.Agents, func(x routing.AgentNow) bool { return x.Agent.ID == id })
			if at < 0 || len(sc.Teams) > 0 && !slices.Contains(sc.Teams, f.Agents[at].Team) {
				return f, fault.New(fault.NotFound, "desk.agent_not_found", "There is no such agent on the floor.")
			}
			if f.Agents[at].Fed() {
				return f, fault.New(fault.Conflict, "floor.fed_agent", "The agent works on another exchange, which a feed tells of; act there.")
			}
		}
	}
	if !a.Client.IsZero() && !slices.ContainsFunc(f.Queues, func(q routing.QueueNow) bool { return q.Queue.ClientID == a.Client }) {
		return f, fault.New(fault.NotFound, "client.not_found", "There is no such client.")
	}
	return f, nil
}

// inverse is what undoes an action on the floor as it is.
func inverse(a FloorAction, f routing.Floor) []FloorAction {
	out := []FloorAction{}
	switch a.Kind {
	case OpenPool, ClosePool:
		for _, p := range f.Pools {
			if p.Slug == a.Pool && p.Open {
				out = append(out, FloorAction{Kind: OpenPool, Pool: a.Pool, Until: p.Until})
			} else if p.Slug == a.Pool {
				out = append(out, FloorAction{Kind: ClosePool, Pool: a.Pool})
			}
		}
	case RaiseQueue:
		for _, q := range f.Queues {
			if q.Queue.ID == a.Queue {
				out = append(out, FloorAction{Kind: RaiseQueue, Queue: a.Queue, Weight: q.Raised})
			}
		}
	default:
		for _, x := range f.Agents {
			if !slices.Contains(a.Agents, x.Agent.ID) {
				continue
			}
			one := FloorAction{Kind: a.Kind, Agents: []ids.Agent{x.Agent.ID}}
			switch {
			case a.Kind == MoveAgents && x.Live.Pool != "":
				one.Pool = x.Live.Pool
			case a.Kind == SliceAgents:
				one.Client = x.Live.SliceID
			case a.Kind == SetState && (x.Live.State == "ready" || x.Live.State == "not_ready"):
				one.State, one.Reason = x.Live.State, x.Live.Code
			default:
				continue
			}
			out = append(out, one)
		}
	}
	return out
}

// perform tells the floor and reports whether any of it took effect. What the floor
// refuses is a conflict that says why.
func (s *Service) perform(ctx context.Context, sc scope.Scope, a FloorAction) (some bool, err error) {
	say := func(o routing.Outcome, err error) (bool, error) {
		if err == nil {
			err = o.RefusedError()
		}
		return err == nil, err
	}
	switch a.Kind {
	case OpenPool:
		until := calendar.Instant(0)
		if a.Until != nil {
			until = *a.Until
		}
		return say(s.Live.OpenPool(ctx, sc, a.Pool, until))
	case ClosePool:
		return say(s.Live.ClosePool(ctx, sc, a.Pool))
	case RaiseQueue:
		return say(s.Live.RaiseQueue(ctx, sc, a.Queue, a.Weight))
	}
	for _, agent := range a.Agents {
		switch a.Kind {
		case MoveAgents:
			_, err = say(s.Live.MoveAgent(ctx, sc, agent, a.Pool))
		case SliceAgents:
			_, err = say(s.Live.SliceAgent(ctx, sc, agent, a.Client))
		case SetState:
			_, err = say(s.Live.SetState(ctx, agent, a.State, a.Reason))
		}
		if err != nil {
			return some, err
		}
		some = true
	}
	return some, nil
}

// Undo does the inverse of an action once.
func (s *Service) Undo(ctx context.Context, sc scope.Scope, id ids.Any, by ids.User) (FloorEntry, error) {
	var d FloorEntry
	err := s.db.Write(ctx, sc, func(tx *database.Tx) (err error) {
		if d, err = database.One[FloorEntry](tx.Clauses(database.ForUpdate()).Where("id = ?", id), "floor.no_action", "There is no such action."); err != nil {
			return err
		}
		if d.UndoneAt != nil || len(d.Inverse) == 0 {
			return fault.New(fault.Conflict, "floor.cannot_undo", "This action has been undone already, or nothing undoes it.")
		}
		now := s.db.Now()
		d.UndoneAt, d.UndoneBy = &now, by
		if err := tx.Model(&FloorEntry{}).Where("id = ?", id).Updates(map[string]any{"undone_at": now, "undone_by": by}).Error; err != nil {
			return err
		}
		return s.Audit.Append(tx, audit.Record{Client: d.ClientID, Actor: by, ActorKind: audit.User, Action: "floor.undone", Object: "floor", ObjectID: d.ID, Detail: d.Action})
	})
	if err != nil {
		return d, err
	}
	for _, a := range d.Inverse {
		if _, err := s.perform(ctx, sc, a); err != nil {
			return d, err
		}
	}
	return d, nil
}

// Actions lists what was done in the scope, the newest first, at most limit.
func (s *Service) Actions(ctx context.Context, sc scope.Scope, limit int) ([]FloorEntry, error) {
	var out []FloorEntry
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Order("done_at DESC, id").Limit(min(max(limit, 1), 200)).Find(&out).Error
	})
	return out, err
}

// Preview says what an action is expected to do to the projected levels: moved
// agents and an opened pool are taken to stay for the next four hours.
func (s *Service) Preview(ctx context.Context, sc scope.Scope, a FloorAction) ([]FloorEffect, error) {
	f, err := s.check(ctx, sc, a)
	if err != nil {
		return nil, err
	}
	look, err := s.look(ctx, f)
	if err != nil {
		return nil, err
	}
	return s.effects(ctx, a, f, look)
}

func (s *Service) effects(ctx context.Context, a FloorAction, f routing.Floor, look outlook) ([]FloorEffect, error) {
	out := []FloorEffect{}
	if a.Kind == OpenPool || a.Kind == ClosePool {
		watched, err := s.Live.WatchedQueues(ctx)
		if err != nil {
			return nil, err
		}
		queues := watched[a.Pool]
		more := 0.0
		for _, p := range f.Pools {
			if p.Slug == a.Pool && p.Open == (a.Kind == ClosePool) {
				more = float64(p.Ready) / float64(max(1, len(queues)))
			}
		}
		if a.Kind == ClosePool {
			more = -more
		}
		for _, q := range f.Queues {
			if contains(queues, q.Queue.ID) {
				out = append(out, look.effect(q, f, more))
			}
		}
		return out, nil
	}
	if a.Kind == RaiseQueue {
		return out, nil // it moves waits between queues; how much depends on what arrives
	}
	change := map[ids.Queue]float64{}
	for _, x := range f.Agents {
		if !slices.Contains(a.Agents, x.Agent.ID) {
			continue
		}
		before := able(x, f)
		after := changed(x, a)
		for q, part := range before {
			change[q] -= part
		}
		for q, part := range able(after, f) {
			change[q] += part
		}
	}
	for _, q := range f.Queues {
		if more := change[q.Queue.ID]; more > 1e-9 || more < -1e-9 {
			out = append(out, look.effect(q, f, more))
		}
	}
	return out, nil
}

// able spreads a ready agent evenly over the queues that he or she can serve.
func able(a routing.AgentNow, f routing.Floor) map[ids.Queue]float64 {
	out := map[ids.Queue]float64{}
	if a.Live.State != "ready" {
		return out
	}
	for _, q := range f.Queues {
		if serves(a, q) {
			out[q.Queue.ID] = 1
		}
	}
	for q := range out {
		out[q] = 1 / float64(len(out))
	}
	return out
}

// changed is the agent after the action.
func changed(x routing.AgentNow, a FloorAction) routing.AgentNow {
	switch a.Kind {
	case SliceAgents:
		x.Live.SliceID = a.Client
	case SetState:
		x.Live.State = a.State
	}
	return x
}
