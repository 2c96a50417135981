package staffing

import (
	"math"
	"slices"

	"muster/tenants/fault"
)

// Formula says which share a service level is.
type Formula string

// The service levels a queueing model can predict; the variants on counts that
// contracts use are KPIFormula.
const (
	AnsweredOverOffered     Formula = "answered_over_offered"       // answered in time / all offered; the default
	AnsweredOverAnswered    Formula = "answered_over_answered"      // answered in time / all answered
	WaitedAtMostOverOffered Formula = "waited_at_most_over_offered" // answered or gone in time / all offered
)

// Formulas lists the formulas in the order of preference.
func Formulas() []Formula {
	return []Formula{AnsweredOverOffered, AnsweredOverAnswered, WaitedAtMostOverOffered}
}

func checkFormula(f Formula) error {
	if f == "" || slices.Contains(Formulas(), f) {
		return nil
	}
	return fault.Newf(fault.Invalid, "staffing.unknown_formula", "unknown service level formula %q; allowed: %s", f, fault.Allowed(Formulas()))
}

// Load is the traffic of one queue in one interval.
type Load struct {
	Contacts    float64     // offered in the interval
	Interval    float64     // length of the interval, seconds
	AHT         float64     // mean handling time of a contact that is handled alone, seconds
	Patience    float64     // mean time until a waiting contact hangs up, seconds; 0 = never
	Concurrency Concurrency // contacts one agent handles at a time; empty = 1
}

// Erlangs is the traffic in agent-seconds per second.
func (l Load) Erlangs() float64 {
	if !(l.Contacts > 0) {
		return 0
	}
	return l.Contacts * l.AHT / l.Interval
}

// Validate refuses what no formula can take: negative or non-finite numbers, an
// empty interval, a handling time of zero with contacts, a falling concurrency table.
func (l Load) Validate() error {
	for _, f := range []struct {
		name  string
		value float64
	}{{"contacts", l.Contacts}, {"interval", l.Interval}, {"aht", l.AHT}, {"patience", l.Patience}} {
		if !finite(f.value) || f.value < 0 {
			return fault.Newf(fault.Invalid, "staffing.bad_load", "%s must be a number not below 0, not %v", f.name, f.value).With("field", f.name)
		}
	}
	if l.Interval == 0 {
		return fault.New(fault.Invalid, "staffing.bad_load", "the interval has no length; give it in seconds, as 900").With("field", "interval")
	}
	if l.Contacts > 0 && l.AHT == 0 {
		return fault.New(fault.Invalid, "staffing.bad_load", "contacts without a handling time need nobody; give the mean handling time in seconds").With("field", "aht")
	}
	if l.Patience < patientForever && l.Contacts/l.Interval*l.Patience > mostPerPatience {
		return fault.Newf(fault.Invalid, "staffing.bad_load", "a patience of %v s outlasts %g arrivals; give 0 if nobody hangs up", l.Patience, mostPerPatience).With("field", "patience")
	}
	if err := l.Concurrency.Validate(); err != nil {
		return err
	}
	return checkErlangs(l.Erlangs())
}

// mostPerPatience bounds the arrivals during one mean patience. The sums of Erlang A
// near saturation take about ten times its root in terms.
const mostPerPatience = 1e10

// Curve answers "what if" for one load at any number of agents; it keeps the
// recursion it has done, so asking for many numbers costs little more than
// asking for the largest. A Curve is not safe for concurrent use.
type Curve struct {
	load    Load
	erlangs float64
	lambda  float64
	theta   float64
	inverse []float64 // 1/ErlangB by number of agents
}

// NewCurve prepares a load.
func NewCurve(load Load) (*Curve, error) {
	c := new(Curve)
	if err := c.reset(load); err != nil {
		return nil, err
	}
	return c, nil
}

// reset points the curve at another load and keeps its memory.
func (c *Curve) reset(load Load) error {
	if err := load.Validate(); err != nil {
		return err
	}
	c.load = load
	c.erlangs = load.Erlangs()
	c.lambda, c.theta = 0, impatience(load.Patience)
	if c.erlangs > 0 {
		c.lambda = load.Contacts / load.Interval
	}
	c.inverse = append(c.inverse[:0], 1)
	return nil
}

