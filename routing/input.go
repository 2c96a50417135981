package routing

import (
	"muster/routing/engine"
	"muster/tenants/ids"
)

// Kind names an input of the live floor.
type Kind string

// The inputs. They are logged with ids, never with positions, so that a log stays
// readable when the configuration grows.
const (
	KindArrive   Kind = "contact.arrive"
	KindLeave    Kind = "contact.leave" // the customer gave up or hung up
	KindAccept   Kind = "offer.accept"
	KindDecline  Kind = "offer.decline"
	KindEnd      Kind = "contact.end" // the conversation is over, wrap-up begins
	KindWrapped  Kind = "segment.wrapped"
	KindState    Kind = "agent.state"
	KindLost     Kind = "agent.lost"
	kindTick     Kind = "tick"
	kindReconfig Kind = "reconfigured"
)

// Input is one logged input. Unused members are zero.
type Input struct {
	Kind       Kind         `json:"kind"`
	Contact    ids.Contact  `json:"contact,omitzero"`
	Client     ids.Client   `json:"client,omitzero"`
	Queue      ids.Queue    `json:"queue,omitzero"`
	Agent      ids.Agent    `json:"agent,omitzero"`
	Source     string       `json:"source,omitempty"`
	ExternalID string       `json:"external_id,omitempty"`
	Customer   ids.Customer `json:"customer,omitzero"`
	Channel    string       `json:"channel,omitempty"`
	Attributes string       `json:"attributes,omitempty"`
	Priority   int16        `json:"priority,omitempty"`
	Value      int16        `json:"value,omitempty"`   // permille
	Urgency    int16        `json:"urgency,omitempty"` // permille
	HumanOnly  bool         `json:"human_only,omitempty"`
	Status     string       `json:"status,omitempty"` // of an agent: off, ready or not_ready
	Code       string       `json:"code,omitempty"`   // reason of not_ready: break, meal, training, meeting, office
	Number     int64        `json:"number,omitempty"` // of the contact in the engine, given when it is logged
	Aside      ids.Event    `json:"aside,omitzero"`   // the input that was set aside: here, or before it is played again

	Steering

	Config *engine.Config `json:"config,omitempty"` // of kindReconfig
	Names  *names         `json:"names,omitempty"`  // of kindReconfig
}

// Codes lists the reasons for which an agent may be not ready, in the order of
// the engine's auxiliary numbers.
var Codes = []string{"", "break", "meal", "training", "meeting", "office"}

// Outcome is what became of an input.
type Outcome struct {
	Applied bool   // false: it is stored and will be applied as soon as a node leads
	Refused string // why the engine did nothing, empty when it did something
	Contact ids.Contact
}
