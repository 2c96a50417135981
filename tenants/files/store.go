package files

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/ids"
	"muster/tenants/scope"
)

// chunkBytes is the size of all chunks but the last: small enough for a write
// transaction of some milliseconds.
const chunkBytes = 256 << 10

// unfinished marks the size of a file whose upload goes on.
const unfinished = -1

// unfinishedAge is how long an upload may take before Prune drops it.
const unfinishedAge = 24 * time.Hour

// maxNameBytes bounds the name of a file.
const maxNameBytes = 255

// File is the row of a complete file.
type File struct {
	ID        ids.File   `gorm:"primaryKey"`
	Client    ids.Client `gorm:"column:client_id"`
	Name      string
	MediaType string
	Bytes     int64
	SHA256    []byte            `gorm:"column:sha256"`
	CreatedBy ids.User          `gorm:"column:created_by"`
	CreatedAt calendar.Instant  `gorm:"autoCreateTime:false"`
	ExpiresAt *calendar.Instant // nil: kept
}

// TableName names the table.
func (File) TableName() string { return "files" }

// chunk is a part of a file's content.
type chunk struct {
	FileID ids.File   `gorm:"primaryKey"`
	Client ids.Client `gorm:"column:client_id"`
	Seq    int        `gorm:"primaryKey;autoIncrement:false"`
	Data   []byte
}

// TableName names the table.
func (chunk) TableName() string { return "file_chunks" }

// Store keeps files. It is safe for concurrent use.
type Store struct{ db *database.DB }

// New makes the store of a database.
func New(db *database.DB) *Store { return &Store{db: db} }

// Spec describes a file to keep.
type Spec struct {
	Client    ids.Client       // whose file it is; zero: the provider's
	Name      string           // the last part of a path is taken
	MediaType string           // such as text/csv; empty means application/octet-stream
	By        ids.User         // who made it; zero: the machine
	ExpiresAt calendar.Instant // when it may go; zero: kept
	MaxBytes  int64            // larger content is refused; 0: no bound
}

// row checks the Spec and gives the file's row as it is while the upload goes on.
func (s *Store) row(spec Spec) (File, error) {
	f := File{
		ID: ids.New[ids.File](s.db.IDs()), Client: spec.Client, Name: baseName(spec.Name), MediaType: spec.MediaType,
		Bytes: unfinished, SHA256: []byte{}, CreatedBy: spec.By, CreatedAt: s.db.Now(),
	}
	if f.Name == "" {
		return File{}, fault.New(fault.Invalid, "files.name", "A file needs a name of readable characters.")
	}
	if f.MediaType == "" {
		f.MediaType = "application/octet-stream"
	}
	if _, _, err := mime.ParseMediaType(f.MediaType); err != nil {
		return File{}, fault.Newf(fault.Invalid, "files.media_type", "%q is no media type; write one such as text/csv.", f.MediaType).Wrap(err)
	}
	if spec.ExpiresAt != 0 {
		f.ExpiresAt = &spec.ExpiresAt
	}
	return f, nil
}

// baseName gives the last part of a path without control characters, cut to
// maxNameBytes; browsers and archives may send whole paths.
func baseName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	for len(name) > maxNameBytes {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if name == "." || name == ".." {
		return ""
	}
	return name
}

// Create keeps what the reader gives. Nothing stays when it fails: on the
// reader's error, on content over MaxBytes (TooLarge, files.too_large) or on a
// client outside the scope. Called in a transaction (tx.Context()) it is part of it.
func (s *Store) Create(ctx context.Context, sc scope.Scope, spec Spec, content io.Reader) (File, error) {
	file, err := s.row(spec)
	if err != nil {
		return File{}, err
	}
	if err := s.db.Write(ctx, sc, func(tx *database.Tx) error { return tx.Create(&file).Error }); err != nil {
		return File{}, fmt.Errorf("files: create: %w", err)
	}
	if err := s.fill(ctx, sc, &file, spec.MaxBytes, content); err != nil {
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return File{}, errors.Join(err, s.remove(clean, sc, file.ID))
	}
	return file, nil
}

