package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// fixedTime stands wherever the file format wants a time that is not data.
var fixedTime = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// Settle rewrites the archive with its parts in one order and one time: the
// writer puts streamed sheets in random order.
func Settle(raw []byte) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	parts := slices.Clone(in.File)
	slices.SortFunc(parts, func(a, b *zip.File) int {
		// Readers that stream expect the list of content types first.
		return cmp.Or(rank(a.Name)-rank(b.Name), strings.Compare(a.Name, b.Name))
	})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range parts {
		if err := copyPart(w, p); err != nil {
			return nil, fmt.Errorf("workbook: %s: %w", p.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	return out.Bytes(), nil
}

// rank puts the content types first.
func rank(name string) int {
	if name == "[Content_Types].xml" {
		return 0
	}
	return 1
}

// copyPart moves one part over without unpacking it.
func copyPart(w *zip.Writer, p *zip.File) error {
	header := zip.FileHeader{Name: p.Name, Method: p.Method, Modified: fixedTime,
		CRC32: p.CRC32, CompressedSize64: p.CompressedSize64, UncompressedSize64: p.UncompressedSize64}
	to, err := w.CreateRaw(&header)
	if err != nil {
		return err
	}
	from, err := p.OpenRaw()
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return err
}
