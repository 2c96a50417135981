package scheduling

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/tenants/calendar"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// ExchangeComparison is how a staffing file differs from a roster.
type ExchangeComparison struct {
	Rows     int                  `json:"rows"`     // of the file
	Outside  int                  `json:"outside"`  // rows wholly outside of the roster's days
	Ours     int64                `json:"ours"`     // agent-minutes of the roster in the sources of the file
	Theirs   int64                `json:"theirs"`   // agent-minutes of the file
	Spans    []ExchangeDifference `json:"spans"`    // where they differ, in order, at most 500
	Differs  int                  `json:"differs"`  // all such spans
	Unknown  []string             `json:"unknown"`  // sources of the file that the roster does not have
	Combined []string             `json:"combined"` // skill combinations of the file that nobody of the roster has
}

// ExchangeDifference is a span in which a source plans another number of agents than the roster.
type ExchangeDifference struct {
	Source  string           `json:"source"`
	Skills  string           `json:"skills"`
	StartAt calendar.Instant `json:"start_at"`
	EndAt   calendar.Instant `json:"end_at"`
	Ours    int              `json:"ours"`
	Theirs  int              `json:"theirs"`
}

// maxSpans bounds the differences that are listed.
const maxSpans = 500

// CompareExchange reads a staffing file (source, skillcombination, startdatetime,
// enddatetime, agents) and says where it plans otherwise than the roster: what a
// partner confirms against what was asked for. Nothing is stored.
func (s *Service) CompareExchange(ctx context.Context, sc scope.Scope, id ids.Roster, text string) (ExchangeComparison, error) {
	out := ExchangeComparison{Spans: []ExchangeDifference{}, Unknown: []string{}, Combined: []string{}}
	r, err := s.Roster(ctx, sc, id)
	if err != nil {
		return out, err
	}
	zone, err := zoneOf(r.Zone)
	if err != nil {
		return out, err
	}
	rows, err := readExchange(text, zone)
	if err != nil {
		return out, err
	}
	shifts, err := s.Shifts(ctx, sc, id, 0, 0)
	if err != nil {
		return out, err
	}
	names, err := s.exchangeNames(ctx, sc, r, zone)
	if err != nil {
		return out, err
	}
	span := calendar.Interval{Start: r.FromDay.At(0, zone), End: r.ToDay.At(0, zone)}
	theirs := map[exchangeKey]map[calendar.Instant]int{}
	out.Rows = len(rows)
	for _, v := range rows {
		part := v.span.Intersect(span)
		if part.Empty() {
			out.Outside++
			continue
		}
		if theirs[v.key] == nil {
			theirs[v.key] = map[calendar.Instant]int{}
		}
		for t := part.Start; t < part.End; t += grid {
			theirs[v.key][t] += v.agents
		}
	}
	out.compare(exchanged(shifts, names), theirs, names)
	return out, nil
}

// exchangeRow is one row of a file.
type exchangeRow struct {
	key    exchangeKey
	span   calendar.Interval
	agents int
}

// maxExchangeRows bounds a file: a year of quarter-hours of some sources.
const maxExchangeRows = 200_000

// readExchange reads the file; the order of its columns is free.
func readExchange(text string, zone *time.Location) ([]exchangeRow, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	head, err := r.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "roster.exchange_file", "The file is no CSV with the columns source, skillcombination, startdatetime, enddatetime, agents.")
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, name := range []string{"source", "skillcombination", "startdatetime", "enddatetime", "agents"} {
		if _, ok := column[name]; !ok {
			return nil, fault.Newf(fault.Invalid, "roster.exchange_column", "The file has no column %q; it needs source, skillcombination, startdatetime, enddatetime and agents.", name).With("column", name)
		}
	}
	var out []exchangeRow
	for line := 2; ; line++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		bad := fault.Newf(fault.Invalid, "roster.exchange_row", "Row %d of the file cannot be read: it needs two times on quarter-hours in order and a whole number of agents.", line).With("row", line)
		if err != nil || line > maxExchangeRows {
			return nil, bad
		}
		get := func(name string) string { return strings.TrimSpace(row[column[name]]) }
		start, okStart := exchangeTime(get("startdatetime"), zone)
		end, okEnd := exchangeTime(get("enddatetime"), zone)
		agents, err := strconv.Atoi(get("agents"))
		if err != nil || !okStart || !okEnd || end <= start || end-start > 400*calendar.Day || start%grid != 0 || end%grid != 0 || agents < 0 {
			return nil, bad
		}
		skills := strings.Split(strings.ToLower(get("skillcombination")), "+")
		for i := range skills {
			skills[i] = strings.TrimSpace(skills[i])
		}
		slices.Sort(skills)
		out = append(out, exchangeRow{exchangeKey{strings.ToLower(get("source")), strings.Join(skills, "+")}, calendar.Interval{Start: start, End: end}, agents})
	}
}

// exchangeTime reads RFC 3339, or a wall-clock time of the roster's zone.
func exchangeTime(text string, zone *time.Location) (calendar.Instant, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return calendar.At(t), true
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			return calendar.At(t), true
		}
	}
	return 0, false
}

// compare fills the differences of the sources and combinations that the file names.
func (c *ExchangeComparison) compare(ours, theirs map[exchangeKey]map[calendar.Instant]int, names map[ids.Agent]exchangeKey) {
	sources, combined := map[string]bool{}, map[exchangeKey]bool{}
	for _, k := range names {
		sources[k.source], combined[k] = true, true
	}
	keys := make([]exchangeKey, 0, len(theirs))
	for k := range theirs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b exchangeKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.skills, b.skills))
	})
	for _, k := range keys {
		if !sources[k.source] {
			if !slices.Contains(c.Unknown, k.source) {
				c.Unknown = append(c.Unknown, k.source)
			}
		} else if !combined[k] {
			c.Combined = append(c.Combined, k.source+": "+k.skills)
		}
		var starts []calendar.Instant
		for t, n := range ours[k] {
			c.Ours += int64(n) * 15
			starts = append(starts, t)
		}
		for t, n := range theirs[k] {
			c.Theirs += int64(n) * 15
			if _, both := ours[k][t]; !both {
				starts = append(starts, t)
			}
		}
		slices.Sort(starts)
		c.addSpans(k, starts, ours[k], theirs[k])
	}
}

// addSpans joins intervals that differ alike.
func (c *ExchangeComparison) addSpans(k exchangeKey, starts []calendar.Instant, ours, theirs map[calendar.Instant]int) {
	var open *ExchangeDifference
	for _, t := range starts {
		a, b := ours[t], theirs[t]
		if a == b {
			open = nil
			continue
		}
		if open != nil && open.EndAt == t && open.Ours == a && open.Theirs == b {
			open.EndAt += grid
			continue
		}
		c.Differs++
		d := ExchangeDifference{Source: k.source, Skills: k.skills, StartAt: t, EndAt: t + grid, Ours: a, Theirs: b}
		if len(c.Spans) >= maxSpans {
			open = &d
			continue
		}
		c.Spans = append(c.Spans, d)
		open = &c.Spans[len(c.Spans)-1]
	}
}
