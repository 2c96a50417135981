package scheduling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xuri/excelize/v2"

	"muster/config/locales"
	"muster/scheduling/roster"
	"muster/tenants/calendar"
	"muster/tenants/ids"
	"muster/tenants/people"
	"muster/tenants/scope"
)

// bookWords are the words of the workbook in one language.
type bookWords struct {
	roster, coverage, broken                              string
	number, agent, team, tier, paid, interval, total      string
	required, scheduled, difference, rule, days, why, law string
}

var bookTexts = map[locales.Locale]bookWords{
	locales.English: {"Roster", "Coverage", "Broken rules", "Number", "Agent", "Team", "Tier", "Paid hours", "Interval", "All queues",
		"Required", "Scheduled", "Difference", "Rule", "Dates", "Why", "Hard"},
	locales.Chinese: {"排班", "覆盖", "违反的规则", "工号", "坐席", "班组", "级别", "计薪小时", "时段", "全部队列",
		"需求", "排班人数", "差额", "规则", "日期", "原因", "硬性"},
}

// RosterWorkbook writes a roster as an Excel file: agents by days as planners keep
// them (it can be imported again), coverage by interval, and the broken rules.
func (s *Service) RosterWorkbook(ctx context.Context, sc scope.Scope, id ids.Roster, locale string) (string, []byte, error) {
	d, sol, err := s.solved(ctx, sc, id)
	if err != nil {
		return "", nil, err
	}
	zone, err := zoneOf(d.Zone)
	if err != nil {
		return "", nil, err
	}
	teams, err := s.People.Teams(ctx, sc)
	if err != nil {
		return "", nil, err
	}
	b := book{file: excelize.NewFile(), words: bookTexts[locales.Match(locale, locales.English)], zone: zone}
	defer func() { _ = b.file.Close() }()
	if b.head, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EEED"}}}); err != nil {
		return "", nil, err
	}
	for _, write := range []func() error{
		func() error { return b.rosterSheet(&d, sol, teams) },
		func() error { return b.coverageSheet(&d, sol) },
		func() error { return b.brokenSheet(&d, sol) },
	} {
		if err := write(); err != nil {
			return "", nil, err
		}
	}
	text, err := b.file.WriteToBuffer()
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("roster-%s-v%d.xlsx", d.FromDay, d.Version), text.Bytes(), nil
}

// book is the workbook in the making.
type book struct {
	file  *excelize.File
	words bookWords
	zone  *time.Location
	head  int // style
}

// sheet begins a sheet with its head; the first takes the place of the empty one.
func (b *book) sheet(name string, widths []float64, head []any, frozen int) (*excelize.StreamWriter, error) {
	if list := b.file.GetSheetList(); len(list) == 1 && list[0] == "Sheet1" {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	landscape, one, many := "landscape", 1, 0
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &one, FitToHeight: &many}); err != nil {
		return nil, err
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	corner, err := excelize.CoordinatesToCellName(frozen+1, 2)
	if err != nil {
		return nil, err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, XSplit: frozen, YSplit: 1, TopLeftCell: corner, ActivePane: "bottomRight"}); err != nil {
		return nil, err
	}
	for i := range head {
		head[i] = excelize.Cell{StyleID: b.head, Value: head[i]}
	}
	return w, w.SetRow("A1", head)
}

// rosterSheet writes agents by days.
func (b *book) rosterSheet(d *draftRoster, sol *roster.Solution, teams []people.Team) error {
	head, widths := []any{b.words.number, b.words.agent, b.words.team, b.words.tier, b.words.paid}, []float64{10, 14, 16, 9, 10}
	for day := d.FromDay; day < d.ToDay; day++ {
		head, widths = append(head, day.String()), append(widths, 12)
	}
	w, err := b.sheet(b.words.roster, widths, head, 5)
	if err != nil {
		return err
	}
	type cell struct {
		agent int
		day   calendar.Date
	}
	texts, paid := map[cell]string{}, make([]int, len(d.people))
	for _, sh := range sol.Shifts {
		zone, err := zoneOf(d.sites[d.people[sh.Agent].Membership.SiteID].Zone)
		if err != nil {
			return err
		}
		from, to := d.instantOf(sh.Start), d.instantOf(sh.Start+sh.Minutes)
		texts[cell{sh.Agent, calendar.DateOf(from, zone)}] = from.In(b.zone).Format("15:04") + "-" + to.In(b.zone).Format("15:04")
		paid[sh.Agent] += sh.PaidMinutes
	}
	for i, p := range d.people {
		k := slices.IndexFunc(teams, func(t people.Team) bool { return t.ID == p.Membership.TeamID })
		team := ""
		if k >= 0 {
			team = teams[k].Name
		}
		row := []any{p.Agent.Number, p.Agent.Label, team, string(p.Membership.Tier), float64(paid[i]) / 60}
		for day := d.FromDay; day < d.ToDay; day++ {
			row = append(row, texts[cell{i, day}])
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// coverageSheet writes required and scheduled agents by interval.
func (b *book) coverageSheet(d *draftRoster, sol *roster.Solution) error {
	head, widths := []any{b.words.interval, b.words.total + ": " + b.words.required, b.words.total + ": " + b.words.scheduled, b.words.difference}, []float64{18, 14, 14, 12}
	for _, q := range d.queues {
		head, widths = append(head, q.Name+": "+b.words.required, q.Name+": "+b.words.scheduled), append(widths, 14, 14)
	}
	w, err := b.sheet(b.words.coverage, widths, head, 1)
	if err != nil {
		return err
	}
	line := 2
	for t := range d.problem.Days * 96 {
		row := []any{d.instantOf(t * 15).In(b.zone).Format("2006-01-02 15:04")}
		required, scheduled := 0, 0
		var queues []any
		for g := range d.queues {
			need, have := 0, 0
			if t < len(d.problem.Groups[g].Need) {
				need = d.problem.Groups[g].Need[t]
			}
			if t < len(sol.Coverage.Staffed[g]) {
				have = int(sol.Coverage.Staffed[g][t])
			}
			required, scheduled = required+need, scheduled+have
			queues = append(queues, need, have)
		}
		if required == 0 && scheduled == 0 {
			continue
		}
		if err := w.SetRow(fmt.Sprintf("A%d", line), append(append(row, required, scheduled, scheduled-required), queues...)); err != nil {
			return err
		}
		line++
	}
	return w.Flush()
}

// brokenSheet lists the broken rules, hard ones and dear ones first.
func (b *book) brokenSheet(d *draftRoster, sol *roster.Solution) error {
	w, err := b.sheet(b.words.broken, []float64{10, 14, 22, 8, 26, 60}, []any{b.words.number, b.words.agent, b.words.rule, b.words.law, b.words.days, b.words.why}, 2)
	if err != nil {
		return err
	}
	for i, v := range d.violations(sol.Violations) {
		number, label, days := "", "", ""
		for _, p := range d.people {
			if p.Agent.ID == v.AgentID {
				number, label = p.Agent.Number, p.Agent.Label
			}
		}
		for k, day := range v.Days {
			if k > 0 {
				days += ", "
			}
			days += day.String()
		}
		hard := ""
		if v.Hard {
			hard = "▲"
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+2), []any{number, label, v.Rule, hard, days, v.Reason}); err != nil {
			return err
		}
	}
	return w.Flush()
}
