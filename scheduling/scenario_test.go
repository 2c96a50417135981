package scheduling_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// volumes gives the points of a version by queue.
func (p *provider) volumes(id ids.Forecast) map[ids.Queue][]scheduling.ForecastPoint {
	p.t.Helper()
	points, err := p.plan.ForecastPoints(p.t.Context(), all, id, ids.Queue{})
	require.NoError(p.t, err)
	out := map[ids.Queue][]scheduling.ForecastPoint{}
	for _, v := range points {
		out[v.QueueID] = append(out[v.QueueID], v)
	}
	return out
}

func sum(points []scheduling.ForecastPoint) float64 {
	total := 0.0
	for _, p := range points {
		total += p.Volume
	}
	return total
}

func TestScenariosFlowThroughStaffingToCost(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f := p.published(7)
		promotion := scheduling.Adjustment{Name: "promotion", Kind: scheduling.Multiply, From: f.StartAt + calendar.Day, To: f.StartAt + 3*calendar.Day, Value: 3}
		v, err := p.plan.CreateScenario(ctx, all, scheduling.NewScenario{Forecast: f.ID, Name: "Promotion ×3", Adjustments: []scheduling.Adjustment{promotion}})
		require.NoError(p.t, err)
		out, err := p.plan.EvaluateScenario(ctx, all, v.ID, true)
		require.NoError(p.t, err)
		require.Len(p.t, out.Days, 7)
		for d, day := range out.Days {
			factor := 1.0
			if d == 1 || d == 2 {
				factor = 3
			}
			require.InDelta(p.t, factor*day.Base.Volume, day.Scenario.Volume, 1e-6)
			if factor == 1 {
				require.Equal(p.t, day.Base, day.Scenario)
			} else {
				require.Greater(p.t, day.Scenario.FTE, 1.5*day.Base.FTE)
				require.Greater(p.t, day.Scenario.Cost.Minor, day.Base.Cost.Minor)
			}
		}
		require.Equal(p.t, "CNY", string(out.Currency))
		// Everybody earns 60 an hour, so the cost is that of the hours.
		require.InDelta(p.t, out.Scenario.RosterHours*60, out.Scenario.Cost.Decimal().InexactFloat64(), 0.01)
		require.InDelta(p.t, out.Base.RosterHours*60, out.Base.Cost.Decimal().InexactFloat64(), 0.01)
		require.InDelta(p.t, out.Scenario.RosterHours/40, out.Scenario.FTE, 1e-9)
		share := 0.0
		for _, tier := range out.Queues[0].Tiers {
			share += tier.Share
			require.Equal(p.t, "60", *tier.HourlyCost)
		}
		require.InDelta(p.t, 1, share, 1e-9)
		plan, err := p.plan.CreatePlan(ctx, all, scheduling.NewPlan{Forecast: f.ID}, nil)
		require.NoError(p.t, err)
		require.InDelta(p.t, plan.Settings.Queues[0].SeatHours, out.Base.SeatHours, 1e-9)

		hidden, err := p.plan.EvaluateScenario(ctx, all, v.ID, false)
		require.NoError(p.t, err)
		require.Nil(p.t, hidden.Scenario.Cost)
		require.Nil(p.t, hidden.Days[1].Scenario.Cost)
		require.Nil(p.t, hidden.Queues[0].Tiers[0].HourlyCost)
		require.Empty(p.t, hidden.Currency)

		// The base did not move; a promoted scenario is a draft of its own.
		require.InDelta(p.t, out.Base.Volume, sum(p.volumes(f.ID)[p.queues[0].ID]), 1e-6)
		draft, err := p.plan.PromoteScenario(ctx, all, v.ID, ids.User{})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Draft, draft.Status)
		require.Equal(p.t, v.ID, draft.Settings.Scenario)
		require.InDelta(p.t, out.Scenario.Volume, sum(p.volumes(draft.ID)[p.queues[0].ID]), 1e-6)
		_, err = p.plan.SetUndoneByName(ctx, all, draft.ID, "promotion", true)
		require.NoError(p.t, err)
		require.Equal(p.t, sum(p.volumes(f.ID)[p.queues[0].ID]), sum(p.volumes(draft.ID)[p.queues[0].ID]), "undoing is exact")
		_, err = p.plan.SetUndoneByName(ctx, all, draft.ID, "nothing", true)
		code(p.t, err, "forecast.adjustment_not_found")

		v, err = p.plan.ForecastScenario(ctx, all, v.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, draft.ID, v.PromotedTo)
		v.Adjustments[0].Value = 2
		w, err := p.plan.UpdateScenario(ctx, all, v.ID, v.Edition, scheduling.ScenarioEdit{Name: "Promotion ×2", Adjustments: v.Adjustments})
		require.NoError(p.t, err)
		require.Equal(p.t, v.Edition+1, w.Edition)
		require.Equal(p.t, v.Adjustments[0].ID, w.Adjustments[0].ID)
		_, err = p.plan.UpdateScenario(ctx, all, v.ID, v.Edition, scheduling.ScenarioEdit{Name: "x"})
		code(p.t, err, "scenario.stale")
		_, err = p.plan.ForecastScenario(ctx, scope.Clients(p.clients[1].ID), v.ID)
		code(p.t, err, "scenario.not_found")
		_, err = p.plan.DeleteScenario(ctx, all, v.ID)
		require.NoError(p.t, err)
		list, err := p.plan.Scenarios(ctx, all, ids.Client{}, f.ID)
		require.NoError(p.t, err)
		require.Empty(p.t, list)
	})
}

