package backuprun_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"

	"github.com/vdam-lv/terraform-provider-vdam/internal/backuprun"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
	testbed "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// bucket is a vault in a real S3, and the keys of it.
type bucket struct {
	cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault]
	server *s3.Server
	name   string
}

func (b bucket) vault() cloud.BackupVault {
	return cloud.BackupVault{Meta: cloud.Meta{ID: b.name, Name: b.name, State: cloud.StateReady}, RetentionDays: 30, URL: "s3://" + b.name}
}

func (b bucket) Get(_ context.Context, id string) (cloud.BackupVault, error) {
	if id != b.name {
		return cloud.BackupVault{}, &cloud.Error{Reason: cloud.ErrNotFound, Operator: "b-acme"}
	}
	return b.vault(), nil
}

func (b bucket) List(context.Context, cloud.ListOptions) iter.Seq2[cloud.BackupVault, error] {
	return func(yield func(cloud.BackupVault, error) bool) { yield(b.vault(), nil) }
}

func (b bucket) Mint(_ context.Context, _ string, wish cloud.VaultWish) (cloud.VaultKey, error) {
	user := b.server.Reader
	if wish.Role == cloud.VaultWriter {
		user = b.server.Writer
	}
	account := b.server.Account()
	return cloud.VaultKey{
		Endpoint: account.Endpoint, Region: account.Region, Bucket: b.name, Prefix: "agency", CACertificate: account.CAPEM,
		AccessKeyID: user.AccessKey, SecretKey: user.SecretKey,
	}, nil
}

func (b bucket) Revoke(context.Context, string, string) error { return nil }

// openCloud opens one of the testbed's clouds as the provider does.
func openCloud(t *testing.T, entry string) *cloud.Operator {
	t.Helper()
	options, endpoints, _, err := clouds.Parse(clouds.WithCloudName(entry), clouds.WithLocations(testbed.Require(t, entry)))
	must(t, err)
	config := transport.Config{
		Operator: entry, UserAgent: "backuprun", Limits: transport.Limits{MaxParallel: 8, PerTryTimeout: openstack.RequestTimeout},
	}
	anonymous, err := transport.New(config)
	must(t, err)
	identity := openstack.NewIdentity(entry, anonymous, options)
	config.Tokens, config.TokenHeader = identity, openstack.TokenHeader
	client, err := transport.New(config)
	must(t, err)
	op, err := openstack.Open(t.Context(), openstack.Options{Name: entry, Identity: identity, HTTP: client, Endpoints: endpoints})
	must(t, err)
	return op
}

// clouds are a source and a keeper with a vault, both OpenStack.
type cloudPair struct {
	a, b  *cloud.Operator
	vault bucket
	key   string
}

func newClouds(t *testing.T) *cloudPair {
	t.Helper()
	c := &cloudPair{a: openCloud(t, "a-acme"), b: openCloud(t, "b-acme"), vault: bucket{server: s3.Start(t), name: "mutual"}}
	must(t, c.vault.server.Make(t.Context(), c.vault.name, s3.Vault))
	c.b.BackupVaults, c.b.VaultAccess = c.vault, c.vault
	for _, op := range []*cloud.Operator{c.a, c.b} {
		backuprun.Attach(op, backuprun.Options{Operator: func(context.Context, string) (*cloud.Operator, error) { return c.b, nil }})
	}
	var err error
	c.key, err = mover.NewKey()
	must(t, err)
	return c
}

// seed fills a volume with so many bytes of noise, and returns the checksum of the whole.
func seed(t *testing.T, op *cloud.Operator, id string, size, noise int64) string {
	t.Helper()
	sum := sha256.New()
	must(t, op.VolumeBytes.Fill(t.Context(), id, "seed", size, func(w io.Writer) error {
		both := io.MultiWriter(w, sum)
		if _, err := io.CopyN(both, rand.Reader, noise); err != nil {
			return err
		}
		for left := size - noise; left > 0; left -= 1 << 20 {
			if _, err := both.Write(make([]byte, min(left, 1<<20))); err != nil {
				return err
			}
		}
		return nil
	}))
	return hex.EncodeToString(sum.Sum(nil))
}

