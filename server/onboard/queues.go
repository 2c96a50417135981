package onboard

import (
	"context"
	"slices"

	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/people"
)

// queues adds calendar, lines of business, skills and queues that are missing, and new terms where they differ.
func (a *applying) queues(ctx context.Context) error {
	known, err := a.Contracts.Queues(ctx, a.sc, a.client.ID)
	if err != nil {
		return err
	}
	opening, err := a.opening(ctx, known)
	if err != nil {
		return err
	}
	lobs, err := a.Contracts.LOBs(ctx, a.sc, a.client.ID)
	if err != nil {
		return err
	}
	for i, l := range a.d.LOBs {
		at := slices.IndexFunc(lobs, func(v contract.LOB) bool { return v.Slug == l.Slug })
		if at < 0 {
			v, err := a.Contracts.CreateLOB(ctx, a.sc, contract.LOB{ClientID: a.client.ID, Slug: l.Slug, Name: orSlug(l.Name, l.Slug)})
			if err != nil {
				return a.d.at(err, "lobs", i)
			}
			at, lobs = len(lobs), append(lobs, v)
			a.did("line of business", l.Slug, Created)
		} else {
			a.did("line of business", l.Slug, Unchanged)
		}
		for j, q := range l.Queues {
			if err := a.queue(ctx, known, lobs[at], opening, q); err != nil {
				return a.d.at(err, "lobs", i, "queues", j)
			}
		}
	}
	return nil
}

// opening brings the calendar that the client's queues share up to the document.
func (a *applying) opening(ctx context.Context, known []contract.Queue) (ids.Calendar, error) {
	want, err := a.d.calendar()
	if err != nil {
		return ids.Calendar{}, err
	}
	for _, q := range known {
		if q.CalendarID.IsZero() {
			continue
		}
		all, err := a.Contracts.Calendars(ctx, a.sc)
		if err != nil {
			return ids.Calendar{}, err
		}
		now := all[q.CalendarID]
		if now.Zone.String() == want.Zone.String() && same(now.Hours, want.Hours) && same(now.Special, want.Special) {
			a.did("calendar", a.client.Slug, Unchanged)
			return q.CalendarID, nil
		}
		a.did("calendar", a.client.Slug, Changed)
		return q.CalendarID, a.d.at(a.Contracts.SetCalendar(ctx, a.sc, q.CalendarID, want), "hours")
	}
	if len(a.d.LOBs) == 0 {
		return ids.Calendar{}, nil
	}
	id, err := a.Contracts.CreateCalendar(ctx, a.sc, a.client.ID, a.client.Name, want)
	a.did("calendar", a.client.Slug, Created)
	return id, a.d.at(err, "hours")
}

// queue finds the queue by its slug or adds it with its skill, and sets its terms.
func (a *applying) queue(ctx context.Context, known []contract.Queue, lob contract.LOB, opening ids.Calendar, q Queue) error {
	outcome := Unchanged
	var row contract.Queue
	if i := slices.IndexFunc(known, func(v contract.Queue) bool { return v.Slug == q.Slug }); i >= 0 {
		row = known[i]
	} else {
		skill, err := a.skill(ctx, q)
		if err != nil {
			return err
		}
		if row, err = a.Contracts.CreateQueue(ctx, a.sc, contract.Queue{ClientID: a.client.ID, LOBID: lob.ID, Slug: q.Slug, Name: orSlug(q.Name, q.Slug), Channel: q.Channel, SkillID: skill, CalendarID: opening}); err != nil {
			return err
		}
		outcome = Created
	}
	set, err := a.terms(ctx, row.ID, q)
	if err != nil {
		return err
	}
	if set && outcome == Unchanged {
		outcome = Changed
	}
	a.did("queue", q.Slug, outcome)
	return nil
}

// terms puts the queue's figures in force unless the last ones are the same.
func (a *applying) terms(ctx context.Context, id ids.Queue, q Queue) (bool, error) {
	want := q.terms(id, a.from)
	all, err := a.Contracts.TermsHistory(ctx, a.sc)
	if err != nil {
		return false, err
	}
	for _, t := range all {
		if t.QueueID != id || t.ValidTo != nil {
			continue
		}
		t.ID, t.ClientID, t.ValidFrom, t.CreatedAt = want.ID, want.ClientID, want.ValidFrom, want.CreatedAt
		if same(t, want) {
			return false, nil
		}
	}
	_, err = a.Contracts.SetTerms(ctx, a.sc, want)
	return true, err
}

// skill finds the skill that a queue needs or adds it.
func (a *applying) skill(ctx context.Context, q Queue) (ids.Skill, error) {
	slug := orSlug(q.Skill, q.Slug)
	known, err := a.People.Skills(ctx, a.sc)
	if err != nil {
		return ids.Skill{}, err
	}
	if i := slices.IndexFunc(known, func(s people.Skill) bool { return s.Slug == slug }); i >= 0 {
		return known[i].ID, nil
	}
	s, err := a.People.CreateSkill(ctx, a.sc, people.Skill{Slug: slug, Name: orSlug(q.Name, q.Slug)})
	a.did("skill", slug, Created)
	return s.ID, err
}

// orSlug gives the name, or the slug where none was given.
func orSlug(name, slug string) string {
	if name == "" {
		return slug
	}
	return name
}
