package cloud

import (
	"context"
	"iter"
	"time"
)

// Kind names a sort of object that an operator can hold.
type Kind string

// The kinds of the port.
const (
	KindNetwork          Kind = "network"
	KindSecurityGroup    Kind = "security_group"
	KindStorageVolume    Kind = "storage_volume"
	KindVirtualMachine   Kind = "virtual_machine"
	KindVolumeAttachment Kind = "volume_attachment"
	KindContainerCluster Kind = "container_cluster"
	KindNodePool         Kind = "node_pool"
	KindBackupVault      Kind = "backup_vault"
	KindBackupPlan       Kind = "backup_plan"
	KindBackup           Kind = "backup"
)

// Object is anything that a collection holds.
type Object interface {
	Metadata() Meta
}

// Collection holds the objects of one kind in one project at one operator. Spec is what a user declares, Obj what the
// operator answers. Every error is a *Error.
type Collection[Spec any, Obj Object] interface {
	// Create orders an object. The same owner key, while its object is unclaimed, answers with that object instead of
	// making a second. ErrConflict with Existing set says that the name is taken; ErrUnknownOutcome that the order may
	// have been accepted: the caller asks again with the same key, or looks up.
	Create(ctx context.Context, spec Spec, opts CreateOptions) (Obj, error)
	// Get reads one object, without waiting for anything.
	Get(ctx context.Context, id string) (Obj, error)
	// Await is a Get whose answer the operator may hold back until the object's state changes, at most for limit.
	// Operators that cannot do so answer at once, with Meta.PollAfter as a hint if they give one. Of what takes several
	// requests, it sends the next when its time has come (see Meta.Unfinished); ErrFailed says that the operator did not
	// do what was begun, and that the object is as it was.
	Await(ctx context.Context, id string, limit time.Duration) (Obj, error)
	// List streams the project's objects, page by page as they are consumed.
	List(ctx context.Context, opts ListOptions) iter.Seq2[Obj, error]
	// Update changes in place what differs between Change.From and Change.To.
	Update(ctx context.Context, id string, change Change[Spec]) (Obj, error)
	// Delete asks for deletion. The object may linger in StateDeleting; ErrNotFound means that it is gone already.
	Delete(ctx context.Context, id string) error
	// Claim removes the unclaimed mark. It is idempotent.
	Claim(ctx context.Context, id string) error
}

// Resolver is what a collection is too in which objects go by other names than their ids, as whoever imports one writes it.
type Resolver interface {
	// Resolve returns the id of the object that a name or an id is of.
	Resolve(ctx context.Context, name string) (id string, err error)
}

// Source holds objects that users choose from but do not make.
type Source[Obj any] interface {
	Get(ctx context.Context, id string) (Obj, error)
	List(ctx context.Context) iter.Seq2[Obj, error]
}

// CreateOptions travel with an order.
type CreateOptions struct {
	// OwnerKey is a UUID that can be computed again from what the user declared.
	OwnerKey string
	// Deployment names the configuration that orders the object, for people to read.
	Deployment string
	// Abandoned reports that nobody will hear the answer: what takes several requests is not gone on with, so that the
	// next order of the key meets nobody. Nil means never.
	Abandoned func() bool
}

// ListOptions narrow a list; the zero value asks for everything.
type ListOptions struct {
	Name     string
	OwnerKey string
	State    State
	// Labels must all match.
	Labels map[string]string
	// OnPage, if set, is called before each page is asked for, and may block to keep it from being asked for yet.
	OnPage func()
}

// Change is a wish to bring an object from one specification to another. What is equal in both is left alone, also
// where the operator's object has a third value.
type Change[Spec any] struct {
	From, To Spec
}

// State says where an object is in its life.
type State string

// The states of an object; ready and failed are settled, the others pass by themselves.
const (
	StateCreating State = "creating"
	StateReady    State = "ready"
	StateUpdating State = "updating"
	StateDeleting State = "deleting"
	StateFailed   State = "failed"
)

// Settled reports whether the state stays until somebody asks for a change.
func (s State) Settled() bool { return s == StateReady || s == StateFailed }

// Meta is what every object has.
type Meta struct {
	ID          string
	Name        string
	Description string
	Labels      map[string]string
	State       State
	// StateMessage says in the operator's words why the object is in this state.
	StateMessage string
	Ownership    Ownership
	CreatedAt    time.Time
	// PollAfter is the operator's hint when to ask again; zero without one.
	PollAfter time.Duration
	// Unfinished means that the operator waits for the next request of what was begun with several: Await sends it.
	Unfinished bool
	// Replayed is set by Create alone: the object existed already under the same owner key.
	Replayed bool
	// RequestID names the request that answered, for the operator's support.
	RequestID string
}

// Metadata returns the receiver, so that objects get it by embedding.
func (m Meta) Metadata() Meta { return m }

// Ownership tells who ordered an object and whether they know that they have it.
type Ownership struct {
	// Key is the owner key of the order, empty for objects made elsewhere.
	Key string
	// Deployment is the configuration that ordered the object.
	Deployment string
	// Claimed is false until the one who ordered has recorded the id: only then nobody else may adopt it.
	Claimed bool
}

// SpecMeta is what a user can declare of every object.
type SpecMeta struct {
	Name        string
	Description string
	Labels      map[string]string
}
