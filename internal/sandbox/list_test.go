package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

// pages reads all pages of 2; between runs after each one.
func (c *client) pages(path string, between func(page int)) (all []string) {
	c.t.Helper()
	next := ""
	for page := 1; ; page++ {
		query := "?limit=2"
		if next != "" {
			query += "&cursor=" + url.QueryEscape(next)
		}
		var items []view
		items, next = c.list(path + query)
		if all = append(all, names(items)...); next == "" {
			return all
		}
		if len(items) != 2 {
			c.t.Fatalf("page %d has %v, and there are more", page, names(items))
		}
		between(page)
	}
}

func TestPagesDoNotShift(t *testing.T) {
	s := start(t, Options{})
	for _, tc := range []struct {
		name string
		// change happens after the first page, which has v0 and v1.
		change func(*client, map[string]string)
		want   []string
	}{
		{"nothing", func(*client, map[string]string) {}, []string{"v0", "v1", "v2", "v3", "v4", "v5"}},
		{"one before goes", func(c *client, ids map[string]string) {
			c.remove("storage-volumes/" + ids["v0"]).is(http.StatusAccepted)
		}, []string{"v0", "v1", "v2", "v3", "v4", "v5"}},
		{"the one at the edge goes", func(c *client, ids map[string]string) {
			c.remove("storage-volumes/" + ids["v1"]).is(http.StatusAccepted)
		}, []string{"v0", "v1", "v2", "v3", "v4", "v5"}},
		{"the next one goes", func(c *client, ids map[string]string) {
			c.remove("storage-volumes/" + ids["v2"]).is(http.StatusAccepted)
		}, []string{"v0", "v1", "v3", "v4", "v5"}},
		{"one comes", func(c *client, _ map[string]string) {
			c.made("storage-volumes", m{"name": "a-new-one", "size_gib": 1})
		}, []string{"v0", "v1", "v2", "v3", "v4", "v5", "a-new-one"}},
		{"one before changes", func(c *client, ids map[string]string) {
			path := "storage-volumes/" + ids["v0"]
			c.patch(path, c.get(path).view().Etag, `{"name":"zz"}`).is(http.StatusOK)
		}, []string{"v0", "v1", "v2", "v3", "v4", "v5"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := at(t, s, "lvrtc")
			ids := map[string]string{}
			for i := range 6 {
				name := fmt.Sprintf("v%d", i)
				ids[name] = c.made("storage-volumes", m{"name": name, "size_gib": 1}).ID
			}
			got := c.pages("storage-volumes", func(page int) {
				if page == 1 {
					tc.change(c, ids)
				}
			})
			if !slices.Equal(got, tc.want) {
				t.Errorf("%v, want %v", got, tc.want)
			}
			items, _ := c.list("storage-volumes")
			for _, v := range items {
				c.remove("storage-volumes/" + v.ID).is(http.StatusAccepted)
			}
		})
	}
}

func TestListFilters(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	id := uuid.NewString()
	newOne := func(name string, labels m, header ...string) string {
		return c.order("storage-volumes", m{"name": name, "size_gib": 1, "labels": labels}, header...).is(http.StatusCreated).view().ID
	}
	failed := newOne("a", m{"env": "prod", "tier": "db"})
	newOne("b", m{"env": "prod", "tier": "web"}, key, id)
	newOne("c", m{"env": "test", "note": "a=b, c"})
	c.get("storage-volumes").is(http.StatusOK)
	if err := s.Fail(t.Context(), "lvrtc", failed, "broken"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"":                                  {"a", "b", "c"},
		"name=b":                            {"b"},
		"name=B":                            nil,
		"label=env%3Dprod":                  {"a", "b"},
		"label=env%3Dprod&label=tier%3Dweb": {"b"},
		"label=env%3Dprod&label=env%3Dtest": nil,
		"label=env%3Dtest&label=env%3Dprod": nil,
		"label=note%3D" + url.QueryEscape("a=b, c"): {"c"},
		"label=note%3D":                       nil,
		"state=failed":                        {"a"},
		"state=ready":                         {"b", "c"},
		"state=creating":                      nil,
		"owner_key=" + id:                     {"b"},
		"owner_key=" + uuid.NewString():       nil,
		"state=ready&label=env%3Dprod&name=b": {"b"},
		"state=failed&label=tier%3Dweb":       nil,
	} {
		items, next := c.list("storage-volumes?" + query)
		if got := names(items); !slices.Equal(got, want) || next != "" {
			t.Errorf("%s: %v and cursor %q, want %v and none", query, got, next, want)
		}
	}
	items, next := c.list("storage-volumes?state=ready&limit=1")
	if len(items) != 1 || next == "" {
		t.Fatalf("first page %v, cursor %q", names(items), next)
	}
	if items, next = c.list("storage-volumes?state=ready&limit=1&cursor=" + next); !slices.Equal(names(items), []string{"c"}) || next != "" {
		t.Errorf("last page %v, cursor %q", names(items), next)
	}
}

