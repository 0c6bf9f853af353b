package controlplane

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Roles that credentials can be minted for.
const (
	// RoleAdmin may do anything.
	RoleAdmin = "admin"
	// RoleViewer is Kubernetes' view, which shows neither secrets nor roles, plus nodes, volumes and storage classes.
	RoleViewer = "viewer"
)

const (
	bindingsPath = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
	reviewsPath  = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

	// mintedLabel is of the bindings of minted users, expiresAnnotation says when their certificate ends.
	mintedLabel       = "vdam.lv/minted"
	expiresAnnotation = "vdam.lv/expires-at"
	mintedGroup       = "vdam:minted"
	mintedPrefix      = "vdam:"
	// rightsDelay is how long the API may take to hear of rights.
	rightsDelay = 15 * time.Second
)

// clusterRoles are Kubernetes' own, by our roles.
var clusterRoles = map[string]string{RoleAdmin: "cluster-admin", RoleViewer: "view"}

// viewNodes is what Kubernetes' role view gets here, as it is about namespaces only.
var viewNodes = object{
	"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
	"metadata": object{"name": "vdam:view-cluster", "labels": object{"rbac.authorization.k8s.io/aggregate-to-view": "true"}},
	"rules": []object{
		{"apiGroups": []string{""}, "resources": []string{"nodes", "persistentvolumes"}, "verbs": []string{"get", "list", "watch"}},
		{
			"apiGroups": []string{"storage.k8s.io"}, "resources": []string{"storageclasses"},
			"verbs": []string{"get", "list", "watch"},
		},
	},
}

// Credentials are what somebody shows to a cluster.
type Credentials struct {
	// User is who the cluster takes them for, and is for Revoke.
	User string
	// ClientCertificate and ClientKey are PEM.
	ClientCertificate, ClientKey []byte
	ExpiresAt                    time.Time
}

// Mint makes credentials of a user of their own, whose rights hold when it returns.
func (c *Cluster) Mint(ctx context.Context, role string, ttl time.Duration) (Credentials, error) {
	api, err := c.connected()
	if err != nil {
		return Credentials{}, err
	}
	clusterRole := clusterRoles[role]
	if clusterRole == "" || ttl < time.Second {
		return Credentials{}, fmt.Errorf("cluster %s: there are no credentials for the role %q and %s", c.id, role, ttl)
	}
	if err := sweep(ctx, api); err != nil {
		return Credentials{}, err
	}
	user := mintedPrefix + role + ":" + strings.ToLower(rand.Text())
	expires := time.Now().Add(ttl).UTC().Truncate(time.Second) // As in a certificate.
	signed, err := c.ca.client(user, mintedGroup, expires)
	if err != nil {
		return Credentials{}, err
	}
	minted := Credentials{User: user, ClientCertificate: signed.certificate, ClientKey: signed.key, ExpiresAt: expires}
	binding := object{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
		"metadata": object{
			"name": user, "labels": object{mintedLabel: "true"},
			"annotations": object{expiresAnnotation: expires.Format(time.RFC3339)},
		},
		"roleRef":  object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": clusterRole},
		"subjects": []object{{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}},
	}
	if err := api.do(ctx, http.MethodPost, bindingsPath, plainJSON, binding, nil); err != nil {
		return Credentials{}, err
	}
	if err := c.waitForRights(ctx, api, user, true); err != nil {
		return Credentials{}, errors.Join(err, api.delete(context.WithoutCancel(ctx), bindingsPath+path(user), nil))
	}
	return minted, nil
}

// Revoke takes the rights of a user away, and returns when they are gone: a certificate cannot be taken back. What the
// user made with these rights stays, such as rights of other users. A user who has none, or never was, is no error.
func (c *Cluster) Revoke(ctx context.Context, user string) error {
	api, err := c.connected()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(user, mintedPrefix) {
		return nil // There is nothing that could have been minted, and bindings of others are not ours to delete.
	}
	if err := api.delete(ctx, bindingsPath+path(user), nil); err != nil {
		return err
	}
	return c.waitForRights(ctx, api, user, false)
}

// waitForRights waits until the API has heard of a binding that was made or deleted: it does so by watching.
func (c *Cluster) waitForRights(ctx context.Context, api *api, user string, wanted bool) error {
	ctx, cancel := context.WithTimeout(ctx, rightsDelay)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		allowed, err := mayList(ctx, api, user)
		if err == nil && allowed == wanted {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("cluster %s: the rights of %s are still not %t: %w", c.id, user, wanted, errors.Join(ctx.Err(), err))
		case <-ticker.C:
		}
	}
}

// mayList asks for what both roles may do.
func mayList(ctx context.Context, api *api, user string) (bool, error) {
	review := object{
		"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
		"spec": object{
			"user": user, "groups": []string{mintedGroup, "system:authenticated"},
			"resourceAttributes": object{"verb": "list", "resource": "pods"},
		},
	}
	var answer struct{ Status struct{ Allowed bool } }
	err := api.do(ctx, http.MethodPost, reviewsPath, plainJSON, review, &answer)
	return answer.Status.Allowed, err
}

// sweep removes the bindings of users whose certificates have expired: nobody has to revoke these.
func sweep(ctx context.Context, api *api) error {
	var list struct {
		Items []struct {
			Metadata struct {
				Name        string
				Annotations map[string]string
			}
		}
	}
	if err := api.get(ctx, bindingsPath, url.Values{"labelSelector": {mintedLabel}}, &list); err != nil {
		return err
	}
	for _, item := range list.Items {
		expires, err := time.Parse(time.RFC3339, item.Metadata.Annotations[expiresAnnotation])
		if err != nil || time.Since(expires) < skew {
			continue // It is still good, or a user has changed what says until when.
		}
		if err := api.delete(ctx, bindingsPath+path(item.Metadata.Name), nil); err != nil {
			return err
		}
	}
	return nil
}
