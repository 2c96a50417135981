package scheduling_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/routing/facts"
	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// clientFile is a flat forecast of the first client's queue, ten contacts an hour
// from 09:00 to 18:00, Monday to Saturday.
func clientFile(from calendar.Date, days int, hourly float64) []byte {
	var out bytes.Buffer
	out.WriteString("queue,start,volume,aht_seconds\n")
	for d := from; d < from+calendar.Date(days); d++ {
		if d.Weekday() == 0 {
			continue
		}
		for minute := 9 * 60; minute < 18*60; minute += 15 {
			fmt.Fprintf(&out, "voice,%s %02d:%02d,%v,240\n", d, minute/60, minute%60, hourly/4)
		}
	}
	return out.Bytes()
}

func (p *provider) published(days int) scheduling.Forecast {
	p.t.Helper()
	f, err := p.plan.CreateForecast(p.t.Context(), all, scheduling.NewForecast{Client: p.clients[0].ID, Origin: p.origin, Days: days}, nil)
	require.NoError(p.t, err)
	actor := ids.New[ids.User](p.db.IDs())
	f, err = p.plan.PublishForecastBy(p.t.Context(), all, f.ID, scheduling.CommitRequest{Actor: actor})
	require.NoError(p.t, err)
	require.Equal(p.t, actor, f.PublishedBy)
	return f
}

func TestCommitmentsAreLocked(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		// Fiscal months begin on the 22nd. For that of 22 February both deadlines are
		// over; for that of 22 March, 21 days from the clock's first of March, one is.
		terms := scheduling.CommitmentDocument{FiscalStartDay: 22, Stages: []scheduling.LockStage{
			{Key: "30d", Days: 30, Allows: scheduling.LockBand, Below: 0.1, Above: 0.1, Grain: scheduling.GrainWeek, PerQueue: true},
			{Key: "10d", Days: 10, Allows: scheduling.LockLocked, Below: 0.05, Above: 0.05, Grain: scheduling.GrainDay},
		}}
		_, err := p.plan.PutCommitmentTerms(ctx, all, client, p.monday-400, terms, ids.User{})
		require.NoError(p.t, err)
		_, err = p.plan.PutCommitmentTerms(ctx, all, client, p.monday-400, terms, ids.User{})
		code(p.t, err, "commitment.not_latest")
		f := p.published(28)
		actor := ids.New[ids.User](p.db.IDs())
		check, err := p.plan.ForecastLocks(ctx, all, f.ID)
		require.NoError(p.t, err)
		require.False(p.t, check.Blocked)
		require.Len(p.t, check.Months, 2)
		require.Equal(p.t, calendar.NewDate(2026, 2, 22), check.Months[0].Month)
		require.Equal(p.t, "late", check.Months[0].Stage)
		require.Equal(p.t, "10d", check.Months[1].Stage, "the deadline of 30 days is over")
		require.True(p.t, check.Months[1].Locks[0].Passed)
		require.False(p.t, check.Months[1].Locks[1].Passed)

		f, err = p.plan.CommitForecast(ctx, all, f.ID, scheduling.CommitRequest{Actor: actor})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Committed, f.Status)
		require.Equal(p.t, actor, f.CommittedBy)
		made, err := p.plan.Commitments(ctx, scope.Clients(client), ids.Client{})
		require.NoError(p.t, err)
		require.Len(p.t, made, 2)
		for _, c := range made {
			require.Equal(p.t, actor, c.CreatedBy)
			require.NotZero(p.t, c.CreatedAt)
		}
		others, err := p.plan.Commitments(ctx, scope.Clients(p.clients[1].ID), ids.Client{})
		require.NoError(p.t, err)
		require.Empty(p.t, others)

		// The lock of the 10 days protects what was committed for it, once it has passed:
		// the clock stands before it, so a departure is still free.
		g, err := p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "more", Kind: scheduling.Multiply, From: f.StartAt, To: f.EndAt, Value: 1.5})
		require.NoError(p.t, err)
		check, err = p.plan.ForecastLocks(ctx, all, g.ID)
		require.NoError(p.t, err)
		require.False(p.t, check.Blocked, "%+v", check.Breaches)

		report, err := p.plan.CommitmentReport(ctx, all, client, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, report, 2)
		require.Equal(p.t, "late", report[0].Stage)
		require.Equal(p.t, "open", report[0].Status, "no fact is later than the commitment")
		require.InDelta(p.t, report[0].Committed, *report[0].Forecast, 1e-6)
	})
}

