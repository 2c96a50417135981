package staffing

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"muster/tenants/fault"
)

// vectorColumns are the columns a file of vectors must have; others are allowed.
var vectorColumns = []string{"id", "model", "quantity", "expected", "tol"}

// vectorNumbers are the optional columns that hold one number each.
var vectorNumbers = []string{
	"contacts", "interval_s", "aht_s", "erlangs", "agents", "target_s", "patience_s",
	"retry", "goal", "shrinkage", "max_occupancy", "expected", "tol", "exact",
}

// exactRelative is how far a result may lie from the exact value.
const exactRelative = 1e-9

// Vector is one row of a file that says what a formula must give.
type Vector struct {
	ID, Model, Quantity string
	Extra               string             // a number, or named numbers as a=1;b=2
	Numbers             map[string]float64 // by column; absent = not used
}

// VectorResult is what muster makes of a vector.
type VectorResult struct {
	Vector
	Result float64
	Pass   bool
	Reason string // why it does not pass
}

// ReadVectors reads a CSV file of vectors with a header line.
func ReadVectors(r io.Reader) ([]Vector, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	header, err := in.Read()
	if err != nil {
		return nil, fault.New(fault.Invalid, "staffing.bad_vectors", "the file has no header line").Wrap(err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for _, name := range vectorColumns {
		if !slices.Contains(header, name) {
			return nil, fault.Newf(fault.Invalid, "staffing.bad_vectors", "column %s is missing; needed: %s", name, strings.Join(vectorColumns, ", "))
		}
	}
	var out []Vector
	for line := 2; ; line++ {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fault.Newf(fault.Invalid, "staffing.bad_vectors", "record %d cannot be read", line).Wrap(err)
		}
		v := Vector{Numbers: map[string]float64{}}
		for i, name := range header {
			if i >= len(record) {
				break
			}
			text := strings.TrimSpace(record[i])
			switch name {
			case "id":
				v.ID = text
			case "model":
				v.Model = text
			case "quantity":
				v.Quantity = text
			case "extra":
				v.Extra = text
			default:
				if text == "" || !slices.Contains(vectorNumbers, name) {
					continue
				}
				n, err := strconv.ParseFloat(text, 64)
				if err != nil || math.IsNaN(n) {
					return nil, fault.Newf(fault.Invalid, "staffing.bad_vectors", "row %s: column %s holds %q, not a number", v.ID, name, text)
				}
				v.Numbers[name] = n
			}
		}
		out = append(out, v)
	}
}

// CheckVectors computes every vector and compares: within tol of expected, and
// within relative 1e-9 of exact where that is given.
func CheckVectors(vectors []Vector) []VectorResult {
	out := make([]VectorResult, len(vectors))
	for i, v := range vectors {
		result, err := v.Compute()
		out[i] = VectorResult{Vector: v, Result: result}
		if err != nil {
			out[i].Reason = err.Error()
			continue
		}
		out[i].Reason = v.compare(result)
		out[i].Pass = out[i].Reason == ""
	}
	return out
}

// compare gives why a result does not pass, "" if it does.
func (v Vector) compare(result float64) string {
	expected, ok := v.Numbers["expected"]
	if !ok {
		return "the row expects nothing: column expected is empty"
	}
	if tol := v.Numbers["tol"]; result != expected && !(math.Abs(result-expected) <= tol) {
		return fmt.Sprintf("got %.15g, expected %.15g within %g", result, expected, tol)
	}
	if exact, ok := v.Numbers["exact"]; ok && result != exact && !(math.Abs(result-exact) <= exactRelative*math.Abs(exact)) {
		return fmt.Sprintf("got %.15g, exact %.15g (relative error above %g)", result, exact, exactRelative)
	}
	return ""
}

// Compute gives the quantity the vector asks for.
func (v Vector) Compute() (float64, error) {
	switch v.Quantity {
	case "scheduled_agents":
		return whole(Rostered(v.n("agents"), v.n("shrinkage")))
	case "sqrt_staffing_agents":
		beta, err := v.extra(v.n("goal"))
		return float64(SquareRootStaffing(v.erlangs(), beta)), err
	}
	switch v.Model {
	case "erlang_b", "erlang_b_extended":
		return v.computeB()
	case "erlang_c":
		return v.computeC()
	case "erlang_a":
		return v.computeA()
	case "chat":
		if v.Quantity == "effective_aht" {
			speed, err := v.extra(1)
			return EffectiveAHT(v.n("aht_s"), speed), err
		}
	case "kpi_sl":
		return v.computeServiceLevel()
	case "kpi_forecast":
		return v.computeForecast()
	default:
		return 0, fault.Newf(fault.Invalid, "staffing.unknown_model", "unknown model %q; allowed: erlang_b, erlang_b_extended, erlang_c, erlang_a, chat, kpi_sl, kpi_forecast", v.Model)
	}
	return 0, v.unknown()
}

func (v Vector) unknown() error {
	return fault.Newf(fault.Invalid, "staffing.unknown_quantity", "model %s has no quantity %q", v.Model, v.Quantity)
}

// n is a number of the row, 0 if absent.
func (v Vector) n(column string) float64 { return v.Numbers[column] }

// extra reads the extra column as one number, bare or as name=number, with a value
// for when it is empty.
func (v Vector) extra(absent float64) (float64, error) {
	if v.Extra == "" {
		return absent, nil
	}
	_, text, named := strings.Cut(v.Extra, "=")
	if !named {
		text = v.Extra
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "staffing.bad_vectors", "extra holds %q, not a number", v.Extra)
	}
	return n, nil
}

