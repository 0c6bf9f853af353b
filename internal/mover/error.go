package mover

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Kind says what sort of failure an [Error] is. It is an error itself, so that errors.Is(err, mover.WrongKey) asks for it.
type Kind int

// The closed set of kinds.
const (
	// Misconfigured means that what the caller said cannot work, whatever the vault does.
	Misconfigured Kind = iota + 1
	// WrongKey means that the vault is encrypted with another key.
	WrongKey
	// CutShort means that an object of the vault lacks its end.
	CutShort
	// Tampered means that an object of the vault is not what was put there.
	Tampered
	// Missing means that an object which a recovery point needs is not in the vault.
	Missing
	// Unknown means that there is no recovery point of that id.
	Unknown
	// TooNew means that the recovery point was made by a later version of the format.
	TooNew
	// ClockOff means that the clocks of this machine and of the vault, or of another writer, are too far apart.
	ClockOff
	// Unversioned means that the bucket does not keep what is overwritten.
	Unversioned
	// Unlocked means that the bucket does not protect new objects from deletion by Object Lock.
	Unlocked
	// Deletable means that the writer's key may delete.
	Deletable
	// NoBucket means that there is no such bucket.
	NoBucket
	// Denied means that the vault refuses the key pair, or what it was to do.
	Denied
	// Full means that the vault has no room left.
	Full
	// Unreachable means that the vault did not answer, or not in time.
	Unreachable
	// SourceFailed means that the volume to back up could not be read.
	SourceFailed
	// TargetFailed means that the volume to restore to could not be written.
	TargetFailed
	// TargetTooSmall means that the recovery point does not fit the volume to restore to.
	TargetTooSmall
	// Canceled means that the caller gave up.
	Canceled
)

// Error makes a kind comparable by errors.Is.
func (k Kind) Error() string { return fmt.Sprintf("mover: failure of kind %d", int(k)) }

// Operation is what was to be done.
type Operation string

// The operations of a vault.
const (
	opOpen    Operation = "open"
	opCheck   Operation = "check"
	opLook    Operation = "look"
	opList    Operation = "list"
	opBackup  Operation = "backup"
	opRestore Operation = "restore"
)

// Error is a failure of an operation: what happened, what is safe and what to do. It holds no secret.
type Error struct {
	Kind      Kind
	Operation Operation
	// Vault is where it is, such as s3://bucket/prefix at example.org.
	Vault string
	// Detail says what happened, in words that continue a sentence.
	Detail string
	// Cause is the underlying error, may be nil.
	Cause error
}

// Error says what happened, what is safe, and what to do next.
func (e *Error) Error() string {
	parts := []string{e.headline() + ": " + strings.TrimRight(e.Detail, ".") + "."}
	if safe := e.Safe(); safe != "" {
		parts = append(parts, safe)
	}
	if advice := e.Advice(); advice != "" {
		parts = append(parts, advice)
	}
	return strings.Join(parts, " ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is says whether the target is the error's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

func (e *Error) headline() string {
	switch e.Operation {
	case opBackup:
		return "There is no new recovery point in " + e.Vault
	case opRestore:
		return "Nothing usable was restored from " + e.Vault
	case opCheck, opLook:
		return e.Vault + " is not fit for backups"
	case opList:
		return "The recovery points of " + e.Vault + " cannot be read"
	default:
		return "The vault " + e.Vault + " cannot be used"
	}
}

// fail makes an error without operation and vault, which [Vault.explained] adds.
func fail(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...), Cause: cause}
}

// explained is an error of an operation, made of any error that came up in it.
func (v *Vault) explained(op Operation, err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if !errors.As(err, &known) {
		kind := Unreachable
		if errors.Is(err, context.Canceled) {
			kind = Canceled
		}
		known = fail(kind, err, "%v", err)
	}
	e := *known
	e.Operation, e.Vault = op, v.String()
	return &e
}