func TestOnlyUnlockingDepartsFromALock(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		// The clock stands on the first of March, 61 days before the first of May.
		terms := scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: []scheduling.LockStage{
			{Key: "60d", Days: 61, Allows: scheduling.LockBand, Below: 0.1, Above: 0.1, Grain: scheduling.GrainMonth},
		}}
		_, err := p.plan.PutCommitmentTerms(ctx, all, client, p.monday-400, terms, ids.User{})
		require.NoError(p.t, err)
		early := calendar.NewDate(2026, 5, 1)
		own, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(early, 31, 10)})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Received, own.Status)
		check, err := p.plan.ForecastLocks(ctx, all, own.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, "60d", check.Months[0].Stage)
		require.False(p.t, check.Months[0].Locks[0].Passed, "the last day to commit is the clock's own")
		own, err = p.plan.CommitForecast(ctx, all, own.ID, scheduling.CommitRequest{})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Committed, own.Status)

		// A day later the band holds. The clock of the tests stands still, so the deadline is moved instead.
		terms.Stages[0].Days = 62
		_, err = p.plan.PutCommitmentTerms(ctx, all, client, p.monday-300, terms, ids.User{})
		require.NoError(p.t, err)
		within, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(early, 31, 10.5)})
		require.NoError(p.t, err)
		check, err = p.plan.ForecastLocks(ctx, all, within.ID)
		require.NoError(p.t, err)
		require.True(p.t, check.Months[0].Locks[0].Passed)
		require.Equal(p.t, own.Version, check.Months[0].Locks[0].Version)
		require.False(p.t, check.Blocked, "five per cent are tolerated")

		beyond, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(early, 31, 12)})
		require.NoError(p.t, err)
		check, err = p.plan.ForecastLocks(ctx, all, beyond.ID)
		require.NoError(p.t, err)
		require.True(p.t, check.Blocked)
		require.InDelta(p.t, 0.2, *check.Breaches[0].Share, 1e-9)
		_, err = p.plan.CommitForecast(ctx, all, beyond.ID, scheduling.CommitRequest{Reason: "because"})
		code(p.t, err, "forecast.locked")
		_, err = p.plan.CommitForecast(ctx, all, beyond.ID, scheduling.CommitRequest{MayUnlock: true})
		code(p.t, err, "forecast.unlock_reason")
		_, err = p.plan.CommitForecast(ctx, all, beyond.ID, scheduling.CommitRequest{MayUnlock: true, Reason: "new contract"})
		require.NoError(p.t, err)
		made, err := p.plan.Commitments(ctx, all, client)
		require.NoError(p.t, err)
		require.Equal(p.t, "new contract", made[0].Reason)
		require.Len(p.t, made[0].Breaches, 1)
		require.Equal(p.t, "late", made[0].Stage)

		for _, bad := range []func(*scheduling.CommitmentDocument){
			func(d *scheduling.CommitmentDocument) { d.FiscalStartDay = 29 },
			func(d *scheduling.CommitmentDocument) { d.Stages[0].Allows = "maybe" },
			func(d *scheduling.CommitmentDocument) { d.Stages[0].Grain = "hour" },
			func(d *scheduling.CommitmentDocument) { d.Stages[0].Above = -1 },
			func(d *scheduling.CommitmentDocument) { d.Stages[0].Key = "late" },
			func(d *scheduling.CommitmentDocument) { d.Stages = append(d.Stages, d.Stages[0]) },
		} {
			doc := scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: []scheduling.LockStage{terms.Stages[0]}}
			bad(&doc)
			code(p.t, doc.Validate(), "commitment.terms")
		}
	})
}

func TestCommittedDaysAreMeasuredAgainstTheirTolerance(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		terms := scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: []scheduling.LockStage{{Key: "12m", Months: 12, Allows: scheduling.LockOpen, Below: 0.5, Above: 0.5, Grain: scheduling.GrainWeek}}}
		_, err := p.plan.PutCommitmentTerms(ctx, all, client, p.monday-400, terms, ids.User{})
		require.NoError(p.t, err)
		// January lies in the facts: about 4 to 6 contacts a quarter of an hour, half on Saturdays.
		january := calendar.NewDate(2026, 1, 1)
		f, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(january, 31, 20)})
		require.NoError(p.t, err)
		_, err = p.plan.CommitForecast(ctx, all, f.ID, scheduling.CommitRequest{})
		require.NoError(p.t, err)
		rows, err := p.plan.CommitmentReport(ctx, scope.Clients(client), client, 0, 0)
		require.NoError(p.t, err)
		require.Len(p.t, rows, 1)
		r := rows[0]
		require.Equal(p.t, "late", r.Stage)
		require.Equal(p.t, 27*9*20.0, r.Committed)
		require.InDelta(p.t, r.Actual/r.Due-1, *r.Share, 1e-9)
		require.Equal(p.t, r.Units, r.Inside+r.Under+r.Over)
		require.Equal(p.t, 5, r.Units)
		require.Equal(p.t, "inside", r.Status)
		require.Nil(p.t, r.Forecast, "ours does not cover January")
	})
}

