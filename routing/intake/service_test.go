package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/routing/facts"
	"muster/routing/intake"
	"muster/routing/records"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
	"muster/tenants/tabular"
)

const callMapping = `
kind: contacts
source: acd
zone: Europe/Berlin
fields:
  external_id: {column: id}
  queue: {column: queue}
  arrived_at: {column: at}
  outcome: {column: result, values: {ok: answered, gone: abandoned}}
  wait: {column: wait, unit: s}
  talk: {column: talk, unit: s}
  agent: {column: agent}
  customer: {column: customer}
ignore:
  - {column: result, values: [test], reason: A test call.}
`

const calls = `id,queue,at,result,wait,talk,agent,customer
1,sales,2026-03-02 08:00:10,ok,10,300,A1,c1
2,sales,2026-03-02 08:14:50,ok,30,600,A2,c2
3,Queue service,2026-03-02 09:00:00,gone,45,0,,c1
4,sales,2026-03-02 09:10:00,test,0,0,,
5,nowhere,2026-03-02 09:20:00,ok,1,10,A1,
6,sales,2026-03-02 09:30:00,ok,1,10,A9,
7,sales,yesterday,ok,1,10,A1,
8,sales,2026-03-02 10:00:00,perhaps,1,10,A1,
9,sales,2026-03-02 11:00:00,ok,-1,10,A1,
Total,,,,,,,
`

func TestEveryRowIsAccountedFor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
		r := file(intake.Contacts, []byte(calls), callMapping)
		heard := map[int64]string{}
		r.Issue = func(i tabular.Issue, g intake.Grade) { heard[i.Line] = string(g) + " " + i.Code }
		dry := r
		dry.DryRun = true
		s := w.run(t, dry)
		want := intake.Counts{Read: 10, New: 3, Refused: 5, Ignored: 1, Total: 1}
		require.Equal(t, want, s.Counts)
		require.True(t, s.ID.IsZero())
		require.Empty(t, w.currentContacts(t))

		s = w.run(t, r)
		require.Equal(t, want, s.Counts)
		require.Equal(t, map[int64]string{5: "ignored filtered", 6: "refused unknown_queue", 7: "refused unknown_agent", 8: "refused not_a_date", 9: "refused unknown_choice", 10: "refused negative", 11: "total total_row"}, heard)
		stored, err := w.intake.Issues(t.Context(), scope.Provider(), s.ID, 0, 100)
		require.NoError(t, err)
		require.Len(t, stored, 7)
		for _, i := range stored {
			require.Equal(t, heard[i.Line], string(i.Grade)+" "+i.Code)
		}
		require.Contains(t, stored[1].Sentence, "sales, service")
		require.Contains(t, stored[2].Sentence, "A1, A2")
		row, err := w.intake.Import(t.Context(), scope.Clients(w.client.ID), s.ID)
		require.NoError(t, err)
		require.Equal(t, intake.StatusDone, row.Status)
		require.EqualValues(t, 10, row.RowsRead)
		_, err = w.intake.Import(t.Context(), scope.Clients(ids.New[ids.Client](db.IDs())), s.ID)
		require.Equal(t, fault.NotFound, fault.KindOf(err))

		require.Equal(t, intake.Counts{Read: 10, Unchanged: 3, Refused: 5, Ignored: 1, Total: 1}, w.run(t, r).Counts)
		require.Len(t, w.currentContacts(t), 3)
	})
}

func TestAnImportOfNothingButRefusedRowsSaysSo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"elsewhere"}, []string{"A1", "A2"})
		s := w.run(t, file(intake.Contacts, []byte(calls), callMapping))
		require.Zero(t, s.Counts.New)
		row, err := w.intake.Import(t.Context(), scope.Provider(), s.ID)
		require.NoError(t, err)
		require.Equal(t, intake.StatusRefused, row.Status)
	})
}

