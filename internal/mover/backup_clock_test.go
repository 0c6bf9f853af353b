package mover

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// TestBackupClockOff: a real vault refuses what is signed in another year, which it is in the time of synctest; before
// that, its certificate is not valid.
func TestBackupClockOff(t *testing.T) {
	server := s3.Start(t)
	mustMake(t, server, "vault", s3.Vault)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(server.CAPEM)
	today := time.Now()
	for name, clock := range map[string]func() time.Time{"certificate": nil, "signature": func() time.Time { return today }} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &http.Transport{
					DisableKeepAlives: true,
					TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, Time: clock},
				}
				o := realOptions(server, "vault", server.Writer, testKey(t))
				o.Client = &http.Client{Transport: transport}
				_, err := mustOpen(t, o).Backup(t.Context(), noise(1, 5000), now(), nil)
				want(t, err, ClockOff)
			})
		})
	}
}
