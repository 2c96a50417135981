package files

import (
	"bytes"
	"context"
	"fmt"
	"hash"
	"io"

	"muster/tenants/database"
	"muster/tenants/fault"
	"muster/tenants/scope"
)

// reader streams the chunks of a file and checks its hash.
type reader struct {
	ctx    context.Context
	store  *Store
	scope  scope.Scope
	file   File
	sum    hash.Hash
	next   int    // number of the next chunk
	rest   []byte // of the present chunk
	read   int64
	failed error
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.rest) == 0 && r.failed == nil {
		r.failed = r.load()
	}
	if r.failed != nil {
		return 0, r.failed
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// load gets the next chunk; at the end it gives io.EOF when size and hash agree.
func (r *reader) load() error {
	if r.read == r.file.Bytes {
		if !bytes.Equal(r.sum.Sum(nil), r.file.SHA256) {
			return r.corrupt()
		}
		return io.EOF
	}
	var found []chunk
	err := r.store.db.Read(r.ctx, r.scope, func(tx *database.Tx) error {
		return tx.Where("file_id = ? AND seq = ?", r.file.ID, r.next).Find(&found).Error
	})
	if err != nil {
		return fmt.Errorf("files: read chunk: %w", err)
	}
	if len(found) == 0 || len(found[0].Data) == 0 {
		return r.corrupt()
	}
	r.rest = found[0].Data
	r.next++
	r.read += int64(len(r.rest))
	_, _ = r.sum.Write(r.rest)
	return nil
}

// corrupt is the fault of content that is not what was stored.
func (r *reader) corrupt() error {
	return fault.New(fault.Internal, "files.corrupt", "The stored content is incomplete or was changed; restore it from a backup.").With("file", r.file.ID.String())
}

// Close implements io.Closer; reads after it fail.
func (r *reader) Close() error {
	r.failed, r.rest = io.ErrClosedPipe, nil
	return nil
}
