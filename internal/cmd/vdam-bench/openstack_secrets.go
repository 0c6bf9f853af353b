package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// The secrets that are planted at an OpenStack beside user data and the proxy's password. The application credential
// is made with this secret; the password is the user's as far as the provider knows.
var (
	sitePassword   = secret{"password", "pa55/w0rd+of&user=Nm3~"}
	siteCredential = secret{"application credential secret", "app/cr3dential+s3cret&Lk2=~vx"}
	siteWrong      = secret{"refused password", "wr0ng/pa55word+of&user=Jh1~"}
	siteSecrets    = []secret{sitePassword, siteCredential, siteWrong, userData, userDataWO, proxyPassword}
)

func measureOpenStackSecrets(ctx context.Context, b *bench) ([]row, error) {
	s := b.site
	credential, remove, err := s.lendCredential(ctx)
	if err != nil {
		return nil, err
	}
	defer remove()
	d, err := s.door()
	if err != nil {
		return nil, err
	}
	gate, err := newGatekeeper(ctx, d)
	if err != nil {
		return nil, err
	}
	defer gate.close()
	l := &leaks{b: b, place: &sitePlace{site: s}, gate: gate}
	l.declare = func(name string) (string, []string) {
		return fmt.Sprintf(siteSecretsConfig, name, s.prefix, s.entry, s.file, s.image, credential, s.auth.IdentityEndpoint), []string{
			"TF_VAR_password=" + sitePassword.text, "TF_VAR_client_secret=" + siteCredential.text,
			"TF_VAR_user_data=" + userData.text, "TF_VAR_user_data_wo=" + userDataWO.text, "TF_VAR_proxy_url=" + l.proxyURL(gate.endpoint),
		}
	}
	if err := l.atSite(ctx, s); err != nil {
		return nil, err
	}
	rows, err := l.rows("14", "TRACE logs and outputs of applies that succeed, are refused by Keystone, and crash; by password and by "+
		"application credential, with SSH keys")
	return atOpenStack(rows), err
}

// atSite is a good apply, one with a wrong password, and one whose provider crashes; all of it is removed.
func (l *leaks) atSite(ctx context.Context, s *site) error {
	good, err := l.good(ctx)
	if err != nil {
		return err
	}
	if _, err := good.do(ctx, "destroy", "-auto-approve"); err != nil {
		return err
	}
	refused, err := l.workspace("refused")
	if err != nil {
		return err
	}
	refused.env = append(refused.env, "TF_VAR_password="+siteWrong.text)
	if err := l.failing(ctx, refused, "a wrong password"); err != nil {
		return err
	}
	s.tap.Reset()
	crashed, err := l.crash(ctx)
	if err != nil {
		return err
	}
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"destroy", "-auto-approve"}} {
		if _, err := crashed.do(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// lendCredential makes an application credential with the planted secret.
func (s *site) lendCredential(ctx context.Context) (id string, remove func(), err error) {
	var made struct {
		Credential struct {
			ID string `json:"id"`
		} `json:"application_credential"`
	}
	credentials := "users/" + s.user + "/application_credentials"
	err = s.ask(ctx, "identity", http.MethodPost, credentials, map[string]any{"application_credential": map[string]any{
		"name": s.prefix + "secrets", "secret": siteCredential.text,
	}}, &made)
	if err != nil {
		return "", nil, fmt.Errorf("making an application credential: %w", err)
	}
	return made.Credential.ID, func() {
		// Its secret is of no use to anybody, should it stay.
		_ = s.ask(context.WithoutCancel(ctx), "identity", http.MethodDelete, credentials+"/"+made.Credential.ID, nil, nil)
	}, nil
}

// door leads to the site by its tap. Keystone gets the user's real password in the place of the planted one.
func (s *site) door() (door, error) {
	onward, err := url.Parse(s.tap.URL())
	if err != nil {
		return door{}, err
	}
	planted, _ := json.Marshal(sitePassword.text) // Text can always be written.
	accepted, _ := json.Marshal(s.auth.Password)
	return door{
		planted: siteSecrets, onward: &http.Transport{Proxy: http.ProxyURL(onward)},
		exchange: func(_ http.Header, body []byte) ([]byte, []string) {
			return bytes.ReplaceAll(body, planted, accepted), nil
		},
		issues: func(resp *http.Response) (string, error) { return resp.Header.Get("X-Subject-Token"), nil },
	}, nil
}
