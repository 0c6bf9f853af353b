package clusterbackupplan_test

import (
	"fmt"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

const address = "vdam_container_cluster_backup_plan.nightly"

// declared is a plan in which one argument is another, or is added.
func declared(argument, value string) string {
	arguments := map[string]string{
		"name": `"nightly"`, "cluster_id": `"lvrtc/c-1"`, "vault_id": `"iem-ic/v-1"`, "retention": `"240h"`, "secrets": `"exclude"`,
	}
	arguments[argument] = value
	body := ""
	for name, v := range arguments {
		body += fmt.Sprintf("  %s = %s\n", name, v)
	}
	return "resource \"vdam_container_cluster_backup_plan\" \"nightly\" {\n" + body + "}\n"
}

// TestRefusals are what a plan of Terraform says of plans that would not protect.
func TestRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	for name, c := range map[string]struct {
		argument, value string
		refusal         acctest.Refusal
	}{
		"same operator": {"vault_id", `"lvrtc/v-1"`, acctest.Refusal{
			Summary: "The vault is at lvrtc, as is what it is to protect", Detail: "A failure of lvrtc as a whole would take the backups along.",
		}},
		"another operator's cluster": {"cluster_id", "\"iem-ic/c-1\"\n  operator = \"lvrtc\"", acctest.Refusal{
			Summary: "This container cluster is at iem-ic, not at lvrtc",
		}},
		"encrypted secrets": {"secrets", `"encrypt"`, acctest.Refusal{
			Summary: "Velero cannot encrypt Secrets", Detail: "It writes all objects into the vault as they are, and has no key of its own.",
		}},
		"other secrets":   {"secrets", `"some"`, acctest.Refusal{Summary: "secrets is either include or exclude"}},
		"no schedule":     {"schedule", `"0 2 30 2 *"`, acctest.Refusal{Summary: `"0 2 30 2 *" is not a schedule`}},
		"short retention": {"retention", `"5m"`, acctest.Refusal{Summary: "retention cannot be 5m"}},
		"long name": {"name", `"a-name-that-is-longer-than-thirty-six-letters"`, acctest.Refusal{
			Summary: "A name of 45 letters is too long for this",
		}},
		"no hook": {"hooks", `[{ namespace = "shop", timeout = "1s" }]`, acctest.Refusal{Summary: "This hook runs nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.refusal.Address == "" {
				c.refusal.Address, c.refusal.At = address, c.argument+" ="
			}
			env.Refuse(t, env.Config(declared(c.argument, c.value)), c.refusal)
		})
	}
}
