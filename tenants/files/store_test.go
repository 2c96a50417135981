package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/database/databasetest"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// noise gives n bytes that depend on the seed alone.
func noise(n int, seed uint64) []byte {
	data := make([]byte, n)
	source := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = source.Read(data)
	return data
}

// content reads a file as the scope sees it.
func content(t *testing.T, s *Store, sc scope.Scope, id ids.File) ([]byte, error) {
	t.Helper()
	_, r, err := s.Open(t.Context(), sc, id)
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(t, r.Close()) }()
	return io.ReadAll(r)
}

// count gives the rows of a table.
func count(t *testing.T, db *database.DB, model any) int64 {
	t.Helper()
	var n int64
	require.NoError(t, db.Read(t.Context(), scope.Provider(), func(tx *database.Tx) error { return tx.Model(model).Count(&n).Error }))
	return n
}

func TestRoundTripOfAllSizes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		for _, size := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3*chunkBytes + 7} {
			data := noise(size, uint64(size))
			file, err := s.Create(t.Context(), scope.Provider(), Spec{Name: "a.bin"}, iotest.OneByteReader(bytes.NewReader(data)))
			require.NoError(t, err)
			sum := sha256.Sum256(data)
			require.Equal(t, sum[:], file.SHA256)
			stored, err := s.Get(t.Context(), scope.Provider(), file.ID)
			require.NoError(t, err)
			require.Equal(t, file, stored)
			got, err := content(t, s, scope.Provider(), file.ID)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got), "size %d", size)
		}
	})
}

func TestFailedUploadsLeaveNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		broken := errors.New("line dropped")
		_, err := s.Create(t.Context(), scope.Provider(), Spec{Name: "a"},
			io.MultiReader(bytes.NewReader(noise(2*chunkBytes, 1)), iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
		_, err = s.Create(t.Context(), scope.Provider(), Spec{Name: "a", MaxBytes: chunkBytes}, bytes.NewReader(noise(chunkBytes+1, 1)))
		require.Equal(t, fault.TooLarge, fault.KindOf(err))
		_, err = s.Create(t.Context(), scope.Provider(), Spec{Name: "../"}, strings.NewReader(""))
		require.Equal(t, "files.name", fault.CodeOf(err))
		_, err = s.Create(t.Context(), scope.Provider(), Spec{Name: "a", MediaType: "no media"}, strings.NewReader(""))
		require.Equal(t, "files.media_type", fault.CodeOf(err))
		ctx, cancel := context.WithCancel(t.Context())
		_, err = s.Create(ctx, scope.Provider(), Spec{Name: "a"}, io.MultiReader(bytes.NewReader(noise(chunkBytes, 1)), readerFunc(func([]byte) (int, error) {
			cancel()
			return 0, io.EOF
		})))
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, count(t, db, &File{}))
		require.Zero(t, count(t, db, &chunk{}))

		undo := errors.New("undo")
		err = db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error {
			_, err := s.Create(tx.Context(), scope.Provider(), Spec{Name: "a"}, strings.NewReader("x"))
			require.NoError(t, err)
			return undo
		})
		require.ErrorIs(t, err, undo)
		require.Zero(t, count(t, db, &File{}), "in a transaction it goes with it")
	})
}

// readerFunc is a reader made of a function.
type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestFilesStayWithinTheirScope(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		mine, theirs := ids.New[ids.Client](db.IDs()), ids.New[ids.Client](db.IDs())
		file, err := s.Create(t.Context(), scope.Clients(theirs), Spec{Name: "report.xlsx", Client: theirs}, strings.NewReader("secret"))
		require.NoError(t, err)
		_, err = content(t, s, scope.Clients(mine), file.ID)
		require.Equal(t, "files.not_found", fault.CodeOf(err))
		require.Equal(t, "files.not_found", fault.CodeOf(s.Delete(t.Context(), scope.Clients(mine), file.ID)))
		_, err = s.Create(t.Context(), scope.Clients(mine), Spec{Name: "x", Client: theirs}, strings.NewReader(""))
		require.Error(t, err)
		got, err := content(t, s, scope.Clients(theirs), file.ID)
		require.NoError(t, err)
		require.Equal(t, "secret", string(got))
		require.NoError(t, s.Delete(t.Context(), scope.Clients(theirs), file.ID))
		require.Zero(t, count(t, db, &chunk{}))
	})
}

