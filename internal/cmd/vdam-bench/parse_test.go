package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/tap"
)

const someState = `{"version": 4, "resources": [{"mode": "managed", "type": "vdam_virtual_machine", "name": "m", "instances": [
  {"index_key": 0, "status": "tainted", "attributes": {"id": "lvrtc/vm-1", "name": "m-0", "boot_volume_id": "lvrtc/vol-1", "vcpus": 2}}
]}]}`

func TestState(t *testing.T) {
	t.Parallel()
	raw, err := multiply([]byte(someState), []machine{{"lvrtc", "vm-2", "m-1", "vol-2"}, {"lvrtc", "vm-3", "m-2", "vol-3"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := parseState(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"vm-1", "vm-2", "vm-3", "vol-1", "vol-2", "vol-3"}
	if got := slices.Sorted(maps.Keys(s.known())); !slices.Equal(got, want) {
		t.Errorf("known are %v, want %v", got, want)
	}
	if len(s.instances()) != 3 || s.tainted() != 3 {
		t.Errorf("%d instances, %d tainted", len(s.instances()), s.tainted())
	}
	for _, bad := range []string{"", "{}", `{"resources":[{}]}`} {
		if _, err := multiply([]byte(bad), nil); err == nil {
			t.Errorf("%q was multiplied", bad)
		}
	}
}

// TestCompare counts what a state does not know, and what is there twice.
func TestCompare(t *testing.T) {
	t.Parallel()
	s, err := parseState([]byte(someState))
	if err != nil {
		t.Fatal(err)
	}
	objects := []object{
		{kind: "virtual-machines", id: "vm-1", name: "m-0"}, {kind: "storage-volumes", id: "vol-1", name: "m-0"},
		{kind: "ports", id: "p-1", name: "m-0-nic0", with: "vm-1"}, {kind: "ports", id: "p-2", name: "m-0-nic1"},
		{kind: "volume-attachments", id: "at-1"}, {kind: "volume-attachments", id: "at-2"},
		{kind: "virtual-machines", id: "vm-8", name: "m-0"},
	}
	if orphans, duplicates := compare(objects, s); len(orphans) != 4 || len(duplicates) != 1 {
		t.Errorf("orphans %v, duplicates %v; want 4 and 1", orphans, duplicates)
	}
	if orphans, duplicates := compare(objects[:3], s); len(orphans)+len(duplicates) > 0 {
		t.Errorf("orphans %v, duplicates %v where there are none", orphans, duplicates)
	}
}

func TestCallKind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/v1/operator", callOther},
		{"GET", "/v1/projects", callOther},
		{"GET", "/v1/projects/p", callOther},
		{"GET", "/v1/projects/p/images", callOther},
		{"GET", "/v1/projects/p/networks", callList},
		{"GET", "/v1/projects/p/networks/n-1", callGet},
		{"POST", "/v1/projects/p/networks", callOrder},
		{"POST", "/v1/projects/p/networks/n-1/claim", callClaim},
		{"DELETE", "/v1/projects/p/networks/n-1", callOther},
	} {
		if got := callKind(sandbox.Request{Method: c.method, Path: c.path}); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.method, c.path, got, c.want)
		}
	}
}

func TestSiteCall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, address, want string }{
		{"GET", "127.0.0.1:8774/v2.1/", "GET versions"},
		{"GET", "127.0.0.1:8774/v2.1/servers/detail?limit=1000", "GET servers/detail"},
		{"GET", "127.0.0.1:8776/v3/cba3d7693eca4405b7b5cc7aef82ae44/volumes/0a1bd284-7f54-4b94-985f-e7ae54791598", "GET …/volumes/…"},
		{"POST", "127.0.0.1:5000/v3/auth/tokens", "POST auth/tokens"},
	} {
		if got := siteCall(tap.Request{Method: c.method, Address: c.address}); got != c.want {
			t.Errorf("%s %s is %q, want %q", c.method, c.address, got, c.want)
		}
	}
}

