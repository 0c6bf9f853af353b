package velero_test

import (
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/velero"
)

const question = `
apiVersion: velero.io/v1
kind: ServerStatusRequest
metadata: {name: test, namespace: velero}
spec: {}
`

// TestKubernetesVelero has a Velero beside a cluster say which version it is, and that it can use S3.
func TestKubernetesVelero(t *testing.T) {
	testbed.Asked(t, "kubernetes")
	binaries, err := controlplane.Find("")
	must(t, err)
	m, err := controlplane.Open(t.TempDir(), binaries)
	must(t, err)
	t.Cleanup(func() { must(t, m.Close()) })
	c, err := m.Start(t.Context(), controlplane.Spec{
		ID: "velero", Version: "1.34", PodCIDR: "10.42.0.0/16", ServiceCIDR: "10.43.0.0/16",
	})
	must(t, err)
	server := velero.Start(t, c)
	_, err = server.Kubectl(t.Context(), question, "create", "-f", "-")
	must(t, err)
	at := "--for=jsonpath={.status.phase}=Processed"
	_, err = server.Kubectl(t.Context(), "", "-n", velero.Namespace, "wait", at, "--timeout=60s", "serverstatusrequest/test")
	must(t, err)
	said, err := server.Kubectl(t.Context(), "", "-n", velero.Namespace, "get", "serverstatusrequest/test", "-o", "yaml")
	must(t, err)
	if !strings.Contains(said, "serverVersion: "+server.Version) || !strings.Contains(said, "name: velero.io/aws") {
		t.Errorf("Velero %s says of itself: %s", server.Version, said)
	}
	must(t, c.Err())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
