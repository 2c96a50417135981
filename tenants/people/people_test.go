package people_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

func TestStaffInForceAndSlices(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, all := t.Context(), scope.Provider()
		s := people.NewService(db)
		site, err := s.CreateSite(ctx, all, people.Site{Slug: "cd", Name: "Chengdu", Zone: "Asia/Shanghai", Country: "CN"})
		require.NoError(t, err)
		_, err = s.CreateSite(ctx, all, people.Site{Slug: "x", Name: "X", Zone: "Nowhere", Country: "CN"})
		require.Equal(t, "people.unknown_zone", fault.CodeOf(err))
		team, err := s.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "a", Name: "A"})
		require.NoError(t, err)
		skill, err := s.CreateSkill(ctx, all, people.Skill{Slug: "voice", Name: "Voice"})
		require.NoError(t, err)
		c, err := contract.NewService(db).CreateClient(ctx, all, contract.Client{Slug: "retail", Name: "Retail", Zone: "UTC", Currency: "EUR"})
		require.NoError(t, err)
		hire := func(number string, clients ...ids.Client) people.Hire {
			return people.Hire{Agent: people.Agent{Number: number, Label: "L" + number}, Profile: people.Profile{Name: "Name " + number},
				Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior}, Skills: []people.AgentSkill{{SkillID: skill.ID, Proficiency: 60}},
				Clients: clients, From: 1000, Employment: &people.Employment{WeeklyMinutes: 2400, HourlyCost: decimal.RequireFromString("12.5"), Currency: "CNY"},
				Sources: []people.Source{{Source: "acd", ExternalID: "ext-" + number}}}
		}
		hired, err := s.HireAll(ctx, all, []people.Hire{hire("1", c.ID), hire("2")})
		require.NoError(t, err)
		_, err = s.HireAll(ctx, all, []people.Hire{hire("3"), hire("1")})
		require.Equal(t, "people.duplicate_number", fault.CodeOf(err))
		staff, err := s.Staff(ctx, all, 1000, 0)
		require.NoError(t, err)
		require.Len(t, staff, 2, "the refused hire left nothing")
		require.Equal(t, "12.5", staff[0].Employment.HourlyCost.String())
		require.Equal(t, []ids.Client{c.ID}, staff[0].Clients)
		before, err := s.Staff(ctx, all, 999, 0)
		require.NoError(t, err)
		require.Empty(t, before)
		mine, err := s.Staff(ctx, scope.Clients(c.ID), 1000, 0)
		require.NoError(t, err)
		require.Len(t, mine, 1)
		require.Equal(t, hired[0].ID, mine[0].Agent.ID)
		require.Empty(t, mine[0].Profile.Name, "a client never sees names")
		require.Nil(t, mine[0].Employment, "a client never sees what people earn")
		keys, err := s.AgentsBySource(ctx, all, "acd")
		require.NoError(t, err)
		require.Equal(t, hired[1].ID, keys["ext-2"])
		require.Equal(t, hired[1].ID, keys["2"])
		_, err = people.ParseTier("wizard")
		require.ErrorContains(t, err, "expert, junior, middle")
	})
}