// Erlangs is the traffic of the load.
func (c *Curve) Erlangs() float64 { return c.erlangs }

// At is the steady state with that many agents.
func (c *Curve) At(agents int) System {
	agents = min(max(agents, 0), MaxAgents)
	if !(c.lambda > 0) {
		return newSystem(0, float64(agents), c.theta, 0)
	}
	if len(c.load.Concurrency.Speed) > 1 {
		return c.load.Concurrency.system(c.load, c.lambda, c.theta, agents)
	}
	if agents == 0 {
		return newSystem(c.lambda, 0, c.theta, 0)
	}
	return newSystem(c.lambda, float64(agents)/c.load.AHT, c.theta, c.inverseB(agents)-1)
}

// inverseB is 1/ErlangB, from the recursion done so far.
func (c *Curve) inverseB(agents int) float64 {
	for i := len(c.inverse); i <= agents; i++ {
		c.inverse = append(c.inverse, 1+c.inverse[i-1]*float64(i)/c.erlangs)
	}
	return c.inverse[agents]
}

// ServiceLevels is the service level for 0, 1, ..., most agents: what a roster
// needs to value one agent more or less.
func (c *Curve) ServiceLevels(most int, formula Formula, threshold float64) []float64 {
	levels := make([]float64, max(0, most)+1)
	for n := range levels {
		levels[n] = c.At(n).ServiceLevel(formula, threshold)
		if n > 0 { // rounding must not make an agent look harmful
			levels[n] = math.Max(levels[n], levels[n-1])
		}
		if levels[n] >= 1-1e-15 { // nothing is left to gain
			for m := n; m < len(levels); m++ {
				levels[m] = levels[n]
			}
			break
		}
	}
	return levels
}

// AgentsForServiceLevel is the least number of agents whose service level is at least goal.
func (c *Curve) AgentsForServiceLevel(formula Formula, threshold, goal float64) (int, error) {
	if err := checkShare("service level", goal); err != nil {
		return 0, err
	}
	if err := checkFormula(formula); err != nil {
		return 0, err
	}
	return c.least(squareRootGuess(c.erlangs), func(s System) bool {
		return s.ServiceLevel(formula, threshold) >= goal-tolerance
	}), nil
}

// AgentsForMeanWait is the least number of agents whose mean wait is at most
// goal seconds.
func (c *Curve) AgentsForMeanWait(goal float64) (int, error) {
	if !(goal > 0) {
		return 0, fault.Newf(fault.Invalid, "staffing.bad_goal", "the goal for the mean wait must be above 0 seconds, not %v", goal)
	}
	return c.least(squareRootGuess(c.erlangs), func(s System) bool { return s.MeanWait() <= goal*(1+tolerance) }), nil
}

// AgentsForAbandonment is the least number of agents who lose at most the share
// goal. Without patience in the load it is the least stable number.
func (c *Curve) AgentsForAbandonment(goal float64) (int, error) {
	if err := checkOpenShare("abandonment", goal); err != nil {
		return 0, err
	}
	return c.least(squareRootGuess(c.erlangs), func(s System) bool {
		return s.Stable() && s.Abandonment() <= goal+tolerance
	}), nil
}

// AgentsForOccupancy is the least number of agents whose occupancy does not
// exceed limit.
func (c *Curve) AgentsForOccupancy(limit float64) (int, error) {
	if !(limit > 0 && limit <= 1) {
		return 0, fault.Newf(fault.Invalid, "staffing.bad_share", "the occupancy limit must be above 0 and at most 1, not %v", limit)
	}
	return c.least(Ceil(c.erlangs/limit), func(s System) bool {
		return s.Stable() && s.Occupancy() <= limit+tolerance
	}), nil
}

// least searches from hint the least number of agents whose system is ok.
func (c *Curve) least(hint int, ok func(System) bool) int {
	if !(c.lambda > 0) {
		return 0
	}
	return leastAgents(0, hint, func(n int) bool { return ok(c.At(n)) })
}

// Stable says that the queue does not grow for ever.
func (s System) Stable() bool { return !(s.unstable && s.theta == 0) && !math.IsInf(s.queue, 1) }