func TestTheClientsForecastIsComparedWithOurs(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		f := p.published(14)
		_, err := p.plan.CompareForecasts(ctx, all, f.ID, ids.Forecast{}, false)
		code(p.t, err, "forecast.no_counterpart")
		own, err := p.plan.ImportForecast(ctx, scope.Clients(client), scheduling.NewClientForecast{Client: client, FileName: "ours.csv", Text: clientFile(p.monday, 14, 20)})
		require.NoError(p.t, err)
		require.Equal(p.t, "ours.csv", own.Settings.FileName)
		for _, id := range []ids.Forecast{f.ID, own.ID} {
			v, err := p.plan.CompareForecasts(ctx, scope.Clients(client), id, ids.Forecast{}, false)
			require.NoError(p.t, err)
			require.Equal(p.t, id, v.First.ID)
			require.NotEqual(p.t, v.First.Source, v.Second.Source)
			require.Len(p.t, v.Weeks, 4, "two weeks of one queue and of all")
			for _, w := range v.Weeks {
				require.Positive(p.t, *w.WAPE)
				require.InDelta(p.t, w.First/w.Second-1, *w.Bias, 1e-9)
				require.Nil(p.t, w.Actual)
			}
		}
		_, err = p.plan.CompareForecasts(ctx, scope.Clients(p.clients[1].ID), own.ID, ids.Forecast{}, false)
		code(p.t, err, "forecast.not_found")

		past, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(p.monday-7, 7, 20)})
		require.NoError(p.t, err)
		again, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(p.monday-7, 7, 16)})
		require.NoError(p.t, err)
		v, err := p.plan.CompareForecasts(ctx, all, past.ID, again.ID, false)
		require.NoError(p.t, err)
		require.InDelta(p.t, 0.25, *v.Weeks[0].Bias, 1e-9)
		require.Positive(p.t, *v.Weeks[0].Actual)
		require.NotNil(p.t, v.Weeks[0].FirstWAPE)
		require.Greater(p.t, *v.Weeks[0].FirstBias, *v.Weeks[0].SecondBias)
		leads, err := p.plan.AccuracyByLead(ctx, all, scheduling.AccuracyQuery{Source: scheduling.SourceClient}, false)
		require.NoError(p.t, err)
		require.NotEmpty(p.t, leads)
		require.Equal(p.t, 2, leads[0].Versions)
		ours, err := p.plan.ForecastAccuracy(ctx, all, ids.Client{}, 0)
		require.NoError(p.t, err)
		require.Empty(p.t, ours, "the client's are not among ours")
	})
}

func TestClientForecastsComeAsWorkbooks(t *testing.T) {
	p := openProviderSQLite(t)
	ctx, client := t.Context(), p.clients[0].ID
	book := excelize.NewFile()
	require.NoError(t, book.SetSheetRow("Sheet1", "A1", &[]any{"queue", "start", "volume"}))
	require.NoError(t, book.SetSheetRow("Sheet1", "A2", &[]any{"voice", 46083.375, 7}))
	require.NoError(t, book.SetSheetRow("Sheet1", "A3", &[]any{"voice", "2026-03-02 09:15", 8}))
	_, err := book.NewSheet("notes")
	require.NoError(t, err)
	require.NoError(t, book.SetSheetRow("notes", "A1", &[]any{"hello"}))
	require.NoError(t, book.SetSheetRow("notes", "A2", &[]any{"people write here"}))
	f, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: bytesOf(t, book)})
	require.NoError(t, err)
	points, err := p.plan.ForecastPoints(ctx, all, f.ID, ids.Queue{})
	require.NoError(t, err)
	require.Len(t, points, 2)
	require.Equal(t, 7.0, points[0].Volume)
	require.Equal(t, "2026-03-02T01:00:00Z", points[0].StartAt.String())
	require.Equal(t, calendar.Quarter, points[1].StartAt-points[0].StartAt)

	require.NoError(t, book.SetSheetRow("Sheet1", "A4", &[]any{"voice", "soon", 8}))
	_, err = p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: bytesOf(t, book)})
	code(t, err, "forecast.file_line")
	require.ErrorContains(t, err, "Sheet Sheet1, line 4")
}

