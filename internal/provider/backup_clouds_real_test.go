package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
	openstack "github.com/vdam-lv/terraform-provider-vdam/internal/testbed/openstack"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// between is a volume at one operator, with its backups at another one.
const between = `
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
  operator            = "FROM"
  name                = "NAME-data"
  size_gib            = SIZE
  deletion_protection = false
}

resource "vdam_backup_plan" "manual" {
  operator          = "FROM"
  name              = "NAME"
  sources           = [vdam_storage_volume.data.id]
  vault_id          = VAULT
  retention         = "240h"
  rpo               = "26h"
  encryption_key_wo = var.key
}

output "volume_id" { value = vdam_storage_volume.data.id }
`

// betweenVault is a vault at an operator of the sandbox.
const betweenVault = `
resource "vdam_backup_vault" "there" {
  operator            = "TO"
  name                = "NAME"
  immutability        = { mode = "compliance", days = 1 }
  retention_days      = 31
  deletion_protection = false
}
`

// betweenBackup is a backup, which a change of its keepers makes anew.
const betweenBackup = `
resource "vdam_backup" "now" {
  plan_id           = vdam_backup_plan.manual.id
  name              = "NAME-RUN"
  keepers           = { run = "RUN" }
  encryption_key_wo = var.key
}

output "uploaded_bytes" { value = vdam_backup.now.recovery_points[0].uploaded_bytes }
`

// betweenRestored is the volume at the other operator, and a drill there.
const betweenRestored = `
resource "vdam_storage_volume" "restored" {
  operator            = "TO"
  name                = "NAME-restored"
  size_gib            = SIZE
  deletion_protection = false

  restore_from = {
    vault_id          = vdam_backup_plan.manual.vault_id
    encryption_key_wo = var.key
    source_id         = vdam_storage_volume.data.id
  }
}

resource "vdam_restore_drill" "proof" {
  plan_id           = vdam_backup_plan.manual.id
  encryption_key_wo = var.key
  keepers           = { after = vdam_storage_volume.restored.id }
}

output "restored_id" { value = vdam_storage_volume.restored.id }
output "drill" { value = vdam_restore_drill.proof.result }
`

// place is an operator whose volumes are files, which the test writes into as a machine would.
type place struct {
	t *testing.T
	// entry is that of the provider block.
	entry string
	// disk is the file of a volume.
	disk func(id string) string
	// left is what is there of a name, and what users do not see and was not there before.
	left func(name string) []string
}