func TestAChangedRowIsANewRevisionAndRevertsWhole(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
		r := file(intake.Contacts, []byte(calls), callMapping)
		w.run(t, r)
		w.rollUp(t)
		before, factsBefore := w.currentContacts(t), w.everyFact(t)
		require.NotEmpty(t, factsBefore)

		// Call 1 moves to another queue, day and agent; call 20 is new; call 2 stays.
		changed := strings.ReplaceAll(calls, "1,sales,2026-03-02 08:00:10,ok,10,300,A1,c1", "1,service,2026-03-03 08:00:10,ok,10,900,A2,c1\n20,sales,2026-03-02 08:00:10,ok,5,60,A1,c9")
		second := w.run(t, file(intake.Contacts, []byte(changed), callMapping))
		require.Equal(t, intake.Counts{Read: 11, New: 1, Changed: 1, Unchanged: 2, Refused: 5, Ignored: 1, Total: 1}, second.Counts)
		w.rollUp(t)
		w.sameWhenRebuilt(t)
		for _, c := range w.currentContacts(t) {
			require.Equal(t, 1+b2i(c.ExternalID == "1"), c.Revision, c.ExternalID)
		}
		require.NotEqual(t, factsBefore, w.everyFact(t))

		row, err := w.intake.Revert(t.Context(), scope.Provider(), second.ID, nil)
		require.NoError(t, err)
		require.Equal(t, intake.StatusReverted, row.Status)
		w.rollUp(t)
		require.ElementsMatch(t, before, w.currentContacts(t))
		require.Equal(t, factsBefore, w.everyFact(t))
		w.sameWhenRebuilt(t)
		_, err = w.intake.Revert(t.Context(), scope.Provider(), second.ID, nil)
		require.Equal(t, "import.reverted", fault.CodeOf(err))

		// After the revert the same change can come again.
		again := w.run(t, file(intake.Contacts, []byte(changed), callMapping))
		require.Equal(t, second.Counts, again.Counts)
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *world) rollUp(t testing.TB) {
	t.Helper()
	_, err := w.facts.RollUp(context.Background(), nil)
	require.NoError(t, err)
}

// everyFact gives all facts as text.
func (w *world) everyFact(t testing.TB) []string {
	t.Helper()
	agents, err := w.facts.Agents(context.Background(), scope.Provider(), facts.Query{})
	require.NoError(t, err)
	var out []string
	for _, f := range w.queueFacts(t) {
		out = append(out, fmt.Sprintf("%+v", f))
	}
	for _, f := range agents {
		out = append(out, fmt.Sprintf("%+v", f))
	}
	return out
}

// sameWhenRebuilt wants a rebuild of everything to give the rolled-up facts.
func (w *world) sameWhenRebuilt(t testing.TB) {
	t.Helper()
	rolled := w.everyFact(t)
	span, err := w.facts.Span(context.Background())
	require.NoError(t, err)
	_, err = w.facts.Rebuild(context.Background(), span, nil)
	require.NoError(t, err)
	require.Equal(t, rolled, w.everyFact(t))
}

