package formats

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"muster/scheduling/roster/dayshift"
	"muster/tenants/fault"
)

func badFile(line int, format string, args ...any) error {
	return fault.New(fault.Invalid, "roster.file", fmt.Sprintf("Line %d: %s", line, fmt.Sprintf(format, args...)))
}

// follow is the list of shifts a shift forbids next day, resolved when all are known.
type follow struct {
	shift int
	list  string
}

// nrpReader holds the state of reading an nrp file.
type nrpReader struct {
	p      *dayshift.Problem
	shift  map[string]int
	agent  map[string]int
	follow []follow
	line   int
}

// ReadNRP reads a problem of the nrp text format. Errors name the line.
func ReadNRP(r io.Reader) (*dayshift.Problem, error) {
	n := &nrpReader{p: &dayshift.Problem{}, shift: map[string]int{}, agent: map[string]int{}}
	section := ""
	scan := bufio.NewScanner(r)
	scan.Buffer(make([]byte, 1<<16), 1<<22)
	for scan.Scan() {
		n.line++
		text := strings.TrimSpace(scan.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		if strings.HasPrefix(text, "SECTION_") {
			section = text
			continue
		}
		if err := n.row(section, strings.Split(text, ",")); err != nil {
			return nil, err
		}
	}
	if err := scan.Err(); err != nil {
		return nil, badFile(n.line, "cannot be read: %v", err)
	}
	if err := n.resolve(); err != nil {
		return nil, err
	}
	if err := n.p.Validate(); err != nil {
		return nil, err
	}
	return n.p, nil
}

func (n *nrpReader) row(section string, f []string) error {
	switch section {
	case "SECTION_HORIZON":
		v, err := n.ints(f, 0, 1)
		if err != nil {
			return err
		}
		n.p.Days = v[0]
	case "SECTION_SHIFTS":
		return n.shiftRow(f)
	case "SECTION_STAFF":
		return n.staffRow(f)
	case "SECTION_DAYS_OFF":
		i, ok := n.agent[f[0]]
		if !ok {
			return badFile(n.line, "agent %q is not in SECTION_STAFF", f[0])
		}
		v, err := n.ints(f, 1, len(f)-1)
		if err != nil {
			return err
		}
		n.p.Agents[i].DaysOff = append(n.p.Agents[i].DaysOff, v...)
	case "SECTION_SHIFT_ON_REQUESTS", "SECTION_SHIFT_OFF_REQUESTS":
		return n.requestRow(section == "SECTION_SHIFT_ON_REQUESTS", f)
	case "SECTION_COVER":
		return n.coverRow(f)
	default:
		return badFile(n.line, "unknown section %q", section)
	}
	return nil
}

// ints reads count whole numbers from field first on.
func (n *nrpReader) ints(f []string, first, count int) ([]int, error) {
	if len(f) < first+count {
		return nil, badFile(n.line, "%d fields where at least %d are due", len(f), first+count)
	}
	out := make([]int, count)
	for k := range out {
		v, err := strconv.Atoi(strings.TrimSpace(f[first+k]))
		if err != nil || v > 1<<30 || v < -1<<30 {
			return nil, badFile(n.line, "%q is not a whole number", f[first+k])
		}
		out[k] = v
	}
	return out, nil
}

func (n *nrpReader) shiftRow(f []string) error {
	v, err := n.ints(f, 1, 1)
	if err != nil {
		return err
	}
	if _, ok := n.shift[f[0]]; ok || f[0] == "" {
		return badFile(n.line, "shift %q is empty or appears twice", f[0])
	}
	n.shift[f[0]] = len(n.p.Shifts)
	n.p.Shifts = append(n.p.Shifts, dayshift.Shift{ID: f[0], Minutes: v[0]})
	if len(f) > 2 && strings.TrimSpace(f[2]) != "" {
		n.follow = append(n.follow, follow{len(n.p.Shifts) - 1, f[2]})
	}
	return nil
}

func (n *nrpReader) staffRow(f []string) error {
	v, err := n.ints(f, 2, 6)
	if err != nil {
		return err
	}
	if _, ok := n.agent[f[0]]; ok || f[0] == "" {
		return badFile(n.line, "agent %q is empty or appears twice", f[0])
	}
	a := dayshift.Agent{ID: f[0], MaxShifts: make([]int, len(n.p.Shifts)), MaxMinutes: v[0], MinMinutes: v[1], MaxRun: v[2], MinRun: v[3], MinOff: v[4], MaxWeekends: v[5]}
	for _, part := range strings.Split(f[1], "|") {
		if part == "" {
			continue
		}
		name, most, _ := strings.Cut(part, "=")
		s, ok := n.shift[name]
		if !ok {
			return badFile(n.line, "shift %q is not in SECTION_SHIFTS", name)
		}
		if a.MaxShifts[s], err = strconv.Atoi(most); err != nil {
			return badFile(n.line, "%q is not a whole number", most)
		}
	}
	n.agent[f[0]] = len(n.p.Agents)
	n.p.Agents = append(n.p.Agents, a)
	return nil
}

func (n *nrpReader) requestRow(on bool, f []string) error {
	if len(f) < 4 {
		return badFile(n.line, "%d fields where 4 are due", len(f))
	}
	i, ok := n.agent[f[0]]
	s, known := n.shift[f[2]]
	if !ok || !known {
		return badFile(n.line, "agent %q or shift %q is unknown", f[0], f[2])
	}
	d, err := n.ints(f, 1, 1)
	if err != nil {
		return err
	}
	w, err := n.ints(f, 3, 1)
	if err != nil {
		return err
	}
	n.p.Requests = append(n.p.Requests, dayshift.Request{Agent: i, Day: d[0], Shift: s, On: on, Weight: w[0]})
	return nil
}

func (n *nrpReader) coverRow(f []string) error {
	if len(f) < 5 {
		return badFile(n.line, "%d fields where 5 are due", len(f))
	}
	s, ok := n.shift[f[1]]
	if !ok {
		return badFile(n.line, "shift %q is unknown", f[1])
	}
	d, err := n.ints(f, 0, 1)
	if err != nil {
		return err
	}
	v, err := n.ints(f, 2, 3)
	if err != nil {
		return err
	}
	n.p.Cover = append(n.p.Cover, dayshift.Cover{Day: d[0], Shift: s, Need: v[0], Under: v[1], Over: v[2]})
	return nil
}

// resolve turns the names of forbidden next shifts into positions.
func (n *nrpReader) resolve() error {
	for _, f := range n.follow {
		s := &n.p.Shifts[f.shift]
		for _, name := range strings.Split(f.list, "|") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			t, ok := n.shift[name]
			if !ok {
				return badFile(n.line, "shift %q forbids %q, which is not in SECTION_SHIFTS", s.ID, name)
			}
			s.NotNext = append(s.NotNext, t)
		}
	}
	return nil
}

// WriteNRP writes a roster as CSV: agent, day (from 0), shift; worked days only.
func WriteNRP(w io.Writer, p *dayshift.Problem, rows [][]int8) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("agent,day,shift\n") // a bufio.Writer keeps its first error for Flush
	for i, row := range rows {
		for d, s := range row {
			if s != dayshift.Off {
				_, _ = fmt.Fprintf(b, "%s,%d,%s\n", p.Agents[i].ID, d, p.Shifts[s].ID)
			}
		}
	}
	return b.Flush()
}
