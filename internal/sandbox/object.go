package sandbox

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// object is anything that a project holds; it is what is stored.
type object struct {
	Seq        int64  `json:"seq"`
	Kind       string `json:"kind"`
	Project    string `json:"project"`
	ID         string `json:"id"`
	Key        string `json:"key,omitempty"`
	Deployment string `json:"deployment,omitempty"`
	Claimed    bool   `json:"claimed"`
	Version    int64  `json:"version"`

	State   api.State `json:"state"`
	Message string    `json:"message,omitempty"`
	// Due is when Next replaces State; zero if State stays.
	Due  time.Time `json:"due,omitzero"`
	Next api.State `json:"next,omitempty"`
	// Failure is the message for when Next is failed.
	Failure string `json:"failure,omitempty"`

	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	MeteredSince time.Time `json:"metered_since,omitzero"`

	// Declared is what was asked for, in the terms of the kind's order with defaults filled in.
	Declared json.RawMessage `json:"declared"`
	Derived  derived         `json:"derived"`

	common common
	spec   any
	// rendered is the representation of this version.
	rendered []byte
	// changed is closed when the object has another state.
	changed chan struct{}
}

// gone is the Next of an object that will not exist any more.
const gone api.State = "gone"

// common is what every order has.
type common struct {
	Name        string                `json:"name"`
	Description *string               `json:"description"`
	Labels      api.Labels            `json:"labels"`
	Ownership   *api.OwnershipRequest `json:"ownership"`
}

// derived is what the operator adds to an order, over all kinds.
type derived struct {
	Gateway    string                 `json:"gateway,omitempty"`
	ImageID    string                 `json:"image_id,omitempty"`
	MachineID  string                 `json:"machine_id,omitempty"`
	Boots      bool                   `json:"boots,omitempty"`
	BootVolume string                 `json:"boot_volume,omitempty"`
	Interfaces []api.NetworkInterface `json:"interfaces,omitempty"`
	Device     string                 `json:"device,omitempty"`
	// OffFor is how many runs of backup plans have a machine powered off.
	OffFor int `json:"off_for,omitempty"`

	// Target and Running are what a control plane is to run, and what it runs.
	Target  string `json:"target_version,omitempty"`
	Running string `json:"running_version,omitempty"`
	// Sizes are how many nodes each pool has. The map is replaced, never changed.
	Sizes map[string]int64 `json:"sizes,omitempty"`
	// Real says that there is a Kubernetes behind a cluster, Endpoint and Authority are its.
	Real      bool   `json:"real,omitempty"`
	Endpoint  string `json:"endpoint,omitempty"`
	Authority string `json:"authority,omitempty"`

	// URL is a backup vault's for other operators. Bucket says that it is in an S3, and Lock how that locks what is written.
	// Keys are when those of it end. The map is replaced, never changed.
	URL    string               `json:"url,omitempty"`
	Bucket bool                 `json:"bucket,omitempty"`
	Lock   objectstore.Lock     `json:"lock,omitzero"`
	Keys   map[string]time.Time `json:"keys,omitempty"`
	// Runs are what a backup plan has done.
	Runs runs `json:"runs,omitzero"`
	// Points are those of a backup.
	Points []api.RecoveryPoint `json:"points,omitempty"`
	// RestorePoint is what a volume is restored from, or the boot volume that a machine waits for, Restored is set when that is done.
	RestorePoint string        `json:"restore_point,omitempty"`
	Restored     *api.Restored `json:"restored,omitempty"`
}

// declare sets what was asked for.
func (o *object) declare(raw json.RawMessage) error {
	o.common = common{}
	if err := json.Unmarshal(raw, &o.common); err != nil {
		return fmt.Errorf("reading an order: %w", err)
	}
	o.spec = kindOf(o.Kind).fresh()
	if err := json.Unmarshal(raw, o.spec); err != nil {
		return fmt.Errorf("reading an order: %w", err)
	}
	o.Declared = raw
	return nil
}

// restate writes back a spec whose defaults were filled in.
func (o *object) restate() {
	o.Declared = mustJSON(o.spec)
}

func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T cannot be written as JSON: %v", v, err)) // Only types of this package come here.
	}
	return raw
}

func (o *object) etag() string { return fmt.Sprintf(`"%d"`, o.Version) }

func (o *object) settled() bool { return o.State == api.StateReady || o.State == api.StateFailed }

// copy is an object to change; the original stays as it is until it is replaced.
func (o *object) copy() *object {
	c := *o
	c.rendered = nil
	if err := c.declare(o.Declared); err != nil {
		panic(err) // It was read before.
	}
	return &c
}

func (o *object) meta() api.Meta {
	etag := o.etag()
	m := api.Meta{
		Id: o.ID, Name: o.common.Name, Description: o.common.Description, Labels: o.common.Labels, State: o.State,
		Ownership: o.ownership(), CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, Etag: &etag,
	}
	if m.Labels == nil {
		m.Labels = api.Labels{}
	}
	if o.Message != "" {
		m.StateMessage = &o.Message
	}
	return m
}

func (o *object) ownership() api.Ownership {
	own := api.Ownership{Claimed: o.Claimed}
	if o.Key != "" {
		own.Key = &o.Key
	}
	if o.Deployment != "" {
		own.Deployment = &o.Deployment
	}
	return own
}

func (o *object) existing() *api.ExistingObject {
	return &api.ExistingObject{
		Id: o.ID, Name: o.common.Name, State: o.State, CreatedAt: o.CreatedAt, Ownership: o.ownership(),
	}
}

func (o *object) meteredSince() *time.Time {
	if o.MeteredSince.IsZero() {
		return nil
	}
	return &o.MeteredSince
}

// optional is nil for the zero value.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value is the zero value for nil.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
