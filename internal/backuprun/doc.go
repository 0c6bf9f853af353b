// Package backuprun makes the backups of an operator that makes none, in the process that runs Terraform: it reads and fills
// volumes by the port's VolumeBytes, moves their bytes with the mover, and keeps what there is to know in the port's Records.
//
// A run lives as long as the process. One that was cut off, whose lease is over, is gone on with by whoever orders or changes
// the same object again, since nobody else has the key; the mover does not upload again what is in the vault.
package backuprun
