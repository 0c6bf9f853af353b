package backuprun

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// What a mark says of a volume.
const (
	restoring     = "restoring"
	restored      = "restored"
	restoreFailed = "failed"
)

// markLimit is how long a mark may be, in bytes.
const markLimit = 255

// mark is what is kept at a volume that is restored, was restored, or could not be.
type mark struct {
	state string
	// until is when a restore is cut off that has said nothing more.
	until time.Time
	cloud.Restored
	// words say why it has failed.
	words string
}

// text writes a mark, as short as it can be.
func (m mark) text() string {
	if m.state == restoreFailed {
		return shortened(restoreFailed+" "+m.words, markLimit)
	}
	const base = 36
	tree, _ := hex.DecodeString(m.TreeSHA256) // What is none is left out.
	return strings.Join([]string{
		m.state, strconv.FormatInt(m.until.Unix(), base), m.VaultID, m.RecoveryPointID, base64.RawURLEncoding.EncodeToString(tree),
		strconv.FormatInt(m.TakenAt.UnixNano(), base), m.VolumeID,
	}, " ")
}

// parseMark reads a mark; ok is false for what is none.
func parseMark(text string) (m mark, ok bool) {
	const base, bits, parts = 36, 64, 7
	if words, ok := strings.CutPrefix(text, restoreFailed+" "); ok {
		return mark{state: restoreFailed, words: words}, true
	}
	part := strings.Split(text, " ")
	if len(part) != parts || part[0] != restoring && part[0] != restored {
		return m, false
	}
	until, wrongUntil := strconv.ParseInt(part[1], base, bits)
	tree, wrongTree := base64.RawURLEncoding.DecodeString(part[4])
	taken, wrongTaken := strconv.ParseInt(part[5], base, bits)
	return mark{state: part[0], until: time.Unix(until, 0), Restored: cloud.Restored{
		VaultID: part[2], RecoveryPointID: part[3], TreeSHA256: hex.EncodeToString(tree), TakenAt: time.Unix(0, taken).UTC(), VolumeID: part[6],
	}}, wrongUntil == nil && wrongTree == nil && wrongTaken == nil
}

// unusable reports whether a mark says that a volume has not what it was to be filled with.
func unusable(text string) bool {
	m, ok := parseMark(text)
	return ok && m.state != restored
}
