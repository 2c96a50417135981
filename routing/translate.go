package routing

import (
	"fmt"

	"muster/routing/engine"
)

// event turns an input into the engine's event by the names in force.
func (w *leader) event(in Input) (engine.Event, error) {
	agent, queue := engine.None, engine.None
	if !in.Agent.IsZero() {
		i, ok := w.names.agent[in.Agent]
		if !ok {
			return engine.Event{}, fmt.Errorf("agent %s is not on the floor", in.Agent)
		}
		agent = i
	}
	if !in.Queue.IsZero() {
		i, ok := w.names.queue[in.Queue]
		if !ok {
			return engine.Event{}, fmt.Errorf("queue %s is not on the floor", in.Queue)
		}
		queue = i
	}
	switch in.Kind {
	case KindArrive:
		preferred := engine.None
		if at, known := w.names.agent[in.ToAgent]; known {
			preferred = at
		}
		return engine.Arrive(engine.Arrival{Contact: in.Number, Queue: queue, Intent: engine.None, Preferred: preferred, Priority: in.Priority, Value: in.Value, Urgency: in.Urgency, Emotion: in.Emotional, HumanOnly: in.HumanOnly, Due: int64(in.Due)}), nil
	case KindLeave:
		return engine.OfContact(engine.ContactLeft, in.Number), nil
	case KindAccept:
		return engine.OfWork(engine.OfferAccepted, in.Number, agent), nil
	case KindDecline:
		return engine.OfWork(engine.OfferDeclined, in.Number, agent), nil
	case KindEnd:
		return engine.OfWork(engine.ContactEnded, in.Number, agent), nil
	case KindWrapped:
		return engine.OfWork(engine.WrapEnded, in.Number, agent), nil
	case KindState:
		return engine.SetStatus(agent, statusOf(in.Status), auxOf(in.Code)), nil
	case KindLost:
		return engine.OfAgent(engine.AgentLost, agent), nil
	case kindTick, kindAside:
		return engine.OfContact(engine.Tick, 0), nil
	case kindReconfig:
		return engine.Reconfigure(in.Config), nil
	}
	if ev, ok, err := w.steer(in, agent, queue); ok {
		return ev, err
	}
	return engine.Event{}, fmt.Errorf("input %q is unknown", in.Kind)
}

func statusOf(name string) engine.AgentStatus {
	for _, s := range []engine.AgentStatus{engine.Off, engine.Ready, engine.NotReady, engine.Paused, engine.Lost} {
		if s.String() == name {
			return s
		}
	}
	return engine.Off
}

func auxOf(code string) int16 {
	for i, c := range Codes {
		if c == code {
			return int16(i)
		}
	}
	return 0
}
