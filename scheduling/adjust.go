package scheduling

import "muster/tenants/ids"

// Adjustment placeholder types
type Adjustment struct{ ID ids.Any }
type baseRun struct{}
