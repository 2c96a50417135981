package simulation

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// oneQueue is M/M/N(+M): constant rate, exponential handle time, one pool.
func oneQueue(perInterval float64, aht, patience float64, agents, intervals, warm int) Scenario {
	s := Scenario{Name: "one queue", Intervals: intervals, WarmUp: warm, IntervalS: 900, Replications: 10,
		Clients: []Client{{Name: "client"}}, Channels: []Channel{{Name: "voice"}}, Tiers: []string{"junior"},
		Pools: []Pool{{Name: "pool"}},
		Queues: []Queue{{Name: "queue", Client: "client", Channel: "voice", TargetS: 20, Auto: true,
			Handle: Dist{Kind: "exponential", Mean: aht},
			Ladder: []Step{{Tiers: []string{"junior"}, Pools: []string{"pool"}}}}},
		Agents: []Agent{{Name: "agent", Count: agents, Pool: "pool", Tier: "junior"}}}
	if patience > 0 {
		s.Queues[0].Patience = Dist{Kind: "exponential", Mean: patience}
	}
	for range intervals {
		s.Queues[0].Arrivals = append(s.Queues[0].Arrivals, perInterval)
	}
	return s
}

func within(t *testing.T, name string, b Band, want float64) {
	t.Helper()
	half := (b.High - b.Low) / 2
	require.Greater(t, b.N, 1, name)
	// Three half widths of the 95 % band: a true value falls outside about once in 10^6 checks per band of 10 runs.
	require.InDelta(t, want, b.Mean, 3*half+1e-9, "%s: %v", name, b)
}

func TestErlangC(t *testing.T) {
	// 100 contacts in 30 min, AHT 180 s, 12 agents, target 20 s. CRAN package ErlangC 0.1.0, README: service level
	// 0.640158, ASA 40.4449401868444 s, occupancy 0.8333333.
	s := oneQueue(50, 180, 0, 12, 400, 40)
	r, err := Run(context.Background(), s)
	require.NoError(t, err)
	within(t, "service level", r.Total.Run.ServiceLevel, 0.640158040374007)
	within(t, "asa", r.Total.Run.ASA, 40.4449401868444)
	within(t, "occupancy", r.Total.Run.Occupancy, 10.0/12)
}

func TestErlangA(t *testing.T) {
	// 48 contacts a minute of 1 minute, 50 agents, patience 2 minutes. Exact birth-death chain (Garnett, Mandelbaum,
	// Reiman 2002; recomputed with 50 digits): abandonment 0.0309122491621932, mean wait of all 3.70946989946319 s,
	// occupancy 0.930324240804295.
	s := oneQueue(48*15, 60, 120, 50, 60, 4)
	r, err := Run(context.Background(), s)
	require.NoError(t, err)
	within(t, "abandonment", r.Total.Run.Abandonment, 0.0309122491621932)
	within(t, "wait", r.Total.Run.Wait, 3.70946989946319)
	within(t, "occupancy", r.Total.Run.Occupancy, 0.930324240804295)
}

// TestErlangVectors runs every stable M/M/N and M/M/N+M vector that a simulation
// can reach in reasonable time and compares the exact value with the band.
func TestErlangVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("many figures on one goroutine; not part of a short run")
	}
	dir := os.Getenv("MUSTER_TEST_DATA")
	if dir == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(dir, "erlang-vectors", "vectors.csv"))
	require.NoError(t, err)
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.NoError(t, f.Close())
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	results := map[string]Result{}
	checked := 0
	for _, row := range rows[1:] {
		num := func(name string) float64 { v, _ := strconv.ParseFloat(row[column[name]], 64); return v }
		model, quantity := row[column["model"]], row[column["quantity"]]
		agents, aht, target := int(num("agents")), num("aht_s"), num("target_s")
		if (model != "erlang_c" && model != "erlang_a") || num("contacts") == 0 || agents == 0 || agents > 200 || row[column["retry"]] != "" {
			continue
		}
		rate := num("contacts") / num("interval_s")
		load := rate * aht / float64(agents)
		if model == "erlang_c" && load > 0.94 {
			continue
		}
		var of func(Figures) Band
		switch quantity {
		case "service_level", "sl_answered_over_offered":
			of = func(f Figures) Band { return f.ServiceLevel }
		case "asa", "mean_wait_all":
			of = func(f Figures) Band { return f.Wait }
		case "abandonment":
			of = func(f Figures) Band { return f.Abandonment }
		case "occupancy":
			of = func(f Figures) Band { return f.Occupancy }
		default:
			continue
		}
		patience := num("patience_s")
		if patience > 1e6 {
			continue
		}
		key := fmt.Sprint(rate, aht, agents, target, patience)
		r, ok := results[key]
		if !ok {
			// 10 runs of about 10,000 contacts each, the first tenth left out.
			intervals := int(12_000 / (rate * 900))
			intervals = min(max(intervals, 60), 3000)
			s := oneQueue(rate*900, aht, patience, agents, intervals, intervals/10+4)
			if target > 0 {
				s.Queues[0].TargetS = target
			}
			r, err = Run(context.Background(), s)
			require.NoError(t, err)
			results[key] = r
		}
		want := num("exact")
		within(t, row[column["id"]]+" "+quantity, of(r.Total.Run), want)
		checked++
	}
	require.Greater(t, checked, 20)
	t.Logf("%d vectors in %d runs", checked, len(results))
}
