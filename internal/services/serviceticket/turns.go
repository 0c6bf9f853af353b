package serviceticket

import (
	"regexp"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// turns are of the tickets that this process files and ends, by their keys. A resource that gets another address, or is
// replaced without saying anything else, is created and destroyed in one run, in any order or at the same time: the one
// must not find the ticket of the other just before that is withdrawn, and what the one has taken over, the other must
// leave alone.
var turns sync.Map

// turn is of one key at one desk.
type turn struct {
	mu sync.Mutex
	// adopted is the ticket that a creation of this process has found and taken over.
	adopted servicedesk.ID
}

// generation is what tells a derived key from that of an earlier ticket of the same words.
var generation = regexp.MustCompile(`^(vdam-[0-9a-f]{40})\.[0-9]+$`)

// takeTurn waits for the turn of a key, which is to be unlocked.
func takeTurn(d *servicedesk.Opened, key string) *turn {
	type place struct {
		desk *servicedesk.Opened
		key  string
	}
	t, _ := turns.LoadOrStore(place{d, generation.ReplaceAllString(key, "$1")}, new(turn))
	mine, ok := t.(*turn)
	if !ok {
		panic("turns has turns only")
	}
	mine.mu.Lock()
	return mine
}
