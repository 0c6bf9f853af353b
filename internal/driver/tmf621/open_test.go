package tmf621

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// TestOpenFinds looks at the addresses in their order.
func TestOpenFinds(t *testing.T) {
	five, four := newFake(t, v5), newFake(t, v4)
	for name, c := range map[string]struct {
		f        *fake
		endpoint string
		asked    int
	}{
		"the host, of v5":        {five, "", 1},
		"the host, of v4":        {four, "/", 2},
		"a path without version": {four, "/tmf-api/troubleTicket/", 2},
		"v5":                     {five, "/tmf-api/troubleTicket/v5", 1},
		"v4":                     {four, "/tmf-api/troubleTicket/v4/", 1},
		"the whole address":      {five, "/tmf-api/troubleTicket/v5/troubleTicket", 1},
	} {
		c.f.calls()
		d, err := tryOpen(t, c.f.URL+c.endpoint, "secret", "", servicedesk.Mapping{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := d.Describe()
		if got.Endpoint != c.f.URL+c.f.api || !strings.HasSuffix(got.Endpoint, got.Version) || len(c.f.calls()) != c.asked {
			t.Errorf("%s: it is %s at %s", name, got.Version, got.Endpoint)
		}
		if !got.History || !got.EditsDescription || got.AtomicKeys || got.InternalMessages || got.ServerTimeout.Seconds() != 120 {
			t.Errorf("%s: it can %+v", name, got.Capabilities)
		}
		if fields := got.Queues[0].Fields; got.Version == "v4" && (fields == nil || len(fields) > 0) || got.Version == "v5" && fields != nil {
			t.Errorf("%s: its queues are %+v", name, got.Queues)
		}
	}
	if c := newCandidates(t, "https://gw.test/services/v4.0.0/desk"); len(c) != 1 || c[0].version != v4 {
		t.Errorf("a version elsewhere in the path leads to %+v", c)
	}
	if c := newCandidates(t, "https://gw.test/desk"); len(c) != 2 || c[0].endpoint != "https://gw.test/desk/tmf-api/troubleTicket/v5" {
		t.Errorf("a path of a gateway leads to %+v", c)
	}
}

func newCandidates(t *testing.T, endpoint string) []candidate {
	t.Helper()
	c, err := (&desk{name: "helpdesk"}).candidates(endpoint)
	must(t, err)
	return c
}

// TestOpenRefuses tells what is wrong at once.
func TestOpenRefuses(t *testing.T) {
	const login, problem = "<html>Log in</html>", `{"code":"60","reason":"No","message":"Not for you"}`
	for name, c := range map[string]struct {
		five, four http.HandlerFunc
		reason     error
		words      string
	}{
		"nothing there":      {says(404, "<html>404</html>"), says(404, ""), cloud.ErrUnavailable, "Check the desk's endpoint"},
		"another API":        {says(404, problem), says(200, `{"tickets":[]}`), cloud.ErrUnavailable, "Check the desk's endpoint"},
		"login page":         {says(200, login), says(200, login), cloud.ErrUnavailable, "Check the desk's endpoint"},
		"wrong token":        {says(401, "<html>"), says(200, "[]"), cloud.ErrUnauthenticated, "token"},
		"no right":           {says(403, problem), says(404, ""), cloud.ErrForbidden, "Not for you"},
		"no right to either": {says(404, "<html>"), says(403, problem), cloud.ErrForbidden, "Not for you"},
		"broken":             {breaks, says(200, "[]"), cloud.ErrUnavailable, ""},
		"without ids":        {says(200, `[{"name":"x"}]`), says(404, ""), cloud.ErrUnavailable, "without an id"},
	} {
		f := newFake(t, v5)
		f.on(http.MethodGet, "", c.five)
		f.mu.Lock()
		f.routes["GET "+apiPath+"/v4"+collection] = c.four
		f.mu.Unlock()
		_, err := tryOpen(t, f.URL, "secret", "", servicedesk.Mapping{})
		if err == nil {
			t.Errorf("%s: it was opened", name)
			continue
		}
		t.Log(name, err)
		wantError(t, err, c.reason, c.words)
	}
	for _, endpoint := range []string{"", "desk.test", "ftp://desk.test", "https://", "https://u:secret@desk.test/?x=1", "://"} {
		_, err := tryOpen(t, endpoint, "secret", "", servicedesk.Mapping{})
		wantError(t, err, cloud.ErrInvalid, "not the address")
		if strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("the password is in %v", err)
		}
	}
	for _, fields := range []servicedesk.FieldNames{{Severity: "Urgency"}, {Project: "affectedResource"}, {AffectedResources: "dependency"}} {
		_, err := tryOpen(t, "https://desk.test", "secret", "", servicedesk.Mapping{Fields: fields})
		wantError(t, err, cloud.ErrInvalid)
	}
}

// TestOpenLearnsOfHistory: a desk that tells no changes of status is one without history, if there could be any.
func TestOpenLearnsOfHistory(t *testing.T) {
	told := object{"statusChangeHistory": []any{object{"status": "inProgress", "statusChangeDate": "2026-11-25T11:00:00Z"}}}
	moved := plain("7", object{"status": "inProgress"})
	for name, c := range map[string]struct {
		list []object
		one  object
		want bool
	}{
		"no tickets":           {nil, nil, true},
		"new ones alone":       {[]object{plain("7")}, nil, true},
		"told in the list":     {[]object{plain("8"), plain("7", object{"status": "inProgress"}, told)}, nil, true},
		"told of the one":      {[]object{moved}, plain("7", object{"status": "inProgress"}, told), true},
		"told nowhere":         {[]object{moved}, moved, false},
		"out of sight by then": {[]object{moved}, nil, true},
	} {
		f := newFake(t, v5)
		f.list(c.list...)
		if c.one != nil {
			f.ticket(c.one)
		}
		if got := f.open(t).Describe().History; got != c.want {
			t.Errorf("%s: history is %t", name, got)
		}
	}
}
