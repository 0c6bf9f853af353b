package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ownerTag is the tag by which Nova finds a server of an owner key. The key itself is in the metadata.
func ownerTag(key string) string { return ownerProperty + ":" + key }

// Create implements cloud.Collection. What the server needs is made first, under its owner key, so that an order that
// was cut off is gone on with; if the order is refused for good, it is removed.
func (v *servers) Create(ctx context.Context, spec cloud.VirtualMachineSpec, opts cloud.CreateOptions) (cloud.VirtualMachine, error) {
	var none cloud.VirtualMachine
	spec = v.completeDisk(spec)
	size, err := v.checkServer(spec)
	if err != nil {
		return none, err
	}
	defer v.names.hold(spec.Name)()
	existing, err := v.holder(ctx, spec.Name, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	if existing != nil {
		found, err := v.adopt(ctx, existing.ID, opts.OwnerKey)
		return found, unsure(err)
	}
	if err := v.checkReferences(ctx, spec); err != nil {
		return none, err
	}
	if found, err := v.afterCutOff(ctx, spec, opts); err != nil || found != nil {
		return deref(found), err
	}
	ports, err := v.portsFor(ctx, spec.Name, opts.OwnerKey, spec.NetworkInterfaces)
	if err != nil {
		return none, err
	}
	made, err := v.order(ctx, spec, opts, size, ports)
	if err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) && !errors.Is(err, cloud.ErrBusy) {
		if leftover := v.removePorts(context.WithoutCancel(ctx), ports); leftover != nil {
			return none, &cloud.Error{Reason: cloud.ErrUnknownOutcome, Operator: v.operator, Cause: err,
				Text: "The order was refused, and a port that was made for it could not be removed: " + err.Error()}
		}
	}
	return made, err
}

// orderSettles is how long an order that was cut off may still be on its way: its provider ends within five seconds.
const orderSettles = 6 * time.Second

// afterCutOff looks once more where ports tell that an earlier order was cut off before the server was seen: Nova may
// have that order and not show the server yet.
func (v *servers) afterCutOff(ctx context.Context, spec cloud.VirtualMachineSpec, opts cloud.CreateOptions) (*cloud.VirtualMachine, error) {
	if err := v.goOn(opts); err != nil || len(spec.NetworkInterfaces) == 0 {
		return nil, err
	}
	left, _, err := v.orderedPorts.find(ctx, portOwner+opts.OwnerKey)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	timer := time.NewTimer(orderSettles)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, unsure(&cloud.Error{Reason: cloud.ErrUnavailable, Operator: v.operator, Text: "Interrupted.", Cause: ctx.Err()})
	}
	existing, err := v.holder(ctx, spec.Name, opts.OwnerKey)
	if err != nil || existing == nil {
		return nil, err
	}
	found, err := v.adopt(ctx, existing.ID, opts.OwnerKey)
	return &found, unsure(err)
}

// adopt takes over what an earlier order made, and does what that one was cut off before: it notes the ports' server, and
// removes the key pair that was made for the time of the order.
func (v *servers) adopt(ctx context.Context, id, key string) (cloud.VirtualMachine, error) {
	r, requestID, err := v.one(ctx, id)
	if err == nil {
		err = v.bind(ctx, r)
	}
	if err == nil {
		err = v.removeIfThere(ctx, v.compute, path("os-keypairs", lentKey(key)))
	}
	if err != nil {
		return cloud.VirtualMachine{}, err
	}
	vm, err := v.whole(ctx, r, requestID)
	vm.Replayed = true
	return vm, err
}

