package forecast

// cut is a history as it was known at one origin: a method may read rows before
// `day` in full and the cells of row `day` before `cell`.
type cut struct {
	*history
	cell  int       // first cell to forecast
	day   int       // row of that cell
	end   int       // one after the last cell to forecast
	terms *dayTerms // calendar terms as known at the origin
}

func (h *history) cutAt(cell, end int) *cut {
	c := &cut{history: h, cell: cell, day: cell / h.slots, end: end}
	c.terms = newDayTerms(h, h.knownFeasts(c.day))
	return c
}

// rows counts the days the forecast touches.
func (c *cut) rows() int { return (c.end-1)/c.slots - c.day + 1 }

// spread turns a forecast of whole days (rows x slots) into the cells asked for.
func (c *cut) spread(rows []float64) []float64 {
	return rows[c.cell-c.day*c.slots : c.end-c.day*c.slots]
}
