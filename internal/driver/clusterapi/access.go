package clusterapi

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// access mints credentials for clusters. Cluster API has but one kubeconfig of a cluster, of its administrator and for a
// year. It is used here, and what is handed out is a token of a service account that is made for the purpose.
type access struct{ *session }

const (
	// accountNamespace is that of the service accounts: every cluster has it.
	accountNamespace = "kube-system"
	accessLabel      = "vdam.lv/access"
	expiryNote       = "vdam.lv/expires-at"
	// shortestToken is the least that Kubernetes issues a token for (TokenRequest).
	shortestToken = 10 * time.Minute
	// longestToken bounds what a run that was killed leaves behind.
	longestToken = 24 * time.Hour
	// sweepMargin is how long after its end something is removed.
	sweepMargin = 5 * time.Minute
	// rightsWithin is how long it may take until an authority that reads its bindings a little later knows of a new one.
	rightsWithin = 10 * time.Second
	rightsPoll   = 100 * time.Millisecond
)

// workload is the API of a cluster, seen by its administrator.
type workload struct {
	*session
	kubeconfig Kubeconfig
	client     *http.Client
}

// Mint implements cloud.ClusterAccess.
func (a access) Mint(ctx context.Context, clusterID string, wish cloud.AccessWish) (cloud.Access, error) {
	w, err := a.workload(ctx, clusterID)
	if err != nil {
		return cloud.Access{}, err
	}
	defer w.client.CloseIdleConnections()
	ttl := max(wish.TTL, shortestToken)
	w.sweep(ctx)
	name := "vdam-" + strings.ToLower(rand.Text()[:10])
	minted, err := w.mint(ctx, name, wish.Role, ttl)
	if err != nil {
		_ = w.remove(context.WithoutCancel(ctx), name) // Else the next run sweeps it.
		return cloud.Access{}, err
	}
	return minted, nil
}

func (w workload) mint(ctx context.Context, name, role string, ttl time.Duration) (cloud.Access, error) {
	metadata := func(name string) any {
		return map[string]any{"name": name, "labels": map[string]any{accessLabel: role},
			"annotations": map[string]any{expiryNote: w.serverTime().Add(ttl).UTC().Format(time.RFC3339)}}
	}
	account := map[string]any{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name)}
	if err := w.post(ctx, accounts(), account, nil); err != nil {
		return cloud.Access{}, err
	}
	if err := w.bind(ctx, name, role, metadata); err != nil {
		return cloud.Access{}, err
	}
	var token struct {
		Status struct {
			Token   string    `json:"token"`
			Expires time.Time `json:"expirationTimestamp"`
		} `json:"status"`
	}
	order := map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
		"spec": map[string]any{"expirationSeconds": int(ttl / time.Second)}}
	if err := w.post(ctx, accounts(name)+"/token", order, &token); err != nil {
		return cloud.Access{}, err
	}
	if token.Status.Token == "" {
		return cloud.Access{}, w.refused(cloud.ErrUnsupported, "The cluster issued no token.", "")
	}
	minted := cloud.Access{ID: name, Host: w.kubeconfig.Server, CACertificate: w.kubeconfig.Authority,
		Token: token.Status.Token, ExpiresAt: token.Status.Expires.UTC()}
	return minted, w.awaitRights(ctx, minted)
}

// accounts is the path of the service accounts.
func accounts(name ...string) string {
	return namespaced("/api/v1", accountNamespace, "serviceaccounts", name...)
}

const (
	bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
	roles    = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
	// viewerExtras is a role for what Kubernetes' view leaves out, being of no namespace.
	viewerExtras = "vdam-viewer-extras"
)

// bind gives a service account its role, by bindings that are called as it is.
func (w workload) bind(ctx context.Context, account, role string, metadata func(name string) any) error {
	given := map[string]string{account: "cluster-admin"}
	if role != "admin" {
		extras := map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
			"metadata": map[string]any{"name": viewerExtras},
			"rules": []any{
				map[string]any{"apiGroups": []any{""}, "resources": []any{"nodes", "persistentvolumes"}, "verbs": []any{"get", "list", "watch"}},
				map[string]any{"apiGroups": []any{"storage.k8s.io"}, "resources": []any{"storageclasses"}, "verbs": []any{"get", "list", "watch"}},
			}}
		if err := w.post(ctx, roles, extras, nil); err != nil && !errors.Is(err, cloud.ErrConflict) {
			return err
		}
		given = map[string]string{account: "view", account + "-extras": viewerExtras}
	}
	for binding, to := range given {
		body := map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
			"metadata": metadata(binding),
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": to},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "namespace": accountNamespace, "name": account}}}
		if err := w.post(ctx, bindings, body, nil); err != nil {
			return err
		}
	}
	return nil
}

