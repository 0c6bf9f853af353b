package servicedesk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// DeriveKey makes the key of a ticket for which the user gives none, from what makes it the order that it is. The same
// order gives the same key in every run, so that one that was cut off finds its ticket again.
func DeriveKey(deployment string, d Description, t NewTicket, keepers map[string]string) string {
	// JSON keeps the parts apart, and sorts the keys of maps.
	text, err := json.Marshal([]any{deployment, d.Endpoint, t.Type, t.Queue, t.Subject, t.Description, keepers})
	if err != nil {
		panic(err) // Strings and maps of strings can always be written.
	}
	sum := sha256.Sum256(text)
	return "vdam-" + hex.EncodeToString(sum[:20])
}
