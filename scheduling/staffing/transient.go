package staffing

import "math"

// transientTail is the probability mass that the truncated chain may neglect.
const transientTail = 1e-9

// Transient follows one queue through its intervals by the exact chain of M/M/N+M
// with rates that change at every border: the work left at the end of an interval
// is the start of the next. Distributions advance by uniformisation (Jensen 1953).
// When seats fall, contacts in hand above the new number wait for a free agent.
type Transient struct {
	state []float64 // probability of 0, 1, ... contacts in the queue
	next  []float64
	mean  []float64 // the state averaged over the interval
}

// NewTransient starts with an empty queue.
func NewTransient() *Transient { return &Transient{state: []float64{1}} }

// Clone copies the state, to try a number of seats without committing to it.
func (t *Transient) Clone() *Transient {
	return &Transient{state: append([]float64(nil), t.state...)}
}

// Backlog is the mean number of contacts waiting if seats agents serve the state.
func (t *Transient) Backlog(seats int) float64 {
	waiting := 0.0
	for n := seats + 1; n < len(t.state); n++ {
		waiting += float64(n-seats) * t.state[n]
	}
	return waiting
}

// Advance lets the load meet seats agents for one interval and gives what the
// contacts that arrive in it experience, in expectation.
func (t *Transient) Advance(load Load, seats int, goals Goals) (Requirement, error) {
	if err := load.Validate(); err != nil {
		return Requirement{}, err
	}
	lambda, mu, theta := load.Contacts/load.Interval, 0.0, impatience(load.Patience)
	if load.AHT > 0 {
		mu = 1 / load.AHT
	}
	t.run(lambda, mu, theta, load.Interval, seats)
	r := Requirement{Net: seats, Erlangs: load.Erlangs(), ServiceLevel: 1, Backlog: t.Backlog(seats)}
	busy, queue := 0.0, 0.0
	for n, p := range t.mean {
		busy += p * float64(min(n, seats))
		queue += p * float64(max(0, n-seats))
	}
	if seats > 0 {
		r.Occupancy = clamp(busy / float64(seats))
	}
	if lambda > 0 {
		r.ASA = queue / lambda
		r.Abandonment = clamp(theta * queue / lambda)
		r.ServiceLevel = serviceFromState(t.mean, lambda, float64(seats)*mu, theta, seats, goals, r.Abandonment)
	}
	return r, nil
}

// run advances the state over duration seconds and keeps its average.
func (t *Transient) run(lambda, mu, theta, duration float64, seats int) {
	size := t.size(lambda, mu, theta, duration, seats)
	for len(t.state) < size {
		t.state = append(t.state, 0)
	}
	leave := make([]float64, size)
	uniform := lambda
	for n := range leave {
		leave[n] = float64(min(n, seats))*mu + float64(max(0, n-seats))*theta
		uniform = math.Max(uniform, lambda+leave[n])
	}
	t.mean = append(t.mean[:0], t.state...)
	if !(uniform > 0) {
		return
	}
	if cap(t.next) < size {
		t.next = make([]float64, size)
	}
	// Long intervals go in slices, so that exp(-uniform*slice) does not vanish.
	slices := math.Ceil(uniform * duration / 400)
	for i := range t.mean {
		t.mean[i] = 0
	}
	for range int(slices) {
		t.slice(lambda, leave, uniform, duration/slices, 1/slices)
	}
	last := len(t.state)
	for last > 1 && t.state[last-1] < transientTail/100 {
		last--
	}
	t.state = t.state[:last]
	normalise(t.state)
	normalise(t.mean)
}

// normalise returns the mass that truncation lost.
func normalise(p []float64) {
	total := 0.0
	for _, v := range p {
		total += v
	}
	if !(total > 0) {
		return
	}
	for i := range p {
		p[i] /= total
	}
}

// slice advances by one Poisson sum; share weighs it in the average.
func (t *Transient) slice(lambda float64, leave []float64, uniform, duration, share float64) {
	size := len(leave)
	x := uniform * duration
	weight := math.Exp(-x) // Poisson probability of k jumps
	over := 1 - weight     // probability of more than k jumps
	power := append([]float64(nil), t.state[:size]...)
	result := make([]float64, size)
	stay, up := make([]float64, size), lambda/uniform
	for n := range stay {
		stay[n] = 1 - up - leave[n]/uniform
		leave[n] /= uniform
	}
	stay[size-1] += up // the last state turns arrivals away
	next := t.next[:size]
	for k := 1.0; ; k++ {
		average := share * math.Max(0, over) / x
		for n, p := range power {
			result[n] += weight * p
			t.mean[n] += average * p
		}
		if k > x && over < 1e-13 {
			break
		}
		for n := range next {
			v := power[n] * stay[n]
			if n > 0 {
				v += power[n-1] * up
			}
			if n+1 < size {
				v += power[n+1] * leave[n+1]
			}
			next[n] = v
		}
		power, next = next, power
		weight *= x / k
		over -= weight
	}
	for n := range leave {
		leave[n] *= uniform
	}
	copy(t.state[:size], result)
}

// size bounds the states worth following: what is there, plus arrivals that find
// no agent, with a margin of many standard deviations.
func (t *Transient) size(lambda, mu, theta, duration float64, seats int) int {
	most := float64(len(t.state)) + lambda*duration + 8*math.Sqrt(lambda*duration) + 10
	erlangs := 0.0
	if mu > 0 {
		erlangs = lambda / mu
	}
	level := math.Max(float64(seats), erlangs)
	if theta > 0 {
		level = float64(seats) + math.Max(0, lambda-float64(seats)*mu)/theta
		level += 8*math.Sqrt(lambda/theta+level) + 30
	} else {
		spare := math.Max(1-erlangs/math.Max(1, float64(seats)), 0.02)
		level += 25/spare + 8*math.Sqrt(level)
		if float64(seats) <= erlangs {
			level = most
		}
	}
	return int(math.Max(2, math.Min(most, math.Max(level, float64(len(t.state)+10)))))
}

