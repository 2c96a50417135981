package records

import (
	"bytes"
	"cmp"
	"slices"

	"gorm.io/gorm/clause"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// maxStateLength bounds a state; what an overlap check must look back.
const maxStateLength = 2 * calendar.Day

// StateDraft is a span of an agent's time as a source tells it.
type StateDraft struct {
	AgentID    ids.Agent
	LOBID      ids.LOB
	ExternalID string // empty: the start names it
	Code       string
	Activity   Activity
	Paid       bool
	Billable   bool
	StartedAt  calendar.Instant
	EndedAt    *calendar.Instant // nil: still going on
	NoClient   bool              // the time is no client's (a break between clients)
}

// Key gives the name under which the state is known beside its agent and source.
func (s StateDraft) Key() string {
	if s.ExternalID != "" {
		return s.ExternalID
	}
	return s.StartedAt.String()
}

// Hash gives the content by which a repeated draft is recognised.
func (s StateDraft) Hash() []byte {
	var d digest
	d.text(s.Code, string(s.Activity))
	d.b = append(d.b, s.LOBID[:]...)
	d.number(int64(s.StartedAt), bit(s.Paid), bit(s.Billable), bit(s.NoClient))
	d.instant(s.EndedAt)
	return d.sum()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// span gives the state's time; a state going on counts from its start only.
func (s StateDraft) span() calendar.Interval {
	if s.EndedAt == nil {
		return calendar.Interval{Start: s.StartedAt, End: s.StartedAt}
	}
	return calendar.Interval{Start: s.StartedAt, End: *s.EndedAt}
}

// stateID names a state within its source.
type stateID struct {
	agent ids.Agent
	key   string
}

// ClassifyStates says what the drafts would become, without writing. Agent and key
// must be unique among the drafts. A draft that overlaps another state of its agent
// from the same source is Clashing.
func (b *Book) ClassifyStates(tx *database.Tx, o Origin, drafts []StateDraft) ([]Verdict, error) {
	verdicts, _, err := b.classifyStates(tx, o, drafts)
	return verdicts, err
}

func (b *Book) classifyStates(tx *database.Tx, o Origin, drafts []StateDraft) ([]Verdict, map[stateID]stateKey, error) {
	known := map[stateID]stateKey{}
	verdicts := make([]Verdict, len(drafts))
	if len(drafts) == 0 {
		return verdicts, known, nil
	}
	agents, from, to := reach(drafts)
	for part := range chunks(len(drafts), lookup) {
		names := make([]string, 0, part.size())
		for _, d := range drafts[part.from:part.to] {
			names = append(names, d.Key())
		}
		var keys []stateKey
		if err := tx.Where("source = ? AND agent_id IN ? AND external_id IN ?", o.Source, agents, names).Find(&keys).Error; err != nil {
			return nil, nil, err
		}
		for _, k := range keys {
			known[stateID{k.AgentID, k.ExternalID}] = k
		}
	}
	var stored []State
	if err := tx.Select("agent_id", "external_id", "started_at", "ended_at").
		Where("agent_id IN ? AND source = ? AND is_current = ? AND started_at > ? AND started_at < ?", agents, o.Source, true, from-maxStateLength, to).
		Find(&stored).Error; err != nil {
		return nil, nil, err
	}
	taken := map[ids.Agent][]occupied{}
	for _, s := range stored {
		if s.EndedAt != nil {
			taken[s.AgentID] = append(taken[s.AgentID], occupied{s.ExternalID, calendar.Interval{Start: s.StartedAt, End: *s.EndedAt}})
		}
	}
	mine := map[ids.State]bool{}
	if !o.Import.IsZero() {
		var written []ids.State
		if err := tx.Model(&State{}).Where("agent_id IN ? AND import_id = ? AND is_current = ? AND started_at > ? AND started_at < ?", agents, o.Import, true, from-maxStateLength, to+maxStateLength).
			Pluck("id", &written).Error; err != nil {
			return nil, nil, err
		}
		for _, id := range written {
			mine[id] = true
		}
	}
	for i, d := range drafts {
		k, ok := known[stateID{d.AgentID, d.Key()}]
		if ok && bytes.Equal(k.ContentHash, d.Hash()) {
			verdicts[i].Fate = Unchanged
			continue
		}
		if ok && mine[k.StateID] {
			verdicts[i].Fate = Repeated
			continue
		}
		if clash, found := clashing(taken[d.AgentID], d); found {
			verdicts[i] = Verdict{Fate: Clashing, Clash: clash}
			continue
		}
		if ok {
			verdicts[i].Fate = Changed
			taken[d.AgentID] = slices.DeleteFunc(taken[d.AgentID], func(t occupied) bool { return t.key == d.Key() })
		}
		taken[d.AgentID] = append(taken[d.AgentID], occupied{d.Key(), d.span()})
	}
	return verdicts, known, nil
}

// occupied is time of an agent that a state takes.
type occupied struct {
	key  string
	span calendar.Interval
}

// clashing finds another state that overlaps the draft.
func clashing(taken []occupied, d StateDraft) (calendar.Interval, bool) {
	v := d.span()
	for _, t := range taken {
		if t.key != d.Key() && t.span.Start < v.End && v.Start < t.span.End {
			return t.span, true
		}
	}
	return calendar.Interval{}, false
}

// reach gives the drafts' agents, sorted, and the time they span.
func reach(drafts []StateDraft) (agents []ids.Agent, from, to calendar.Instant) {
	from, to = drafts[0].StartedAt, drafts[0].StartedAt
	for _, d := range drafts {
		agents = append(agents, d.AgentID)
		from, to = min(from, d.StartedAt), max(to, d.StartedAt, d.span().End)
	}
	slices.SortFunc(agents, ids.Agent.Compare)
	return slices.Compact(agents), from, to
}

// PutStates stores the drafts of one origin and marks the buckets they touch; drafts
// that clash or repeat are left out. Agent and key must be unique among the drafts.
func (b *Book) PutStates(tx *database.Tx, o Origin, drafts []StateDraft) ([]Verdict, error) {
	verdicts, known, err := b.classifyStates(tx, o, drafts)
	if err != nil {
		return nil, err
	}
	now := b.db.Now()
	marks := Marks{}
	var rows []State
	var fresh, moved []stateKey
	var replaced []ids.State
	for i, d := range drafts {
		if verdicts[i].Fate != New && verdicts[i].Fate != Changed {
			continue
		}
		client := o.Client
		if d.NoClient {
			client = ids.Client{}
		}
		key := stateKey{AgentID: d.AgentID, Source: o.Source, ExternalID: d.Key(), ClientID: client, StartedAt: d.StartedAt, Revision: 1, ContentHash: d.Hash()}
		if verdicts[i].Fate == Changed {
			old := known[stateID{d.AgentID, d.Key()}]
			key.StateID, key.Revision = old.StateID, old.Revision+1
			replaced, moved = append(replaced, old.StateID), append(moved, key)
		} else {
			key.StateID = ids.New[ids.State](b.db.IDs())
			fresh = append(fresh, key)
		}
		m := b.place(d.AgentID, d.StartedAt)
		rows = append(rows, State{ID: key.StateID, Revision: key.Revision, StartedAt: d.StartedAt, EndedAt: d.EndedAt, AgentID: d.AgentID, ClientID: client,
			LOBID: d.LOBID, SiteID: m.SiteID, TeamID: m.TeamID, Tier: m.Tier, Source: o.Source, ExternalID: d.Key(), Code: d.Code, Activity: d.Activity,
			Paid: d.Paid, Billable: d.Billable, ContentHash: key.ContentHash, ImportID: o.Import, RecordedAt: now, IsCurrent: true})
		marks.Agent(d.AgentID, d.span())
	}
	if err := retireStates(tx, replaced, marks); err != nil {
		return nil, err
	}
	if written, err := database.Insert(tx, fresh, clause.OnConflict{DoNothing: true}); err != nil {
		return nil, err
	} else if written < int64(len(fresh)) {
		return nil, ErrRace
	}
	if _, err := database.Insert(tx, moved, clause.OnConflict{
		Columns:   []clause.Column{{Name: "agent_id"}, {Name: "source"}, {Name: "external_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"client_id", "started_at", "revision", "content_hash"}),
	}); err != nil {
		return nil, err
	}
	if _, err := database.Insert(tx, rows); err != nil {
		return nil, err
	}
	return verdicts, marks.Store(tx, now)
}

// retireStates takes the current revision from states and marks what it touched.
func retireStates(tx *database.Tx, states []ids.State, marks Marks) error {
	slices.SortFunc(states, func(a, b ids.State) int { return cmp.Compare(a.String(), b.String()) })
	for part := range chunks(len(states), lookup) {
		some := states[part.from:part.to]
		var old []State
		if err := tx.Where("id IN ? AND is_current = ?", some, true).Find(&old).Error; err != nil {
			return err
		}
		for _, s := range old {
			if s.EndedAt != nil {
				marks.Agent(s.AgentID, calendar.Interval{Start: s.StartedAt, End: *s.EndedAt})
			}
		}
		if err := tx.Model(&State{}).Where("id IN ? AND is_current = ?", some, true).Update("is_current", false).Error; err != nil {
			return err
		}
	}
	return nil
}
