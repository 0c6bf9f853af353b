package velero

import (
	"slices"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// realKeys hand out a writer's key of a real vault.
func realKeys(t *testing.T) *vaultKeys {
	t.Helper()
	server := s3.Start(t)
	if err := server.Make(t.Context(), "fit", s3.Vault); err != nil {
		t.Fatal(err)
	}
	return &vaultKeys{key: cloud.VaultKey{
		ID: "new", Endpoint: server.Endpoint, Region: s3.Region, Bucket: "fit", CACertificate: string(server.CAPEM),
		AccessKeyID: server.Writer.AccessKey, SecretKey: server.Writer.SecretKey, ExpiresAt: noon.Add(cloud.ClusterKeyTTL),
	}}
}

// TestBackupKeyIsNotLeft has the cluster refuse parts of an order: neither a key nor anything else is left of it.
func TestBackupKeyIsNotLeft(t *testing.T) {
	keys := realKeys(t)
	for refused, ended := range map[string]bool{
		"": false, "POST schedules": true, "PATCH secrets/nightly-0": true, "PATCH backupstoragelocations/nightly-0": true,
		"PATCH schedules/nightly-0": true,
	} {
		c := newCluster(t)
		c.refuses, keys.revoked = refused, nil
		got, err := c.plans(keys, noon).Create(t.Context(), plan("0 2 * * *"), cloud.CreateOptions{OwnerKey: "0"})
		if (err != nil) != ended || slices.Contains(keys.revoked, "new") != ended {
			t.Errorf("with %q refused, the plan is %+v, %v, and the keys %q were ended", refused, got, err, keys.revoked)
		}
		if ended && len(c.objects) > 0 {
			t.Errorf("with %q refused, there are still %v", refused, c.objects)
		}
	}
}

// TestBackupKeyIsSupplied in the last part of its time, again where the cluster refused it, and where an order was cut off.
func TestBackupKeyIsSupplied(t *testing.T) {
	keys := realKeys(t)
	c := newCluster(t)
	soon := noon.Add(cloud.ClusterKeyRenewal - time.Hour)
	c.made(t, "nightly-0", soon, plan("0 2 * * *"))
	p, change := c.plans(keys, noon), cloud.Change[cloud.ClusterBackupPlanSpec]{From: plan("0 2 * * *"), To: plan("0 2 * * *")}
	c.refuses = "PATCH secrets/nightly-0"
	if _, err := p.Update(t.Context(), "c~nightly-0", change); err == nil || !slices.Equal(keys.revoked, []string{"new"}) {
		t.Errorf("a key that the cluster refuses: %v, and %q were ended", err, keys.revoked)
	}
	c.refuses = ""
	if was, err := p.Get(t.Context(), "c~nightly-0"); err != nil || !was.KeyExpiresAt.Equal(soon) {
		t.Errorf("then the plan's key ends at %s, %v", was.KeyExpiresAt, err)
	}
	if got, err := p.Update(t.Context(), "c~nightly-0", change); err != nil || !got.KeyExpiresAt.Equal(keys.key.ExpiresAt) {
		t.Errorf("after the next update, the plan's key ends at %s, %v", got.KeyExpiresAt, err)
	}

	metadata, _ := c.objects[path("schedules", "nightly-0")]["metadata"].(object)
	notes, _ := metadata["annotations"].(object)
	delete(notes, keyEndNote) // As an order leaves it that was cut off before Velero had the key.
	notes[keyNote], keys.revoked = "lost", nil
	got, err := p.Update(t.Context(), "c~nightly-0", change)
	if err != nil || !got.KeyExpiresAt.Equal(keys.key.ExpiresAt) || !slices.Equal(keys.revoked, []string{"lost"}) {
		t.Errorf("what was cut off is finished as %+v, %v, and %q were ended", got, err, keys.revoked)
	}
}