func (p place) write(id string, offset int64, data []byte) {
	p.t.Helper()
	f, err := os.OpenFile(p.disk(id), os.O_WRONLY, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	_, err = f.WriteAt(data, offset)
	if closed := f.Close(); err != nil || closed != nil {
		p.t.Fatal(err, closed)
	}
}

// sum is the SHA-256 of all bytes of a volume.
func (p place) sum(id string) string {
	p.t.Helper()
	f, err := os.Open(p.disk(id))
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		p.t.Fatal(err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// random is what nothing compresses.
func (p place) random(id string, seed byte, offset, length int64) {
	p.t.Helper()
	source := rand.NewChaCha8([32]byte{seed})
	const chunk = 16 << 20
	for at := int64(0); at < length; at += chunk {
		data := make([]byte, min(chunk, length-at))
		_, _ = source.Read(data) // It never fails.
		p.write(id, offset+at, data)
	}
}

// realCloud is an OpenStack of the testbed with a bucket.
func realCloud(t *testing.T, file, name, buckets string) place {
	t.Helper()
	dir, err := testbed.Folder("openstack")
	if err != nil {
		t.Fatal(err)
	}
	o := openstackCLI{t, file, name + "-acme-appcred"}
	all := func() (found []string) {
		for _, kind := range []string{"volume list", "volume snapshot list", "image list --hidden"} {
			found = append(found, strings.Fields(o.run(append(strings.Fields(kind), "-f", "value", "-c", "ID")...))...)
		}
		return found
	}
	before := all()
	return place{
		t:     t,
		entry: fmt.Sprintf("%s = { kind = \"openstack\", cloud = %q, clouds_file = %q, %s }", name, o.cloud, file, buckets),
		disk:  func(id string) string { return filepath.Join(dir, name, "volumes", "volume-"+id) },
		// Nothing of a backup may stay: no snapshot, no copy, no image, which are hidden, and no record of it.
		left: func(prefix string) []string {
			now := all()
			return append(o.names(prefix), slices.DeleteFunc(now, func(id string) bool { return slices.Contains(before, id) })...)
		},
	}
}

// simulated is an operator of a sandbox.
func simulated(t *testing.T, env *acctest.Env, dir, name string) place {
	t.Helper()
	return place{
		t: t,
		entry: fmt.Sprintf("%s = { endpoint = %q, project = %q, client_id = %q, client_secret = %q }",
			name, env.Box.Endpoint(name), acctest.Project, sandbox.ClientID, sandbox.ClientSecret),
		disk: func(id string) string { return filepath.Join(dir, name+"-volumes", id+".img") },
		left: func(prefix string) (found []string) {
			for key := range env.Objects(t, name) {
				if strings.Contains(key, prefix) && !strings.HasPrefix(key, "backup-vaults/") {
					found = append(found, key)
				}
			}
			return found
		},
	}
}

// outputs are those of the last apply.
func (w *workdir) outputs() map[string]any {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.terraform, "output", "-json")
	cmd.Dir, cmd.Env = w.dir, w.env
	raw, err := cmd.Output()
	if err != nil {
		w.t.Fatal(err)
	}
	var all map[string]struct{ Value any }
	if err := json.Unmarshal(raw, &all); err != nil {
		w.t.Fatal(err)
	}
	values := make(map[string]any, len(all))
	for name, o := range all {
		values[name] = o.Value
	}
	return values
}

// TestBackupBetweenClouds backs volumes up between two real clouds, and between one of these and an operator of the sandbox, each
// in both directions: the first one loses its data, and the other one has them again, byte for byte.
func TestBackupBetweenClouds(t *testing.T) {
	file := openstack.Require(t, "a-acme-appcred", "b-acme-appcred")
	store := s3.Start(t)
	account := store.Account()
	dir := t.TempDir()
	env := acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc"}, S3: &account, Dir: dir})
	places := map[string]place{
		"a":     realCloud(t, file, "a", bucketOf(t, store, "agency-a")),
		"b":     realCloud(t, file, "b", bucketOf(t, store, "agency-b")),
		"lvrtc": simulated(t, env, dir, "lvrtc"),
	}
	for _, c := range []crossing{
		{from: "a", to: "b", sizeGiB: 3, random: 2 << 30},
		{from: "b", to: "a", sizeGiB: 1, random: 96 << 20},
		{from: "a", to: "lvrtc", sizeGiB: 1, random: 96 << 20},
		{from: "lvrtc", to: "a", sizeGiB: 1, random: 96 << 20},
	} {
		t.Run(c.from+" to "+c.to, func(t *testing.T) { c.run(t, places) })
	}
}

// bucketOf makes a bucket as an agency would have it, and is the entry of a bucket in the provider block.
func bucketOf(t *testing.T, store *s3.Server, bucket string) string {
	t.Helper()
	if err := store.Make(t.Context(), bucket, s3.Vault); err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, store.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`backup_buckets = { agency = { endpoint = %q, region = %q, bucket = %q, ca_file = %q, retention_days = 31,
		access_key_id = %q, secret_access_key = %q, reader = { access_key_id = %q, secret_access_key = %q } } }`,
		store.Endpoint, s3.Region, bucket, ca,
		store.Writer.AccessKey, store.Writer.SecretKey, store.Reader.AccessKey, store.Reader.SecretKey)
}

// crossing is from where to where, and how much.
type crossing struct {
	from, to        string
	sizeGiB, random int64
}

func (c crossing) run(t *testing.T, places map[string]place) {
	from, to := places[c.from], places[c.to]
	w, name, key := newWorkdir(t), uniqueName(), acctest.NewBackupKey()
	w.env = append(w.env, "TF_VAR_key="+key)
	vault, more := fmt.Sprintf("%q", c.to+"/agency"), ""
	if c.to == "lvrtc" {
		vault, more = "vdam_backup_vault.there.id", betweenVault
	}
	config := func(text, run string) string {
		return strings.NewReplacer("FROM", c.from, "TO", c.to, "NAME", name, "SIZE", fmt.Sprint(c.sizeGiB), "VAULT", vault,
			"RUN", run).Replace(text)
	}
	apply := func() { w.run("apply", "-auto-approve", "-no-color") }
	operators := "provider \"vdam\" {\n  operators = {\n    " + from.entry + "\n    " + to.entry + "\n  }\n}\n"
	w.write("main.tf", operators+config(between+more, ""))
	destroy := func() {
		if more != "" { // It is locked, and so cannot be deleted.
			w.run("state", "rm", "vdam_backup_vault.there")
		}
		w.run("destroy", "-auto-approve", "-no-color", "-refresh=false")
	}
	destroyed := false
	defer func() {
		if !destroyed {
			destroy()
		}
	}()
	apply()
	_, id, _ := strings.Cut(w.outputs()["volume_id"].(string), "/")
	from.random(id, 1, 5<<20, c.random)

	took := map[string]time.Duration{}
	timed := func(what string) {
		started := time.Now()
		apply()
		took[what] = time.Since(started).Round(100 * time.Millisecond)
	}
	w.write("now.tf", config(betweenBackup, "full"))
	timed("full")
	full := w.outputs()["uploaded_bytes"].(float64)
	from.random(id, 2, 9<<20+4096, 32<<20)
	w.write("now.tf", config(betweenBackup, "changed"))
	timed("changed")
	if up := w.outputs()["uploaded_bytes"].(float64); up < 32<<20 || up > 38<<20 {
		t.Errorf("of 32 MiB that have changed, %.0f bytes were uploaded", up)
	}
	sum := from.sum(id)
	from.write(id, 0, make([]byte, 64<<20)) // It loses its data.

	w.write("restored.tf", config(betweenRestored, ""))
	timed("restore and drill")
	_, restored, _ := strings.Cut(w.outputs()["restored_id"].(string), "/")
	if got := to.sum(restored); got != sum {
		t.Errorf("%s of %d GiB was restored as another one", id, c.sizeGiB)
	}
	if drill := w.outputs()["drill"]; drill != "passed" {
		t.Errorf("the drill: %v", drill)
	}
	w.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.
	t.Logf("%d MiB of random data in %d GiB from %s to %s: %.0f bytes uploaded, %v", c.random>>20, c.sizeGiB, c.from, c.to, full, took)
	for _, secret := range []string{key, strings.TrimPrefix(key, "AGE-SECRET-KEY-1")} {
		for _, where := range []string{"terraform.tfstate", "trace.log", "out"} {
			if strings.Contains(w.read(where), secret) {
				t.Errorf("%s has the key", where)
			}
		}
	}
	destroyed = true
	destroy()
	for _, p := range []place{from, to} {
		if left := p.left(name); len(left) > 0 {
			t.Errorf("there are still %v", left)
		}
	}
}
