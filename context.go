package matdiff

import (
	"context"
	"sync/atomic"
)

// call is the context of one call. Builders ask it whether to go on, and may
// outlive the call in its results, which must not be told to stop then.
type call struct {
	context.Context
	over atomic.Bool
}

// during returns the context of a call and the function that ends it.
func during(ctx context.Context) (context.Context, func()) {
	c := &call{Context: ctx}
	return c, func() { c.over.Store(true) }
}

// Err is that of the context while the call lasts.
func (c *call) Err() error {
	if c.over.Load() {
		return nil
	}
	return c.Context.Err()
}
