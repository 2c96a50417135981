package demo

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"muster/routing"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// Traffic keeps the made-up floor alive while the demo serves: some agents sign in
// and answer, customers call and hang up. The agent of the demo's own sign-in is
// left to the person at the screen.
type Traffic struct {
	Seed      uint64
	Live      *routing.Live
	Contracts *contract.Service
	People    *people.Service
	Log       *slog.Logger
}

// Pace of the made-up floor.
const (
	trafficAgents   = 36
	meanGap         = 2200 * time.Millisecond // between arrivals
	meanTalk        = 55 * time.Second
	meanWrap        = 8 * time.Second
	trafficPatience = 60 * time.Second
	trafficStep     = 500 * time.Millisecond
)

// Run makes traffic until the context ends.
func (t *Traffic) Run(ctx context.Context) error {
	queues, err := t.Contracts.Queues(ctx, scope.Provider(), ids.Client{})
	if err != nil {
		return err
	}
	all, err := t.People.Agents(ctx, scope.Provider())
	if err != nil || len(all) < 2 || len(queues) == 0 {
		return err
	}
	rng := rand.New(rand.NewPCG(t.Seed, uint64(time.Now().UnixNano())))
	var agents []ids.Agent
	for i := 1; i < len(all); i += max(1, len(all)/trafficAgents) {
		agents = append(agents, all[i].ID)
	}
	for i, a := range agents {
		state, code := "ready", ""
		if i%9 == 8 {
			state, code = "not_ready", "break"
		}
		if _, err := t.Live.SetState(ctx, a, state, code); err != nil && ctx.Err() == nil {
			t.Log.Warn("demo traffic", "error", err)
		}
	}
	next := time.Now()
	beat := time.Now()
	tick := time.NewTicker(trafficStep)
	defer tick.Stop()
	for serial := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			if now.After(next) {
				serial++
				t.arrive(ctx, queues[rng.IntN(len(queues))], fmt.Sprintf("live-%d-%d", now.Unix(), serial))
				next = now.Add(time.Duration(rng.ExpFloat64() * float64(meanGap)))
			}
			if now.Sub(beat) > 15*time.Second {
				beat = now
				for _, a := range agents {
					if err := t.Live.Heartbeat(ctx, a); err != nil && ctx.Err() == nil {
						t.Log.Warn("demo traffic", "error", err)
					}
				}
			}
			t.answer(ctx, rng, agents)
		}
	}
}

// arrive lets one customer call.
func (t *Traffic) arrive(ctx context.Context, q contract.Queue, id string) {
	_, err := t.Live.Arrive(ctx, scope.Provider(), routing.Arrival{Client: q.ClientID, Queue: q.ID, Source: "demo-live", ExternalID: id})
	if err != nil && ctx.Err() == nil {
		t.Log.Warn("demo traffic", "error", err)
	}
}

// answer lets agents and customers act with the chance that half a second has.
func (t *Traffic) answer(ctx context.Context, rng *rand.Rand, agents []ids.Agent) {
	step := float64(trafficStep)
	for _, a := range agents {
		d, err := t.Live.Desk(ctx, a)
		if err != nil {
			return
		}
		for _, s := range d.Segments {
			kind := routing.Kind("")
			switch {
			case s.Status == "offered" && rng.Float64() < 0.4:
				kind = routing.KindAccept
			case s.Status == "active" && rng.Float64() < step/float64(meanTalk):
				kind = routing.KindEnd
			case s.Status == "wrapping" && rng.Float64() < step/float64(meanWrap):
				kind = routing.KindWrapped
			}
			if kind == "" {
				continue
			}
			if _, err := t.Live.Work(ctx, a, kind, s.ContactID); err != nil && ctx.Err() == nil {
				t.Log.Debug("demo traffic", "error", err) // the floor may have moved on meanwhile
			}
		}
		if d.Agent.State == "paused" || d.Agent.State == "lost" {
			_, _ = t.Live.SetState(ctx, a, "ready", "")
		}
	}
	waiting, err := t.Live.Contacts(ctx, scope.Provider())
	if err != nil {
		return
	}
	for _, c := range waiting {
		if c.Status == "waiting" && c.Source == "demo-live" && rng.Float64() < step/float64(trafficPatience) {
			_, _ = t.Live.Leave(ctx, scope.Provider(), c.ContactID)
		}
	}
}
