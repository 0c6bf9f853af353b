package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// The secrets that are planted. They have letters that every encoding changes.
var (
	clientSecret      = secret{"client_secret", "c1ient/s3cret+of&lvrtc=Zx9~"}
	staticToken       = secret{"token", "t0ken.of/iem-ic+Qy8~eyJhbGci"}
	userData          = secret{"user_data", "us3r-data/p4ss+word&Wv7=~kl"}
	userDataWO        = secret{"user_data_wo", "wr1te-only/p4ss+word&Ut6=~mn"}
	proxyPassword     = secret{"proxy password", "pr0xy/p4ss+word&Sr5=~op"}
	directoryQuery    = secret{"directory query", "d1rectory/s4s+signature&Pq4=~qr"}
	backupKey         = secret{"backup key", newBackupKey()} // An operator takes no made-up one.
	plantedSecrets    = []secret{clientSecret, staticToken, userData, userDataWO, proxyPassword, directoryQuery, backupKey}
	proxyUser         = "bench"
	accessTokenSecret = "issued access token"
)

func newBackupKey() string {
	key, err := mover.NewKey()
	if err != nil {
		panic(err) // There is no randomness.
	}
	return key
}

// gatekeeper is the proxy before the operators, and the directory. It knows the planted secrets, puts those that the
// operators accept in their place, and notes which it has seen: a secret that nobody used proves nothing.
type gatekeeper struct {
	door
	endpoint string
	server   *http.Server

	mu     sync.Mutex
	used   map[string]bool
	issued []string
}

// door is what differs from one kind of operator to another.
type door struct {
	planted []secret
	// directory is where that of the operators really is, if there is one.
	directory string
	// onward is how the requests go on.
	onward *http.Transport
	// exchange puts what the operators accept in the place of what was planted, and names what it has found.
	exchange func(header http.Header, body []byte) (accepted []byte, used []string)
	// issues finds the access token that an answer gives out, if it does.
	issues func(resp *http.Response) (token string, err error)
}

// sandboxDoor leads to a sandbox.
func sandboxDoor(ctx context.Context, box *sandbox.Sandbox) (door, error) {
	token, err := newToken(ctx, box.Endpoint("iem-ic"))
	exchange := func(header http.Header, body []byte) ([]byte, []string) {
		accepted, used := exchangeHeader(header["Authorization"], token)
		header["Authorization"] = accepted
		return body, used
	}
	return door{
		planted: plantedSecrets, directory: box.DirectoryURL(), onward: &http.Transport{DisableKeepAlives: true},
		exchange: exchange, issues: overhear,
	}, err
}

func newGatekeeper(ctx context.Context, d door) (*gatekeeper, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	g := &gatekeeper{door: d, endpoint: l.Addr().String(), used: map[string]bool{}}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = g.server.Serve(l) }() // It ends by close.
	return g, nil
}

func (g *gatekeeper) close() { _ = g.server.Close() }

func (g *gatekeeper) note(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.used[name] = true
}

// unused are the planted secrets that nobody used.
func (g *gatekeeper) unused() (names []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.planted {
		if !g.used[s.name] {
			names = append(names, s.name)
		}
	}
	return names
}

// secrets are those planted, and the access tokens that were given out.
func (g *gatekeeper) secrets() []secret {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := slices.Clone(g.planted)
	for _, token := range g.issued {
		all = append(all, secret{accessTokenSecret, token})
	}
	return all
}

// ServeHTTP serves the directory, and what is meant for somebody else as a proxy.
func (g *gatekeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.URL
	if !r.URL.IsAbs() {
		if r.URL.Query().Get("sig") == directoryQuery.text {
			g.note(directoryQuery.name)
		}
		directory, err := url.Parse(g.directory)
		if err != nil {
			http.Error(w, "there is no directory", http.StatusInternalServerError)
			return
		}
		target = directory
	} else if !g.admits(r) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="bench"`)
		http.Error(w, "The proxy wants another password.", http.StatusProxyAuthRequired)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The client is gone.
	}
	for _, f := range scan("", body, g.planted) {
		g.note(f.secret)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL, p.Out.Host = target, target.Host
			accepted, used := g.exchange(p.Out.Header, body)
			for _, name := range used {
				g.note(name)
			}
			p.Out.Body, p.Out.ContentLength = io.NopCloser(bytes.NewReader(accepted)), int64(len(accepted))
		},
		ModifyResponse: g.keep,
		Transport:      g.onward,
		ErrorLog:       log.New(io.Discard, "", 0), // Clients that go away are part of it.
	}
	proxy.ServeHTTP(w, r)
}

func (g *gatekeeper) admits(r *http.Request) bool {
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(proxyUser+":"+proxyPassword.text))
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Proxy-Authorization")), []byte(want)) == 0 {
		return false
	}
	g.note(proxyPassword.name)
	return true
}

// exchangeHeader puts the sandbox's credentials in the place of those planted.
func exchangeHeader(header []string, token string) (accepted, used []string) {
	basic := func(id, text string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(text)))
	}
	switch {
	case slices.Equal(header, []string{basic(sandbox.ClientID, clientSecret.text)}):
		return []string{basic(sandbox.ClientID, sandbox.ClientSecret)}, []string{clientSecret.name}
	case slices.Equal(header, []string{"Bearer " + staticToken.text}):
		return []string{"Bearer " + token}, []string{staticToken.name}
	}
	return header, nil
}

// keep notes the access tokens that are given out.
func (g *gatekeeper) keep(resp *http.Response) error {
	token, err := g.issues(resp)
	if token != "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.issued = append(g.issued, token)
	}
	return err
}

// overhear finds an access token of the sandbox.
func overhear(resp *http.Response) (token string, err error) {
	if !strings.HasSuffix(resp.Request.URL.Path, "/oauth/token") {
		return "", nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		Token string `json:"access_token"`
	}
	_ = json.Unmarshal(body, &answer) // What is no token is an error of the operator's.
	return answer.Token, nil
}
