package supervision

import (
	"context"
	"strconv"

	"muster/routing"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// CountedShare is a share with its counts.
type CountedShare struct {
	Value       *string `json:"value,omitempty" doc:"Absent when nothing was counted"`
	Numerator   int64   `json:"numerator"`
	Denominator int64   `json:"denominator"`
}

func ratio(numerator, denominator int64) CountedShare {
	v := CountedShare{Numerator: numerator, Denominator: denominator}
	if denominator > 0 {
		text := strconv.FormatFloat(float64(numerator)/float64(denominator), 'f', 4, 64)
		v.Value = &text
	}
	return v
}

// The judgements of the screens.
const (
	Good    = "good"
	Watch   = "watch"
	Bad     = "bad"
	Unknown = "unknown"
)

// FloorQueue is one row of the floor page.
type FloorQueue struct {
	ID           ids.Queue     `json:"id"`
	Name         string        `json:"name"`
	ClientID     ids.Client    `json:"client_id"`
	Channel      string        `json:"channel"`
	Waiting      int           `json:"waiting"`
	LongestWait  int64         `json:"longest_wait_seconds"`
	Offered      int64         `json:"offered"`
	Answered     int64         `json:"answered"`
	Abandoned    int64         `json:"abandoned"`
	ServiceLevel CountedShare  `json:"service_level" doc:"Answered within the threshold of all answered and abandoned, today"`
	Projected    *CountedShare `json:"projected,omitempty" doc:"The same at the day's end: counted so far and Erlang A over the forecast of the rest; absent without both"`
	Goal         string        `json:"goal" doc:"Share"`
	GapAgents    float64       `json:"gap_agents" doc:"Agents missing over the rest of the day; negative is spare"`
	AgentsBusy   int           `json:"agents_busy"`
	AgentsReady  int           `json:"agents_ready" doc:"Agents who are ready and can serve it"`
	Sources      []ids.Any     `json:"feeds,omitempty" doc:"Feeds that tell of the queue from elsewhere"`
	Stale        bool          `json:"stale,omitempty" doc:"One of them has been silent for too long"`
	Raised       int           `json:"raised" doc:"Permille weight set by a person; 1000 is neutral"`
	Status       string        `json:"status" enum:"good,watch,bad,unknown"`
}

// FloorAgent is one cell of the floor page.
type FloorAgent struct {
	ID       ids.Agent        `json:"id"`
	Label    string           `json:"label"`
	Name     string           `json:"name"`
	Team     ids.Team         `json:"team,omitzero"`
	State    string           `json:"state"`
	Reason   string           `json:"reason,omitempty"`
	Since    calendar.Instant `json:"since"`
	Queue    ids.Queue        `json:"queue,omitzero"`
	Pool     string           `json:"pool,omitempty"`
	Slice    ids.Client       `json:"slice,omitzero" doc:"Works for this client alone"`
	Planned  string           `json:"planned,omitempty" doc:"What the published roster says now; absent without a shift"`
	Adherent *bool            `json:"adherent,omitempty"`
	OutSince calendar.Instant `json:"out_since,omitzero" doc:"Since when the agent does not follow the roster"`
	Source   string           `json:"source,omitempty" doc:"Name of the feed that tells of the agent, who works elsewhere and is given nothing here"`
	Stale    bool             `json:"stale,omitempty" doc:"The feed has been silent for too long to believe it"`
}

// FloorPool is one pool of the floor page.
type FloorPool struct {
	Slug    string            `json:"slug"`
	Name    string            `json:"name"`
	Client  ids.Client        `json:"client_id,omitzero" doc:"Of a client's own pool"`
	Reserve bool              `json:"reserve"`
	Open    bool              `json:"open"`
	Cause   string            `json:"cause,omitempty" doc:"Why it is open or closed"`
	Until   *calendar.Instant `json:"until,omitempty"`
	Ready   int               `json:"ready"`
	Signed  int               `json:"signed"`
	Use     []FloorShare      `json:"use"`
}

// FloorShare is what a client takes of a pool and may take.
type FloorShare struct {
	Client    ids.Client `json:"client_id"`
	Agents    float64    `json:"agents" doc:"Agents its contacts take now"`
	Guarantee int        `json:"guarantee,omitempty" doc:"Permille of the ready agents"`
	Reserve   int        `json:"reserve_agents,omitempty"`
	Cap       int        `json:"cap,omitempty" doc:"Permille of the ready agents"`
}

// FloorView is the floor page.
type FloorView struct {
	At     calendar.Instant `json:"at"`
	Seq    int64            `json:"seq"`
	Queues []FloorQueue     `json:"queues"`
	Agents []FloorAgent     `json:"agents"`
	Pools  []FloorPool      `json:"pools"`
	Alerts []FloorAlert     `json:"alerts"`
	Costs  []FloorCost      `json:"costs"`
}

// Rights are what the reader may see beside the floor itself.
type Rights struct {
	Names bool // of agents
	Money bool // amounts of bills
}

// View puts the floor page together under the scope.
func (s *Service) View(ctx context.Context, sc scope.Scope, may Rights) (FloorView, error) {
	f, err := s.Live.Floor(ctx, sc)
	if err != nil {
		return FloorView{}, err
	}
	look, err := s.look(ctx, f)
	if err != nil {
		return FloorView{}, err
	}
	return s.view(ctx, sc, f, look, may)
}

func (s *Service) view(ctx context.Context, sc scope.Scope, f routing.Floor, look outlook, may Rights) (FloorView, error) {
	out := FloorView{At: f.At, Seq: f.Seq, Queues: []FloorQueue{}, Agents: []FloorAgent{}, Pools: []FloorPool{}}
	var err error
	for _, q := range f.Queues {
		out.Queues = append(out.Queues, queueView(q, f, look))
	}
	if out.Agents, err = s.agents(ctx, sc, f, may.Names); err != nil {
		return out, err
	}
	for _, p := range f.Pools {
		out.Pools = append(out.Pools, s.poolView(p, f))
	}
	if out.Costs, err = s.costs(ctx, sc, f, look, may.Money); err != nil {
		return out, err
	}
	out.Alerts, err = s.OpenAlerts(ctx, sc)
	return out, err
}

// of adds what was counted up to now to the rest of a queue's day.
func (o outlook) of(q routing.QueueNow, now calendar.Instant) Outlook {
	out := o.rest[q.Queue.ID]
	out.Within += float64(q.Today.AnsweredWithin)
	out.Served += float64(q.Today.Answered + q.Today.Abandoned)
	if q.Oldest > 0 && int64(now-q.Oldest)/1000 > q.Terms.ThresholdMS {
		out.Served++ // at least the oldest one is lost
	}
	out.Known = out.Served > 0
	return out
}

func queueView(q routing.QueueNow, f routing.Floor, look outlook) FloorQueue {
	v := FloorQueue{ID: q.Queue.ID, Name: q.Queue.Name, ClientID: q.Queue.ClientID, Channel: string(q.Queue.Channel), Waiting: q.Waiting, Offered: q.Today.Offered, Answered: q.Today.Answered, Abandoned: q.Today.Abandoned,
		ServiceLevel: ratio(q.Today.AnsweredWithin, q.Today.Answered+q.Today.Abandoned), Goal: strconv.FormatFloat(q.Terms.ServiceLevelGoal, 'f', -1, 64), AgentsBusy: q.Active, Raised: q.Raised, Sources: q.Feeds, Stale: q.Stale}
	if q.Oldest > 0 {
		v.LongestWait = int64((f.At - q.Oldest) / calendar.Second)
	}
	for _, a := range f.Agents {
		if a.ReadyHere() && serves(a, q) {
			v.AgentsReady++
		}
	}
	outlook := look.of(q, f.At)
	if outlook.Known && len(look.days[q.Queue.ID].Slots) > 0 {
		p := ratio(int64(outlook.Within+0.5), int64(outlook.Served+0.5))
		v.Projected, v.GapAgents = &p, round(outlook.Gap)
	}
	v.Status = StatusOf(q, f.At, outlook)
	return v
}

func round(x float64) float64 { return float64(int64(x*10+sign(x)*0.5)) / 10 }

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// serves reports whether an agent can be given the queue's contacts.
func serves(a routing.AgentNow, q routing.QueueNow) bool {
	if !a.Live.SliceID.IsZero() && a.Live.SliceID != q.Queue.ClientID {
		return false
	}
	return a.Reaches(q)
}

func contains[T comparable](all []T, v T) bool {
	for _, x := range all {
		if x == v {
			return true
		}
	}
	return false
}

// StatusOf judges a queue by its own goal: bad when today's level lies below it,
// watch when somebody waits past the threshold or the day will end below the goal.
func StatusOf(q routing.QueueNow, now calendar.Instant, o Outlook) string {
	late := q.Oldest > 0 && int64(now-q.Oldest)/1000 > q.Terms.ThresholdMS
	served := q.Today.Answered + q.Today.Abandoned
	switch {
	case served == 0 && !late:
		return Unknown
	case served > 0 && float64(q.Today.AnsweredWithin) < q.Terms.ServiceLevelGoal*float64(served):
		return Bad
	case late, o.Known && o.Level() < q.Terms.ServiceLevelGoal:
		return Watch
	}
	return Good
}

// agents judges each agent against the published roster.
func (s *Service) agents(ctx context.Context, sc scope.Scope, f routing.Floor, names bool) ([]FloorAgent, error) {
	planned, err := s.planned(ctx, sc, f)
	if err != nil {
		return nil, err
	}
	out := []FloorAgent{}
	for _, a := range f.Agents {
		v := FloorAgent{ID: a.Agent.ID, Label: a.Agent.Label, Team: a.Team, State: a.Live.State, Reason: a.Live.Code, Since: a.Live.Since, Queue: a.Queue, Slice: a.Live.SliceID, Pool: a.Live.Pool, Source: a.Source, Stale: a.Stale}
		if names {
			v.Name = a.Name
		}
		if p, ok := planned[a.Agent.ID]; ok {
			v.Planned = p.Kind
			follows := Follows(p.Kind, v.State, v.Reason)
			if !a.Stale {
				v.Adherent = &follows
			}
			if !follows && !a.Stale {
				v.OutSince = max(v.Since, p.StartAt)
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// Follows reports whether a state is what the roster wants: work is being ready,
// anything else is that activity.
func Follows(planned, state, reason string) bool {
	return (planned == "work") == (state == "ready") && (planned == "work" || planned == reason)
}

// activity is what the roster wants of an agent now.
type activity struct {
	Kind    string
	StartAt calendar.Instant
}

// planned finds what the published roster says each agent does now.
func (s *Service) planned(ctx context.Context, sc scope.Scope, f routing.Floor) (map[ids.Agent]activity, error) {
	out := map[ids.Agent]activity{}
	if !sc.IsProvider() || len(f.Agents) == 0 {
		return out, nil
	}
	agents := make([]ids.Agent, len(f.Agents))
	for i, a := range f.Agents {
		agents[i] = a.Agent.ID
	}
	shifts, err := s.Planning.PublishedShifts(ctx, sc, agents, calendar.Interval{Start: f.At, End: f.At + 1})
	if err != nil {
		return nil, err
	}
	for _, shift := range shifts {
		for _, a := range shift.Activities {
			if a.StartAt <= f.At && f.At < a.EndAt {
				out[shift.AgentID] = activity{a.Kind, a.StartAt}
			}
		}
	}
	return out, nil
}

func (s *Service) poolView(p routing.PoolNow, f routing.Floor) FloorPool {
	v := FloorPool{Slug: p.Slug, Name: p.Policy.Name, Client: p.Client, Reserve: p.Policy.Reserve, Open: p.Open, Cause: p.Cause, Until: p.Until, Ready: p.Ready, Signed: p.Signed, Use: []FloorShare{}}
	seen := map[ids.Client]bool{}
	bySlug := f.ClientsBySlug()
	for _, share := range p.Policy.Shares {
		if client, ok := bySlug[share.Client]; ok {
			v.Use = append(v.Use, FloorShare{Client: client, Agents: float64(p.Use[client]) / 1000, Guarantee: share.Guarantee, Reserve: share.ReserveAgents, Cap: share.Cap})
			seen[client] = true
		}
	}
	for _, q := range f.Queues { // in the order of the clients
		if client := q.Queue.ClientID; !seen[client] && p.Use[client] > 0 {
			v.Use = append(v.Use, FloorShare{Client: client, Agents: float64(p.Use[client]) / 1000})
			seen[client] = true
		}
	}
	return v
}

// OpenAlerts lists what calls for attention, the gravest and oldest first.
func (s *Service) OpenAlerts(ctx context.Context, sc scope.Scope) ([]FloorAlert, error) {
	out := []FloorAlert{}
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("closed_at IS NULL").Order("severity, opened_at, id").Limit(200).Find(&out).Error
	})
	return out, err
}
