package feeds

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// runAgents makes the states of the agents whom events are about.
func (t *turn) runAgents(book *records.Book) error {
	fresh := map[ids.Agent][]*kept{}
	for _, k := range t.fresh {
		if !k.Kind.ofAgent() {
			continue
		}
		agent, status := t.words.agent(k.Agent, k.At)
		switch status {
		case Open:
			k.Status, k.Blocked = waiting, blockedBy(AgentName, k.Agent)
		case Mapped:
			fresh[agent] = append(fresh[agent], k)
		}
	}
	agents := slices.Collect(maps.Keys(fresh))
	for _, l := range t.agents {
		agents = append(agents, l.AgentID)
	}
	slices.SortFunc(agents, ids.Agent.Compare)
	if agents = slices.Compact(agents); len(agents) == 0 {
		return nil
	}
	live, err := database.Lookup[LiveAgent](t.tx.Where("feed_id = ?", t.feed.ID), "agent_id", agents)
	if err != nil {
		return err
	}
	known := map[ids.Agent]LiveAgent{}
	for _, l := range live {
		known[l.AgentID] = l
	}
	drafts := map[ids.Client][]records.StateDraft{}
	var rows []LiveAgent
	for _, agent := range agents {
		result, there, err := t.runAgent(book, agent, known, fresh[agent])
		if err != nil {
			return err
		}
		for _, s := range result.tooBig {
			t.refusals = append(t.refusals, t.service.refusal(t.feed, refuse("state_too_long", "The state %s of agent %s lasts more than 24 hours, from %s to %s; a sign-off may be missing. It is not counted.", s.name(), result.live.Name, s.from, s.to), ""))
		}
		if there {
			rows = append(rows, result.live)
		}
		client := t.words.account(agent)
		for _, d := range result.drafts {
			d.LOBID, d.NoClient = t.words.lob(client), client.IsZero()
			drafts[client] = append(drafts[client], d)
		}
	}
	for _, client := range clientsOf(drafts) {
		if err := t.putStates(book, client, drafts[client]); err != nil {
			return err
		}
	}
	_, err = database.Insert(t.tx, rows, clause.OnConflict{Columns: []clause.Column{{Name: "feed_id"}, {Name: "agent_id"}}, UpdateAll: true})
	return err
}

// putStates records the states; those that overlap what another writer of the same
// source has recorded are told.
func (t *turn) putStates(book *records.Book, client ids.Client, drafts []records.StateDraft) error {
	verdicts, err := book.PutStates(t.tx, t.origin(client), drafts)
	if err != nil {
		return err
	}
	for i, v := range verdicts {
		if v.Fate == records.Clashing {
			t.refusals = append(t.refusals, t.service.refusal(t.feed, refuse("overlap", "The state %s from %s overlaps another one of the source from %s to %s; an import may have written it.", drafts[i].Code, drafts[i].StartedAt, v.Clash.Start, v.Clash.End), ""))
		}
	}
	return nil
}

// runAgent makes the states of one agent. Events that come after all others go on from
// what is known; otherwise everything after the earliest new event is made again.
func (t *turn) runAgent(book *records.Book, agent ids.Agent, known map[ids.Agent]LiveAgent, fresh []*kept) (agentResult, bool, error) {
	slices.SortFunc(fresh, earlier)
	row, there := known[agent]
	if row.PendingFrom == nil && (!there || fresh[0].At > row.LastAt) {
		m, err := readMemory(row.Memory)
		if err == nil {
			err = t.know(m)
		}
		if err != nil {
			return agentResult{}, false, err
		}
		return foldAgent(t.feed, agent, m, fresh, t.words), true, nil
	}
	from := calendar.Instant(1<<62 - 1)
	if row.PendingFrom != nil {
		from = *row.PendingFrom
	}
	if len(fresh) > 0 {
		from = min(from, fresh[0].At)
	}
	m, events, err := t.history(agent, from)
	if err == nil {
		err = t.know(m)
	}
	if err != nil {
		return agentResult{}, false, err
	}
	was := stands(events)
	events = append(events, fresh...)
	slices.SortFunc(events, earlier)
	begin := from
	if m.Word != wordOff {
		begin = min(begin, m.Since)
	}
	result := foldAgent(t.feed, agent, m, events, t.words)
	for _, k := range events {
		if k.Key != "" && was[k.Key] != (stand{k.Status, k.Blocked, k.Memory}) {
			t.store[k.Key] = k
		}
	}
	stay := map[string]bool{}
	for _, d := range result.drafts {
		stay[d.Key()] = true
	}
	if _, err := book.WithdrawStates(t.tx, t.feed.Source, agent, begin, stay); err != nil {
		return agentResult{}, false, err
	}
	if len(events) == 0 {
		result.live.LastAt, result.live.Name = m.Since, row.Name
		if m.Since == 0 { // nothing was ever told of the agent
			return result, false, t.tx.Where("feed_id = ? AND agent_id = ?", t.feed.ID, agent).Delete(&LiveAgent{}).Error
		}
	}
	return result, true, nil
}

