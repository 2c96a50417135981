package forecast

import (
	"context"
	"math"
	"slices"
	"time"
)

// DayTotal is the forecast of one local day, or of the days of one week.
type DayTotal struct {
	Date      Date    // the day; of a week its Monday
	Volume    float64 // expected contacts
	Deviation float64 // standard deviation of the total, from the back-test's day totals
}

// normal90 is the 90 per cent quantile of a standard normal variable.
const normal90 = 1.2815515655446004

// Band is the 80 per cent band of the total.
func (d DayTotal) Band() (low, high float64) {
	reach := normal90 * d.Deviation
	return math.Max(0, d.Volume-reach), d.Volume + reach
}

// LongSeries is the long-range forecast of one queue or of one group (client).
type LongSeries struct {
	Key   string
	Days  []DayTotal
	Weeks []DayTotal // Monday to Sunday; the first and last may be cut by origin and end
}

// LongOutput is a long-range forecast: the days of a week add up to the week, the queues of a group to the group.
type LongOutput struct {
	Origin, Until time.Time
	Series        []LongSeries // in the order of the input
	Groups        []LongSeries // groups of two and more queues, by name
}

// LongRange forecasts days and weeks, 64 and more weeks ahead. A day is the sum of its intervals. Where queues share a group
// their sum is forecast too, and both are reconciled: the difference is shared out by the variances that the back-tests of
// day totals found, so that whoever is surer moves less (weighted least squares, Wickramasuriya, Athanasopoulos & Hyndman
// 2019, with a diagonal error covariance). It fails as Run does.
func LongRange(ctx context.Context, in Input) (LongOutput, error) {
	in.Quantiles = nil
	bottom, err := Run(ctx, in)
	if err != nil {
		return LongOutput{}, err
	}
	out := LongOutput{Origin: bottom.Origin, Until: bottom.Until}
	for i := range bottom.Series {
		out.Series = append(out.Series, LongSeries{Key: bottom.Series[i].Key, Days: DayTotals(&bottom.Series[i], in.zone())})
	}
	names, members := groupsOf(in.Series)
	if len(names) > 0 {
		sums := in
		sums.Origin = bottom.Origin
		sums.Series = nil
		for _, g := range names {
			sums.Series = append(sums.Series, sumOf(g, in.Series, members[g], in.Interval))
		}
		top, err := Run(ctx, sums)
		if err != nil {
			return LongOutput{}, err
		}
		for n, g := range names {
			total := LongSeries{Key: g, Days: DayTotals(&top.Series[n], in.zone())}
			reconcile(total.Days, out.Series, members[g])
			total.Weeks = weekTotals(total.Days)
			out.Groups = append(out.Groups, total)
		}
	}
	for i := range out.Series {
		out.Series[i].Weeks = weekTotals(out.Series[i].Days)
	}
	return out, nil
}

// defaultDayError is the relative error of day totals where no back-test says more.
const defaultDayError = 0.2

// DayTotals adds up the points of each local day of a result, with the deviation that the back-test of the chosen methods
// found for totals so many days ahead. The ends of the intervals' bands do not add up to the band of the day: what one
// interval has too much another has too little.
func DayTotals(r *Result, zone *time.Location) []DayTotal {
	var out []DayTotal
	for _, p := range r.Points {
		d := DateOf(p.Start.In(zone))
		if n := len(out); n == 0 || out[n-1].Date != d {
			out = append(out, DayTotal{Date: d})
		}
		out[len(out)-1].Volume += p.Volume
	}
	for i := range out {
		// The mean absolute deviation of a normal variable is 0.8 of its standard deviation.
		out[i].Deviation = out[i].Volume * dayError(r, i) / math.Sqrt(2/math.Pi)
	}
	return out
}

// dayError is the relative error of the day totals of the method chosen for a day ahead.
func dayError(r *Result, day int) float64 {
	last := defaultDayError
	for _, c := range r.Choices {
		for _, b := range r.Backtest {
			if b.Lead == c.Lead && b.Method == c.Method && !math.IsNaN(b.Score.DayWAPE) {
				last = b.Score.DayWAPE
			}
		}
		if day < leadEnd(c.Lead) {
			break
		}
	}
	return last
}

// leadEnd gives the exclusive last day of a lead by its name.
func leadEnd(name string) int {
	for _, l := range leadsOf(longestLead, 1) {
		if l.name == name {
			return l.to
		}
	}
	return 0 // single days of short horizons: the next lead may know more
}

// longestLead is a horizon in days that has every lead.
const longestLead = 1000

// weekTotals adds days up to weeks from Monday to Sunday; errors of the days of a week are taken to move together.
func weekTotals(days []DayTotal) []DayTotal {
	var out []DayTotal
	for _, d := range days {
		monday := d.Date - Date(mod(int(d.Date.Weekday())-1, 7))
		if n := len(out); n == 0 || out[n-1].Date != monday {
			out = append(out, DayTotal{Date: monday})
		}
		out[len(out)-1].Volume += d.Volume
		out[len(out)-1].Deviation += d.Deviation
	}
	return out
}

// groupsOf lists the groups of two and more series by name, with their members.
func groupsOf(series []Series) ([]string, map[string][]int) {
	members := map[string][]int{}
	for i := range series {
		if g := series[i].Group; g != "" {
			members[g] = append(members[g], i)
		}
	}
	var names []string
	for g, m := range members {
		if len(m) > 1 {
			names = append(names, g)
		}
	}
	slices.Sort(names)
	return names, members
}

// sumOf adds the histories of a group. An interval is missing where all its queues are: one that is closed adds nothing.
// The sum keeps the calendar that its queues share.
func sumOf(name string, series []Series, members []int, interval time.Duration) Series {
	out := Series{Key: name, Calendar: series[members[0]].Calendar}
	var start, end time.Time
	for _, i := range members {
		s := &series[i]
		out.ExpectedWeekly += s.ExpectedWeekly
		if s.Calendar != out.Calendar {
			out.Calendar = nil
		}
		if len(s.Volume) == 0 {
			continue
		}
		if e := s.Start.Add(time.Duration(len(s.Volume)) * interval); e.After(end) {
			end = e
		}
		if start.IsZero() || s.Start.Before(start) {
			start = s.Start
		}
	}
	out.Start = start
	out.Volume = missing(int(end.Sub(start) / interval))
	for _, i := range members {
		s := &series[i]
		off := int(s.Start.Sub(start) / interval)
		for j, v := range s.Volume {
			if !math.IsNaN(v) {
				out.Volume[off+j] = firstNumber(out.Volume[off+j], 0) + v
			}
		}
	}
	return out
}

// reconcile moves the day totals of the members and of their group to where they agree.
func reconcile(total []DayTotal, series []LongSeries, members []int) {
	for d := range total {
		sum, spread := 0.0, 0.0
		for _, i := range members {
			day := series[i].Days[d]
			sum += day.Volume
			spread += day.Deviation * day.Deviation
		}
		t := &total[d]
		if all := spread + t.Deviation*t.Deviation; sum > 0 && all > 0 {
			gap := (t.Volume - sum) / all
			for _, i := range members {
				day := &series[i].Days[d]
				day.Volume = math.Max(0, day.Volume+gap*day.Deviation*day.Deviation)
			}
			t.Deviation = math.Sqrt(spread * t.Deviation * t.Deviation / all)
		}
		t.Volume = 0
		for _, i := range members {
			t.Volume += series[i].Days[d].Volume
		}
	}
}
