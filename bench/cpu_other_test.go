//go:build !unix

package bench

import "time"

var start = time.Now()

// cpuTime is the time on the wall where processor time is not to be had.
func cpuTime() time.Duration { return time.Since(start) }
