package staffing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVectorsFromData(t *testing.T) {
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(root, "erlang-vectors", "vectors.csv"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	vectors, err := ReadVectors(f)
	require.NoError(t, err)
	require.NotEmpty(t, vectors)
	for _, r := range CheckVectors(vectors) {
		require.True(t, r.Pass, "%s %s %s: %s", r.ID, r.Model, r.Quantity, r.Reason)
	}
}

// The golden values keep the suite complete without data. They were derived apart
// from this code: B and C by sums of exact fractions, A by the exact birth-death
// chain (400 waiting places) with the offered wait integrated by Simpson's rule,
// extended B by bisection of its fixed point on exact fractions.
const goldenVectors = `id,model,quantity,contacts,interval_s,aht_s,erlangs,agents,target_s,patience_s,retry,goal,shrinkage,max_occupancy,extra,expected,tol,exact
b1,erlang_b,blocking,,,,7,9,,,,,,,,0.122101343250098,1e-14,0.122101343250098
b2,erlang_b,blocking,,,,900,930,,,,,,,,0.00943711138630319,1e-13,0.00943711138630319
b3,erlang_b_extended,blocking,,,,8,10,,,0.6,,,,,0.161262769622723,1e-13,0.161262769622723
b4,erlang_b,lines_for_blocking,,,,1,,,,,0.5,,,,1,0,
b5,erlang_b_extended,erlangs_for_blocking,,,,,10,,,0.6,0.161262769622723,,,,8,1e-11,8
c1,erlang_c,wait_probability,105,3600,240,7,9,,,,,,,,0.384947094156769,1e-14,0.384947094156769
c2,erlang_c,service_level,105,3600,240,7,9,30,,,,,,,0.700202901629647,1e-14,0.700202901629647
c3,erlang_c,asa,105,3600,240,7,9,,,,,,,,46.1936512988123,1e-12,46.1936512988123
c4,erlang_c,mean_queue_length,105,3600,240,7,9,,,,,,,,1.34731482954869,1e-13,1.34731482954869
c5,erlang_c,wait_probability,,,,480,500,,,,,,,,0.266512519962364,1e-13,0.266512519962364
c6,erlang_c,service_level,,,,12,12,20,,,,,,,0,0,0
c7,erlang_c,agents_for_service_level,105,3600,240,7,,30,,,0.7,,,,9,0,9
c8,erlang_c,agents_for_asa,105,3600,240,7,,,,,46.2,,,,9,0,9
c9,erlang_c,sqrt_staffing_agents,,,,100,,,,,,,,0.5,105,0,
a1,erlang_a,wait_probability,90,1800,240,12,11,,150,,,,,,0.590188698439472,1e-13,0.590188698439472
a2,erlang_a,abandonment,90,1800,240,12,11,,150,,,,,,0.172914685270099,1e-13,0.172914685270099
a3,erlang_a,mean_queue_length,90,1800,240,12,11,,150,,,,,,1.29686013952574,1e-12,1.29686013952574
a4,erlang_a,mean_wait_all,90,1800,240,12,11,,150,,,,,,25.9372027905148,1e-11,25.9372027905148
a5,erlang_a,occupancy,90,1800,240,12,11,,150,,,,,,0.902274888796256,1e-13,0.902274888796256
a6,erlang_a,sl_answered_over_offered,90,1800,240,12,11,30,150,,,,,,0.580607752531592,1e-12,0.580607752531592
a7,erlang_a,sl_answered_over_answered,90,1800,240,12,11,30,150,,,,,,0.701992578264069,1e-12,0.701992578264069
a8,erlang_a,sl_waited_at_most_T_over_offered,90,1800,240,12,11,30,150,,,,,,0.671040697116946,1e-12,0.671040697116946
a9,erlang_a,sl_answered_over_offered,90,1800,240,12,15,30,150,,,,,,0.893218528683856,1e-12,0.893218528683856
k1,kpi_sl,f6_ans_in_T_over_offered_less_short,,,,,,,,,,,,answered=90;abandoned=10;answered_in_T=72;abandoned_in_T=5;abandoned_in_short=4,0.75,1e-15,0.75
k2,kpi_forecast,bias,,,,,,,,,,,,"forecast=10,12;actual=11,9",0.1,1e-15,0.1
k3,chat,effective_aht,,,600,,,,,,,,,2.5,240,0,240
s1,erlang_c,scheduled_agents,,,,,7,,,,,0.3,,,10,0,10
`

func TestVectorsGolden(t *testing.T) {
	vectors, err := ReadVectors(strings.NewReader(goldenVectors))
	require.NoError(t, err)
	for _, r := range CheckVectors(vectors) {
		require.True(t, r.Pass, "%s %s %s: %s", r.ID, r.Model, r.Quantity, r.Reason)
	}
}

func TestVectorsFail(t *testing.T) {
	vectors, err := ReadVectors(strings.NewReader(`id,model,quantity,erlangs,agents,expected,tol,exact
wrong,erlang_b,blocking,1,1,0.6,0.01,
inexact,erlang_b,blocking,1,1,0.5,0.1,0.50000001
nothing,erlang_b,blocking,1,1,,,
quantity,erlang_b,colour,1,1,1,0,
model,erlang_z,blocking,1,1,1,0,
`))
	require.NoError(t, err)
	for _, r := range CheckVectors(vectors) {
		require.False(t, r.Pass, r.ID)
		require.NotEmpty(t, r.Reason, r.ID)
	}
}

func TestReadVectorsRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"missing column": "id,model,quantity,expected\n",
		"not a number":   "id,model,quantity,expected,tol\nX,erlang_b,blocking,half,0\n",
	} {
		_, err := ReadVectors(strings.NewReader(text))
		require.Error(t, err, name)
	}
}

// FuzzReadVectors looks for a file that makes reading or computing panic.
func FuzzReadVectors(f *testing.F) {
	f.Add(goldenVectors)
	f.Add("id,model,quantity,expected,tol,agents,erlangs\nx,erlang_c,wait_percentile,1,1,-5,inf\n")
	f.Fuzz(func(t *testing.T, text string) {
		vectors, err := ReadVectors(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, v := range vectors {
			if v.n("agents") > 1e4 || v.n("erlangs") > 1e4 || v.n("contacts") > 1e4 || v.n("patience_s") > 1e6 {
				return // right but slow
			}
		}
		require.Len(t, CheckVectors(vectors), len(vectors))
	})
}
