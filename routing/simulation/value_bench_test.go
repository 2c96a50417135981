package simulation

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// What the source documents claim for value-led assignment against even assignment.
const (
	claimedWait       = -62.0 // percent, mean wait
	claimedResolution = 27.0  // percent, first-contact resolution
)

// matches collects how well the agents' skill fits the contacts they took: the mean
// level in the weightier skill, of everybody and of the quarter of highest value.
type matches struct {
	sync.Mutex
	level, topLevel float64
	n, top          float64
}

func (m *matches) note(c ContactRecord) {
	if c.Outcome != OutcomeHandled {
		return
	}
	level := 50.0
	if strings.HasPrefix(c.Agent, "expert") {
		level = 95
	}
	m.Lock()
	defer m.Unlock()
	m.level, m.n = m.level+level, m.n+1
	if c.Value >= 750 {
		m.topLevel, m.top = m.topLevel+level, m.top+1
	}
}

// BenchmarkValueLed plays the same contacts with value-led and with even assignment
// and reports the change of the mean wait, of everybody and of the quarters of highest
// and lowest value, of the penalty and of the skill match, in percent, beside what the
// sources claim. Resolution at first contact is not simulated: were a contact resolved
// with a probability proportional to the agent's level, resolution would change by the
// figure of the match.
func BenchmarkValueLed(b *testing.B) {
	for _, load := range []float64{0.8, 0.95, 1.1} {
		b.Run(fmt.Sprintf("load=%.2f", load), func(b *testing.B) {
			play := func(even bool) (Result, *matches) {
				m := &matches{}
				r, err := RunWith(context.Background(), valueFloor(load, even), Options{Observer: &Observer{Contact: m.note}})
				if err != nil {
					b.Fatal(err)
				}
				return r, m
			}
			for b.Loop() {
				even, evenMatch := play(true)
				led, ledMatch := play(false)
				change := func(name string, before, after float64) { b.ReportMetric(100*(after/before-1), name) }
				top := len(led.Values) - 1
				change("wait-%", even.Total.Run.Wait.Mean, led.Total.Run.Wait.Mean)
				change("wait-high-value-%", even.Values[top].Wait.Mean, led.Values[top].Wait.Mean)
				change("wait-low-value-%", even.Values[0].Wait.Mean, led.Values[0].Wait.Mean)
				change("penalty-%", even.Total.Run.Penalty.Mean, led.Total.Run.Penalty.Mean)
				change("match-%", evenMatch.level/evenMatch.n, ledMatch.level/ledMatch.n)
				change("match-high-value-%", evenMatch.topLevel/evenMatch.top, ledMatch.topLevel/ledMatch.top)
				b.ReportMetric(claimedWait, "claimed-wait-%")
				b.ReportMetric(claimedResolution, "claimed-resolution-%")
			}
		})
	}
}
