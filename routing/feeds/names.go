package feeds

import (
	"cmp"
	"slices"
	"strings"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// spoken is a name of the source.
type spoken struct {
	kind NameKind
	name string
}

// dictionary is what a feed's names mean, as far as a transaction needs them. It
// implements lexicon.
type dictionary struct {
	feed    Feed
	names   map[spoken][]Name // versions by ValidFrom
	queues  map[ids.Queue]contract.Queue
	members map[ids.Agent][]people.Membership
	serves  map[ids.Agent][]ids.Client // whom the agent ever served
	lobs    map[ids.Client][]ids.LOB
}

func newDictionary(f Feed) *dictionary {
	return &dictionary{feed: f, names: map[spoken][]Name{}, queues: map[ids.Queue]contract.Queue{}, members: map[ids.Agent][]people.Membership{}, serves: map[ids.Agent][]ids.Client{}, lobs: map[ids.Client][]ids.LOB{}}
}

// at finds the meaning in force.
func (d *dictionary) at(kind NameKind, name string, at calendar.Instant) (Name, NameStatus) {
	for _, n := range d.names[spoken{kind, name}] {
		if n.ValidFrom <= at && (n.ValidTo == nil || *n.ValidTo > at) {
			return n, n.Status
		}
	}
	return Name{}, Open
}

func (d *dictionary) queue(name string, at calendar.Instant) (contract.Queue, NameStatus) {
	n, status := d.at(QueueName, name, at)
	q := d.queues[ids.Queue(n.TargetID)]
	if status == Mapped && !d.feed.ClientID.IsZero() && q.ClientID != d.feed.ClientID {
		return contract.Queue{}, Ignored // whatever a name says: a client's feed writes that client's queues alone
	}
	return q, status
}

func (d *dictionary) agent(name string, at calendar.Instant) (ids.Agent, NameStatus) {
	n, status := d.at(AgentName, name, at)
	return ids.Agent(n.TargetID), status
}

func (d *dictionary) code(name string, at calendar.Instant) (Name, NameStatus) {
	return d.at(CodeName, name, at)
}

// place gives the agent's team, site and tier in force; it is records.Placement.
func (d *dictionary) place(agent ids.Agent, at calendar.Instant) people.Membership {
	for _, m := range d.members[agent] {
		if m.ValidFrom <= at && (m.ValidTo == nil || *m.ValidTo > at) {
			return m
		}
	}
	return people.Membership{}
}

// account says for whom an agent's time counts: the feed's client, or, in a feed of the
// provider, the only client the agent serves.
func (d *dictionary) account(agent ids.Agent) ids.Client {
	if !d.feed.ClientID.IsZero() {
		return d.feed.ClientID
	}
	if c := d.serves[agent]; len(c) == 1 {
		return c[0]
	}
	return ids.Client{}
}

// lob gives the client's line of business when there is but one.
func (d *dictionary) lob(client ids.Client) ids.LOB {
	if l := d.lobs[client]; len(l) == 1 {
		return l[0]
	}
	return ids.LOB{}
}

// learn loads the names that the events use, finds a meaning for those that have none
// and stores the new ones.
func (s *Service) learn(tx *database.Tx, d *dictionary, events []*kept) error {
	wanted := map[spoken]calendar.Instant{}
	want := func(kind NameKind, name string, at calendar.Instant) {
		key := spoken{kind, name}
		if known := d.names[key]; name == "" || len(known) > 0 {
			return
		}
		if first, ok := wanted[key]; !ok || at < first {
			wanted[key] = at
		}
	}
	for _, k := range events {
		want(AgentName, k.Agent, k.At)
		switch {
		case !k.Kind.ofAgent():
			want(QueueName, k.Queue, k.At)
		case k.Kind == AgentPause && k.Code == "":
			want(CodeName, noReason, k.At)
		case k.Kind == AgentPause || k.Kind == AgentState:
			want(CodeName, k.Code, k.At)
		}
	}
	if len(wanted) > 0 {
		if err := s.look(tx, d, wanted); err != nil {
			return err
		}
	}
	return d.furnish(tx)
}

// look loads the wanted names; for those that are new or open it looks for a meaning.
func (s *Service) look(tx *database.Tx, d *dictionary, wanted map[spoken]calendar.Instant) error {
	texts := map[NameKind][]string{}
	for key := range wanted {
		texts[key.kind] = append(texts[key.kind], key.name)
	}
	for kind, list := range texts {
		slices.Sort(list)
		rows, err := database.Lookup[Name](tx.Where("feed_id = ? AND kind = ?", d.feed.ID, kind), "name", list)
		if err != nil {
			return err
		}
		for _, n := range rows {
			d.names[spoken{kind, n.Name}] = append(d.names[spoken{kind, n.Name}], n)
		}
	}
	var open []spoken
	for key := range wanted {
		versions := d.names[key]
		slices.SortFunc(versions, func(a, b Name) int { return cmp.Compare(a.ValidFrom, b.ValidFrom) })
		if len(versions) == 0 || len(versions) == 1 && versions[0].Status == Open {
			open = append(open, key)
		}
	}
	slices.SortFunc(open, func(a, b spoken) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	if len(open) == 0 {
		return nil
	}
	return s.meet(tx, d, open, wanted)
}

// meet looks for the meaning of open names by the same name here and stores what is new.
func (s *Service) meet(tx *database.Tx, d *dictionary, open []spoken, seen map[spoken]calendar.Instant) error {
	found, err := s.guess(tx, d.feed, open)
	if err != nil {
		return err
	}
	var fresh []Name
	for _, key := range open {
		n, known := found[key]
		if old := d.names[key]; len(old) == 1 {
			if !known {
				continue
			}
			n.ID, n.SeenAt = old[0].ID, old[0].SeenAt
			if err := tx.Model(&Name{}).Where("id = ?", n.ID).Select("status", "target_id", "activity", "paid", "billable", "automatic").Updates(&n).Error; err != nil {
				return err
			}
			n.FeedID, n.ClientID, n.Kind, n.Name = d.feed.ID, d.feed.ClientID, key.kind, key.name
			d.names[key] = []Name{n}
			// What waited for the name can be applied now.
			if err := release(tx, d.feed, n, 0); err != nil {
				return err
			}
			continue
		}
		if !known {
			n.Status = Open
		}
		n.ID, n.FeedID, n.ClientID, n.Kind, n.Name, n.SeenAt = ids.New[ids.Any](s.db.IDs()), d.feed.ID, d.feed.ClientID, key.kind, key.name, seen[key]
		d.names[key] = []Name{n}
		fresh = append(fresh, n)
	}
	_, err = database.Insert(tx, fresh)
	return err
}

// guess finds names that are the same here: staff numbers and keys of the source for
// agents, slugs and names for queues, plain words for codes.
func (s *Service) guess(tx *database.Tx, f Feed, open []spoken) (map[spoken]Name, error) {
	out := map[spoken]Name{}
	var agents, queues []string
	for _, key := range open {
		switch key.kind {
		case AgentName:
			agents = append(agents, key.name)
		case QueueName:
			queues = append(queues, key.name)
		case CodeName:
			if n, ok := plain[strings.ToLower(strings.TrimSpace(key.name))]; ok {
				n.Status, n.Automatic = Mapped, true
				out[key] = n
			}
		}
	}
	byName, err := guessAgents(tx, f, agents)
	if err != nil {
		return nil, err
	}
	for name, id := range byName {
		out[spoken{AgentName, name}] = Name{Status: Mapped, Automatic: true, TargetID: ids.Any(id)}
	}
	byQueue, err := guessQueues(tx, f, queues)
	if err != nil {
		return nil, err
	}
	for name, id := range byQueue {
		out[spoken{QueueName, name}] = Name{Status: Mapped, Automatic: true, TargetID: ids.Any(id)}
	}
	return out, nil
}

// plain are codes that need no explanation; whether they are paid and billed follows
// the live floor, and a person may say otherwise.
var plain = map[string]Name{
	"work": {Activity: records.Work, Paid: true, Billable: true}, "break": {Activity: records.Break, Paid: true}, "pause": {Activity: records.Break, Paid: true}, "meal": {Activity: records.Meal}, "lunch": {Activity: records.Meal},
	"training": {Activity: records.Training, Paid: true}, "meeting": {Activity: records.Meeting, Paid: true}, "office": {Activity: records.Office, Paid: true}, "off": {Activity: Off}, "offline": {Activity: Off},
	"小休": {Activity: records.Break, Paid: true}, "休息": {Activity: records.Break, Paid: true}, "用餐": {Activity: records.Meal}, "午餐": {Activity: records.Meal}, "培训": {Activity: records.Training, Paid: true}, "会议": {Activity: records.Meeting, Paid: true}, "离线": {Activity: Off},
}

// guessAgents finds agents by the source's key or the staff number. A client's feed
// may name only agents who serve the client.
func guessAgents(tx *database.Tx, f Feed, names []string) (map[string]ids.Agent, error) {
	out := map[string]ids.Agent{}
	if len(names) == 0 {
		return out, nil
	}
	agents, err := database.Lookup[people.Agent](tx.Select("id", "number"), "number", names)
	if err != nil {
		return nil, err
	}
	for _, a := range agents {
		out[a.Number] = a.ID
	}
	keys, err := database.Lookup[people.Source](tx.Where("source = ?", f.Source), "external_id", names)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		out[k.ExternalID] = k.AgentID
	}
	if f.ClientID.IsZero() {
		return out, nil
	}
	for name, agent := range out {
		serves, err := servesClient(tx, agent, f.ClientID)
		if err != nil {
			return nil, err
		}
		if !serves {
			delete(out, name)
		}
	}
	return out, nil
}

// servesClient reports whether the agent serves, or ever served, the client.
func servesClient(tx *database.Tx, agent ids.Agent, client ids.Client) (bool, error) {
	var n int64
	err := tx.Model(&people.AgentClient{}).Where("agent_id = ? AND client_id = ?", agent, client).Count(&n).Error
	return n > 0, err
}

// guessQueues finds queues by slug or name. A client's feed may name only the client's
// queues; in a feed of the provider a name that two clients use means neither.
func guessQueues(tx *database.Tx, f Feed, names []string) (map[string]ids.Queue, error) {
	out := map[string]ids.Queue{}
	if len(names) == 0 {
		return out, nil
	}
	query := tx.Where("archived_at IS NULL")
	if !f.ClientID.IsZero() {
		query = query.Where("client_id = ?", f.ClientID)
	}
	var queues []contract.Queue
	if err := query.Order("id").Find(&queues).Error; err != nil {
		return nil, err
	}
	for _, name := range names {
		for _, of := range []func(contract.Queue) string{func(q contract.Queue) string { return q.Slug }, func(q contract.Queue) string { return q.Name }} {
			var hits []ids.Queue
			for _, q := range queues {
				if strings.EqualFold(of(q), strings.TrimSpace(name)) {
					hits = append(hits, q.ID)
				}
			}
			if len(hits) == 1 {
				out[name] = hits[0]
			}
			if len(hits) > 0 {
				break
			}
		}
	}
	return out, nil
}

// furnish loads what is needed of the agents and queues that names mean.
func (d *dictionary) furnish(tx *database.Tx) error {
	var agents []ids.Agent
	var queues []ids.Queue
	for key, versions := range d.names {
		for _, n := range versions {
			if n.TargetID.IsZero() {
				continue
			}
			if key.kind == AgentName {
				if _, have := d.members[ids.Agent(n.TargetID)]; !have {
					agents = append(agents, ids.Agent(n.TargetID))
				}
			} else if _, have := d.queues[ids.Queue(n.TargetID)]; !have {
				queues = append(queues, ids.Queue(n.TargetID))
			}
		}
	}
	slices.SortFunc(agents, ids.Agent.Compare)
	slices.SortFunc(queues, ids.Queue.Compare)
	if err := d.furnishAgents(tx, slices.Compact(agents)); err != nil {
		return err
	}
	queues = slices.Compact(queues)
	rows, err := database.Lookup[contract.Queue](tx.DB, "id", queues)
	if err != nil {
		return err
	}
	for _, q := range rows {
		d.queues[q.ID] = q
	}
	return nil
}

func (d *dictionary) furnishAgents(tx *database.Tx, agents []ids.Agent) error {
	if len(agents) == 0 {
		return nil
	}
	members, err := database.Lookup[people.Membership](tx.DB, "agent_id", agents)
	if err != nil {
		return err
	}
	for _, a := range agents {
		d.members[a] = nil
	}
	for _, m := range members {
		d.members[m.AgentID] = append(d.members[m.AgentID], m)
	}
	serves, err := database.Lookup[people.AgentClient](tx.DB, "agent_id", agents)
	if err != nil {
		return err
	}
	for _, v := range serves {
		if !slices.Contains(d.serves[v.AgentID], v.ClientID) {
			d.serves[v.AgentID] = append(d.serves[v.AgentID], v.ClientID)
		}
	}
	if len(d.lobs) == 0 {
		var lobs []contract.LOB
		if err := tx.Order("id").Find(&lobs).Error; err != nil {
			return err
		}
		for _, l := range lobs {
			d.lobs[l.ClientID] = append(d.lobs[l.ClientID], l.ID)
		}
	}
	return nil
}