// fill streams the content into chunks and completes the row.
func (s *Store) fill(ctx context.Context, sc scope.Scope, file *File, limit int64, content io.Reader) error {
	sum := sha256.New()
	var size int64
	for seq := 0; ; seq++ {
		data := make([]byte, chunkBytes)
		n, err := readFull(content, data)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("files: read content: %w", err)
		}
		if size += int64(n); limit > 0 && size > limit {
			return fault.Newf(fault.TooLarge, "files.too_large", "The file is larger than the limit of %d bytes.", limit).With("limit", limit)
		}
		last := n < chunkBytes
		_, _ = sum.Write(data[:n])
		if err := s.append(ctx, sc, file, chunk{FileID: file.ID, Client: file.Client, Seq: seq, Data: data[:n]}, last, size, sum); err != nil {
			return err
		}
		if last {
			return nil
		}
	}
}

// readFull fills the buffer as far as the content goes. Unlike io.ReadFull it tells
// the end of the content (io.EOF) from content that broke off (io.ErrUnexpectedEOF).
func readFull(content io.Reader, data []byte) (n int, err error) {
	for n < len(data) && err == nil {
		var m int
		m, err = content.Read(data[n:])
		n += m
	}
	if n == len(data) {
		err = nil
	}
	return n, err
}

// append stores one chunk and, with the last, completes the file.
func (s *Store) append(ctx context.Context, sc scope.Scope, file *File, c chunk, last bool, size int64, sum hash.Hash) error {
	return s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if len(c.Data) > 0 {
			if err := tx.Create(&c).Error; err != nil {
				return fmt.Errorf("files: store chunk: %w", err)
			}
		}
		if !last {
			return nil
		}
		file.Bytes, file.SHA256 = size, sum.Sum(nil)
		done := tx.Model(&File{}).Where("id = ? AND bytes = ?", file.ID, unfinished).
			Updates(map[string]any{"bytes": file.Bytes, "sha256": file.SHA256})
		if done.Error == nil && done.RowsAffected == 0 {
			return fault.New(fault.Conflict, "files.gone", "The file was removed while it was stored; store it again.")
		}
		return done.Error
	})
}

// Get gives the row of a complete file of the scope that has not expired;
// otherwise the NotFound fault files.not_found.
func (s *Store) Get(ctx context.Context, sc scope.Scope, id ids.File) (File, error) {
	var file File
	err := s.db.Read(ctx, sc, func(tx *database.Tx) (err error) {
		file, err = database.One[File](
			tx.Where("id = ? AND bytes >= 0 AND (expires_at IS NULL OR expires_at > ?)", id, s.db.Now()),
			"files.not_found", "There is no such file: it never existed, has expired, or is not yours to see.")
		return err
	})
	return file, err
}

// Open gives the row and the content of a file; the reader must be closed. It
// reads chunk by chunk, each under the scope, and ends with an error instead of
// io.EOF when the content is not what was stored.
func (s *Store) Open(ctx context.Context, sc scope.Scope, id ids.File) (File, io.ReadCloser, error) {
	file, err := s.Get(ctx, sc, id)
	if err != nil {
		return File{}, nil, err
	}
	return file, &reader{ctx: ctx, store: s, scope: sc, file: file, sum: sha256.New()}, nil
}

// Delete removes a file of the scope; an absent one gives files.not_found.
func (s *Store) Delete(ctx context.Context, sc scope.Scope, id ids.File) error {
	if _, err := s.Get(ctx, sc, id); err != nil {
		return err
	}
	return s.remove(ctx, sc, id)
}

// remove deletes row and chunks.
func (s *Store) remove(ctx context.Context, sc scope.Scope, id ids.File) error {
	err := s.db.Write(ctx, sc, func(tx *database.Tx) error {
		if err := tx.Where("file_id = ?", id).Delete(&chunk{}).Error; err != nil {
			return err
		}
		return tx.Where("id = ?", id).Delete(&File{}).Error
	})
	if err != nil {
		return fmt.Errorf("files: remove: %w", err)
	}
	return nil
}

// Prune removes expired files and uploads that were left unfinished, and gives their number.
func (s *Store) Prune(ctx context.Context) (int, error) {
	var old []ids.File
	now := s.db.Now()
	err := s.db.Read(ctx, scope.Provider(), func(tx *database.Tx) error {
		return tx.Model(&File{}).Where("expires_at <= ?", now).
			Or("bytes = ? AND created_at < ?", unfinished, now.Add(-unfinishedAge)).
			Order("id").Limit(1000).Pluck("id", &old).Error
	})
	if err != nil {
		return 0, fmt.Errorf("files: prune: %w", err)
	}
	for i, id := range old {
		if err := s.remove(ctx, scope.Provider(), id); err != nil {
			return i, err
		}
	}
	return len(old), nil
}
