package facts

import (
	"slices"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// longestGroup bounds the time that the buckets computed with one query span.
const longestGroup = 15 * calendar.Day

// longestWork is how far back states and segments may begin that reach into a bucket.
const longestWork = 2 * calendar.Day

// group is marks of one kind whose keys have the same buckets: after an import many
// buckets of one key, on the live floor one bucket of many.
type group struct {
	kind   string
	keys   []ids.Any
	starts []calendar.Instant
	marks  []records.Mark
	queues []QueueFact
	agents []AgentFact
}

// groupsOf cuts sorted marks into groups.
func groupsOf(marks []records.Mark) []group {
	var out []group
	for len(marks) > 0 {
		n := 1
		for n < len(marks) && marks[n].Kind == marks[0].Kind && marks[n].Key == marks[0].Key && marks[n].StartAt-marks[0].StartAt < longestGroup {
			n++
		}
		starts := make([]calendar.Instant, n)
		for i, m := range marks[:n] {
			starts[i] = m.StartAt
		}
		// A key has one group of these starts at most: its marks are sorted by start.
		at := slices.IndexFunc(out, func(g group) bool { return g.kind == marks[0].Kind && slices.Equal(g.starts, starts) })
		if at < 0 {
			at = len(out)
			out = append(out, group{kind: marks[0].Kind, starts: starts})
		}
		out[at].keys = append(out[at].keys, marks[0].Key)
		out[at].marks = append(out[at].marks, marks[:n]...)
		marks = marks[n:]
	}
	return out
}

// compute reads the records of the group and computes its facts.
func (g *group) compute(tx *database.Tx, known terms) error {
	if g.kind == records.DirtyQueue {
		return g.computeQueues(tx, known)
	}
	return g.computeAgents(tx, known)
}

func (g *group) computeQueues(tx *database.Tx, known terms) error {
	from, to := g.starts[0], g.starts[len(g.starts)-1]+calendar.Quarter
	contacts, err := database.Lookup[records.Contact](tx.Select("id", "arrived_at", "client_id", "queue_id", "queued_at", "outcome", "wait_ms", "handle_ms").
		Where("arrived_at >= ? AND arrived_at < ? AND is_current = ?", from, to, true), "queue_id", g.keys)
	if err != nil {
		return err
	}
	intervals, err := database.Lookup[records.IntervalRecord](tx.Where("start_at > ? AND start_at < ? AND is_current = ?", from-calendar.Day-calendar.Hour, to, true).
		Order("source, start_at"), "queue_id", g.keys)
	if err != nil {
		return err
	}
	contactsOf := by(contacts, func(c records.Contact) ids.Any { return ids.Any(c.QueueID) })
	intervalsOf := by(intervals, func(r records.IntervalRecord) ids.Any { return ids.Any(r.QueueID) })
	for _, key := range g.keys {
		var client ids.Client
		switch {
		case len(contactsOf[key]) > 0:
			client = contactsOf[key][0].ClientID
		case len(intervalsOf[key]) > 0:
			client = intervalsOf[key][0].ClientID
		default:
			continue
		}
		g.queues = append(g.queues, QueueFacts(ids.Queue(key), client, g.starts, contactsOf[key], intervalsOf[key], known.limits)...)
	}
	return nil
}

func (g *group) computeAgents(tx *database.Tx, known terms) error {
	from, to := g.starts[0], g.starts[len(g.starts)-1]+calendar.Quarter
	states, err := database.Lookup[records.State](tx.Select("id", "agent_id", "client_id", "lob_id", "started_at", "ended_at", "activity", "paid", "billable").
		Where("started_at > ? AND started_at < ? AND is_current = ? AND ended_at > ?", from-longestWork, to, true, from), "agent_id", g.keys)
	if err != nil {
		return err
	}
	// Segments that were over before the first bucket began are many and say nothing.
	segments, err := database.Lookup[records.Segment](tx.Select("id", "agent_id", "client_id", "queue_id", "offered_at", "accepted_at", "ended_at", "wrapped_at").
		Where("offered_at > ? AND offered_at < ? AND is_current = ? AND accepted_at IS NOT NULL AND (ended_at > ? OR wrapped_at > ?)", from-longestWork, to+calendar.Hour, true, from, from), "agent_id", g.keys)
	if err != nil {
		return err
	}
	statesOf := by(states, func(v records.State) ids.Any { return ids.Any(v.AgentID) })
	segmentsOf := by(segments, func(v records.Segment) ids.Any { return ids.Any(v.AgentID) })
	for _, key := range g.keys {
		g.agents = append(g.agents, AgentFacts(ids.Agent(key), g.starts, statesOf[key], segmentsOf[key], func(q ids.Queue) ids.LOB { return known.lob[q] })...)
	}
	return nil
}

// take deletes the marks that the condition names.
func (g *group) take(tx *database.Tx, settled func(records.Mark) bool) error {
	return g.each(settled, func(starts []calendar.Instant, keys []ids.Any) error {
		return database.Remove[records.Mark](tx.Where("kind = ? AND start_at IN ?", g.kind, starts), "key", keys)
	})
}

// store replaces the facts of the buckets whose mark is still there.
func (g *group) store(tx *database.Tx, there func(records.Mark) bool) error {
	err := g.each(there, func(starts []calendar.Instant, keys []ids.Any) error {
		if g.kind == records.DirtyQueue {
			return database.Remove[QueueFact](tx.Where("start_at IN ?", starts), "queue_id", keys)
		}
		return database.Remove[AgentFact](tx.Where("start_at IN ?", starts), "agent_id", keys)
	})
	if err != nil {
		return err
	}
	if _, err := database.Insert(tx, slices.DeleteFunc(slices.Clone(g.queues), func(f QueueFact) bool {
		return !there(records.Mark{Kind: g.kind, Key: ids.Any(f.QueueID), StartAt: f.StartAt})
	})); err != nil {
		return err
	}
	_, err = database.Insert(tx, slices.DeleteFunc(slices.Clone(g.agents), func(f AgentFact) bool {
		return !there(records.Mark{Kind: g.kind, Key: ids.Any(f.AgentID), StartAt: f.StartAt})
	}))
	return err
}

// each runs a statement on the buckets of the marks that the condition names: on
// all at once when it names all, else key by key.
func (g *group) each(wanted func(records.Mark) bool, run func([]calendar.Instant, []ids.Any) error) error {
	mine := map[ids.Any][]calendar.Instant{}
	whole := true
	for _, m := range g.marks {
		if wanted(m) {
			mine[m.Key] = append(mine[m.Key], m.StartAt)
		} else {
			whole = false
		}
	}
	if whole {
		return run(g.starts, g.keys)
	}
	same := map[string][]ids.Any{} // keys with the same starts go together
	var order []string
	for _, key := range g.keys {
		if len(mine[key]) == 0 {
			continue
		}
		name := startsText(mine[key])
		if same[name] == nil {
			order = append(order, name)
		}
		same[name] = append(same[name], key)
	}
	for _, name := range order {
		if err := run(mine[same[name][0]], same[name]); err != nil {
			return err
		}
	}
	return nil
}

// startsText names a list of instants.
func startsText(starts []calendar.Instant) string {
	text := ""
	for _, at := range starts {
		text += at.String() + " "
	}
	return text
}

// by sorts rows by their keys and keeps their order.
func by[T any](rows []T, key func(T) ids.Any) map[ids.Any][]T {
	out := map[ids.Any][]T{}
	for _, r := range rows {
		out[key(r)] = append(out[key(r)], r)
	}
	return out
}
