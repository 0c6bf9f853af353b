package backuprun

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestMark keeps all that there is to know of a restore in what a volume has room for.
func TestMark(t *testing.T) {
	at := time.Date(2026, 11, 26, 1, 2, 3, 456789012, time.UTC)
	is := mark{state: restoring, until: at.Truncate(time.Second), Restored: cloud.Restored{
		VaultID: uuid.NewString(), RecoveryPointID: "4f1c2a9b0d3e5f60-20260601T020000Z-9b2e6c11", VolumeID: uuid.NewString(), TakenAt: at,
		TreeSHA256: strings.Repeat("0123456789abcdef", 4),
	}}
	text := is.text()
	got, ok := parseMark(text)
	if !ok || got.Restored != is.Restored || got.state != restoring || !got.until.Equal(is.until) || len(text) > markLimit {
		t.Errorf("%d bytes %q are read as %+v, %t", len(text), text, got, ok)
	}
	failed := mark{state: restoreFailed, words: strings.Repeat("ā", 200)}.text()
	if got, ok := parseMark(failed); !ok || got.state != restoreFailed || len(failed) > markLimit || !strings.HasSuffix(got.words, "ā…") {
		t.Errorf("%d bytes %q are read as %+v, %t", len(failed), failed, got, ok)
	}
	for _, other := range []string{"", "restored", "keep me", "restoring 1 2 3 4 5 !"} {
		if got, ok := parseMark(other); ok || unusable(other) {
			t.Errorf("%q is read as %+v", other, got)
		}
	}
}

// TestStream reads once, skips what nobody asks for, and tells of bytes that are missing.
func TestStream(t *testing.T) {
	s := &stream{ctx: t.Context(), from: strings.NewReader("0123456789"), size: 12}
	p := make([]byte, 3)
	if n, err := s.ReadAt(p, 4); n != 3 || err != nil || string(p) != "456" {
		t.Errorf("%q was read, %v", p[:n], err)
	}
	if _, err := s.ReadAt(p, 2); err == nil || !strings.Contains(err.Error(), "read once") {
		t.Errorf("it was read twice: %v", err)
	}
	if n, err := s.ReadAt(p, 9); n != 1 || err == nil || errors.Is(err, io.EOF) {
		t.Errorf("of what ended too early %d bytes were read, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s = &stream{ctx: ctx, from: strings.NewReader("0123456789"), size: 10}
	if _, err := s.ReadAt(p, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("it was read for nobody: %v", err)
	}
}

// TestSink writes zeros where nothing is written, up to the end.
func TestSink(t *testing.T) {
	var to bytes.Buffer
	s := &sink{ctx: t.Context(), to: &to, size: 8}
	if _, err := s.WriteAt([]byte("ab"), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteAt([]byte("x"), 1); err == nil {
		t.Error("it was written twice")
	}
	if err := s.fill(s.size); err != nil || to.String() != "\x00\x00ab\x00\x00\x00\x00" {
		t.Errorf("%q was written, %v", to.String(), err)
	}
}
