package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"muster/billing"
	"muster/billing/rating"
	"muster/config"
	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/money"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// TestTwelveUglyFilesGoFromAnEmptyDirectoryToAnInvoice imports four weeks of twelve
// exports by the command line, none with a mapping, and goes on to a published
// forecast, staffing, a roster and a draft invoice.
func TestTwelveUglyFilesGoFromAnEmptyDirectoryToAnInvoice(t *testing.T) {
	data := t.TempDir()
	set := "data_dir=" + data
	s, err := config.Load(config.Input{Flags: map[string]string{"data_dir": data}})
	require.NoError(t, err)
	open := func() *house {
		h, err := openHouse(t.Context(), s, slog.New(slog.DiscardHandler), nil)
		require.NoError(t, err)
		return h
	}
	h := open()
	client := onboard(t, h)
	h.close()

	files := uglyExports(t)
	require.Len(t, files, 12)
	for _, f := range files {
		path := filepath.Join(data, f.name)
		require.NoError(t, os.WriteFile(path, f.data, 0o600))
		out, err := run(t, append([]string{"import", f.args[0], path, "--client", "bank", "--set", set}, f.args[1:]...)...)
		require.NoError(t, err, f.name)
		require.Contains(t, out, f.says, f.name)
	}

	h = open()
	defer h.close()
	ctx, all := t.Context(), scope.Provider()
	known, err := h.facts.Queues(ctx, all, facts.Query{Client: client.ID})
	require.NoError(t, err)
	sum := facts.Sum(known)
	t.Logf("facts: %+v", sum)
	require.InDelta(t, 24*9*(12+8+10), sum.Offered, 400, "four weeks of six days of nine hours")

	zone, err := calendar.Zone("Asia/Shanghai")
	require.NoError(t, err)
	monday := calendar.NewDate(2026, time.March, 2)
	forecast, err := h.planning.CreateForecast(ctx, all, scheduling.NewForecast{Client: client.ID, Origin: monday.At(0, zone), From: monday, Days: 7}, nil)
	require.NoError(t, err)
	_, err = h.planning.PublishForecast(ctx, all, forecast.ID)
	require.NoError(t, err)
	plan, err := h.planning.CreatePlan(ctx, all, scheduling.NewPlan{Forecast: forecast.ID}, nil)
	require.NoError(t, err)
	roster, err := h.planning.CreateRoster(ctx, all, scheduling.NewRoster{Name: "March", Plans: []ids.Staffing{plan.ID}, From: monday, Days: 7, Moves: 2000}, nil)
	require.NoError(t, err)
	require.Positive(t, roster.Summary.Shifts)

	invoice, err := h.billing.DraftInvoice(ctx, all, billing.DraftInput{Client: client.ID, On: calendar.NewDate(2026, time.February, 2)})
	require.NoError(t, err)
	// 12 agents, 24 days, 180 + 285 billable minutes, 100 an hour, 6 % tax.
	require.EqualValues(t, 12*24*(180+285)*100*100/60, invoice.NetMinor)
	require.Equal(t, invoice.NetMinor*106/100, invoice.TotalMinor)
}

// onboard makes what an administrator sets up before the first import.
func onboard(t *testing.T, h *house) contract.Client {
	t.Helper()
	ctx, all := context.Background(), scope.Provider()
	zone, err := calendar.Zone("Asia/Shanghai")
	require.NoError(t, err)
	require.NoError(t, h.contracts.SetUpProvider(ctx, contract.ProviderRow{Name: "Provider", Zone: "Asia/Shanghai", Locale: "zh-CN", Currency: "CNY"}))
	entity, err := h.contracts.CreateLegalEntity(ctx, all, contract.LegalEntity{Name: "Provider Ltd", Country: "CN", InvoiceSeries: "MU"})
	require.NoError(t, err)
	client, err := h.contracts.CreateClient(ctx, all, contract.Client{Slug: "bank", Name: "Bank", Zone: "Asia/Shanghai", Currency: "CNY"})
	require.NoError(t, err)
	lob, err := h.contracts.CreateLOB(ctx, all, contract.LOB{ClientID: client.ID, Slug: "retail", Name: "Retail"})
	require.NoError(t, err)
	hours := calendar.Calendar{Zone: zone}
	for d := time.Monday; d <= time.Saturday; d++ {
		hours.Hours = append(hours.Hours, calendar.Hours{Weekday: d, Open: 9 * 60, Close: 18 * 60})
	}
	opening, err := h.contracts.CreateCalendar(ctx, all, client.ID, "Hours", hours)
	require.NoError(t, err)
	for _, q := range []struct {
		slug, name string
		channel    contract.Channel
	}{{"hotline", "热线", contract.Voice}, {"complaints", "投诉", contract.Voice}, {"online", "在线", contract.Chat}} {
		skill, err := h.people.CreateSkill(ctx, all, people.Skill{Slug: q.slug, Name: q.name})
		require.NoError(t, err)
		queue, err := h.contracts.CreateQueue(ctx, all, contract.Queue{ClientID: client.ID, LOBID: lob.ID, Slug: q.slug, Name: q.name, Channel: q.channel, SkillID: skill.ID, CalendarID: opening})
		require.NoError(t, err)
		patience, cap := int64(180_000), 0.9
		_, err = h.contracts.SetTerms(ctx, all, contract.Terms{QueueID: queue.ID, ValidFrom: 1, ThresholdMS: 20_000, ServiceLevelGoal: 0.8, Shrinkage: 0.2, Concurrency: 1, PatienceMS: &patience, OccupancyCap: &cap})
		require.NoError(t, err)
	}
	from := calendar.NewDate(2026, time.January, 1)
	_, err = h.contracts.PutContract(ctx, all, contract.Contract{ClientID: client.ID, LegalEntityID: entity.ID, ValidFrom: from, Currency: "CNY", Zone: "Asia/Shanghai",
		Document: contract.Agreement{PeriodStartDay: 1, TaxRate: "0.06", TaxName: "VAT", PaymentDays: 30, AtRiskShare: "0.1"}})
	require.NoError(t, err)
	_, err = h.billing.PutRateCard(ctx, all, billing.RateCard{ClientID: client.ID, Name: "Standard", Currency: "CNY", ValidFrom: from, Document: billing.Terms{Rounding: money.HalfUp,
		Rules: []rating.Rule{{Key: "hours", Name: "Productive hours", Form: rating.PerUnit, Meter: rating.BillableHours(), Price: decimal.NewFromInt(100), Tax: billing.ContractTax}}}}, ids.User{})
	require.NoError(t, err)
	return client
}
