package forecast

// Method names a way to forecast.
type Method string

// The portfolio. Snaive, Mean4 and Mean8 are the plain baselines that are always printed.
const (
	Snaive         Method = "snaive"         // last week's value of the same weekday and slot
	Mean4          Method = "mean4"          // mean of the last four
	Mean8          Method = "mean8"          // mean of the last eight
	Decomposed     Method = "decomposed"     // smoothed week level x weekday x calendar x profile
	Yearly         Method = "yearly"         // the same with the level moved as it moved in the years before
	Autoregression Method = "autoregression" // linear regression on the series' own past
	STL            Method = "stl"            // trend and weekdays by STL, damped smoothing, x profile
	Combined       Method = "combined"       // mean of the structured methods, each at the common level
	Regression     Method = "regression"     // negative-binomial regression of day totals x profile
)

// Methods lists the portfolio in the order of tables.
func Methods() []Method {
	return []Method{Snaive, Mean4, Mean8, Decomposed, Yearly, Regression, STL, Autoregression, Combined}
}

// forecastAll runs the methods on one cut. Every forecast has one value per cell from c.cell to c.end, NaN where the
// method has nothing to say. Events to come are left out (eventsAhead): they multiply whatever method is chosen, so that
// an event moves its own days and neither the choice nor the days around it.
func forecastAll(c *cut, methods []Method, lap func(Method)) (map[Method][]float64, *regression) {
	out := map[Method][]float64{}
	reg := fitRegression(c)
	lap(Regression)
	factor := make([]float64, c.days)
	for d := range factor {
		factor[d] = 1
		if reg != nil {
			factor[d] = reg.factor(c, d, d < c.day)
		}
	}
	sh := fitShape(c, factor)
	lv := levels(c, sh, factor)
	tame := tameWeeks(lv)
	lap(Decomposed)
	for _, m := range methods {
		switch m {
		case Snaive:
			out[m] = sameSlotMean(c, 1)
		case Mean4:
			out[m] = sameSlotMean(c, 4)
		case Mean8:
			out[m] = sameSlotMean(c, 8)
		case Decomposed:
			out[m] = decomposed(c, sh, factor, perWeek(func(week int) float64 { return smoothLevel(lv, week) }))
		case Yearly:
			out[m] = decomposed(c, sh, factor, perWeek(func(week int) float64 { return yearlyLevel(lv, tame, seasonLead(week)) }))
		case Regression:
			out[m] = missing(c.end - c.cell)
			if reg != nil {
				out[m] = profiled(c, sh, func(d int) float64 { return reg.forecast(c, d, factor[d]) })
			}
		case STL:
			out[m] = missing(c.end - c.cell)
			if f := stl(c, factor); f != nil {
				out[m] = profiled(c, sh, f)
			}
		case Autoregression:
			out[m] = autoregress(c)
		case Combined: // made of the others once their errors are known
			continue
		}
		lap(m)
	}
	return out, reg
}

// perWeek remembers the value of each week.
func perWeek(f func(week int) float64) func(week int) float64 {
	seen := map[int]float64{}
	return func(week int) float64 {
		v, ok := seen[week]
		if !ok {
			v = f(week)
			seen[week] = v
		}
		return v
	}
}
