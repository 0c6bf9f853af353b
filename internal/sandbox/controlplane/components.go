package controlplane

import (
	_ "embed"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// issuer is of the tokens of service accounts. It does not depend on the port, so that tokens outlive a start.
const issuer = "https://kubernetes.default.svc.cluster.local"

// administrator is who the manager and the cluster's own parts are to the API.
const administrator = "vdam:control-plane"

// fakeNodes is the annotation of the nodes that kwok keeps ready. It leaves others alone.
const fakeNodeKey, fakeNodeValue = "kwok.x-k8s.io/node", "fake"

//go:embed stages.yaml
var stages string

// files of a cluster, all in its folder.
const (
	kubeconfigFile = "admin.kubeconfig"
	stagesFile     = "stages.yaml"
)

// prepare writes all that the parts of a cluster read, and returns what it is administered with.
func prepare(dir string, r record, n network, ca *authority) (pair, error) {
	server, err := ca.server([]net.IP{net.IPv4(127, 0, 0, 1), net.IP(n.apiAddress().AsSlice())})
	if err != nil {
		return pair{}, err
	}
	admin, err := ca.client(administrator, "system:masters", time.Now().Add(served))
	if err != nil {
		return pair{}, err
	}
	if err := writeSigningKey(filepath.Join(dir, "sa.key"), filepath.Join(dir, "sa.pub")); err != nil {
		return pair{}, err
	}
	endpoint := "https://" + loopback(r.Port)
	for name, content := range map[string][]byte{
		"apiserver.crt": server.certificate, "apiserver.key": server.key,
		kubeconfigFile: kubeconfig(r.ID, endpoint, ca.pem, administrator, admin),
		stagesFile:     []byte(strings.ReplaceAll(stages, "${VERSION}", "v"+r.Version)),
	} {
		if err := writeFile(filepath.Join(dir, name), content); err != nil {
			return pair{}, err
		}
	}
	return admin, nil
}

// kubeconfig is written as JSON, which is YAML.
func kubeconfig(cluster, endpoint string, ca []byte, user string, credentials pair) []byte {
	type named map[string]any
	raw, err := json.MarshalIndent(named{
		"apiVersion": "v1", "kind": "Config", "current-context": cluster,
		"clusters": []named{{"name": cluster, "cluster": named{"server": endpoint, "certificate-authority-data": ca}}},
		"users": []named{{"name": user, "user": named{
			"client-certificate-data": credentials.certificate, "client-key-data": credentials.key,
		}}},
		"contexts": []named{{"name": cluster, "context": named{"cluster": cluster, "user": user}}},
	}, "", "  ")
	if err != nil {
		panic(err) // There is nothing in it that JSON cannot say.
	}
	return raw
}

// apiserver is the command of the API itself.
func apiserver(dir, program string, r record, etcd store) command {
	in := func(name string) string { return filepath.Join(dir, name) }
	return command{part: "kube-apiserver", program: program, dir: dir, args: []string{
		"kube-apiserver",
		"--etcd-servers=" + string(etcd), "--etcd-prefix=" + r.prefix(),
		"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(r.Port),
		// On loopback it can be told to nobody inside where the API is.
		"--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
		"--tls-cert-file=" + in("apiserver.crt"), "--tls-private-key-file=" + in("apiserver.key"),
		"--client-ca-file=" + in("ca.crt"), "--authorization-mode=Node,RBAC", "--allow-privileged", "--profiling=false",
		"--service-account-issuer=" + issuer, "--service-account-key-file=" + in("sa.pub"),
		"--service-account-signing-key-file=" + in("sa.key"), "--service-cluster-ip-range=" + r.ServiceCIDR,
	}}
}

// controllers are the commands of what works on the API once it is up.
func controllers(dir, program, kwok string, r record, n network) []command {
	in := func(name string) string { return filepath.Join(dir, name) }
	access := "--kubeconfig=" + in(kubeconfigFile)
	alone := []string{access, "--leader-elect=false", "--secure-port=0", "--profiling=false"}
	return []command{
		{part: "kube-controller-manager", program: program, dir: dir, args: append([]string{
			"kube-controller-manager",
			"--service-account-private-key-file=" + in("sa.key"), "--root-ca-file=" + in("ca.crt"),
			"--cluster-signing-cert-file=" + in("ca.crt"), "--cluster-signing-key-file=" + in("ca.key"),
			"--allocate-node-cidrs", "--configure-cloud-routes=false", "--cluster-cidr=" + r.PodCIDR,
			"--node-cidr-mask-size=" + strconv.Itoa(n.nodeBits()), "--service-cluster-ip-range=" + r.ServiceCIDR,
		}, alone...)},
		{part: "kube-scheduler", program: program, dir: dir, args: append([]string{"kube-scheduler"}, alone...)},
		{part: "kwok", program: kwok, dir: dir, args: []string{
			access, "--config=" + in(stagesFile), "--manage-nodes-with-annotation-selector=" + fakeNodeKey + "=" + fakeNodeValue,
			"--node-ip=" + nodeAddress, "--cidr=" + r.PodCIDR, "--node-lease-duration-seconds=40",
		}},
	}
}

// nodeAddress is where every node is. Nothing listens there for the API to call.
const nodeAddress = "127.0.0.1"

func makeFolder(parts ...string) (string, error) {
	dir := filepath.Join(parts...)
	return dir, os.MkdirAll(dir, 0o700)
}
