package backuprun

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// stream is a volume that can be read once, from the first byte to the last.
type stream struct {
	ctx  context.Context
	from io.Reader
	at   int64
	size int64
}

// Size implements mover.Source.
func (s *stream) Size() int64 { return s.size }

// ReadAt implements mover.Source, which asks in ascending order.
func (s *stream) ReadAt(p []byte, offset int64) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if offset < s.at {
		return 0, fmt.Errorf("byte %d was to be read after byte %d, and the volume is read once", offset, s.at)
	}
	skipped, err := io.CopyN(io.Discard, s.from, offset-s.at)
	if s.at += skipped; err != nil {
		return 0, short(err)
	}
	n, err := io.ReadFull(s.from, p)
	s.at += int64(n)
	if err != nil && s.at == s.size {
		return n, io.EOF
	}
	return n, short(err)
}

// short tells of bytes that ended too early in words.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the operator gave fewer bytes than the volume has")
	}
	return err
}

// sink is a volume that can be written once, from the first byte to the last. What is left out is zeros.
type sink struct {
	ctx  context.Context
	to   io.Writer
	at   int64
	size int64
}

// Size implements mover.Target.
func (s *sink) Size() int64 { return s.size }

// Zeroed implements mover.Zeroed: it writes the zeros itself.
func (s *sink) Zeroed() bool { return true }

// WriteAt implements mover.Target, which writes in ascending order.
func (s *sink) WriteAt(p []byte, offset int64) (int, error) {
	if offset < s.at {
		return 0, fmt.Errorf("byte %d was to be written after byte %d, and the volume is written once", offset, s.at)
	}
	if err := s.fill(offset); err != nil {
		return 0, err
	}
	n, err := s.to.Write(p)
	s.at += int64(n)
	return n, err
}

// zeros are written where there is nothing.
var zeros = make([]byte, 1<<20)

// fill writes zeros up to an offset.
func (s *sink) fill(offset int64) error {
	for s.at < offset {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		n, err := s.to.Write(zeros[:min(int64(len(zeros)), offset-s.at)])
		if s.at += int64(n); err != nil {
			return err
		}
	}
	return nil
}
