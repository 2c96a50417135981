package server_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/access"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// ownFile is a client's forecast of a March week, the contacts of an hour given.
func ownFile(hourly float64) string {
	var out strings.Builder
	out.WriteString("queue,start,volume\n")
	for d := calendar.NewDate(2026, 3, 2); d < calendar.NewDate(2026, 3, 7); d++ {
		for minute := 9 * 60; minute < 17*60; minute += 15 {
			fmt.Fprintf(&out, "voice,%sT%02d:%02d:00Z,%v\n", d, minute/60, minute%60, hourly/4)
		}
	}
	return base64.StdEncoding.EncodeToString([]byte(out.String()))
}

func TestAClientHandsInItsForecastAndSeesItsCommitments(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		forecasts, _, _ := d.planned()
		planner := d.as("planner", access.Planner, access.ProviderDomain)
		manager := d.as("manager", access.Manager, access.ProviderDomain)
		client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
		rival := d.as("rival", access.ClientRole, access.ClientDomain(d.two.ID))
		leader := d.as("leader", access.TeamLeader, access.ProviderDomain)
		ours := "/api/v1/forecasts/" + forecasts[0].ID.String()

		body := map[string]any{"client_id": d.one.ID.String(), "file_name": "march.csv", "file": ownFile(12)}
		refused(t, leader.send("POST", "/api/v1/forecasts/import", body), 403, "access.forbidden")
		refused(t, rival.send("POST", "/api/v1/forecasts/import", body), 404, "client.not_found")
		handed := client.send("POST", "/api/v1/forecasts/import", body)
		require.Equal(t, 201, handed.status, handed.body)
		require.Equal(t, "received", handed.field("status"))
		require.Contains(t, handed.body, "march.csv")
		require.NotEmpty(t, handed.field("created_by"))
		own := "/api/v1/forecasts/" + handed.field("id").(string)
		require.Equal(t, 200, client.send("GET", own, nil).status)
		refused(t, rival.send("GET", own, nil), 404, "forecast.not_found")
		refused(t, rival.send("GET", own+"/comparison", nil), 404, "forecast.not_found")
		// The file comes back byte by byte, to its client and to the provider, to nobody else.
		sent, err := base64.StdEncoding.DecodeString(ownFile(12))
		require.NoError(t, err)
		for _, reader := range []*caller{client, planner} {
			file := reader.send("GET", own+"/file", nil)
			require.Equal(t, 200, file.status, file.body)
			require.Equal(t, string(sent), file.body)
		}
		refused(t, rival.send("GET", own+"/file", nil), 404, "forecast.not_found")
		refused(t, planner.send("GET", ours+"/file", nil), 404, "forecast.no_file")
		// Wrong lines are told before anything is stored.
		wrong := map[string]any{"client_id": d.one.ID.String(), "csv": "queue,start,volume\nvoice,2026-03-09 09:00,4\nfax,2026-03-09 09:00,4\nvoice,2026-03-09 09:05,4\nvoice,2026-03-09 09:15,many\n"}
		refused(t, rival.send("POST", "/api/v1/forecasts/import/preview", wrong), 404, "client.not_found")
		refused(t, leader.send("POST", "/api/v1/forecasts/import/preview", wrong), 403, "access.forbidden")
		told := client.send("POST", "/api/v1/forecasts/import/preview", wrong)
		require.Equal(t, 200, told.status, told.body)
		require.Len(t, told.field("issues"), 3)
		require.EqualValues(t, 1, told.field("rows"))
		again := client.send("POST", "/api/v1/forecasts/import/preview", body)
		require.Empty(t, again.field("issues"))
		require.Equal(t, handed.field("version"), again.field("same_as"))
		versus := client.send("GET", ours+"/comparison", nil)
		require.Equal(t, 200, versus.status, versus.body)
		require.NotEmpty(t, versus.field("weeks"))
		require.NotContains(t, rival.send("GET", "/api/v1/forecasts", nil).body, handed.field("id").(string))

		terms := map[string]any{"valid_from": "2025-01-01", "terms": map[string]any{"fiscal_start_day": 1, "stages": []any{
			map[string]any{"key": "12m", "months": 12, "days": 0, "allows": "band", "below": 0.1, "above": 0.1, "grain": "month", "per_queue": false}}}}
		at := "/api/v1/clients/" + d.one.ID.String()
		refused(t, planner.send("POST", at+"/commitment-terms", terms), 403, "access.forbidden")
		refused(t, planner.send("POST", at+"/commitment-terms/preview", terms), 403, "access.forbidden")
		preview := manager.send("POST", at+"/commitment-terms/preview", terms)
		require.Equal(t, 200, preview.status, preview.body)
		require.Len(t, preview.field("months"), 14)
		refused(t, manager.send("POST", at+"/commitment-terms", terms), 422, "http.if_match_missing")
		require.Equal(t, 201, manager.send("POST", at+"/commitment-terms", terms, "If-Match", `"v0"`).status)
		terms["valid_from"] = "2025-02-01"
		refused(t, manager.send("POST", at+"/commitment-terms", terms, "If-Match", `"v0"`), 412, "http.stale")
		refused(t, client.send("POST", ours+"/commit", nil), 403, "access.forbidden")
		done := planner.send("POST", ours+"/commit", nil)
		require.Equal(t, 200, done.status, done.body)
		require.NotEmpty(t, done.field("committed_by"))
		for _, path := range []string{"/api/v1/commitments", at + "/commitment-terms", at + "/commitment-report?from=2026-01-01", ours + "/locks"} {
			mine := client.send("GET", path, nil)
			require.Equal(t, 200, mine.status, mine.body)
			if strings.HasPrefix(path, at) {
				refused(t, rival.send("GET", path, nil), 404, "client.not_found")
			} else {
				require.NotContains(t, rival.send("GET", path, nil).body, forecasts[0].ID.String()+`"`)
			}
		}
		require.Contains(t, client.send("GET", "/api/v1/commitments", nil).body, forecasts[0].ID.String())
	})
}

