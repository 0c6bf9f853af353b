package acctest

import "github.com/vdam-lv/terraform-provider-vdam/internal/mover"

// NewBackupKey makes a key for backups that protects nothing.
func NewBackupKey() string {
	key, err := mover.NewKey()
	if err != nil {
		panic(err) // There is no randomness.
	}
	return key
}
