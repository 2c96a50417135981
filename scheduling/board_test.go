package scheduling_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"muster/scheduling"
	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/ids"
)

// drafted gives a draft of two weeks with its board.
func (p *provider) drafted() (scheduling.Roster, scheduling.BoardView) {
	p.t.Helper()
	r := p.rostered(p.planned())
	return r, p.boardOf(r.ID)
}

func (p *provider) boardOf(id ids.Roster) scheduling.BoardView {
	p.t.Helper()
	v, err := p.plan.Board(p.t.Context(), all, id)
	require.NoError(p.t, err)
	return v
}

// sameBoard compares two boards in everything but edition and history.
func (p *provider) sameBoard(want, got scheduling.BoardView, why string) {
	p.t.Helper()
	want.Edition = got.Edition
	require.Equal(p.t, want, got, why)
}

func TestOperationsAreUndoneAndRedone(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r, first := p.drafted()
		a, b := first.Shifts[0], first.Shifts[len(first.Shifts)-1]
		cells := []scheduling.Cell{{AgentID: first.Agents[a.Agent].ID, Day: a.Day}, {AgentID: first.Agents[b.Agent].ID, Day: b.Day, Text: "off"}}
		cleared, err := p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.ClearCells, Cells: cells, Edition: 1, Force: true})
		require.NoError(p.t, err)
		require.True(p.t, cleared.Stored)
		require.Equal(p.t, 2, cleared.Edition)
		require.Equal(p.t, scheduling.ClearCells, cleared.History.Undo.Kind)
		require.Nil(p.t, cleared.History.Redo)
		p.coverageAgrees(r.ID)
		second := p.boardOf(r.ID)
		require.Len(p.t, second.Shifts, len(first.Shifts)-2)

		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.ClearCells, Cells: cells, Edition: 1})
		code(p.t, err, "roster.changed")
		undone, err := p.plan.UndoRoster(ctx, all, r.ID, 2, ids.User{})
		require.NoError(p.t, err)
		require.Nil(p.t, undone.History.Undo)
		require.NotNil(p.t, undone.History.Redo)
		p.sameBoard(first, p.boardOf(r.ID), "undo is exact")
		p.coverageAgrees(r.ID)
		_, err = p.plan.UndoRoster(ctx, all, r.ID, 3, ids.User{})
		code(p.t, err, "roster.nothing_to_undo")
		_, err = p.plan.RedoRoster(ctx, all, r.ID, 3, ids.User{})
		require.NoError(p.t, err)
		p.sameBoard(second, p.boardOf(r.ID), "redo is exact")
		// The rows say what the loaded board says.
		fresh := scheduling.New(p.db, p.plan.Services)
		stored, err := fresh.Board(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, p.boardOf(r.ID), stored)

		_, err = p.plan.UndoRoster(ctx, all, r.ID, 0, ids.User{})
		require.NoError(p.t, err)
		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.ClearCells, Cells: cells[:1], Force: true})
		require.NoError(p.t, err)
		_, err = p.plan.RedoRoster(ctx, all, r.ID, 0, ids.User{})
		code(p.t, err, "roster.nothing_to_redo")
		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: "guess", Cells: cells})
		code(p.t, err, "roster.unknown_operation")
		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.EditCells})
		code(p.t, err, "roster.too_many_cells")
		_, err = p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.EditCells, Cells: append(cells[:1:1], cells[0])})
		code(p.t, err, "roster.cell_twice")
		standing, err := p.plan.StandingOf(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.NotNil(p.t, standing.History.Undo)
		for _, h := range standing.Holes {
			require.Positive(p.t, h.Missing)
			require.GreaterOrEqual(p.t, h.Template, 0)
		}
	})
}

