package velero

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// shelfOf is a folder of a vault with some objects by their keys in it. One without a text cannot be read.
func shelfOf(t *testing.T, objects map[string]string) *shelf {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.URL.Path, "/bucket/")
		text, ok := objects[key]
		switch {
		case r.URL.Query().Has("list-type"):
			var names strings.Builder
			for key := range objects {
				folder := key[:strings.LastIndex(key, "/")+1]
				fmt.Fprintf(&names, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", folder)
			}
			_, _ = fmt.Fprintf(w, "<ListBucketResult><Name>bucket</Name>%s</ListBucketResult>", names.String())
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte("<Error><Code>NoSuchKey</Code></Error>"))
		case text == "":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte("<Error><Code>AccessDenied</Code></Error>"))
		default:
			w.Header().Set("Last-Modified", noon.Format(http.TimeFormat))
			w.Header().Set("Content-Length", fmt.Sprint(len(text)))
			_, _ = w.Write([]byte(text))
		}
	}))
	t.Cleanup(server.Close)
	s, err := openShelf(cloud.VaultKey{Endpoint: server.URL, Bucket: "bucket", Region: "r", AccessKeyID: "a", SecretKey: "s"}, "clusters/x")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDamagedBackups stand in the way of nobody who has not asked for them.
func TestDamagedBackups(t *testing.T) {
	described := func(name, started string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"status":{"phase":"Completed","startTimestamp":%q}}`, name, started)
	}
	const at, file = "clusters/x/backups/", "/velero-backup.json"
	vault := shelfOf(t, map[string]string{
		at + "good" + file: described("good", "2026-11-25T02:00:00Z"), at + "newer" + file: described("newer", "2026-11-26T02:00:00Z"),
		at + "torn" + file: `{"metadata"`, at + "shut" + file: "", at + "other" + file: described("good", "2026-11-26T03:00:00Z"),
		at + "hidden/x": "x",
	})
	for wanted, c := range map[string]struct{ chosen, refusal string }{
		"":     {"newer", ""},
		"good": {"good", ""},
		"torn": {"", "the description of backup torn in the vault cannot be used"},
		"shut": {"", "the description of backup shut in the vault cannot be used"},
		"none": {"", "there is no backup none in the vault"},
	} {
		var out cloud.ClusterRestored
		a := &attempt{api: &api{}, shelf: vault, out: &out, order: cloud.ClusterRestoreOrder{Backup: wanted}}
		got, err := a.choose(t.Context())
		if err != nil || got.name() != c.chosen || !strings.Contains(out.Refusal, c.refusal) || (out.Refusal == "") != (c.refusal == "") {
			t.Errorf("%q: %q is chosen, refusal %q, %v", wanted, got.name(), out.Refusal, err)
		}
		if wanted == "" && len(out.Notes) != 3 {
			t.Errorf("the notes are %q", out.Notes)
		}
	}
}
