package forecast

import (
	"math"
	"slices"
)

// surplus is how many standard errors of the paired difference a single method must be ahead of the blend to replace it:
// the best of several methods over a few origins looks better than it is.
const surplus = 1.5

// choose picks the method of one lead. The blend is the rule; a single method replaces it only when the rolling origins
// show more than chance. Without any back-test the decomposition speaks alone.
func choose(trials []trial, methods []Method, l lead) Choice {
	own := trialErrors(trials, Combined, l)
	if len(own) == 0 {
		return chosen(l, shortHistory(methods), say(choiceShort, nil, "the history is too short for a back-test"))
	}
	if !slices.Contains(methods, Combined) {
		return leastError(trials, methods, l)
	}
	best, bestGain := Combined, 0.0
	for _, m := range methods {
		if m == Combined {
			continue
		}
		gain, sure := pairedGain(own, trialErrors(trials, m, l), overlap(trials, l))
		if sure && gain > bestGain {
			best, bestGain = m, gain
		}
	}
	wape := func(m Method) float64 { s, _ := judge(trials, m, l, 0); return 100 * s.WAPE }
	if math.IsNaN(wape(Combined)) {
		return chosen(l, best, say(choiceSilent, nil, "no contact arrived in the back-test"))
	}
	figures := map[string]any{"origins": len(own), "wape": wape(best), "plain": wape(Mean8), "blend": wape(Combined)}
	if best == Combined {
		return chosen(l, best, say(choiceBlend, figures, "over %d rolling origins no single method was surely better: WAPE %.1f %% against %.1f %% of the 8-week mean",
			len(own), wape(Combined), wape(Mean8)))
	}
	return chosen(l, best, say(choiceSingle, figures, "over %d rolling origins surely better than the blend: WAPE %.1f %% against %.1f %%, 8-week mean %.1f %%",
		len(own), wape(best), wape(Combined), wape(Mean8)))
}

// chosen is a choice with its reason.
func chosen(l lead, m Method, why Note) Choice {
	return Choice{Lead: l.name, Method: m, Reason: why.Text, Why: why}
}

// leastError picks the method with the least WAPE, for portfolios without the blend.
func leastError(trials []trial, methods []Method, l lead) Choice {
	best, least := Mean8, math.Inf(1)
	for _, m := range methods {
		if s, _ := judge(trials, m, l, 0); s.WAPE < least {
			best, least = m, s.WAPE
		}
	}
	if math.IsInf(least, 1) {
		return chosen(l, best, say(choiceSilent, nil, "no contact arrived in the back-test"))
	}
	return chosen(l, best, say(choiceLeast, map[string]any{"wape": 100 * least}, "least error of the methods asked for: WAPE %.1f %%", 100*least))
}

// trialErrors lists the absolute error of a method per trial that covers the lead, relative to the mean volume of the
// trials, so that their mean is the WAPE; NaN where the method said nothing.
func trialErrors(trials []trial, m Method, l lead) []float64 {
	var out []float64
	volume := 0.0
	for i := range trials {
		from, to, ok := trials[i].inLead(l)
		if !ok {
			continue
		}
		abs, said := 0.0, false
		for j := from; j < to; j++ {
			a := trials[i].actual[j]
			if math.IsNaN(a) {
				continue
			}
			volume += a
			if f := trials[i].forecast[m]; f != nil && !math.IsNaN(f[j]) {
				abs += math.Abs(a - f[j])
				said = true
			}
		}
		if !said {
			abs = math.NaN()
		}
		out = append(out, abs)
	}
	for i := range out {
		out[i] *= float64(len(out)) / math.Max(volume, 1e-9)
	}
	return out
}

// overlap is how many neighbouring trials of a lead share their weeks: a lead of two weeks that is tried every week repeats
// every week once, and what repeats is no further evidence.
func overlap(trials []trial, l lead) float64 {
	if len(trials) < 2 {
		return 1
	}
	step := float64(trials[0].cut.cell - trials[1].cut.cell)
	return math.Max(1, float64(min(l.to, trials[0].cut.end-trials[0].cut.cell)-l.from)/step)
}

// pairedGain gives the mean by which other errs less than own, and whether that is beyond chance. The trials hold only
// one overlap-th of independent evidence.
func pairedGain(own, other []float64, overlap float64) (gain float64, sure bool) {
	n, sq := 0.0, 0.0
	for i := range own {
		if !math.IsNaN(own[i]) && !math.IsNaN(other[i]) {
			gain += own[i] - other[i]
			n++
		}
	}
	if n < 4 || n < float64(len(own))*0.9 {
		return 0, false
	}
	gain /= n
	for i := range own {
		if !math.IsNaN(own[i]) && !math.IsNaN(other[i]) {
			d := own[i] - other[i] - gain
			sq += d * d
		}
	}
	return gain, gain > surplus*math.Sqrt(overlap*sq/(n-1)/n)
}

// shortHistory is the method that speaks when nothing could be tested.
func shortHistory(methods []Method) Method {
	if slices.Contains(methods, Decomposed) {
		return Decomposed
	}
	return Mean8
}