func bytesOf(t *testing.T, book *excelize.File) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, book.Write(&out))
	return out.Bytes()
}

func TestAClientsFileIsKeptAsLongAsAgreed(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		mine := scope.Clients(client)
		text := []byte("queue,start,volume\nvoice,2026-03-03 09:00,8\nvoice,2026-03-03 09:15,4\n")
		n := scheduling.NewClientForecast{Client: client, FileName: "march.csv", Text: text}
		check, err := p.plan.CheckClientForecast(ctx, mine, n)
		require.NoError(p.t, err)
		require.Equal(p.t, 2, check.Rows)
		require.Equal(p.t, []calendar.Date{p.monday + 1, p.monday + 2}, []calendar.Date{check.From, check.To})
		require.Equal(p.t, 12.0, check.Queues[0].Volume)
		require.Zero(p.t, check.SameAs)
		f, err := p.plan.ImportForecast(ctx, mine, n)
		require.NoError(p.t, err)
		require.Equal(p.t, calendar.NewDate(2029, 3, 1), calendar.DateOf(*f.Settings.FileUntil, time.UTC)+1, "three years where nothing is agreed")
		file, content, err := p.plan.OriginalFile(ctx, mine, f.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, text, content)
		require.Equal(p.t, "text/csv", file.MediaType)
		_, _, err = p.plan.OriginalFile(ctx, scope.Clients(p.clients[1].ID), f.ID)
		code(p.t, err, "forecast.not_found")

		_, err = p.plan.PutCommitmentTerms(ctx, all, client, p.monday-40, scheduling.CommitmentDocument{FiscalStartDay: 1, KeepFilesMonths: 1}, ids.User{})
		require.NoError(p.t, err)
		n.Text = []byte("queue,start,volume\nvoice,2026-03-04 09:00,8\n")
		short, err := p.plan.ImportForecast(ctx, mine, n)
		require.NoError(p.t, err)
		require.Equal(p.t, calendar.NewDate(2026, 4, 1), calendar.DateOf(*short.Settings.FileUntil, time.UTC)+1)
		ours, err := p.plan.CreateForecast(ctx, all, scheduling.NewForecast{Client: client, Origin: p.origin, Days: 7}, nil)
		require.NoError(p.t, err)
		_, _, err = p.plan.OriginalFile(ctx, all, ours.ID)
		code(p.t, err, "forecast.no_file")

		// A file with a wrong line is refused whole and leaves nothing behind.
		n.Text = []byte("queue,start,volume\nvoice,2026-03-05 09:00,8\nfax,2026-03-05 09:00,8\n")
		check, err = p.plan.CheckClientForecast(ctx, mine, n)
		require.NoError(p.t, err)
		require.Equal(p.t, int64(3), check.Issues[0].Line)
		_, err = p.plan.ImportForecast(ctx, mine, n)
		code(p.t, err, "forecast.file_line")
	})
}