// know loads the codes that a memory holds; the events that told them may be long gone.
func (t *turn) know(m memory) error {
	var told []*kept
	for _, code := range append(slices.Collect(maps.Values(m.Queues)), m.Code, m.Reason) {
		if code != "" {
			told = append(told, &kept{Kind: AgentPause, Code: code, At: m.Since})
		}
	}
	return t.service.learn(t.tx, t.words, told)
}

// history gives what was known of the agent before an instant, and the kept events from
// then on. Where a name ceased to mean the agent, a sign-off stands among them.
func (t *turn) history(agent ids.Agent, from calendar.Instant) (memory, []*kept, error) {
	var versions []Name
	if err := t.tx.Where("feed_id = ? AND kind = ? AND target_id = ?", t.feed.ID, AgentName, agent).Order("name, valid_from").Find(&versions).Error; err != nil {
		return memory{}, nil, err
	}
	var subjects []string
	var events []*kept
	for _, v := range versions {
		subjects = append(subjects, "a/"+v.Name)
		if v.ValidTo != nil {
			events = append(events, &kept{Kind: AgentLogout, Subject: "a/" + v.Name, Agent: v.Name, At: *v.ValidTo, event: Event{Kind: AgentLogout}})
		}
	}
	subjects = slices.Compact(subjects)
	var last *calendar.Instant
	if err := t.tx.Model(&kept{}).Select("max(at)").Where("feed_id = ? AND subject IN ? AND at < ? AND memory <> ''", t.feed.ID, subjects, from).Scan(&last).Error; err != nil {
		return memory{}, nil, err
	}
	since := from
	if last != nil {
		since = *last
	}
	rows, err := database.Lookup[kept](t.tx.Where("feed_id = ? AND at >= ?", t.feed.ID, since), "subject", subjects)
	if err != nil {
		return memory{}, nil, err
	}
	bySubject, err := t.opened(rows)
	if err != nil {
		return memory{}, nil, err
	}
	for _, subject := range slices.Sorted(maps.Keys(bySubject)) {
		events = append(events, bySubject[subject]...)
	}
	slices.SortFunc(events, earlier)
	return t.recall(agent, from, since, events)
}

// recall takes the memory before an instant from the latest event before it, and leaves
// the events from then on that are the agent's.
func (t *turn) recall(agent ids.Agent, from, since calendar.Instant, events []*kept) (memory, []*kept, error) {
	m := memory{Word: wordOff}
	var rest []*kept
	for _, k := range events {
		if k.Key != "" {
			if who, status := t.words.agent(k.Agent, k.At); status != Mapped || who != agent {
				continue
			}
		}
		switch {
		case k.At >= from:
			rest = append(rest, k)
		case k.At < since:
		case k.Key == "":
			m.take(k.At, k.event)
		default:
			var err error
			if m, err = readMemory(k.Memory); err != nil {
				return m, nil, err
			}
		}
	}
	return m, rest, nil
}

