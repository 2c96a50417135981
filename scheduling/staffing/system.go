package staffing

import "math"

// patientForever is the patience in seconds (about 30 years) from which on
// nobody is taken to hang up.
const patientForever = 1e9

// impatience is the rate of hanging up for a mean patience in seconds, 0 = never.
// A patience below a microsecond is one.
func impatience(patience float64) float64 {
	if !(patience > 0) || patience >= patientForever {
		return 0
	}
	return 1 / math.Max(patience, 1e-6)
}

// System is the steady state of one queue: contacts arrive at random, a number of
// servers work, those who find none free wait in order of arrival and each hangs
// up after an exponential patience. It is M/M/N (Erlang C) without patience,
// M/M/N+M (Erlang A) with it, and chat when the servers speed up with their load.
type System struct {
	lambda   float64 // arrivals per second
	top      float64 // service rate when all servers are busy, per second
	theta    float64 // hang-ups per second and waiting contact; 0 = never
	pFull    float64 // probability of "all servers busy, nobody waits"
	logPFull float64
	wait     float64 // probability to wait
	queue    float64 // mean number waiting
	unstable bool
	deep     bool // overload so deep that the chain's sum is a whole gamma function
}

// newSystem builds the steady state; below is the sum of the probabilities of all
// states with a free server, divided by that of "all busy, nobody waits".
func newSystem(lambda, top, theta, below float64) System {
	s := System{lambda: lambda, top: top, theta: theta}
	switch {
	case !(lambda > 0):
		return System{top: top, theta: theta, logPFull: math.Inf(-1)}
	case !(top > 0):
		s.wait, s.unstable, s.logPFull = 1, true, math.Inf(-1)
		if theta > 0 {
			s.queue = lambda / theta
		}
		return s
	case theta == 0:
		s.erlangC(below)
	default:
		s.erlangA(below)
	}
	return s
}

func (s *System) erlangC(below float64) {
	if s.lambda >= s.top {
		s.unstable, s.wait, s.queue, s.logPFull = true, 1, math.Inf(1), math.Inf(-1)
		return
	}
	waiting := s.top / (s.top - s.lambda) // the sum over all states without a free server
	s.pFull = 1 / (below + waiting)
	s.logPFull = math.Log(s.pFull)
	s.wait = waiting * s.pFull
	s.queue = s.wait * s.lambda / (s.top - s.lambda)
}

func (s *System) erlangA(below float64) {
	rest, moment, scale := queueSums(s.top/s.theta, s.lambda/s.theta)
	if scale == 0 {
		total := below + 1 + rest
		s.pFull = 1 / total
		s.logPFull = -math.Log(total)
		s.wait = (1 + rest) / total
		s.queue = moment / total
		return
	}
	// Deep overload: the states with a free server have hardly any weight, and "all
	// busy, nobody waits" has none beside those in which contacts wait.
	s.deep = true
	s.wait = 1 / (1 + math.Exp(math.Log(below)-scale))
	s.logPFull = math.Log(s.wait) - scale
	s.pFull = math.Exp(s.logPFull)
	// Balance of flow into and out of the waiting states.
	s.queue = ((s.lambda-s.top)*s.wait + s.top*s.pFull) / s.theta
}

// queueSums gives the sums over j >= 1 of t(j) and of j*t(j), where
// t(j) = y^j / ((c+1)(c+2)...(c+j)) is the weight of j waiting contacts, each
// times exp(-scale). One plus the first is Kummer's 1F1(1; c+1; y). A scale other
// than 0 means y is so far above c that the sum is the whole gamma function to
// double precision; then the second value is not given.
func queueSums(c, y float64) (rest, moment, scale float64) {
	if !(y > 0) {
		return 0, 0, 0
	}
	if y > c+10*math.Sqrt(c)+100 {
		return 1, 0, logGammaRatio(c, y)
	}
	term := 1.0
	for j := 1.0; ; j++ {
		ratio := y / (c + j)
		term *= ratio
		rest += term
		moment += j * term
		if ratio < 1 && j*term <= 1e-17*moment*(1-ratio) {
			return rest, moment, 0
		}
	}
}

// logGammaRatio is the log of e^y * y^-c * Gamma(c+1), in a form that does not
// subtract large numbers.
func logGammaRatio(c, y float64) float64 {
	if c < 10 {
		g, _ := math.Lgamma(c + 1)
		return y - c*math.Log(y) + g
	}
	d := (y - c) / c
	gap := d - math.Log1p(d)
	if math.Abs(d) < 1e-2 { // the difference of two nearly equal numbers: its series instead
		gap = 0
		for k, power := 2.0, d*d; math.Abs(power) > 1e-20*d*d; k, power = k+1, power*d {
			if int(k)%2 == 0 {
				gap += power / k
			} else {
				gap -= power / k
			}
		}
	}
	c2 := c * c
	return c*gap + 0.5*math.Log(2*math.Pi*c) + (1.0/12-(1.0/360-1.0/(1260*c2))/c2)/c
}

