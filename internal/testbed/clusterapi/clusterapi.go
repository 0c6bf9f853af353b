// Package clusterapi gives tests a real Cluster API: its controllers, webhooks and custom resources on a real Kubernetes,
// with machines that exist in memory only. It is a management cluster as an operator of clusters would have, with two
// agencies on it that make clusters of a class. All of it ends with the test.
package clusterapi

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

const (
	// startTimeout is for all of it: twenty seconds on an idle machine.
	startTimeout = 5 * time.Minute
	pollEvery    = 100 * time.Millisecond
)

// Management is a management cluster that runs.
type Management struct {
	// Version is that of Cluster API, such as 1.14.2.
	Version string
	// Kubeconfig is a file, of the administrator.
	Kubeconfig string
	// Admin speaks to it as the administrator.
	Admin *Client
	// Kubectl is the command line of a kubectl of the management cluster's version, without a kubeconfig.
	Kubectl []string
	// Agencies are two, each with a namespace and the class of its own.
	Agencies [2]Agency

	manager  *controlplane.Manager
	cluster  *controlplane.Cluster
	programs programs
}

// Start starts a management cluster that ends with the test: there can be one at a time, as its ports are fixed. It skips
// a test that nobody asked for; if somebody did, it fails unless the test is alone with its network, see alone.sh. What
// the processes log is in t.ArtifactDir().
func Start(t testing.TB) *Management {
	t.Helper()
	testbed.Asked(t, "kubernetes")
	if err := alone(); err != nil {
		t.Fatal(err)
	}
	m := &Management{}
	t.Cleanup(func() {
		if err := m.close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	if err := m.start(ctx, t.ArtifactDir()); err != nil {
		t.Fatalf("starting Cluster API: %v", err)
	}
	return m
}

// Err says whether everything that was started still runs, and if not, what it logged in the end.
func (m *Management) Err() error { return m.cluster.Err() }

func (m *Management) start(ctx context.Context, dir string) error {
	served, err := testbed.NewCertificate(filepath.Join(dir, "webhooks"), "webhooks")
	if err != nil {
		return err
	}
	if m.programs, err = findPrograms(); err != nil {
		return err
	}
	m.Version = m.programs.version.String()
	if err := m.startKubernetes(ctx, filepath.Join(dir, "kubernetes")); err != nil {
		return err
	}
	if m.Admin, err = m.administrator(ctx); err != nil {
		return err
	}
	if err := m.install(ctx, served); err != nil {
		return err
	}
	if err := m.runControllers(ctx, served); err != nil {
		return err
	}
	for i, name := range [2]string{"acme", "globex"} {
		if m.Agencies[i], err = m.admit(ctx, name, dir); err != nil {
			return fmt.Errorf("agency %s: %w", name, err)
		}
	}
	return m.Err()
}

// startKubernetes starts the management cluster, of the newest version that there is.
func (m *Management) startKubernetes(ctx context.Context, dir string) error {
	binaries, err := controlplane.Find("")
	if err != nil {
		return err
	}
	free, err := keepFree()
	if err != nil {
		return err
	}
	defer free()
	versions := binaries.Versions()
	version := versions[len(versions)-1]
	if m.Kubectl, err = binaries.Kubectl(version); err != nil {
		return err
	}
	if m.manager, err = controlplane.Open(dir, binaries); err != nil {
		return err
	}
	m.cluster, err = m.manager.Start(ctx, controlplane.Spec{
		ID: "management", Version: version, PodCIDR: "10.42.0.0/16", ServiceCIDR: "10.43.0.0/16",
	})
	if err != nil {
		return err
	}
	m.Kubeconfig = m.cluster.Kubeconfig()
	return nil
}

// administrator makes a client of the administrator.
func (m *Management) administrator(ctx context.Context) (*Client, error) {
	credentials, err := m.cluster.Mint(ctx, controlplane.RoleAdmin, 24*time.Hour)
	if err != nil {
		return nil, err
	}
	return newClient(m.cluster, credentials.ClientCertificate, credentials.ClientKey, "")
}

// close ends all of it. Its folder stays, as the logs are there.
func (m *Management) close() error {
	if m.manager == nil {
		return nil
	}
	var err error
	if m.cluster != nil {
		err = m.cluster.Err()
	}
	return errors.Join(err, m.manager.Close())
}

// until asks again and again, until something comes true or the context ends.
func until(ctx context.Context, check func(context.Context) error) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-ticker.C:
		}
	}
}
