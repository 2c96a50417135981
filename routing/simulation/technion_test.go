package simulation

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bankCall is one call of the Anonymous Bank that asked for an agent; seconds
// after midnight of its date.
type bankCall struct {
	index      int
	at, left   float64 // entered the queue, left it (served or gave up)
	served     bool
	start, end float64
	agent      string
	high       bool
	internet   bool
	after      float64 // seconds the agent was not there for others after the call although somebody waited
}

func readBank(t *testing.T, path string) map[string][]bankCall {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	rows, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	col := map[string]int{}
	for i, n := range rows[0] {
		col[n] = i
	}
	clock := func(s string) float64 {
		p := strings.Split(s, ":")
		if len(p) != 3 {
			return -1
		}
		h, _ := strconv.Atoi(p[0])
		m, _ := strconv.Atoi(p[1])
		x, _ := strconv.Atoi(p[2])
		return float64(h*3600 + m*60 + x)
	}
	days := map[string][]bankCall{}
	for _, row := range rows[1:] {
		get := func(n string) string { return row[col[n]] }
		wait, _ := strconv.ParseFloat(get("q_secs"), 64)
		c := bankCall{at: clock(get("vru_exit")), served: get("outcome") == "AGENT" && get("ser_start") != "", agent: get("agent"),
			high: get("priority") == "2", internet: get("type") == "IN"}
		if get("q_start") != "" {
			c.at = clock(get("q_start"))
		}
		if get("outcome") == "PHANTOM" || (!c.served && wait == 0) || c.at < 7*3600 {
			continue
		}
		c.left = c.at + wait
		if c.served {
			c.start, c.end = clock(get("ser_start")), clock(get("ser_exit"))
			if c.end < c.start {
				c.end += 86400
			}
			c.start = max(c.start, c.at)
			c.end = max(c.end, c.start+1)
		}
		days[get("date")] = append(days[get("date")], c)
	}
	for _, calls := range days {
		slices.SortStableFunc(calls, func(a, b bankCall) int { return int(a.at - b.at) })
	}
	return days
}

// survival is the Kaplan-Meier estimate of patience: drop-out times are events,
// served calls are censored at their wait.
type survival struct{ at, s []float64 }

func kaplanMeier(days map[string][]bankCall) survival {
	type obs struct {
		wait float64
		left bool
	}
	var list []obs
	for _, calls := range days {
		for _, c := range calls {
			list = append(list, obs{c.left - c.at, !c.served})
		}
	}
	slices.SortFunc(list, func(a, b obs) int {
		if a.wait != b.wait {
			return int(a.wait - b.wait)
		}
		if a.left == b.left {
			return 0
		}
		if a.left {
			return -1
		}
		return 1
	})
	var k survival
	s := 1.0
	for i, o := range list {
		if o.left {
			s *= 1 - 1/float64(len(list)-i)
			k.at, k.s = append(k.at, o.wait), append(k.s, s)
		}
	}
	return k
}

// after draws a patience that lies beyond a wait; 0 (nothing recorded) if it lies
// beyond all that was seen.
func (k *survival) after(wait float64, rng *stream) float64 {
	now := 1.0
	i := 0
	for i < len(k.at) && k.at[i] <= wait {
		now = k.s[i]
		i++
	}
	u := rng.uniform() * now
	for ; i < len(k.at); i++ {
		if k.s[i] <= u {
			return k.at[i]
		}
	}
	return 0
}

// shortAway is the longest absence after a call that counts as its after-call work.
const shortAway = 1200

// seats infers when each agent was there: in service, and between two services as
// long as nobody whom the agent serves was kept waiting more than a few seconds. A
// short absence while somebody waits is after-call work and is noted with the call.
func seats(calls []bankCall) map[string][]Activity {
	const grace, longest = 1, 300
	byAgent := map[string][]bankCall{}
	internet := map[string]bool{}
	for i, c := range calls {
		if c.served && c.agent != "" {
			c.index = i
			byAgent[c.agent] = append(byAgent[c.agent], c)
			internet[c.agent] = internet[c.agent] || c.internet
		}
	}
	waiting := make([]bankCall, 0, len(calls))
	for _, c := range calls {
		if c.left-c.at > grace {
			waiting = append(waiting, c)
		}
	}
	out := map[string][]Activity{}
	for name, list := range byAgent {
		slices.SortFunc(list, func(a, b bankCall) int { return int(a.start - b.start) })
		var acts []Activity
		add := func(from, to float64) {
			if to <= from {
				return
			}
			if n := len(acts); n > 0 && from <= acts[n-1].ToS {
				acts[n-1].ToS = max(acts[n-1].ToS, to)
				return
			}
			acts = append(acts, Activity{FromS: from, ToS: to, Kind: "work"})
		}
		for i, c := range list {
			add(c.start, c.end)
			if i+1 == len(list) {
				break
			}
			next := list[i+1].start
			until := min(next, c.end+longest)
			for _, w := range waiting {
				if w.internet && !internet[name] {
					continue
				}
				// Somebody waits at this time although the agent is not in service: away from then on.
				if w.at+grace < next && w.left > c.end {
					until = min(until, max(c.end, w.at+grace))
					if w.at+grace <= c.end {
						break
					}
				}
			}
			if away := next - until; away <= shortAway {
				calls[c.index].after = away
				until = next
			}
			add(c.end, until)
			add(next, list[i+1].end)
		}
		out[name] = acts
	}
	return out
}