func TestADamagedFileChangesNothing(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
	long := calls + strings.Repeat("100,sales,2026-03-02 08:00:10,ok,10,300,A1,c1\n", 5000)
	_, err := w.intake.Run(t.Context(), scope.Provider(), file(intake.Contacts, []byte(long+"101,\x00\n"), callMapping))
	require.Equal(t, "import.nul_byte", fault.CodeOf(err))
	require.Empty(t, w.currentContacts(t))
	all, err := w.intake.Imports(t.Context(), scope.Provider(), ids.Client{}, 10)
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestWrongNamesAreNamed(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales"}, nil)
	for name, c := range map[string]struct {
		edit func(*intake.Request)
		code string
		says string
	}{
		"client":        {func(r *intake.Request) { r.Client = "bnak" }, "", "bank"},
		"kind":          {func(r *intake.Request) { r.Kind = "calls" }, "import.unknown_kind", "contacts"},
		"zone":          {func(r *intake.Request) { r.Mapping.Zone = "Mars/Base" }, "import.unknown_zone", "Asia/Shanghai"},
		"field":         {func(r *intake.Request) { r.Mapping.Fields["colour"] = tabular.Binding{Column: "id"} }, "import.invalid_mapping", "external_id"},
		"unit":          {func(r *intake.Request) { r.Mapping.Fields["wait"] = tabular.Binding{Column: "wait", Unit: "fortnight"} }, "import.invalid_mapping", "min"},
		"column":        {func(r *intake.Request) { r.Mapping.Fields["wait"] = tabular.Binding{Column: "Wait s", Unit: "s"} }, "import.header_changed", "wait"},
		"source":        {func(r *intake.Request) { r.Mapping.Source = "" }, "import.source_missing", "source"},
		"missing field": {func(r *intake.Request) { delete(r.Mapping.Fields, "queue") }, "import.invalid_mapping", "queue"},
	} {
		r := file(intake.Contacts, []byte(calls), callMapping)
		c.edit(&r)
		_, err := w.intake.Run(t.Context(), scope.Provider(), r)
		require.Error(t, err, name)
		require.ErrorContains(t, err, c.says, name)
		if c.code != "" {
			require.Equal(t, c.code, fault.CodeOf(err), name)
		}
	}
	_, err := w.intake.Run(t.Context(), scope.Clients(), file(intake.Contacts, []byte(calls), callMapping))
	require.Equal(t, fault.NotFound, fault.KindOf(err), "a foreign client is as good as absent")
}

func TestARenamedColumnStopsTheImport(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
	first := file(intake.Contacts, []byte(calls), callMapping)
	w.run(t, first)
	for name, c := range map[string]struct{ from, to, says string }{
		"a mapped column renamed": {"result", "Call result", `"result" is gone (renamed to "Call result"?)`},
		"an unread one vanished":  {",customer", "", `"customer" is gone`},
	} {
		header, rest, _ := strings.Cut(calls, "\n")
		data := []byte(strings.Replace(header, c.from, c.to, 1) + "\n" + rest)
		for _, again := range []intake.Request{file(intake.Contacts, data, ""), file(intake.Contacts, data, callMapping)} {
			_, err := w.intake.Run(t.Context(), scope.Provider(), again)
			require.Equal(t, "import.header_changed", fault.CodeOf(err), name)
			require.ErrorContains(t, err, c.says, name)
		}
	}
	// An added column does not stop it, and the saved mapping needs no file.
	header, rest, _ := strings.Cut(calls, "\n")
	wider := header + ",extra\n" + strings.ReplaceAll(strings.TrimSuffix(rest, "\n"), "\n", ",x\n") + ",x\n"
	require.EqualValues(t, 3, w.run(t, file(intake.Contacts, []byte(wider), "")).Counts.Unchanged)
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
		var b bytes.Buffer
		b.WriteString("id,queue,at,result,wait,talk,agent,customer\n")
		for i := range 1500 {
			fmt.Fprintf(&b, "%d,sales,2026-03-%02d %02d:%02d:00,ok,10,%d,A%d,c%d\n", i, i%27+1, i%20, i%60, i%400, i%2+1, i%50)
			if i%100 == 7 {
				b.WriteString("bad,sales,never,ok,1,1,A1,\n")
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		r := file(intake.Contacts, b.Bytes(), callMapping)
		r.Progress = func(rows, total int64) {
			if total > 0 && rows > 500 {
				stop()
			}
		}
		_, err := w.intake.Run(ctx, scope.Provider(), r)
		require.True(t, errors.Is(err, context.Canceled), "%v", err)
		part := w.currentContacts(t)
		require.NotEmpty(t, part)
		require.Less(t, len(part), 1500)

		r.Progress = nil
		s := w.run(t, r)
		require.True(t, s.Resumed)
		require.Equal(t, intake.Counts{Read: 1515, New: 1500, Refused: 15}, s.Counts)
		require.Len(t, w.currentContacts(t), 1500)
		stored, err := w.intake.Issues(t.Context(), scope.Provider(), s.ID, 0, 100)
		require.NoError(t, err)
		require.Len(t, stored, 15)
		w.rollUp(t)
		w.sameWhenRebuilt(t)
	})
}

func TestTwoProcessesOnOneImport(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales"}, []string{"A1", "A2"})
	other := file(intake.Contacts, killedFile(), callMapping)
	var second intake.Summary
	first := other
	started := false
	first.Progress = func(rows, total int64) {
		if total > 0 && rows > 500 && !started {
			started = true
			second = w.run(t, other)
		}
	}
	_, err := w.intake.Run(t.Context(), scope.Provider(), first)
	require.Equal(t, "import.stopped", fault.CodeOf(err), "the slower one stops")
	require.True(t, second.Resumed)
	require.Equal(t, intake.Counts{Read: killedRows, New: killedRows}, second.Counts)
	require.Len(t, w.currentContacts(t), killedRows)
}

const stateMapping = `
kind: states
source: acd
zone: Europe/Berlin
fields:
  agent: {column: agent}
  code: {column: state}
  reason: {column: reason}
  started_at: {column: from}
  ended_at: {column: to}
`

const codes = "code,activity,paid,billable\nready,work,yes,yes\ntalk,work,yes,yes\nbreak,break,yes,no\nbreak/lunch,meal,no,no\n"

func TestStatesBecomePaidAndBillableTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
		mapped := file(intake.Codes, []byte(codes), "")
		mapped.Source = "acd"
		require.EqualValues(t, 4, w.run(t, mapped).Counts.New)
		require.EqualValues(t, 4, w.run(t, mapped).Counts.Unchanged)
		table := `agent,state,reason,from,to
A1,ready,,2026-03-02 08:00:00,2026-03-02 08:20:00
A1,break,,2026-03-02 08:20:00,2026-03-02 08:30:00
A1,break,lunch,2026-03-02 08:30:00,2026-03-02 09:00:00
A1,talk,,2026-03-02 08:50:00,2026-03-02 09:10:00
A1,dance,,2026-03-02 09:10:00,2026-03-02 09:20:00
A1,talk,,2026-03-02 09:30:00,2026-03-02 09:20:00
A2,ready,,2026-03-02 23:50:00,2026-03-03 00:20:00
A2,ready,,2026-03-03 00:20:00,2026-03-04 08:20:00
`
		s := w.run(t, file(intake.States, []byte(table), stateMapping))
		require.Equal(t, intake.Counts{Read: 8, New: 4, Refused: 4}, s.Counts)
		require.Equal(t, map[string]int64{"overlap": 1, "unknown_code": 1, "out_of_order": 1, "too_long": 1}, s.Codes)
		require.EqualValues(t, 4, w.run(t, file(intake.States, []byte(table), stateMapping)).Counts.Unchanged)
		w.rollUp(t)
		w.sameWhenRebuilt(t)
		all, err := w.facts.Agents(t.Context(), scope.Clients(w.client.ID), facts.Query{Agents: []ids.Agent{w.agents["A1"]}})
		require.NoError(t, err)
		sums := map[records.Activity][3]int64{}
		for _, f := range all {
			v := sums[f.Activity]
			sums[f.Activity] = [3]int64{v[0] + f.TotalMS, v[1] + f.PaidMS, v[2] + f.BillableMS}
		}
		const minute = 60_000
		require.Equal(t, map[records.Activity][3]int64{records.Work: {20 * minute, 20 * minute, 20 * minute}, records.Break: {10 * minute, 10 * minute, 0}, records.Meal: {30 * minute, 0, 0}}, sums)

		row, err := w.intake.Revert(t.Context(), scope.Provider(), s.ID, nil)
		require.NoError(t, err)
		require.Equal(t, intake.StatusReverted, row.Status)
		w.rollUp(t)
		require.Empty(t, w.everyFact(t))
	})
}

