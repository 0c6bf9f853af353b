package clusterapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
)

// Class is the ClusterClass that each agency has.
const Class = "in-memory"

//go:embed class.yaml
var class []byte

// account is what an agency's user is called.
const account = "terraform"

// Agency is a user of the management cluster, who has rights in a namespace of its own: to make, change and delete
// clusters, to see their classes and worker pools, and to get secrets by their names.
type Agency struct {
	Namespace string
	// Kubeconfig is a file. What is in it is good for a day.
	Kubeconfig string
	// Client speaks to the management cluster as the agency.
	*Client
}

// V1Beta2 is what the API calls what clusters are part of.
const V1Beta2 = capiGroup + "/v1beta2"

const (
	capiGroup = "cluster.x-k8s.io"
	rbac      = "rbac.authorization.k8s.io"
)

// rules are all that an agency may do.
var rules = []Object{
	{
		"apiGroups": []string{capiGroup}, "resources": []string{"clusters"},
		"verbs": []string{"get", "list", "watch", "create", "patch", "update", "delete"},
	},
	{
		"apiGroups": []string{capiGroup}, "resources": []string{"clusterclasses", "machinedeployments"},
		"verbs": []string{"get", "list"},
	},
	{"apiGroups": []string{""}, "resources": []string{"secrets"}, "verbs": []string{"get"}},
}

// admit makes an agency, and returns when it can make clusters.
func (m *Management) admit(ctx context.Context, name, dir string) (Agency, error) {
	for _, o := range access(name) {
		if err := m.Admin.Apply(ctx, o); err != nil {
			return Agency{}, err
		}
	}
	if err := m.offer(ctx, name); err != nil {
		return Agency{}, err
	}
	token, err := m.token(ctx, name)
	if err != nil {
		return Agency{}, err
	}
	client, err := newClient(m.cluster, nil, nil, token)
	if err != nil {
		return Agency{}, err
	}
	raw, err := kubeconfig(m.cluster.Endpoint(), m.cluster.CA(), name, token)
	if err != nil {
		return Agency{}, err
	}
	a := Agency{Namespace: name, Kubeconfig: filepath.Join(dir, name+".kubeconfig"), Client: client}
	if err := os.WriteFile(a.Kubeconfig, raw, 0o600); err != nil {
		return Agency{}, err
	}
	// The API hears of rights by watching.
	return a, until(ctx, func(ctx context.Context) error {
		return a.Get(ctx, Path(V1Beta2, name, "clusterclasses", ""), nil)
	})
}

// access is the namespace of an agency, its user and the user's rights.
func access(name string) []Object {
	metadata := Object{"name": account, "namespace": name}
	return []Object{
		{"apiVersion": "v1", "kind": "Namespace", "metadata": Object{"name": name}},
		{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
		{"apiVersion": rbac + "/v1", "kind": "Role", "metadata": metadata, "rules": rules},
		{
			"apiVersion": rbac + "/v1", "kind": "RoleBinding", "metadata": metadata,
			"roleRef":  Object{"apiGroup": rbac, "kind": "Role", "name": account},
			"subjects": []Object{{"kind": "ServiceAccount", "name": account, "namespace": name}},
		},
	}
}

// offer gives an agency the class, and returns when clusters can be made of it.
func (m *Management) offer(ctx context.Context, namespace string) error {
	objects, err := decode(class)
	if err != nil {
		return err
	}
	for _, o := range objects {
		object(o, "metadata")["namespace"] = namespace
		if err := m.Admin.Apply(ctx, o); err != nil {
			return err
		}
	}
	path := Path(V1Beta2, namespace, "clusterclasses", Class)
	return until(ctx, func(ctx context.Context) error {
		return m.Admin.hasConditions(ctx, path, "VariablesReady", "RefVersionsUpToDate")
	})
}

func (m *Management) token(ctx context.Context, namespace string) (string, error) {
	var answer struct{ Status struct{ Token string } }
	err := m.Admin.Create(ctx, Path("v1", namespace, "serviceaccounts", account)+"/token", Object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": Object{"expirationSeconds": 24 * 60 * 60},
	}, &answer)
	return answer.Status.Token, err
}

// kubeconfig is written as JSON, which is YAML.
func kubeconfig(endpoint string, ca []byte, namespace, token string) ([]byte, error) {
	return json.MarshalIndent(Object{
		"apiVersion": "v1", "kind": "Config", "current-context": "management",
		"clusters": []Object{{"name": "management", "cluster": Object{"server": endpoint, "certificate-authority-data": ca}}},
		"users":    []Object{{"name": account, "user": Object{"token": token}}},
		"contexts": []Object{{
			"name": "management", "context": Object{"cluster": "management", "user": account, "namespace": namespace},
		}},
	}, "", "  ")
}