func bankScenario(date string, calls []bankCall, patience *survival, seed uint64) Scenario {
	s := Scenario{Name: date, Intervals: 26, IntervalS: 3600, Replications: 1, Start: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		Clients: []Client{{Name: "bank"}}, Channels: []Channel{{Name: "voice"}}, Skills: []string{"bank", "internet"}, Tiers: []string{"agent"},
		Pools: []Pool{{Name: "centre"}}, Weights: WeightsFile{PriorityCreditS: 90}}
	there := seats(calls)
	var handles [2][]float64
	for _, c := range calls {
		if c.served {
			handles[kind(c)] = append(handles[kind(c)], c.end-c.start+c.after)
		}
	}
	for i, name := range s.Skills {
		if len(handles[i]) == 0 {
			handles[i] = []float64{200}
		}
		s.Queues = append(s.Queues, Queue{Name: name, Client: "bank", Channel: "voice", TargetS: 20, Auto: true, Strategy: "longest_idle", Needs: []Need{{Skill: name}},
			Handle: Dist{Kind: "empirical", Values: handles[i]}, Ladder: []Step{{Tiers: s.Tiers, Pools: []string{"centre"}}}})
	}
	rng := keyed(seed)
	for _, c := range calls {
		x := Traced{AtS: c.at}
		if c.high {
			x.Priority = 1
		}
		if c.served {
			x.HandleS, x.PatienceS = c.end-c.start+c.after, patience.after(c.left-c.at, &rng)
		} else {
			x.PatienceS = max(c.left-c.at, 1)
		}
		q := &s.Queues[kind(c)]
		q.Trace = append(q.Trace, x)
	}
	skills := map[string]map[string]bool{}
	for _, c := range calls {
		if c.served {
			if skills[c.agent] == nil {
				skills[c.agent] = map[string]bool{}
			}
			skills[c.agent][s.Skills[kind(c)]] = true
		}
	}
	names := make([]string, 0, len(there))
	for n := range there {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		a := Agent{Name: n, Pool: "centre", Tier: "agent", Activities: there[n]}
		for _, sk := range s.Skills {
			if skills[n][sk] {
				a.Skills = append(a.Skills, SkillLevel{Skill: sk, Level: 100})
			}
		}
		s.Agents = append(s.Agents, a)
	}
	return s
}

func kind(c bankCall) int {
	if c.internet {
		return 1
	}
	return 0
}

// band sums calls of an hour band.
type band struct{ calls, abandoned, wait float64 }

func (b *band) note(wait float64, abandoned bool) {
	b.calls++
	b.wait += wait
	if abandoned {
		b.abandoned++
	}
}

// TestTechnionReplay replays the calls of a real bank (two months of 1999) with
// the seats inferred from its records and its rule, a credit of 90 s of waiting
// for high priority. Measured and simulated mean wait and abandonment per band of
// hours must agree within 35 % (25 % over the month) and 2.5 percentage points. The
// replay waits less than the bank did: agents finish a call before they go, and a
// queue without idle moments uses seats better than people at telephones. January was used to choose how seats
// are inferred; February is untouched by any choice.
func TestTechnionReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("many figures on one goroutine; not part of a short run")
	}
	dir := os.Getenv("MUSTER_TEST_DATA")
	if dir == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	bands := []struct {
		name     string
		from, to int
	}{{"07-10", 7, 10}, {"10-13", 10, 13}, {"13-16", 13, 16}, {"16-19", 16, 19}, {"19-24", 19, 24}}
	for _, month := range []string{"calls_1999_01.csv.gz", "calls_1999_02.csv.gz"} {
		t.Run(month, func(t *testing.T) {
			days := readBank(t, filepath.Join(dir, "technion_bank", month))
			require.Greater(t, len(days), 15)
			patience := kaplanMeier(days)
			dates := make([]string, 0, len(days))
			for d := range days {
				dates = append(dates, d)
			}
			slices.Sort(dates)
			measured, sim := make([]band, len(bands)+1), make([]band, len(bands)+1)
			note := func(list []band, at, wait float64, abandoned bool) {
				list[len(bands)].note(wait, abandoned)
				for i, b := range bands {
					if h := int(at / 3600); h >= b.from && h < b.to {
						list[i].note(wait, abandoned)
					}
				}
			}
			for i, date := range dates {
				for _, c := range days[date] {
					note(measured, c.at, c.left-c.at, !c.served)
				}
				s := bankScenario(date, days[date], &patience, uint64(i)+1)
				err := Generate(context.Background(), s, Observer{Contact: func(r ContactRecord) {
					at := float64(r.Arrived-s.Start.UnixMicro()) / 1e6
					if r.Outcome == OutcomeHandled {
						note(sim, at, float64(r.Accepted-r.Arrived)/1e6, false)
					} else {
						note(sim, at, float64(r.Closed-r.Arrived)/1e6, true)
					}
				}})
				require.NoError(t, err)
			}
			for i := range measured {
				name := "all"
				if i < len(bands) {
					name = bands[i].name
				}
				rw, sw := measured[i].wait/measured[i].calls, sim[i].wait/sim[i].calls
				ra, sa := measured[i].abandoned/measured[i].calls, sim[i].abandoned/sim[i].calls
				t.Logf("%s: %5.0f calls, mean wait %5.1f s measured, %5.1f s replayed (%+.0f %%); abandonment %4.1f %% measured, %4.1f %% replayed",
					name, measured[i].calls, rw, sw, 100*(sw/rw-1), 100*ra, 100*sa)
				require.Equal(t, measured[i].calls, sim[i].calls)
				bound := 0.35
				if i == len(bands) {
					bound = 0.25
				}
				assert.Less(t, math.Abs(sw/rw-1), bound, "mean wait in %s", name)
				assert.Less(t, math.Abs(sa-ra), 0.025, "abandonment in %s", name)
			}
		})
	}
}
