// Package mover brings the bytes of a volume into a vault, which is a bucket of S3 at another operator, and back.
//
// A run of [Vault.Backup] makes a recovery point: incremental, compressed, encrypted before it leaves, checksummed per block
// and as a whole. It needs a key that may put, get and list, and nothing in it deletes. It may be killed anywhere: there is
// a recovery point once all of it is there and not before, and the next run does not upload again what is there. Memory
// stays below 128 MiB whatever the volume's size.
//
// The format, why it is what it is, and figures are in README.md; restore.sh restores without this program. The package knows
// no Terraform and nothing of the project.
package mover
