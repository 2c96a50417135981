package secrets

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/fault"
)

// box makes a box from a repeated byte.
func box(t require.TestingT, b byte) *Box {
	made, err := NewBox(bytes.Repeat([]byte{b}, KeyBytes))
	require.NoError(t, err)
	return made
}

func TestSealedOpensOnlyWithKeyAndPurpose(t *testing.T) {
	t.Parallel()
	a := box(t, 'a')
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := a.Seal("mail", plain)
		opened, err := a.Open("mail", sealed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, opened))
		_, err = a.Open("phone", sealed)
		require.Equal(t, "secrets.damaged", fault.CodeOf(err))

		broken := bytes.Clone(sealed)
		broken[rapid.IntRange(0, len(broken)-1).Draw(t, "at")] ^= 1
		_, err = a.Open("mail", broken)
		require.Error(t, err)
	})
	_, err := box(t, 'b').Open("mail", a.Seal("mail", []byte("x")))
	require.Equal(t, "secrets.other_key", fault.CodeOf(err))
	_, err = a.Open("mail", nil)
	require.Equal(t, "secrets.damaged", fault.CodeOf(err))
	require.NotEqual(t, a.Seal("mail", []byte("x")), a.Seal("mail", []byte("x")), "equal values are not seen to be equal")
}

func TestKeyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "muster.key")
	require.NoError(t, MakeFile(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	first, err := OpenFile(path)
	require.NoError(t, err)
	require.ErrorIs(t, MakeFile(path), os.ErrExist, "a key file is never overwritten")
	again, err := OpenFile(path)
	require.NoError(t, err)
	plain, err := again.Open("p", first.Seal("p", []byte("x")))
	require.NoError(t, err)
	require.Equal(t, "x", string(plain))

	_, err = OpenFile(path + ".gone")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = NewBox([]byte("short"))
	require.Equal(t, "secrets.short_key", fault.CodeOf(err))
}