func TestPlanningIsNotTheClientsToSee(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		forecasts, _, _ := d.planned()
		planner := d.as("planner", access.Planner, access.ProviderDomain)
		leader := d.as("leader", access.TeamLeader, access.ProviderDomain)
		client := d.as("client", access.ClientRole, access.ClientDomain(d.one.ID))
		body := map[string]any{"forecast_id": forecasts[0].ID.String(), "name": "promotion", "adjustments": []any{
			map[string]any{"name": "×3", "kind": "multiply", "from": "2026-03-03T00:00:00Z", "to": "2026-03-04T00:00:00Z", "value": 3}}}
		refused(t, client.send("POST", "/api/v1/scenarios", body), 403, "access.forbidden")
		made := planner.send("POST", "/api/v1/scenarios", body, "Idempotency-Key", "s1")
		require.Equal(t, 201, made.status, made.body)
		at := "/api/v1/scenarios/" + made.field("id").(string)
		priced := planner.send("GET", at+"/outcome", nil)
		require.Equal(t, 200, priced.status, priced.body)
		require.Contains(t, priced.body, `"currency":"EUR"`)
		unpriced := leader.send("GET", at+"/outcome", nil)
		require.Equal(t, 200, unpriced.status, unpriced.body)
		require.NotContains(t, unpriced.body, "EUR")
		body = map[string]any{"name": "promotion ×2", "adjustments": []any{}}
		refused(t, planner.send("PUT", at, body), 422, "http.if_match_missing")
		refused(t, planner.send("PUT", at, body, "If-Match", `"v9"`), 412, "http.stale")
		require.Equal(t, 200, planner.send("PUT", at, body, "If-Match", `"v1"`).status)
		promoted := planner.send("POST", at+"/promote", nil)
		require.Equal(t, 201, promoted.status, promoted.body)
		require.Equal(t, "draft", promoted.field("status"))
		require.Equal(t, 204, planner.send("DELETE", at, nil).status)

		for _, path := range []string{"/api/v1/scenarios", "/api/v1/staffing/tier-costs", "/api/v1/staffing/capacity-plans", "/api/v1/day-proposals", "/api/v1/forecast-reports",
			"/api/v1/clients/" + d.one.ID.String() + "/capacity-question"} {
			refused(t, client.send("GET", path, nil), 403, "access.forbidden")
			require.Equal(t, 200, planner.send("GET", path, nil).status, path)
		}
		draft := "/api/v1/forecasts/" + promoted.field("id").(string)
		book := planner.send("GET", draft+"/workbook", nil)
		require.Equal(t, 200, book.status)
		require.Contains(t, book.header.Get("Content-Disposition"), ".xlsx")
		file := map[string]any{"file_name": "back.xlsx", "file": base64.StdEncoding.EncodeToString([]byte(book.body))}
		preview := planner.send("POST", draft+"/file/preview", file)
		require.Equal(t, 200, preview.status, preview.body)
		require.Zero(t, preview.field("changed"))
		refused(t, planner.send("POST", draft+"/file", file), 409, "forecast.file_same")
		refused(t, planner.send("POST", "/api/v1/forecasts/"+forecasts[1].ID.String()+"/file", file), 409, "forecast.other_version")
	})
}

