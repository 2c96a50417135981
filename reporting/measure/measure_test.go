package measure_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/reporting/measure"
	"muster/tenants/fault"
)

// icmi is a day of 1,000 contacts on which the six formulas differ.
var icmi = measure.Counts{Offered: 1000, Queued: 600, Answered: 900, AnsweredWithin: 720, Abandoned: 100, AbandonedWithin: 40, AbandonedShort: 10,
	WaitAnsweredMS: 18_000_000, WaitAbandonedMS: 6_000_000, HandleMS: 162_000_000, WorkMS: 200_000_000, HandlingMS: 160_000_000,
	ForecastMilli: 950_000, ActualMilli: 1_000_000, ErrorMilli: 120_000, DayErrorMilli: 50_000}

func TestFormulas(t *testing.T) {
	for _, tt := range []struct {
		key     measure.Key
		formula measure.Formula
		want    string
	}{
		{measure.ServiceLevel, "f1", "0.76"}, {measure.ServiceLevel, "f2", "0.8"}, {measure.ServiceLevel, "f3", "0.72"}, {measure.ServiceLevel, "f4", "0.75"},
		{measure.ServiceLevel, "f5", "0.73"}, {measure.ServiceLevel, "f6", "0.727273"}, {measure.ServiceLevel, "", "0.72"},
		{measure.Abandonment, "a1", "0.1"}, {measure.Abandonment, "a2", "0.090909"}, {measure.Abandonment, "a3", "0.1"},
		{measure.ASA, "", "20"}, {measure.ASA, "all", "24"}, {measure.AHT, "", "180"}, {measure.Occupancy, "", "0.8"},
		{measure.ForecastAccuracy, "", "0.12"}, {measure.ForecastAccuracy, "wape_day", "0.05"}, {measure.ForecastBias, "", "-0.05"},
	} {
		d, err := measure.Find(tt.key, tt.formula)
		require.NoError(t, err)
		require.Equal(t, tt.want, d.Compute(icmi).Value().String(), "%s %s", tt.key, tt.formula)
		require.Nil(t, d.Compute(measure.Counts{}).Value())
	}
}

func TestUnknownNamesNameTheKnown(t *testing.T) {
	_, err := measure.Find("csat", "")
	require.Equal(t, "report.unknown_measure", fault.CodeOf(err))
	require.ErrorContains(t, err, "abandonment, aht, asa, forecast_accuracy, forecast_bias, occupancy, service_level")
	_, err = measure.Find(measure.ServiceLevel, "f7")
	require.Equal(t, "report.unknown_formula", fault.CodeOf(err))
	require.ErrorContains(t, err, "f1, f2, f3, f4, f5, f6")
}

func TestTargetsAreComparedExactly(t *testing.T) {
	r := measure.Ratio{Numerator: 2, Denominator: 3, Per: 1}
	require.True(t, r.Worse("higher", decimal.RequireFromString("0.666667")))
	require.False(t, r.Worse("higher", decimal.RequireFromString("0.666666")))
	require.True(t, r.Worse("lower", decimal.RequireFromString("0.666666")))
	require.False(t, measure.Ratio{}.Worse("higher", decimal.NewFromInt(1)))
}

// TestCountsOfPartsGiveTheWhole: a period's value is computed from added counts, so it does not depend on how it was cut.
func TestCountsOfPartsGiveTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var total measure.Counts
		for range rapid.IntRange(1, 8).Draw(t, "parts") {
			answered := rapid.Int64Range(0, 500).Draw(t, "answered")
			abandoned := rapid.Int64Range(0, 100).Draw(t, "abandoned")
			within := rapid.Int64Range(0, abandoned).Draw(t, "within")
			total = total.Add(measure.Counts{Offered: answered + abandoned, Answered: answered, AnsweredWithin: rapid.Int64Range(0, answered).Draw(t, "in"),
				Abandoned: abandoned, AbandonedWithin: within, AbandonedShort: rapid.Int64Range(0, within).Draw(t, "short")})
		}
		values := map[measure.Formula]float64{}
		for _, d := range measure.Catalogue() {
			if d.Key != measure.ServiceLevel {
				continue
			}
			v := d.Compute(total).Value()
			if v == nil {
				return
			}
			values[d.Formula] = v.InexactFloat64()
			require.GreaterOrEqual(t, values[d.Formula], 0.0)
			require.LessOrEqual(t, values[d.Formula], 1.0)
		}
		require.LessOrEqual(t, values["f3"], values["f1"])
		require.LessOrEqual(t, values["f3"], values["f2"])
		require.LessOrEqual(t, values["f3"], values["f4"])
		require.LessOrEqual(t, values["f3"], values["f6"])
		require.LessOrEqual(t, values["f6"], values["f4"]+1e-6, "short abandons lie within the threshold")
	})
}

// TestPublishedServiceLevels checks the formulas against values printed by their sources.
func TestPublishedServiceLevels(t *testing.T) {
	root := os.Getenv("MUSTER_TEST_DATA")
	if root == "" {
		t.Skip("MUSTER_TEST_DATA is not set")
	}
	f, err := os.Open(filepath.Join(root, "erlang-vectors", "vectors.csv"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	seen := 0
	for _, row := range rows[1:] {
		if row[column["model"]] != "kpi_sl" {
			continue
		}
		seen++
		c := counts(t, row[column["extra"]])
		formula, _, _ := strings.Cut(row[column["quantity"]], "_")
		d, err := measure.Find(measure.ServiceLevel, measure.Formula(formula))
		require.NoError(t, err)
		exact, err := strconv.ParseFloat(row[column["exact"]], 64)
		require.NoError(t, err)
		require.InDelta(t, exact, d.Compute(c).Value().InexactFloat64(), 1e-6, row[column["id"]])
	}
	require.Positive(t, seen)
}

// counts reads the counts of a vector.
func counts(t *testing.T, extra string) measure.Counts {
	t.Helper()
	values := map[string]int64{}
	for pair := range strings.SplitSeq(extra, ";") {
		k, v, _ := strings.Cut(pair, "=")
		n, err := strconv.ParseInt(v, 10, 64)
		require.NoError(t, err, extra)
		values[k] = n
	}
	return measure.Counts{Answered: values["answered"], AnsweredWithin: values["answered_in_T"], Abandoned: values["abandoned"], AbandonedWithin: values["abandoned_in_T"], AbandonedShort: values["abandoned_in_short"]}
}