const intervalMapping = `
kind: intervals
source: acd
zone: Europe/Berlin
interval: {minutes: 30, label: end}
fields:
  queue: {constant: sales}
  start: {date: day, time: until}
  offered: {column: offered}
  answered: {column: answered}
  mean_handle: {column: aht, clock: mmss, unit: s}
`

func TestIntervalsNamedByTheirEndOnDaylightSavingDays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales"}, nil)
		for _, c := range []struct {
			day      string
			quarters int
			skipped  int64
		}{{"2026-03-28", 96, 0}, {"2026-03-29", 92, 0}, {"2026-10-25", 100, 0}} {
			day, err := calendar.ParseDate(c.day)
			require.NoError(t, err)
			zone, err := calendar.Zone("Europe/Berlin")
			require.NoError(t, err)
			var b strings.Builder
			b.WriteString("day,until,offered,answered,aht\n")
			span := day.Span(zone)
			for at := span.Start + 30*calendar.Minute; at <= span.End; at += 30 * calendar.Minute {
				label := at.In(zone).Format("15:04")
				if at == span.End {
					label = "24:00"
				}
				fmt.Fprintf(&b, "%s,%s,3,2,1:40\n", c.day, label)
			}
			s := w.run(t, file(intake.Intervals, []byte(b.String()), intervalMapping))
			require.EqualValues(t, c.quarters/2, s.Counts.New, c.day)
			w.rollUp(t)
			w.sameWhenRebuilt(t)
			found, err := w.facts.Queues(t.Context(), scope.Provider(), facts.Query{Span: span})
			require.NoError(t, err)
			require.Len(t, found, c.quarters, c.day)
			sum := facts.Sum(found)
			require.EqualValues(t, c.quarters/2*3, sum.Offered)
			require.EqualValues(t, c.quarters/2*2, sum.Answered)
			require.EqualValues(t, c.quarters/2*1, sum.Abandoned)
			require.EqualValues(t, c.quarters/2*200_000, sum.HandleMS)
			require.EqualValues(t, c.quarters/2, w.run(t, file(intake.Intervals, []byte(b.String()), intervalMapping)).Counts.Unchanged)
		}
	})
}

