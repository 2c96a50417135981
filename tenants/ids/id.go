package ids

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
)

// ID is a UUIDv7 of the entity E. The zero value means "none" and is stored as NULL.
type ID[E any] [16]byte

// Parse reads the canonical text form.
func Parse[E any](s string) (ID[E], error) {
	var id ID[E]
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("id %q: want 8-4-4-4-12 hexadecimal digits", s)
	}
	compact := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(id[:], []byte(compact)); err != nil {
		return ID[E]{}, fmt.Errorf("id %q: want 8-4-4-4-12 hexadecimal digits", s)
	}
	return id, nil
}

// IsZero reports whether the id is "none".
func (id ID[E]) IsZero() bool { return id == ID[E]{} }

// Compare orders ids by their bytes, which for UUIDv7 is the order of creation.
func (id ID[E]) Compare(o ID[E]) int { return bytes.Compare(id[:], o[:]) }

// String gives the canonical text form, empty for the zero id.
func (id ID[E]) String() string {
	if id.IsZero() {
		return ""
	}
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], id[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], id[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], id[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], id[10:16])
	return string(b[:])
}

// MarshalText writes the canonical text form.
func (id ID[E]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the canonical text form; empty text gives the zero id.
func (id *ID[E]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID[E]{}
		return nil
	}
	v, err := Parse[E](string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// Value gives the bytes for the database, NULL for the zero id.
func (id ID[E]) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return bytes.Clone(id[:]), nil
}

// Scan reads 16 bytes, or the text form that PostgreSQL drivers give.
func (id *ID[E]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID[E]{}
		return nil
	case []byte:
		if len(v) == 16 {
			copy(id[:], v)
			return nil
		}
		return id.UnmarshalText(v)
	case string:
		return id.UnmarshalText([]byte(v))
	case [16]byte:
		*id = v
		return nil
	}
	return fmt.Errorf("id: cannot read a %T", src)
}
