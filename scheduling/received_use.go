package scheduling

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// ReceivedAs says what a received plan is for a roster.
type ReceivedAs string

// The uses of a received plan.
const (
	AsRequirement ReceivedAs = "requirement" // it takes the place of the plans' requirement where it has rows
	AsCommitment  ReceivedAs = "commitment"  // the requirement is at least this
	AsProvider    ReceivedAs = "provider"    // others put these people up: that much less is required of ours
)

// ReceivedUses lists every use.
func ReceivedUses() []ReceivedAs { return []ReceivedAs{AsRequirement, AsCommitment, AsProvider} }

// ReceivedUse is a received plan that a roster stands on.
type ReceivedUse struct {
	PlanID ids.Any    `json:"plan_id"`
	As     ReceivedAs `json:"as"`
}

// ExternalCover is the people that others put up for a queue, per quarter of an
// hour from the roster's first midnight.
type ExternalCover struct {
	QueueID ids.Queue `json:"queue_id"`
	Agents  []int     `json:"agents"`
}

// checkReceived refuses uses that are unknown or name a plan twice.
func checkReceived(list []ReceivedUse) error {
	for i, u := range list {
		if !slices.Contains(ReceivedUses(), u.As) {
			return fault.Newf(fault.Invalid, "received.use", "A received plan is used as %s, not %q.", fault.Allowed(ReceivedUses()), u.As).With("use", u.As)
		}
		if slices.ContainsFunc(list[:i], func(o ReceivedUse) bool { return o.PlanID == u.PlanID }) {
			return fault.New(fault.Invalid, "received.twice", "A received plan is named twice; name each once.")
		}
	}
	return nil
}

// addReceived lets received plans change the requirement. A row counts for the
// groups whose skill is in its combination; where several are, it is split as the
// plans' own requirement of the interval is.
func (s *Service) addReceived(ctx context.Context, sc scope.Scope, d *draftRoster, uses []ReceivedUse) error {
	if err := checkReceived(uses); err != nil {
		return err
	}
	d.Received, d.Summary.External = uses, nil
	if len(uses) == 0 {
		return nil
	}
	skills, err := s.People.Skills(ctx, sc)
	if err != nil {
		return err
	}
	for _, u := range uses {
		p, lines, err := s.Received(ctx, sc, u.PlanID)
		if err != nil {
			return err
		}
		asked := d.allot(lines, skills)
		if asked == nil {
			return fault.Newf(fault.Conflict, "received.nothing", "No row of %s, version %d, names a skill of the roster's queues and lies in its days.", p.Name, p.Version).With("name", p.Name).With("version", p.Version)
		}
		d.require(u.As, asked)
	}
	return nil
}

// allot gives the agents that the lines ask for per group and slot, -1 where they
// say nothing, or nil when nothing in the file is about the roster.
func (d *draftRoster) allot(lines []ReceivedLine, skills []people.Skill) [][]int {
	slug := map[string]string{}
	for _, k := range skills {
		slug[k.ID.String()] = strings.ToLower(k.Slug)
	}
	slots := d.problem.Days * 96
	sum := map[string][]int{} // by combination
	for _, l := range lines {
		for t := max(l.StartAt, d.origin); t < l.EndAt; t += grid {
			i := int((t - d.origin) / grid)
			if i >= slots {
				break
			}
			if sum[l.Skills] == nil {
				sum[l.Skills] = slices.Repeat([]int{-1}, slots)
			}
			sum[l.Skills][i] = max(0, sum[l.Skills][i]) + l.Agents
		}
	}
	var out [][]int
	for _, combination := range slices.Sorted(maps.Keys(sum)) {
		names := strings.Split(combination, "+")
		var groups []int
		for g, group := range d.problem.Groups {
			if slices.Contains(names, slug[group.Skill]) {
				groups = append(groups, g)
			}
		}
		if len(groups) == 0 {
			continue
		}
		if out == nil {
			out = make([][]int, len(d.problem.Groups))
			for g := range out {
				out[g] = slices.Repeat([]int{-1}, slots)
			}
		}
		for i, agents := range sum[combination] {
			if agents >= 0 {
				d.split(out, groups, i, agents)
			}
		}
	}
	return out
}

// split shares agents of a slot among groups in proportion to their requirement,
// the rest to the largest remainders; without any requirement the first takes all.
func (d *draftRoster) split(out [][]int, groups []int, slot, agents int) {
	need, total := make([]int, len(groups)), 0
	for k, g := range groups {
		if slot < len(d.problem.Groups[g].Need) {
			need[k] = d.problem.Groups[g].Need[slot]
		}
		total += need[k]
	}
	left := agents
	rest := make([]float64, len(groups))
	for k, g := range groups {
		share := 0
		if total > 0 {
			exact := float64(agents) * float64(need[k]) / float64(total)
			share = int(math.Floor(exact))
			rest[k] = exact - float64(share)
		}
		out[g][slot] = max(0, out[g][slot]) + share
		left -= share
	}
	for ; left > 0; left-- {
		best := 0
		if total == 0 {
			out[groups[0]][slot] += left
			return
		}
		for k := range rest {
			if rest[k] > rest[best] {
				best = k
			}
		}
		rest[best] = -1
		out[groups[best]][slot]++
	}
}

// require changes the requirement by what was asked.
func (d *draftRoster) require(as ReceivedAs, asked [][]int) {
	for g := range d.problem.Groups {
		group := &d.problem.Groups[g]
		var external []int
		for i, n := range asked[g] {
			if n < 0 {
				continue
			}
			for i >= len(group.Need) {
				group.Need = append(group.Need, 0)
			}
			switch as {
			case AsRequirement:
				group.Need[i] = n
			case AsCommitment:
				group.Need[i] = max(group.Need[i], n)
			case AsProvider:
				if external == nil {
					external = make([]int, len(asked[g]))
				}
				external[i] = n
				group.Need[i] = max(0, group.Need[i]-n)
			}
			if group.Values != nil { // what the first agents are worth is taken by those who come from outside
				if as == AsProvider && i < len(group.Values) {
					group.Values[i] = group.Values[i][min(n, len(group.Values[i])):]
				}
				for i >= len(group.Values) {
					group.Values = append(group.Values, nil)
				}
				group.Values[i] = upTo(group.Values[i], group.Need[i])
			}
		}
		if external != nil {
			d.addExternal(d.queues[g].ID, external)
		}
	}
}

// addExternal remembers who comes from outside for those who look at the roster.
func (d *draftRoster) addExternal(queue ids.Queue, agents []int) {
	for k := range d.Summary.External {
		if e := &d.Summary.External[k]; e.QueueID == queue {
			for i := range agents {
				e.Agents[i] += agents[i]
			}
			return
		}
	}
	d.Summary.External = append(d.Summary.External, ExternalCover{QueueID: queue, Agents: agents})
}
