package tail

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// longestLine bounds a line of the log, in bytes.
const longestLine = 60 << 10

// Line is a complete line of a log.
type Line struct {
	ID   string // the same whenever the line is read
	Seq  int64  // grows with the place in the file, and from one file to the next
	Text string
}

// place is how far a log was read.
type place struct {
	Head   string `json:"head"` // names the file: the hash of its first line
	Offset int64  `json:"offset"`
}

// head names a log by its first line: renaming and growing keep it.
type head struct {
	name  string
	began int64 // seconds since 1970 of the first line, 0 if it tells none
	size  int64 // of the first line with its end
}

// headOf reads the first line; a log without a complete one has no head yet.
func headOf(f io.ReaderAt) (head, bool, error) {
	buffer := make([]byte, longestLine)
	n, err := f.ReadAt(buffer, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return head{}, false, err
	}
	end := bytes.IndexByte(buffer[:n], '\n')
	if end < 0 {
		return head{}, false, nil
	}
	sum := sha256.Sum256(buffer[:end])
	first, _, _ := bytes.Cut(buffer[:end], []byte("|"))
	seconds, _ := strconv.ParseFloat(string(bytes.TrimSpace(first)), 64)
	if !(seconds >= 0 && seconds < 1<<32) {
		seconds = 0
	}
	return head{name: hex.EncodeToString(sum[:8]), began: int64(seconds), size: int64(end) + 1}, true, nil
}

// log is an open log file.
type log struct {
	file   *os.File
	head   head
	offset int64 // of the next line
}

// openLog opens the file at an offset; no head yet gives no log.
func openLog(path string, offset int64) (*log, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	h, ok, err := headOf(f)
	if err != nil || !ok {
		_ = f.Close()
		return nil, err
	}
	return &log{file: f, head: h, offset: offset}, nil
}

func (l *log) close() { _ = l.file.Close() }

// truncated reports whether the file has been emptied and begun anew under the reader.
func (l *log) truncated() (bool, error) {
	info, err := l.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < l.offset {
		return true, nil
	}
	h, ok, err := headOf(l.file)
	return err == nil && (!ok || h.name != l.head.name), err
}

// read gives the next complete lines, at most so many; with rest also a last one that
// has no end.
func (l *log) read(most int, rest bool) ([]Line, error) {
	buffer := make([]byte, 256<<10)
	var out []Line
	for len(out) < most {
		n, err := l.file.ReadAt(buffer, l.offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return out, err
		}
		data, atEnd := buffer[:n], errors.Is(err, io.EOF)
		before := len(out)
		for len(out) < most {
			end := bytes.IndexByte(data, '\n')
			size := end + 1
			if end < 0 {
				if len(data) == 0 || !(rest && atEnd) && len(data) < longestLine {
					break
				}
				end, size = min(len(data), longestLine), min(len(data), longestLine)
			}
			out = append(out, l.line(data[:end]))
			data = data[size:]
			l.offset += int64(size)
		}
		if atEnd || len(out) == before {
			break
		}
	}
	return out, nil
}

// line names the line at the present offset.
func (l *log) line(text []byte) Line {
	const mostBytes = 1 << 31
	return Line{ID: fmt.Sprintf("%s/%d", l.head.name, l.offset), Seq: l.head.began*mostBytes + min(l.offset, mostBytes-1), Text: string(bytes.TrimRight(text, "\r"))}
}

// after lists the logs that were written after the one at the place, the oldest first:
// the rest of that one under its new name, and those that came between it and the
// present file. found says whether that one is still there.
func after(path string, at place) (logs []*log, found bool, err error) {
	paths := []string{path}
	for _, sign := range []string{".", "-", "_"} {
		more, err := filepath.Glob(escape(path) + sign + "*")
		if err != nil {
			return nil, false, err
		}
		paths = append(paths, more...)
	}
	var all []*log
	for _, p := range paths {
		if ext := filepath.Ext(p); ext == ".gz" || ext == ".bz2" || ext == ".xz" || ext == ".muster" || ext == ".new" {
			continue
		}
		if info, err := os.Stat(p); err != nil || !info.Mode().IsRegular() {
			continue
		}
		l, err := openLog(p, 0)
		if errors.Is(err, os.ErrNotExist) || l == nil && err == nil {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b *log) int { return cmp.Compare(a.head.began, b.head.began) })
	i := slices.IndexFunc(all, func(l *log) bool { return l.head.name == at.Head })
	if i < 0 {
		for _, l := range all {
			l.close()
		}
		return nil, false, nil
	}
	for _, l := range all[:i] {
		l.close()
	}
	all[i].offset = at.Offset
	return all[i:], true, nil
}

// escape takes their meaning from the signs of a pattern.
func escape(path string) string {
	var out []byte
	for i := range len(path) {
		if c := path[i]; c == '*' || c == '?' || c == '[' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, path[i])
	}
	return string(out)
}
