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
	plantedSecrets    = []secret{clientSecret, staticToken, userData, userDataWO, proxyPassword, directoryQuery}
	proxyUser         = "bench"
	accessTokenSecret = "issued access token"
)

// gatekeeper is the proxy before the operators, and the directory. It knows the planted secrets, puts those that the
// sandbox accepts in their place, and notes which it has seen: a secret that nobody used proves nothing.
type gatekeeper struct {
	box      *sandbox.Sandbox
	token    string
	endpoint string
	server   *http.Server

	mu     sync.Mutex
	used   map[string]bool
	issued []string
}

func newGatekeeper(ctx context.Context, box *sandbox.Sandbox) (*gatekeeper, error) {
	token, err := newToken(ctx, box.Endpoint("iem-ic"))
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	g := &gatekeeper{box: box, token: token, endpoint: l.Addr().String(), used: map[string]bool{}}
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
	for _, s := range plantedSecrets {
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
	all := slices.Clone(plantedSecrets)
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
		directory, err := url.Parse(g.box.DirectoryURL())
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
	for _, f := range scan("", body, plantedSecrets) {
		g.note(f.secret)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL, p.Out.Host = target, target.Host
			p.Out.Header["Authorization"] = g.exchange(r.Header["Authorization"])
		},
		ModifyResponse: g.overhear,
		Transport:      &http.Transport{DisableKeepAlives: true},
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

// exchange puts the sandbox's credentials in the place of those planted.
func (g *gatekeeper) exchange(header []string) []string {
	basic := func(id, text string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(text)))
	}
	switch {
	case slices.Equal(header, []string{basic(sandbox.ClientID, clientSecret.text)}):
		g.note(clientSecret.name)
		return []string{basic(sandbox.ClientID, sandbox.ClientSecret)}
	case slices.Equal(header, []string{"Bearer " + staticToken.text}):
		g.note(staticToken.name)
		return []string{"Bearer " + g.token}
	}
	return header
}

// overhear notes the access tokens that are given out.
func (g *gatekeeper) overhear(resp *http.Response) error {
	if !strings.HasSuffix(resp.Request.URL.Path, "/oauth/token") {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Token != "" {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.issued = append(g.issued, answer.Token)
	}
	return nil
}