func TestDamageIsSeen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		damage := map[string]func(tx *database.Tx, id ids.File) error{
			"a chunk is gone": func(tx *database.Tx, id ids.File) error {
				return tx.Where("file_id = ? AND seq = 1", id).Delete(&chunk{}).Error
			},
			"a byte differs": func(tx *database.Tx, id ids.File) error {
				return tx.Model(&chunk{}).Where("file_id = ? AND seq = 0", id).Update("data", noise(chunkBytes, 99)).Error
			},
		}
		for name, change := range damage {
			file, err := s.Create(t.Context(), scope.Provider(), Spec{Name: "a"}, bytes.NewReader(noise(chunkBytes+5, 3)))
			require.NoError(t, err)
			require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error { return change(tx, file.ID) }))
			_, err = content(t, s, scope.Provider(), file.ID)
			require.Equal(t, "files.corrupt", fault.CodeOf(err), name)
		}
	})
}

func TestPrune(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := New(db)
		now := db.Now()
		_, err := s.Create(t.Context(), scope.Provider(), Spec{Name: "kept"}, strings.NewReader("k"))
		require.NoError(t, err)
		expired, err := s.Create(t.Context(), scope.Provider(), Spec{Name: "old", ExpiresAt: now}, strings.NewReader("o"))
		require.NoError(t, err)
		_, err = s.Get(t.Context(), scope.Provider(), expired.ID)
		require.Equal(t, "files.not_found", fault.CodeOf(err), "an expired file is gone before it is pruned")
		for _, age := range []time.Duration{unfinishedAge + time.Second, time.Minute} {
			left := File{ID: ids.New[ids.File](db.IDs()), Name: "left", MediaType: "text/csv", Bytes: unfinished, SHA256: []byte{}, CreatedAt: now.Add(-age)}
			require.NoError(t, db.Write(t.Context(), scope.Provider(), func(tx *database.Tx) error { return tx.Create(&left).Error }))
			_, err = s.Get(t.Context(), scope.Provider(), left.ID)
			require.Equal(t, "files.not_found", fault.CodeOf(err))
		}
		removed, err := s.Prune(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, removed)
		require.EqualValues(t, 2, count(t, db, &File{}), "the kept one and the upload that still runs")
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"report.xlsx": "report.xlsx", "/etc/passwd": "passwd", `C:\data\话务.csv`: "话务.csv", " a\r\nb ": "ab",
		"..": "", "x/..": "", "": "", "invoice\u202excod.exe": "invoicexcod.exe",
	} {
		require.Equal(t, want, baseName(given), given)
	}
	rapid.Check(t, func(t *rapid.T) {
		name := baseName(rapid.String().Draw(t, "name"))
		require.LessOrEqual(t, len(name), maxNameBytes)
		require.NotContains(t, name, "/")
		require.Equal(t, name, baseName(name), "a clean name stays")
	})
}

// BenchmarkStream stores 32 MiB.
func BenchmarkStream(b *testing.B) {
	data := noise(32<<20, 1)
	for name, open := range map[string]func(testing.TB) *database.DB{"sqlite": databasetest.OpenSQLite, "postgres": databasetest.OpenPostgres} {
		b.Run(name, func(b *testing.B) {
			s := New(open(b))
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				file, err := s.Create(b.Context(), scope.Provider(), Spec{Name: "a", ExpiresAt: calendar.Day}, bytes.NewReader(data))
				require.NoError(b, err)
				require.EqualValues(b, len(data), file.Bytes)
			}
		})
	}
}
