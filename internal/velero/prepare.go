package velero

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// prepare has Velero know the vault and the backup. It does not wait until Velero finds the backup, which takes a minute.
func (t *attempt) prepare(ctx context.Context, chosen stored) error {
	if t.order.Temporary {
		for _, to := range t.out.Namespaces {
			body := object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": to, "labels": t.labels}}
			if err := t.create(ctx, "/api/v1/namespaces", body); err != nil {
				return err
			}
		}
	}
	if err := t.mappings(ctx); err != nil || t.out.Refusal != "" {
		return err
	}
	name := t.order.Name
	if err := t.apply(ctx, secrets(name), keySecret(name, t.labels, t.key)); err != nil {
		return err
	}
	at := storageLocation(name, t.labels, t.key, t.order.Folder, true)
	if err := t.apply(ctx, path("backupstoragelocations", name), at); err != nil {
		return err
	}
	if err := t.known(ctx); err != nil || t.out.Refusal != "" {
		return err
	}
	return t.introduce(ctx, chosen)
}

// known waits until Velero has looked at the vault.
func (t *attempt) known(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, locationWait)
	defer cancel()
	for {
		var l location
		err := t.get(ctx, path("backupstoragelocations", t.order.Name), &l)
		switch {
		case err == nil && l.Status.Phase == available:
			return nil
		case err == nil && l.Status.Phase == unavailable:
			t.out.Refusal = "Velero cannot use the vault from the cluster: " + driver.OneLine(l.Status.Message, driver.DetailLimit)
			return nil
		}
		if !pause(ctx, restorePoll) {
			t.out.Refusal = fmt.Sprintf("Velero has not looked at the vault within %s", locationWait)
			return err
		}
	}
}

// mappings tells Velero what names become, by what it reads for all restores of the cluster.
func (t *attempt) mappings(ctx context.Context) error {
	images := map[string]string{}
	for i, from := range slices.Sorted(maps.Keys(t.order.Images)) {
		images[fmt.Sprintf("image-%d", i+1)] = from + "," + t.order.Images[from]
	}
	wanted := map[string]map[string]string{"velero.io/change-image-name": images, "velero.io/change-storage-class": t.order.StorageClasses}
	for _, plugin := range slices.Sorted(maps.Keys(wanted)) {
		data := wanted[plugin]
		if err := t.alone(ctx, plugin, len(data) > 0); err != nil || t.out.Refusal != "" {
			return err
		}
		if len(data) == 0 {
			continue
		}
		labels := maps.Clone(t.labels)
		labels["velero.io/plugin-config"], labels[plugin] = "", "RestoreItemAction"
		name := t.order.Name + strings.TrimPrefix(plugin, "velero.io/change")
		body := object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": name, "labels": labels}, "data": data}
		if err := t.create(ctx, within("/api/v1", namespace, "configmaps"), body); err != nil {
			return err
		}
	}
	return nil
}

// alone looks for what changes all restores of the cluster already: Velero allows one of it, and reads it also for those that
// want none.
func (t *attempt) alone(ctx context.Context, plugin string, wanted bool) error {
	others, err := list[struct {
		Metadata metadata `json:"metadata"`
	}](ctx, t.api, within("/api/v1", namespace, "configmaps"), "velero.io/plugin-config,"+plugin+"=RestoreItemAction")
	if err != nil {
		return err
	}
	for _, o := range others {
		switch {
		case o.Metadata.Labels[seriesLabel] != "":
			t.out.Refusal = fmt.Sprintf("the ConfigMap %s in the namespace velero changes all restores in the cluster: another restore of this "+
				"provider runs and needs it, or was cut off and has left it; wait for that one or delete the ConfigMap", o.Metadata.Name)
		case wanted:
			t.out.Refusal = fmt.Sprintf("there is the ConfigMap %s for %s in the namespace velero already, which is not of this provider, and "+
				"Velero allows one", o.Metadata.Name, plugin)
		default:
			t.out.Notes = append(t.out.Notes,
				fmt.Sprintf("The ConfigMap %s of the cluster, for %s, applied to the restore.", o.Metadata.Name, plugin))
		}
	}
	return nil
}

// introduce has the cluster know the backup. One that it knows already is used as it is if it is the same; it may be that of a
// plan, which lives.
func (t *attempt) introduce(ctx context.Context, chosen stored) error {
	err := t.create(ctx, path("backups"), chosen.at(t.order.Name, t.labels))
	if !errors.Is(err, cloud.ErrConflict) {
		return err
	}
	var known backup
	var at, ours location
	if err := t.get(ctx, path("backups", chosen.name()), &known); err != nil {
		return err
	}
	if err := t.get(ctx, path("backupstoragelocations", t.order.Name), &ours); err != nil {
		return err
	}
	err = t.get(ctx, path("backupstoragelocations", known.Spec.Location), &at)
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || at.Spec != ours.Spec || at.Status.Phase != available {
		t.out.Refusal = fmt.Sprintf("the cluster knows another backup %s, of the storage location %s, which may be somebody's: delete "+
			"the object if it is nobody's, which deletes nothing in a vault", chosen.name(), known.Spec.Location)
	}
	return nil
}
