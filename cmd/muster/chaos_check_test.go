package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// evidence is what the database holds after the faults.
type evidence struct {
	contacts []string // key of every open or finished contact, one per row
	parts    []part
	log      []logged
	lastSeq  int64
	waiting  map[string]bool // keys of contacts that wait or are offered
	over     []history
}

// history is what is kept of a contact that is over.
type history struct {
	contact string
	outcome records.Outcome
	times   []calendar.Instant // arrived, queued, answered, ended: those there are, in this order
	ended   bool
	parts   []part
}

// part is one agent's part in a contact; to is zero while it lasts.
type part struct {
	contact  string
	agent    ids.Agent
	from, to calendar.Instant
	accepted bool
	ended    bool
	wrapped  bool
}

// logged is one entry of the routing log.
type logged struct {
	Seq, Epoch int64
	At         calendar.Instant
	Kind       routing.Kind
	Event      string
	contact    string // key
	id         ids.Contact
	agent      ids.Agent
}

// claims is what callers were told by answers of success.
type claims struct {
	contacts map[string]ids.Contact // key to the id of the answer
	accepts  []claim
	ends     []claim
	leaves   []string // keys of contacts whose customers gave up
}

// claim is an agent's acknowledged step.
type claim struct {
	contact string
	agent   ids.Agent
}

