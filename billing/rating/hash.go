package rating

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Hash gives a fingerprint of everything the statement follows from, whatever the
// order of the facts: two inputs of one hash have one statement.
func (in Input) Hash() (string, error) {
	h := sha256.New()
	head, err := json.Marshal(struct {
		From, Until any
		Cards       []Card
		Measures    []MeasureResult
		Adjustments []Adjustment
	}{in.From, in.Until, in.Cards, in.Measures, in.Adjustments})
	if err != nil {
		return "", fmt.Errorf("rating: %w", err)
	}
	h.Write(head)
	for _, f := range sortedFacts(in.Facts) {
		fmt.Fprintf(h, "%d|%s|%+q|%q|%t|%t|%d\n", f.Day, f.Measure, f.Labels, f.Source, f.Billable, f.Paid, f.Quantity)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