func TestTiersWithoutPayArePricedBySettings(t *testing.T) {
	p := openProviderSQLite(t)
	ctx := t.Context()
	_, err := p.plan.SetTierCost(ctx, all, scheduling.TierCost{Tier: "expert", HourlyCost: decimal.NewFromInt(90), Currency: "CNY", ValidFrom: 1})
	require.NoError(t, err)
	_, err = p.plan.SetTierCost(ctx, all, scheduling.TierCost{Tier: "expert", HourlyCost: decimal.NewFromInt(95), Currency: "CNY", ValidFrom: 1})
	code(t, err, "staffing.tier_cost_not_latest")
	_, err = p.plan.SetTierCost(ctx, all, scheduling.TierCost{Tier: "guru", HourlyCost: decimal.NewFromInt(90), Currency: "CNY", ValidFrom: 1})
	code(t, err, "people.unknown_tier")
	_, err = p.plan.SetTierCost(ctx, all, scheduling.TierCost{Tier: "junior", HourlyCost: decimal.NewFromInt(-1), Currency: "CNY", ValidFrom: 1})
	code(t, err, "staffing.tier_cost")
	costs, err := p.plan.TierCosts(ctx, all)
	require.NoError(t, err)
	require.Len(t, costs, 1)
	hidden, err := p.plan.TierCosts(ctx, scope.Clients(p.clients[0].ID))
	require.NoError(t, err)
	require.Empty(t, hidden, "costs are the provider's alone")
}