// tails gives, for an offered wait longer than t: its probability, and the
// probability that the contact is answered (has not hung up by then).
// The offered wait is what a contact of endless patience would wait.
func (s System) tails(t float64) (longer, answered float64) {
	switch {
	case !(s.lambda > 0) || s.wait == 0:
		return 0, 0
	case s.unstable && s.theta == 0:
		return 1, 1
	case s.unstable: // no servers: all hang up
		return 1, 0
	case s.theta == 0:
		longer = s.wait * math.Exp(-(s.top-s.lambda)*t)
		return longer, longer
	}
	c, eta := s.top/s.theta, s.lambda/s.theta
	y := eta * math.Exp(-s.theta*t)
	rest, _, scale := queueSums(c, y)
	if scale != 0 { // nearly nobody is reached so soon
		return s.wait, s.wait * s.top / s.lambda
	}
	power := s.logPFull - eta*math.Expm1(-s.theta*t) - s.top*t
	if s.deep { // the same without subtracting large numbers
		power = math.Log(s.wait) - logGammaRatio(c, y)
	}
	p := math.Exp(power)
	return p * (1 + rest), p * rest * s.top / s.lambda
}

// WaitProbability is the probability that a contact does not find a free server.
func (s System) WaitProbability() float64 { return s.wait }

// Abandonment is the share of contacts that hang up before an answer.
func (s System) Abandonment() float64 {
	if !(s.lambda > 0) || s.theta == 0 {
		return 0
	}
	if s.unstable {
		return 1
	}
	return math.Min(1, s.theta*s.queue/s.lambda)
}

// MeanQueueLength is the mean number of contacts waiting; +Inf when unstable.
func (s System) MeanQueueLength() float64 { return s.queue }

// MeanWait is the mean wait in seconds over all contacts, those who hang up
// included; it is the ASA when nobody hangs up. +Inf when unstable.
func (s System) MeanWait() float64 {
	if !(s.lambda > 0) {
		return 0
	}
	if s.unstable && s.theta == 0 {
		return math.Inf(1)
	}
	return s.queue / s.lambda
}

// MeanWaitOfDelayed is the mean wait in seconds of those who wait at all.
func (s System) MeanWaitOfDelayed() float64 {
	switch {
	case s.unstable && s.theta == 0:
		return math.Inf(1)
	case s.theta == 0 && s.top > s.lambda:
		return 1 / (s.top - s.lambda)
	case s.wait > 0:
		return s.MeanWait() / s.wait
	}
	return 0
}

// Occupancy is the share of the servers' time, at their top speed, spent on contacts.
func (s System) Occupancy() float64 {
	if !(s.lambda > 0) {
		return 0
	}
	if !(s.top > 0) {
		return 1
	}
	if s.unstable {
		return 1
	}
	// Flow in and out of the states with a free server, instead of lambda*(1-abandonment)/top:
	// nothing is lost when nearly all hang up.
	return clamp(s.wait - s.pFull + s.lambda*(1-s.wait)/s.top)
}

// ServiceLevel is the share of contacts served within threshold seconds by the
// formula; 1 when nothing arrives.
func (s System) ServiceLevel(formula Formula, threshold float64) float64 {
	if !(s.lambda > 0) {
		return 1
	}
	threshold = math.Max(0, threshold)
	longer, late := s.tails(threshold)
	abandoned := s.Abandonment()
	switch formula {
	case WaitedAtMostOverOffered:
		return clamp(1 - longer*math.Exp(-s.theta*threshold))
	case AnsweredOverAnswered:
		served := s.Occupancy() * s.top / s.lambda // 1 - abandoned without its rounding
		if !(served > 0) {
			return 0
		}
		return clamp(1 - late/served)
	default:
		return clamp(1 - abandoned - late)
	}
}

// WaitPercentile is the wait in seconds that a share p of all contacts does not
// exceed, hang-ups counting with the time they waited. +Inf when unstable.
func (s System) WaitPercentile(p float64) float64 {
	if !(s.lambda > 0) || s.wait <= 1-p {
		return 0
	}
	if p >= 1 || s.theta == 0 && s.unstable {
		return math.Inf(1)
	}
	if s.theta == 0 {
		return math.Log(s.wait/(1-p)) / (s.top - s.lambda)
	}
	if s.unstable {
		return -math.Log(1-p) / s.theta
	}
	over := func(t float64) float64 {
		longer, _ := s.tails(t)
		return 1 - p - longer*math.Exp(-s.theta*t)
	}
	high := 1 / s.theta
	for over(high) < 0 {
		high *= 2
	}
	return bisect(0, high, over)
}

// clamp keeps rounding from pushing a share out of 0..1.
func clamp(x float64) float64 { return math.Max(0, math.Min(1, x)) }
