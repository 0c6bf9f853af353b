package velero

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// vaultKeys hand out a key, and remember what was ended.
type vaultKeys struct {
	key     cloud.VaultKey
	wish    cloud.VaultWish
	revoked []string
}

func (v *vaultKeys) Mint(_ context.Context, _ string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	v.wish = wish
	return v.key, nil
}

func (v *vaultKeys) Revoke(_ context.Context, _, id string) error {
	v.revoked = append(v.revoked, id)
	return nil
}

// TestBackupRefusesUnfitVaults tries vaults by a writer's key, as an order of a plan does before anything is made.
func TestBackupRefusesUnfitVaults(t *testing.T) {
	server := s3.Start(t)
	for name, c := range map[string]struct {
		bucket s3.Bucket
		why    string
	}{
		"fit":         {s3.Vault, ""},
		"unversioned": {s3.Bucket{}, "has no versioning"},
		"unlocked":    {s3.Bucket{Versioned: true}, "has no Object Lock"},
		"deletable":   {s3.Bucket{Versioned: true, Lock: true, WriterDeletes: true}, "may delete"},
	} {
		if err := server.Make(t.Context(), name, c.bucket); err != nil {
			t.Fatal(err)
		}
		keys := &vaultKeys{key: cloud.VaultKey{
			ID: "w-1", Endpoint: server.Endpoint, Region: s3.Region, Bucket: name, CACertificate: string(server.CAPEM),
			AccessKeyID: server.Writer.AccessKey, SecretKey: server.Writer.SecretKey,
		}}
		at := &cloud.Operator{Name: "y", VaultAccess: keys}
		p := &clusters{operator: &cloud.Operator{Name: "x"}, options: Options{
			Operator: func(context.Context, string) (*cloud.Operator, error) { return at, nil }, Now: time.Now,
		}}
		_, err := p.writer(t.Context(), cloud.VaultReference{Operator: "y", ID: "v"}, "clusters/x")
		if keys.wish != (cloud.VaultWish{Role: cloud.VaultWriter, TTL: cloud.ClusterKeyTTL}) {
			t.Errorf("%s: the key was wanted as %+v", name, keys.wish)
		}
		if c.why == "" {
			if err != nil || len(keys.revoked) > 0 {
				t.Errorf("%s: %v, revoked %v", name, err, keys.revoked)
			}
			continue
		}
		var refused *cloud.Error
		if !errors.As(err, &refused) || len(refused.Fields) != 1 || refused.Fields[0].Pointer != "/vault" ||
			!strings.Contains(refused.Text, c.why) || strings.Contains(refused.Text, keys.key.SecretKey) {
			t.Errorf("%s: %+v", name, err)
		}
		if len(keys.revoked) != 1 {
			t.Errorf("%s: the key was not ended, %v", name, keys.revoked)
		}
	}
}

// TestBackupKeyIsRenewed has an update that changes nothing else mint another key when most of the old one's time is over.
func TestBackupKeyIsRenewed(t *testing.T) {
	keys := realKeys(t)
	c := newCluster(t)
	spec := plan("0 2 * * *")
	c.made(t, "nightly-0", noon.Add(cloud.ClusterKeyRenewal-time.Hour), spec)
	change := cloud.Change[cloud.ClusterBackupPlanSpec]{From: spec, To: spec}
	got, err := c.plans(keys, noon).Update(t.Context(), "c~nightly-0", change)
	if err != nil {
		t.Fatal(err)
	}
	if !got.KeyExpiresAt.Equal(noon.Add(cloud.ClusterKeyTTL)) || len(keys.revoked) > 0 {
		t.Errorf("the key ends at %s, and %v was ended under a run that may use it", got.KeyExpiresAt, keys.revoked)
	}
	raw, err := json.Marshal(c.objects[secrets("nightly-0")])
	if err != nil || !strings.Contains(string(raw), secretKey) {
		t.Errorf("Velero has no other key: %s, %v", raw, err)
	}
	if raw, err = json.Marshal(c.objects[path("schedules", "nightly-0")]); err != nil ||
		strings.Contains(string(raw), keys.key.SecretKey) || !strings.Contains(string(raw), `"vdam.lv/key-id":"new"`) {
		t.Errorf("the schedule has the secret, or does not name the key: %s, %v", raw, err)
	}
}
