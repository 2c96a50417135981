//go:build !linux

package simulation

import "time"

func cpuTime() time.Duration { return 0 }
