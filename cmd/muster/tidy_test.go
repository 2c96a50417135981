package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"muster/config"
	"muster/tenants/database"
	"muster/tenants/files"
	"muster/tenants/jobs"
	"muster/tenants/scope"
)

func TestTidyRemovesWhatIsNoLongerKept(t *testing.T) {
	settings := config.Defaults(config.Demo)
	settings.DataDir = t.TempDir()
	settings.Jobs.PollInterval = 10 * time.Millisecond
	h, err := openHouse(t.Context(), settings, slog.New(slog.DiscardHandler), nil)
	require.NoError(t, err)
	defer h.close()
	require.NoError(t, h.tidyHourly(t.Context()))
	_, err = h.files.Create(t.Context(), scope.Provider(), files.Spec{Name: "old", ExpiresAt: h.db.Now() - 1}, strings.NewReader("x"))
	require.NoError(t, err)
	var job jobs.Job
	require.NoError(t, h.db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) (err error) {
		job, _, err = h.jobs.Enqueue(tx, jobs.Spec{Kind: tidyKind, Version: 1})
		return err
	}))

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.pool.Run(ctx) }()
	waiting, stopWaiting := context.WithTimeout(t.Context(), 20*time.Second)
	defer stopWaiting()
	done, err := h.jobs.Await(waiting, scope.Provider(), job.ID)
	cancel()
	require.NoError(t, err)
	require.NoError(t, <-ended)
	var result tidied
	require.NoError(t, done.DecodeResult(&result))
	require.Equal(t, tidied{Files: 1}, result)
}
