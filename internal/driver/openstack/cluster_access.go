package openstack

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// clusterAccess has Magnum sign keys that never leave this process but to who asked for them.
type clusterAccess struct{ *session }

// certificate is what Magnum says of one. It is a cluster's authority where it is read, and signed where it is posted.
type certificate struct {
	PEM string `json:"pem"`
}

func (s *session) authority(ctx context.Context, cluster string) (string, error) {
	var answer certificate
	_, err := s.get(ctx, s.containers, path("certificates", cluster), &answer)
	return ended(answer.PEM), err
}

// ended gives a PEM text its last line's end, which Magnum cuts off some.
func ended(text string) string {
	if text == "" {
		return ""
	}
	return strings.TrimSpace(text) + "\n"
}

// Mint implements cloud.ClusterAccess. How long the credentials live is Magnum's configuration alone.
func (a clusterAccess) Mint(ctx context.Context, clusterID string, wish cloud.AccessWish) (cloud.Access, error) {
	var none cloud.Access
	if wish.Role != "admin" {
		return none, a.refused(cloud.ErrUnsupported, "Magnum signs certificates, and gives no role to anybody in a cluster.",
			"Ask for the role admin, and give others theirs by RBAC in the cluster.")
	}
	r, _, err := (&clusters{session: a.session}).record(ctx, clusterID)
	if err != nil {
		return none, err
	}
	if r.APIAddress == "" {
		return none, a.refused(cloud.ErrConflict, "The cluster has no API yet: it is in "+r.Status+".", "Wait until it is ready.")
	}
	key, request, err := signingRequest()
	if err != nil {
		return none, err
	}
	var signed certificate
	if _, err := a.post(ctx, a.containers, "certificates", map[string]any{"cluster_uuid": r.ID, "csr": request}, &signed); err != nil {
		return none, notTheMaker(err)
	}
	authority, err := a.authority(ctx, r.ID)
	if err != nil {
		return none, notTheMaker(err)
	}
	ends, err := notAfter(signed.PEM)
	if err != nil {
		return none, &cloud.Error{Reason: cloud.ErrUnavailable, Operator: a.operator, Cause: err, Text: "What Magnum signed is no certificate."}
	}
	return cloud.Access{
		Host: r.APIAddress, CACertificate: authority, ClientCertificate: ended(signed.PEM), ClientKey: key, ExpiresAt: ends,
	}, nil
}

// notTheMaker says what a refusal means that does not say so.
func notTheMaker(err error) error {
	var e *cloud.Error
	if errors.As(err, &e) && errors.Is(e, cloud.ErrForbidden) {
		e.Advice = "By its own rules, Magnum signs for the user alone who has made the cluster. Use that user's credentials."
	}
	return err
}

// signingRequest makes a key and the request to sign it for an administrator, as all of Kubernetes' own authorities know
// them by their group.
func signingRequest() (key, request string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}}, //nolint:misspell // The field is called so.
	}, private)
	if err != nil {
		return "", "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return encode("PRIVATE KEY", secret), encode("CERTIFICATE REQUEST", der), err
}

func notAfter(text string) (time.Time, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return time.Time{}, errors.New("it is no PEM")
	}
	signed, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}, err
	}
	return signed.NotAfter.UTC(), nil
}

// Revoke implements cloud.ClusterAccess.
func (a clusterAccess) Revoke(context.Context, string, string) error {
	return a.refused(cloud.ErrUnsupported, "Magnum revokes no certificates: they end by themselves.", "")
}
