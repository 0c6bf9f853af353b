package mover

// Safe says what the failure has not touched.
func (e *Error) Safe() string {
	switch e.Operation {
	case opBackup:
		return "All earlier recovery points are untouched, and what was uploaded is kept for the next run."
	case opRestore:
		if e.Kind == TargetTooSmall || e.Kind == Unknown || e.Kind == WrongKey {
			return "The vault and the target are untouched."
		}
		return "The vault is untouched. The target may be written in part and must not be used."
	case opCheck:
		return "Nothing was changed but the probe that was to be written."
	case opList:
		return "Nothing was changed."
	default:
		return ""
	}
}

// Advice says what to do next.
func (e *Error) Advice() string {
	if e.Kind == CutShort || e.Kind == Tampered || e.Kind == Missing {
		return e.adviceOnDamage()
	}
	return advice[e.Kind]
}

func (e *Error) adviceOnDamage() string {
	if e.Operation == opBackup {
		return "Run the backup again: it replaces what the newest recovery point lacks, from the volume."
	}
	return "Restore another recovery point, or ask the vault's operator for an earlier version of the object: a bucket with " +
		"versioning and Object Lock still has it. Then find out who could change it, and make a new backup, which uploads again what is " +
		"missing."
}

var advice = map[Kind]string{
	WrongKey: "Use the key that the vault was first written with, or the key of one of its escrow recipients: without either nobody " +
		"can read it, the vault's operator included. To begin anew with another key, use another prefix.",
	Unknown: "List the recovery points: it may never have been finished, be in another vault or prefix, or have expired.",
	TooNew:  "Use the newest version of the provider, or of vdam-restore.",
	ClockOff: "Set the clock of this machine by NTP, and if it is right, tell the vault's operator that theirs is not. " +
		"Then run it again.",
	Unversioned: "Ask the vault's operator to switch versioning on: without it a writer's key that is stolen can overwrite every backup.",
	Unlocked: "Ask the vault's operator for a bucket that was made with Object Lock and has a default retention: without it backups " +
		"can be deleted before their time.",
	Deletable: "Ask the vault's operator for a key that may put, get and list, and nothing else: one that can delete is what ransomware " +
		"looks for.",
	NoBucket: "Check the name of the bucket, the endpoint and the region.",
	Denied: "Check the access key and its rights: a writer has to put, get and list below the prefix, a reader to get and list. " +
		"The key may have expired.",
	Full: "Ask the vault's operator for a higher quota, or let old recovery points expire. Then run it again: it uploads only what is " +
		"not there yet.",
	Unreachable:    "Run it again when the vault answers. A backup goes on where it stopped.",
	SourceFailed:   "See whether the volume still exists and has its size. If it was deleted, restore the newest recovery point instead.",
	TargetFailed:   "See whether the target still exists and has room, and restore again.",
	TargetTooSmall: "Make the target at least as large as the recovery point.",
	Canceled:       "Run it again. A backup goes on where it stopped.",
}
