package dayshift

// CellMoves prepares annealing over cells for benchmarks: each call of the
// returned function tries one move; the other tells how many were scored in full.
func CellMoves(p *Problem, seed uint64) (step func(), scored func() int64) {
	q := newSearcher(compile(p), seed, 1)
	q.construct(func() bool { return false })
	c := newCells(q.s, q.rng)
	return func() { c.step(10) }, func() int64 { return c.moves }
}
