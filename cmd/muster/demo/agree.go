package demo

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"time"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/contract"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// agree puts the usual stages in force and commits what is published to the client,
// hands in the client's own forecast beside ours, names a what-if and looks for
// special days in the history.
func (d *Demo) agree(ctx context.Context, c contract.Client, f scheduling.Forecast) error {
	all := scope.Provider()
	doc := scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: scheduling.TypicalStages()}
	if _, err := d.Planning.PutCommitmentTerms(ctx, all, c.ID, d.Monday-400, doc, ids.User{}); err != nil {
		return err
	}
	versions, err := d.Planning.Forecasts(ctx, all, c.ID, false)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if _, err := d.Planning.CommitForecast(ctx, all, v.ID, scheduling.CommitRequest{}); err != nil {
			return err
		}
	}
	zone, err := zoneOf(c.Zone)
	if err != nil {
		return err
	}
	own, err := d.clientFile(ctx, c, f, zone)
	if err != nil {
		return err
	}
	if _, err := d.Planning.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: c.ID, Name: "Client's outlook", FileName: "outlook.csv", Text: own}); err != nil {
		return err
	}
	promotion := scheduling.Adjustment{Name: "Promotion", Kind: scheduling.Multiply, From: (d.Monday + 8).At(0, zone), To: (d.Monday + 11).At(0, zone), Value: 3}
	if d.Size.PlanWeeks < 2 {
		promotion.From, promotion.To = (d.Monday+1).At(0, zone), (d.Monday+4).At(0, zone)
	}
	if _, err := d.Planning.CreateScenario(ctx, all, scheduling.NewScenario{Forecast: f.ID, Name: "Promotion ×3", Adjustments: []scheduling.Adjustment{promotion}}); err != nil {
		return err
	}
	_, err = d.Planning.ProposeDays(ctx, all, c.ID)
	return err
}

// clientFile is what the client expects: ours by the hour in whole contacts and a
// twentieth more, spread evenly over its quarters.
func (d *Demo) clientFile(ctx context.Context, c contract.Client, f scheduling.Forecast, zone *time.Location) ([]byte, error) {
	queues, err := d.Contracts.Queues(ctx, scope.Provider(), c.ID)
	if err != nil {
		return nil, err
	}
	points, err := d.Planning.ForecastPoints(ctx, scope.Provider(), f.ID, ids.Queue{})
	if err != nil {
		return nil, err
	}
	slugs := map[ids.Queue]string{}
	for _, q := range queues {
		slugs[q.ID] = q.Slug
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"queue", "start", "volume"}}
	for i := 0; i < len(points); {
		first, hourly := points[i], 0.0
		hour := first.StartAt.Floor(calendar.Hour)
		j := i
		for ; j < len(points) && points[j].QueueID == first.QueueID && points[j].StartAt < hour+calendar.Hour; j++ {
			hourly += points[j].Volume
		}
		each := float64(int(hourly*1.05+0.5)) / float64(j-i)
		for ; i < j; i++ {
			rows = append(rows, []string{slugs[first.QueueID], points[i].StartAt.In(zone).Format(time.RFC3339), strconv.FormatFloat(each, 'f', 4, 64)})
		}
	}
	err = w.WriteAll(rows)
	return out.Bytes(), err
}
