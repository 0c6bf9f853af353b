package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// load reads the files.
func (t TLSConfig) load(of Config) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	wrong := func(detail, advice string, cause error) (*tls.Config, error) {
		return nil, &Error{Kind: Misconfigured, Operator: of.Operator, Noun: of.Noun, Detail: detail, Advice: of.told(advice), Cause: cause}
	}
	switch {
	case t.CAFile != "":
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return wrong(fmt.Sprintf("tls.ca_file %s could not be read: %s", t.CAFile, fileReason(err)),
				"Correct the path or the file's permissions.", err)
		}
		// Where the system has no certificates, those of the file are all there are.
		if cfg.RootCAs, err = x509.SystemCertPool(); err != nil {
			cfg.RootCAs = x509.NewCertPool()
		}
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return wrong(fmt.Sprintf("tls.ca_file %s has no certificate in PEM form", t.CAFile),
				"Give a file with BEGIN CERTIFICATE in it.", nil)
		}
	case t.CA != "":
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM([]byte(t.CA)) {
			return wrong("the certificate authority is not in PEM form", "It has to have BEGIN CERTIFICATE in it.", nil)
		}
	}
	switch {
	case t.CertFile == "" && t.KeyFile == "" && t.Cert != "":
		pair, err := tls.X509KeyPair([]byte(t.Cert), []byte(t.Key))
		if err != nil {
			return wrong("the client certificate and its key are not a pair in PEM form", "Get them anew.", nil)
		}
		cfg.Certificates = []tls.Certificate{pair}
		return cfg, nil
	case t.CertFile == "" && t.KeyFile == "":
		return cfg, nil
	case t.CertFile == "" || t.KeyFile == "":
		return wrong("tls.certificate_file and tls.key_file are not both set", "Set both, or neither.", nil)
	}
	pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		// Only what went wrong with reading may be repeated: nothing of the key.
		var path *fs.PathError
		if errors.As(err, &path) {
			return wrong(fmt.Sprintf("the client certificate's file %s could not be read: %s", path.Path, fileReason(err)),
				"Correct the path or the file's permissions.", err)
		}
		return wrong(fmt.Sprintf("tls.certificate_file %s and tls.key_file %s are not a certificate and its key",
			t.CertFile, t.KeyFile), "Give both in PEM form, the key without a password.", nil)
	}
	cfg.Certificates = []tls.Certificate{pair}
	return cfg, nil
}

// fileReason is why a file could not be read, without its path.
func fileReason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