func TestCellsAsPlannersWriteThem(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r, board := p.drafted()
		a := board.Shifts[0]
		agent := board.Agents[a.Agent].ID
		for text, want := range map[string]string{
			"08:00-17:00": "08:00 540 day", "8:00": "08:00 540 day", "0830 - 1730": "08:30 540 day", "day 9:00": "09:00 540 day", "late": "12:30 540 late",
			"13:00–22:00": "13:00 540 late", "off": "", "休": "", " ": "", "": "",
		} {
			c, err := p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.PasteCells, Cells: []scheduling.Cell{{AgentID: agent, Day: a.Day, Text: text}}, DryRun: true})
			require.NoError(p.t, err, text)
			got := ""
			if sh := c.Cells[0].After; sh != nil {
				got = fmt.Sprintf("%s %d %s", sh.StartAt.In(shanghai(p.t)).Format("15:04"), (sh.EndAt-sh.StartAt)/calendar.Minute, strings.TrimPrefix(sh.Template, "dalian/"))
			}
			require.Equal(p.t, want, got, text)
		}
		for _, text := range []string{"25:00", "08:00-08:15", "soon", "dalian/part", "08:99"} {
			_, err := p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.PasteCells, Cells: []scheduling.Cell{{AgentID: agent, Day: a.Day, Text: text}}, DryRun: true})
			code(p.t, err, "roster.cell_text")
		}
		// A move is two cells; the day of the new one follows from its start.
		start := board.Origin + calendar.Instant(a.Start)*calendar.Minute
		free := board.Agents[(a.Agent+1)%len(board.Agents)].ID
		moved, err := p.plan.EditRoster(ctx, all, r.ID, scheduling.Edit{Kind: scheduling.MoveShift, DryRun: true, Cells: []scheduling.Cell{{AgentID: agent, Day: a.Day},
			{AgentID: free, Template: board.Templates[a.Template].ID, StartAt: start, Minutes: a.Minutes}}})
		require.NoError(p.t, err)
		require.Equal(p.t, a.Day, moved.Cells[1].Day)
		require.Nil(p.t, moved.Cells[0].After)
		require.Equal(p.t, start, moved.Cells[1].After.StartAt)
	})
}

func TestSheetsComeBack(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r, board := p.drafted()
		name, file, err := p.plan.RosterWorkbook(ctx, all, r.ID, "zh-CN")
		require.NoError(p.t, err)
		require.Equal(p.t, "roster-2026-03-02-v1.xlsx", name)
		same, err := p.plan.PreviewImport(ctx, all, r.ID, scheduling.Sheet{File: file})
		require.NoError(p.t, err)
		require.Equal(p.t, len(board.Agents), same.Agents)
		require.Equal(p.t, 14, same.Days)
		require.Empty(p.t, same.Cells, "an export says what the roster says")
		require.Empty(p.t, same.Refused)
		_, err = p.plan.ImportSheet(ctx, all, r.ID, scheduling.Sheet{File: file}, scheduling.Edit{})
		code(p.t, err, "roster.import_nothing")

		book, err := excelize.OpenReader(bytes.NewReader(file))
		require.NoError(p.t, err)
		require.Equal(p.t, []string{"排班", "覆盖", "违反的规则"}, book.GetSheetList())
		required := 0
		rows, err := book.GetRows("覆盖")
		require.NoError(p.t, err)
		for _, row := range rows[1:] {
			n := 0
			_, err := fmt.Sscan(row[1], &n)
			require.NoError(p.t, err)
			required += n * 15
		}
		require.EqualValues(p.t, r.Summary.RequiredMinutes, required)

		a := board.Agents[0].Number
		text := "Agent\t3/10\t2026-03-11\n" + a + "\toff\t13:00-22:00\nnobody\toff\toff\n" + board.Agents[1].Number + "\tperhaps\toff\n" + a + "\toff\toff\n"
		p1, err := p.plan.PreviewImport(ctx, all, r.ID, scheduling.Sheet{Text: text})
		require.NoError(p.t, err)
		require.Equal(p.t, 2, p1.Agents)
		var codes []string
		for _, c := range p1.Refused {
			codes = append(codes, fmt.Sprint(c.Row, ":", c.Column, " ", c.Code))
		}
		require.Equal(p.t, []string{"3:0 roster.import_agent", "4:2 roster.cell_text", "5:0 roster.import_twice"}, codes)
		require.Len(p.t, p1.Cells, 4-1-p1.Unchanged)
		require.NotNil(p.t, p1.Change)
		done, err := p.plan.ImportSheet(ctx, all, r.ID, scheduling.Sheet{Text: text}, scheduling.Edit{Force: true})
		require.NoError(p.t, err)
		require.True(p.t, done.Stored)
		require.Equal(p.t, scheduling.ImportCells, done.History.Undo.Kind)
		again, err := p.plan.PreviewImport(ctx, all, r.ID, scheduling.Sheet{Text: text})
		require.NoError(p.t, err)
		require.Empty(p.t, again.Cells)
		for bad, want := range map[string]string{"": "roster.import_empty", "a\tb": "roster.import_dates"} {
			_, err := p.plan.PreviewImport(ctx, all, r.ID, scheduling.Sheet{Text: bad})
			code(p.t, err, want)
		}
		_, err = p.plan.PreviewImport(ctx, all, r.ID, scheduling.Sheet{File: []byte("no workbook")})
		code(p.t, err, "roster.import_file")

		csv, err := p.plan.ExchangeCSV(ctx, all, r.ID)
		require.NoError(p.t, err)
		equal, err := p.plan.CompareExchange(ctx, all, r.ID, string(csv))
		require.NoError(p.t, err)
		require.Zero(p.t, equal.Differs)
		require.Positive(p.t, equal.Rows)
		require.Equal(p.t, equal.Ours, equal.Theirs)
		less, err := p.plan.CompareExchange(ctx, all, r.ID, "agents,source,skillcombination,startdatetime,enddatetime\n99,dalian,skill-0,2026-03-10 10:00,2026-03-10 11:00\n1,mars,skill-0,2026-03-10T10:00:00+08:00,2026-03-10T10:15:00+08:00\n1,dalian,skill-0,2025-03-10 10:00,2025-03-10 11:00\n")
		require.NoError(p.t, err)
		require.Equal(p.t, []string{"mars"}, less.Unknown)
		require.Equal(p.t, 1, less.Outside)
		require.Positive(p.t, less.Differs)
		for bad, want := range map[string]string{"": "roster.exchange_file", "source,agents": "roster.exchange_column",
			"source,skillcombination,startdatetime,enddatetime,agents\nx,y,2026-03-10 10:07,2026-03-10 11:00,1": "roster.exchange_row"} {
			_, err := p.plan.CompareExchange(ctx, all, r.ID, bad)
			code(p.t, err, want)
		}
	})
}

