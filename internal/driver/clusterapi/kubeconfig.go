package clusterapi

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v2"
)

// Kubeconfig is what one context of a kubeconfig file says.
type Kubeconfig struct {
	// Server is the URL of the API; ServerName is the name in its certificate, if that is another.
	Server, ServerName string
	Namespace          string
	// Authority, Certificate and Key are PEM; each may be empty, and be in a file instead.
	Authority, Certificate, Key             string
	AuthorityFile, CertificateFile, KeyFile string
	Token, TokenFile                        string
	// ProxyURL is the proxy for this API; may be empty.
	ProxyURL string
}

// kubeconfigFile is the file's form (client-go, clientcmd/api/v1), as far as it is used.
type kubeconfigFile struct {
	Current  string `yaml:"current-context"`
	Contexts []struct {
		Name    string `yaml:"name"`
		Context struct {
			Cluster   string `yaml:"cluster"`
			User      string `yaml:"user"`
			Namespace string `yaml:"namespace"`
		} `yaml:"context"`
	} `yaml:"contexts"`
	Clusters []struct {
		Name    string `yaml:"name"`
		Cluster struct {
			Server        string `yaml:"server"`
			ServerName    string `yaml:"tls-server-name"`
			Insecure      bool   `yaml:"insecure-skip-tls-verify"`
			Authority     string `yaml:"certificate-authority-data"`
			AuthorityFile string `yaml:"certificate-authority"`
			ProxyURL      string `yaml:"proxy-url"`
		} `yaml:"cluster"`
	} `yaml:"clusters"`
	Users []struct {
		Name string `yaml:"name"`
		User struct {
			Certificate     string         `yaml:"client-certificate-data"`
			CertificateFile string         `yaml:"client-certificate"`
			Key             string         `yaml:"client-key-data"`
			KeyFile         string         `yaml:"client-key"`
			Token           string         `yaml:"token"`
			TokenFile       string         `yaml:"tokenFile"`
			Username        string         `yaml:"username"`
			Exec            map[string]any `yaml:"exec"`
			Provider        map[string]any `yaml:"auth-provider"`
		} `yaml:"user"`
	} `yaml:"users"`
}

// ParseKubeconfig reads a context of a kubeconfig file, the current one if it is not named. Its errors quote nothing of
// the file but names.
func ParseKubeconfig(raw []byte, context string) (k Kubeconfig, err error) {
	var f kubeconfigFile
	if yaml.Unmarshal(raw, &f) != nil {
		return k, errors.New("it is not the YAML of a kubeconfig")
	}
	if context == "" {
		context = f.Current
	}
	if context == "" {
		return k, errors.New("it has no current-context, and none is named")
	}
	for _, c := range f.Contexts {
		if c.Name == context {
			k.Namespace = c.Context.Namespace
			if err := f.cluster(c.Context.Cluster, &k); err != nil {
				return k, err
			}
			return k, f.user(c.Context.User, &k)
		}
	}
	return k, fmt.Errorf("it has no context %q", context)
}

// selfContained refuses what is not all in the kubeconfig itself. Who writes that of a cluster is not to say which of this
// machine's files are read and where they are sent, nor that something is sent in the clear.
func (k Kubeconfig) selfContained() error {
	switch {
	case k.AuthorityFile != "" || k.CertificateFile != "" || k.KeyFile != "" || k.TokenFile != "":
		return errors.New("it names files instead of having what is in them")
	case !strings.HasPrefix(k.Server, "https://"):
		return errors.New("its server is not at an https address")
	}
	return nil
}

func (f kubeconfigFile) cluster(name string, k *Kubeconfig) (err error) {
	for _, c := range f.Clusters {
		if c.Name != name {
			continue
		}
		switch {
		case c.Cluster.Server == "":
			return fmt.Errorf("its cluster %q has no server", name)
		case c.Cluster.Insecure:
			return fmt.Errorf("its cluster %q wants no certificates to be checked, and this provider always checks them", name)
		}
		k.Server, k.ServerName, k.ProxyURL = strings.TrimSuffix(c.Cluster.Server, "/"), c.Cluster.ServerName, c.Cluster.ProxyURL
		k.AuthorityFile = c.Cluster.AuthorityFile
		k.Authority, err = decoded(c.Cluster.Authority, "certificate-authority-data")
		return err
	}
	return fmt.Errorf("it has no cluster %q", name)
}

func (f kubeconfigFile) user(name string, k *Kubeconfig) (err error) {
	for _, u := range f.Users {
		if u.Name != name {
			continue
		}
		if len(u.User.Exec) > 0 || len(u.User.Provider) > 0 || u.User.Username != "" {
			return fmt.Errorf("its user %q logs in by a program or a password; this provider takes a client certificate, a token or a token "+
				"file", name)
		}
		k.Token, k.TokenFile = u.User.Token, u.User.TokenFile
		k.CertificateFile, k.KeyFile = u.User.CertificateFile, u.User.KeyFile
		if k.Certificate, err = decoded(u.User.Certificate, "client-certificate-data"); err != nil {
			return err
		}
		k.Key, err = decoded(u.User.Key, "client-key-data")
		return err
	}
	return fmt.Errorf("it has no user %q", name)
}

func decoded(text, field string) (string, error) {
	pem, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("its %s is not base64", field)
	}
	return string(pem), nil
}
