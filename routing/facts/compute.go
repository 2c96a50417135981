package facts

import (
	"cmp"
	"math/bits"
	"slices"

	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/ids"
)

// DefaultThresholdMS is the answer threshold of a queue without terms in force.
const DefaultThresholdMS = 20_000

// Limits are the figures of a queue's terms that facts depend on.
type Limits struct {
	ThresholdMS    int64
	ShortAbandonMS int64
}

// LimitsAt gives the limits of a queue in force at an instant.
type LimitsAt func(ids.Queue, calendar.Instant) Limits

// QueueFacts computes one queue's facts in the buckets (sorted by start, UTC grid)
// from the current contacts that arrived in them and the current interval records
// that touch them. Buckets without anything have no fact. In a bucket with contacts
// the interval records of the queue are left out, since they count the same demand.
func QueueFacts(queue ids.Queue, client ids.Client, buckets []calendar.Instant, contacts []records.Contact, intervals []records.IntervalRecord, limits LimitsAt) []QueueFact {
	byStart := make(map[calendar.Instant]*QueueFact, len(buckets))
	seen := make(map[calendar.Instant]bool, len(buckets))
	for _, b := range buckets {
		byStart[b] = &QueueFact{QueueID: queue, ClientID: client, StartAt: b}
	}
	for _, c := range contacts {
		b := c.ArrivedAt.Floor(calendar.Quarter)
		f := byStart[b]
		if f == nil {
			continue
		}
		seen[b] = true
		f.contact(c, limits(queue, c.ArrivedAt))
	}
	fromIntervals := map[calendar.Instant]bool{}
	for _, r := range intervals {
		spread(r, func(b calendar.Instant, part QueueFact) {
			if f := byStart[b]; f != nil && !seen[b] {
				fromIntervals[b] = true
				f.add(part)
			}
		})
	}
	var out []QueueFact
	for _, b := range buckets {
		if seen[b] || fromIntervals[b] {
			out = append(out, *byStart[b])
		}
	}
	return out
}

// contact counts one contact.
func (f *QueueFact) contact(c records.Contact, l Limits) {
	f.HandleMS += c.HandleMS
	if !c.Outcome.Offered() {
		return
	}
	f.Offered++
	if c.QueuedAt != nil || c.WaitMS > 0 {
		f.Queued++
	}
	f.WaitMaxMS = max(f.WaitMaxMS, c.WaitMS)
	switch c.Outcome {
	case records.Answered:
		f.Answered++
		f.WaitAnsweredMS += c.WaitMS
		if c.WaitMS <= l.ThresholdMS {
			f.AnsweredWithin++
		}
	case records.Abandoned:
		f.Abandoned++
		f.WaitAbandonedMS += c.WaitMS
		if c.WaitMS <= l.ThresholdMS {
			f.AbandonedWithin++
		}
		if c.WaitMS < l.ShortAbandonMS {
			f.AbandonedShort++
		}
	case records.Overflowed:
		f.Overflowed++
	default:
		f.Other++
	}
}

// add sums another fact of the same bucket.
func (f *QueueFact) add(o QueueFact) {
	f.Offered += o.Offered
	f.Queued += o.Queued
	f.Answered += o.Answered
	f.AnsweredWithin += o.AnsweredWithin
	f.Abandoned += o.Abandoned
	f.AbandonedWithin += o.AbandonedWithin
	f.AbandonedShort += o.AbandonedShort
	f.Overflowed += o.Overflowed
	f.Other += o.Other
	f.WaitAnsweredMS += o.WaitAnsweredMS
	f.WaitAbandonedMS += o.WaitAbandonedMS
	f.WaitMaxMS = max(f.WaitMaxMS, o.WaitMaxMS)
	f.HandleMS += o.HandleMS
}

// spread shares an interval record among the buckets it covers, in proportion to the
// time covered. Every figure is shared by its running total, so the parts are whole
// and sum up to it.
func spread(r records.IntervalRecord, part func(calendar.Instant, QueueFact)) {
	v := r.Span()
	length := int64(v.End - v.Start)
	if length <= 0 {
		return
	}
	rest := max(0, r.Offered-r.Answered-r.Abandoned)
	for b := v.Start.Floor(calendar.Quarter); b < v.End; b += calendar.Quarter {
		from, to := int64(max(b, v.Start)-v.Start), int64(min(b+calendar.Quarter, v.End)-v.Start)
		share := func(total int64) int64 { return portion(total, to, length) - portion(total, from, length) }
		f := QueueFact{Offered: share(r.Answered) + share(r.Abandoned) + share(rest), Answered: share(r.Answered), AnsweredWithin: share(r.WithinThreshold),
			Abandoned: share(r.Abandoned), Other: share(rest), WaitAnsweredMS: share(r.WaitMS), HandleMS: share(r.HandleMS)}
		part(b, f)
	}
}

