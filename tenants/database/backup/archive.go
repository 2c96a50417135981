package backup

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"muster/tenants/calendar"
	"muster/tenants/database"
	"muster/tenants/fault"
)

// format is the version of the archive's layout.
const format = 1

// manifestName is the archive's first entry; the copy follows.
const manifestName = "manifest.json"

// maxManifest bounds the bytes of a manifest.
const maxManifest = 64 << 10

// Manifest says what an archive holds.
type Manifest struct {
	Format    int              `json:"format"`
	Dialect   database.Dialect `json:"dialect"`
	Schema    int64            `json:"schema"`     // newest migration of the copy
	Version   string           `json:"muster"`     // version of the binary that made it
	CreatedAt calendar.Instant `json:"created_at"` // when the copy began
	Copy      string           `json:"copy"`       // name of the second entry
	Bytes     int64            `json:"bytes"`
	SHA256    string           `json:"sha256"` // of the copy, hexadecimal
}

// pack writes an archive that appears under its name only when it is complete.
func pack(path string, m Manifest, source string) (err error) {
	part := path + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close(), os.Remove(part))
		}
	}()
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := write(tar.NewWriter(zip), m, source); err != nil {
		return fmt.Errorf("backup: write %s: %w", part, err)
	}
	if err := errors.Join(zip.Close(), out.Sync()); err != nil {
		return fmt.Errorf("backup: write %s: %w", part, err)
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("backup: write %s: %w", part, err)
	}
	if err := os.Link(part, path); err != nil { // unlike a rename, it never replaces a file
		return errors.Join(fmt.Errorf("backup: %w", err), os.Remove(part))
	}
	return os.Remove(part)
}

// write puts manifest and copy into the archive.
func write(archive *tar.Writer, m Manifest, source string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: m.CreatedAt.Time()}); err != nil {
		return err
	}
	if _, err := archive.Write(text); err != nil {
		return err
	}
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := archive.WriteHeader(&tar.Header{Name: m.Copy, Mode: 0o600, Size: m.Bytes, ModTime: m.CreatedAt.Time()}); err != nil {
		return err
	}
	if _, err := io.Copy(archive, in); err != nil {
		return err
	}
	return archive.Close()
}

// damaged is the fault of an archive that is not what pack wrote.
func damaged(path string, cause error) error {
	return fault.Newf(fault.Invalid, "backup.damaged", "%s is no complete muster backup; take another copy of it.", filepath.Base(path)).Wrap(cause)
}

// unpack reads an archive, writes its copy to target and checks it against
// the manifest. Use io.Discard to check only.
func unpack(path string, target io.Writer) (Manifest, error) {
	in, err := os.Open(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	defer in.Close()
	zip, err := gzip.NewReader(in)
	if err != nil {
		return Manifest{}, damaged(path, err)
	}
	archive := tar.NewReader(zip)
	m, err := readManifest(archive)
	if err != nil {
		return Manifest{}, damaged(path, err)
	}
	if m.Format != format {
		return Manifest{}, fault.Newf(fault.Invalid, "backup.format", "The backup has format %d; this muster reads format %d. Use the version that made it: %s.", m.Format, format, m.Version)
	}
	if head, err := archive.Next(); err != nil || head.Name != m.Copy || head.Size != m.Bytes {
		return Manifest{}, damaged(path, errors.Join(errors.New("the copy is not where the manifest says"), err))
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(target, sum), archive); err != nil {
		return Manifest{}, damaged(path, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != m.SHA256 {
		return Manifest{}, damaged(path, errors.New("the hash differs"))
	}
	if _, err := io.Copy(io.Discard, zip); err != nil { // the end has a checksum of its own
		return Manifest{}, damaged(path, err)
	}
	return m, nil
}

// readManifest reads the first entry.
func readManifest(archive *tar.Reader) (Manifest, error) {
	head, err := archive.Next()
	if err != nil {
		return Manifest{}, err
	}
	if head.Name != manifestName || head.Size > maxManifest {
		return Manifest{}, errors.New("the first entry is no manifest")
	}
	var m Manifest
	if err := json.NewDecoder(archive).Decode(&m); err != nil {
		return Manifest{}, err
	}
	return m, nil
}

// digest gives size and SHA-256 of a file.
func digest(path string) (int64, string, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}
