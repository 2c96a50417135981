//go:build screens

package frontend

import "embed"

// Built says whether this binary carries the screens.
const Built = true

const folder = "dist"

//go:embed all:dist
var embedded embed.FS
