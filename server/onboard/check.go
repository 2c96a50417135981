package onboard

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/reporting/measure"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/money"
)

// check reports the first thing of the document that the services would refuse,
// so that nothing is stored of a document that is wrong somewhere.
func (d *Document) check() error {
	if d.ValidFrom.Date == 0 {
		return d.problem("valid_from is missing; give the first day of the figures, such as 2026-01-01.", nil)
	}
	if err := d.at(contract.CheckSlug("client", d.Client.Slug), "client", "slug"); err != nil {
		return err
	}
	if strings.TrimSpace(d.Client.Name) == "" {
		return d.problem("The client needs a name.", nil, "client")
	}
	if err := d.checkPlace(d.Client.Zone, d.Client.Currency, "client"); err != nil {
		return err
	}
	if d.Provider != nil {
		if err := d.checkPlace(d.Provider.Zone, d.Provider.Currency, "provider"); err != nil {
			return err
		}
	}
	if _, err := d.calendar(); err != nil {
		return err
	}
	if err := d.checkQueues(); err != nil {
		return err
	}
	return d.checkAgreement()
}

// checkPlace reports an unknown zone or currency of a part.
func (d *Document) checkPlace(zone string, currency money.Currency, part string) error {
	if _, err := calendar.Zone(zone); err != nil {
		return d.at(fault.Newf(fault.Invalid, "contract.unknown_zone", "%s.", err).With("zone", zone), part, "zone")
	}
	if _, err := money.ParseCurrency(string(currency)); err != nil {
		return d.at(fault.Newf(fault.Invalid, "contract.unknown_currency", "%s.", err).With("currency", string(currency)), part, "currency")
	}
	return nil
}

