package formats

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"muster/scheduling/roster"
)

// matspStart is 06:00 of the first day, where the file's clock begins.
const matspStart = 6 * 60

// Prices that make the hard cover and contracts of the format outweigh surplus.
const (
	matspUnder    = 1000
	matspContract = 200
	matspOver     = 40
)

// ReadMATSP reads a multi-activity problem into the engine's own form: a group
// per task, four templates for the four start windows, one day more than the
// file because its horizon ends at 06:00. Errors name the line.
func ReadMATSP(r io.Reader) (*roster.Problem, error) {
	p := &roster.Problem{Format: roster.Format, Zone: "UTC", FirstDay: "2024-01-01", SlotMinutes: 15, MinStretch: 60}
	over, under := int64(matspOver), int64(matspUnder)
	p.OverCost, p.UnderCost = &over, &under
	section, line := "", 0
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 1<<16), 1<<22)
	for scan.Scan() {
		line++
		text := strings.TrimSpace(scan.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		if strings.HasPrefix(text, "SECTION_") {
			section = text
			continue
		}
		if err := matspRow(p, section, strings.Split(text, ","), line); err != nil {
			return nil, err
		}
	}
	if err := scan.Err(); err != nil {
		return nil, badFile(line, "cannot be read: %v", err)
	}
	if p.Days == 0 || len(p.Groups) == 0 {
		return nil, badFile(line, "the file has no horizon or no tasks")
	}
	matspRules(p)
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

func matspRow(p *roster.Problem, section string, f []string, line int) error {
	var v []int
	whole := func(first, count, most int) error {
		if len(f) < first+count {
			return badFile(line, "%d fields where %d are due", len(f), first+count)
		}
		for _, t := range f[first : first+count] {
			n, err := strconv.Atoi(strings.TrimSpace(t))
			if err != nil || n < 0 || n > most {
				return badFile(line, "%q is not a whole number from 0 to %d", t, most)
			}
			v = append(v, n)
		}
		return nil
	}
	switch section {
	case "SECTION_HORIZON":
		if err := whole(0, 1, 360); err != nil {
			return err
		}
		p.Days = v[0] + 1
	case "SECTION_TASKS":
		if err := whole(0, 1, 500); err != nil {
			return err
		}
		for t := range v[0] {
			p.Groups = append(p.Groups, roster.Group{ID: strconv.Itoa(t + 1), Skill: "task", Need: make([]int, 0, 96*p.Days)})
		}
	case "SECTION_STAFF":
		if err := whole(1, 2, 1_000_000); err != nil {
			return err
		}
		p.Agents = append(p.Agents, roster.Agent{ID: f[0], Skills: []roster.Skill{{Skill: "task"}},
			Contract: &roster.Contract{MinMinutes: v[0], MaxMinutes: v[1], HardMax: true, Weight: matspContract}})
	case "SECTION_COVER":
		return matspCover(p, f, line, whole, &v)
	default:
		return badFile(line, "unknown section %q", section)
	}
	return nil
}

func matspCover(p *roster.Problem, f []string, line int, whole func(first, count, most int) error, v *[]int) error {
	if err := whole(2, 3, 100_000); err != nil {
		return err
	}
	if len(f[1]) < 5 || f[1][2] != ':' {
		return badFile(line, "%q is not a time", f[1])
	}
	day, err1 := strconv.Atoi(f[0])
	hour, err2 := strconv.Atoi(f[1][:2])
	minute, err3 := strconv.Atoi(f[1][3:5])
	if err1 != nil || err2 != nil || err3 != nil || day < 1 || day > p.Days || hour < 0 || hour > 23 || minute < 0 || minute > 45 || minute%15 != 0 {
		return badFile(line, "day %q or time %q is out of range", f[0], f[1])
	}
	task := (*v)[0] - 1
	if task < 0 || task >= len(p.Groups) {
		return badFile(line, "task %d does not exist", task+1)
	}
	if (*v)[1] != (*v)[2] {
		return badFile(line, "a cover with minimum %d and maximum %d is not supported; they must be equal", (*v)[1], (*v)[2])
	}
	g := &p.Groups[task]
	at := (day-1)*96 + hour*4 + minute/15
	for len(g.Need) <= at {
		g.Need = append(g.Need, 0)
	}
	g.Need[at] = (*v)[1]
	return nil
}

// matspRules adds what the format fixes for all files.
func matspRules(p *roster.Problem) {
	for k, w := range [][2]int{{0, 0}, {360, 600}, {840, 1080}, {1200, 1425}} {
		p.Templates = append(p.Templates, roster.Template{ID: fmt.Sprintf("window%d", k+1), StartFrom: w[0], StartTo: w[1], MinMinutes: 360, MaxMinutes: 600})
	}
	p.Rules = []roster.Rule{
		{ID: "rest", Kind: roster.MinRest, Owner: roster.OwnerLaw, Hard: true, Minutes: 14 * 60},
		{ID: "five-days", Kind: roster.MaxConsecutiveDays, Owner: roster.OwnerLaw, Hard: true, Max: 5},
	}
	for i := range p.Agents {
		p.Agents[i].Available = []roster.Window{{From: matspStart, To: (p.Days-1)*1440 + matspStart}}
	}
}

// MATSPBound is the surplus that the contracts' minima force: sum of minimum
// periods less sum of cover, at least 0, in periods of 15 minutes.
func MATSPBound(p *roster.Problem) int64 {
	total := int64(0)
	for i := range p.Agents {
		total += int64(p.Agents[i].Contract.MinMinutes+14) / 15
	}
	for g := range p.Groups {
		for _, n := range p.Groups[g].Need {
			total -= int64(n)
		}
	}
	return max(0, total)
}

// MATSPSurplus turns a bound of paid minutes into one of surplus periods: what is
// paid and not needed. It says something about rosters without shortage only, so
// it is 0 when the verdict shows some.
func MATSPSurplus(p *roster.Problem, paidBound int64, v *Verdict) int64 {
	if v.Under > 0 {
		return 0
	}
	total := (paidBound + 14) / 15
	for g := range p.Groups {
		for _, n := range p.Groups[g].Need {
			total -= int64(n)
		}
	}
	return max(0, total)
}

// WriteMATSP writes a roster as CSV: agent, start_minute from 06:00 of day 1,
// task, minutes; one row per stretch on one task.
func WriteMATSP(w io.Writer, p *roster.Problem, shifts []roster.Shift) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("agent,start_minute,task,minutes\n") // a bufio.Writer keeps its first error for Flush
	for _, s := range shifts {
		for _, a := range s.Activities {
			if a.Kind == roster.Work && a.Group >= 0 {
				_, _ = fmt.Fprintf(b, "%s,%d,%s,%d\n", p.Agents[s.Agent].ID, a.Start-matspStart, p.Groups[a.Group].ID, a.Minutes)
			}
		}
	}
	return b.Flush()
}
