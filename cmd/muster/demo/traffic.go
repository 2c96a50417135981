package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"muster/routing"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Traffic keeps the made-up floor alive while the demo serves: whom the published
// roster wants now signs in and answers, customers call as often as the forecast in
// force expects and hang up. The agent of the demo's own sign-in is left to the
// person at the screen.
type Traffic struct {
	Seed      uint64
	Live      *routing.Live
	Contracts *contract.Service
	People    *people.Service
	Planning  *scheduling.Service
	Log       *slog.Logger

	crew  *crew
	calls []demand
	rng   *rand.Rand
}

// Pace of the made-up floor.
const (
	trafficStep     = 500 * time.Millisecond
	crewEvery       = 15 * time.Second // states follow the roster, and signs of life
	planEvery       = 10 * time.Minute
	meanRing        = 1250 * time.Millisecond
	meanWrap        = 12 * time.Second
	trafficPatience = 3 * time.Minute
)

// Run makes traffic until the context ends.
func (t *Traffic) Run(ctx context.Context) error {
	agents, err := t.People.Agents(ctx, scope.Provider())
	if err != nil || len(agents) < 2 {
		return err
	}
	queues, err := t.Contracts.Queues(ctx, scope.Provider(), ids.Client{})
	if err != nil || len(queues) == 0 {
		return err
	}
	t.rng = rand.New(rand.NewPCG(t.Seed, uint64(time.Now().UnixNano())))
	t.crew = newCrew(agents[1:])
	var planned, followed time.Time
	tick := time.NewTicker(trafficStep)
	defer tick.Stop()
	for serial := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			at := calendar.At(now)
			if now.Sub(planned) > planEvery {
				first := planned.IsZero()
				planned = now
				if err := t.plan(ctx, queues, at); err != nil {
					return err
				}
				if first { // the day is under way: what would be in work by now comes at once
					t.follow(ctx, at)
					serial = t.arriveMany(ctx, serial, func(d demand) float64 { return d.erlangs(at) })
				}
			}
			if now.Sub(followed) > crewEvery {
				followed = now
				t.follow(ctx, at)
			}
			serial = t.arriveMany(ctx, serial, func(d demand) float64 { return d.rate(at) * trafficStep.Seconds() })
			t.work(ctx, at)
		}
	}
}

// plan reads roster and forecast in force.
func (t *Traffic) plan(ctx context.Context, queues []contract.Queue, at calendar.Instant) error {
	shifts, err := t.Planning.PublishedShifts(ctx, scope.Provider(), nil, calendar.Interval{Start: at, End: at + calendar.Day})
	if err != nil {
		return err
	}
	t.crew.roster(shifts)
	t.calls, err = readDemand(ctx, t.Planning, queues, at)
	return err
}

// follow brings every agent into the state that the plan has for now.
func (t *Traffic) follow(ctx context.Context, at calendar.Instant) {
	floor, err := t.Live.Floor(ctx, scope.Provider())
	if err != nil {
		t.warn(ctx, err)
		return
	}
	live := map[ids.Agent]routing.Agent{}
	for _, a := range floor.Agents {
		live[a.Agent.ID] = a.Live
	}
	for _, change := range t.crew.changes(live, at) {
		if _, err := t.Live.SetState(ctx, change.agent, change.state, change.code); err != nil {
			t.warn(ctx, err)
		}
	}
	for _, a := range t.crew.signedIn() {
		if err := t.Live.Heartbeat(ctx, a); err != nil {
			t.warn(ctx, err)
		}
	}
}

// arriveMany lets as many customers call per queue as expected, the fraction by chance.
func (t *Traffic) arriveMany(ctx context.Context, serial int, expected func(demand) float64) int {
	for _, d := range t.calls {
		for left := expected(d); left > 0 && t.rng.Float64() < left; left-- {
			serial++
			id := fmt.Sprintf("live-%d-%d", time.Now().Unix(), serial)
			if _, err := t.Live.Arrive(ctx, scope.Provider(), routing.Arrival{Client: d.queue.ClientID, Queue: d.queue.ID, Source: "demo-live", ExternalID: id}); err != nil {
				t.warn(ctx, err)
			}
		}
	}
	return serial
}

// work lets agents and customers act with the chance that one step has.
func (t *Traffic) work(ctx context.Context, at calendar.Instant) {
	open, err := t.Live.Contacts(ctx, scope.Provider())
	if err != nil {
		t.warn(ctx, err)
		return
	}
	handling := map[ids.Queue]time.Duration{}
	for _, d := range t.calls {
		handling[d.queue.ID] = max(d.handling(at)-meanWrap, meanWrap)
	}
	for _, c := range open {
		if c.Source != "demo-live" {
			continue
		}
		switch mine := t.crew.has(c.AgentID); {
		case c.Status == "waiting" && c.Channel != string(contract.Mail) && t.happens(trafficPatience):
			_, err = t.Live.Leave(ctx, scope.Provider(), c.ContactID)
		case mine && c.Status == "offered" && t.happens(meanRing):
			_, err = t.Live.Work(ctx, c.AgentID, routing.KindAccept, c.ContactID)
		case mine && c.Status == "active" && t.happens(handling[c.QueueID]):
			_, err = t.Live.Work(ctx, c.AgentID, routing.KindEnd, c.ContactID)
		case mine && c.Status == "wrapping" && t.happens(meanWrap):
			_, err = t.Live.Work(ctx, c.AgentID, routing.KindWrapped, c.ContactID)
		}
		if err != nil && ctx.Err() == nil {
			t.Log.Debug("demo traffic", "error", err) // the floor may have moved on meanwhile
			err = nil
		}
	}
}

// happens draws whether something that takes so long on average ends within this step.
func (t *Traffic) happens(mean time.Duration) bool {
	return t.rng.Float64()*float64(mean) < float64(trafficStep)
}

// warn logs what failed unless the demo is being stopped.
func (t *Traffic) warn(ctx context.Context, err error) {
	if ctx.Err() == nil {
		t.Log.Warn("demo traffic", "error", err)
	}
}