func TestListItemIsWhatGetAnswers(t *testing.T) {
	s := start(t, Options{Transition: time.Second})
	c := at(t, s, "lvrtc")
	net := c.order("networks", m{"name": "inner", "cidr": "10.0.0.0/24", "dns_servers": []string{"10.0.0.2"}}).is(http.StatusCreated).view()
	group := c.order("security-groups", m{"name": "web", "rules": []m{
		{"direction": "ingress", "protocol": "tcp", "port_min": 443, "port_max": 443, "remote_cidr": "0.0.0.0/0"},
	}}).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	machine := c.order("virtual-machines", machineOf("web", m{
		"network_interfaces": []m{{"network_id": net.ID, "security_group_ids": []string{group.ID}}},
		"user_data":          "#cloud-config", "ssh_authorized_keys": []string{"ssh-ed25519 AAAA jānis"},
	})).is(http.StatusCreated).view()
	volume := c.order("storage-volumes", m{"name": "data", "size_gib": 1}).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	c.order("volume-attachments", m{"name": "web-data", "volume_id": volume.ID, "virtual_machine_id": machine.ID}).is(http.StatusCreated)
	cluster := c.order("container-clusters", clusterOf("k8s", nil)).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	c.order("node-pools", poolIn(cluster.ID, "batch", nil)).is(http.StatusCreated)
	vault := c.order("backup-vaults", m{"name": "vault", "immutability": m{"mode": "governance", "days": 7}, "retention_days": 30})
	plan := c.order("backup-plans", m{
		"name": "nightly", "sources": []string{volume.ID}, "encryption_key": newKey(t), "retention_seconds": 86400,
		"vault": m{"operator": "lvrtc", "id": vault.view().ID, "url": vault.text("url")},
	}).is(http.StatusCreated).view()
	s.MoveClock(time.Second)
	settled(c, "backups/"+c.order("backups", m{"name": "now", "plan_id": plan.ID}).is(http.StatusCreated).view().ID)
	for _, k := range kinds {
		var page struct{ Items []rawObject }
		c.get(k.segment).is(http.StatusOK).into(&page)
		if len(page.Items) == 0 {
			t.Errorf("there are no %s", k.segment)
		}
		for _, item := range page.Items {
			a := c.get(k.segment + "/" + item.ID).is(http.StatusOK)
			if string(a.body) != string(item.raw) || a.header.Get("ETag") != item.Etag {
				t.Errorf("GET answers ETag %s and\n%s\nthe list ETag %s and\n%s", a.header.Get("ETag"), a.body, item.Etag, item.raw)
			}
		}
	}
}

// rawObject keeps an object's bytes.
type rawObject struct {
	ID, Etag string
	raw      []byte
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *rawObject) UnmarshalJSON(raw []byte) error {
	var v view
	err := json.Unmarshal(raw, &v)
	o.ID, o.Etag, o.raw = v.ID, v.Etag, slices.Clone(raw)
	return err
}
