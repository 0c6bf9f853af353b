package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	gopherstack "github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

// site is a project of a real OpenStack. It looks there with requests of its own, and not with the provider's driver.
type site struct {
	entry, file, image string
	// user is the id of the one that the entry is for.
	user     string
	auth     gophercloud.AuthOptions
	services map[string]*gophercloud.ServiceClient
	tap      *tap.Tap
	// prefix begins the names of all that is made here.
	prefix string
	// before are the ids of what was there before.
	before map[string]bool
}

// siteImage is the image that the testbed has.
const siteImage = "testbed-linux"

// siteKinds are all that a configuration can make, in the order of their removal.
var siteKinds = []struct{ kind, service, path string }{
	{"servers", "compute", "servers?limit=1000"},
	{"keypairs", "compute", "os-keypairs"},
	{"ports", "network", "ports"},
	{"networks", "network", "networks"},
	{"security_groups", "network", "security-groups"},
	{"volumes", "volume", "volumes/detail?limit=1000"},
}

// found is what is read of any of them.
type found struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	DeviceID string `json:"device_id"`
	Bootable string `json:"bootable"`
	Attached []struct {
		ServerID string `json:"server_id"`
	} `json:"attachments"`
	KeyPair struct {
		Name string `json:"name"`
	} `json:"keypair"`
}

// openSite looks whether there is a cloud, and what is in it.
func openSite(ctx context.Context, entry string) (*site, error) {
	file, err := openstack.File()
	if err != nil {
		return nil, err
	}
	s := &site{entry: entry, file: file, tap: tap.New(), prefix: "vdam-bench-" + strings.ToLower(rand.Text()[:6]) + "-"}
	err = s.connect(ctx)
	if err == nil {
		s.before, err = s.ids(ctx)
	}
	if err != nil {
		s.tap.Close()
		return nil, fmt.Errorf("the entry %s of %s cannot be used (`make testbed-openstack-up` starts its cloud): %w", entry, file, err)
	}
	return s, nil
}

func (s *site) connect(ctx context.Context) error {
	auth, endpoints, _, err := clouds.Parse(clouds.WithCloudName(s.entry), clouds.WithLocations(s.file))
	if err != nil {
		return err
	}
	auth.AllowReauth = true
	s.auth = auth
	provider, err := config.NewProviderClient(ctx, auth)
	if err != nil {
		return err
	}
	if granted, ok := provider.GetAuthResult().(tokens.CreateResult); ok {
		user, err := granted.ExtractUser()
		if err != nil {
			return fmt.Errorf("finding out who the user is: %w", err)
		}
		s.user = user.ID
	}
	s.services = map[string]*gophercloud.ServiceClient{}
	for name, open := range map[string]func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error){
		"compute": gopherstack.NewComputeV2, "network": gopherstack.NewNetworkV2, "volume": gopherstack.NewBlockStorageV3,
		"image": gopherstack.NewImageV2, "identity": gopherstack.NewIdentityV3,
	} {
		if s.services[name], err = open(provider, endpoints); err != nil {
			return fmt.Errorf("its %s service: %w", name, err)
		}
	}
	images, err := s.list(ctx, "image", "images?name="+siteImage, "images")
	if err == nil && len(images) == 0 {
		err = errors.New("it has no image " + siteImage)
	}
	if err == nil {
		s.image = images[0].ID
	}
	return err
}

// close ends the tap; what is still at the cloud is removed. What has no name of ours stays, for it could be somebody
// else's, and the boot volumes go with their servers.
func (s *site) close(ctx context.Context) error {
	defer s.tap.Close()
	const patience = 3 * time.Minute
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for {
		left, err := s.objects(ctx, s.before)
		left = slices.DeleteFunc(left, func(o object) bool { return !strings.HasPrefix(o.name, s.prefix) })
		if err != nil || len(left) == 0 {
			return err
		}
		for _, o := range left {
			s.remove(ctx, o)
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return fmt.Errorf("%d objects are left at %s, such as %s %s", len(left), s.entry, left[0].kind, left[0].id)
		}
	}
}

// remove asks for an object to go; it may be refused as long as others need the object.
func (s *site) remove(ctx context.Context, o object) {
	for _, k := range siteKinds {
		if o.kind == k.kind {
			segment, _, _ := strings.Cut(k.path, "?")
			_ = s.ask(ctx, k.service, http.MethodDelete, strings.TrimSuffix(segment, "/detail")+"/"+o.id, nil, nil)
		}
	}
}

// ask sends a request; body and answer are JSON, each may be nil.
func (s *site) ask(ctx context.Context, service, method, path string, body, answer any) error {
	client := s.services[service]
	//nolint:bodyclose // The client has read and closed it.
	_, err := client.Request(ctx, method, client.ServiceURL(path), &gophercloud.RequestOpts{
		JSONBody: body, JSONResponse: answer,
		OkCodes: []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent},
	})
	return err
}

func (s *site) list(ctx context.Context, service, path, key string) (all []found, err error) {
	var answer map[string]json.RawMessage
	if err = s.ask(ctx, service, http.MethodGet, path, nil, &answer); err == nil {
		err = json.Unmarshal(answer[key], &all)
	}
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", key, err)
	}
	return all, nil
}

// all is what is in the project, with a name by which it could be ours; attachments are told by their volumes.
func (s *site) all(ctx context.Context) (all []object, err error) {
	lists, errs := make([][]found, len(siteKinds)), make([]error, len(siteKinds))
	var wg sync.WaitGroup
	for i, k := range siteKinds {
		wg.Go(func() { lists[i], errs[i] = s.list(ctx, k.service, k.path, k.kind) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for i, list := range lists {
		for _, f := range list {
			if f.KeyPair.Name != "" {
				f.ID, f.Name = f.KeyPair.Name, f.KeyPair.Name // It has no other id.
			}
			all = append(all, object{kind: siteKinds[i].kind, id: f.ID, name: f.Name, with: f.DeviceID})
			for _, a := range f.Attached {
				if f.Bootable != "true" {
					all = append(all, object{kind: "attachments", id: a.ServerID + ":" + f.ID})
				}
			}
		}
	}
	return all, nil
}

// ids are those of all that is in the project.
func (s *site) ids(ctx context.Context) (map[string]bool, error) {
	all, err := s.all(ctx)
	ids := map[string]bool{}
	for _, o := range all {
		ids[o.id] = true
	}
	return ids, err
}

// objects are those that came since and can be ours: by their name, or as they have none, like the volumes and ports
// that Nova makes. Key pairs are named by the driver.
func (s *site) objects(ctx context.Context, before map[string]bool) ([]object, error) {
	all, err := s.all(ctx)
	return slices.DeleteFunc(all, func(o object) bool {
		ours := o.name == "" || strings.HasPrefix(o.name, s.prefix) || o.kind == "keypairs" && strings.HasPrefix(o.name, "vdam-")
		return before[o.id] || !ours
	}), err
}

// block begins a configuration for this project, through the tap.
func (s *site) block(deployment, more string) string {
	return fmt.Sprintf(`provider "vdam" {
  deployment_id    = "%[1]s%[2]s"
  default_operator = "lab"
  operators = {
    lab = { kind = "openstack", cloud = %[3]q, clouds_file = %[4]q, proxy_url = %[5]q }
  }
%[7]s}
locals {
  prefix = "%[1]s%[2]s"
  image  = "lab/%[6]s"
}
`, s.prefix, deployment, s.entry, s.file, s.tap.URL(), s.image, more)
}
