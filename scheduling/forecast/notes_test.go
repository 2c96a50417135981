package forecast

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/config/locales"
)

// Every code of a reason that a screen shows has its text in every language.
func TestNotesHaveTexts(t *testing.T) {
	codes := map[string][]string{
		"screen.correction.": {FixBirth, FixHours, FixOutage, FixSpike, FixOutlierDay, FixLevelShift, FixHandOver, FixAHT, FixFeast},
		"screen.fix.":        {FixBirth, noteOpened, noteClosed, FixOutage, FixSpike, FixOutlierDay, FixLevelShift, FixHandOver, FixAHT, FixFeast, noteFeastShut},
		"screen.choice.":     {choiceShort, choiceSilent, choiceBlend, choiceSingle, choiceLeast},
		"screen.note.":       {noteNoHistory, noteSilent, noteHistory, noteToday, noteByAnalogue, noteByGroup, noteByHours},
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
