package selfservice

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// clusterAccess mints credentials of container clusters.
type clusterAccess struct{ *session }

// Mint implements cloud.ClusterAccess. There is no key that would find credentials again whose answer was lost.
func (c clusterAccess) Mint(ctx context.Context, clusterID string, wish cloud.AccessWish) (cloud.Access, error) {
	if !validID(clusterID) {
		return cloud.Access{}, c.noSuchID(clusterID)
	}
	order := api.ClusterCredentialsOrder{
		Role: api.ClusterCredentialsOrderRole(wish.Role), TtlSeconds: int(wish.TTL / time.Second),
	}
	var minted cloud.Access
	err := c.write(func() (*http.Response, error) {
		return c.client.MintClusterCredentials(ctx, c.project, clusterID, order)
	}, func(a answer) (err error) {
		minted, err = accessOf(a)
		return err
	})
	var e *cloud.Error
	if errors.Is(err, cloud.ErrUnknownOutcome) && errors.As(err, &e) {
		e.Advice = "If credentials were minted, nobody has their key, and they end by themselves. Run again for others."
	}
	if err != nil {
		return cloud.Access{}, err
	}
	return minted, nil
}

// accessOf reads credentials. Its errors quote nothing of the answer, in which there is a key.
func accessOf(a answer) (cloud.Access, error) {
	var r api.ClusterCredentials
	if err := a.Decode(&r); err != nil {
		return cloud.Access{}, err
	}
	for _, part := range []struct{ name, value string }{
		{"host", r.Host}, {"ca_certificate", r.CaCertificate}, {"client_certificate", r.ClientCertificate}, {"client_key", r.ClientKey},
	} {
		if part.value == "" {
			return cloud.Access{}, errors.New("the credentials have no " + part.name)
		}
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

// writeTwice sends what is done once however often it is sent, and again if the first answer was lost.
func (s *session) writeTwice(ctx context.Context, send func() (*http.Response, error)) error {
	err := s.write(send, ignore)
	if errors.Is(err, cloud.ErrUnknownOutcome) && ctx.Err() == nil {
		err = s.write(send, ignore)
	}
	return err
}
