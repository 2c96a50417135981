package supervision

import (
	"fmt"
	"slices"

	"muster/routing"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// The rules of alerts.
const (
	RuleWaiting      = "waiting"       // so many wait
	RuleOldest       = "oldest"        // somebody waits so many seconds
	RuleServiceLevel = "service_level" // today's level lies below the goal
	RuleProjected    = "projected"     // the day will end below the goal
	RuleNobody       = "nobody"        // contacts wait and nobody who is ready can serve them
	RuleAdherence    = "adherence"     // an agent does not follow the roster, minutes
	RuleCallUp       = "call_up"       // a reserve pool is wanted
	RulePartner      = "partner"       // a partner cannot be reached
	RuleSetAside     = "set_aside"     // so many inputs that the floor could not take
)

// Finding is one thing that calls for attention.
type Finding struct {
	Rule      string
	Subject   string // kind/id
	Client    ids.Client
	Severity  string // bad or watch
	Value     float64
	Threshold float64
	Proposal  *FloorProposal
}

// FloorProposal is an action with what it is expected to do.
type FloorProposal struct {
	Action FloorAction       `json:"action"`
	Cause  string            `json:"cause,omitempty" doc:"Of calling a pool up: peak or trend"`
	Agents float64           `json:"agents,omitempty" doc:"Missing at the worst"`
	Begins *calendar.Instant `json:"begins,omitempty" doc:"Of the peak"`
	Effect []FloorEffect     `json:"effect"`
}

// FloorEffect is what an action does to a queue's projected level.
type FloorEffect struct {
	Queue  ids.Queue `json:"queue_id"`
	Before string    `json:"before" doc:"Share at the day's end as it looks now"`
	After  string    `json:"after"`
}

// defaults of the thresholds.
const (
	defaultOldestFactor = 2
	defaultOutMinutes   = 10
)

// Judge finds what calls for attention on a floor under the thresholds: those of
// the queue's own plan in place of the provider's.
func Judge(view FloorView, floor routing.Floor, look outlook, provider routing.AlertPolicy, own map[ids.Queue]routing.AlertPolicy) []Finding {
	var out []Finding
	for i, q := range view.Queues {
		policy, ok := own[q.ID]
		if !ok {
			policy = provider
		}
		out = append(out, judgeQueue(q, floor.Queues[i], look.of(floor.Queues[i], floor.At), policy)...)
	}
	limit := float64(provider.OutMinutes)
	if limit == 0 {
		limit = defaultOutMinutes
	}
	for _, a := range view.Agents {
		if a.OutSince == 0 || a.State == "off" {
			continue
		}
		if minutes := float64(view.At-a.OutSince) / float64(calendar.Minute); minutes >= limit {
			out = append(out, Finding{Rule: RuleAdherence, Subject: "agent/" + a.ID.String(), Severity: Watch, Value: float64(int(minutes)), Threshold: limit})
		}
	}
	return out
}

func judgeQueue(q FloorQueue, now routing.QueueNow, o Outlook, p routing.AlertPolicy) []Finding {
	var out []Finding
	found := func(rule, severity string, value, threshold float64) {
		out = append(out, Finding{Rule: rule, Subject: "queue/" + q.ID.String(), Client: q.ClientID, Severity: severity, Value: value, Threshold: threshold})
	}
	if p.Waiting > 0 && q.Waiting >= p.Waiting {
		found(RuleWaiting, Watch, float64(q.Waiting), float64(p.Waiting))
	}
	oldest := float64(p.OldestSeconds)
	if oldest == 0 {
		oldest = defaultOldestFactor * float64(now.Terms.ThresholdMS) / 1000
	}
	if q.Waiting > 0 && oldest > 0 && float64(q.LongestWait) >= oldest {
		found(RuleOldest, Bad, float64(q.LongestWait), oldest)
	}
	if q.Waiting > 0 && q.AgentsReady == 0 {
		found(RuleNobody, Bad, float64(q.Waiting), 0)
	}
	goal, low := now.Terms.ServiceLevelGoal, false
	if n := q.ServiceLevel; n.Denominator > 0 {
		if level := float64(n.Numerator) / float64(n.Denominator); level < goal-float64(p.ServiceLevelPoints)/100 {
			found(RuleServiceLevel, Bad, level, goal)
			low = true // one alert says it
		}
	}
	if !low && q.Projected != nil && o.Level() < goal-float64(p.ProjectedPoints)/100 {
		found(RuleProjected, Watch, o.Level(), goal)
	}
	return out
}

// mostMoved bounds how many agents one proposal moves.
const mostMoved = 5

// lookAheadSeconds is how long a proposed move is taken to last.
const lookAheadSeconds = 4 * 3600

// Propose adds an action to the findings about queues that will end below their
// goal: agents who serve several clients and are spare elsewhere work for this one.
func Propose(findings []Finding, floor routing.Floor, look outlook) {
	for i := range findings {
		f := &findings[i]
		if f.Rule != RuleProjected && f.Rule != RuleServiceLevel || f.Proposal != nil {
			continue
		}
		at := slices.IndexFunc(floor.Queues, func(q routing.QueueNow) bool { return "queue/"+q.Queue.ID.String() == f.Subject })
		if at >= 0 {
			f.Proposal = moveProposal(floor.Queues[at], floor, look)
		}
	}
}

// moveProposal takes agents from the queue with most to spare; nil when nobody is.
func moveProposal(q routing.QueueNow, floor routing.Floor, look outlook) *FloorProposal {
	gap := look.rest[q.Queue.ID].Gap
	if gap < 0.5 {
		return nil
	}
	donor, spare := -1, 1.0
	for i, o := range floor.Queues {
		if s := -look.rest[o.Queue.ID].Gap; o.Queue.ClientID != q.Queue.ClientID && s > spare {
			donor, spare = i, s
		}
	}
	if donor < 0 {
		return nil
	}
	most := min(mostMoved, int(gap+0.999), int(spare))
	var agents []ids.Agent
	for _, a := range floor.Agents {
		if len(agents) < most && a.Live.State == "ready" && !a.Fed() && a.Queue.IsZero() && a.Live.SliceID.IsZero() && serves(a, q) && serves(a, floor.Queues[donor]) {
			agents = append(agents, a.Agent.ID)
		}
	}
	if len(agents) == 0 {
		return nil
	}
	n := float64(len(agents))
	return &FloorProposal{Action: FloorAction{Kind: SliceAgents, Agents: agents, Client: q.Queue.ClientID}, Agents: gap,
		Effect: []FloorEffect{look.effect(q, floor, n), look.effect(floor.Queues[donor], floor, -n)}}
}

// effect projects a queue's day with so many more agents for the next hours.
func (o outlook) effect(q routing.QueueNow, floor routing.Floor, more float64) FloorEffect {
	after := o
	after.rest = map[ids.Queue]Outlook{q.Queue.ID: Project(o.days[q.Queue.ID].WithAgents(more, lookAheadSeconds))}
	return FloorEffect{Queue: q.Queue.ID, Before: shareText(o.of(q, floor.At).Level()), After: shareText(after.of(q, floor.At).Level())}
}

func shareText(x float64) string { return fmt.Sprintf("%.4f", x) }
