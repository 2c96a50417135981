package demo

import (
	"hash/fnv"
	"slices"

	"muster/routing"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// crew are the made-up agents and what the roster wants of them.
type crew struct {
	agents []ids.Agent
	known  map[ids.Agent]bool
	shifts map[ids.Agent][]scheduling.Shift
	state  map[ids.Agent]string // as this process left them
}

const (
	nightCrew   = 36 // who works where the roster has fewer than a third of them: somebody looks at the floor at night too
	strayOneIn  = 20 // activities that an agent does not keep
	breakCode   = "break"
	stateOff    = "off"
	stateReady  = "ready"
	stateAbsent = "not_ready"
)

func newCrew(agents []people.Agent) *crew {
	c := &crew{known: map[ids.Agent]bool{}, state: map[ids.Agent]string{}}
	for _, a := range agents {
		c.agents, c.known[a.ID] = append(c.agents, a.ID), true
	}
	return c
}

// roster takes the published shifts of the next hours.
func (c *crew) roster(shifts []scheduling.Shift) {
	c.shifts = map[ids.Agent][]scheduling.Shift{}
	for _, s := range shifts {
		c.shifts[s.AgentID] = append(c.shifts[s.AgentID], s)
	}
}

func (c *crew) has(agent ids.Agent) bool { return c.known[agent] }

// signedIn lists who is signed in, in a fixed order.
func (c *crew) signedIn() []ids.Agent {
	return slices.DeleteFunc(slices.Clone(c.agents), func(a ids.Agent) bool { return c.state[a] == "" || c.state[a] == stateOff })
}

// stateChange is a state an agent goes into.
type stateChange struct {
	agent       ids.Agent
	state, code string
}

// changes compares the plan with the floor; agents that are in the planned state are left alone.
func (c *crew) changes(live map[ids.Agent]routing.Agent, at calendar.Instant) []stateChange {
	wanted := map[ids.Agent]stateChange{}
	for _, a := range c.agents {
		if w, ok := c.planned(a, at); ok {
			wanted[a] = w
		}
	}
	if len(wanted) < nightCrew/3 {
		for i := 0; i < len(c.agents); i += max(1, len(c.agents)/nightCrew) {
			wanted[c.agents[i]] = stateChange{agent: c.agents[i], state: stateReady}
		}
	}
	var out []stateChange
	for _, a := range c.agents {
		w, on := wanted[a]
		now, there := live[a]
		switch {
		case on && (!there || now.State != w.state || now.Code != w.code):
			out = append(out, w)
			c.state[a] = w.state
		case on:
			c.state[a] = w.state
		case there && now.State != stateOff:
			out = append(out, stateChange{agent: a, state: stateOff})
			c.state[a] = stateOff
		}
	}
	return out
}

// planned is what the roster has for an agent at an instant; now and then an agent
// goes on working through a break, or makes one of its own.
func (c *crew) planned(agent ids.Agent, at calendar.Instant) (stateChange, bool) {
	for _, s := range c.shifts[agent] {
		if at < s.StartAt || at >= s.EndAt {
			continue
		}
		for _, a := range s.Activities {
			if at < a.StartAt || at >= a.EndAt {
				continue
			}
			absent := a.Kind != "work"
			if stray(agent, a.StartAt) {
				absent = !absent
			}
			if !absent {
				return stateChange{agent: agent, state: stateReady}, true
			}
			code := a.Kind
			if code == "work" {
				code = breakCode
			}
			return stateChange{agent: agent, state: stateAbsent, code: code}, true
		}
	}
	return stateChange{}, false
}

// stray draws, the same each time it is asked, whether an agent keeps an activity.
func stray(agent ids.Agent, start calendar.Instant) bool {
	h := fnv.New32a()
	_, _ = h.Write(agent[:])
	_, _ = h.Write([]byte{byte(start >> 32), byte(start >> 40), byte(start >> 24)})
	return h.Sum32()%strayOneIn == 0
}
