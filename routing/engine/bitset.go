package engine

import "math/bits"

// bitset is a growing set of small integers.
type bitset []uint64

func (b *bitset) set(i int32) {
	w := int(i >> 6)
	for len(*b) <= w {
		*b = append(*b, 0)
	}
	(*b)[w] |= 1 << (uint(i) & 63)
}

func (b bitset) clear(i int32) {
	if w := int(i >> 6); w < len(b) {
		b[w] &^= 1 << (uint(i) & 63)
	}
}

// lowest takes the lowest member out of a word and gives its number.
func lowest(word *uint64, base int) int32 {
	i := bits.TrailingZeros64(*word)
	*word &= *word - 1
	return int32(base<<6 + i)
}
