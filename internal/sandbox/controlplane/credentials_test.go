package controlplane

import (
	"testing"
	"time"
)

// TestSwept removes the rights of whoever's certificate has expired.
func TestSwept(t *testing.T) {
	m := open(t, t.TempDir(), fakePrograms(t, "1.34.4"))
	c := start(t, m, of("a", "1.34"))
	ctx := t.Context()
	first, err := c.Mint(ctx, RoleViewer, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	where := bindingsPath + path(first.User)
	old := object{"metadata": object{"annotations": object{expiresAnnotation: "2020-01-01T00:00:00Z"}}}
	if err := c.api.do(ctx, "PATCH", where, mergePatch, old, nil); err != nil {
		t.Fatal(err)
	}
	second, err := c.Mint(ctx, RoleAdmin, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.api.get(ctx, where, nil, nil); !Refused(err, 404) {
		t.Errorf("got %v of the first one's rights", err)
	}
	if err := c.api.get(ctx, bindingsPath+path(second.User), nil, nil); err != nil {
		t.Errorf("got %v of the second one's rights", err)
	}
	for range 2 { // It is no error to do it again.
		if err := c.Revoke(ctx, second.User); err != nil {
			t.Error(err)
		}
	}
	theirs := object{"metadata": object{"name": "cluster-admin"}}
	if err := c.api.do(ctx, "POST", bindingsPath, plainJSON, theirs, nil); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"cluster-admin", "vdam:admin:never", ""} { // Nor of what was never minted.
		if err := c.Revoke(ctx, user); err != nil {
			t.Errorf("%q: got %v", user, err)
		}
	}
	if err := c.api.get(ctx, bindingsPath+path("cluster-admin"), nil, nil); err != nil {
		t.Errorf("got %v of rights that are not ours", err)
	}
	want := `cluster a: there are no credentials for the role "owner" and 1h0m0s`
	if _, err := c.Mint(ctx, "owner", time.Hour); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
