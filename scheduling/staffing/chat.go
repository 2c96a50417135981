package staffing

import (
	"math"

	"muster/tenants/fault"
)

// Concurrency says how fast an agent works on several contacts at a time.
// Speed[k-1] is the throughput with k contacts open, relative to one alone, so a
// contact lasts AHT*k/Speed[k-1]: the handling time grows with the load. The
// length of Speed is the most contacts an agent may have open.
type Concurrency struct {
	Speed []float64
}

// TypicalChat is the table that trade literature gives for one to most (1..5)
// chats at a time: 1, 1.7, 2.5, 2.9, 3.5 (callcentrehelper.com). Replace it by
// the measured one.
func TypicalChat(most int) Concurrency {
	speed := []float64{1, 1.7, 2.5, 2.9, 3.5}
	return Concurrency{Speed: speed[:min(max(most, 1), len(speed))]}
}

// Validate accepts an empty table or one that starts at 1, does not fall and
// never grows faster than the number of contacts.
func (c Concurrency) Validate() error {
	if len(c.Speed) > 50 {
		return fault.Newf(fault.Invalid, "staffing.bad_concurrency", "an agent with %d contacts at a time is more than the 50 supported", len(c.Speed))
	}
	for i, v := range c.Speed {
		switch {
		case !finite(v) || i == 0 && v != 1:
			return fault.Newf(fault.Invalid, "staffing.bad_concurrency", "the speed with %d contacts at a time is %v; the table starts with 1 for one contact", i+1, v)
		case i > 0 && (v < c.Speed[i-1] || v > float64(i+1)+tolerance):
			return fault.Newf(fault.Invalid, "staffing.bad_concurrency", "the speed with %d contacts at a time is %v; it must not fall nor exceed %d", i+1, v, i+1)
		}
	}
	return nil
}

// EffectiveAHT is the handling time of one contact in agent time when contacts
// overlap: aht divided by the speed.
func EffectiveAHT(aht, speed float64) float64 {
	if !(speed > 0) {
		return math.Inf(1)
	}
	return aht / speed
}

// system is the exact chain of agents who share the open contacts evenly: with
// n = q*agents + r contacts, r agents have q+1 and the others q.
func (c Concurrency) system(load Load, lambda, theta float64, agents int) System {
	most := len(c.Speed)
	top := float64(agents) * c.Speed[most-1] / load.AHT
	if agents == 0 {
		return newSystem(lambda, 0, theta, 0)
	}
	inverse, perContact, slower := 1.0, 1/(lambda*load.AHT), 0.0
	for q := range most {
		base, gain := float64(agents)*slower, c.Speed[q]-slower
		for r := 1; r <= agents; r++ {
			inverse = 1 + inverse*(base+float64(r)*gain)*perContact
		}
		slower = c.Speed[q]
	}
	return newSystem(lambda, top, theta, inverse-1)
}
