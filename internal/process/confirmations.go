package process

import (
	"context"
	"os"
	"sync"
	"time"
)

const (
	// recordedAfter is how long the core may take to write down what a call has answered.
	recordedAfter = 3 * time.Second
	// flushLimit is below the two seconds that the core gives its providers to end.
	flushLimit = 1500 * time.Millisecond
	// flushWidth is how many confirmations are under way at once.
	flushWidth = 16
)

// Confirmations tell operators that what they made is in the state, when it is: some time after the answer that
// carries it to the core, or when the core ends the process in good order. A core that was killed in between may not
// have written the state, so nothing is confirmed any more once it is gone, and the next apply finds and adopts what
// there is.
type Confirmations struct {
	coreLives func() bool

	mu      sync.Mutex
	pending map[*confirmation]struct{}
}

type confirmation struct {
	confirm func(context.Context)
	timer   *time.Timer
}

// NewConfirmations makes a queue for the core that is the parent of this process by now.
func NewConfirmations() *Confirmations {
	core := os.Getppid()
	return &Confirmations{
		coreLives: func() bool { return os.Getppid() == core }, pending: make(map[*confirmation]struct{}),
	}
}

// Abandoned reports that the core is gone.
func (c *Confirmations) Abandoned() bool { return !c.coreLives() }

// Later confirms when the state will have been written.
func (c *Confirmations) Later(confirm func(context.Context)) {
	n := &confirmation{confirm: confirm}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending[n] = struct{}{}
	n.timer = time.AfterFunc(recordedAfter, func() { c.run(context.Background(), n) })
}

// run confirms once, while there is a core.
func (c *Confirmations) run(ctx context.Context, n *confirmation) {
	c.mu.Lock()
	_, waiting := c.pending[n]
	delete(c.pending, n)
	c.mu.Unlock()
	if waiting && c.coreLives() {
		n.confirm(ctx)
	}
}

// Flush confirms all that waits, in the time that the core leaves a process that it ends. What does not fit is
// confirmed by the next plan.
func (c *Confirmations) Flush() {
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	queue := make(chan *confirmation)
	var wg sync.WaitGroup
	for range flushWidth {
		wg.Go(func() {
			for n := range queue {
				if ctx.Err() == nil {
					c.run(ctx, n)
				}
			}
		})
	}
	c.mu.Lock()
	waiting := make([]*confirmation, 0, len(c.pending))
	for n := range c.pending {
		n.timer.Stop()
		waiting = append(waiting, n)
	}
	c.mu.Unlock()
	for _, n := range waiting {
		queue <- n
	}
	close(queue)
	wg.Wait()
}