// portion gives floor(total × part / whole) with a 128-bit product; 0 ≤ part ≤ whole.
func portion(total, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(total), uint64(part))
	q, _ := bits.Div64(high, low, uint64(whole)) // the quotient is at most total, so it fits
	return int64(q)
}

// work is one piece of an agent's time, in milliseconds since 1970.
type work struct {
	from, to int64
	order    string // breaks ties for the leftover milliseconds
	slot     slot
	paid     bool
	billable bool
	handle   bool
}

// slot is what an agent's time was for.
type slot struct {
	activity records.Activity
	client   ids.Client
	lob      ids.LOB
}

// name writes the slot as the key of a fact.
func (s slot) name() string {
	return string(s.activity) + "|" + s.client.String() + "|" + s.lob.String()
}

// AgentFacts computes one agent's facts in the buckets (sorted, UTC grid) from the
// current states and segments that touch them. lobOf gives a queue's line of business.
func AgentFacts(agent ids.Agent, buckets []calendar.Instant, states []records.State, segments []records.Segment, lobOf func(ids.Queue) ids.LOB) []AgentFact {
	var spent, handled []work
	for _, s := range states {
		if s.EndedAt == nil {
			continue // still going on: counts once it has ended
		}
		spent = append(spent, work{from: ms(s.StartedAt), to: ms(*s.EndedAt), order: s.ID.String(), paid: s.Paid, billable: s.Billable,
			slot: slot{s.Activity, s.ClientID, s.LOBID}})
	}
	for _, s := range segments {
		v := s.Worked()
		handled = append(handled, work{from: ms(v.Start), to: ms(v.End), order: s.ID.String(), handle: true, slot: slot{Handling, s.ClientID, lobOf(s.QueueID)}})
	}
	var out []AgentFact
	for _, b := range buckets {
		sums := map[slot]*AgentFact{}
		share(spent, b, agent, sums)
		share(handled, b, agent, sums)
		first := len(out)
		for _, f := range sums {
			out = append(out, *f)
		}
		slices.SortFunc(out[first:], func(a, c AgentFact) int { return cmp.Compare(a.Slot, c.Slot) })
	}
	return out
}

// ms gives the whole milliseconds of an instant; differences of it add up exactly.
func ms(i calendar.Instant) int64 { return int64(i.Floor(calendar.Millisecond) / calendar.Millisecond) }

// share gives each piece of work its part of the bucket. Where n pieces overlap each
// gets an nth of the time; leftover milliseconds go to the first ones in order.
func share(all []work, bucket calendar.Instant, agent ids.Agent, sums map[slot]*AgentFact) {
	from, to := ms(bucket), ms(bucket+calendar.Quarter)
	var here []work
	cuts := []int64{from, to}
	for _, w := range all {
		if w.from < to && w.to > from && w.to > w.from {
			w.from, w.to = max(w.from, from), min(w.to, to)
			here = append(here, w)
			cuts = append(cuts, w.from, w.to)
		}
	}
	slices.SortFunc(here, func(a, b work) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.order, b.order)) })
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	for i := 1; i < len(cuts); i++ {
		length := cuts[i] - cuts[i-1]
		var active []work
		for _, w := range here {
			if w.from <= cuts[i-1] && w.to >= cuts[i] {
				active = append(active, w)
			}
		}
		for n, w := range active {
			part := length / int64(len(active))
			if int64(n) < length%int64(len(active)) {
				part++
			}
			w.count(part, bucket, agent, sums)
		}
	}
}

// count books milliseconds of the piece.
func (w work) count(part int64, bucket calendar.Instant, agent ids.Agent, sums map[slot]*AgentFact) {
	f := sums[w.slot]
	if f == nil {
		f = &AgentFact{AgentID: agent, StartAt: bucket, Slot: w.slot.name(), ClientID: w.slot.client, LOBID: w.slot.lob, Activity: w.slot.activity}
		sums[w.slot] = f
	}
	if w.handle {
		f.HandleMS += part
		return
	}
	f.TotalMS += part
	if w.paid {
		f.PaidMS += part
	}
	if w.billable {
		f.BillableMS += part
	}
}
