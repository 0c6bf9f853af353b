package mover

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// noise is random data that is the same for the same seed.
func noise(seed byte, size int) plainSource {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(data) // It never fails.
	return data
}

// TestKilledAtEveryPut: a run that ends at any of its steps leaves what there was, and no half recovery point; the next one
// puts only what is missing.
func TestKilledAtEveryPut(t *testing.T) {
	key := testKey(t)
	first, second := noise(1, 30*int(small.BlockSize)), noise(2, 110*int(small.BlockSize))
	copy(second[5000:], first[5000:60000])

	s := newMemory()
	v := quickVault(t, s, Options{Key: key})
	old := mustBackup(t, v, first, metaAt(0))
	start := s.clone()
	mustBackup(t, v, second, metaAt(1))
	steps := len(s.puts) - len(start.puts)
	if steps < 100 {
		t.Fatalf("there are only %d steps to be killed at", steps)
	}
	for kill := range steps {
		again := killAt(t, key, start.clone(), kill, kill%3 == 0, old, second)
		finished := kill == steps-1 && kill%3 == 0 // The answer alone was lost.
		if again == nil != finished {
			t.Fatalf("killed at put %d, the run is finished: %t", kill, again == nil)
		}
		if left := steps - kill; again != nil && len(again.puts) != left && len(again.puts) != left-1 {
			t.Fatalf("killed at put %d, the next run made %d puts and not %d", kill, len(again.puts), left)
		}
		if again != nil && kill%10 == 0 {
			v := quickVault(t, again, Options{Key: key})
			all := points(t, v)
			if !bytes.Equal(mustRestore(t, v, all[0]), first) || !bytes.Equal(mustRestore(t, v, all[1]), second) {
				t.Fatalf("killed at put %d, a recovery point is not what it was", kill)
			}
		}
	}
}

// killAt ends a run before a put takes place, or if late, after that, and returns the store after one that finished. It is
// nil if the first did.
func killAt(t *testing.T, key string, s *memory, kill int, late bool, old RecoveryPoint, src plainSource) *memory {
	t.Helper()
	v := quickVault(t, s, Options{Key: key})
	s.puts, s.left, s.late = nil, kill, late
	_, err := v.Backup(t.Context(), src, metaAt(1), nil)
	want(t, err, Unreachable)
	left := len(s.puts)
	s.revive()
	switch all := points(t, v); {
	case len(all) == 2:
		return nil
	case len(all) != 1 || all[0].ID != old.ID:
		t.Fatalf("killed at put %d, there are %v", kill, all)
	case late && left != kill+1 || !late && left != kill:
		t.Fatalf("killed at put %d, %d were made", kill, left)
	}
	if p := mustBackup(t, v, src, metaAt(2)); p.Parent != old.ID {
		t.Fatalf("the parent is %s", p.Parent)
	}
	return s
}

// TestNothingToDo: what has not changed costs no more than the recovery point itself.
func TestNothingToDo(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t)})
	data := noise(1, 100*int(small.BlockSize))
	mustBackup(t, v, data, metaAt(0))
	s.revive()
	p := mustBackup(t, v, data, metaAt(1))
	if len(s.puts) != 1 || p.BytesUploaded != 0 || p.BytesRead != data.Size() {
		t.Fatalf("%d puts of %d bytes after %d were read", len(s.puts), p.BytesUploaded, p.BytesRead)
	}
}

// TestTwoWriters: two runs of one source at once disturb neither.
func TestTwoWriters(t *testing.T) {
	s := newMemory()
	key := testKey(t)
	one, two := noise(1, 60*int(small.BlockSize)), noise(2, 60*int(small.BlockSize))
	done := make(chan RecoveryPoint, 1)
	go func() {
		p, err := quickVault(t, s, Options{Key: key}).Backup(t.Context(), one, metaAt(0), nil)
		if err != nil {
			t.Error(err)
		}
		done <- p
	}()
	v := quickVault(t, s, Options{Key: key})
	p := mustBackup(t, v, two, metaAt(0))
	if !bytes.Equal(mustRestore(t, v, p), two) || !bytes.Equal(mustRestore(t, v, <-done), one) {
		t.Fatal("a recovery point is not what it was")
	}
}

// TestRenewal: what is too old to be relied on is put again, even if the source says that it has not changed.
func TestRenewal(t *testing.T) {
	s := newMemory()
	v := smallVault(t, s, Options{Key: testKey(t), RenewAfter: 7 * 24 * 3600e9})
	src := &unchanged{plainSource: noise(1, 20*int(small.BlockSize))}
	mustBackup(t, v, src, metaAt(0))
	all := slices.Sorted(slices.Values(s.puts[:len(s.puts)-1]))
	for _, days := range []int{6, 8} {
		s.revive()
		s.now = v.now().AddDate(0, 0, -days)
		for name := range s.times {
			s.times[name] = s.now
		}
		s.now = v.now()
		src.reads = 0
		mustBackup(t, v, src, metaAt(days))
		again := slices.Sorted(slices.Values(s.puts[:len(s.puts)-1]))
		if days == 6 && (len(again) != 0 || src.reads != 0) || days == 8 && !slices.Equal(again, all) {
			t.Fatalf("after %d days %d of %d objects are put again", days, len(again), len(all))
		}
	}
}
