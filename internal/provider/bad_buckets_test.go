package provider_test

import (
	"path/filepath"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// bucket is an entry of backup_buckets at which nothing is.
func bucket(more object) object {
	b := object{
		"endpoint": "https://127.0.0.1:1", "bucket": "registry", "access_key_id": "id", "secret_access_key": secret, "retention_days": 60,
	}
	for k, v := range more {
		if b[k] = v; v == nil {
			delete(b, k)
		}
	}
	return b
}

// TestBadBuckets plans three resources at an operator to which a bucket belongs that cannot be used, whatever is in it.
func TestBadBuckets(t *testing.T) {
	for name, more := range map[string]object{
		"http_elsewhere": {"endpoint": "http://s3.example"},
		"no_url":         {"endpoint": "u:" + secret + "@s3.example"},
		"no_secret":      {"secret_access_key": nil},
		"no_access_key":  {"access_key_id": nil},
		"half_a_reader":  {"reader": object{"secret_access_key": secret}},
		"no_ca_file":     {"ca_file": filepath.Join(t.TempDir(), "no.pem")},
		"no_bucket":      {"bucket": nil, "retention_days": 0},
	} {
		t.Run(name, func(t *testing.T) {
			env := acctest.Start(t, "lvrtc")
			golden(t, "diagnostics/bucket_"+name, threePlans(t, with(block(env), object{"backup_buckets": object{"main": bucket(more)}}), false))
			if got := env.Box.Requests(); len(got) > 0 {
				t.Errorf("%d requests: %v", len(got), got)
			}
		})
	}
}

// TestKeysOfABucketFromTheEnvironment has what the block does not say.
func TestKeysOfABucketFromTheEnvironment(t *testing.T) {
	t.Setenv("VDAM_LVRTC_BUCKET_AT_HAND_ACCESS_KEY_ID", "id")
	t.Setenv("VDAM_LVRTC_BUCKET_AT_HAND_SECRET_ACCESS_KEY", secret)
	t.Setenv("VDAM_LVRTC_BUCKET_AT_HAND_READER_ACCESS_KEY_ID", "reader")
	env := acctest.Start(t, "lvrtc")
	buckets := object{"at-hand": bucket(object{"access_key_id": nil, "secret_access_key": nil})}
	golden(t, "diagnostics/bucket_half_a_reader_in_the_environment", threePlans(t, with(block(env), object{"backup_buckets": buckets}), false))
	t.Setenv("VDAM_LVRTC_BUCKET_AT_HAND_READER_SECRET_ACCESS_KEY", secret)
	tf := start(t, with(block(env), object{"backup_buckets": buckets}))
	clean(t, "a plan", tf.plan(t, "vdam_network", state{}, minimal["vdam_network"]).diags)
}

// TestOnlyBuckets orders a vault where nobody makes any, and a plan into a bucket that nobody has configured.
func TestOnlyBuckets(t *testing.T) {
	env, store, cloud := acctest.Start(t, "lvrtc", "lnb"), acctest.NewBucket(t), newOpenstackCloud(t).started()
	buckets := object{"main": bucket(object{"endpoint": store.URL, "access_key_id": "first"})}
	b := set(block(env), "operators.acme", object{
		"kind": "openstack", "endpoint": cloud.URL, "project": "cadastre", "username": "u", "password": "p", "backup_buckets": buckets,
	})
	tf := start(t, set(b, "operators.lnb.backup_buckets", buckets))
	vault := set(minimal["vdam_backup_vault"], "operator", "acme")
	said := show(tf.plan(t, "vdam_backup_vault", state{}, vault).diags)
	config := set(minimal["vdam_backup_plan"], "vault_id", "acme/other")
	said += "--- no such bucket\n" + show(tf.plan(t, "vdam_backup_plan", state{}, config).diags)
	clusters := set(minimal["vdam_container_cluster_backup_plan"], "vault_id", "acme/other")
	said += "--- no such bucket for a cluster\n" + show(tf.plan(t, "vdam_container_cluster_backup_plan", state{}, clusters).diags)
	volume := extended(minimal["vdam_storage_volume"], object{"operator": "lnb", "restore_from": object{
		"vault_id": "lnb/main", "encryption_key_wo": backupKey, "source_id": "lvrtc/v-1",
	}})
	said += "--- no restores\n" + show(tf.plan(t, "vdam_storage_volume", state{}, volume).diags)
	golden(t, "refusals/only_buckets", said)
	config = set(minimal["vdam_backup_plan"], "vault_id", "acme/main")
	clean(t, "a plan into the bucket", tf.plan(t, "vdam_backup_plan", state{}, config).diags)
}
