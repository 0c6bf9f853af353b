package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/velero"
)

// fails runs Terraform, which has to end with an error, and returns what it says, without its lines and frames.
func (w *workdir) fails(args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), w.terraform, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	said, err := cmd.CombinedOutput()
	if err == nil {
		w.t.Fatalf("terraform %s went well:\n%s", args[0], said)
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`[│╷╵]`).ReplaceAllString(string(said), " ")), " ")
}

// attributes are those of a resource in the state.
func (w *workdir) attributes(typeName string) map[string]any {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	if err := json.Unmarshal([]byte(w.read("terraform.tfstate")), &state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		if r.Type == typeName && len(r.Instances) > 0 {
			return r.Instances[0].Attributes
		}
	}
	w.t.Fatalf("the state has no %s", typeName)
	return nil
}

// mutualClusters are a cluster at either operator, with a Velero beside it.
type mutualClusters struct {
	*workdir
	env    *acctest.Env
	s3     *s3.Server
	x, y   *velero.Server
	bucket string
	runs   int
}

func startClusters(t *testing.T) *mutualClusters {
	t.Helper()
	bin, _ := kubectl(t)
	c := &mutualClusters{s3: s3.Start(t), workdir: newWorkdir(t)}
	account := c.s3.Account()
	c.env = acctest.StartWith(t, sandbox.Options{Operators: []string{"lvrtc", "iem-ic"}, Kubernetes: bin, S3: &account})
	c.write("main.tf", twoClusters+c.env.Config(""))
	c.apply()
	c.bucket = c.env.Object(t, "iem-ic", "backup-vaults/registry").ID
	return c
}

// beside starts a Velero beside a cluster.
func (c *mutualClusters) beside(operator, name string, has ...string) *velero.Server {
	c.t.Helper()
	plane, err := c.env.Box.ControlPlane(c.env.Object(c.t, operator, "container-clusters/"+name).ID)
	if err != nil {
		c.t.Fatal(err)
	}
	return velero.Start(c.t, plane, has...)
}

func (c *mutualClusters) apply() {
	c.t.Helper()
	c.run("apply", "-auto-approve", "-no-color")
}

