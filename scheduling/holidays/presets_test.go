package holidays

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/fault"
)

func TestPresetsAreSound(t *testing.T) {
	all, err := Presets()
	require.NoError(t, err)
	require.Len(t, all, 5)
	for _, p := range all {
		require.NotEmpty(t, p.Source)
		require.NotEmpty(t, p.Days)
	}
}

func TestMakeUpDaysAreWorkingDays(t *testing.T) {
	zone, err := calendar.Zone("Asia/Shanghai")
	require.NoError(t, err)
	c := calendar.Calendar{Zone: zone}
	for d := time.Monday; d <= time.Friday; d++ {
		c.Hours = append(c.Hours, calendar.Hours{Weekday: d, Open: 540, Close: 1080})
	}
	p, err := Find("cn")
	require.NoError(t, err)
	for _, d := range p.Days {
		if d.Working {
			require.Contains(t, []time.Weekday{time.Saturday, time.Sunday}, d.Date.Weekday(), "%s is no rest day", d.Date)
		}
	}
	c.Special = p.SpecialDays(c, calendar.DayClosed)
	require.NoError(t, c.Validate())
	require.Len(t, c.OpenOn(calendar.NewDate(2026, 2, 14)), 1, "a Saturday on which people work")
	require.Empty(t, c.OpenOn(calendar.NewDate(2026, 2, 17)), "a Tuesday of Spring Festival")
	require.Empty(t, c.OpenOn(calendar.NewDate(2026, 2, 21)))
	_, err = Find("atlantis")
	require.Equal(t, "holidays.unknown", fault.CodeOf(err))
}