func TestPublishingSaysWhatItMeans(t *testing.T) {
	each(t, func(p *provider) {
		ctx := p.t.Context()
		r, board := p.drafted()
		first, err := p.plan.PublicationOf(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.False(p.t, first.Simulated)
		working := map[int]bool{}
		for _, sh := range board.Shifts {
			working[sh.Agent] = true
		}
		require.Len(p.t, first.Told, len(working), "everybody with a shift is told")
		sim, err := p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: r.ID, Days: 1, Replications: 2}, nil)
		require.NoError(p.t, err)
		series, err := p.plan.SimulationSeriesOf(ctx, all, sim.ID, ids.Client{})
		require.NoError(p.t, err)
		require.False(p.t, series.Stale)
		require.Len(p.t, series.Queues, 4)
		require.Len(p.t, series.Queues[0].Level, 96)
		tested, err := p.plan.PublicationOf(ctx, all, r.ID)
		require.NoError(p.t, err)
		require.True(p.t, tested.Simulated)
		require.False(p.t, tested.Stale)
		_, err = p.plan.PublishRoster(ctx, all, r.ID)
		require.NoError(p.t, err)

		next, err := p.plan.ReviseRoster(ctx, all, r.ID, ids.User{})
		require.NoError(p.t, err)
		none, err := p.plan.PublicationOf(ctx, all, next.ID)
		require.NoError(p.t, err)
		require.Empty(p.t, none.Told, "a copy tells nobody")
		sim, err = p.plan.Simulate(ctx, all, scheduling.NewSimulation{Roster: next.ID, Days: 1, Replications: 2}, nil)
		require.NoError(p.t, err)
		a := board.Shifts[0]
		_, err = p.plan.EditRoster(ctx, all, next.ID, scheduling.Edit{Kind: scheduling.ClearCells, Cells: []scheduling.Cell{{AgentID: board.Agents[a.Agent].ID, Day: a.Day}}, Force: true})
		require.NoError(p.t, err)
		one, err := p.plan.PublicationOf(ctx, all, next.ID)
		require.NoError(p.t, err)
		require.Equal(p.t, []ids.Agent{board.Agents[a.Agent].ID}, one.Told)
		require.True(p.t, one.Stale)
		series, err = p.plan.SimulationSeriesOf(ctx, all, sim.ID, ids.Client{})
		require.NoError(p.t, err)
		require.True(p.t, series.Stale, "the roster changed since")
	})
}

func TestNobodySeesHalfARoster(t *testing.T) {
	each(t, func(p *provider) {
		plans := p.planned()
		ctx, cancel := context.WithCancel(p.t.Context())
		_, err := p.plan.CreateRoster(ctx, all, scheduling.NewRoster{Name: "March", Plans: plans, From: p.monday, Days: 14, Moves: 500}, func(_ float64, note string) {
			if note == "storing" {
				cancel()
			}
		})
		require.Error(p.t, err)
		list, err := p.plan.Rosters(p.t.Context(), all)
		require.NoError(p.t, err)
		require.Empty(p.t, list)
		var left int64
		require.NoError(p.t, p.db.Read(p.t.Context(), all, func(tx *database.Tx) error {
			return tx.Model(&scheduling.Shift{}).Count(&left).Error
		}))
		require.Zero(p.t, left, "what was begun is cleared away")
		r := p.rostered(plans)
		require.Equal(p.t, 1, r.Version)
	})
}
