package routing

import (
	"encoding/json"

	"muster/routing/engine"
	"muster/tenants/ids"
)

// AssignmentReason explains one assignment in the four steps that people know: priority,
// skill match, availability, optimal agent. It is stored with the segment and
// shown on desk and timeline. Times are milliseconds, shares and scores permille.
type AssignmentReason struct {
	Rule         string          `json:"rule" doc:"best_agent: the contact chose an agent; best_contact: a freed agent chose the contact; preferred_agent"`
	Strategy     string          `json:"strategy"`
	Step         int             `json:"step" doc:"Of the overflow ladder, 0 is the first"`
	StepKind     string          `json:"step_kind"`
	Priority     ReasonPriority  `json:"priority"`
	SkillMatch   ReasonMatch     `json:"skill_match"`
	Availability ReasonRoom      `json:"availability"`
	Agents       []ReasonAgent   `json:"agents" doc:"The best three, best first"`
	Contacts     []ReasonContact `json:"contacts,omitempty" doc:"The contacts compared, best first"`
}

// ReasonPriority says how urgent the contact was.
type ReasonPriority struct {
	Class    string `json:"class" doc:"preferred, starving, owed or normal"`
	Score    int64  `json:"score"`
	SlackMS  int64  `json:"slack_ms" doc:"Until due after credits; negative means late"`
	CreditMS int64  `json:"credit_ms" doc:"Granted for priority, value, urgency and emotion"`
	Penalty  int32  `json:"penalty" doc:"Permille weight in force"`
}

// ReasonMatch counts agents by skill.
type ReasonMatch struct {
	Eligible int32 `json:"eligible" doc:"Agents that match at this step, whatever their state"`
	Widened  int32 `json:"widened" doc:"Of these, only because the ladder widened"`
}

// ReasonRoom counts agents by state and by rule.
type ReasonRoom struct {
	Free      int32 `json:"free"`
	Capped    int32 `json:"capped" doc:"Barred by the client's cap"`
	Reserved  int32 `json:"reserved" doc:"Barred by another client's reserve"`
	Protected int32 `json:"protected" doc:"Barred by the protection of experts"`
	PoolShut  int32 `json:"pool_shut" doc:"Barred because their pool is closed"`
}

// ReasonAgent is one candidate agent.
type ReasonAgent struct {
	Agent     ids.Agent `json:"agent_id"`
	Label     string    `json:"label,omitempty"`
	Score     int64     `json:"score"`
	Skill     int32     `json:"skill"`
	Fit       int32     `json:"fit"`
	Load      int32     `json:"load"`
	IdleMS    int64     `json:"idle_ms"`
	Occupancy int32     `json:"occupancy"`
}

// ReasonContact is one candidate contact.
type ReasonContact struct {
	Contact ids.Contact `json:"contact_id,omitzero"`
	Queue   ids.Queue   `json:"queue_id"`
	Class   string      `json:"class"`
	Score   int64       `json:"score"`
	SlackMS int64       `json:"slack_ms"`
}

// Unexplained is the reason of an assignment that was not recorded: the provider's
// policy explains none, or only a sample.
const Unexplained = ""

// reason renders why an agent was chosen, with ids in place of the engine's positions.
func (w *leader) reason(r *engine.Reason) string {
	if r == nil {
		return Unexplained
	}
	out := AssignmentReason{Rule: r.Rule, Strategy: r.Strategy.String(), Step: int(r.Step), StepKind: r.StepKind.String(),
		Priority:     ReasonPriority{Class: r.Priority.Class.String(), Score: r.Priority.Score, SlackMS: r.Priority.Slack / 1000, CreditMS: r.Priority.Credit / 1000, Penalty: r.Priority.Penalty},
		SkillMatch:   ReasonMatch(r.SkillMatch),
		Availability: ReasonRoom(r.Availability), Agents: []ReasonAgent{}}
	for _, a := range r.Agents {
		id := w.names.Agents[a.Agent]
		out.Agents = append(out.Agents, ReasonAgent{Agent: id, Label: w.staff[id].Agent.Label, Score: a.Score, Skill: a.Skill, Fit: a.Fit, Load: a.Load, IdleMS: a.Idle / 1000, Occupancy: a.Occupancy})
	}
	for _, k := range r.Contacts {
		v := ReasonContact{Queue: w.names.Queues[k.Queue], Class: k.Class.String(), Score: k.Score, SlackMS: k.Slack / 1000}
		if open := w.rows.contacts[k.Contact]; open != nil {
			v.Contact = open.ContactID
		}
		out.Contacts = append(out.Contacts, v)
	}
	text, err := json.Marshal(out)
	if err != nil {
		return Unexplained // plain values always marshal
	}
	return string(text)
}
