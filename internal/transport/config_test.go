package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// write makes a file of PEM blocks.
func write(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// caFile is a file with the certificate of a server.
func caFile(t *testing.T, srv *httptest.Server) string {
	t.Helper()
	return write(t, "CERTIFICATE", srv.Certificate().Raw)
}

// issue makes a certificate for 127.0.0.1 that ends at a time, with its key.
func issue(t *testing.T, end time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: end.Add(-24 * time.Hour), NotAfter: end, IsCA: true,
		BasicConstraintsValid: true, DNSNames: []string{"localhost"},
	}
	if cert, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private); err != nil {
		t.Fatal(err)
	}
	if key, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// mutual starts a server that wants a client certificate.
func mutual(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	srv.Config.ErrorLog = silent
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func TestClientCertificate(t *testing.T) {
	srv := mutual(t)
	cert, key := issue(t, time.Now().Add(time.Hour))
	c, err := New(Config{TLS: TLSConfig{
		CAFile: caFile(t, srv), CertFile: write(t, "CERTIFICATE", cert), KeyFile: write(t, "PRIVATE KEY", key),
	}})
	if err != nil {
		t.Fatal(err)
	}
	req := request(t, "GET", "", "")
	req.URL.Scheme, req.URL.Host = "https", srv.Listener.Addr().String()
	if status, _, err := do(c, req); status != http.StatusNotFound || err != nil {
		t.Errorf("got %d, %v", status, err)
	}
}

// TestProxyURL has an https address asked for through the proxy's tunnel, with the proxy's credentials.
func TestProxyURL(t *testing.T) {
	srv := secure(t, nil)
	host := srv.Listener.Addr().String()
	var asked string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		w.WriteHeader(http.StatusOK)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			_, _ = io.Copy(there, here)
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(proxy.Close)
	c, err := New(Config{
		ProxyURL: "http://u:p@" + proxy.Listener.Addr().String(), TLS: TLSConfig{CAFile: caFile(t, srv)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	req := request(t, "GET", "", "")
	req.URL.Scheme, req.URL.Host = "https", host
	status, _, err := do(c, req)
	if want := "CONNECT " + host + " Basic dTpw"; err != nil || status != http.StatusNotFound || asked != want {
		t.Errorf("got %d, %v; the proxy was asked for %q", status, err, asked)
	}
}
