package provider_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// useVault backs a volume up, and restores it without the operator by the key of a run.
const useVault = `
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
  size_gib            = 1
  deletion_protection = false
}

resource "vdam_backup_vault" "registry" {
  operator            = "iem-ic"
  name                = "registry"
  immutability        = { mode = "compliance", days = 1 }
  retention_days      = 31
  deletion_protection = false
}

resource "vdam_backup_plan" "nightly" {
  operator          = "lvrtc"
  name              = "nightly"
  sources           = [vdam_storage_volume.data.id]
  vault_id          = vdam_backup_vault.registry.id
  retention         = "240h"
  encryption_key_wo = var.key
}
`

// useVaultNow is a backup with what restores it.
const useVaultNow = `
resource "vdam_backup" "now" {
  plan_id = vdam_backup_plan.nightly.id
  name    = "now"
}

ephemeral "vdam_backup_vault_credentials" "reader" {
  vault_id = vdam_backup_vault.registry.id
  role     = "reader"
}

resource "terraform_data" "restored" {
  provisioner "local-exec" {
    command = <<-EOT
      env | grep ^AWS_ >keys; printf %s "$CA" >ca.pem
      ./vdam-restore -endpoint "$ENDPOINT" -region "$REGION" -bucket "$BUCKET" -prefix "$PREFIX" -ca ca.pem "$POINT" restored.img
    EOT
    environment = {
      ENDPOINT              = ephemeral.vdam_backup_vault_credentials.reader.endpoint
      REGION                = ephemeral.vdam_backup_vault_credentials.reader.region
      BUCKET                = ephemeral.vdam_backup_vault_credentials.reader.bucket
      CA                    = ephemeral.vdam_backup_vault_credentials.reader.ca_certificate
      PREFIX                = vdam_backup_plan.nightly.key_fingerprint
      POINT                 = vdam_backup.now.recovery_points[0].id
      AWS_ACCESS_KEY_ID     = ephemeral.vdam_backup_vault_credentials.reader.access_key_id
      AWS_SECRET_ACCESS_KEY = ephemeral.vdam_backup_vault_credentials.reader.secret_access_key
      VDAM_BACKUP_KEY       = var.key
    }
  }
}
`

// TestBackupThroughTerraform keeps a volume in a real S3, restores it by vdam-restore with the key of the run, and looks for
// all keys everywhere.
func TestBackupThroughTerraform(t *testing.T) {
	account := s3.Start(t).Account()
	w := newWorkdir(t)
	key := acctest.NewBackupKey()
	w.env = append(w.env, "TF_VAR_key="+key)
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(w.dir, "vdam-restore"), "../cmd/vdam-restore")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building vdam-restore: %v\n%s", err, out)
	}
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc", "iem-ic"}, S3: &account})
	w.write("main.tf", useVault+env.Config(""))
	w.run("apply", "-auto-approve", "-no-color")
	content := []byte(strings.Repeat("Dainu skapis. ", 100000))
	env.Write(t, "lvrtc", "data", 3<<20+17, content)

	w.write("now.tf", useVaultNow)
	w.run("plan", "-out=saved", "-no-color")
	plan := w.unpacked("saved")
	w.run("apply", "-no-color", "saved")
	w.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.
	volume := make([]byte, 1<<30)
	copy(volume[3<<20+17:], content)
	if restored, err := os.ReadFile(filepath.Join(w.dir, "restored.img")); err != nil || !bytes.Equal(restored, volume) {
		t.Errorf("%d bytes were restored, which are not those of the volume, %v", len(restored), err)
	}
	id, secret := "", ""
	for line := range strings.Lines(w.read("keys")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if name == "AWS_SECRET_ACCESS_KEY" {
			secret = value
		} else {
			id = value
		}
	}
	list := exec.CommandContext(t.Context(), filepath.Join(w.dir, "vdam-restore"), "-endpoint", account.Endpoint, "-region", account.Region,
		"-bucket", env.Object(t, "iem-ic", "backup-vaults/registry").ID, "-ca", filepath.Join(w.dir, "ca.pem"))
	list.Env = []string{"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret, "VDAM_BACKUP_KEY=" + key}
	if said, err := list.CombinedOutput(); err == nil || secret == "" || !strings.Contains(string(said), "InvalidAccessKeyId") {
		t.Errorf("after the run, its key still lists, or says something else: %v\n%s", err, said)
	}
	for what, text := range map[string]string{
		"the saved plan": plan, "the state": w.read("terraform.tfstate"), "the log": w.read("trace.log"), "the output": w.read("out"),
	} {
		if strings.Contains(text, key[20:]) || strings.Contains(text, secret) {
			t.Errorf("%s has a key", what)
		}
	}
}
