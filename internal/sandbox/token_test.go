package sandbox

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"
	"time"
)

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange"

func TestTokens(t *testing.T) {
	s := start(t, Options{TokenLifetime: time.Minute})
	basic := func(id, secret string) []string {
		return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))}
	}
	jwt := "urn:ietf:params:oauth:token-type:jwt"
	for _, tc := range []struct {
		name   string
		form   url.Values
		header []string
		status int
		err    string
	}{
		{"secret", url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}}, nil, 200, ""},
		{"secret in the header", url.Values{"grant_type": {"client_credentials"}}, basic(ClientID, ClientSecret), 200, ""},
		{"other client", url.Values{"grant_type": {"client_credentials"}, "client_id": {OtherClientID}, "client_secret": {OtherClientSecret}},
			nil, 200, ""},
		{"other client's name", url.Values{"grant_type": {"client_credentials"}, "client_id": {OtherClientID}, "client_secret": {ClientSecret}},
			nil, 401, "invalid_client"},
		{"wrong secret", url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {"x"}}, nil,
			401, "invalid_client"},
		{"wrong secret in the header", url.Values{"grant_type": {"client_credentials"}}, basic(ClientID, "x"), 401, "invalid_client"},
		{"wrong client", url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}, "client_secret": {ClientSecret}}, nil,
			401, "invalid_client"},
		{"no client", url.Values{"grant_type": {"client_credentials"}}, nil, 401, "invalid_client"},
		{"exchange", url.Values{"grant_type": {exchange}, "subject_token": {WorkloadToken}, "subject_token_type": {jwt}}, nil, 200, ""},
		{"exchange from a file", url.Values{"grant_type": {exchange}, "subject_token": {WorkloadToken + "\n"}}, nil, 200, ""},
		{"wrong exchange", url.Values{"grant_type": {exchange}, "subject_token": {"x"}}, nil, 400, "invalid_grant"},
		{"exchange of nothing", url.Values{"grant_type": {exchange}}, nil, 400, "invalid_grant"},
		{"password", url.Values{"grant_type": {"password"}, "username": {"x"}}, nil, 400, "unsupported_grant_type"},
		{"nothing", url.Values{}, nil, 400, "unsupported_grant_type"},
		{"secret in the address", nil, nil, 400, "unsupported_grant_type"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := &client{t: t, base: s.Endpoint("lvrtc")}
			path := "/oauth/token"
			if tc.form == nil {
				path += "?grant_type=client_credentials&client_id=" + ClientID + "&client_secret=" + ClientSecret
			}
			a := c.do("POST", path, tc.form.Encode(), append(tc.header, "Content-Type", "application/x-www-form-urlencoded")...).is(tc.status)
			if got := a.header.Get("Content-Type"); got != "application/json" || a.text("error") != tc.err {
				t.Errorf("%s: %s, want error %q", got, a.body, tc.err)
			}
			if tc.status != http.StatusOK {
				return
			}
			var token struct {
				Type    string `json:"token_type"`
				Expires int    `json:"expires_in"`
			}
			if a.into(&token); token.Type != "Bearer" || token.Expires != 60 || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %v", a.body, a.header)
			}
			c.token = a.text("access_token")
			c.get("networks").is(http.StatusOK)
		})
	}
}

func TestTokenExpires(t *testing.T) {
	s := start(t, Options{TokenLifetime: time.Minute})
	c := at(t, s, "lvrtc")
	s.MoveClock(59 * time.Second)
	c.get("networks").is(http.StatusOK)
	s.MoveClock(time.Second)
	a := c.get("networks")
	if a.refused(http.StatusUnauthorized, "unauthenticated"); a.header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	at(t, s, "lvrtc").get("networks").is(http.StatusOK)
	// The token of one operator is nothing to another one.
	other := at(t, s, "lnb")
	other.base = c.base
	other.get("networks").refused(http.StatusUnauthorized, "unauthenticated")
}

func TestRateLimit(t *testing.T) {
	s := start(t, Options{RequestsPerSecond: 3})
	c := at(t, s, "lvrtc") // The first one.
	for _, left := range []string{"1", "0"} {
		a := c.get("networks").is(http.StatusOK)
		if got := a.header.Get("RateLimit"); got != `"default";r=`+left+`;t=1` {
			t.Errorf("RateLimit is %s, want %s left", got, left)
		}
		if got := a.header.Get("RateLimit-Policy"); got != `"default";q=3;w=1` {
			t.Errorf("RateLimit-Policy is %s", got)
		}
	}
	for range 2 {
		a := c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
		a.refused(http.StatusTooManyRequests, "rate-limited")
		if a.header.Get("Retry-After") != "1" || a.header.Get("RateLimit") != `"default";r=0;t=1` {
			t.Errorf("headers %v", a.header)
		}
	}
	at(t, s, "lnb").get("networks").is(http.StatusOK) // Each operator counts for itself.
	s.MoveClock(time.Second)
	if items, _ := c.list("networks"); len(items) != 0 {
		t.Errorf("there are %v", names(items))
	}
}
