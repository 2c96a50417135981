package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// planned gives both clients of the door a queue with four weeks of facts, a
// published forecast with a plan, and a published roster of four agents.
func (d *door) planned() (forecasts [2]scheduling.Forecast, r scheduling.Roster, agents []people.Agent) {
	d.t.Helper()
	ctx, all := d.t.Context(), scope.Provider()
	zone, err := calendar.Zone("UTC")
	require.NoError(d.t, err)
	monday := calendar.NewDate(2026, 3, 2)
	origin := monday.At(0, zone)
	require.NoError(d.t, d.db.EnsureMonths(ctx, calendar.Interval{Start: origin - 28*calendar.Day, End: origin}))
	site, err := d.deps.People.CreateSite(ctx, all, people.Site{Slug: "site", Name: "Site", Zone: "UTC", Country: "DE"})
	require.NoError(d.t, err)
	team, err := d.deps.People.CreateTeam(ctx, all, people.Team{SiteID: site.ID, Slug: "team", Name: "Team"})
	require.NoError(d.t, err)
	var hires []people.Hire
	var plans []ids.Staffing
	for i, c := range []contract.Client{d.one, d.two} {
		skill, err := d.deps.People.CreateSkill(ctx, all, people.Skill{Slug: fmt.Sprint("skill-", i), Name: "Skill"})
		require.NoError(d.t, err)
		lob, err := d.deps.Contracts.CreateLOB(ctx, all, contract.LOB{ClientID: c.ID, Slug: "main", Name: "Main"})
		require.NoError(d.t, err)
		hours := calendar.Calendar{Zone: zone}
		for w := range 5 {
			hours.Hours = append(hours.Hours, calendar.Hours{Weekday: (monday + calendar.Date(w)).Weekday(), Open: 9 * 60, Close: 17 * 60})
		}
		cal, err := d.deps.Contracts.CreateCalendar(ctx, all, c.ID, "Hours", hours)
		require.NoError(d.t, err)
		q, err := d.deps.Contracts.CreateQueue(ctx, all, contract.Queue{ClientID: c.ID, LOBID: lob.ID, Slug: "voice", Name: "Voice", Channel: contract.Voice, SkillID: skill.ID, CalendarID: cal})
		require.NoError(d.t, err)
		_, err = d.deps.Contracts.SetTerms(ctx, all, contract.Terms{QueueID: q.ID, ValidFrom: 1, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Concurrency: 1})
		require.NoError(d.t, err)
		var rows []facts.QueueFact
		for at := origin - 28*calendar.Day; at < origin; at += calendar.Quarter {
			if t := at.Time(); t.Hour() >= 9 && t.Hour() < 17 && t.Weekday() > 0 && t.Weekday() < 6 {
				rows = append(rows, facts.QueueFact{QueueID: q.ID, ClientID: c.ID, StartAt: at, Offered: 3, Queued: 3, Answered: 3, HandleMS: 540_000})
			}
		}
		require.NoError(d.t, d.db.Write(ctx, all, func(tx *database.Tx) error {
			_, err := database.Insert(tx, rows)
			return err
		}))
		for k := range 2 {
			number := fmt.Sprintf("%s-%d", c.Slug, k)
			hires = append(hires, people.Hire{Agent: people.Agent{Number: number, Label: number}, From: 1, Clients: []ids.Client{c.ID}, Membership: people.Membership{SiteID: site.ID, TeamID: team.ID, Tier: people.Junior},
				Skills: []people.AgentSkill{{SkillID: skill.ID, Proficiency: 90}}, Employment: &people.Employment{WeeklyMinutes: 2400, HourlyCost: decimal.NewFromInt(20), Currency: "EUR", ValidFrom: 1}})
		}
	}
	agents, err = d.deps.People.HireAll(ctx, all, hires)
	require.NoError(d.t, err)
	for i, c := range []contract.Client{d.one, d.two} {
		f, err := d.deps.Scheduling.CreateForecast(ctx, all, scheduling.NewForecast{Client: c.ID, Origin: origin, Days: 7}, nil)
		require.NoError(d.t, err)
		forecasts[i], err = d.deps.Scheduling.PublishForecast(ctx, all, f.ID)
		require.NoError(d.t, err)
		plan, err := d.deps.Scheduling.CreatePlan(ctx, all, scheduling.NewPlan{Forecast: f.ID}, nil)
		require.NoError(d.t, err)
		plans = append(plans, plan.ID)
	}
	r, err = d.deps.Scheduling.CreateRoster(ctx, all, scheduling.NewRoster{Name: "March", Plans: plans, From: monday, Days: 7, Moves: 1000}, nil)
	require.NoError(d.t, err)
	r, err = d.deps.Scheduling.PublishRoster(ctx, all, r.ID)
	require.NoError(d.t, err)
	return forecasts, r, agents
}