// sumOf is the checksum of what is in a volume.
func sumOf(t *testing.T, op *cloud.Operator, id string) string {
	t.Helper()
	all, err := op.VolumeBytes.Freeze(t.Context(), []string{id}, "sum")
	must(t, err)
	from, err := all[0].Open(t.Context())
	must(t, err)
	sum := sha256.New()
	_, err = io.Copy(sum, from)
	must(t, err)
	must(t, from.Close())
	must(t, all[0].Close(t.Context()))
	return hex.EncodeToString(sum.Sum(nil))
}

// gone deletes an object at the end of the test.
func gone[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], o O) O {
	t.Helper()
	t.Cleanup(func() {
		for range 100 {
			if err := c.Delete(context.Background(), o.Metadata().ID); err != nil {
				return
			}
			if _, err := c.Get(context.Background(), o.Metadata().ID); err != nil {
				return
			}
			<-time.After(time.Second)
		}
	})
	return o
}

// follow waits until an object of a cloud is settled, as the engine does.
func follow[S any, O cloud.Object](t *testing.T, c cloud.Collection[S, O], o O) O {
	t.Helper()
	said := ""
	for !o.Metadata().State.Settled() {
		<-time.After(time.Second)
		var err error
		o, err = c.Await(t.Context(), o.Metadata().ID, time.Second)
		must(t, err)
		if m := o.Metadata(); m.StateMessage != said {
			said = m.StateMessage
			t.Log(m.Name, m.State, said)
		}
	}
	if m := o.Metadata(); m.State != cloud.StateReady {
		t.Fatalf("%s is %s: %s", m.Name, m.State, m.StateMessage)
	}
	return o
}

// TestOpenStackBackupAtAnother brings what was at one real OpenStack back at another, byte for byte.
func TestOpenStackBackupAtAnother(t *testing.T) {
	c := newClouds(t)
	const gib, noise = 1 << 30, 48 << 20
	name := "mutual-" + strings.ToLower(rand.Text()[:8])
	meta := cloud.SpecMeta{Name: name}
	volume := gone(t, c.a.StorageVolumes, created(t, c.a.StorageVolumes, cloud.StorageVolumeSpec{SpecMeta: meta, SizeGiB: 1}, name))
	follow(t, c.a.StorageVolumes, volume)
	plan := gone(t, c.a.BackupPlans, created(t, c.a.BackupPlans, cloud.BackupPlanSpec{
		SpecMeta: meta, Sources: []string{volume.ID}, Vault: cloud.VaultReference{Operator: "b-acme", ID: c.vault.name},
		Key: cloud.BackupKey{Value: c.key}, Retention: 14 * day,
	}, name))
	for _, run := range []string{"first", "second"} {
		sum := seed(t, c.a, volume.ID, gib, noise)
		backup := gone(t, c.a.Backups, created(t, c.a.Backups, cloud.BackupSpec{
			SpecMeta: cloud.SpecMeta{Name: name + run}, PlanID: plan.ID, Key: cloud.BackupKey{Value: c.key},
		}, name+run))
		made := follow(t, c.a.Backups, backup).RecoveryPoints
		if len(made) != 1 || made[0].UploadedBytes < noise || made[0].SizeBytes != gib {
			t.Fatalf("there are %+v", made)
		}
		restored := gone(t, c.b.StorageVolumes, created(t, c.b.StorageVolumes, cloud.StorageVolumeSpec{
			SpecMeta: cloud.SpecMeta{Name: name + run}, SizeGiB: 1,
			RestoreFrom: &cloud.RestoreFrom{VaultID: c.vault.name, Key: c.key, VolumeID: volume.ID},
		}, name+run))
		restored = follow(t, c.b.StorageVolumes, restored)
		if restored.Restored == nil || restored.Restored.RecoveryPointID != made[0].ID {
			t.Fatalf("the volume is %+v; want one restored from %s", restored, made[0].ID)
		}
		if got := sumOf(t, c.b, restored.ID); got != sum {
			t.Errorf("what was restored has the checksum %s; want %s", got, sum)
		}
	}
}