// order asks Nova for the server.
func (v *servers) order(
	ctx context.Context, spec cloud.VirtualMachineSpec, opts cloud.CreateOptions, size flavor, ports []port,
) (cloud.VirtualMachine, error) {
	var none cloud.VirtualMachine
	userData, err := v.userData(spec)
	if err != nil {
		return none, err
	}
	networks := make([]map[string]any, len(ports))
	for i, p := range ports {
		networks[i] = map[string]any{"port": p.ID}
	}
	p := serverProperties(spec, opts)
	body := map[string]any{
		"name": spec.Name, "description": shortDescription(spec.Description), "flavorRef": size.ID,
		"metadata": p.encode(), "tags": []string{ownerTag(opts.OwnerKey)}, "networks": networks,
	}
	if len(networks) == 0 {
		body["networks"] = "none"
	}
	if spec.Zone != "" {
		body["availability_zone"] = spec.Zone
	}
	if userData != "" {
		body["user_data"] = userData
	}
	bootBody(body, spec)
	removeKey, err := v.lendKey(ctx, body, spec, opts.OwnerKey)
	if err != nil {
		return none, err
	}
	if err := v.goOn(opts); err != nil {
		removeKey()
		return none, err
	}
	var answer struct {
		Server struct {
			ID string `json:"id"`
		} `json:"server"`
	}
	requestID, err := v.post(ctx, v.compute, "servers", map[string]any{"server": body}, &answer)
	removeKey()
	if err != nil {
		return none, v.serverRefused(err)
	}
	// Where that fails, the server is there all the same, and its deletion does it.
	_ = v.bindPorts(context.WithoutCancel(ctx), answer.Server.ID, ports)
	r := serverRecord{
		ID: answer.Server.ID, Name: spec.Name, Description: shortDescription(spec.Description), Status: "BUILD",
		Metadata: p.encode(), Zone: spec.Zone,
	}
	r.Flavor.VCPUs, r.Flavor.RAMMiB, r.Flavor.DiskGiB = size.VCPUs, size.RAMMiB, size.DiskGiB
	m := r.meta()
	m.RequestID = requestID
	return r.machine(m, ports, nil), nil
}

// serverProperties are what is kept with a new server.
func serverProperties(spec cloud.VirtualMachineSpec, opts cloud.CreateOptions) properties {
	p := ordered(spec.SpecMeta, opts).protected(spec.DeletionProtection)
	if len(spec.SSHAuthorizedKeys) > 0 {
		p[keysProperty] = strings.Join(spec.SSHAuthorizedKeys, "\n")
	}
	if spec.UserData != nil {
		p[userDataProperty] = spec.UserData.Revision
	}
	p[bootProperty] = bootOrder(spec)
	if spec.PowerState == cloud.PowerStopped {
		(steps{power: cloud.PowerStopped}).note(p) // Nova starts every server that it makes.
	}
	return p
}

// bootBody says what the server boots: an image on its host, a new volume of an image, or a volume that there is.
func bootBody(body map[string]any, spec cloud.VirtualMachineSpec) {
	device := map[string]any{"boot_index": 0}
	switch {
	case spec.BootDisk == nil:
		device["source_type"], device["destination_type"], device["uuid"] = "volume", "volume", spec.BootVolumeID
		device["delete_on_termination"] = false
	case spec.BootDisk.Class == cloud.LocalDisk:
		body["imageRef"] = spec.ImageID
		return
	default:
		device["source_type"], device["destination_type"], device["uuid"] = "image", "volume", spec.ImageID
		device["volume_size"], device["delete_on_termination"] = spec.BootDisk.SizeGiB, !spec.BootDisk.RetainOnDestroy
		if spec.BootDisk.Class != "" {
			device["volume_type"] = spec.BootDisk.Class
		}
	}
	body["block_device_mapping_v2"] = []any{device}
}

// completeDisk chooses the class of a boot disk that has none, so that it is known before the disk is made. The caller's
// own stays as it is.
func (v *servers) completeDisk(spec cloud.VirtualMachineSpec) cloud.VirtualMachineSpec {
	if spec.BootDisk == nil || spec.BootDisk.Class != "" {
		return spec
	}
	disk := *spec.BootDisk
	if disk.Class = v.catalogue.defaultType; v.volume == nil {
		disk.Class = cloud.LocalDisk
	}
	spec.BootDisk = &disk
	return spec
}

