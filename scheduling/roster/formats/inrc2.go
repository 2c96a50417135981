package formats

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"muster/scheduling/roster/skillshift"
)

// inrc2Lines splits a competition file in lines of fields, with their numbers.
func inrc2Lines(r io.Reader) ([][]string, error) {
	var out [][]string
	scan := bufio.NewScanner(io.LimitReader(r, 1<<24))
	for scan.Scan() {
		clean := strings.NewReplacer("(", " ", ")", " ", ",", " ", "=", " ").Replace(scan.Text())
		out = append(out, strings.Fields(clean))
	}
	return out, scan.Err()
}

// inrc2Reader reads the files of one instance.
type inrc2Reader struct {
	p    *skillshift.Problem
	line int
}

func (n *inrc2Reader) number(s string) (int, error) {
	v, err := strconv.Atoi(s)
	if err != nil || v < 0 || v > 100_000 {
		return 0, badFile(n.line, "%q is not a number from 0 to 100000", s)
	}
	return v, nil
}

// numbers reads all fields from first on; exactly count are due.
func (n *inrc2Reader) numbers(f []string, first, count int) ([]int, error) {
	if len(f) != first+count {
		return nil, badFile(n.line, "%d fields where %d are due", len(f), first+count)
	}
	out := make([]int, count)
	for k := range out {
		v, err := n.number(f[first+k])
		if err != nil {
			return nil, err
		}
		out[k] = v
	}
	return out, nil
}

// ReadINRC2 reads a scenario, a history and the week files in order. The number
// of weeks is that of the files. Errors name the line.
func ReadINRC2(scenario, history io.Reader, weeks []io.Reader) (*skillshift.Problem, error) {
	n := &inrc2Reader{p: &skillshift.Problem{Weeks: len(weeks)}}
	if err := n.scenario(scenario); err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	if err := n.history(history); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	size := n.p.Days() * len(n.p.Shifts) * len(n.p.Skills)
	if size > 1<<22 {
		return nil, badFile(0, "the problem is too large")
	}
	n.p.Need = make([]skillshift.Range, size)
	for w, r := range weeks {
		if err := n.week(w, r); err != nil {
			return nil, fmt.Errorf("week %d: %w", w+1, err)
		}
	}
	if err := n.p.Validate(); err != nil {
		return nil, err
	}
	return n.p, nil
}

func (n *inrc2Reader) scenario(r io.Reader) error {
	lines, err := inrc2Lines(r)
	if err != nil {
		return err
	}
	section := ""
	for k, f := range lines {
		n.line = k + 1
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "SCENARIO":
			n.p.Name = strings.Join(f[1:], " ")
			continue
		case "WEEKS":
			continue
		case "SKILLS", "SHIFT_TYPES", "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS", "CONTRACTS", "NURSES":
			section = f[0]
			continue
		}
		if err := n.scenarioRow(section, f); err != nil {
			return err
		}
	}
	return nil
}

func (n *inrc2Reader) scenarioRow(section string, f []string) error {
	p := n.p
	switch section {
	case "SKILLS":
		p.Skills = append(p.Skills, f[0])
	case "SHIFT_TYPES":
		v, err := n.numbers(f, 1, 2)
		if err != nil {
			return err
		}
		p.Shifts = append(p.Shifts, skillshift.Shift{ID: f[0], Run: skillshift.Range{Min: v[0], Max: v[1]}})
	case "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS":
		s := n.shift(f[0])
		if s < 0 || len(f) < 2 {
			return badFile(n.line, "shift %q is unknown", f[0])
		}
		for _, name := range f[2:] {
			t := n.shift(name)
			if t < 0 {
				return badFile(n.line, "shift %q is unknown", name)
			}
			p.Shifts[s].NotNext = append(p.Shifts[s].NotNext, t)
		}
	case "CONTRACTS":
		v, err := n.numbers(f, 1, 8)
		if err != nil {
			return err
		}
		p.Contracts = append(p.Contracts, skillshift.Contract{ID: f[0], Total: skillshift.Range{Min: v[0], Max: v[1]}, Run: skillshift.Range{Min: v[2], Max: v[3]},
			Off: skillshift.Range{Min: v[4], Max: v[5]}, MaxWeekends: v[6], CompleteWeekends: v[7] == 1})
	case "NURSES":
		return n.nurse(f)
	default:
		return badFile(n.line, "unexpected %q", f[0])
	}
	return nil
}

