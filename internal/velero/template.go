package velero

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// annotationsOf are those of a body.
func annotationsOf(body object) object {
	metadata, _ := body["metadata"].(object)
	notes, _ := metadata["annotations"].(object)
	return notes
}

// newSchedule is the body of an order.
func newSchedule(name string, spec cloud.ClusterBackupPlanSpec, o cloud.CreateOptions) (object, error) {
	body, err := fields(name, spec)
	if err != nil {
		return nil, err
	}
	body["apiVersion"], body["kind"] = "velero.io/v1", "Schedule"
	metadata, _ := body["metadata"].(object)
	metadata["name"] = name
	metadata["labels"] = object{ownerLabel: strings.ToLower(o.OwnerKey), unclaimedLabel: yes}
	annotationsOf(body)[deploymentNote] = o.Deployment
	return body, nil
}

// fields are those of a schedule for a specification. What the operator's people have changed meanwhile is overwritten
// as a whole: half a plan of each would be nobody's.
func fields(name string, spec cloud.ClusterBackupPlanSpec) (object, error) {
	kept := spec
	kept.Vault = cloud.VaultReference{Operator: kept.Vault.Operator, ID: kept.Vault.ID, URL: kept.Vault.URL} // And no key of it.
	raw, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	cron := never
	if spec.Schedule != "" {
		cron = spec.Schedule
	}
	return object{
		"metadata": object{"annotations": object{planNote: string(raw)}},
		"spec": object{
			"schedule": timeZone + cron, "paused": spec.Paused || spec.Schedule == "", "template": template(name, spec),
		},
	}, nil
}

// timeZone is before a cron line: the clock of Velero's container may be of any.
const timeZone = "CRON_TZ=UTC "

// forever is how long Velero keeps what it makes. Its key may not delete in the vault: it would begin to delete a backup whose
// time is over, and never end. It forgets what is not in the vault any more by itself.
const forever = 100 * 365 * 24 * time.Hour

// template is what each backup of a plan is. All fields are there, so that a merge takes away what was before.
func template(name string, spec cloud.ClusterBackupPlanSpec) object {
	t := object{
		"metadata":        object{"labels": object{planLabel: name}},
		"storageLocation": name, "ttl": forever.String(), "snapshotVolumes": false,
		"includedNamespaces": orNull(spec.IncludedNamespaces), "excludedNamespaces": orNull(spec.ExcludedNamespaces),
		"includeClusterResources": nil, "excludedResources": nil, "labelSelector": nil, "hooks": object{},
		"defaultVolumesToFsBackup": spec.VolumeData == cloud.VolumeDataFileSystem,
	}
	if spec.ClusterObjects { // False would leave out the volumes of claims as well: without it, Velero takes what namespaces need.
		t["includeClusterResources"] = true
	}
	if !spec.Secrets {
		t["excludedResources"] = []string{"secrets"}
	}
	if len(spec.Selector) > 0 {
		t["labelSelector"] = object{"matchLabels": spec.Selector}
	}
	if len(spec.Hooks) > 0 {
		var all []object
		for i, h := range spec.Hooks {
			all = append(all, hook(fmt.Sprintf("hook-%d", i+1), h))
		}
		t["hooks"] = object{"resources": all}
	}
	return t
}

func orNull(list []string) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

func hook(name string, h cloud.ClusterHook) object {
	run := func(command []string) []object {
		if len(command) == 0 {
			return nil
		}
		exec := object{"command": command, "onError": "Fail", "timeout": h.Timeout.String()}
		if h.Container != "" {
			exec["container"] = h.Container
		}
		return []object{{"exec": exec}}
	}
	out := object{"name": name, "includedNamespaces": []string{h.Namespace}}
	if len(h.Selector) > 0 {
		out["labelSelector"] = object{"matchLabels": h.Selector}
	}
	if pre := run(h.Pre); pre != nil {
		out["pre"] = pre
	}
	if post := run(h.Post); post != nil {
		out["post"] = post
	}
	return out
}

var errNotOurs = errors.New("it was not made by this provider")
