package intake

import "muster/routing/records"

// dryRows remembers the rows of a dry run, which stores nothing, to find repeated
// keys: an open-addressing table of eight bytes a row, sized once by the first
// reading. A slot holds 40 bits of the key's hash, beside those that choose the slot,
// a one, since zero marks a free slot, and 23 bits of the content's hash.
type dryRows struct {
	slots []uint64
	mask  uint64
}

// The parts of a slot below the key's.
const (
	usedBit     = 1 << 23
	contentMask = usedBit - 1
	belowKey    = usedBit | contentMask
)

// newDryRows makes room for the rows.
func newDryRows(rows int64) *dryRows {
	size := uint64(1024)
	for size < uint64(rows)*5/4 {
		size *= 2
	}
	return &dryRows{slots: make([]uint64, size), mask: size - 1}
}

// fate tells what a row with these hashes is beside the rows before it: New the first
// time its key is seen, then Unchanged or Repeated.
func (d *dryRows) fate(key, content uint64) records.Fate {
	slot := key&^uint64(belowKey) | usedBit | content&contentMask
	for i := key & d.mask; ; i = (i + 1) & d.mask {
		switch found := d.slots[i]; {
		case found == 0:
			d.slots[i] = slot
			return records.New
		case found == slot:
			return records.Unchanged
		case found&^uint64(belowKey) == slot&^uint64(belowKey):
			return records.Repeated
		}
	}
}
