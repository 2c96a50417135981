package billing

import (
	"slices"
	"time"

	"muster/billing/rating"
	"muster/routing/facts"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// The kinds of sources that rating facts name, before the id.
const (
	agentSource = "agent:"
	queueSource = "queue:"
)

// classes labels quarter-hours with business date, day type and time band in the contract's zone.
type classes struct {
	zone  *time.Location
	terms []termDays
	last  calendar.Instant // memo of the last quarter-hour
	class class
}

// termDays are the terms in force from a date on.
type termDays struct {
	from    calendar.Date
	terms   Terms
	special calendar.Calendar
}

// class is what a quarter-hour is labelled with.
type class struct {
	day     calendar.Date
	dayType string
	band    string
}

// of labels the quarter-hour that begins at the instant.
func (c *classes) of(at calendar.Instant) class {
	if at == c.last && c.class.dayType != "" {
		return c.class
	}
	local := at.In(c.zone)
	out := class{day: calendar.NewDate(local.Year(), local.Month(), local.Day()), dayType: Workday}
	i := len(c.terms) - 1
	for i > 0 && c.terms[i].from > out.day {
		i--
	}
	t := c.terms[i]
	weekend := t.terms.Weekend
	if len(weekend) == 0 {
		weekend = []time.Weekday{time.Saturday, time.Sunday}
	}
	special, is := t.special.SpecialOn(out.day)
	switch {
	case is && (special.Kind == calendar.DayClosed || special.Kind == calendar.DayHoliday):
		out.dayType = Holiday
	case is && special.Kind == calendar.DayOpen: // a make-up working day
	case slices.Contains(weekend, out.day.Weekday()):
		out.dayType = Weekend
	}
	minute := local.Hour()*60 + local.Minute()
	for _, b := range t.terms.Bands {
		if b.contains(minute) {
			out.band = b.Name
			break
		}
	}
	c.last, c.class = at, out
	return out
}

// timeKey is what agent time is added up by.
type timeKey struct {
	agent          ids.Agent
	lob            ids.LOB
	activity       records.Activity
	class          class
	tier           people.Tier
	site           ids.Site
	billable, paid bool
}

// agentTime adds up an agent's time of the client per day and class.
func agentTime(tx *database.Tx, client ids.Client, span calendar.Interval, c *classes) ([]rating.Fact, error) {
	places, err := placesOf(tx, span)
	if err != nil {
		return nil, err
	}
	var rows []facts.AgentFact
	// Handling lies within the work time of the same quarter-hour.
	if err := tx.Select("agent_id, start_at, lob_id, activity, paid_ms, billable_ms, total_ms").Where("client_id = ? AND start_at >= ? AND start_at < ? AND activity <> ?", client, span.Start, span.End, facts.Handling).
		Order("start_at").Find(&rows).Error; err != nil {
		return nil, err
	}
	sums := map[timeKey]int64{}
	for _, r := range rows {
		m := places.at(r.AgentID, r.StartAt)
		k := timeKey{agent: r.AgentID, lob: r.LOBID, activity: r.Activity, class: c.of(r.StartAt), tier: m.Tier, site: m.SiteID}
		// Billable time is taken as the first part of the paid time, as the state maps mean it.
		idle := max(r.PaidMS-r.BillableMS, 0)
		for _, part := range []struct {
			billable, paid bool
			ms             int64
		}{{true, r.PaidMS >= r.BillableMS, r.BillableMS}, {false, true, idle}, {false, false, r.TotalMS - r.BillableMS - idle}} {
			if part.ms > 0 {
				k.billable, k.paid = part.billable, part.paid
				sums[k] += part.ms
			}
		}
	}
	out := make([]rating.Fact, 0, len(sums))
	for k, ms := range sums { // the engine sorts
		out = append(out, rating.Fact{Day: k.class.day, Measure: rating.AgentTime, Paid: k.paid, Billable: k.billable, Quantity: ms, Source: agentSource + k.agent.String(),
			Labels: rating.Labels{LOB: k.lob.String(), Tier: string(k.tier), Site: k.site.String(), DayType: k.class.dayType, Band: k.class.band, Activity: string(k.activity)}})
	}
	return out, nil
}

// places finds where an agent belongs at an instant.
type places map[ids.Agent][]people.Membership

// placesOf loads the memberships that touch the span.
func placesOf(tx *database.Tx, span calendar.Interval) (places, error) {
	var rows []people.Membership
	if err := tx.Where("valid_from < ? AND (valid_to IS NULL OR valid_to > ?)", span.End, span.Start).Order("agent_id, valid_from").Find(&rows).Error; err != nil {
		return nil, err
	}
	out := places{}
	for _, m := range rows {
		out[m.AgentID] = append(out[m.AgentID], m)
	}
	return out, nil
}

// at gives the membership in force, empty when there is none.
func (p places) at(agent ids.Agent, at calendar.Instant) people.Membership {
	for _, m := range p[agent] {
		if m.ValidFrom <= at && (m.ValidTo == nil || at < *m.ValidTo) {
			return m
		}
	}
	return people.Membership{}
}

// queueKey is what counts of contacts are added up by.
type queueKey struct {
	queue ids.Queue
	class class
}

// contactCounts adds up the client's contacts and handle time per queue, day and class.
func contactCounts(tx *database.Tx, client ids.Client, span calendar.Interval, c *classes, queues map[ids.Queue]contract.Queue) ([]rating.Fact, error) {
	var rows []facts.QueueFact
	if err := tx.Where("client_id = ? AND start_at >= ? AND start_at < ?", client, span.Start, span.End).Order("start_at").Find(&rows).Error; err != nil {
		return nil, err
	}
	sums := map[queueKey][3]int64{}
	for _, r := range rows {
		k := queueKey{r.QueueID, c.of(r.StartAt)}
		s := sums[k]
		sums[k] = [3]int64{s[0] + r.Offered, s[1] + r.Answered, s[2] + r.HandleMS}
	}
	var out []rating.Fact
	for k, s := range sums { // the engine sorts
		q := queues[k.queue]
		labels := rating.Labels{LOB: q.LOBID.String(), Queue: k.queue.String(), Channel: string(q.Channel), DayType: k.class.dayType, Band: k.class.band}
		for i, measure := range []rating.Measure{rating.ContactsOffered, rating.ContactsHandled, rating.HandleTime} {
			if s[i] > 0 {
				out = append(out, rating.Fact{Day: k.class.day, Measure: measure, Labels: labels, Quantity: s[i], Source: queueSource + k.queue.String()})
			}
		}
	}
	return out, nil
}
