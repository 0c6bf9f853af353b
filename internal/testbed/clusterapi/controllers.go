package clusterapi

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// Ports of the first part; those of the others follow.
const (
	webhookPort     = 9441
	healthPort      = 9541
	diagnosticsPort = 9641
)

// NodeLabels are the labels of a pool's machines that its nodes get, besides those that all nodes of Cluster API get: of
// example.org and the domains below it.
const NodeLabels = `^([a-z0-9-]+\.)*example\.org/`

// runControllers starts all parts, and returns when the API asks their webhooks.
func (m *Management) runControllers(ctx context.Context, served testbed.Certificate) error {
	companions := make([]controlplane.Companion, len(parts))
	for i, part := range parts {
		health := "127.0.0.1:" + strconv.Itoa(healthPort+i)
		companions[i] = controlplane.Companion{
			Name: part.name, Program: m.programs.program(part.name),
			Args: []string{
				"--kubeconfig=" + m.Kubeconfig, "--feature-gates=" + part.features,
				"--webhook-port=" + strconv.Itoa(webhookPort+i), "--webhook-cert-dir=" + filepath.Dir(served.File), "--health-addr=" + health,
				"--diagnostics-address=127.0.0.1:" + strconv.Itoa(diagnosticsPort+i), "--insecure-diagnostics",
			},
			Env:     []string{"POD_IP=127.0.0.1"}, // Where dev-infra says that workload clusters are.
			Answers: func(ctx context.Context) error { return answers(ctx, "http://"+health+"/readyz") },
		}
		if part.name == "core" {
			companions[i].Args = append(companions[i].Args, "--additional-sync-machine-labels="+NodeLabels)
		}
	}
	if err := m.cluster.Accompany(ctx, companions...); err != nil {
		return err
	}
	return until(ctx, m.admitted)
}

// answers asks a part whether its webhooks are served.
func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return testbed.Answers(req)
}

// admitted says whether the API asks the webhooks: they refuse a version that is none, which the resource's schema does
// not.
func (m *Management) admitted(ctx context.Context) error {
	err := m.Admin.apply(ctx, Object{
		"apiVersion": V1Beta2, "kind": "Cluster",
		"metadata": Object{"name": "probe", "namespace": "default"},
		"spec":     Object{"topology": Object{"classRef": Object{"name": "none"}, "version": "one"}},
	}, "&dryRun=All")
	if controlplane.Refused(err, http.StatusUnprocessableEntity) || controlplane.Refused(err, http.StatusForbidden) {
		return nil
	}
	return fmt.Errorf("the webhooks refuse nothing yet (%w)", err)
}
