package controlplane

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// verified parses a certificate and checks it for a use against an authority.
func verified(t *testing.T, ca *authority, p pair, use x509.ExtKeyUsage, at time.Time) (*x509.Certificate, error) {
	t.Helper()
	if _, err := tls.X509KeyPair(p.certificate, p.key); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(p.certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.pem)
	_, err = certificate.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{use}, CurrentTime: at})
	return certificate, err
}

func TestAuthority(t *testing.T) {
	dir := t.TempDir()
	ca, err := openAuthority(dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	again, err := openAuthority(dir, "a")
	if err != nil || !bytes.Equal(again.pem, ca.pem) || !again.key.Equal(ca.key) {
		t.Errorf("it became another one: %v", err)
	}
	other, _, err := newAuthority("a")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	until := now.Add(time.Hour).Truncate(time.Second)
	client, err := again.client("somebody", "a-group", until)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := verified(t, ca, client, x509.ExtKeyUsageClientAuth, now)
	if err != nil || certificate.Subject.String() != "CN=somebody,O=a-group" ||
		!certificate.NotAfter.Equal(until) || certificate.IsCA {
		t.Errorf("got %+v until %s, %v", certificate.Subject, certificate.NotAfter, err)
	}
	if _, err := verified(t, other, client, x509.ExtKeyUsageClientAuth, now); err == nil {
		t.Error("the authority of another cluster knows it")
	}
	if _, err := verified(t, ca, client, x509.ExtKeyUsageServerAuth, now); err == nil {
		t.Error("a client can be the API")
	}
	if _, err := verified(t, ca, client, x509.ExtKeyUsageClientAuth, until.Add(time.Second)); err == nil {
		t.Error("it is good after its time")
	}

	server, err := ca.server([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 43, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err = verified(t, ca, server, x509.ExtKeyUsageServerAuth, now.Add(served-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"127.0.0.1", "10.43.0.1", "localhost", "kubernetes.default.svc"} {
		if err := certificate.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAuthorityIsBroken(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.crt"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAuthority(dir, "a"); !os.IsNotExist(err) {
		t.Errorf("got %v without a key", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.key"), []byte("?"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAuthority(dir, "a"); err == nil || err.Error() != "the cluster's authority is not PEM" {
		t.Errorf("got %v", err)
	}
}

func TestSigningKeyStays(t *testing.T) {
	dir := t.TempDir()
	private, public := filepath.Join(dir, "sa.key"), filepath.Join(dir, "sa.pub")
	var before []byte
	for range 2 {
		if err := writeSigningKey(private, public); err != nil {
			t.Fatal(err)
		}
		now, err := os.ReadFile(private)
		if err != nil || before != nil && !bytes.Equal(now, before) {
			t.Errorf("it has changed, %v", err)
		}
		before = now
	}
	if info, err := os.Stat(private); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
}
