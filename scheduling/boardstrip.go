package scheduling

import (
	"context"

	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// BoardStrip is how a roster meets its requirement, a line per client and tier.
type BoardStrip struct {
	Edition         int              `json:"edition"`
	Origin          calendar.Instant `json:"origin"` // start of the first interval
	IntervalMinutes int              `json:"interval_minutes"`
	Lines           []BoardStripLine `json:"lines"` // by client as the roster lists them, tiers ascending
}

// BoardStripLine is the cover of the queues of one client that ask for at least
// one tier. Its lists have an entry per interval, in agents on average.
type BoardStripLine struct {
	ClientID  ids.Client  `json:"client_id"`
	Tier      people.Tier `json:"tier"` // the lowest that may do the work; junior = everybody with the skill
	Queues    []ids.Queue `json:"queues"`
	Need      []float64   `json:"need"`
	Scheduled []float64   `json:"scheduled"` // at work; breaks and meals do not count
	Under     []float64   `json:"under"`     // missing, queue by queue: surplus of one does not fill another
	Over      []float64   `json:"over"`
}

// StripFilter narrows a strip; its zero value keeps every queue in quarters of an hour.
type StripFilter struct {
	Client          ids.Client // zero: of every client
	Queue           ids.Queue  // zero: every queue
	IntervalMinutes int        // a multiple of 15 up to 1440; 0 = 15
}

// StripOf gives the coverage strip of a version as it stands now. A client's scope
// gets the lines of its own queues alone, and NotFound where it has none.
func (s *Service) StripOf(ctx context.Context, sc scope.Scope, id ids.Roster, f StripFilter) (BoardStrip, error) {
	loading, err := s.stripScope(ctx, sc, id)
	if err != nil {
		return BoardStrip{}, err
	}
	r, err := s.header(ctx, loading, id)
	if err != nil {
		return BoardStrip{}, err
	}
	b, err := s.board(ctx, loading, r)
	if err != nil {
		return BoardStrip{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.strip(f, sc)
}

// stripScope is the scope that loads the roster: rosters belong to the provider,
// and a client whose queues one covers may see what concerns these.
func (s *Service) stripScope(ctx context.Context, sc scope.Scope, id ids.Roster) (scope.Scope, error) {
	if sc.IsProvider() {
		return sc, nil
	}
	var own []Coverage
	err := s.db.Read(ctx, sc, func(tx *database.Tx) error {
		return tx.Where("roster_id = ?", id).Limit(1).Find(&own).Error
	})
	if err != nil || len(own) == 0 {
		return sc, err
	}
	return scope.Provider(), nil
}

// strip counts the cover of the queues that the filter and the scope leave.
func (b *board) strip(f StripFilter, sc scope.Scope) (BoardStrip, error) {
	position := make([]int, len(b.queues)) // of each queue in the narrowed problem
	var kept []int
	for g, q := range b.queues {
		position[g] = -1
		if sc.HasClient(q.ClientID) && (f.Client.IsZero() || f.Client == q.ClientID) && (f.Queue.IsZero() || f.Queue == q.ID) {
			position[g] = len(kept)
			kept = append(kept, g)
		}
	}
	var cover *roster.Strip
	var err error
	if len(kept) == len(b.queues) {
		cover, err = b.editor.Strip(f.IntervalMinutes)
	} else {
		narrow := b.problem
		narrow.Groups = make([]roster.Group, len(kept))
		for i, g := range kept {
			narrow.Groups[i] = b.problem.Groups[g]
		}
		cover, err = roster.CoverageStrip(&narrow, onlyGroups(b.editor.Solution().Shifts, position), f.IntervalMinutes)
	}
	if err != nil {
		return BoardStrip{}, err
	}
	out := BoardStrip{Edition: b.edition, Origin: b.origin, IntervalMinutes: cover.IntervalMinutes, Lines: make([]BoardStripLine, len(cover.Lines))}
	for i, line := range cover.Lines {
		v := BoardStripLine{Tier: people.Tiers()[line.Tier], Queues: make([]ids.Queue, len(line.Groups)), Need: line.Need, Scheduled: line.Scheduled, Under: line.Under, Over: line.Over}
		for k, at := range line.Groups {
			q := b.queues[kept[at]]
			v.ClientID, v.Queues[k] = q.ClientID, q.ID
			b.addExternal(&v, q.ID, cover.IntervalMinutes/b.problem.SlotMinutes)
		}
		out.Lines[i] = v
	}
	return out, nil
}

// addExternal counts the agents that others put up for a queue, who are required
// and at work beside ours. per is how many slots an interval has.
func (b *board) addExternal(line *BoardStripLine, queue ids.Queue, per int) {
	for _, e := range b.Summary.External {
		if e.QueueID != queue {
			continue
		}
		for k := range line.Need {
			from, to := k*per, min((k+1)*per, len(e.Agents))
			sum := 0
			for t := from; t < to; t++ {
				sum += e.Agents[t]
			}
			line.Need[k] += float64(sum) / float64(per)
			line.Scheduled[k] += float64(sum) / float64(per)
		}
	}
}

// onlyGroups gives the work of shifts for the groups kept, under their new positions.
func onlyGroups(shifts []roster.Shift, position []int) []roster.Shift {
	out := make([]roster.Shift, 0, len(shifts))
	for _, sh := range shifts {
		var work []roster.Activity
		for _, a := range sh.Activities {
			if a.Kind == roster.Work && a.Group >= 0 && position[a.Group] >= 0 {
				a.Group = position[a.Group]
				work = append(work, a)
			}
		}
		if len(work) > 0 {
			sh.Activities = work
			out = append(out, sh)
		}
	}
	return out
}