// awaitRights waits until credentials may do something: the authorizer reads bindings a moment later.
func (w workload) awaitRights(ctx context.Context, minted cloud.Access) error {
	k := w.kubeconfig
	k.Token, k.TokenFile = minted.Token, ""
	k.Certificate, k.CertificateFile, k.Key, k.KeyFile = "", "", "", ""
	client, err := w.options.Dial(k)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	review := map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
		"spec": map[string]any{"resourceAttributes": map[string]any{"verb": "list", "resource": "nodes"}}}
	ctx, cancel := context.WithTimeout(ctx, rightsWithin)
	defer cancel()
	for tick := time.NewTicker(rightsPoll); ; {
		var answer struct {
			Status struct {
				Allowed bool `json:"allowed"`
			} `json:"status"`
		}
		_, err := w.send(ctx, client, k.Server, request{method: http.MethodPost,
			path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: review, into: &answer})
		if err == nil && answer.Status.Allowed {
			tick.Stop()
			return nil
		}
		if err != nil && !errors.Is(err, cloud.ErrUnauthenticated) && !errors.Is(err, cloud.ErrForbidden) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return w.refused(cloud.ErrUnavailable, "The cluster does not come to know of the credentials' rights.", "Run again.")
		}
	}
}

// Revoke implements cloud.ClusterAccess. With the service account, its tokens end at once.
func (a access) Revoke(ctx context.Context, clusterID, accessID string) error {
	w, err := a.workload(ctx, clusterID)
	if err != nil {
		return err
	}
	defer w.client.CloseIdleConnections()
	return w.remove(ctx, accessID)
}

// remove takes a service account away, first of all, and its bindings.
func (w workload) remove(ctx context.Context, account string) error {
	var failures []error
	for _, path := range []string{accounts(account), bindings + "/" + account, bindings + "/" + account + "-extras"} {
		_, err := w.send(ctx, w.client, w.kubeconfig.Server, request{method: http.MethodDelete, path: path})
		if err != nil && !isNotFound(err) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// sweep removes what runs that were cut off have left, once it has expired. If it fails, the next one does it.
func (w workload) sweep(ctx context.Context) {
	var list struct {
		Items []struct {
			Metadata metadata `json:"metadata"`
		} `json:"items"`
	}
	for _, path := range []string{accounts(), bindings} {
		_, err := w.send(ctx, w.client, w.kubeconfig.Server,
			request{method: http.MethodGet, path: path + "?labelSelector=" + accessLabel, into: &list})
		if err != nil {
			return
		}
		for _, item := range list.Items {
			end, err := time.Parse(time.RFC3339, item.Metadata.Annotations[expiryNote])
			if err == nil && end.Add(sweepMargin).Before(w.serverTime()) {
				_ = w.remove(ctx, strings.TrimSuffix(item.Metadata.Name, "-extras"))
			}
		}
	}
}

func (w workload) post(ctx context.Context, path string, body, into any) error {
	_, err := w.send(ctx, w.client, w.kubeconfig.Server, request{method: http.MethodPost, path: path, body: body, into: into})
	return err
}

// workload opens the API of a cluster by the administrator's kubeconfig.
func (a access) workload(ctx context.Context, clusterID string) (w workload, err error) {
	var r record
	if _, err := a.read(ctx, clusterID, &r); err != nil {
		return w, err
	}
	k, err := a.kubeconfig(ctx, r.Metadata.Name)
	if isNotFound(err) {
		return w, a.refused(cloud.ErrConflict, fmt.Sprintf("The container cluster %s has no API yet.", r.Metadata.Name),
			"Wait until it is ready.")
	}
	if err != nil {
		return w, err
	}
	client, err := a.options.Dial(k)
	return workload{a.session, k, client}, err
}

// kubeconfig is the administrator's, which Cluster API keeps in a Secret of a name that its contract says.
func (s *session) kubeconfig(ctx context.Context, cluster string) (k Kubeconfig, err error) {
	var secret struct {
		Data map[string]string `json:"data"`
	}
	if _, err := s.get(ctx, namespaced("/api/v1", s.namespace, "secrets", cluster+"-kubeconfig"), &secret); err != nil {
		return k, err
	}
	raw, err := base64.StdEncoding.DecodeString(secret.Data["value"])
	if err == nil {
		k, err = ParseKubeconfig(raw, "")
	}
	if err == nil {
		err = k.selfContained()
	}
	if err != nil {
		return k, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: s.operator, Cause: errUnusable,
			Text:   fmt.Sprintf("The kubeconfig of the cluster %s cannot be used: %v.", cluster, err),
			Advice: "Ask the operator what is wrong with it."}
	}
	return k, nil
}

// errUnusable marks a kubeconfig that is there and of no use.
var errUnusable = errors.New("unusable kubeconfig")

// authority is the certificate of a cluster's authority, PEM; empty if the kubeconfig does not say it.
func (s *session) authority(ctx context.Context, cluster string) (string, error) {
	k, err := s.kubeconfig(ctx, cluster)
	if errors.Is(err, errUnusable) {
		err = nil
	}
	return k.Authority, err
}
