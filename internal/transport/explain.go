package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"
)

// textLimit bounds what is shown of words that others chose, in letters.
const textLimit = 200

// explanation is what an underlying error means to a person.
type explanation struct {
	kind           Kind
	detail, advice string
	// permanent means that the next try would only fail in the same way.
	permanent bool
}

// explain says what an error of a connection means. Of those who are asked, the first that knows the error explains it.
func explain(err error) explanation {
	for _, f := range []func(error) (explanation, bool){
		explainKnown, explainInterruption, explainProxy, explainCertificate, explainHandshake, explainName, explainConnection,
	} {
		if e, ok := f(err); ok {
			return e
		}
	}
	// The URL that a url.Error repeats may have a secret in its query.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return explanation{
		kind: Unreachable, detail: "the connection failed: " + oneLine(err.Error()),
		advice: "Run it again; if it stays, check the network between this machine and the operator.",
	}
}

func permanent(err error) bool { return explain(err).permanent }

// explainKnown passes on what was explained where it happened, by someone who tried as often as is useful.
func explainKnown(err error) (explanation, bool) {
	var e *Error
	if !errors.As(err, &e) {
		return explanation{}, false
	}
	return explanation{kind: e.Kind, detail: e.Detail, advice: e.Advice, permanent: true}, true
}

func explainInterruption(err error) (explanation, bool) {
	switch {
	case errors.Is(err, context.Canceled):
		return explanation{kind: Canceled, detail: "the run was interrupted", permanent: true}, true
	case errors.Is(err, errTryTimeout):
		return explanation{kind: Timeout, detail: "there was no whole answer within the time for one request",
			advice: "Run it again; if it stays, raise limits.request_timeout_seconds of the operator."}, true
	case errors.Is(err, context.DeadlineExceeded):
		return explanation{kind: Timeout, detail: "the time for the whole operation is over",
			advice: "Run it again; if it stays, raise the value in the resource's timeouts.", permanent: true}, true
	}
	return explanation{}, false
}

func explainProxy(err error) (explanation, bool) {
	var refusal *proxyRefusal
	var op *net.OpError
	const advice = "Correct proxy_url of the operator, or HTTPS_PROXY and NO_PROXY in the environment."
	switch {
	case errors.As(err, &refusal) && refusal.status == http.StatusProxyAuthRequired:
		return explanation{kind: Unreachable, permanent: true,
			detail: fmt.Sprintf("the proxy %s wants other credentials (407)", refusal.proxy),
			advice: "Put user:password@ before the proxy's host in proxy_url or HTTPS_PROXY."}, true
	case errors.As(err, &refusal):
		return explanation{kind: Unreachable, detail: refusal.Error(), advice: advice,
			permanent: refusal.status < http.StatusInternalServerError}, true
	case errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks")):
		e := explain(op.Err)
		return explanation{kind: e.kind, detail: "there is no connection to the proxy: " + e.detail, advice: advice,
			permanent: e.permanent}, true
	}
	return explanation{}, false
}

func explainCertificate(err error) (explanation, bool) {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var other *tls.CertificateVerificationError
	e := explanation{kind: TLS, permanent: true}
	switch {
	case errors.As(err, &unknown):
		e.detail = "its certificate is signed by an authority that this machine does not know"
		e.advice = "Set tls.ca_file of the operator to the authority's certificate (PEM)."
	case errors.As(err, &host):
		e.detail = fmt.Sprintf("its certificate is not for the name %s", oneLine(host.Host))
		e.advice = "Check the host in the operator's endpoint; the certificate may be for another name of it."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		e.detail = "its certificate has expired or is not yet valid"
		e.advice = "Check this machine's clock; if it is right, the operator has to renew the certificate."
	case errors.As(err, &invalid), errors.As(err, &other):
		e.detail = "its certificate is not valid: " + oneLine(err.Error())
		e.advice = "Tell the operator."
	default:
		return explanation{}, false
	}
	return e, true
}

func explainHandshake(err error) (explanation, bool) {
	var op *net.OpError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return explanation{kind: TLS, detail: "what answers there does not speak TLS",
			advice: "Check the port in the operator's endpoint.", permanent: true}, true
	case !errors.As(err, &op) || op.Op != "remote error":
		return explanation{}, false
	}
	switch alert := op.Err.Error(); alert {
	case tls.AlertError(116).Error(): // certificate_required
		return explanation{kind: TLS, detail: "it wants a client certificate, and none is set",
			advice: "Set tls.certificate_file and tls.key_file of the operator.", permanent: true}, true
	case tls.AlertError(42).Error(), tls.AlertError(43).Error(), tls.AlertError(44).Error(), // bad, unsupported, revoked
		tls.AlertError(45).Error(), tls.AlertError(46).Error(), tls.AlertError(48).Error(): // expired, unknown, unknown CA
		return explanation{kind: TLS, detail: "it does not accept the client certificate: " + oneLine(alert),
			advice: "Check tls.certificate_file and tls.key_file of the operator.", permanent: true}, true
	default:
		return explanation{kind: TLS, detail: "it broke the handshake off: " + oneLine(alert), permanent: true,
			advice: "Check tls of the operator; it may want a client certificate or another version of TLS."}, true
	}
}

func explainName(err error) (explanation, bool) {
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		return explanation{}, false
	}
	e := explanation{kind: Unreachable, permanent: dns.IsNotFound,
		detail: fmt.Sprintf("there is no address for the name %s", oneLine(dns.Name)),
		advice: "Check the host in the operator's endpoint, and this machine's DNS."}
	if !dns.IsNotFound {
		e.detail = fmt.Sprintf("the name %s could not be looked up", oneLine(dns.Name))
		e.advice = "Check this machine's DNS, then run it again."
	}
	return e, true
}

func explainConnection(err error) (explanation, bool) {
	var timeout net.Error
	var op *net.OpError
	e := explanation{kind: Unreachable, advice: "Run it again; if it stays, ask the operator."}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		e.detail = "the connection was refused"
		e.advice = "Check host and port in the operator's endpoint, and that a firewall lets them through."
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		e.detail = "there is no route to it"
		e.advice = "Check this machine's network or VPN."
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF):
		e.detail = "the connection was closed without a whole answer"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.detail = "there was no connection in time"
		e.advice = "Check host and port in the operator's endpoint, and that a firewall or VPN lets them through."
	case errors.As(err, &op) && op.Op == "dial":
		e.detail = "the connection could not be made: " + oneLine(op.Err.Error())
		e.advice = "Check host and port in the operator's endpoint, and this machine's network."
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no type for it.
		e.kind, e.detail = NotAnAPI, "the answer is not HTTP"
		e.advice = "Check scheme and port in the operator's endpoint."
	default:
		return explanation{}, false
	}
	return e, true
}

// oneLine leaves out of foreign words what could play with a terminal, and cuts them.
func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
	if letters := []rune(s); len(letters) > textLimit {
		return string(letters[:textLimit]) + "…"
	}
	return s
}
