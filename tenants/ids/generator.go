package ids

import (
	"crypto/rand"
	"encoding/binary"
	mathrand "math/rand/v2"
	"sync"

	"muster/tenants/calendar"
)

// Generator makes UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then a
// counter and randomness. Ids of one generator strictly increase, also within a
// millisecond and when the clock steps back.
type Generator struct {
	mu      sync.Mutex
	clock   calendar.Clock
	random  func() uint64
	lastMs  int64
	counter uint16 // the 12 bits after the version
}

// NewGenerator makes a generator with unpredictable randomness.
func NewGenerator(clock calendar.Clock) *Generator {
	return &Generator{clock: clock, random: func() uint64 {
		var b [8]byte
		_, _ = rand.Read(b[:]) // crypto/rand.Read never fails (it crashes the program instead)
		return binary.LittleEndian.Uint64(b[:])
	}}
}

// NewSeededGenerator makes a generator whose ids repeat for the same seed and clock; for the demo and tests.
func NewSeededGenerator(clock calendar.Clock, seed uint64) *Generator {
	r := mathrand.New(mathrand.NewPCG(seed, 0x6d7573746572))
	return &Generator{clock: clock, random: r.Uint64}
}

// next makes the 16 bytes of the next id.
func (g *Generator) next() [16]byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	ms := int64(g.clock.Now() / calendar.Millisecond)
	if ms > g.lastMs {
		g.lastMs, g.counter = ms, uint16(g.random()&0x3ff)
	} else if g.counter++; g.counter > 0xfff {
		g.lastMs, g.counter = g.lastMs+1, 0
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[0:8], uint64(g.lastMs)<<16|0x7000|uint64(g.counter))
	binary.BigEndian.PutUint64(id[8:16], g.random()&0x3fffffffffffffff|0x8000000000000000)
	return id
}

// New makes the next id of the entity.
func New[T ~[16]byte](g *Generator) T { return T(g.next()) }