func TestDeflectionAndEscalationAreAdjustments(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[1].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		voice, chat := p.queues[1].ID, p.queues[2].ID
		before := p.volumes(f.ID)
		adjust := func(a scheduling.Adjustment) map[ids.Queue][]scheduling.ForecastPoint {
			a.From, a.To = f.StartAt, f.EndAt
			_, err := p.plan.AdjustForecast(ctx, all, f.ID, a)
			require.NoError(p.t, err)
			return p.volumes(f.ID)
		}
		after := adjust(scheduling.Adjustment{Name: "bot", Kind: scheduling.Deflect, QueueID: chat, Value: 0.4})
		require.InDelta(p.t, 0.6*sum(before[chat]), sum(after[chat]), 1e-6)
		require.Equal(p.t, before[voice], after[voice])
		after = adjust(scheduling.Adjustment{Name: "to a person", Kind: scheduling.Escalate, QueueID: chat, ToQueue: voice, Value: 0.25})
		require.InDelta(p.t, sum(before[voice])+0.25*0.6*sum(before[chat]), sum(after[voice]), 1e-6)
		after = adjust(scheduling.Adjustment{Name: "new tool", Kind: scheduling.Handling, QueueID: voice, Value: 0.9})
		require.InDelta(p.t, 0.9*before[voice][0].AHTMS, after[voice][0].AHTMS, 1e-6)
		for _, name := range []string{"bot", "new tool", "to a person"} {
			_, err := p.plan.SetUndoneByName(ctx, all, f.ID, name, true)
			require.NoError(p.t, err)
		}
		require.Equal(p.t, before, p.volumes(f.ID))

		// Nothing is left of Tuesday; a total put on it takes the shape it had.
		tuesday := p.monday + 1
		for _, value := range []float64{0, 100} {
			_, err := p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "total", Kind: scheduling.DayTotal, QueueID: voice, Day: tuesday, Value: value})
			require.NoError(p.t, err)
		}
		total, shape := 0.0, math.NaN()
		span := tuesday.Span(shanghai(p.t))
		for i, v := range p.volumes(f.ID)[voice] {
			if span.Contains(v.StartAt) {
				total += v.Volume
				ratio := v.Volume / before[voice][i].Volume
				if !math.IsNaN(shape) {
					require.InDelta(p.t, shape, ratio, 1e-9)
				}
				shape = ratio
			}
		}
		require.InDelta(p.t, 100, total, 1e-9)

		half := 0.5
		for _, bad := range []struct {
			code string
			a    scheduling.Adjustment
		}{
			{"forecast.adjustment_value", scheduling.Adjustment{Name: "x", Kind: scheduling.Deflect, From: f.StartAt, To: f.EndAt, Value: 1.1}},
			{"forecast.adjustment_value", scheduling.Adjustment{Name: "x", Kind: scheduling.Handling, From: f.StartAt, To: f.EndAt}},
			{"forecast.adjustment_value", scheduling.Adjustment{Name: "x", Kind: scheduling.Multiply, From: f.StartAt, To: f.EndAt, Value: math.NaN()}},
			{"forecast.adjustment_queue", scheduling.Adjustment{Name: "x", Kind: scheduling.Escalate, QueueID: chat, From: f.StartAt, To: f.EndAt, Value: 0.5}},
			{"forecast.adjustment_queue", scheduling.Adjustment{Name: "x", Kind: scheduling.Multiply, QueueID: p.queues[0].ID, From: f.StartAt, To: f.EndAt, Value: 0.5}},
			{"forecast.adjustment_cells", scheduling.Adjustment{Name: "x", Kind: scheduling.SetCells}},
			{"forecast.adjustment_cell", scheduling.Adjustment{Name: "x", Kind: scheduling.SetCells, Cells: []scheduling.ForecastCell{{QueueID: voice, Start: f.StartAt}}}},
			{"forecast.adjustment_cell", scheduling.Adjustment{Name: "x", Kind: scheduling.SetCells, Cells: []scheduling.ForecastCell{{QueueID: voice, Start: f.EndAt, Volume: &half}}}},
			{"forecast.cell_closed", scheduling.Adjustment{Name: "x", Kind: scheduling.SetCells, Cells: []scheduling.ForecastCell{{QueueID: voice, Start: f.StartAt, Volume: &half}}}},
		} {
			_, err := p.plan.AdjustForecast(ctx, all, f.ID, bad.a)
			code(p.t, err, bad.code)
		}
	})
}

