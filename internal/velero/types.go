package velero

import (
	"encoding/json"
	"time"
)

// The labels and annotations in which the port's part of an object is kept. Labels are those that lists are narrowed by.
const (
	ownerLabel     = "vdam.lv/owner"
	unclaimedLabel = "vdam.lv/unclaimed"
	// planLabel is on backups, and has the name of their schedule: Velero's own label may be on those of others.
	planLabel = "vdam.lv/plan"
	// seriesLabel and orderLabel are on all that a restore has made for itself.
	seriesLabel = "vdam.lv/series"
	orderLabel  = "vdam.lv/restore"

	deploymentNote = "vdam.lv/deployment"
	planNote       = "vdam.lv/plan-spec"
	backupNote     = "vdam.lv/backup-spec"
	keyNote        = "vdam.lv/key-id"
	keyEndNote     = "vdam.lv/key-expires-at"
	agentNote      = "vdam.lv/agent-version"
	forgottenLabel = "vdam.lv/forgotten"

	// scheduleLabel, restoreLabel and locationLabel are Velero's own.
	scheduleLabel = "velero.io/schedule-name"
	restoreLabel  = "velero.io/restore-name"
	locationLabel = "velero.io/storage-location"

	yes = "true"
)

type metadata struct {
	Name        string            `json:"name"`
	Namespace   string            `json:"namespace"`
	Created     time.Time         `json:"creationTimestamp"`
	Deleted     *time.Time        `json:"deletionTimestamp"`
	Generation  int64             `json:"generation"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Owners      []any             `json:"ownerReferences"`
}

// schedule is a Schedule of Velero, as far as it is read.
type schedule struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Schedule string          `json:"schedule"`
		Paused   bool            `json:"paused"`
		Template json.RawMessage `json:"template"`
	} `json:"spec"`
	Status struct {
		Phase  string   `json:"phase"`
		Errors []string `json:"validationErrors"`
	} `json:"status"`
}

// location is a BackupStorageLocation.
type location struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Storage struct {
			Bucket string `json:"bucket"`
			Prefix string `json:"prefix"`
		} `json:"objectStorage"`
		Config struct {
			URL string `json:"s3Url"`
		} `json:"config"`
	} `json:"spec"`
	Status struct {
		Phase   string `json:"phase"`
		Message string `json:"message"`
	} `json:"status"`
}

// Phases of a location.
const (
	available   = "Available"
	unavailable = "Unavailable"
)

// backup is a Backup.
type backup struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
		Location string `json:"storageLocation"`
	} `json:"spec"`
	Status backupStatus `json:"status"`
}

type backupStatus struct {
	Phase    string    `json:"phase"`
	Started  time.Time `json:"startTimestamp"`
	Ended    time.Time `json:"completionTimestamp"`
	Reason   string    `json:"failureReason"`
	Problems []string  `json:"validationErrors"`
	Errors   int64     `json:"errors"`
	Warnings int64     `json:"warnings"`
	Progress struct {
		Items int64 `json:"itemsBackedUp"`
	} `json:"progress"`
}

// Phases of backups and restores that stay.
const (
	completed        = "Completed"
	partiallyFailed  = "PartiallyFailed"
	failed           = "Failed"
	failedValidation = "FailedValidation"
	deleting         = "Deleting"
)

// ended is the phase that a backup has ended in, also where somebody has told Velero to delete it, which it may not.
func (s backupStatus) ended() string {
	switch {
	case s.Phase != deleting:
		return s.Phase
	case s.Errors > 0 || s.Reason != "" || len(s.Problems) > 0:
		return partiallyFailed
	}
	return completed
}

// over reports whether a phase stays.
func over(phase string) bool {
	return phase == completed || phase == partiallyFailed || phase == failed || phase == failedValidation
}

// restore is a Restore.
type restore struct {
	Status struct {
		Phase    string   `json:"phase"`
		Reason   string   `json:"failureReason"`
		Problems []string `json:"validationErrors"`
		Errors   int64    `json:"errors"`
		Warnings int64    `json:"warnings"`
	} `json:"status"`
}

// runs reports whether Velero is at a restore.
func (r restore) runs() bool {
	return r.Status.Phase != "" && r.Status.Phase != "New" && !over(r.Status.Phase)
}
