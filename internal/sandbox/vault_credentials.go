package sandbox

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// noKeys is why there are no keys of a vault that is a folder.
const noKeys = "This sandbox keeps the vault in a folder, and so there are no keys of it. `make testbed-s3-build` builds an S3, which " +
	"`vdam-sandbox --s3 <file>` keeps new vaults in."

// longestReaderSeconds is a week.
const longestReaderSeconds = 7 * 24 * 3600

// MintVaultCredentials implements api.ServerInterface.
func (s *operatorServer) MintVaultCredentials(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var order api.VaultCredentialsOrder
	if !decoded(w, r, &order) {
		return
	}
	if order.Role == api.VaultCredentialsOrderRoleReader && order.TtlSeconds > longestReaderSeconds {
		refused([]api.FieldError{fieldError("/ttl_seconds", "A reader lives for %d seconds at most.", longestReaderSeconds)}).write(w)
		return
	}
	user := "key-" + uuid.NewString()
	var ends time.Time
	if !s.do(w, r, func(world *world) (p *problem) {
		ends, p = world.admitKey(project, id, user, order.TtlSeconds)
		return p
	}) {
		return
	}
	s.atVault(w, r, id, func(ctx context.Context, store *objectstore.Store, bucket string) error {
		key, err := store.Mint(ctx, bucket, user, objectstore.Role(order.Role))
		if err != nil {
			return err
		}
		account := store.Account()
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusCreated, mustJSON(api.VaultCredentials{
			Id: user, Endpoint: account.Endpoint, Region: account.Region, Bucket: bucket, CaCertificate: optional(account.CAPEM),
			AccessKeyId: key.AccessKey, SecretAccessKey: key.SecretKey, ExpiresAt: ends,
		}))
		return nil
	})
}

// RevokeVaultCredentials implements api.ServerInterface.
func (s *operatorServer) RevokeVaultCredentials(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var end api.VaultCredentialsEnd
	if !decoded(w, r, &end) {
		return
	}
	known := false
	if !s.do(w, r, func(world *world) *problem {
		o, p := world.vaultWithKeys(project, id)
		if p == nil {
			_, known = o.Derived.Keys[end.Id]
		}
		return p
	}) {
		return
	}
	if !known { // It has ended already, or never was one of this vault.
		w.WriteHeader(http.StatusNoContent)
		return
	}
	s.atVault(w, r, id, func(ctx context.Context, store *objectstore.Store, bucket string) error {
		err := store.Revoke(ctx, bucket, end.Id)
		if err == nil && s.do(w, r, func(world *world) *problem { world.forgetKeys(id, end.Id); return nil }) {
			w.WriteHeader(http.StatusNoContent)
		}
		return err
	})
}

// atVault does something at a vault's bucket. What comes of it f has answered, unless it is an error.
func (s *operatorServer) atVault(
	w http.ResponseWriter, r *http.Request, id string, f func(ctx context.Context, store *objectstore.Store, bucket string) error,
) {
	ctx, cancel := context.WithTimeout(r.Context(), credentialsWait)
	defer cancel()
	if err := f(ctx, s.box.vaults.store, id); err != nil {
		s.box.logger.Error("credentials", "operator", s.world.profile.Name, "vault", id, "error", err)
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "The S3 behind the backup vault does not answer at present: %v.", err)
		p.retryAfter = optional(unknownRetryAfterSeconds)
		p.write(w)
	}
}

// vaultWithKeys finds a vault that there are keys of.
func (w *world) vaultWithKeys(project, id string) (*object, *problem) {
	o, p := w.known(&backupVaultKind, project, id)
	switch {
	case p != nil:
		return nil, p
	case o.State == api.StateFailed:
		return nil, newProblem(http.StatusConflict, "conflict", "The backup vault %s has failed: %s", o.common.Name, o.Message)
	case !o.Derived.Bucket:
		return nil, newProblem(http.StatusNotImplemented, "unsupported", "%s", noKeys)
	case w.vaults.store == nil:
		return nil, newProblem(http.StatusServiceUnavailable, "unavailable", "There are no keys now: %v.", errNoS3)
	case o.State == api.StateCreating, o.State == api.StateDeleting:
		return nil, w.busy(o)
	}
	return o, nil
}

// admitKey writes down that there is to be a key, before there is: it ends in any case.
func (w *world) admitKey(project, id, user string, seconds int) (time.Time, *problem) {
	o, p := w.vaultWithKeys(project, id)
	if p != nil {
		return time.Time{}, p
	}
	next := o.copy()
	if next.Derived.Keys = maps.Clone(o.Derived.Keys); next.Derived.Keys == nil {
		next.Derived.Keys = map[string]time.Time{}
	}
	ends := w.clock.now().Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
	next.Derived.Keys[user] = ends
	w.note(next)
	w.wake()
	return ends, nil
}

// forgetKeys is for those that have ended.
func (w *world) forgetKeys(vaultID string, users ...string) {
	o := w.objects[vaultID]
	if o == nil {
		return
	}
	next := o.copy()
	next.Derived.Keys = maps.Clone(o.Derived.Keys)
	for _, user := range users {
		delete(next.Derived.Keys, user)
	}
	w.note(next)
}

// endKeys ends the keys of an operator's vaults whose time is over. It returns when the next one ends; the zero time if
// none does.
func (t *transfers) endKeys(w *world) (next time.Time) {
	if t.vaults.store == nil {
		return next
	}
	over := map[string][]string{}
	t.look(w, func() {
		for id, o := range w.objects {
			for user, ends := range o.Derived.Keys {
				switch {
				case !ends.After(w.clock.now()):
					over[id] = append(over[id], user)
				case next.IsZero() || ends.Before(next):
					next = ends
				}
			}
		}
	})
	for id, users := range over {
		ended := slices.DeleteFunc(users, func(user string) bool {
			err := t.vaults.store.Revoke(t.ctx, id, user)
			if err != nil {
				t.logger.Error("a key of a vault does not end", "operator", w.profile.Name, "vault", id, "error", err)
			}
			return err != nil
		})
		if again := w.clock.now().Add(time.Minute); len(ended) < len(users) && (next.IsZero() || again.Before(next)) {
			next = again
		}
		t.look(w, func() { w.forgetKeys(id, ended...) })
	}
	return next
}
