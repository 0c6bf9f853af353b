package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// credentialsWait is how long the work of others on a cluster is waited for.
const credentialsWait = 20 * time.Second

// unbuilt is why there are no credentials of a cluster that is only played.
const unbuilt = "This sandbox only plays the cluster: there is no Kubernetes behind it, and so no credentials. " +
	"`make testbed-kubernetes-build` builds one, which `vdam-sandbox --kubernetes <folder>` puts behind new clusters."

// MintClusterCredentials implements api.ServerInterface.
func (s *operatorServer) MintClusterCredentials(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var order api.ClusterCredentialsOrder
	if !decoded(w, r, &order) {
		return
	}
	if !s.do(w, r, func(world *world) *problem { return world.mayMint(project, id, order.TtlSeconds) }) {
		return
	}
	s.atCluster(w, r, id, func(ctx context.Context, c *controlplane.Cluster) error {
		minted, err := c.Mint(ctx, string(order.Role), time.Duration(order.TtlSeconds)*time.Second)
		if err == nil {
			w.Header().Set("Cache-Control", "no-store")
			writeJSON(w, http.StatusCreated, mustJSON(api.ClusterCredentials{
				Id: minted.User, Host: c.Endpoint(), CaCertificate: string(c.CA()), ClientCertificate: string(minted.ClientCertificate),
				ClientKey: string(minted.ClientKey), ExpiresAt: minted.ExpiresAt,
			}))
		}
		return err
	})
}

// RevokeClusterCredentials implements api.ServerInterface.
func (s *operatorServer) RevokeClusterCredentials(w http.ResponseWriter, r *http.Request, project api.ProjectName, id api.ObjectID) {
	var end api.ClusterCredentialsEnd
	if !decoded(w, r, &end) {
		return
	}
	if !s.do(w, r, func(world *world) *problem {
		return world.hasControlPlane(project, id)
	}) {
		return
	}
	s.atCluster(w, r, id, func(ctx context.Context, c *controlplane.Cluster) error {
		err := c.Revoke(ctx, end.Id)
		if err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
		return err
	})
}

// atCluster does something at a control plane when nobody else works on it. What comes of it f has answered, unless it
// is an error.
func (s *operatorServer) atCluster(
	w http.ResponseWriter, r *http.Request, id string, f func(context.Context, *controlplane.Cluster) error,
) {
	ctx, cancel := context.WithTimeout(r.Context(), credentialsWait)
	defer cancel()
	done, err := s.box.planes.turn(ctx, id)
	if err == nil {
		defer done()
		var c *controlplane.Cluster
		if c, err = s.box.planes.manager.Cluster(id); err == nil {
			err = f(ctx, c)
		}
	}
	if err != nil {
		s.box.logger.Error("credentials", "operator", s.world.profile.Name, "cluster", id, "error", err)
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "The control plane of the cluster does not answer at present: %v.", err)
		p.retryAfter = optional(unknownRetryAfterSeconds)
		p.write(w)
	}
}

// decoded reads a body that the contract has been held against.
func decoded(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		newProblem(http.StatusBadRequest, "invalid", "The body is not as the contract says: %v.", err).write(w)
		return false
	}
	return true
}

// mayMint refuses credentials that would live too long, or of what is no cluster.
func (w *world) mayMint(project, id string, seconds int) *problem {
	if p := w.hasControlPlane(project, id); p != nil {
		return p
	}
	if most := value(w.profile.Clusters.MaxCredentialsSeconds); most > 0 && seconds > most {
		return refused([]api.FieldError{fieldError("/ttl_seconds", "Credentials live for %d seconds at most.", most)})
	}
	return nil
}

// hasControlPlane refuses clusters that have no Kubernetes behind them, or not now.
func (w *world) hasControlPlane(project, id string) *problem {
	o, p := w.known(&containerClusterKind, project, id)
	switch {
	case p != nil:
		return p
	case o.State == api.StateFailed:
		return newProblem(http.StatusConflict, "conflict", "The container cluster %s has failed: %s", o.common.Name, o.Message)
	case w.lacksKubernetes(o):
		return withoutKubernetes(o)
	case !o.Derived.Real:
		return newProblem(http.StatusNotImplemented, "unsupported", "%s", unbuilt)
	case o.State != api.StateReady:
		return w.busy(o)
	}
	return nil
}