func TestAtOpenStack(t *testing.T) {
	t.Parallel()
	for bar, want := range map[string]string{"10": "10 openstack", "12 SIGINT": "12 openstack SIGINT"} {
		if got := atOpenStack([]row{{Bar: bar}}); got[0].Bar != want || got[0].number() != (row{Bar: bar}).number() {
			t.Errorf("%q became %q, want %q", bar, got[0].Bar, want)
		}
	}
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	if got := median([]float64{9, 1, 2}); got != 2 {
		t.Errorf("median %v, want 2", got)
	}
	if got := median([]time.Duration{4, 1, 2, 9}); got != 3 {
		t.Errorf("median %v, want 3", got)
	}
	if got := median[float64](nil); got != 0 {
		t.Errorf("median of nothing %v", got)
	}
	if got := ratio([]time.Duration{1, 4, 9}, []time.Duration{2, 4, 3}); got != 1 {
		t.Errorf("ratio %v, want that of the middle pair", got)
	}
	if least, most := spread([]int{3, 1, 2}); least != 1 || most != 3 {
		t.Errorf("from %d to %d", least, most)
	}
}

// TestRounds holds the alternation: who comes second has warm caches.
func TestRounds(t *testing.T) {
	t.Parallel()
	var order strings.Builder
	say := func(s string) func() error {
		return func() error { order.WriteString(s); return nil }
	}
	if err := rounds(3, say("A"), say("B")); err != nil || order.String() != "ABBAAB" {
		t.Errorf("%s (%v)", order.String(), err)
	}
}

func TestStatusNumber(t *testing.T) {
	t.Parallel()
	const status = "Name:\tx\nPPid:\t17\nVmHWM:\t  2048 kB\n"
	if n, ok := statusNumber(status, "VmHWM:"); !ok || n != 2048 {
		t.Errorf("%d %v", n, ok)
	}
	if _, ok := statusNumber(status, "VmRSS:"); ok {
		t.Error("found what is not there")
	}
	if _, ok := statusNumber(status, "Name:"); ok {
		t.Error("a name was read as a number")
	}
}

func TestCleanEnvironment(t *testing.T) {
	t.Parallel()
	got := cleanEnvironment([]string{"PATH=/bin", "TF_LOG=TRACE", "VDAM_LVRTC_TOKEN=x", "GOGC=off", "HOME=/root"})
	if !slices.Equal(got, []string{"PATH=/bin", "HOME=/root"}) {
		t.Error(got)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	rows := []row{
		newRow("11", "eleven", "0", "0", true, "all is well"),
		{Bar: "13", Measure: "thirteen", Measured: "by tests", Target: "all"},
		newRow("8 plan", "eight", "1.30", "≤ 1.20", false, ""),
	}
	var out strings.Builder
	printTable(&out, rows, true)
	text := out.String()
	for _, want := range []string{"QUICK", "MISS", "pass", "11: all is well"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Index(text, "eight") > strings.Index(text, "eleven") {
		t.Errorf("the bars are not in order:\n%s", text)
	}
	file := filepath.Join(t.TempDir(), "bench.json")
	if err := writeJSON(file, rows); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(raw, &got); err != nil || len(got) != 3 {
		t.Fatalf("%v\n%s", err, raw)
	}
	if want := map[string]any{"bar": "8 plan", "measured": "1.30", "target": "≤ 1.20", "pass": false}; !maps.Equal(got[0], want) {
		t.Errorf("%v, want %v", got[0], want)
	}
	if got[2]["pass"] != nil {
		t.Errorf("a bar that tests prove is written as %v", got[2])
	}
}

// TestNamedTests holds that the tests which the table names are there.
func TestNamedTests(t *testing.T) {
	t.Parallel()
	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := nameTests(t.Context(), &bench{root: root})
	if err != nil || len(rows) != 4 {
		t.Errorf("%d rows: %v", len(rows), err)
	}
}
