package scheduling_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/config/locales"
	"muster/scheduling/roster"
)

// TestReasonsOfRostersHaveTexts checks that whatever the engine gives as a reason can be said in both languages.
func TestReasonsOfRostersHaveTexts(t *testing.T) {
	seen := map[string]bool{}
	for _, code := range roster.ReasonCodes() {
		require.False(t, seen[code], "%s is given for two reasons", code)
		seen[code] = true
		key := "screen.roster_reason." + code
		english, chinese := locales.Text(locales.English, key, nil), locales.Text(locales.Chinese, key, nil)
		require.NotEqual(t, key, english)
		require.NotEqual(t, key, chinese)
		for _, name := range []string{"{a}", "{b}", "{c}"} {
			require.Equal(t, strings.Contains(english, name), strings.Contains(chinese, name), "%s of %s", name, code)
		}
	}
	require.Greater(t, len(seen), 40)
}
