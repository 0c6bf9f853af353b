package servicedesk_test

import (
	"fmt"
	"maps"
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// keyed is everything that makes an order the one that it is.
type keyed struct {
	deployment, endpoint, typ, queue, subject, description string
	keepers                                                map[string]string
}

func (k *keyed) key() string {
	return servicedesk.DeriveKey(k.deployment, servicedesk.Description{Endpoint: k.endpoint}, servicedesk.NewTicket{
		Type: servicedesk.Type(k.typ), Queue: k.queue, Content: servicedesk.Content{Subject: k.subject, Description: k.description},
	}, k.keepers)
}

// parts are the places of the words of an order.
func (k *keyed) parts() []*string {
	return []*string{&k.deployment, &k.endpoint, &k.typ, &k.queue, &k.subject, &k.description}
}

// TestKeyStays: a run of tomorrow's version must find what today's has filed.
func TestKeyStays(t *testing.T) {
	k := &keyed{"prod", "https://desk.example.org", "change", "", "Atvērt portu", "No <reģistra>.", map[string]string{"b": "2", "a": "1"}}
	if got, want := k.key(), "vdam-4d9ca5842cf21a3fd54f364366c4ebffcc680952"; got != want {
		t.Errorf("the key is %s; want %s", got, want)
	}
}

// TestKeyOfEachPart: whatever is different, and wherever one part ends and the next begins, the key is another.
func TestKeyOfEachPart(t *testing.T) {
	seen := make(map[string]string)
	put := func(what string, k *keyed) {
		if other, ok := seen[k.key()]; ok {
			t.Errorf("%s has the key of %s", what, other)
		}
		seen[k.key()] = what
	}
	put("nothing", &keyed{})
	for n := range (&keyed{}).parts() {
		for _, words := range []string{"x", "xx", "X", `x","`, "null"} {
			var k keyed
			*k.parts()[n] = words
			put(fmt.Sprintf("%q in part %d", words, n), &k)
		}
	}
	for what, keepers := range map[string]map[string]string{
		"x=": {"x": ""}, "=x": {"": "x"}, "x=x": {"x": "x"}, "x=x, y=": {"x": "x", "y": ""}, "x=y": {"x": "y"}, "y=x": {"y": "x"},
	} {
		put("keepers "+what, &keyed{keepers: keepers})
	}
}

// TestKeyIsOne of those that desks take, and does not hang on the order of a map.
func TestKeyIsOne(t *testing.T) {
	taken := regexp.MustCompile(`^[a-z0-9:._/-]{8,200}$`)
	rapid.Check(t, func(t *rapid.T) {
		k := &keyed{keepers: rapid.MapOfN(rapid.String(), rapid.String(), 0, 9).Draw(t, "keepers")}
		for _, p := range k.parts() {
			*p = rapid.String().Draw(t, "part")
		}
		key := k.key()
		if !taken.MatchString(key + ".1000") {
			t.Fatalf("the key is %q", key)
		}
		k.keepers = maps.Collect(maps.All(k.keepers))
		if again := k.key(); again != key {
			t.Fatalf("the key is %q, and then %q", key, again)
		}
	})
}

// TestKeyIsOfTheOrderAlone: what may change in a ticket without its being another order is not in its key.
func TestKeyIsOfTheOrderAlone(t *testing.T) {
	n := order("")
	d := servicedesk.Description{Name: "a", Endpoint: "https://desk.example.org", Account: us}
	before := servicedesk.DeriveKey("", d, n, nil)
	n.Severity, n.Project, n.Watchers, n.Links, n.Fields, n.AffectedResources = "", "", nil, nil, nil, nil
	d.Name, d.Version, d.Account = "b", "6", "registry"
	if after := servicedesk.DeriveKey("", d, n, nil); after != before {
		t.Errorf("the key is %q, and then %q", before, after)
	}
}