func TestCalendarsPresetsAndCapacityBehindTheDoor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := open(t, db)
		d.planned()
		planner := d.as("planner", access.Planner, access.ProviderDomain)
		narrow := d.as("narrow", access.Planner, access.ClientDomain(d.one.ID))
		list := narrow.send("GET", "/api/v1/calendars", nil)
		require.Equal(t, 200, list.status, list.body)
		first := list.field("items").([]any)[0].(map[string]any)
		at := "/api/v1/calendars/" + first["id"].(string)
		body := map[string]any{"zone": first["zone"], "hours": first["hours"], "special": []any{map[string]any{"date": "2026-03-04", "kind": "tagged", "tag": "sale", "name": "Sale"}},
			"events": []any{map[string]any{"name": "Mailing", "from": "2026-03-03", "to": "2026-03-05", "size": 1.5}}}
		refused(t, narrow.send("PUT", at, body), 422, "http.if_match_missing")
		set := narrow.send("PUT", at, body, "If-Match", `"v1"`)
		require.Equal(t, 200, set.status, set.body)
		require.Len(t, set.field("events"), 1)
		refused(t, narrow.send("PUT", at, body, "If-Match", `"v1"`), 412, "http.stale")
		days := map[string]any{"format": "csv", "text": "date,name\n2026-03-05,Fair\n", "kind": "tagged"}
		require.Equal(t, 200, narrow.send("POST", at+"/days/preview", days).status)
		require.Equal(t, 200, narrow.send("POST", at+"/days", days).status)

		preset := map[string]any{"id": "house", "name": "House", "source": "board", "from": 2026, "to": 2026, "days": []any{map[string]any{"date": "2026-05-01", "name": "Labour day", "tag": "labour"}}}
		refused(t, narrow.send("PUT", "/api/v1/calendar-presets/house", preset), 403, "access.provider_only")
		require.Equal(t, 200, planner.send("PUT", "/api/v1/calendar-presets/house", preset).status)
		refused(t, planner.send("PUT", "/api/v1/calendar-presets/house", preset), 422, "http.if_match_missing")
		require.Equal(t, 204, planner.send("DELETE", "/api/v1/calendar-presets/house", nil).status)

		question := planner.send("GET", "/api/v1/clients/"+d.one.ID.String()+"/capacity-question?months=2&from=2026-03-01", nil)
		require.Equal(t, 200, question.status, question.body)
		ask := map[string]any{"client_id": d.one.ID.String(), "name": "Spring", "question": question.field("question")}
		made := planner.send("POST", "/api/v1/staffing/capacity-plans", ask)
		require.Equal(t, 201, made.status, made.body)
		require.Equal(t, 200, planner.send("POST", "/api/v1/staffing/capacity", question.field("question")).status)
		tiers := planner.send("POST", "/api/v1/staffing/tiers", map[string]any{"interval_seconds": 1800, "simulations": 20, "intervals": 6, "replications": 1,
			"queues": []any{map[string]any{"name": "a", "contacts": 20, "aht_seconds": 180, "service_level": 0.8, "threshold_seconds": 20}},
			"groups": []any{map[string]any{"name": "all", "tier": "junior", "queues": []any{"a"}}}})
		require.Equal(t, 200, tiers.status, tiers.body)
		job := planner.send("POST", "/api/v1/clients/"+d.one.ID.String()+"/retrain", nil)
		require.Equal(t, 202, job.status, job.body)
		job = planner.send("POST", "/api/v1/clients/"+d.one.ID.String()+"/day-proposals", nil)
		require.Equal(t, 202, job.status, job.body)
		csv := planner.send("GET", "/api/v1/forecast-accuracy/export", nil)
		require.Equal(t, 200, csv.status, csv.body)
		require.True(t, strings.HasPrefix(csv.body, "kind,client,"), csv.body)
	})
}