func TestOverlappingIntervalsAreRefused(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales"}, nil)
	s := w.run(t, file(intake.Intervals, []byte("day,until,offered,answered,aht\n2026-03-02,08:30,3,2,1:40\n2026-03-02,08:45,3,2,1:40\n2026-03-02,09:00,3,4,1:40\n2026-03-02,09:00,3,3,1:40\n"), intervalMapping))
	require.Equal(t, intake.Counts{Read: 4, New: 2, Refused: 2}, s.Counts)
	require.Equal(t, map[string]int64{"overlap": 1, "counts_disagree": 1}, s.Codes)
}

func TestPeopleAreHiredAndMoved(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales"}, []string{"A1"})
		table := "工号,姓名,职场,班组,级别,技能,时薪,登录名\nB1,张三,North,Blue,高级,voice:80,35.5,z3\nB2,李四,North,Green,初级,voice,30,l4\nB3,王五,South,Blue,初级,,,\n1.38E+10,坏,North,Blue,初级,,,\n"
		r := file(intake.People, []byte(table), "")
		r.Source = "hr"
		s := w.run(t, r)
		require.Equal(t, intake.Counts{Read: 4, New: 1, Refused: 3}, s.Counts)
		require.Equal(t, map[string]int64{"unknown_site": 1, "unknown_team": 1, "mangled_id": 1}, s.Codes)
		r.Create = true
		s = w.run(t, r)
		require.Equal(t, intake.Counts{Read: 4, New: 2, Unchanged: 1, Refused: 1}, s.Counts)
		moved := file(intake.People, []byte(strings.Replace(table, "B1,张三,North,Blue,高级,voice:80", "B1,张三,North,Green,高级,voice:90", 1)), "")
		moved.Source, moved.Create = "hr", true
		db.Clock().(*calendar.FixedClock).Set(databasetest.Start + calendar.Hour)
		s = w.run(t, moved)
		require.Equal(t, intake.Counts{Read: 4, Changed: 1, Unchanged: 2, Refused: 1}, s.Counts)
		now := db.Now()
		staff, err := w.people.Staff(t.Context(), scope.Provider(), now, calendar.DateOf(now, now.Time().Location()))
		require.NoError(t, err)
		require.Len(t, staff, 4)
		require.Equal(t, "张三", staff[1].Profile.Name)
		require.Equal(t, 90, staff[1].Skills[0].Proficiency)
		require.Equal(t, "35.5", staff[1].Employment.HourlyCost.String())
		bySource, err := w.people.AgentsBySource(t.Context(), scope.Provider(), "hr")
		require.NoError(t, err)
		require.Equal(t, staff[1].Agent.ID, bySource["z3"])
	})
}

