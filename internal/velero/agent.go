package velero

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const (
	// agentWait is how long a Velero that runs may take to say so: it does within a second, unless it starts.
	agentWait = time.Minute
	agentPoll = 200 * time.Millisecond
)

// howToInstall is what a cluster needs before it can be backed up.
const howToInstall = "Install Velero in the namespace velero of the cluster, with its plugin for AWS, such as by its Helm chart; no " +
	"storage location is needed. This provider installs nothing in clusters: which version runs there is for who runs the cluster to say."

// agent asks whether there is a Velero that works, which is more than that something of it is installed, and returns its
// version.
func (a *api) agent(ctx context.Context) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, agentWait)
	defer cancel()
	name := "vdam-" + strings.ToLower(rand.Text()[:10])
	err = a.create(ctx, path("serverstatusrequests"), object{
		"apiVersion": "velero.io/v1", "kind": "ServerStatusRequest", "metadata": object{"name": name}, "spec": object{},
	})
	if errors.Is(err, cloud.ErrUnsupported) || errors.Is(err, cloud.ErrNotFound) { // Neither its resources nor its namespace.
		return "", &cloud.Error{Reason: cloud.ErrUnsupported, Operator: a.operator,
			Text: "There is no Velero in the cluster, which would make the backups.", Advice: howToInstall}
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = a.remove(context.WithoutCancel(ctx), path("serverstatusrequests", name)) }() // Else Velero does it.
	for {
		var request struct {
			Status struct {
				Phase   string `json:"phase"`
				Version string `json:"serverVersion"`
				Plugins []struct{ Name, Kind string }
			} `json:"status"`
		}
		err := a.get(ctx, path("serverstatusrequests", name), &request)
		if err == nil && request.Status.Phase == "Processed" {
			for _, p := range request.Status.Plugins {
				if p.Name == "velero.io/aws" && p.Kind == "ObjectStore" {
					return request.Status.Version, nil
				}
			}
			return "", &cloud.Error{Reason: cloud.ErrUnsupported, Operator: a.operator,
				Text:   fmt.Sprintf("Velero %s runs in the cluster without its plugin for S3, velero-plugin-for-aws.", request.Status.Version),
				Advice: "Add the plugin: vaults are S3."}
		}
		if !pause(ctx, agentPoll) {
			return "", &cloud.Error{Reason: cloud.ErrUnavailable, Operator: a.operator, Text: fmt.Sprintf(
				"Velero is installed in the cluster and does not work: it has not answered for %s.", agentWait),
				Advice: "Look at `kubectl -n velero get pods` and its log there, and apply again when it runs."}
		}
	}
}

// hasDeployment reports whether Velero finds its own image. Without that it restores nothing.
func (a *api) hasDeployment(ctx context.Context) (bool, error) {
	err := a.get(ctx, within("/apis/apps/v1", namespace, "deployments", "velero"), nil)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