func TestForecastsGoThroughExcelAndBack(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		f, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: p.clients[1].ID, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		book, err := p.plan.ForecastWorkbook(ctx, all, f)
		require.NoError(p.t, err)
		same, err := p.plan.PreviewEdits(ctx, all, f.ID, scheduling.EditFile{Content: book})
		require.NoError(p.t, err)
		require.Zero(p.t, same.Changed, "%+v", same.Changes)
		require.Zero(p.t, same.Missing)
		require.Empty(p.t, same.Issues)
		_, _, err = p.plan.ImportEdits(ctx, all, f.ID, scheduling.EditFile{Content: book})
		code(p.t, err, "forecast.file_same")

		voice := p.queues[1].ID
		before := p.volumes(f.ID)
		file, err := excelize.OpenReader(bytes.NewReader(book))
		require.NoError(p.t, err)
		require.NoError(p.t, file.SetCellValue("voice", "D2", 40))
		require.NoError(p.t, file.SetCellValue("voice", "G3", 300))
		require.NoError(p.t, file.SetCellValue("voice", "H3", "a note beside the table"))
		edited := scheduling.EditFile{FileName: "week 10.xlsx", Content: bytesOf(p.t, file)}
		d, err := p.plan.PreviewEdits(ctx, all, f.ID, edited)
		require.NoError(p.t, err)
		require.Equal(p.t, 2, d.Changed)
		require.Len(p.t, d.Days, 1)
		require.InDelta(p.t, 40-before[voice][0].Volume, d.Days[0].After-d.Days[0].Before, 1e-6)
		require.Equal(p.t, before, p.volumes(f.ID), "a preview changes nothing")
		g, _, err := p.plan.ImportEdits(ctx, all, f.ID, edited)
		require.NoError(p.t, err)
		require.Equal(p.t, "week 10.xlsx", g.Settings.Adjustments[0].Name)
		require.Empty(p.t, g.Settings.Adjustments[0].Cells)
		require.Equal(p.t, 2, g.Settings.Adjustments[0].Count)
		after := p.volumes(f.ID)
		require.Equal(p.t, 40.0, after[voice][0].Volume)
		require.InDelta(p.t, 300_000, after[voice][1].AHTMS, 1e-6)
		require.Equal(p.t, before[voice][2:], after[voice][2:])
		_, err = p.plan.SetUndoneByName(ctx, all, f.ID, "week 10.xlsx", true)
		require.NoError(p.t, err)
		require.Equal(p.t, before, p.volumes(f.ID))

		// CSV goes the same way; a file of another version or without a version is refused.
		text, err := p.plan.ForecastCSV(ctx, all, f)
		require.NoError(p.t, err)
		same, err = p.plan.PreviewEdits(ctx, all, f.ID, scheduling.EditFile{Content: text})
		require.NoError(p.t, err)
		require.Zero(p.t, same.Changed)
		other := p.published(7)
		_, err = p.plan.PreviewEdits(ctx, all, other.ID, scheduling.EditFile{Content: book})
		code(p.t, err, "forecast.other_version")
		require.ErrorContains(p.t, err, "client-1")
		_, err = p.plan.PreviewEdits(ctx, all, other.ID, scheduling.EditFile{Content: text})
		code(p.t, err, "forecast.other_version")
		_, err = p.plan.PreviewEdits(ctx, all, other.ID, scheduling.EditFile{Content: clientFile(p.monday, 1, 10)})
		code(p.t, err, "forecast.file_unmarked")
		require.NoError(p.t, file.SetCellValue("voice", "D4", "many"))
		wrong := scheduling.EditFile{Content: bytesOf(p.t, file)}
		d, err = p.plan.PreviewEdits(ctx, all, f.ID, wrong)
		require.NoError(p.t, err)
		require.Equal(p.t, []scheduling.FileIssue{{Sheet: "voice", Line: 4, Text: `the number "many" is not 0 or more`}}, d.Issues)
		_, _, err = p.plan.ImportEdits(ctx, all, f.ID, wrong)
		code(p.t, err, "forecast.file_line")
	})
}
