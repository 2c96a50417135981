package ids_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/calendar"
	"muster/tenants/ids"
)

func TestIdsIncreaseWithinAMillisecondAndWhenTheClockStepsBack(t *testing.T) {
	clock := calendar.NewFixedClock(1_700_000_000_000_000)
	g := ids.NewSeededGenerator(clock, 7)
	last := ids.New[ids.Agent](g)
	for i := range 10_000 {
		if i == 5000 {
			clock.Set(1_600_000_000_000_000)
		}
		next := ids.New[ids.Agent](g)
		require.Positive(t, next.Compare(last))
		require.Equal(t, byte(7), next[6]>>4, "version")
		require.Equal(t, byte(2), next[8]>>6, "variant")
		last = next
	}
}

func TestSeededGeneratorRepeats(t *testing.T) {
	a := ids.New[ids.Client](ids.NewSeededGenerator(calendar.NewFixedClock(1e15), 3))
	b := ids.New[ids.Client](ids.NewSeededGenerator(calendar.NewFixedClock(1e15), 3))
	require.Equal(t, a, b)
}

func TestTextAndScanRoundTrip(t *testing.T) {
	id := ids.New[ids.Client](ids.NewGenerator(calendar.SystemClock{}))
	back, err := ids.Parse[struct{}](id.String())
	require.NoError(t, err)
	require.Equal(t, [16]byte(id), [16]byte(back))
	var scanned ids.Client
	require.NoError(t, scanned.Scan(id.String()))
	require.Equal(t, id, scanned)
	value, err := id.Value()
	require.NoError(t, err)
	require.NoError(t, scanned.Scan(value))
	require.Equal(t, id, scanned)
	_, err = ids.Parse[struct{}]("12345678-1234-1234-1234-12345678901g")
	require.Error(t, err)
}
