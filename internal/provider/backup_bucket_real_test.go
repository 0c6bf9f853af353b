package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// TestBackupUnfitBuckets plans, and applies, backups into buckets of a real S3 that are no vaults.
func TestBackupUnfitBuckets(t *testing.T) {
	server := s3.Start(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, server.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bucket s3.Bucket
		more   object
	}{
		"unversioned":   {},
		"unlocked":      {bucket: s3.Bucket{Versioned: true}},
		"deletable":     {bucket: s3.Bucket{Versioned: true, Lock: true, WriterDeletes: true}},
		"short":         {bucket: s3.Vault, more: object{"retention_days": 1}},
		"wrong-keys":    {bucket: s3.Vault, more: object{"secret_access_key": secret}},
		"another":       {bucket: s3.Vault, more: object{"bucket": "no-such-bucket"}},
		"reader":        {bucket: s3.Vault, more: object{"access_key_id": server.Reader.AccessKey, "secret_access_key": server.Reader.SecretKey}},
		"not-trusted":   {bucket: s3.Vault, more: object{"ca_file": nil}},
		"fit":           {bucket: s3.Vault},
		"fit-in-a-part": {bucket: s3.Vault, more: object{"prefix": "backups/vdam/"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := server.Make(t.Context(), name, c.bucket); err != nil {
				t.Fatal(err)
			}
			env := acctest.Start(t, "lvrtc", "iem-ic")
			entry := object{
				"endpoint": server.Endpoint, "region": s3.Region, "bucket": name, "ca_file": ca, "retention_days": 31,
				"access_key_id": server.Writer.AccessKey, "secret_access_key": server.Writer.SecretKey,
			}
			for k, v := range c.more {
				entry[k] = v
			}
			l := &logs{}
			tf := connect(t)
			tf.ctx = l.catch(tf.ctx)
			clean(t, "the configuration", tf.configure(t, set(block(env), "operators.iem-ic.backup_buckets", object{"main": entry})))
			volume := tf.create(t, "vdam_storage_volume", minimal["vdam_storage_volume"])
			config := object{
				"name": "nightly", "sources": []any{text(volume.value, "id")}, "vault_id": "iem-ic/main", "retention": "24h",
				"encryption_key_wo": backupKey,
			}
			p := tf.plan(t, "vdam_backup_plan", state{}, config)
			said := show(p.diags)
			if !hasError(p.diags) {
				_, diags := tf.apply(t, "vdam_backup_plan", state{}, p, config)
				said += "--- apply\n" + show(diags)
			}
			golden(t, "refusals/bucket_"+name, said)
			for what, text := range map[string]string{"what is said": said, "the log": l.String()} {
				if strings.Contains(text, server.Writer.SecretKey) || strings.Contains(text, secret) {
					t.Errorf("the secret is in %s:\n%s", what, text)
				}
			}
		})
	}
}

// useBucket backs a volume up into a bucket, and restores it at the operator that the bucket belongs to, and without any.
const useBucket = `
terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "key" {
  type      = string
  ephemeral = true
}

resource "vdam_storage_volume" "data" {
  operator            = "lvrtc"
  name                = "data"
  size_gib            = 8
  deletion_protection = false
}

resource "vdam_backup_plan" "nightly" {
  operator          = "lvrtc"
  name              = "nightly"
  sources           = [vdam_storage_volume.data.id]
  vault_id          = "iem-ic/main"
  retention         = "240h"
  encryption_key_wo = var.key
}
`