func TestPlanningBehindTheDoor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		forecasts, r, agents := d.planned()
		planner := d.as("planner", access.Planner, access.ProviderDomain)
		client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
		one, two := "/api/v1/forecasts/"+forecasts[0].ID.String(), "/api/v1/forecasts/"+forecasts[1].ID.String()

		mine := client.send("GET", "/api/v1/forecasts", nil)
		require.Equal(t, 200, mine.status, mine.body)
		require.Contains(t, mine.body, forecasts[0].ID.String())
		require.NotContains(t, mine.body, forecasts[1].ID.String())
		require.NotContains(t, mine.body, d.two.ID.String())
		require.Equal(t, 200, client.send("GET", one+"/series", nil).status)
		refused(t, client.send("GET", two, nil), 404, "forecast.not_found")
		refused(t, client.send("GET", two+"/series", nil), 404, "forecast.not_found")
		refused(t, client.send("GET", "/api/v1/forecasts?client="+d.two.ID.String(), nil), 404, "client.not_found")
		refused(t, client.send("POST", one+"/publish", nil), 403, "access.forbidden")
		refused(t, client.send("GET", "/api/v1/rosters", nil), 403, "access.forbidden")
		refused(t, client.send("GET", "/api/v1/rosters/"+r.ID.String()+"/coverage", nil), 403, "access.forbidden")
		refused(t, client.send("GET", "/api/v1/me/shifts", nil), 404, "desk.no_agent")

		series := planner.send("GET", one+"/series", nil)
		require.Equal(t, 200, series.status, series.body)
		require.InDelta(t, 900, series.field("interval_seconds"), 0)
		require.Len(t, series.field("points"), 7*96)
		refused(t, planner.send("POST", one+"/publish", nil), 409, "forecast.wrong_status")
		adjusted := planner.send("POST", one+"/adjustments", map[string]any{"name": "promotion", "kind": "day_total", "day": "2026-03-03", "value": 300})
		require.Equal(t, 201, adjusted.status, adjusted.body)
		draft := adjusted.field("id").(string)
		require.NotEqual(t, forecasts[0].ID.String(), draft)
		refused(t, client.send("GET", "/api/v1/forecasts/"+draft, nil), 404, "forecast.not_found")
		job := planner.send("POST", "/api/v1/forecasts", map[string]any{"client_id": d.one.ID.String(), "days": 7}, "Idempotency-Key", "f1")
		require.Equal(t, 202, job.status, job.body)
		require.Equal(t, "forecast.create", job.field("kind"))
		again := planner.send("POST", "/api/v1/forecasts", map[string]any{"client_id": d.one.ID.String(), "days": 7}, "Idempotency-Key", "f1")
		require.Equal(t, job.field("id"), again.field("id"), "the same key makes one job")

		base := "/api/v1/rosters/" + r.ID.String()
		board := planner.send("GET", base, nil)
		require.Equal(t, 200, board.status, board.body)
		require.Len(t, board.field("agents"), 4)
		shifts := planner.send("GET", base+"/shifts?from=2026-03-02&to=2026-03-04", nil)
		require.Equal(t, 200, shifts.status, shifts.body)
		require.NotEmpty(t, shifts.field("items"))
		refused(t, planner.send("GET", base+"/shifts?from=soon", nil), 422, "http.malformed")
		cells := map[string]any{"kind": "clear", "cells": []map[string]any{{"agent_id": agents[0].ID.String(), "day": "2026-03-03"}}}
		refused(t, planner.send("POST", base+"/operations", cells), 422, "http.if_match_missing")
		refused(t, planner.send("POST", base+"/operations", cells, "If-Match", `"v1"`), 409, "roster.not_draft")
		revising := planner.send("POST", base+"/revisions", nil)
		require.Equal(t, 202, revising.status, revising.body)
		require.Equal(t, "roster.revise", revising.field("kind"))
		revised, err := d.deps.Scheduling.ReviseRoster(t.Context(), scope.Provider(), r.ID, ids.User{})
		require.NoError(t, err)
		draft = "/api/v1/rosters/" + revised.ID.String()
		view := planner.send("GET", draft+"/board", nil)
		require.Equal(t, 200, view.status, view.body)
		require.Equal(t, `"v1"`, view.header.Get("ETag"))
		refused(t, planner.send("POST", draft+"/operations", cells, "If-Match", `"v7"`), 412, "roster.changed")
		check := planner.send("POST", draft+"/operations/check", cells)
		require.Equal(t, 200, check.status, check.body)
		require.Equal(t, false, check.field("stored"))
		done := planner.send("POST", draft+"/operations", cells, "If-Match", `"v1"`)
		require.Equal(t, 200, done.status, done.body)
		require.Equal(t, true, done.field("stored"))
		require.Equal(t, `"v2"`, done.header.Get("ETag"))
		undone := planner.send("POST", draft+"/undo", nil, "If-Match", `"v2"`)
		require.Equal(t, 200, undone.status, undone.body)
		refused(t, planner.send("POST", draft+"/undo", nil, "If-Match", `"v3"`), 409, "roster.nothing_to_undo")
		publication := planner.send("GET", draft+"/publication", nil)
		require.Equal(t, 200, publication.status, publication.body)
		require.Empty(t, publication.field("told"), "a copy changes nobody's shifts")
		preview := planner.send("POST", draft+"/import/preview", map[string]any{"text": "\t2026-03-03\n" + agents[0].Number + "\toff\n"})
		require.Equal(t, 200, preview.status, preview.body)
		require.InDelta(t, 1, preview.field("agents"), 0)
		sheet := planner.send("GET", draft+"/workbook", nil)
		require.Equal(t, 200, sheet.status)
		require.True(t, strings.HasPrefix(sheet.body, "PK"))
		refused(t, planner.send("POST", base+"/unlock", nil), 403, "access.forbidden")
		refused(t, planner.send("POST", base+"/lock", nil), 403, "access.forbidden")
		csv := planner.send("GET", base+"/exchange", nil)
		require.Equal(t, 200, csv.status, csv.body)
		require.True(t, strings.HasPrefix(csv.body, "source,skillcombination,"), csv.body)
	})
}