// serviceFromState is the service level of a contact that finds n others with
// probability state[n]. Behind j waiting contacts the wait is a sum of
// exponential times with rates top+k*theta, so e^(-theta*wait) is a Beta
// variable: the chance to be answered within T is a partial sum of negative
// binomial (without patience: Poisson) probabilities.
func serviceFromState(state []float64, lambda, top, theta float64, seats int, goals Goals, abandoned float64) float64 {
	answered, waiting := 0.0, 0.0
	for n := 0; n < min(seats, len(state)); n++ {
		answered += state[n]
	}
	late := 0.0 // served or gone within the threshold, for the third formula
	if top > 0 {
		reach := newReach(top, theta, goals.Threshold)
		for n := seats; n < len(state); n++ {
			in, offered := reach.next()
			answered += state[n] * in
			late += state[n] * (1 - offered)
			waiting += state[n]
		}
	} else {
		for n := seats; n < len(state); n++ {
			late += state[n]
		}
	}
	switch goals.Formula {
	case WaitedAtMostOverOffered:
		return clamp(1 - late*math.Exp(-theta*goals.Threshold))
	case AnsweredOverAnswered:
		if abandoned >= 1 {
			return 0
		}
		return clamp(answered / (1 - abandoned))
	default:
		return clamp(answered)
	}
}

// reach runs through the chances of a contact behind 0, 1, 2, ... waiting ones.
// Terms are kept as logarithms: the first underflows in large centres, the later
// ones do not.
type reach struct {
	top, theta       float64
	place            float64 // contacts ahead in the queue
	term, left       float64 // discounted: log of the next probability, and chance to be within the threshold
	rawTerm, rawLeft float64 // the same for a customer of endless patience
	done             float64 // log of 1 - e^(-theta*T), or of top*T without patience
}

func newReach(top, theta, threshold float64) *reach {
	r := &reach{top: top, theta: theta, rawTerm: -top * threshold, term: -(top + theta) * threshold}
	if theta == 0 {
		r.done = math.Log(top * threshold)
	} else {
		r.done = math.Log(-math.Expm1(-theta * threshold))
	}
	r.left, r.rawLeft = -math.Expm1(r.term), -math.Expm1(r.rawTerm)
	return r
}

// next gives the chance to be answered within the threshold, and the chance that
// the offered wait is within it, then moves one place back.
func (r *reach) next() (answered, offered float64) {
	offered = math.Max(0, r.rawLeft)
	r.place++
	if r.theta == 0 {
		answered = offered
		r.rawTerm += r.done - math.Log(r.place)
	} else {
		answered = math.Max(0, r.left) * r.top / (r.top + r.place*r.theta)
		b := r.top / r.theta
		r.term += r.done + math.Log((b+r.place)/r.place)
		r.left -= math.Exp(r.term)
		r.rawTerm += r.done + math.Log((b+r.place-1)/r.place)
	}
	r.rawLeft -= math.Exp(r.rawTerm)
	return answered, offered
}

// carryOver replans a queue whose stationary plan is given: every interval starts
// with what the one before left, and gets the least seats that still meet the
// goals. An empty start may need fewer seats than the steady state, a backlog more.
func carryOver(in Input, stationary []Requirement) ([]Requirement, error) {
	out := make([]Requirement, len(stationary))
	t := NewTransient()
	for i, s := range stationary {
		load := in.load(i)
		seats := s.Net
		if s.Binding == BindingClosed {
			seats = 0
			t = NewTransient() // nobody waits through the night
		}
		try := func(n int) (Requirement, *Transient, error) {
			c := t.Clone()
			r, err := c.Advance(load, n, in.Goals)
			return r, c, err
		}
		r, after, err := try(seats)
		if err != nil {
			return nil, in.named(err)
		}
		if s.Binding != BindingClosed {
			r, after, seats, err = in.settle(r, after, seats, try)
			if err != nil {
				return nil, in.named(err)
			}
		}
		r.Net, r.Stationary, r.Binding = seats, s.Net, s.Binding
		if seats > s.Net {
			r.Binding = BindingCarryOver
		}
		t, out[i] = after, r
	}
	return out, nil
}

// settle moves the seats from the stationary answer to the least that meets the goals.
func (in Input) settle(r Requirement, after *Transient, seats int,
	try func(int) (Requirement, *Transient, error),
) (Requirement, *Transient, int, error) {
	if in.Goals.met(r) {
		for seats > in.Goals.MinSeats {
			less, then, err := try(seats - 1)
			if err != nil {
				return r, after, seats, err
			}
			if !in.Goals.met(less) {
				break
			}
			r, after, seats = less, then, seats-1
		}
		return r, after, seats, nil
	}
	for !in.Goals.met(r) && seats < MaxAgents {
		more, then, err := try(seats + 1)
		if err != nil {
			return r, after, seats, err
		}
		r, after, seats = more, then, seats+1
	}
	return r, after, seats, nil
}

// met says whether an interval met the goals.
func (g Goals) met(r Requirement) bool {
	return (g.ServiceLevel == 0 || r.ServiceLevel >= g.ServiceLevel-1e-9) &&
		(g.ASA == 0 || r.ASA <= g.ASA+1e-9) &&
		(g.Abandonment == 0 || r.Abandonment <= g.Abandonment+1e-9) &&
		(g.MaxOccupancy == 0 || r.Occupancy <= g.MaxOccupancy+1e-9)
}
