package staffing

import (
	"fmt"

	"muster/tenants/fault"
)

// Kind is how the contacts of a queue can be worked.
type Kind string

// The kinds.
const (
	Live       Kind = "live"       // one at a time, the customer waits: voice
	Concurrent Kind = "concurrent" // several at a time, the customer waits: chat, messages
	Deadline   Kind = "deadline"   // any time before a deadline: mail, tickets, call-backs
)

// Kinds lists the kinds.
func Kinds() []Kind { return []Kind{Live, Concurrent, Deadline} }

// Binding names what decided the number of seats.
type Binding string

// The reasons.
const (
	BindingNone         Binding = "none"          // no contacts
	BindingClosed       Binding = "closed"        // the queue is closed
	BindingServiceLevel Binding = "service_level" // the service level goal
	BindingASA          Binding = "asa"           // the goal for the mean wait
	BindingAbandonment  Binding = "abandonment"   // the goal for hang-ups
	BindingOccupancy    Binding = "occupancy"     // the cap on occupancy
	BindingLoad         Binding = "load"          // the work itself: fewer would never keep up
	BindingMinimum      Binding = "minimum"       // the least seats of an open queue
	BindingDeadline     Binding = "deadline"      // work that is due
	BindingCarryOver    Binding = "carry_over"    // work left by the interval before
)

// Goals are what the seats must achieve in every interval; a zero goal is not asked for.
type Goals struct {
	ServiceLevel float64 // least share, 0..1
	Threshold    float64 // seconds within which the service level counts
	Formula      Formula // empty = AnsweredOverOffered
	ASA          float64 // most mean wait, seconds
	Abandonment  float64 // most share of hang-ups, 0..1; needs patience to bite
	MaxOccupancy float64 // most occupancy, 0..1
	MinSeats     int     // least seats while the queue is open
}

// Validate refuses shares outside 0..1, negative times and an unknown formula.
func (g Goals) Validate() error {
	if err := checkFormula(g.Formula); err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"service level", g.ServiceLevel}, {"abandonment", g.Abandonment}} {
		if err := checkShare(f.name, f.value); err != nil {
			return err
		}
	}
	if !(g.MaxOccupancy >= 0 && g.MaxOccupancy <= 1) {
		return fault.Newf(fault.Invalid, "staffing.bad_share", "the occupancy cap must be above 0 and at most 1, not %v", g.MaxOccupancy)
	}
	if !finite(g.Threshold) || g.Threshold < 0 || !finite(g.ASA) || g.ASA < 0 || g.MinSeats < 0 || g.MinSeats > MaxAgents {
		return fault.New(fault.Invalid, "staffing.bad_goal", "threshold, ASA and least seats must not be negative")
	}
	return nil
}

// Demand is one interval of one queue.
type Demand struct {
	Volume   float64 // contacts that arrive
	AHT      float64 // seconds
	Patience float64 // seconds; 0 = nobody hangs up
	Closed   bool    // contacts may arrive, nobody works
}

// Input is one queue over consecutive intervals.
type Input struct {
	Name        string      // for messages and explanations
	Kind        Kind        // empty = Live
	Interval    float64     // length of every interval, seconds
	Demands     []Demand    // in order of time, without gaps
	Goals       Goals       //
	Shrinkage   []Shrinkage // between rostered and seated agents
	Concurrency Concurrency // for Concurrent
	Due         float64     // for Deadline: seconds from arrival until the work must be done
	CarryOver   bool        // for Live: follow the queue through the intervals, see Transient
}

// Requirement is what one interval needs and what that buys.
type Requirement struct {
	Net          int     // seats: agents taking contacts
	Gross        int     // agents to roster so that Net are left after shrinkage
	Binding      Binding // what decided Net
	Erlangs      float64 // traffic
	ServiceLevel float64 // expected, by the formula of the goals
	Abandonment  float64 // expected share
	ASA          float64 // expected mean wait over all contacts, seconds
	Occupancy    float64 // expected share
	Stationary   int     // seats without the work carried between intervals; Net without CarryOver
	Backlog      float64 // contacts left at the end of the interval (Deadline, CarryOver)
	Late         float64 // contacts that cannot be done by their deadline (Deadline)
}

