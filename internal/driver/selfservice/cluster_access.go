package selfservice

import (
	"context"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// clusterAccess mints credentials of container clusters.
type clusterAccess struct{ *session }

// Mint implements cloud.ClusterAccess.
func (c clusterAccess) Mint(ctx context.Context, clusterID string, wish cloud.AccessWish) (cloud.Access, error) {
	if !validID(clusterID) {
		return cloud.Access{}, c.noSuchID(clusterID)
	}
	order := api.ClusterCredentialsOrder{
		Role: api.ClusterCredentialsOrderRole(wish.Role), TtlSeconds: int(wish.TTL / time.Second),
	}
	const lost = "If credentials were minted, nobody has their key, and they end by themselves. Run again for others."
	return mint(c.session, lost, func() (*http.Response, error) {
		return c.client.MintClusterCredentials(ctx, c.project, clusterID, order)
	}, accessOf)
}

// accessOf reads credentials. Its errors quote nothing of the answer, in which there is a key.
func accessOf(a answer) (cloud.Access, error) {
	var r api.ClusterCredentials
	if err := a.Decode(&r); err != nil {
		return cloud.Access{}, err
	}
	if err := complete(
		part{"host", r.Host}, part{"ca_certificate", r.CaCertificate}, part{"client_certificate", r.ClientCertificate},
		part{"client_key", r.ClientKey},
	); err != nil {
		return cloud.Access{}, err
	}
	return cloud.Access{
		ID: r.Id, Host: r.Host, CACertificate: r.CaCertificate, ClientCertificate: r.ClientCertificate, ClientKey: r.ClientKey,
		ExpiresAt: r.ExpiresAt.UTC(),
	}, nil
}

// Revoke implements cloud.ClusterAccess.
func (c clusterAccess) Revoke(ctx context.Context, clusterID, accessID string) error {
	if !validID(clusterID) {
		return c.noSuchID(clusterID)
	}
	return c.writeTwice(ctx, func() (*http.Response, error) {
		return c.client.RevokeClusterCredentials(ctx, c.project, clusterID, api.ClusterCredentialsEnd{Id: accessID})
	})
}
