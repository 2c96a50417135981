package roster

import "fmt"

func ptr[T any](v T) *T { return &v }

// centre makes a contact centre: clients with tiers, one works around the clock,
// agents of which a third serve two clients.
func centre(agents, days, clients, tiers int) *Problem {
	p := &Problem{Format: Format, Zone: "Asia/Shanghai", FirstDay: "2026-03-02", Days: days, SlotMinutes: 15}
	share := float64(agents) / float64(clients)
	for c := range clients {
		for t := range tiers {
			g := Group{ID: fmt.Sprintf("c%d-t%d", c, t), Client: fmt.Sprintf("client%d", c), Skill: fmt.Sprintf("s%d", c), Tier: t}
			for s := range days * 96 {
				h, level := s%96/4, 0.02
				if h >= 8 && h < 22 {
					level = 0.33
					if h == 10 || h == 11 || h == 15 || h == 19 {
						level = 0.42
					}
				} else if c != 0 {
					level = 0
				}
				if s/96%7 >= 5 {
					level *= 0.7
				}
				g.Need = append(g.Need, int(share*level/float64(tiers)+0.5))
			}
			p.Groups = append(p.Groups, g)
		}
	}
	meal := []Break{{ID: "b1", Minutes: 15, Paid: true, Earliest: 90, Latest: 180}, {ID: "meal", Meal: true, Minutes: 60, Earliest: 210, Latest: 315}, {ID: "b2", Minutes: 15, Paid: true, Earliest: 375, Latest: 465}}
	p.Templates = []Template{
		{ID: "day", StartFrom: 420, StartTo: 840, StartStep: 30, MinMinutes: 540, MaxMinutes: 540, Breaks: meal},
		{ID: "night", StartFrom: 1320, StartTo: 1320, MinMinutes: 540, MaxMinutes: 540, Breaks: meal, Groups: tierIDs(0, tiers)},
		{ID: "short", StartFrom: 480, StartTo: 1080, StartStep: 30, MinMinutes: 240, MaxMinutes: 240, Breaks: []Break{{ID: "b", Minutes: 15, Paid: true, Earliest: 60, Latest: 180}}},
	}
	for i := range agents {
		c := i % clients
		a := Agent{ID: fmt.Sprintf("a%03d", i), Skills: []Skill{{Skill: fmt.Sprintf("s%d", c), Tier: i / clients % tiers}}, Contract: &Contract{MinMinutes: 2400 * days / 7, MaxMinutes: 2400 * days / 7, WeekMaxMinutes: 2880}}
		if i%3 == 0 {
			a.Skills = append(a.Skills, Skill{Skill: fmt.Sprintf("s%d", (c+1)%clients), Tier: 0})
		}
		if i%10 == 9 {
			a.Contract.MinMinutes, a.Contract.MaxMinutes = 1200*days/7, 1200*days/7
		}
		if i%7 == 3 {
			a.Requests = []Request{{Day: i % days, Off: true, Weight: 300}}
		}
		if i%11 == 5 {
			d := i % days
			a.TimeOff = []Window{{From: d * 1440, To: (d + 1) * 1440}}
		}
		p.Agents = append(p.Agents, a)
	}
	p.Rules = []Rule{
		{ID: "rest", Kind: MinRest, Owner: OwnerLaw, Hard: true, Minutes: 660},
		{ID: "six", Kind: MaxConsecutiveDays, Owner: OwnerLaw, Hard: true, Max: 6},
		{ID: "five", Kind: MaxConsecutiveDays, Owner: OwnerContract, Weight: 300, Max: 5},
		{ID: "night-day", Kind: ForbiddenSuccession, Owner: OwnerLaw, Hard: true, From: []string{"night"}, To: []string{"day", "short"}},
		{ID: "same", Kind: SameStartInWeek, Owner: OwnerPerson, Weight: 5, Minutes: 60},
		{ID: "weekends", Kind: FairWeekends, Owner: OwnerPerson, Weight: 20},
		{ID: "nights", Kind: FairNights, Owner: OwnerPerson, Weight: 10},
	}
	return p
}

func tierIDs(c, tiers int) []string {
	var ids []string
	for t := range tiers {
		ids = append(ids, fmt.Sprintf("c%d-t%d", c, t))
	}
	return ids
}