// load is the traffic of the row: contacts, interval and handling time where
// given, otherwise erlangs with a handling time of aht_s (or 1 s).
func (v Vector) load() Load {
	contacts, ok := v.Numbers["contacts"]
	if ok && v.n("interval_s") > 0 && v.n("aht_s") > 0 {
		return Load{Contacts: contacts, Interval: v.n("interval_s"), AHT: v.n("aht_s"), Patience: v.n("patience_s")}
	}
	aht := v.n("aht_s")
	if aht == 0 {
		aht = 1
	}
	return Load{Contacts: v.n("erlangs"), Interval: aht, AHT: aht, Patience: v.n("patience_s")}
}

func (v Vector) erlangs() float64 { return v.load().Erlangs() }

func (v Vector) computeB() (float64, error) {
	lines, retry := int(v.n("agents")), v.n("retry")
	if v.Model == "erlang_b" {
		retry = 0
	}
	switch v.Quantity {
	case "blocking":
		return ExtendedErlangB(v.erlangs(), lines, retry), checkErlangs(v.erlangs())
	case "lines_for_blocking", "agents_for_blocking":
		return whole(LinesForBlocking(v.erlangs(), v.n("goal"), retry))
	case "erlangs_for_blocking":
		return ErlangsForBlocking(lines, v.n("goal"), retry)
	}
	return 0, v.unknown()
}

func (v Vector) computeC() (float64, error) {
	load := v.load()
	load.Patience = 0
	c, err := NewCurve(load)
	if err != nil {
		return 0, err
	}
	s := c.At(int(v.n("agents")))
	switch v.Quantity {
	case "wait_probability":
		return s.WaitProbability(), nil
	case "immediate_answer":
		return 1 - s.WaitProbability(), nil
	case "service_level":
		return s.ServiceLevel(AnsweredOverOffered, v.n("target_s")), nil
	case "asa":
		return s.MeanWait(), nil
	case "mean_wait_of_delayed":
		return s.MeanWaitOfDelayed(), nil
	case "mean_queue_length":
		return s.MeanQueueLength(), nil
	case "occupancy":
		return c.Erlangs() / v.n("agents"), nil
	case "wait_percentile":
		return s.WaitPercentile(v.n("goal")), nil
	case "agents_for_service_level":
		return v.agents(c)
	case "agents_for_asa":
		return whole(c.AgentsForMeanWait(v.n("goal")))
	case "agents_for_wait_probability":
		return whole(AgentsForWaitProbability(c.Erlangs(), v.n("goal")))
	case "erlangs_for_wait_probability":
		return ErlangsForWaitProbability(int(v.n("agents")), v.n("goal"))
	}
	return 0, v.unknown()
}

