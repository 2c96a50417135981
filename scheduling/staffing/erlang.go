package staffing

import (
	"math"

	"muster/tenants/fault"
)

// MaxAgents bounds every search for a number of agents or lines.
const MaxAgents = 1_000_000

// tolerance is how far rounding may push a ratio across its goal.
const tolerance = 1e-12

// Ceil is the least whole number not below x, where x may carry the rounding of
// a few float operations: 35.7/0.85 is 42, not 43. Values at or below zero give 0.
func Ceil(x float64) int {
	if !(x > 0) {
		return 0
	}
	if x >= MaxAgents {
		return MaxAgents
	}
	if r := math.Round(x); math.Abs(x-r) <= 1e-9*math.Max(1, x) {
		return int(r)
	}
	return int(math.Ceil(x))
}

// ErlangB is the share of contacts blocked when erlangs of traffic are offered to
// lines without a queue (Erlang 1917; the inverse recursion never overflows into
// an error: a blocking below 1e-308 is 0).
func ErlangB(erlangs float64, lines int) float64 {
	if !(erlangs > 0) {
		if lines <= 0 {
			return 1
		}
		return 0
	}
	inverse := 1.0
	for i := 1; i <= lines && !math.IsInf(inverse, 1); i++ {
		inverse = 1 + inverse*float64(i)/erlangs
	}
	return 1 / inverse
}

// ErlangC is the probability that a contact waits when nobody hangs up; 1 when
// the traffic is not below the agents.
func ErlangC(erlangs float64, agents int) float64 {
	if !(erlangs > 0) {
		if agents <= 0 {
			return 1
		}
		return 0
	}
	if erlangs >= float64(agents) {
		return 1
	}
	b := ErlangB(erlangs, agents)
	// (N-A) + A*B instead of N - A*(1-B): no cancellation near saturation.
	return float64(agents) * b / (float64(agents) - erlangs + erlangs*b)
}

// ExtendedErlangB is the blocking when a share retry (0..1) of the blocked
// contacts tries again: B(A', lines) at A' = A + retry*A'*B(A', lines).
func ExtendedErlangB(erlangs float64, lines int, retry float64) float64 {
	if !(erlangs > 0) || lines <= 0 || !(retry > 0) {
		return ErlangB(erlangs, lines)
	}
	if retry >= 1 {
		if erlangs >= float64(lines) {
			return 1
		}
		retry = 1
	}
	excess := func(total float64) float64 { return total*(1-retry*ErlangB(total, lines)) - erlangs }
	high := erlangs
	for excess(high) < 0 {
		high *= 2
	}
	return ErlangB(bisect(erlangs, high, excess), lines)
}

// LinesForBlocking is the least number of lines with ErlangB at or below goal.
func LinesForBlocking(erlangs, goal, retry float64) (int, error) {
	if err := checkErlangs(erlangs); err != nil {
		return 0, err
	}
	if err := checkShare("goal", goal); err != nil {
		return 0, err
	}
	if !(retry > 0) {
		inverse, lines := 1.0, 0
		for 1/inverse > goal+tolerance && lines < MaxAgents && erlangs > 0 {
			lines++
			inverse = 1 + inverse*float64(lines)/erlangs
		}
		return lines, nil
	}
	return leastAgents(0, int(erlangs)+1, func(n int) bool {
		return ExtendedErlangB(erlangs, n, retry) <= goal+tolerance
	}), nil
}

// ErlangsForBlocking is the traffic that lines carry at exactly the blocking
// goal, when a share retry of the blocked tries again.
func ErlangsForBlocking(lines int, goal, retry float64) (float64, error) {
	if err := checkOpenShare("goal", goal); err != nil {
		return 0, err
	}
	if lines <= 0 {
		return 0, nil
	}
	// B(A,N) >= 1 - N/A, so the solution lies below N/(1-goal).
	total := bisect(0, float64(lines)/(1-goal), func(a float64) float64 { return ErlangB(a, lines) - goal })
	return total * (1 - retry*goal), nil
}

// ErlangsForWaitProbability is the traffic at which ErlangC equals goal.
func ErlangsForWaitProbability(agents int, goal float64) (float64, error) {
	if err := checkOpenShare("goal", goal); err != nil {
		return 0, err
	}
	if agents <= 0 {
		return 0, nil
	}
	return bisect(0, float64(agents), func(a float64) float64 { return ErlangC(a, agents) - goal }), nil
}

// AgentsForWaitProbability is the least number of agents with ErlangC at or below goal.
func AgentsForWaitProbability(erlangs, goal float64) (int, error) {
	if err := checkErlangs(erlangs); err != nil {
		return 0, err
	}
	if err := checkOpenShare("goal", goal); err != nil {
		return 0, err
	}
	return leastAgents(0, squareRootGuess(erlangs), func(n int) bool {
		return ErlangC(erlangs, n) <= goal+tolerance
	}), nil
}

// SquareRootStaffing is ceil(erlangs + beta*sqrt(erlangs)), the rule of thumb the
// exact requirement is compared with (Halfin and Whitt 1981).
func SquareRootStaffing(erlangs, beta float64) int {
	return Ceil(erlangs + beta*math.Sqrt(math.Max(0, erlangs)))
}

// squareRootGuess is where a search for agents starts.
func squareRootGuess(erlangs float64) int { return SquareRootStaffing(erlangs, 1) }

// leastAgents finds the least n >= low for which ok holds, given that ok stays
// true once true; it starts at hint and gallops, so a good hint costs two calls.
// It gives MaxAgents when ok never holds.
func leastAgents(low, hint int, ok func(int) bool) int {
	hint = min(max(hint, low), MaxAgents)
	var no, yes int // ok(no) is false (or no = low-1), ok(yes) is true
	if ok(hint) {
		yes = hint
		for step := 1; ; step *= 2 {
			if yes == low {
				return low
			}
			n := max(low, yes-step)
			if !ok(n) {
				no = n
				break
			}
			yes = n
		}
	} else {
		no = hint
		for step := 1; ; step *= 2 {
			if no >= MaxAgents {
				return MaxAgents
			}
			n := min(MaxAgents, no+step)
			if ok(n) {
				yes = n
				break
			}
			no = n
		}
	}
	for yes-no > 1 {
		if mid := no + (yes-no)/2; ok(mid) {
			yes = mid
		} else {
			no = mid
		}
	}
	return yes
}

// bisect finds the zero of an increasing f between low and high to the last bit
// or two of a float64.
func bisect(low, high float64, f func(float64) float64) float64 {
	for range 200 {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			break
		}
		if f(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return low + (high-low)/2
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func checkErlangs(x float64) error {
	if !finite(x) || x < 0 || x > MaxAgents/2 {
		return fault.Newf(fault.Invalid, "staffing.bad_erlangs",
			"the traffic must lie between 0 and %d erlangs, not %v: check volume, handling time and interval", MaxAgents/2, x)
	}
	return nil
}

// checkShare accepts 0 <= x < 1.
func checkShare(name string, x float64) error {
	if !(x >= 0 && x < 1) {
		return fault.Newf(fault.Invalid, "staffing.bad_share", "%s must be at least 0 and below 1, not %v (write 80 %% as 0.8)", name, x).With("field", name)
	}
	return nil
}

// checkOpenShare accepts 0 < x < 1.
func checkOpenShare(name string, x float64) error {
	if !(x > 0 && x < 1) {
		return fault.Newf(fault.Invalid, "staffing.bad_share", "%s must lie between 0 and 1, not %v (write 80 %% as 0.8)", name, x).With("field", name)
	}
	return nil
}
