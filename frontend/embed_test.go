package frontend_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"muster/frontend"
)

func TestFilesServeAnIndexPage(t *testing.T) {
	page, err := fs.ReadFile(frontend.Files(), frontend.Index)
	require.NoError(t, err)
	require.Contains(t, string(page), "<html")
}

func TestBuiltScreensLoadOnlyTheirOwnAssets(t *testing.T) {
	if !frontend.Built {
		t.Skip("built without the tag screens")
	}
	page, err := fs.ReadFile(frontend.Files(), frontend.Index)
	require.NoError(t, err)
	require.NotContains(t, string(page), "https://", "a page must not load anything from elsewhere")
	require.Contains(t, string(page), "/"+frontend.ImmutablePrefix)
	var names []string
	require.NoError(t, fs.WalkDir(frontend.Files(), strings.TrimSuffix(frontend.ImmutablePrefix, "/"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	require.NotEmpty(t, names)
}
