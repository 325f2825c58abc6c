//go:build !unix

package bench

import "time"

// now is the time of day, where processor time is not to be had.
func now() time.Duration { return time.Since(begin) }

var begin = time.Now()
