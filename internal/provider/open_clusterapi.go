package provider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/clusterapi"
	"github.com/vdam-lv/terraform-provider-vdam/internal/transport"
)

// clusterAPIModel is cluster_api of an operator's entry.
type clusterAPIModel struct {
	Kubeconfig   types.String             `tfsdk:"kubeconfig"`
	Context      types.String             `tfsdk:"context"`
	Class        types.String             `tfsdk:"cluster_class"`
	Versions     []string                 `tfsdk:"kubernetes_versions"`
	Sizes        map[string]nodeSizeModel `tfsdk:"machine_sizes"`
	SizeVariable types.String             `tfsdk:"machine_size_variable"`
	Autoscaler   types.Bool               `tfsdk:"autoscaler"`
	LabelDomains []string                 `tfsdk:"node_label_domains"`
	Taints       types.Bool               `tfsdk:"node_taints"`
}

type nodeSizeModel struct {
	VCPUs       int64        `tfsdk:"vcpus"`
	MemoryMiB   int64        `tfsdk:"memory_mib"`
	WorkerClass types.String `tfsdk:"worker_class"`
}

// fullyKnown reports whether a value and all in it are known.
func fullyKnown(v attr.Value) bool {
	var parts []attr.Value
	switch v := v.(type) {
	case types.Object:
		parts = slices.Collect(maps.Values(v.Attributes()))
	case types.Map:
		parts = slices.Collect(maps.Values(v.Elements()))
	case types.List:
		parts = v.Elements()
	}
	return !v.IsUnknown() && !slices.ContainsFunc(parts, func(p attr.Value) bool { return !fullyKnown(p) })
}

// management is where an operator's management cluster is, and how to log in to it.
type management struct {
	clusterapi.Kubeconfig
	said clusterAPIModel
	// file is the kubeconfig's; empty without one.
	file string
}

// manage finds the management cluster: by what the entry says, by the kubeconfig that it names, or in the directory. Where
// none of them says anything, it is the cluster that Terraform runs in, whose token goes nowhere else.
func (o *operatorModel) manage(ctx context.Context, dir *directory, at *place) (err error) {
	if at.management, err = o.management(ctx); err != nil {
		return err
	}
	if at.endpoint = cmp.Or(at.endpoint, at.management.Server); at.endpoint != "" {
		return nil
	}
	if entry, ok, err := dir.entry(ctx, o.name); err != nil || ok {
		at.endpoint = entry.Endpoint
		return err
	}
	at.management.Kubeconfig, err = o.insideCluster()
	at.endpoint = at.management.Server
	return err
}

// management reads the kubeconfig that the entry names, if it does.
func (o *operatorModel) management(ctx context.Context) (m management, err error) {
	if !o.ClusterAPI.IsNull() {
		if d := o.ClusterAPI.As(ctx, &m.said, basetypes.ObjectAsOptions{}); d.HasError() {
			return m, o.misconfigured("cluster_api cannot be used: "+d[0].Detail(), "")
		}
	}
	if m.file = expanded(o.value(m.said.Kubeconfig, "kubeconfig")); m.file == "" {
		return m, nil
	}
	raw, err := os.ReadFile(m.file)
	if err != nil {
		return m, o.unreadable(err, m.file, "kubeconfig")
	}
	if m.Kubeconfig, err = clusterapi.ParseKubeconfig(raw, m.said.Context.ValueString()); err != nil {
		return m, o.misconfigured(fmt.Sprintf("The kubeconfig %s cannot be used: %v.", m.file, err),
			fmt.Sprintf("Correct it, or kubeconfig and context in cluster_api of %s.", o.at()))
	}
	for _, file := range []*string{&m.AuthorityFile, &m.CertificateFile, &m.KeyFile, &m.TokenFile} {
		if *file != "" && !filepath.IsAbs(*file) {
			*file = filepath.Join(filepath.Dir(m.file), *file) // As kubectl takes it.
		}
	}
	return m, nil
}

// serviceAccount is where a pod finds its credentials (Kubernetes, "Accessing the API from a Pod").
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