func TestAPublishedVersionStaysWithinWhatIsLocked(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		// The clock stands on the first of March, the last day to commit for it without any lead.
		terms := scheduling.CommitmentDocument{FiscalStartDay: 1, Stages: []scheduling.LockStage{
			{Key: "lock", Allows: scheduling.LockLocked, Below: 0.1, Above: 0.1, Grain: scheduling.GrainDay},
		}}
		_, err := p.plan.PutCommitmentTerms(ctx, all, client, p.monday-400, terms, ids.User{})
		require.NoError(p.t, err)
		f := p.published(14)
		_, err = p.plan.CommitForecast(ctx, all, f.ID, scheduling.CommitRequest{})
		require.NoError(p.t, err)
		// What other terms would lock is told before they are in force, and by nothing else.
		terms.Stages[0].Days = 5
		preview, err := p.plan.PreviewCommitmentTerms(ctx, all, client, p.monday-300, terms)
		require.NoError(p.t, err)
		require.Equal(p.t, 2, preview.Version)
		require.Len(p.t, preview.Months, 14)
		march := preview.Months[0]
		require.Equal(p.t, calendar.NewDate(2026, 3, 1), march.Month)
		require.Equal(p.t, scheduling.TermsLock{Allows: scheduling.LockOpen, Next: "lock", Deadline: ptr(calendar.NewDate(2026, 3, 1))}, march.Before)
		require.Equal(p.t, scheduling.TermsLock{Stage: "lock", Allows: scheduling.LockLocked, Version: f.Version}, march.After)
		require.Equal(p.t, calendar.NewDate(2026, 3, 27), *preview.Months[1].After.Deadline)
		require.Equal(p.t, f.Version, preview.Forecast)
		require.Empty(p.t, preview.Breaches, "the version is the one that is committed")
		known, err := p.plan.CommitmentTermsOf(ctx, all, client)
		require.NoError(p.t, err)
		require.Len(p.t, known, 1)
		_, err = p.plan.PreviewCommitmentTerms(ctx, all, client, p.monday-400, terms)
		code(p.t, err, "commitment.not_latest")
		_, err = p.plan.PutCommitmentTerms(ctx, all, client, p.monday-300, terms, ids.User{})
		require.NoError(p.t, err)

		// A twentieth more on one day may be published, though it could not be committed; a quarter more may not.
		more := func(value float64) scheduling.Forecast {
			g, err := p.plan.AdjustForecast(ctx, all, f.ID, scheduling.Adjustment{Name: "more", Kind: scheduling.Multiply, From: f.StartAt + calendar.Day, To: f.StartAt + 2*calendar.Day, Value: value})
			require.NoError(p.t, err)
			return g
		}
		small := more(1.05)
		small, err = p.plan.PublishForecast(ctx, all, small.ID)
		require.NoError(p.t, err)
		_, err = p.plan.CommitForecast(ctx, all, small.ID, scheduling.CommitRequest{})
		code(p.t, err, "forecast.locked")
		large := more(1.25)
		check, err := p.plan.ForecastLocks(ctx, all, large.ID)
		require.NoError(p.t, err)
		require.True(p.t, check.Blocked)
		_, err = p.plan.PublishForecast(ctx, all, large.ID)
		code(p.t, err, "forecast.locked")
		require.ErrorContains(p.t, err, (p.monday + 1).String(), "the day that is moved is named")
		_, err = p.plan.PublishForecastBy(ctx, all, large.ID, scheduling.CommitRequest{MayUnlock: true})
		code(p.t, err, "forecast.unlock_reason")
		large, err = p.plan.PublishForecastBy(ctx, all, large.ID, scheduling.CommitRequest{MayUnlock: true, Reason: "a campaign"})
		require.NoError(p.t, err)
		require.Equal(p.t, scheduling.Published, large.Status)
		_, err = p.plan.PublishForecast(ctx, all, large.ID)
		code(p.t, err, "forecast.wrong_status")
	})
}

func TestOnlyWhatHasEndedIsComparedWithACommitment(t *testing.T) {
	each(t, func(p *provider) {
		ctx, client := p.t.Context(), p.clients[0].ID
		february := calendar.NewDate(2026, 2, 1)
		f, err := p.plan.ImportForecast(ctx, all, scheduling.NewClientForecast{Client: client, Text: clientFile(february, 28, 20)})
		require.NoError(p.t, err)
		_, err = p.plan.CommitForecast(ctx, all, f.ID, scheduling.CommitRequest{})
		require.NoError(p.t, err)
		report := func() scheduling.CommitmentRow {
			rows, err := p.plan.CommitmentReport(ctx, all, client, 0, 0)
			require.NoError(p.t, err)
			require.Len(p.t, rows, 1)
			return rows[0]
		}
		zone, err := calendar.Zone("Asia/Shanghai")
		require.NoError(p.t, err)
		// The last contacts came on Saturday the 28th; after noon of it nothing is heard.
		drop := func(from, to calendar.Instant) {
			require.NoError(p.t, p.db.Write(ctx, all, func(tx *database.Tx) error {
				return tx.Where("client_id = ? AND start_at >= ? AND start_at < ?", client, from, to).Delete(&facts.QueueFact{}).Error
			}))
		}
		saturday := calendar.NewDate(2026, 2, 28)
		drop(saturday.At(12*60, zone), p.origin)
		running := report()
		require.NotNil(p.t, running.Until)
		require.LessOrEqual(p.t, *running.Until, saturday.At(12*60, zone))
		require.Greater(p.t, *running.Until, saturday.At(11*60, zone))
		require.Equal(p.t, "open", running.Status, "the month is not over")
		whole := 23 * 9 * 20.0 // weekdays and Saturdays before the last
		part := float64((*running.Until-saturday.At(9*60, zone))/calendar.Quarter) * 5
		require.InDelta(p.t, whole+part, running.Due, 1e-6)
		// A weekday whose data were lost is no miss.
		friday := saturday - 1
		drop(friday.At(0, zone), saturday.At(0, zone))
		lost := report()
		require.Equal(p.t, 1, lost.Unknown)
		require.InDelta(p.t, running.Due-9*20, lost.Due, 1e-6)
		require.InDelta(p.t, *running.Share, *lost.Share, 0.05)
	})
}
