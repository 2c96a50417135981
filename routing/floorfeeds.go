package routing

import (
	"slices"

	"muster/routing/feeds"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// Fed reports whether the agent is there by what a feed tells: the live floor gives such
// an agent no contacts.
func (a AgentNow) Fed() bool { return !a.Feed.IsZero() }

// ReadyHere reports whether the agent is ready as far as anybody knows.
func (a AgentNow) ReadyHere() bool { return a.Live.State == "ready" && !a.Stale }

// Reaches reports whether the agent can be given the queue's contacts where they are
// routed: by skill and client here, by the same feed elsewhere.
func (a AgentNow) Reaches(q QueueNow) bool {
	if a.Fed() {
		return slices.Contains(q.Feeds, a.Feed)
	}
	return slices.Contains(a.Skills, q.Queue.SkillID) && slices.Contains(a.Clients, q.Queue.ClientID)
}

// addFeeds adds what feeds tell: agents who are not signed in here, and the contacts
// that wait or are handled elsewhere.
func (f *Floor) addFeeds(now feeds.Now, agents []people.Agent, profiles []people.Profile, members []people.Membership) {
	if len(now.Feeds) == 0 {
		return
	}
	at := map[ids.Queue]int{}
	for i := range f.Queues {
		q := &f.Queues[i]
		at[q.Queue.ID], q.Feeds = i, now.Queues[q.Queue.ID]
		for _, id := range q.Feeds {
			q.Stale = q.Stale || now.Feeds[id].Stale(f.At)
		}
	}
	states, busy := map[ids.Agent]Agent{}, map[ids.Agent]ids.Queue{}
	source := map[ids.Agent]ids.Any{}
	for _, a := range now.Agents {
		if old, known := states[a.AgentID]; known && old.Since >= a.Since {
			continue // the feed that told something last
		}
		code := ""
		if a.State != "ready" {
			if code = string(a.Activity); code == "" {
				code = a.Word // to be mapped
			}
		}
		states[a.AgentID] = Agent{AgentID: a.AgentID, State: a.State, Code: code, Since: min(a.Since, f.At), HeartbeatAt: a.LastAt}
		source[a.AgentID] = a.FeedID
	}
	for _, c := range now.Contacts {
		i, known := at[c.QueueID]
		if !known {
			continue
		}
		f.Queues[i].addFed(c)
		if c.Status == "active" && !c.AgentID.IsZero() {
			busy[c.AgentID] = c.QueueID
			if _, signed := states[c.AgentID]; !signed { // exchanges with fixed members tell no sign-in
				states[c.AgentID] = Agent{AgentID: c.AgentID, State: "ready", Since: min(c.Since, f.At), HeartbeatAt: c.LastAt}
				source[c.AgentID] = c.FeedID
			}
		}
	}
	here := map[ids.Agent]bool{}
	for _, a := range f.Agents {
		here[a.Agent.ID] = true
	}
	names, teams := map[ids.Agent]string{}, map[ids.Agent]ids.Team{}
	for _, p := range profiles {
		names[p.AgentID] = p.Name
	}
	for _, m := range members {
		teams[m.AgentID] = m.TeamID
	}
	for _, a := range agents {
		if state, fed := states[a.ID]; fed && !here[a.ID] {
			feed := now.Feeds[source[a.ID]]
			f.Agents = append(f.Agents, AgentNow{Agent: a, Name: names[a.ID], Team: teams[a.ID], Live: state, Queue: busy[a.ID], Feed: feed.ID, Source: feed.Name, Stale: feed.Stale(f.At)})
		}
	}
}

// addFed counts a contact of a feed.
func (q *QueueNow) addFed(c feeds.LiveContact) {
	switch c.Status {
	case "waiting", "offered":
		q.Waiting++
		if q.Oldest == 0 || c.ArrivedAt < q.Oldest {
			q.Oldest = c.ArrivedAt
		}
	case "active":
		q.Active++
	}
	q.fed = append(q.fed, c.ArrivedAt)
}

// FedSince counts the queue's open contacts of feeds that arrived in the span.
func (q QueueNow) FedSince(v calendar.Interval) int {
	n := 0
	for _, at := range q.fed {
		if v.Contains(at) {
			n++
		}
	}
	return n
}