func (o *operatorModel) insideCluster() (k clusterapi.Kubeconfig, err error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return k, o.misconfigured("Nothing says where its management cluster is.", fmt.Sprintf(
			"Set kubeconfig in cluster_api of %s, or %s, or endpoint and token.", o.at(), o.variable("kubeconfig")))
	}
	namespace, _ := os.ReadFile(filepath.Join(serviceAccount, "namespace")) // Else project says it.
	return clusterapi.Kubeconfig{
		Server: "https://" + net.JoinHostPort(host, port), AuthorityFile: filepath.Join(serviceAccount, "ca.crt"),
		TokenFile: filepath.Join(serviceAccount, "token"), Namespace: strings.TrimSpace(string(namespace)),
	}, nil
}

func (o *operatorModel) openClusterAPI(ctx context.Context, at place) (*cloud.Operator, error) {
	m := at.management
	namespace := cmp.Or(o.value(o.Project, "project"), m.Namespace)
	if namespace == "" {
		return nil, o.misconfigured("No namespace is set.",
			fmt.Sprintf("Set project in %s to the agency's namespace, or %s.", o.at(), o.variable("project")))
	}
	config := o.kubernetesConnection(m.Kubeconfig)
	config.TLS.CAFile = cmp.Or(o.connection().TLS.CAFile, config.TLS.CAFile)
	if own := o.connection().TLS; own.CertFile != "" || own.KeyFile != "" {
		config.TLS.CertFile, config.TLS.KeyFile = own.CertFile, own.KeyFile
	}
	if token := o.value(o.Token, "token"); token != "" {
		config.Tokens = transport.StaticToken(token)
	} else if file := o.value(o.TokenFile, "token_file"); file != "" {
		config.Tokens = transport.FileToken(file)
	}
	if config.Tokens == nil && config.TLS.CertFile == "" && config.TLS.Cert == "" {
		return nil, o.misconfigured("No credentials are set.", fmt.Sprintf(
			"Set kubeconfig in cluster_api of %s, or token, token_file or a client certificate in tls; or %s, %s or %s.",
			o.at(), o.variable("kubeconfig"), o.variable("token"), o.variable("token_file")))
	}
	client, err := o.client(config)
	if err != nil {
		return nil, err
	}
	return clusterapi.Open(ctx, clusterapi.Options{
		Name: o.name, Endpoint: at.endpoint, Namespace: namespace, HTTP: client,
		Dial:  func(k clusterapi.Kubeconfig) (*http.Client, error) { return o.client(o.kubernetesConnection(k)) },
		Class: m.said.Class.ValueString(), Versions: m.said.Versions, Sizes: m.said.sizes(),
		SizeVariable: m.said.SizeVariable.ValueString(), Autoscaler: m.said.Autoscaler.ValueBool(), LabelDomains: m.said.LabelDomains,
		Taints: m.said.Taints.ValueBool(),
	})
}

// kubernetesConnection is how the API is reached that a kubeconfig names.
func (o *operatorModel) kubernetesConnection(k clusterapi.Kubeconfig) transport.Config {
	config := o.connection()
	config.ProxyURL = cmp.Or(config.ProxyURL, k.ProxyURL)
	config.TLS = transport.TLSConfig{
		CA: k.Authority, Cert: k.Certificate, Key: k.Key, ServerName: k.ServerName,
		CAFile: k.AuthorityFile, CertFile: k.CertificateFile, KeyFile: k.KeyFile,
	}
	switch {
	case k.Token != "":
		config.Tokens = transport.StaticToken(k.Token)
	case k.TokenFile != "":
		config.Tokens = transport.FileToken(k.TokenFile)
	}
	return config
}

func (m clusterAPIModel) sizes() (all []clusterapi.Size) {
	for _, name := range slices.Sorted(maps.Keys(m.Sizes)) {
		s := m.Sizes[name]
		all = append(all, clusterapi.Size{Name: name, VCPUs: s.VCPUs, MemoryMiB: s.MemoryMiB, WorkerClass: s.WorkerClass.ValueString()})
	}
	return all
}
