package scheduling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/config/locales"
	"muster/scheduling/forecast"
)

// Every code of a reason that the forecast engine gives has its text in every language.
func TestReasonsOfTheEngineHaveTexts(t *testing.T) {
	kinds := []string{forecast.FixBirth, forecast.FixOutage, forecast.FixSpike, forecast.FixOutlierDay, forecast.FixLevelShift, forecast.FixHandOver, forecast.FixAHT, forecast.FixFeast}
	codes := map[string][]string{
		"screen.correction.": append([]string{forecast.FixHours}, kinds...),
		"screen.fix.":        append([]string{"opened", "closed", "feast_closed"}, kinds...),
		"screen.choice.":     {"short_history", "no_contacts", "no_single_better", "surely_better", "least_error"},
		"screen.note.":       {"no_history", "silent", "history", "today", "newcomer_analogue", "newcomer_group", "newcomer_hours"},
	}
	for prefix, list := range codes {
		for _, code := range list {
			for _, locale := range locales.All() {
				_, ok := locales.Lookup(locale, prefix+code, nil)
				require.True(t, ok, "%s in %s", prefix+code, locale)
			}
		}
	}
}