func (n *inrc2Reader) nurse(f []string) error {
	if len(f) < 3 {
		return badFile(n.line, "%d fields where at least 3 are due", len(f))
	}
	a := skillshift.Agent{ID: f[0], Last: skillshift.Off}
	a.Contract = slices.IndexFunc(n.p.Contracts, func(c skillshift.Contract) bool { return c.ID == f[1] })
	if a.Contract < 0 {
		return badFile(n.line, "contract %q is unknown", f[1])
	}
	for _, name := range f[3:] {
		k := slices.Index(n.p.Skills, name)
		if k < 0 {
			return badFile(n.line, "skill %q is unknown", name)
		}
		a.Skills = append(a.Skills, k)
	}
	n.p.Agents = append(n.p.Agents, a)
	return nil
}

func (n *inrc2Reader) shift(name string) int {
	return slices.IndexFunc(n.p.Shifts, func(s skillshift.Shift) bool { return s.ID == name })
}

func (n *inrc2Reader) agent(name string) int {
	return slices.IndexFunc(n.p.Agents, func(a skillshift.Agent) bool { return a.ID == name })
}

func (n *inrc2Reader) history(r io.Reader) error {
	lines, err := inrc2Lines(r)
	if err != nil {
		return err
	}
	rows := false
	for k, f := range lines {
		n.line = k + 1
		if len(f) == 1 && f[0] == "NURSE_HISTORY" {
			rows = true
			continue
		}
		if !rows || len(f) == 0 {
			continue
		}
		if len(f) != 7 {
			return badFile(n.line, "%d fields where 7 are due", len(f))
		}
		i := n.agent(f[0])
		last := n.shift(f[3])
		if i < 0 || (last < 0 && f[3] != "None") {
			return badFile(n.line, "agent %q or shift %q is unknown", f[0], f[3])
		}
		v, err := n.numbers(append(f[:3:3], f[4:]...), 1, 5)
		if err != nil {
			return err
		}
		a := &n.p.Agents[i]
		a.Shifts, a.Weekends, a.Last, a.ShiftRun, a.Run, a.OffRun = v[0], v[1], last, v[2], v[3], v[4]
	}
	return nil
}

var inrc2Days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

func (n *inrc2Reader) week(w int, r io.Reader) error {
	lines, err := inrc2Lines(r)
	if err != nil {
		return err
	}
	section := ""
	for k, f := range lines {
		n.line = k + 1
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "WEEK_DATA", "REQUIREMENTS", "SHIFT_OFF_REQUESTS":
			section = f[0]
			continue
		}
		switch section {
		case "REQUIREMENTS":
			err = n.requirement(w, f)
		case "SHIFT_OFF_REQUESTS":
			err = n.request(w, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (n *inrc2Reader) requirement(w int, f []string) error {
	v, err := n.numbers(f, 2, 14)
	if err != nil {
		return err
	}
	s, k := n.shift(f[0]), slices.Index(n.p.Skills, f[1])
	if s < 0 || k < 0 {
		return badFile(n.line, "shift %q or skill %q is unknown", f[0], f[1])
	}
	for d := range 7 {
		at := ((7*w+d)*len(n.p.Shifts)+s)*len(n.p.Skills) + k
		n.p.Need[at] = skillshift.Range{Min: v[2*d], Max: v[2*d+1]}
	}
	return nil
}

func (n *inrc2Reader) request(w int, f []string) error {
	if len(f) != 3 {
		return badFile(n.line, "%d fields where 3 are due", len(f))
	}
	i, s, d := n.agent(f[0]), n.shift(f[1]), slices.Index(inrc2Days, f[2])
	if i < 0 || d < 0 || (s < 0 && f[1] != "Any") {
		return badFile(n.line, "agent %q, shift %q or day %q is unknown", f[0], f[1], f[2])
	}
	n.p.Requests = append(n.p.Requests, skillshift.Request{Agent: i, Day: 7*w + d, Shift: s})
	return nil
}

// WriteINRC2 writes a roster as CSV: agent, day (from 0), shift, skill; worked days only.
func WriteINRC2(w io.Writer, p *skillshift.Problem, rows [][]skillshift.Cell) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("agent,day,shift,skill\n") // a bufio.Writer keeps its first error for Flush
	for i, row := range rows {
		for d, c := range row {
			if c.Shift != skillshift.Off {
				_, _ = fmt.Fprintf(b, "%s,%d,%s,%s\n", p.Agents[i].ID, d, p.Shifts[c.Shift].ID, p.Skills[c.Skill])
			}
		}
	}
	return b.Flush()
}
