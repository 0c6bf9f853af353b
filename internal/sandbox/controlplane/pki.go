package controlplane

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	// authorityLife is that of a cluster, served that of what it serves and is administered with, which is issued anew
	// whenever it starts.
	authorityLife = 10 * 365 * 24 * time.Hour
	served        = 365 * 24 * time.Hour
	// skew is how far the clock of who checks a certificate may be behind.
	skew = time.Minute
)

// authority is a cluster's own, which everybody in it trusts.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// pair is a certificate with its key, PEM.
type pair struct{ certificate, key []byte }

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// sign completes and signs a certificate that is valid from now on.
func sign(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer, until time.Time) ([]byte, error) {
	template.NotBefore = time.Now().Add(-skew)
	template.NotAfter = until
	return x509.CreateCertificate(rand.Reader, template, parent, public, signer)
}

func encodeCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// newAuthority makes the authority of a cluster, and its key as it is kept.
func newAuthority(name string) (*authority, []byte, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := sign(template, template, key.Public(), key, time.Now().Add(authorityLife))
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, err
	}
	return &authority{certificate: certificate, key: key, pem: encodeCertificate(der)}, keyPEM, nil
}

// openAuthority reads the authority in a folder, or makes one there.
func openAuthority(dir, name string) (*authority, error) {
	keyFile, certificateFile := filepath.Join(dir, "ca.key"), filepath.Join(dir, "ca.crt")
	// The certificate is written last, so where it is, all of it is.
	certificate, err := os.ReadFile(certificateFile) //nolint:gosec // It is the manager's own folder.
	if errors.Is(err, os.ErrNotExist) {
		a, key, err := newAuthority(name)
		if err != nil {
			return nil, err
		}
		if err := writeFile(keyFile, key); err != nil {
			return nil, err
		}
		return a, writeFile(certificateFile, a.pem)
	}
	if err != nil {
		return nil, err
	}
	key, err := os.ReadFile(keyFile) //nolint:gosec // It is the manager's own folder.
	if err != nil {
		return nil, err
	}
	return parseAuthority(certificate, key)
}

func parseAuthority(certificate, key []byte) (*authority, error) {
	certificateBlock, _ := pem.Decode(certificate)
	keyBlock, _ := pem.Decode(key)
	if certificateBlock == nil || keyBlock == nil {
		return nil, errors.New("the cluster's authority is not PEM")
	}
	parsed, err := x509.ParseCertificate(certificateBlock.Bytes)
	if err != nil {
		return nil, err
	}
	private, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := private.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key of the cluster's authority is a %T", private)
	}
	return &authority{certificate: parsed, key: signer, pem: certificate}, nil
}

func (a *authority) issue(template *x509.Certificate, until time.Time) (pair, error) {
	key, keyPEM, err := newKey()
	if err != nil {
		return pair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	der, err := sign(template, a.certificate, key.Public(), a.key, until)
	if err != nil {
		return pair{}, err
	}
	return pair{certificate: encodeCertificate(der), key: keyPEM}, nil
}

// server issues what the API shows to those who ask it, also from inside, where it has the first address of services.
func (a *authority) server(addresses []net.IP) (pair, error) {
	return a.issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: "kube-apiserver"},
		DNSNames: []string{
			"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
		},
		IPAddresses: addresses,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, time.Now().Add(served))
}

// client issues what shows that somebody is this user, of this group.
func (a *authority) client(user, group string, until time.Time) (pair, error) {
	return a.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: []string{group}}, //nolint:misspell // The field is called so.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, until)
}

// writeSigningKey makes the key by which service accounts are known, unless it is there: their tokens outlive a start.
func writeSigningKey(privateFile, publicFile string) error {
	if _, err := os.Stat(publicFile); err == nil {
		return nil
	}
	key, keyPEM, err := newKey()
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := writeFile(privateFile, keyPEM); err != nil {
		return err
	}
	return writeFile(publicFile, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// writeFile replaces a file as a whole, so that one killed in between leaves no half of it.
func writeFile(file string, content []byte) error {
	partial := file + ".partial"
	if err := os.WriteFile(partial, content, 0o600); err != nil {
		return err
	}
	return os.Rename(partial, file)
}
