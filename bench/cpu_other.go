//go:build !unix

package bench

import "time"

var start = time.Now()

// CPUTime is the time on the wall where processor time is not to be had.
func CPUTime() time.Duration { return time.Since(start) }
