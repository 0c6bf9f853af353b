package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// mutual has something at either operator, and the module that protects it at the other one.
const mutual = `
terraform {
  required_providers {
    vdam = { source = "vdam-lv/vdam" }
  }
}

variable "key" {
  type      = string
  ephemeral = true
}

variable "key_version" {
  default = 1
}

variable "drill" {
  default = "1"
}

variable "second" {
  default = "iem-ic"
}

resource "vdam_storage_volume" "a" {
  operator = "lvrtc"
  name     = "a"
  size_gib = 1
}

resource "vdam_storage_volume" "b" {
  operator = "iem-ic"
  name     = "b"
  size_gib = 8
}

module "mutual" {
  source = %q

  name           = "register"
  first          = { operator = "lvrtc", sources = [vdam_storage_volume.a.id] }
  second         = { operator = var.second, sources = [vdam_storage_volume.b.id] }
  encryption_key = var.key
  drill          = var.drill

  encryption_key_version = var.key_version
}

data "vdam_backup_coverage" "all" {
  depends_on = [module.mutual]
}

output "coverage" {
  value = {
    unprotected = data.vdam_backup_coverage.all.unprotected
    protections = length(data.vdam_backup_coverage.all.protections)
    mutual      = length(data.vdam_backup_coverage.all.mutual)
  }
}

output "drills" {
  value = length(module.mutual.recovery_time_seconds)
}
`

// TestMutualProtection applies examples/modules/mutual-protection: both directions are backed up, and drilled.
func TestMutualProtection(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	module, err := filepath.Abs("../../examples/modules/mutual-protection")
	if err != nil {
		t.Fatal(err)
	}
	env := acctest.Start(t, "lvrtc", "iem-ic")
	c.write("main.tf", fmt.Sprintf(mutual, module)+env.Config(""))
	c.providers("vdam-lv/vdam")
	c.env = append(c.env, "TF_VAR_key="+backupKey)
	c.ok("get")
	out, err := c.run("plan", "-no-color", "-var=second=lvrtc")
	if err == nil || !strings.Contains(out, "One operator cannot protect itself") {
		t.Errorf("an operator protects itself: %v\n%s", err, out)
	}
	c.ok("apply", "-auto-approve", "-no-color")
	if out := c.ok("output", "-json", "coverage"); !strings.Contains(out, `"mutual":1,"protections":2,"unprotected":[]`) {
		t.Errorf("the coverage is %s", out)
	}
	if out := c.ok("output", "-json", "drills"); strings.TrimSpace(out) != "2" {
		t.Errorf("there were %s drills", out)
	}
	for _, operator := range []string{"lvrtc", "iem-ic"} {
		for key := range env.Objects(t, operator) {
			if strings.Contains(key, "drill-") {
				t.Errorf("%s of a drill is still at %s", key, operator)
			}
		}
	}
	if out := c.ok("plan", "-no-color"); !strings.Contains(out, "No changes.") {
		t.Errorf("the next plan is not empty:\n%s", out)
	}

	// Another key and another drill, in one apply.
	c.env = append(c.env, "TF_VAR_key="+acctest.NewBackupKey())
	next := []string{"-no-color", "-var=key_version=2", "-var=drill=2"}
	c.ok(append([]string{"apply", "-auto-approve"}, next...)...)
	if out := c.ok(append([]string{"plan"}, next...)...); !strings.Contains(out, "No changes.") {
		t.Errorf("the plan after another key is not empty:\n%s", out)
	}
}
