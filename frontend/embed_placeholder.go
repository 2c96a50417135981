//go:build !screens

package frontend

import "embed"

// Built says whether this binary carries the screens.
const Built = false

const folder = "placeholder"

//go:embed placeholder
var embedded embed.FS
