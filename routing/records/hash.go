package records

import (
	"crypto/sha256"
	"encoding/binary"

	"muster/tenants/calendar"
)

// digest collects the content of a draft in an unambiguous form.
type digest struct{ b []byte }

func (d *digest) text(values ...string) {
	for _, s := range values {
		d.b = binary.AppendUvarint(d.b, uint64(len(s)))
		d.b = append(d.b, s...)
	}
}

func (d *digest) number(values ...int64) {
	for _, v := range values {
		d.b = binary.AppendVarint(d.b, v)
	}
}

func (d *digest) instant(values ...*calendar.Instant) {
	for _, v := range values {
		if v == nil {
			d.b = append(d.b, 0)
			continue
		}
		d.b = append(d.b, 1)
		d.number(int64(*v))
	}
}

// sum gives the first 16 bytes of the SHA-256.
func (d *digest) sum() []byte {
	h := sha256.Sum256(d.b)
	return h[:16]
}
