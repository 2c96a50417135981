package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/tenants/database"
)

func TestBackupAndRestoreCommands(t *testing.T) {
	data, fresh := t.TempDir(), filepath.Join(t.TempDir(), "fresh")
	require.NoError(t, database.Migrate(t.Context(), database.Options{Path: filepath.Join(data, "muster.db")}))
	path := filepath.Join(t.TempDir(), "muster.backup")

	out, err := run(t, "backup", path, "--set", "data_dir="+data)
	require.NoError(t, err)
	require.Contains(t, out, "is written: sqlite")
	out, err = run(t, "backup", path, "--check")
	require.NoError(t, err)
	require.Contains(t, out, "is whole")
	_, err = run(t, "restore", path, "--set", "data_dir="+data)
	require.ErrorContains(t, err, "empty data_dir")
	out, err = run(t, "restore", path, "--set", "data_dir="+fresh)
	require.NoError(t, err)
	require.Contains(t, out, "is restored")
	require.FileExists(t, filepath.Join(fresh, "muster.db"))
	_, err = run(t, "backup", path, "--set", "data_dir="+filepath.Join(data, "nowhere"))
	require.Error(t, err)
}