const useBucketNow = `
resource "vdam_backup" "now" {
  plan_id = vdam_backup_plan.nightly.id
  name    = "now"
}

resource "vdam_storage_volume" "restored" {
  operator            = "iem-ic"
  name                = "restored"
  size_gib            = 8
  deletion_protection = false
  restore_from = {
    vault_id          = "iem-ic/main"
    encryption_key_wo = var.key
    recovery_point_id = vdam_backup.now.recovery_points[0].id
  }
}

ephemeral "vdam_backup_vault_credentials" "reader" {
  vault_id = "iem-ic/main"
  role     = "reader"
}

resource "terraform_data" "restored" {
  provisioner "local-exec" {
    command = <<-EOT
      test -z "$EXPIRES" && printf %s "$CA" >ca.pem
      ./vdam-restore -endpoint "$ENDPOINT" -region "$REGION" -bucket "$BUCKET" -prefix "$PREFIX" -ca ca.pem "$POINT" restored.img
    EOT
    environment = {
      ENDPOINT              = ephemeral.vdam_backup_vault_credentials.reader.endpoint
      REGION                = ephemeral.vdam_backup_vault_credentials.reader.region
      BUCKET                = ephemeral.vdam_backup_vault_credentials.reader.bucket
      CA                    = ephemeral.vdam_backup_vault_credentials.reader.ca_certificate
      EXPIRES               = ephemeral.vdam_backup_vault_credentials.reader.expires_at
      PREFIX                = "${ephemeral.vdam_backup_vault_credentials.reader.prefix}/${vdam_backup_plan.nightly.key_fingerprint}"
      POINT                 = vdam_backup.now.recovery_points[0].id
      AWS_ACCESS_KEY_ID     = ephemeral.vdam_backup_vault_credentials.reader.access_key_id
      AWS_SECRET_ACCESS_KEY = ephemeral.vdam_backup_vault_credentials.reader.secret_access_key
      VDAM_BACKUP_KEY       = var.key
    }
  }
}
`

// TestBackupIntoBucket goes through Terraform with a bucket of a real S3, and looks for its keys everywhere.
func TestBackupIntoBucket(t *testing.T) {
	server := s3.Start(t)
	if err := server.Make(t.Context(), "registry", s3.Vault); err != nil {
		t.Fatal(err)
	}
	w := newWorkdir(t)
	key := acctest.NewBackupKey()
	w.env = append(w.env, "TF_VAR_key="+key,
		"VDAM_IEM_IC_BUCKET_MAIN_ACCESS_KEY_ID="+server.Writer.AccessKey, "VDAM_IEM_IC_BUCKET_MAIN_SECRET_ACCESS_KEY="+server.Writer.SecretKey,
		"VDAM_IEM_IC_BUCKET_MAIN_READER_ACCESS_KEY_ID="+server.Reader.AccessKey,
		"VDAM_IEM_IC_BUCKET_MAIN_READER_SECRET_ACCESS_KEY="+server.Reader.SecretKey)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(w.dir, "vdam-restore"), "../cmd/vdam-restore")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building vdam-restore: %v\n%s", err, out)
	}
	w.write("s3.pem", string(server.CAPEM))
	env := acctest.Start(t, "lvrtc", "iem-ic")
	entry := fmt.Sprintf(`iem-ic = {
      backup_buckets = { main = {
        endpoint = %q, region = %q, bucket = "registry", prefix = "vdam", ca_file = "s3.pem", retention_days = 31
      } }, `, server.Endpoint, s3.Region)
	w.write("main.tf", useBucket+strings.Replace(env.Config(""), "iem-ic = {", entry, 1))
	w.run("apply", "-auto-approve", "-no-color")
	content := []byte(strings.Repeat("Dainu skapis. ", 100000))
	env.Write(t, "lvrtc", "data", 3<<20+17, content)

	w.write("now.tf", useBucketNow)
	w.run("plan", "-out=saved", "-no-color")
	plan := w.unpacked("saved")
	w.run("apply", "-no-color", "saved")
	w.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.
	restored, err := os.Open(filepath.Join(w.dir, "restored.img"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = restored.Close() }()
	around := make([]byte, len(content)+34) // With zeros at both ends.
	if _, err := restored.ReadAt(around, 3<<20); err != nil || !bytes.Equal(bytes.Trim(around, "\x00"), content) {
		t.Errorf("what vdam-restore has restored is not what was written, %v", err)
	}
	if a, b := env.Checksum(t, "lvrtc", "data"), env.Checksum(t, "iem-ic", "restored"); a != b {
		t.Errorf("the volume has %s, and what was restored at the bucket's operator %s", a, b)
	}
	for what, text := range map[string]string{
		"the saved plan": plan, "the state": w.read("terraform.tfstate"), "the log": w.read("trace.log"), "the output": w.read("out"),
	} {
		for _, secret := range []string{key[20:], server.Writer.SecretKey, server.Reader.SecretKey} {
			if strings.Contains(text, secret) {
				t.Errorf("%s has a key", what)
			}
		}
	}
}