// release lets what was told with a name be made again from an instant on: contacts by
// their events, agents by a note on their row.
func release(tx *database.Tx, f Feed, n Name, from calendar.Instant) error {
	switch n.Kind {
	case QueueName:
		return tx.Model(&kept{}).Where("feed_id = ? AND queue = ? AND kind LIKE 'contact.%' AND at >= ?", f.ID, n.Name, from).Update("status", pending).Error
	case AgentName:
		if err := tx.Model(&kept{}).Where("feed_id = ? AND agent = ? AND kind LIKE 'contact.%' AND at >= ?", f.ID, n.Name, from).Update("status", pending).Error; err != nil {
			return err
		}
		if n.Status == Ignored {
			return tx.Model(&kept{}).Where("feed_id = ? AND subject = ? AND at >= ?", f.ID, "a/"+n.Name, from).Updates(map[string]any{"status": applied, "blocked": ""}).Error
		}
		var first *calendar.Instant
		if err := tx.Model(&kept{}).Select("min(at)").Where("feed_id = ? AND subject = ? AND at >= ?", f.ID, "a/"+n.Name, from).Scan(&first).Error; err != nil || first == nil || n.Status != Mapped {
			return err
		}
		return remake(tx, f, map[ids.Agent]calendar.Instant{ids.Agent(n.TargetID): max(*first, from)})
	}
	return releaseCode(tx, f, n, from)
}

// releaseCode lets the states of all agents who used the code be made again.
func releaseCode(tx *database.Tx, f Feed, n Name, from calendar.Instant) error {
	codes := []string{n.Name}
	if n.Name == noReason {
		codes = append(codes, "")
	}
	type use struct {
		Agent string
		First calendar.Instant
	}
	var uses []use
	if err := tx.Model(&kept{}).Select("agent, min(at) AS first").Where("feed_id = ? AND code IN ? AND kind IN ?", f.ID, codes, []Kind{AgentPause, AgentState}).Group("agent").Order("agent").Scan(&uses).Error; err != nil {
		return err
	}
	var names []string
	first := map[string]calendar.Instant{}
	for _, u := range uses {
		names, first[u.Agent] = append(names, u.Agent), u.First
	}
	rows, err := database.Lookup[Name](tx.Where("feed_id = ? AND kind = ? AND status = ?", f.ID, AgentName, Mapped), "name", names)
	if err != nil {
		return err
	}
	agents := map[ids.Agent]calendar.Instant{}
	for _, r := range rows {
		at := max(first[r.Name], from)
		if old, ok := agents[ids.Agent(r.TargetID)]; !ok || at < old {
			agents[ids.Agent(r.TargetID)] = at
		}
	}
	return remake(tx, f, agents)
}

// remake notes that agents' states must be made again from an instant on.
func remake(tx *database.Tx, f Feed, agents map[ids.Agent]calendar.Instant) error {
	list := slices.SortedFunc(maps.Keys(agents), ids.Agent.Compare)
	rows, err := database.Lookup[LiveAgent](tx.Where("feed_id = ?", f.ID), "agent_id", list)
	if err != nil {
		return err
	}
	known := map[ids.Agent]LiveAgent{}
	for _, r := range rows {
		known[r.AgentID] = r
	}
	var noted []LiveAgent
	for _, agent := range list {
		at := agents[agent]
		row, there := known[agent]
		if !there {
			row = LiveAgent{FeedID: f.ID, AgentID: agent, ClientID: f.ClientID, State: "off", Word: wordOff}
		}
		if row.PendingFrom != nil {
			at = min(at, *row.PendingFrom)
		}
		row.PendingFrom = &at
		noted = append(noted, row)
	}
	slices.SortFunc(noted, func(a, b LiveAgent) int { return cmp.Compare(a.AgentID.String(), b.AgentID.String()) })
	_, err = database.Insert(tx, noted, clause.OnConflict{Columns: []clause.Column{{Name: "feed_id"}, {Name: "agent_id"}}, DoUpdates: clause.AssignmentColumns([]string{"pending_from"})})
	return err
}
