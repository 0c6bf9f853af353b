package transport

import (
	"context"
	"io"
	"time"
)

// streamKey marks the context of a stream; its value is the length of the request's body.
type streamKey struct{}

// Streaming makes the requests of a context streams of bytes, which may take as long as they do: PerTryTimeout bounds how long
// the operator may be silent, and not how long the caller takes for what it sends or reads. A body is sent as it comes,
// once, with length as its Content-Length; who has none says 0. Streams are not counted with the requests in flight, which
// they would keep waiting for hours.
func Streaming(ctx context.Context, length int64) context.Context {
	return context.WithValue(ctx, streamKey{}, length)
}

// watch ends a try when the operator has been silent for too long.
type watch struct {
	limit time.Duration
	timer *time.Timer
}

// watched makes the context of a stream's try. The watch is on until it is taken off.
func watched(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc, *watch) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watch{limit: limit, timer: time.AfterFunc(limit, cancel)}
	context.AfterFunc(ctx, w.off)
	return ctx, cancel, w
}

func (w *watch) on()  { w.timer.Reset(w.limit) }
func (w *watch) off() { w.timer.Stop() }

// sending is a stream's request body: while it waits for the caller, nobody waits for the operator.
type sending struct {
	io.ReadCloser
	*watch
}

// Read reads of the caller's body.
func (s sending) Read(p []byte) (int, error) {
	s.off()
	defer s.on()
	return s.ReadCloser.Read(p)
}

// receiving is the body of the answer to a stream: nobody waits for the operator but while it is read.
type receiving struct {
	io.ReadCloser
	*watch
}

// Read reads of the answer.
func (r receiving) Read(p []byte) (int, error) {
	r.on()
	defer r.off()
	return r.ReadCloser.Read(p)
}