// kubectl is what kubectl says.
func (c *mutualClusters) kubectl(s *velero.Server, input string, args ...string) string {
	c.t.Helper()
	said, err := s.Kubectl(c.t.Context(), input, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimSpace(said)
}

// drill writes down another drill.
func (c *mutualClusters) drill() {
	c.t.Helper()
	c.runs++
	c.write("drill.tf", fmt.Sprintf(clusterDrill, fmt.Sprint(c.runs)))
}

// ownSecret is one that Velero makes by itself.
const ownSecret = "secret/velero-repo-credentials"

// clean checks that nothing is left of drills and restores at y but what was restored.
func (c *mutualClusters) clean() {
	c.t.Helper()
	left := c.kubectl(c.y, "", "-n", "velero", "get", "backupstoragelocations,backups,restores,secrets,configmaps", "-o", "name")
	for line := range strings.Lines(left) {
		if line = strings.TrimSpace(line); line != ownSecret && !strings.Contains(line, "kube-root-ca") {
			c.t.Errorf("%s is left at y", line)
		}
	}
	if all := c.kubectl(c.y, "", "get", "namespaces", "-o", "name"); strings.Contains(all, "drill-") {
		c.t.Errorf("a drill's namespace is left at y: %s", all)
	}
}

// TestBackupOfClusters backs a real cluster up at another operator by a real Velero, restores it in one there, and has the
// drill see what Velero does not tell.
func TestBackupOfClusters(t *testing.T) {
	c := startClusters(t)
	c.write("plan.tf", clusterPlan)
	if said := c.fails("apply", "-auto-approve", "-no-color"); !strings.Contains(said, "There is no Velero in the cluster") {
		t.Errorf("a cluster without a Velero is not refused as such: %s", said)
	}
	c.x, c.y = c.beside("lvrtc", "x", queues), c.beside("iem-ic", "y")
	c.kubectl(c.x, shop+"---"+orders, "apply", "-f", "-")
	c.kubectl(c.x, "", "-n", "shop", "wait", "--for=jsonpath={.status.readyReplicas}=3", "--timeout=60s", "deployment/shop")

	c.write("backup.tf", clusterBackup)
	c.write("restore.tf", clusterRestore)
	c.apply()
	c.run("plan", "-detailed-exitcode", "-no-color") // Nothing is left to do.
	plan, restored := c.attributes("vdam_container_cluster_backup_plan"), c.attributes("vdam_container_cluster_restore")
	if plan["agent_version"] != c.x.Version || plan["key_expires_at"] == nil || plan["stale"] != true {
		t.Errorf("the plan is %v", plan)
	}
	if restored["agent_phase"] != "Completed" || restored["restored_items"].(float64) < 6 {
		t.Errorf("the restore is %v", restored)
	}
	for what, want := range map[string]string{
		"deployment/shop -o=jsonpath={.status.readyReplicas}":                   "3",
		"deployment/shop -o=jsonpath={.spec.template.spec.containers[0].image}": "registry.y.example/shop:1",
		"configmap/settings -o=jsonpath={.data.colour}":                         "green",
		"queue/orders -o=jsonpath={.spec.depth}":                                "7",
		"clusterrole/orders -o=jsonpath={.rules[0].resources[0]}":               "queues",
		"secret/password -o=jsonpath={.data.password}":                          base64.StdEncoding.EncodeToString([]byte("vista")),
	} {
		if got := c.kubectl(c.y, "", append([]string{"-n", "shop-again", "get"}, strings.Fields(what)...)...); got != want {
			t.Errorf("at y, %s is %q", what, got)
		}
	}
	c.clean()

	c.drill()
	c.write("twin.tf", strings.Replace(fmt.Sprintf(clusterDrill, "twin"), `"x"`, `"y"`, 1)) // At one time in one cluster.
	c.apply()
	drill := c.attributes("vdam_container_cluster_restore_drill")
	if drill["result"] != "passed" || drill["agent_phase"] != "Completed" || len(drill["notes"].([]any)) > 0 {
		t.Errorf("the drill is %v", drill)
	}
	c.clean()
	c.silentFailures()
	c.keepsSecret()
	c.forget()
}

// silentFailures are what Velero does not tell, or tells in the same word as the opposite.
func (c *mutualClusters) silentFailures() {
	t := c.t
	t.Helper()
	root, err := c.s3.Client(c.s3.Root)
	if err != nil {
		t.Fatal(err)
	}
	// A key that cannot write down how it went: Velero calls that partially failed, and all is there.
	policy, err := root.GetBucketPolicy(t.Context(), c.bucket)
	if err != nil {
		t.Fatal(err)
	}
	deny := `{"Effect":"Deny","Principal":{"AWS":["*"]},"Action":["s3:PutObject"],"Resource":["arn:aws:s3:::` + c.bucket +
		`/clusters/*/restores/*"]}`
	if err := root.SetBucketPolicy(t.Context(), c.bucket, strings.Replace(policy, `"Statement":[`, `"Statement":[`+deny+`,`, 1)); err != nil {
		t.Fatal(err)
	}
	c.drill()
	c.apply()
	drill := c.attributes("vdam_container_cluster_restore_drill")
	if drill["result"] != "passed" || drill["agent_phase"] != "PartiallyFailed" || len(drill["notes"].([]any)) != 1 {
		t.Errorf("a drill whose key is read-only is %v", drill)
	}

	// Nothing is restored, and the word is the same.
	c.kubectl(c.y, "", "-n", "velero", "delete", "deployment/velero")
	c.drill()
	said := c.fails("apply", "-auto-approve", "-no-color")
	if !strings.Contains(said, "nothing was restored, and Velero calls that PartiallyFailed") ||
		!strings.Contains(said, "no Deployment velero") {
		t.Errorf("a drill that restores nothing says: %s", said)
	}
	if drill := c.attributes("vdam_container_cluster_restore_drill"); drill["result"] != "failed" || drill["restored_items"] != float64(0) {
		t.Errorf("a drill that restores nothing is %v", drill)
	}
	c.clean()
	c.kubectl(c.y, velero.Deployment, "apply", "-f", "-")

	// Somebody with more rights than a writer hides the backup: its bytes are locked and there, and no list shows it.
	plan, backup := c.attributes("vdam_container_cluster_backup_plan"), c.attributes("vdam_container_cluster_backup")
	hidden := fmt.Sprintf("%s/backups/%s/velero-backup.json", plan["folder"], backup["backup_name"])
	if err := root.RemoveObject(t.Context(), c.bucket, hidden, minio.RemoveObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	said = c.fails("apply", "-auto-approve", "-no-color")
	if !strings.Contains(said, "there is no backup in the vault") {
		t.Errorf("a drill of a hidden backup says: %s", said)
	}
}

// keepsSecret looks for the vault's key, which Velero has for weeks, everywhere.
func (c *mutualClusters) keepsSecret() {
	c.t.Helper()
	name := strings.TrimPrefix(c.attributes("vdam_container_cluster_backup_plan")["folder"].(string), "clusters/")
	raw, err := base64.StdEncoding.DecodeString(c.kubectl(c.x, "", "-n", "velero", "get", "secret", name, "-o=jsonpath={.data.cloud}"))
	_, secret, found := strings.Cut(string(raw), "aws_secret_access_key = ")
	if err != nil || !found {
		c.t.Fatalf("the Secret is not as Velero reads it, %v", err)
	}
	secret = strings.TrimSpace(secret)
	for _, file := range []string{"terraform.tfstate", "trace.log", "out"} {
		if text := c.read(file); strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString(raw)) {
			c.t.Errorf("%s has the vault's key", file)
		}
	}
}

// forget takes the plan out again.
func (c *mutualClusters) forget() {
	c.t.Helper()
	for _, file := range []string{"plan.tf", "backup.tf", "restore.tf", "drill.tf", "twin.tf"} {
		c.write(file, "")
	}
	c.apply()
	left := c.kubectl(c.x, "", "-n", "velero", "get", "schedules,backupstoragelocations,secrets", "-o", "name")
	if left != ownSecret {
		c.t.Errorf("there is still %s at x", left)
	}
	if got := c.kubectl(c.y, "", "-n", "shop-again", "get", "deployment/shop", "-o=jsonpath={.status.readyReplicas}"); got != "3" {
		c.t.Errorf("what was restored is not there any more, %s", got)
	}
}
