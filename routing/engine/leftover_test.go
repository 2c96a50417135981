package engine

import (
	"testing"
)

// TestNothingFeasibleIsLeft plays a crowded floor with shares, reserves, caps,
// protection and chats, larger than the model test can, and checks after every
// event that no waiting contact has an agent who could take it.
func TestNothingFeasibleIsLeft(t *testing.T) {
	for seed := range uint64(8) {
		agents := []int{40, 75, 150, 150}[seed%4]
		e, now := crowd(t, agents, 24, 0, seed%2 == 0, ReasonsOff)
		x := seed*7919 + 1
		roll := func(n int) int {
			x = x*6364136223846793005 + 1442695040888963407
			return int(x >> 33 % uint64(n))
		}
		id := int64(0)
		for step := range 5000 {
			now += int64(roll(3)) * Second / 2
			var ev Event
			switch k := roll(20); {
			case k < 4+int(seed):
				id++
				ev = Arrive(Arrival{Contact: id, Queue: int32(roll(24)), Intent: None, Preferred: None, Value: int16(roll(1000))})
			case k < 18 && len(e.works) > 0:
				w := e.works[roll(len(e.works))]
				if w.slot == None || w.state == workWrapping {
					ev = OfWork(WrapEnded, w.contact, w.agent)
				} else if w.state == workOffered {
					ev = OfWork(OfferAccepted, w.contact, w.agent)
				} else {
					ev = OfContact(ContactEnded, w.contact)
				}
			case k < 19:
				ev = SetStatus(int32(roll(agents)), AgentStatus(roll(3)), 0)
			default:
				ev = OfContact(ContactLeft, int64(roll(int(id+1))))
			}
			e.Apply(now, ev)
			for i := range e.lanes {
				l := &e.lanes[i]
				for k := range l.heap {
					c := &e.contacts[l.heap[k].slot]
					if best, found := e.bestAgent(c); found {
						t.Fatalf("seed %d, step %d (%s): contact %d of client %d waits in queue %d at step %d although agent %d could take it",
							seed, step, ev.Kind, c.id, l.client, c.queue, c.step, best.agent)
					}
				}
			}
		}
	}
}