func TestAnAgentReadsTheirOwnShifts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		_, _, agents := d.planned()
		u, err := d.deps.Access.CreateUser(t.Context(), access.NewUser{Login: "agent", Password: password, Locale: "en", AgentID: agents[0].ID})
		require.NoError(t, err)
		require.NoError(t, d.deps.Access.Grant(t.Context(), u.ID, access.AgentRole, access.SelfDomain, nil))
		agent := d.signIn("agent")
		own := agent.send("GET", "/api/v1/me/shifts", nil)
		require.Equal(t, 200, own.status, own.body)
		require.NotEmpty(t, own.field("shifts"))
		require.Equal(t, "UTC", own.field("zone"))
		require.NotContains(t, own.body, d.two.Name, "the other client is not theirs")
		refused(t, agent.send("GET", "/api/v1/rosters", nil), 403, "access.forbidden")
		url := agent.send("GET", "/api/v1/me/calendar-url", nil)
		require.Equal(t, 200, url.status, url.body)
		path := url.field("url").(string)
		path = path[strings.Index(path, "/calendar/"):]
		nobody := &caller{door: d}
		feed := nobody.send("GET", path, nil)
		require.Equal(t, 200, feed.status, feed.body)
		require.Contains(t, feed.header.Get("Content-Type"), "text/calendar")
		require.Contains(t, feed.body, "BEGIN:VEVENT")
		refused(t, nobody.send("GET", strings.Replace(path, ".ics", "x.ics", 1), nil), 404, "http.not_found")
		refused(t, nobody.send("GET", "/calendar/nothing.ics", nil), 404, "http.not_found")
		renewed := agent.send("POST", "/api/v1/me/calendar-url", nil)
		require.Equal(t, 200, renewed.status, renewed.body)
		refused(t, nobody.send("GET", path, nil), 404, "http.not_found")
		path = renewed.field("url").(string)
		path = path[strings.Index(path, "/calendar/"):]
		require.Equal(t, 200, nobody.send("GET", path, nil).status)
		refused(t, agent.send("DELETE", "/api/v1/agents/"+agents[0].ID.String()+"/calendar-link", nil), 403, "access.forbidden")
		require.Equal(t, 200, agent.send("DELETE", "/api/v1/me/calendar-url", nil).status)
		refused(t, nobody.send("GET", path, nil), 404, "http.not_found")
	})
}
