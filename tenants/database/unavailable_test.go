package database

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/fault"
)

// TestAFailedDialIsNotTheCallersDeadline tells the database's own time-out from the caller's.
func TestAFailedDialIsNotTheCallersDeadline(t *testing.T) {
	t.Parallel()
	require.Equal(t, "database.unavailable", fault.CodeOf(unavailable(t.Context(), context.DeadlineExceeded)))
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.ErrorIs(t, unavailable(gone, errors.New("refused")), context.Canceled)
}