// checkQueues reports the first line of business or queue that is wrong or named twice.
func (d *Document) checkQueues() error {
	lobs, queues := map[string]bool{}, map[string]bool{}
	for i, l := range d.LOBs {
		if err := d.at(contract.CheckSlug("line of business", l.Slug), "lobs", i, "slug"); err != nil {
			return err
		}
		if lobs[l.Slug] {
			return d.problem("The line of business %q stands twice; give each a slug of its own.", []any{l.Slug}, "lobs", i)
		}
		lobs[l.Slug] = true
		for j, q := range l.Queues {
			if err := d.at(contract.CheckSlug("queue", q.Slug), "lobs", i, "queues", j, "slug"); err != nil {
				return err
			}
			if queues[q.Slug] {
				return d.problem("The queue %q stands twice; give each a slug of its own.", []any{q.Slug}, "lobs", i, "queues", j)
			}
			queues[q.Slug] = true
			if !slices.Contains(contract.Channels(), q.Channel) {
				return d.problem("The channel %q is unknown: use one of %s.", []any{q.Channel, fault.Allowed(contract.Channels())}, "lobs", i, "queues", j, "channel")
			}
			if err := d.at(q.terms(ids.Queue{}, 1).Validate(), "lobs", i, "queues", j); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkAgreement reports what is wrong with contract, measures and rates.
func (d *Document) checkAgreement() error {
	if c := d.Contract; c != nil && (c.PeriodStartDay < 1 || c.PeriodStartDay > 28) {
		return d.problem("period_start_day is %d; want a day from 1 to 28.", []any{c.PeriodStartDay}, "contract", "period_start_day")
	}
	for i, m := range d.Measures {
		if _, err := measure.Find(measure.Key(m.Key), measure.Formula(m.Formula)); err != nil {
			return d.at(err, "measures", i)
		}
		if m.Better != "higher" && m.Better != "lower" {
			return d.problem("better is %q; use higher or lower.", []any{m.Better}, "measures", i, "better")
		}
	}
	if d.terms != nil {
		return d.at(d.terms.Validate(d.Client.Currency, d.ValidFrom.Date), "rates")
	}
	return nil
}

// terms gives the figures of the queue in force from an instant on.
func (q Queue) terms(id ids.Queue, from calendar.Instant) contract.Terms {
	t := contract.Terms{QueueID: id, ValidFrom: from, ThresholdMS: ms(q.AnswerWithin), ShortAbandonMS: ms(q.ShortAbandon), ServiceLevelGoal: q.ServiceLevel, AbandonGoal: q.AbandonGoal,
		OccupancyCap: q.OccupancyCap, Shrinkage: q.Shrinkage, Concurrency: max(1, q.Concurrency), Priority: q.PriorityLevel}
	if q.Concurrency < 0 {
		t.Concurrency = q.Concurrency
	}
	if q.Patience != nil {
		v := ms(*q.Patience)
		t.PatienceMS = &v
	}
	return t
}

// ms turns seconds into milliseconds.
func ms(seconds float64) int64 { return int64(seconds*1000 + 0.5) }

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// calendar builds the opening calendar of the client's queues; no hours mean round the clock.
func (d *Document) calendar() (calendar.Calendar, error) {
	zone, err := calendar.Zone(d.Client.Zone)
	if err != nil {
		return calendar.Calendar{}, err
	}
	c := calendar.Always(zone)
	if len(d.Hours) > 0 {
		c.Hours = nil
	}
	for days, spans := range d.Hours {
		open, err := readSpans(spans)
		if err != nil {
			return c, d.problem("%v", []any{err}, "hours", days)
		}
		on, err := readWeekdays(days)
		if err != nil {
			return c, d.problem("%v", []any{err}, "hours", days)
		}
		for _, day := range on {
			for _, h := range open {
				h.Weekday = day
				c.Hours = append(c.Hours, h)
			}
		}
	}
	slices.SortFunc(c.Hours, func(a, b calendar.Hours) int { return (int(a.Weekday)-int(b.Weekday))*10000 + a.Open - b.Open })
	for i, day := range d.Days {
		if !slices.Contains([]calendar.DayKind{calendar.DayClosed, calendar.DayOpen, calendar.DayTagged, calendar.DayHoliday}, day.Kind) {
			return c, d.problem("The kind %q of the day is unknown: use closed, open, tagged or holiday.", []any{day.Kind}, "days", i)
		}
		special := calendar.SpecialDay{Date: day.Date.Date, Kind: day.Kind, Tag: day.Tag, Name: day.Name}
		if day.Kind == calendar.DayOpen {
			if special.Hours, err = readSpans(day.Hours); err != nil {
				return c, d.problem("%v", []any{err}, "days", i)
			}
		}
		if _, twice := c.SpecialOn(day.Date.Date); twice {
			return c, d.problem("The day %s stands twice; keep one.", []any{day.Date}, "days", i)
		}
		c.Special = append(c.Special, special)
	}
	slices.SortFunc(c.Special, func(a, b calendar.SpecialDay) int { return int(a.Date - b.Date) })
	if err := c.Validate(); err != nil {
		return c, d.problem("The hours cannot be used: %v.", []any{err}, "hours")
	}
	return c, nil
}

// readWeekdays reads mon, mon-fri, or a list of these.
func readWeekdays(text string) ([]time.Weekday, error) {
	var out []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(strings.ToLower(strings.TrimSpace(part)), "-")
		from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if !ranged {
			to = from
		}
		if from < 0 || to < 0 {
			return nil, fmt.Errorf("the days %q are not clear: use %s, a range such as mon-fri, or a list", text, strings.Join(weekdays, ", "))
		}
		for day := from; ; day = (day + 1) % 7 {
			out = append(out, time.Weekday(day))
			if day == to {
				break
			}
		}
	}
	return out, nil
}

// readSpans reads 09:00-18:00 or a list of spans; an end at or before the
// beginning is on the next day.
func readSpans(text string) ([]calendar.Hours, error) {
	var out []calendar.Hours
	for part := range strings.SplitSeq(text, ",") {
		from, to, _ := strings.Cut(strings.TrimSpace(part), "-")
		open, err := readMinute(from)
		if err != nil {
			return nil, err
		}
		end, err := readMinute(to)
		if err != nil {
			return nil, err
		}
		if end <= open {
			end += 1440
		}
		out = append(out, calendar.Hours{Open: open, Close: end})
	}
	return out, nil
}

// readMinute reads HH:MM, 00:00 to 24:00.
func readMinute(text string) (int, error) {
	hour, minute, found := strings.Cut(strings.TrimSpace(text), ":")
	h, err := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !found || err != nil || err2 != nil || h < 0 || m < 0 || m > 59 || h*60+m > 1440 {
		return 0, fmt.Errorf("the time %q is not clear: write spans such as 09:00-18:00", text)
	}
	return h*60 + m, nil
}
