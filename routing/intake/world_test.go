package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/intake"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

// world is a client with queues and agents, and the services around it.
type world struct {
	db       *database.DB
	contract *contract.Service
	people   *people.Service
	intake   *intake.Service
	facts    *facts.Service
	client   contract.Client
	lob      contract.LOB
	queues   map[string]contract.Queue
	agents   map[string]ids.Agent
}

// build makes the client "bank" in the zone with queues and agents of the names.
func build(t testing.TB, db *database.DB, zone string, queues, agents []string) *world {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	w := &world{db: db, contract: contract.NewService(db), people: people.NewService(db), queues: map[string]contract.Queue{}, agents: map[string]ids.Agent{}}
	w.intake = intake.NewService(db, w.contract, w.people)
	w.facts = facts.NewService(db, w.contract)
	var err error
	w.client, err = w.contract.CreateClient(ctx, all, contract.Client{Slug: "bank", Name: "Bank", Zone: zone, Currency: "EUR"})
	require.NoError(t, err)
	w.lob, err = w.contract.CreateLOB(ctx, all, contract.LOB{ClientID: w.client.ID, Slug: "retail", Name: "Retail"})
	require.NoError(t, err)
	skill, err := w.people.CreateSkill(ctx, all, people.Skill{Slug: "voice", Name: "Voice"})
	require.NoError(t, err)
	for _, q := range queues {
		w.queues[q], err = w.contract.CreateQueue(ctx, all, contract.Queue{ClientID: w.client.ID, LOBID: w.lob.ID, Slug: q, Name: "Queue " + q, Channel: contract.Voice, SkillID: skill.ID})
		require.NoError(t, err)
	}
	site, err := w.people.CreateSite(ctx, all, people.Site{Slug: "north", Name: "North", Zone: zone, Country: "IL"})
	require.NoError(t, err)
	team, err := w.people.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "blue", Name: "Blue"})
	require.NoError(t, err)
	var hires []people.Hire
	for _, a := range agents {
		hires = append(hires, people.Hire{Agent: people.Agent{Number: a, Label: a}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Middle}, Clients: []ids.Client{w.client.ID}})
	}
	staff, err := w.people.HireAll(ctx, all, hires)
	require.NoError(t, err)
	for _, a := range staff {
		w.agents[a.Number] = a.ID
	}
	return w
}

// file makes a request to import the bytes.
func file(kind intake.Kind, data []byte, mapping string) intake.Request {
	r := intake.Request{Kind: kind, Client: "bank", FileName: "test", Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
	if mapping != "" {
		m, err := tabular.ParseMapping([]byte(mapping))
		if err != nil {
			panic(fmt.Sprintf("mapping of a test: %v", err))
		}
		r.Mapping = &m
	}
	return r
}

// run imports and wants success and counts that add up.
func (w *world) run(t testing.TB, r intake.Request) intake.Summary {
	t.Helper()
	s, err := w.intake.Run(context.Background(), scope.Provider(), r)
	require.NoError(t, err)
	addsUp(t, s)
	return s
}

func addsUp(t testing.TB, s intake.Summary) {
	t.Helper()
	c := s.Counts
	require.Equal(t, c.Read, c.New+c.Changed+c.Unchanged+c.Refused+c.Ignored+c.Total, "%+v", c)
}

// rename gives queues other names than their slugs.
func (w *world) rename(t testing.TB, names map[string]string) {
	t.Helper()
	require.NoError(t, w.db.Write(context.Background(), scope.Provider(), func(tx *database.Tx) error {
		for slug, name := range names {
			if err := tx.Model(&contract.Queue{}).Where("slug = ?", slug).Update("name", name).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}