func TestQueueLogPreset(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales"}, []string{"SIP/A1"})
	log := `1772438400|NONE|NONE|NONE|QUEUESTART|
1772438410|c1|sales|NONE|ENTERQUEUE||491701|1
1772438412|c1|sales|SIP/A1|RINGNOANSWER|1000
1772438420|c1|sales|SIP/A1|CONNECT|10|u1|3
1772438430|c2|sales|NONE|ENTERQUEUE||491702|1
1772438480|c1|sales|SIP/A1|COMPLETECALLER|10|60|1
1772438490|c2|sales|NONE|ABANDON|1|1|60
1772438491|c0|sales|SIP/A1|COMPLETEAGENT|10|60|1
1772438500|c3|sales|NONE|ENTERQUEUE||491703|1
1772438501|c4
`
	r := file(intake.Contacts, []byte(log), "")
	r.Preset, r.Source = tabular.PresetQueueLog, "asterisk"
	s := w.run(t, r)
	require.Equal(t, intake.Counts{Read: 5, New: 2, Refused: 3}, s.Counts)
	require.Equal(t, map[string]int64{"unknown_contact": 1, "unfinished_contact": 1, "not_an_event": 1}, s.Codes)
	w.rollUp(t)
	sum := facts.Sum(w.queueFacts(t))
	require.Equal(t, []int64{2, 1, 1, 10_000, 60_000, 60_000}, []int64{sum.Offered, sum.Answered, sum.Abandoned, sum.WaitAnsweredMS, sum.WaitAbandonedMS, sum.HandleMS})
	require.EqualValues(t, 2, w.run(t, r).Counts.Unchanged)
}

func TestAKeyThatIsNotUniqueOverwritesNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(t, db, "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
		table := "id,queue,at,result,wait,talk,agent,customer\n7,sales,2026-03-02 08:00:00,ok,10,300,A1,c1\n8,sales,2026-03-02 08:01:00,ok,10,300,A1,c1\n7,sales,2026-03-03 08:00:00,ok,10,300,A1,c1\n7,sales,2026-03-02 08:00:00,ok,10,300,A1,c1\n"
		r := file(intake.Contacts, []byte(table), callMapping)
		want := intake.Counts{Read: 4, New: 2, Unchanged: 1, Refused: 1}
		dry := r
		dry.DryRun = true
		require.Equal(t, want, w.run(t, dry).Counts)
		s := w.run(t, r)
		require.Equal(t, want, s.Counts)
		require.Equal(t, map[string]int64{"duplicate_key": 1}, s.Codes)

		meaning := file(intake.Codes, []byte(codes), "")
		meaning.Source = "acd"
		w.run(t, meaning)
		states := "agent,state,reason,from,to\nA1,ready,,2026-03-02 08:00:00,2026-03-02 08:20:00\nA1,talk,,2026-03-02 08:00:00,2026-03-02 08:10:00\n"
		require.Equal(t, map[string]int64{"duplicate_key": 1}, w.run(t, file(intake.States, []byte(states), stateMapping)).Codes)
		intervals := "day,until,offered,answered,aht\n2026-03-02,08:30,3,2,1:40\n2026-03-02,08:30,5,2,1:40\n"
		require.Equal(t, map[string]int64{"duplicate_key": 1}, w.run(t, file(intake.Intervals, []byte(intervals), intervalMapping)).Codes)
	})
}

func TestLostAndRepeatedTimesAreCounted(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales", "service"}, []string{"A1", "A2"})
	s := w.run(t, file(intake.Contacts, []byte("id,queue,at,result,wait,talk,agent,customer\n1,sales,2026-03-29 02:30:00,ok,1,1,A1,\n2,sales,2026-10-25 02:30:00,ok,1,1,A1,\n3,sales,2026-10-25 03:30:00,ok,1,1,A1,\n"), callMapping))
	require.EqualValues(t, []int64{1, 1}, []int64{s.Skipped, s.Repeated})
}

func TestIntervalsMayTellTheServiceLevel(t *testing.T) {
	w := build(t, databasetest.OpenSQLite(t), "Europe/Berlin", []string{"sales"}, nil)
	s := w.run(t, file(intake.Intervals, []byte("start time,calls,answered,service level\n2026-03-02 08:00,10,9,80%\n2026-03-02 08:30,10,9,80\n2026-03-02 09:00,10,9,0.8\n2026-03-02 09:30,10,5,100%\n"), ""))
	require.EqualValues(t, 4, s.Counts.New)
	require.Equal(t, []string{"No column tells the handling time, so it counts as zero.", "No column tells the wait, so it counts as zero."}, s.Notes)
	w.rollUp(t)
	require.EqualValues(t, 8+8+8+5, facts.Sum(w.queueFacts(t)).AnsweredWithin)
}