func (v Vector) computeA() (float64, error) {
	if !(v.n("patience_s") > 0) {
		return 0, fault.New(fault.Invalid, "staffing.bad_load", "Erlang A needs patience_s above 0")
	}
	c, err := NewCurve(v.load())
	if err != nil {
		return 0, err
	}
	s, target := c.At(int(v.n("agents"))), v.n("target_s")
	switch v.Quantity {
	case "wait_probability":
		return s.WaitProbability(), nil
	case "immediate_answer":
		return 1 - s.WaitProbability(), nil
	case "abandonment":
		return s.Abandonment(), nil
	case "mean_wait_all", "asa":
		return s.MeanWait(), nil
	case "mean_wait_of_delayed":
		return s.MeanWaitOfDelayed(), nil
	case "mean_queue_length":
		return s.MeanQueueLength(), nil
	case "occupancy":
		return s.Occupancy(), nil
	case "sl_answered_over_offered", "service_level":
		return s.ServiceLevel(AnsweredOverOffered, target), nil
	case "sl_answered_over_answered":
		return s.ServiceLevel(AnsweredOverAnswered, target), nil
	case "sl_waited_at_most_T_over_offered":
		return s.ServiceLevel(WaitedAtMostOverOffered, target), nil
	case "wait_percentile", "wait_percentile_all":
		return s.WaitPercentile(v.n("goal")), nil
	case "agents_for_service_level":
		return v.agents(c)
	case "agents_for_abandonment":
		return whole(c.AgentsForAbandonment(v.n("goal")))
	case "agents_for_asa":
		return whole(c.AgentsForMeanWait(v.n("goal")))
	}
	return 0, v.unknown()
}

// agents is the least number that meets the goal, the occupancy cap and, in
// Erlang A, the share of hang-ups in extra.
func (v Vector) agents(c *Curve) (float64, error) {
	goals := Goals{ServiceLevel: v.n("goal"), Threshold: v.n("target_s"), MaxOccupancy: v.n("max_occupancy")}
	var err error
	if v.Model == "erlang_a" {
		if goals.Abandonment, err = v.extra(0); err != nil {
			return 0, err
		}
	}
	if err := goals.Validate(); err != nil {
		return 0, err
	}
	r, _ := c.requirement(goals, false, -1)
	return float64(r.Net), nil
}

func (v Vector) computeServiceLevel() (float64, error) {
	named := map[string]float64{}
	for part := range strings.SplitSeq(v.Extra, ";") {
		name, text, _ := strings.Cut(part, "=")
		n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return 0, fault.Newf(fault.Invalid, "staffing.bad_vectors", "extra holds %q, not name=number", part)
		}
		named[strings.TrimSpace(name)] = n
	}
	counts := KPICounts{
		Answered: named["answered"], Abandoned: named["abandoned"], AnsweredInTime: named["answered_in_T"],
		AbandonedInTime: named["abandoned_in_T"], AbandonedShort: named["abandoned_in_short"],
	}
	formula, _, _ := strings.Cut(v.Quantity, "_")
	share, ok, err := counts.ServiceLevel(KPIFormula(formula))
	if err == nil && !ok {
		err = fault.New(fault.Invalid, "staffing.bad_vectors", "the counts leave nothing to divide by")
	}
	return share, err
}

func (v Vector) computeForecast() (float64, error) {
	lists := map[string][]float64{}
	for part := range strings.SplitSeq(v.Extra, ";") {
		name, text, _ := strings.Cut(part, "=")
		for item := range strings.SplitSeq(text, ",") {
			n, err := strconv.ParseFloat(strings.TrimSpace(item), 64)
			if err != nil {
				return 0, fault.Newf(fault.Invalid, "staffing.bad_vectors", "extra holds %q, not name=number,number", part)
			}
			lists[strings.TrimSpace(name)] = append(lists[strings.TrimSpace(name)], n)
		}
	}
	switch v.Quantity {
	case "wape":
		return WAPE(lists["forecast"], lists["actual"]), nil
	case "bias":
		return Bias(lists["forecast"], lists["actual"]), nil
	case "min_wape_poisson":
		if len(lists["volume"]) == 1 {
			return PoissonFloor(lists["volume"][0]), nil
		}
		return 0, fault.New(fault.Invalid, "staffing.bad_vectors", "extra must hold volume=number")
	}
	return 0, v.unknown()
}

func whole(n int, err error) (float64, error) { return float64(n), err }
