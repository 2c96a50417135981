package forecast

import (
	"fmt"
	"math"
	"time"
)

// weekOfSlots is the flat spread used when nothing lends a profile: every open interval alike.
const hoursPerWeek = 7 * 24

// adopt forecasts a series without history: the profile of its analogue (another series of the run), else of the
// sum of its group, else flat over its opening hours, at the expected contacts per week.
func (r *runner) adopt(i int, out []Result) {
	s, res := &r.in.Series[i], &out[i]
	if s.ExpectedWeekly <= 0 {
		return
	}
	lender, from := r.lend(i, out)
	week := int(hoursPerWeek * time.Hour / r.in.Interval)
	weight := func(j int) float64 { return 1 }
	if lender != nil {
		weight = func(j int) float64 { return lender[j] }
	}
	total, weeks := 0.0, float64(len(res.Points))/float64(week)
	for j := range res.Points {
		if res.Points[j].Open {
			total += weight(j)
		}
	}
	if total <= 0 {
		return
	}
	b := band{a: defaultNoise, b: newcomerRate}
	for j := range res.Points {
		p := &res.Points[j]
		if !p.Open {
			continue
		}
		p.Volume = weight(j) / total * s.ExpectedWeekly * weeks
		p.Variance = b.variance(p.Volume)
		for q, prob := range r.in.Quantiles {
			p.Quantiles[q] = b.quantile(p.Volume, prob)
		}
	}
	from.Params["contacts"] = s.ExpectedWeekly
	from.Text = fmt.Sprintf("There is no history before the origin; %.0f expected contacts a week are spread by %s.", s.ExpectedWeekly, from.Text)
	res.Notes = []Note{from}
	res.Explanation = texts(res.Notes)
}

// newcomerRate is the squared coefficient of variation of an expectation that no history supports.
const newcomerRate = 0.1

// lend gives the forecast whose profile a newcomer takes, nil for none, and says whose it is.
func (r *runner) lend(i int, out []Result) ([]float64, Note) {
	s := &r.in.Series[i]
	sumOf := func(pick func(j int) bool) []float64 {
		tot, any := make([]float64, len(out[i].Points)), false
		for _, j := range byKey(r.in.Series) {
			if j == i || !pick(j) || r.in.Series[j].ExpectedWeekly > 0 && len(out[j].Backtest) == 0 {
				continue
			}
			for k, p := range out[j].Points {
				tot[k] += p.Volume
				any = any || p.Volume > 0
			}
		}
		if !any {
			return nil
		}
		return tot
	}
	if s.Analogue != "" {
		if v := sumOf(func(j int) bool { return r.in.Series[j].Key == s.Analogue }); v != nil {
			return v, say(noteByAnalogue, map[string]any{"analogue": s.Analogue}, "the profile of %q", s.Analogue)
		}
	}
	if s.Group != "" {
		if v := sumOf(func(j int) bool { return r.in.Series[j].Group == s.Group }); v != nil {
			return v, say(noteByGroup, map[string]any{"group": s.Group}, "the joint profile of the group %q", s.Group)
		}
	}
	return nil, say(noteByHours, map[string]any{}, "its opening hours alone")
}

// dead says whether the last 28 observed days before the origin brought no contact although there had been some before.
func (h *history) dead() bool {
	days, before := 0, false
	for d := (h.origin - 1) / h.slots; d >= 0 && h.origin > 0; d-- {
		if math.IsNaN(h.total[d]) {
			continue
		}
		if h.total[d] > 0 {
			before = true
			break
		}
		days++
	}
	return before && days >= deadDays
}

// deadDays without a contact end a queue.
const deadDays = 28
