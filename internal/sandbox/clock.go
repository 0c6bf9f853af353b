package sandbox

import (
	"sync/atomic"
	"time"
)

// clock is the sandbox's time, which can be moved on.
type clock struct {
	base   func() time.Time
	offset atomic.Int64
}

// now is in UTC and without a monotonic part, as what is read from the store.
func (c *clock) now() time.Time {
	return c.base().Add(time.Duration(c.offset.Load())).UTC().Round(0)
}

func (c *clock) move(d time.Duration) { c.offset.Add(int64(d)) }