// checkServer refuses what can be told before anything is made, on the field that it is about, and finds the flavor.
func (v *servers) checkServer(spec cloud.VirtualMachineSpec) (flavor, error) {
	if err := v.checkName(spec.SpecMeta); err != nil {
		return flavor{}, err
	}
	disk := localDisk(spec.BootDisk)
	local := disk > 0
	if spec.BootDisk != nil && !local && v.volume == nil {
		return flavor{}, v.invalid("/boot_disk/class", "The cloud has no Cinder, and so no disks but those of class "+cloud.LocalDisk+".")
	}
	size, ok := v.flavorFor(spec.VCPUs, spec.MemoryMiB, disk)
	switch {
	case !ok && local:
		return size, v.invalid("/boot_disk/size_gib",
			fmt.Sprintf("No flavor has %d vCPU, %d MiB and a local disk of %d GiB.", spec.VCPUs, spec.MemoryMiB, disk))
	case !ok:
		return size, v.invalid("/vcpus", fmt.Sprintf("No flavor has %d vCPU and %d MiB.", spec.VCPUs, spec.MemoryMiB))
	case local && spec.BootDisk.RetainOnDestroy:
		return size, v.invalid("/boot_disk/on_destroy", "A local disk goes with its machine: it cannot be retained.")
	case spec.Zone != "" && !slices.Contains(v.catalogue.zones, spec.Zone):
		return size, v.invalid("/zone", fmt.Sprintf("Nova has no zone %q. It has: %s.", spec.Zone, strings.Join(v.catalogue.zones, ", ")))
	}
	return size, nil
}

// checkReferences asks for the image: Nova refuses one that it does not know with a sentence about something else.
func (v *servers) checkReferences(ctx context.Context, spec cloud.VirtualMachineSpec) error {
	if spec.ImageID != "" {
		if _, err := (images{v.session}).Get(ctx, spec.ImageID); isNotFound(err) {
			return v.invalid("/image_id", fmt.Sprintf("There is no image %q.", spec.ImageID))
		}
	}
	for i, n := range spec.NetworkInterfaces {
		if !validID(n.NetworkID) {
			return v.invalid(fmt.Sprintf("/network_interfaces/%d/network_id", i), fmt.Sprintf("There is no network %q.", n.NetworkID))
		}
	}
	return nil
}

// serverRefused says what to do about refusals whose words do not.
func (v *servers) serverRefused(err error) error {
	var e *cloud.Error
	if !errors.As(err, &e) {
		return err
	}
	switch words := strings.ToLower(e.Text); {
	case strings.Contains(words, "zero disk"):
		e.Reason = cloud.ErrInvalid
		e.Fields = []cloud.FieldError{{Pointer: "/boot_disk/class", Text: e.Text + " Choose a volume class instead of " + cloud.LocalDisk + "."}}
	case strings.Contains(words, "port") && strings.Contains(words, "in use"):
		e.Reason, e.Advice = cloud.ErrBusy, "A port that was made for the machine is still with another server; apply again."
	}
	return e
}

// portRefused finds the interface that a refusal is about.
func (s *session) portRefused(err error, wanted []cloud.NetworkInterface) error {
	var e *cloud.Error
	if !errors.As(err, &e) || !errors.Is(e, cloud.ErrInvalid) && !errors.Is(e, cloud.ErrConflict) && !errors.Is(e, cloud.ErrNotFound) {
		return err
	}
	for i, n := range wanted {
		at := fmt.Sprintf("/network_interfaces/%d/", i)
		switch {
		case n.NetworkID == "":
		case n.IPAddress != "" && strings.Contains(e.Text, n.IPAddress):
			e.Fields = append(e.Fields, cloud.FieldError{Pointer: at + "ip_address", Text: e.Text})
		case strings.Contains(e.Text, n.NetworkID):
			e.Fields = append(e.Fields, cloud.FieldError{Pointer: at + "network_id", Text: e.Text})
		}
		for _, group := range n.SecurityGroupIDs {
			if strings.Contains(e.Text, group) {
				e.Fields = append(e.Fields, cloud.FieldError{Pointer: at + "security_group_ids", Text: e.Text})
			}
		}
		if len(e.Fields) > 0 {
			e.Reason = cloud.ErrInvalid
			break
		}
	}
	if errors.Is(e, cloud.ErrNotFound) {
		e.Reason = cloud.ErrInvalid // Of what is ordered, nothing can be gone.
	}
	return e
}
