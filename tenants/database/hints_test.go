package database_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
	"muster/tenants/database/databasetest"
)

// TestHintsOfManyNames sends more names at once than one notification holds.
func TestHintsOfManyNames(t *testing.T) {
	o := databasetest.PostgresOptions(t, true)
	var doors [2]*database.DB
	for i := range doors {
		var err error
		doors[i], err = database.Open(t.Context(), o)
		require.NoError(t, err)
		t.Cleanup(func() { _ = doors[i].Close() })
	}
	names := make([]string, 400)
	heard := map[string]<-chan struct{}{}
	for i := range names {
		names[i] = fmt.Sprintf("desk/%036d", i)
		wake, stop := doors[1].Watch(names[i])
		t.Cleanup(stop)
		heard[names[i]] = wake
	}
	other, stop := doors[1].Watch("desk/other")
	t.Cleanup(stop)
	require.Eventually(t, func() bool { // until the other door listens
		doors[0].Hint(names...)
		for name, wake := range heard {
			select {
			case <-wake:
				delete(heard, name)
			default:
			}
		}
		return len(heard) == 0
	}, time.Minute, 50*time.Millisecond)
	require.Empty(t, other, "a name that nobody gave wakes nobody")
}
