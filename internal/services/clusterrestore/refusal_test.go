package clusterrestore_test

import (
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// TestRefusals are what a plan says of what cannot be restored.
func TestRefusals(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic", "lnb")
	for name, c := range map[string]struct {
		body    string
		refusal acctest.Refusal
	}{
		"vault elsewhere": {`
resource "vdam_container_cluster_restore" "r" {
  cluster_id = "lvrtc/c-1"
  vault_id   = "iem-ic/v-1"
  folder     = "clusters/a"
}`, acctest.Refusal{
			Address: "vdam_container_cluster_restore.r", At: "cluster_id =", Summary: "The cluster is at lvrtc, and the vault at iem-ic",
		}},
		"no clusters there": {`
resource "vdam_container_cluster_restore" "r" {
  cluster_id = "lnb/c-1"
  vault_id   = "lnb/v-1"
  folder     = "clusters/a"
}`, acctest.Refusal{
			Address: "vdam_container_cluster_restore.r", At: "cluster_id =", Summary: "lnb has no container clusters",
		}},
		"no plan": {`
resource "vdam_container_cluster_restore_drill" "d" {
  plan_id    = "register"
  cluster_id = "lvrtc/c-1"
}`, acctest.Refusal{
			Address: "vdam_container_cluster_restore_drill.d", At: "plan_id ",
			Summary: `"register" is not the id of a container cluster backup plan`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env.Refuse(t, env.Config(c.body), c.refusal)
		})
	}
}
