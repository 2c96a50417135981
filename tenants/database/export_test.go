package database

// Tables exposes the registry to tests.
func Tables() map[string]Table { return tables }

// Partitioned exposes the list of partitioned tables to tests.
func Partitioned() []string { return partitioned }

// WithoutFilter gives a door whose scope filter is off, so that row-level security stands alone.
func (d *DB) WithoutFilter() { d.filterOff = true }

// WithoutRowSecurity gives a door that opens row-level security wide, so that the scope filter stands alone.
func (d *DB) WithoutRowSecurity() { d.rowsOff = true }