// check lists every way in which the evidence contradicts the claims or itself.
func check(e evidence, c claims) []string {
	var wrong []string
	c = e.known(c)
	count := map[string]int{}
	for _, k := range e.contacts {
		count[k]++
	}
	for k := range c.contacts {
		if count[k] == 0 {
			wrong = append(wrong, fmt.Sprintf("contact %s was acknowledged and is lost", k))
		}
	}
	for k, n := range count {
		if n > 1 {
			wrong = append(wrong, fmt.Sprintf("contact %s is there %d times", k, n))
		}
	}
	wrong = append(wrong, overlaps(e.parts, "contact %s is on two agents at once", func(p part) string { return p.contact })...)
	wrong = append(wrong, overlaps(e.parts, "agent %s has two calls at once", func(p part) string { return p.agent.String() })...)
	accepted, ended := map[claim]bool{}, map[claim]bool{}
	for _, p := range e.parts {
		k := claim{p.contact, p.agent}
		accepted[k] = accepted[k] || p.accepted
		ended[k] = ended[k] || p.ended
	}
	for _, a := range c.accepts {
		if !accepted[a] {
			wrong = append(wrong, fmt.Sprintf("contact %s was accepted by %s and is not", a.contact, a.agent))
		}
	}
	for _, a := range c.ends {
		if !ended[a] {
			wrong = append(wrong, fmt.Sprintf("contact %s was finished by %s and is not", a.contact, a.agent))
		}
	}
	for _, k := range c.leaves {
		if e.waiting[k] {
			wrong = append(wrong, fmt.Sprintf("contact %s left and waits still", k))
		}
	}
	wrong = append(wrong, unlogged(e, c)...)
	for _, h := range e.over {
		if why := h.incomplete(); why != "" {
			wrong = append(wrong, fmt.Sprintf("the history of contact %s is incomplete: %s", h.contact, why))
		}
	}
	if int64(len(e.log)) != e.lastSeq {
		wrong = append(wrong, fmt.Sprintf("the log has %d entries, the domain says %d", len(e.log), e.lastSeq))
	}
	for i, l := range e.log {
		if l.Seq != int64(i)+1 {
			wrong = append(wrong, fmt.Sprintf("entry %d of the log has the number %d", i+1, l.Seq))
			break
		}
		if i > 0 && (l.Epoch < e.log[i-1].Epoch || l.At < e.log[i-1].At) {
			wrong = append(wrong, fmt.Sprintf("the log goes back at %d", l.Seq))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// known gives the claims with keys for contacts whose reporter never heard an
// answer, but whose agents did: the log tells them.
func (e evidence) known(c claims) claims {
	key := map[string]string{}
	for _, l := range e.log {
		if l.Kind == routing.KindArrive {
			key[l.id.String()] = l.contact
		}
	}
	named := func(list []claim) []claim {
		out := slices.Clone(list)
		for i := range out {
			if k, ok := key[out[i].contact]; ok {
				out[i].contact = k
			}
		}
		return out
	}
	c.accepts, c.ends = named(c.accepts), named(c.ends)
	return c
}

// unlogged finds acknowledged steps that the log does not hold once.
func unlogged(e evidence, c claims) []string {
	var wrong []string
	arrived := map[string][]ids.Contact{}
	steps := map[routing.Kind]map[claim]bool{routing.KindAccept: {}, routing.KindEnd: {}}
	for _, l := range e.log {
		if l.Kind == routing.KindArrive {
			arrived[l.contact] = append(arrived[l.contact], l.id)
		} else if of := steps[l.Kind]; of != nil {
			of[claim{l.contact, l.agent}] = true
		}
	}
	for k, id := range c.contacts {
		switch got := arrived[k]; {
		case len(got) != 1:
			wrong = append(wrong, fmt.Sprintf("contact %s arrives %d times in the log", k, len(got)))
		case got[0] != id:
			wrong = append(wrong, fmt.Sprintf("contact %s has another id in the log", k))
		}
	}
	for kind, list := range map[routing.Kind][]claim{routing.KindAccept: c.accepts, routing.KindEnd: c.ends} {
		for _, k := range list {
			if !steps[kind][k] {
				wrong = append(wrong, fmt.Sprintf("%s of contact %s by %s is not in the log", kind, k.contact, k.agent))
			}
		}
	}
	return wrong
}

// incomplete says what the history lacks, "" when it is whole.
func (h history) incomplete() string {
	answered := slices.ContainsFunc(h.parts, func(p part) bool { return p.accepted })
	switch {
	case !slices.IsSorted(h.times):
		return "its times go back"
	case !h.ended:
		return "it is over without an end"
	case answered != (h.outcome == records.Answered):
		return fmt.Sprintf("it is %s, accepted by an agent: %v", h.outcome, answered)
	case slices.ContainsFunc(h.parts, func(p part) bool { return !p.wrapped }):
		return "an agent's part is not over"
	}
	return ""
}

// overlaps finds parts of one key that were held at the same time.
func overlaps(parts []part, message string, key func(part) string) []string {
	var wrong []string
	byKey := map[string][]part{}
	for _, p := range parts {
		byKey[key(p)] = append(byKey[key(p)], p)
	}
	for k, all := range byKey {
		slices.SortFunc(all, func(a, b part) int { return int(a.from - b.from) })
		for i := 1; i < len(all); i++ {
			if before := all[i-1]; before.to == 0 || before.to > all[i].from {
				wrong = append(wrong, fmt.Sprintf(message, k))
				break
			}
		}
	}
	return wrong
}

// gather reads the evidence in one transaction. Keys of contacts are
// source/external id, as finished records keep them.
func (w *world) gather(ctx context.Context) (evidence, error) {
	var e evidence
	err := w.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		var open []routing.Contact
		var openParts []routing.Segment
		var kept []records.Contact
		var keptParts []records.Segment
		var domain routing.Domain
		for _, find := range []error{
			tx.Find(&open).Error, tx.Find(&openParts).Error, tx.Where("is_current = ?", true).Find(&kept).Error, tx.Where("is_current = ?", true).Find(&keptParts).Error,
			tx.Take(&domain).Error, tx.Table("routing_log").Order("seq").Find(&e.log).Error,
		} {
			if find != nil {
				return find
			}
		}
		e.lastSeq = domain.LastSeq
		name := map[ids.Contact]string{}
		e.waiting = map[string]bool{}
		for _, c := range open {
			name[c.ContactID] = c.Source + "/" + c.ExternalID
			e.contacts = append(e.contacts, name[c.ContactID])
			e.waiting[name[c.ContactID]] = c.Status == "waiting" || c.Status == "offered"
		}
		for _, c := range kept {
			name[c.ID] = c.ExternalID
			e.contacts = append(e.contacts, c.ExternalID)
		}
		add := func(id ids.Contact, agent ids.Agent, from calendar.Instant, accepted, ended, wrapped *calendar.Instant) {
			p := part{contact: name[id], agent: agent, from: from, accepted: accepted != nil, ended: ended != nil}
			if wrapped != nil {
				p.to, p.wrapped = *wrapped, true
			}
			e.parts = append(e.parts, p)
		}
		for _, s := range openParts {
			add(s.ContactID, s.AgentID, s.OfferedAt, s.AcceptedAt, s.EndedAt, s.WrappedAt)
		}
		for _, s := range keptParts {
			add(s.ContactID, s.AgentID, s.OfferedAt, s.AcceptedAt, s.EndedAt, s.WrappedAt)
		}
		e.over = histories(kept, e.parts)
		return e.readLog()
	})
	return e, err
}

// histories puts together what is kept of contacts that are over.
func histories(kept []records.Contact, parts []part) []history {
	byContact := map[string][]part{}
	for _, p := range parts {
		byContact[p.contact] = append(byContact[p.contact], p)
	}
	var out []history
	for _, c := range kept {
		h := history{contact: c.ExternalID, outcome: c.Outcome, times: []calendar.Instant{c.ArrivedAt}, ended: c.EndedAt != nil, parts: byContact[c.ExternalID]}
		for _, at := range []*calendar.Instant{c.QueuedAt, c.AnsweredAt, c.EndedAt} {
			if at != nil {
				h.times = append(h.times, *at)
			}
		}
		out = append(out, h)
	}
	return out
}

// readLog finds of which contact, by its key, and of which agent each entry is.
func (e *evidence) readLog() error {
	name := map[ids.Contact]string{}
	for i := range e.log {
		var in routing.Input
		if err := json.Unmarshal([]byte(e.log[i].Event), &in); err != nil {
			return err
		}
		if in.Kind == routing.KindArrive {
			name[in.Contact] = in.Source + "/" + in.ExternalID
		}
		e.log[i].contact, e.log[i].id, e.log[i].agent = name[in.Contact], in.Contact, in.Agent
	}
	return nil
}

// leaseSlack is how long a deadline may be past while a node leads.
const leaseSlack = 5 * calendar.Second

// overdue decides whether open parts outlived their deadline although the same
// node has led since before the slack began.
func overdue(now, leadsSince, leaseUntil calendar.Instant, deadlines []calendar.Instant) bool {
	if leaseUntil < now || now-leadsSince < leaseSlack {
		return false
	}
	return slices.ContainsFunc(deadlines, func(d calendar.Instant) bool { return d < now-leaseSlack })
}

// TestTheCheckerSeesEachFault seeds one violation after the other.
func TestTheCheckerSeesEachFault(t *testing.T) {
	one, two := ids.Agent{1}, ids.Agent{2}
	good := func() (evidence, claims) {
		return evidence{
			contacts: []string{"cti/a", "cti/b"},
			parts: []part{{contact: "cti/a", agent: one, from: 10, to: 20}, {contact: "cti/a", agent: two, from: 20, to: 50, accepted: true, ended: true},
				{contact: "cti/b", agent: one, from: 30, accepted: true}},
			log: []logged{{Seq: 1, Epoch: 1, At: 10, Kind: routing.KindArrive, contact: "cti/a", id: ids.Contact{1}}, {Seq: 2, Epoch: 1, At: 20, Kind: routing.KindAccept, contact: "cti/a", agent: two},
				{Seq: 3, Epoch: 2, At: 20, Kind: routing.KindEnd, contact: "cti/a", agent: two}},
			lastSeq: 3, waiting: map[string]bool{"cti/c": true},
			over: []history{{contact: "cti/a", outcome: records.Answered, times: []calendar.Instant{10, 10, 20, 50}, ended: true, parts: []part{{wrapped: true}, {accepted: true, wrapped: true}}}},
		}, claims{contacts: map[string]ids.Contact{"cti/a": {1}}, accepts: []claim{{"cti/a", two}}, ends: []claim{{ids.Contact{1}.String(), two}}, leaves: []string{"cti/b"}}
	}
	e, c := good()
	require.Empty(t, check(e, c))
	for name, seed := range map[string]func(*evidence, *claims){
		"contact cti/c was acknowledged and is lost":                                              func(_ *evidence, c *claims) { c.contacts["cti/c"] = ids.Contact{3} },
		"contact cti/b is there 2 times":                                                          func(e *evidence, _ *claims) { e.contacts = append(e.contacts, "cti/b") },
		"contact cti/a is on two agents at once":                                                  func(e *evidence, _ *claims) { e.parts[0].to = 21 },
		"agent " + one.String() + " has two calls at once":                                        func(e *evidence, _ *claims) { e.parts[2].from = 15 },
		"contact cti/b was accepted by " + two.String() + " and is not":                           func(_ *evidence, c *claims) { c.accepts = append(c.accepts, claim{"cti/b", two}) },
		"contact cti/b was finished by " + one.String() + " and is not":                           func(_ *evidence, c *claims) { c.ends = append(c.ends, claim{"cti/b", one}) },
		"entry 2 of the log has the number 3":                                                     func(e *evidence, _ *claims) { e.log[1].Seq = 3 },
		"the log has 3 entries, the domain says 4":                                                func(e *evidence, _ *claims) { e.lastSeq = 4 },
		"the log goes back at 3":                                                                  func(e *evidence, _ *claims) { e.log[2].At = 19 },
		"contact cti/c left and waits still":                                                      func(_ *evidence, c *claims) { c.leaves = append(c.leaves, "cti/c") },
		"contact cti/a arrives 2 times in the log":                                                func(e *evidence, _ *claims) { e.log[1].Kind = routing.KindArrive },
		"contact cti/a arrives 0 times in the log":                                                func(e *evidence, _ *claims) { e.log[0].Kind = "tick" },
		"contact cti/a has another id in the log":                                                 func(_ *evidence, c *claims) { c.contacts["cti/a"] = ids.Contact{9} },
		"offer.accept of contact cti/a by " + two.String() + " is not in the log":                 func(e *evidence, _ *claims) { e.log[1].agent = one },
		"contact.end of contact cti/a by " + two.String() + " is not in the log":                  func(e *evidence, _ *claims) { e.log[2].Kind = "tick" },
		"the history of contact cti/a is incomplete: its times go back":                           func(e *evidence, _ *claims) { e.over[0].times[3] = 15 },
		"the history of contact cti/a is incomplete: it is over without an end":                   func(e *evidence, _ *claims) { e.over[0].ended = false },
		"the history of contact cti/a is incomplete: it is abandoned, accepted by an agent: true": func(e *evidence, _ *claims) { e.over[0].outcome = records.Abandoned },
		"the history of contact cti/a is incomplete: an agent's part is not over":                 func(e *evidence, _ *claims) { e.over[0].parts[0].wrapped = false },
	} {
		e, c := good()
		seed(&e, &c)
		require.Contains(t, check(e, c), name)
	}
	second := calendar.Second
	now := 100 * second
	require.True(t, overdue(now, now-10*second, now+second, []calendar.Instant{now - 6*second}))
	require.False(t, overdue(now, now-2*second, now+second, []calendar.Instant{now - 6*second}), "the leader is new")
	require.False(t, overdue(now, now-10*second, now-second, []calendar.Instant{now - 6*second}), "nobody leads")
	require.False(t, overdue(now, now-10*second, now+second, []calendar.Instant{now - second}))
}
