package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// operator speaks to one as a client that is not the provider: for what is to be there beforehand.
type operator struct {
	name, root, token string
	client            *http.Client
}

// machine is one at the operator.
type machine struct {
	operator     string
	ID           string `json:"id"`
	Name         string `json:"name"`
	BootVolumeID string `json:"boot_volume_id"`
}

// ordering is how many orders are under way at once.
const ordering = 16

func reach(ctx context.Context, box *sandbox.Sandbox, name, project string) (*operator, error) {
	o := &operator{
		name: name, root: box.Endpoint(name) + "/v1/projects/" + project + "/",
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ordering}},
	}
	token, err := newToken(ctx, box.Endpoint(name))
	o.token = token
	return o, err
}

// newToken gets an access token.
func newToken(ctx context.Context, endpoint string) (string, error) {
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("getting a token: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", fmt.Errorf("getting a token: %s: %w", resp.Status, err)
	}
	if answer.Token == "" {
		return "", fmt.Errorf("getting a token: %s without one", resp.Status)
	}
	return answer.Token, nil
}

// post sends an order or a confirmation, and reads the answer into out, if that is not nil.
func (o *operator) post(ctx context.Context, path string, body, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.root+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", uuid.NewString())
	resp, err := o.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("POST %s: %s: %s", path, resp.Status, answer)
	case out == nil:
		return nil
	}
	return json.Unmarshal(answer, out)
}

// order makes an object and returns its id.
func (o *operator) order(ctx context.Context, kind string, body map[string]any) (string, error) {
	var made machine
	err := o.post(ctx, kind, body, &made)
	return made.ID, err
}

// fill makes n machines, the first of them with this number; claimed ones are as the provider leaves them.
func (o *operator) fill(ctx context.Context, name, network, group string, first, n int, claimed bool) ([]machine, error) {
	machines := make([]machine, n)
	errs := make([]error, ordering)
	var wg sync.WaitGroup
	for worker := range ordering {
		wg.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += ordering {
				m := &machines[i]
				m.operator = o.name
				number := first + i
				err := o.post(ctx, "virtual-machines", machineOrder(fmt.Sprintf("%s-%d", name, number), number, network, group), m)
				if err == nil && claimed {
					err = o.post(ctx, "virtual-machines/"+m.ID+"/claim", nil, nil)
				}
				errs[worker] = err
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return machines, nil
}

// machineOrder is the same machine as in machinesConfig.
func machineOrder(name string, number int, network, group string) map[string]any {
	return map[string]any{
		"name": name, "vcpus": 2, "memory_mib": 4096, "image_id": benchImage, "power_state": "running",
		"boot_disk":          map[string]any{"size_gib": 10, "on_destroy": "delete"},
		"labels":             map[string]any{"role": "bench", "number": fmt.Sprint(number)},
		"network_interfaces": []any{map[string]any{"network_id": network, "security_group_ids": []string{group}}},
		"ownership":          map[string]any{"deployment": "bench"},
	}
}

// benchImage is one of lvrtc's.
const benchImage = "debian-13-20261102"

// machinesConfig declares n machines at lvrtc.
func machinesConfig(n int, network, group string) string {
	return fmt.Sprintf(`resource "vdam_virtual_machine" "m" {
  count      = %d
  name       = "m-${count.index}"
  vcpus      = 2
  memory_mib = 4096
  image      = "lvrtc/%s"
  boot_disk  = { size_gib = 10, on_destroy = "delete" }
  labels     = { role = "bench", number = tostring(count.index) }
  network_interfaces = [
    { network_id = "lvrtc/%s", security_group_ids = ["lvrtc/%s"] },
  ]
}
`, n, benchImage, network, group)
}