// Require computes the requirement of every interval of one queue. The result has
// the length of in.Demands. It is a pure function; run it for many queues with
// RequireAll.
func Require(in Input) ([]Requirement, error) {
	return new(planner).require(in)
}

// planner keeps memory between calls: the recursion's buffer and answers already
// found for the queue at hand.
type planner struct {
	curve Curve
	memo  map[Demand]Requirement
}

func (p *planner) require(in Input) ([]Requirement, error) {
	shrinkage, err := in.validate()
	if err != nil {
		return nil, err
	}
	var out []Requirement
	switch in.Kind {
	case Deadline:
		out, err = spread(in)
	default:
		out, err = p.waiting(in)
	}
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Gross = Ceil(float64(out[i].Net) / (1 - shrinkage))
	}
	return out, nil
}

// validate checks everything but the single demands and gives the total shrinkage.
func (in Input) validate() (float64, error) {
	if err := in.Goals.Validate(); err != nil {
		return 0, in.named(err)
	}
	if err := in.Concurrency.Validate(); err != nil {
		return 0, in.named(err)
	}
	if !finite(in.Interval) || in.Interval <= 0 {
		return 0, in.named(fault.Newf(fault.Invalid, "staffing.bad_load", "the interval must be longer than 0 seconds, not %v", in.Interval))
	}
	switch in.Kind {
	case "", Live, Concurrent:
		if in.Goals.ServiceLevel == 0 && in.Goals.ASA == 0 && in.Goals.Abandonment == 0 && in.Goals.MaxOccupancy == 0 {
			return 0, in.named(fault.New(fault.Invalid, "staffing.no_goal",
				"no goal is set; give a service level, a mean wait, a share of hang-ups or an occupancy cap"))
		}
		if in.Kind == Concurrent && len(in.Concurrency.Speed) == 0 {
			return 0, in.named(fault.New(fault.Invalid, "staffing.bad_concurrency", "chat needs the table of speeds; a typical one is 1, 1.7, 2.5"))
		}
		if in.CarryOver && in.Kind == Concurrent {
			return 0, in.named(fault.New(fault.Invalid, "staffing.bad_kind", "carry-over is offered for live queues; chat is planned interval by interval"))
		}
	case Deadline:
		if !finite(in.Due) || in.Due <= 0 {
			return 0, in.named(fault.Newf(fault.Invalid, "staffing.bad_goal", "work with a deadline needs the seconds within which it is due, not %v", in.Due))
		}
	default:
		return 0, in.named(fault.Newf(fault.Invalid, "staffing.unknown_kind", "unknown kind of queue %q; allowed: %s", in.Kind, fault.Allowed(Kinds())))
	}
	shrinkage, err := TotalShrinkage(in.Shrinkage)
	if err != nil {
		return 0, in.named(err)
	}
	return shrinkage, nil
}

func (in Input) named(err error) error {
	if in.Name == "" {
		return err
	}
	return fmt.Errorf("queue %s: %w", in.Name, err)
}

// load is the traffic of interval i.
func (in Input) load(i int) Load {
	d := in.Demands[i]
	l := Load{Contacts: d.Volume, Interval: in.Interval, AHT: d.AHT, Patience: d.Patience}
	if in.Kind == Concurrent {
		l.Concurrency = in.Concurrency
	}
	return l
}

// waiting plans the queues in which customers wait.
func (p *planner) waiting(in Input) ([]Requirement, error) {
	if p.memo == nil {
		p.memo = make(map[Demand]Requirement)
	}
	clear(p.memo)
	out := make([]Requirement, len(in.Demands))
	hint := -1.0 // seats above the traffic, in roots of the traffic, of the interval before
	for i, d := range in.Demands {
		if known, ok := p.memo[d]; ok {
			out[i] = known
			continue
		}
		if err := p.curve.reset(in.load(i)); err != nil {
			return nil, in.named(fmt.Errorf("interval %d: %w", i+1, err))
		}
		out[i], hint = p.curve.requirement(in.Goals, d.Closed, hint)
		p.memo[d] = out[i]
	}
	if in.CarryOver {
		return carryOver(in, out)
	}
	return out, nil
}
