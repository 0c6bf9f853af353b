package mover

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

const benchSize = 256 << 20

// BenchmarkPlainCopy is what the others are compared with: the same bytes, copied into a file.
func BenchmarkPlainCopy(b *testing.B) {
	src, dir := newHuge(benchSize, benchSize, benchSize), b.TempDir()
	b.SetBytes(benchSize)
	for b.Loop() {
		f, err := os.Create(filepath.Join(dir, "copy"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyBuffer(struct{ io.Writer }{f}, io.NewSectionReader(src, 0, benchSize), make([]byte, maxBlock)); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchVault is a vault in a folder, and how to make another.
func benchVault(b *testing.B, dir string) *Vault {
	b.Helper()
	v, err := OpenFolder(dir, Options{Key: testKey(b)})
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// BenchmarkFull backs up what cannot be compressed, into a folder where nothing is.
func BenchmarkFull(b *testing.B) {
	src := newHuge(benchSize, benchSize, benchSize)
	b.SetBytes(benchSize)
	for b.Loop() {
		dir := b.TempDir()
		mustBackup(b, benchVault(b, dir), src, testMeta)
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnchanged backs up what is there already, by a source that does not know.
func BenchmarkUnchanged(b *testing.B) {
	src := newHuge(benchSize, benchSize, benchSize)
	v := benchVault(b, b.TempDir())
	mustBackup(b, v, src, testMeta)
	b.SetBytes(benchSize)
	for b.Loop() {
		mustBackup(b, v, src, testMeta)
	}
}

// BenchmarkTracked backs up what is there already, by a source that knows.
func BenchmarkTracked(b *testing.B) {
	data := noise(1, benchSize)
	v := benchVault(b, b.TempDir())
	mustBackup(b, v, data, testMeta)
	b.SetBytes(benchSize)
	for b.Loop() {
		mustBackup(b, v, &unchanged{plainSource: data}, testMeta)
	}
}

// BenchmarkZeros backs up what is not allocated.
func BenchmarkZeros(b *testing.B) {
	src := newHuge(benchSize, benchSize, 0)
	b.SetBytes(benchSize)
	for b.Loop() {
		mustBackup(b, benchVault(b, b.TempDir()), src, testMeta)
	}
}

// BenchmarkRestore restores without keeping what it gets.
func BenchmarkRestore(b *testing.B) {
	v := benchVault(b, b.TempDir())
	p := mustBackup(b, v, newHuge(benchSize, benchSize, benchSize), testMeta)
	b.SetBytes(benchSize)
	for b.Loop() {
		if _, err := v.Restore(b.Context(), p.ID, nowhere{p.Size}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
