package openstack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Properties of servers alone.
const (
	// keysProperty are the SSH keys that the server was made with, one a line. Nova itself does not show them.
	keysProperty = prefix + "ssh-keys"
	// userDataProperty is the revision of the user data, to tell whether an adopted server has what is declared.
	userDataProperty = prefix + "user-data"
	// bootProperty is what the server boots, see bootOrder: Nova itself shows it only when the server is built.
	bootProperty = prefix + "boot"
	// stepsProperty is what is still to be done to the server, see steps.
	stepsProperty = prefix + "steps"
)

// serverRecord is a server as Nova answers it.
type serverRecord struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Status      string            `json:"status"`
	Task        string            `json:"OS-EXT-STS:task_state"`
	Zone        string            `json:"OS-EXT-AZ:availability_zone"`
	Created     timestamp         `json:"created"`
	Metadata    map[string]string `json:"metadata"`
	Locked      bool              `json:"locked"`
	Project     string            `json:"tenant_id"`
	// Launched is null until the server has run.
	Launched *string `json:"OS-SRV-USG:launched_at"`
	Flavor   struct {
		VCPUs   int64 `json:"vcpus"`
		RAMMiB  int64 `json:"ram"`
		DiskGiB int64 `json:"disk"`
	} `json:"flavor"`
	Image   imageReference `json:"image"`
	Volumes []struct {
		ID     string `json:"id"`
		Delete bool   `json:"delete_on_termination"`
	} `json:"os-extended-volumes:volumes_attached"`
	Fault struct {
		Message string `json:"message"`
	} `json:"fault"`
	Addresses macAddresses `json:"addresses"`
}

// imageReference is an id, or empty where Nova has an empty text for "booted from a volume".
type imageReference string

// UnmarshalJSON implements json.Unmarshaler.
func (i *imageReference) UnmarshalJSON(raw []byte) error {
	var r struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &r) == nil {
		*i = imageReference(r.ID)
	}
	return nil
}

// macAddresses are the hardware addresses in the order in which Nova lists the interfaces, which is the guest's. That
// order is one of names in a JSON object, so that it is read from the text.
type macAddresses []string

// UnmarshalJSON implements json.Unmarshaler.
func (m *macAddresses) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	for key := ""; ; {
		token, err := d.Token()
		if err != nil {
			return nil //nolint:nilerr // The end; what is no JSON has been refused before.
		}
		text, ok := token.(string)
		if ok && key == "OS-EXT-IPS-MAC:mac_addr" && !slices.Contains(*m, text) {
			*m = append(*m, text)
		}
		key = text
	}
}

func (r serverRecord) properties() properties { return decode(r.Metadata) }

// meta maps what every object has. A server with steps to go is on its way, whatever Nova says.
func (r serverRecord) meta() cloud.Meta {
	m := cloud.Meta{ID: r.ID, Name: r.Name, Description: r.Description, CreatedAt: r.Created.Time}
	p := r.properties()
	if p[ownerProperty] == "" && m.Description == m.Name {
		m.Description = "" // Nova gives those that have none their name for one.
	}
	p.meta(&m)
	todo := stepsOf(p)
	switch {
	case r.Task == "deleting" || r.Task == "soft-deleting" || r.Status == "DELETED" || r.Status == "SOFT_DELETED":
		m.State = cloud.StateDeleting
	case r.Status == "ERROR":
		m.State, m.StateMessage = cloud.StateFailed, faultText(r.Fault.Message)
	case r.Status == "BUILD":
		m.State = cloud.StateCreating
	case r.Task != "":
		m.State, m.StateMessage = cloud.StateUpdating, "Nova says "+r.Task+"."
	case !todo.done():
		m.State, m.Unfinished, m.StateMessage = cloud.StateUpdating, true, "Nova says "+strings.ToLower(r.Status)+"."
	case slices.Contains(passing, r.Status):
		m.State, m.StateMessage = cloud.StateUpdating, "Nova says "+strings.ToLower(r.Status)+"."
	default:
		m.State = cloud.StateReady
	}
	if r.Status == "BUILD" && r.Task != "" {
		m.StateMessage = "Nova says " + r.Task + "."
	}
	return m
}

// passing are the statuses that go by themselves. VERIFY_RESIZE does not: it lasts until somebody confirms or reverts.
var passing = []string{"RESIZE", "REVERT_RESIZE", "REBOOT", "HARD_REBOOT", "PASSWORD", "REBUILD", "MIGRATING"}

func faultText(message string) string {
	if message == "" {
		return "Nova says ERROR, and not why."
	}
	return message
}

// power is whether the server runs. What is paused, suspended or shelved does not.
func (r serverRecord) power() cloud.PowerState {
	switch r.Status {
	case "SHUTOFF", "PAUSED", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "STOPPED":
		return cloud.PowerStopped
	}
	if r.Status == "VERIFY_RESIZE" || r.Status == "RESIZE" {
		if wanted := stepsOf(r.properties()).power; wanted != "" {
			return wanted
		}
	}
	return cloud.PowerRunning
}

// machine maps a server with its ports and volumes.
func (r serverRecord) machine(m cloud.Meta, ports []port, volumes map[string]volumeRecord) cloud.VirtualMachine {
	p := r.properties()
	vm := cloud.VirtualMachine{
		Meta: m, Zone: r.Zone, VCPUs: r.Flavor.VCPUs, MemoryMiB: r.Flavor.RAMMiB, PowerState: r.power(),
		Paused: r.Status == "PAUSED" || r.Status == "SUSPENDED", DeletionProtection: p[protectedProperty] != "",
		NetworkInterfaces: []cloud.NetworkInterface{},
	}
	if keys := p[keysProperty]; keys != "" {
		vm.SSHAuthorizedKeys = strings.Split(keys, "\n")
	} else if p[ownerProperty] != "" {
		vm.SSHAuthorizedKeys = []string{}
	}
	for _, n := range r.inOrder(ports) {
		vm.NetworkInterfaces = append(vm.NetworkInterfaces, n.networkInterface())
	}
	r.boot(&vm, p, volumes)
	return vm
}

// boot fills in what the server has booted: the image on its host, a volume that Nova made of an image, or a volume that
// was there before. While the server is being built, Nova shows none of it, and what was ordered stands for it.
func (r serverRecord) boot(vm *cloud.VirtualMachine, p properties, volumes map[string]volumeRecord) {
	vm.ImageID, vm.BootVolumeID, vm.BootDisk = bootOrdered(p[bootProperty])
	if r.Image != "" {
		vm.ImageID = string(r.Image)
		vm.BootDisk = &cloud.BootDisk{SizeGiB: r.Flavor.DiskGiB, Class: cloud.LocalDisk}
		return
	}
	for _, attached := range r.Volumes {
		v, ok := volumes[attached.ID]
		if !ok || !v.bootsServer(r.ID) && len(r.Volumes) > 1 {
			continue
		}
		ordered := vm.BootDisk
		vm.BootVolumeID, vm.BootDisk = v.ID, nil
		if p[bootProperty] != "" && ordered == nil || p[bootProperty] == "" && v.Name != "" {
			return // It was there before.
		}
		vm.ImageID = v.Image.ID
		vm.BootDisk = &cloud.BootDisk{SizeGiB: v.SizeGiB, Class: v.Type, RetainOnDestroy: !attached.Delete}
		return
	}
}

// bootOrder writes down what a new server is to boot: "volume <id>", or "image <id> <GiB> <class> delete" or "retain".
func bootOrder(spec cloud.VirtualMachineSpec) string {
	if spec.BootDisk == nil {
		return "volume " + spec.BootVolumeID
	}
	fate := "delete"
	if spec.BootDisk.RetainOnDestroy {
		fate = "retain"
	}
	return fmt.Sprintf("image %s %d %q %s", spec.ImageID, spec.BootDisk.SizeGiB, spec.BootDisk.Class, fate)
}

func bootOrdered(order string) (image, volume string, disk *cloud.BootDisk) {
	if id, ok := strings.CutPrefix(order, "volume "); ok {
		return "", id, nil
	}
	var d cloud.BootDisk
	var fate string
	if _, err := fmt.Sscanf(order, "image %s %d %q %s", &image, &d.SizeGiB, &d.Class, &fate); err != nil {
		return "", "", nil // Of a server that was made elsewhere.
	}
	d.RetainOnDestroy = fate == "retain"
	return image, "", &d
}

// bootsServer reports whether the volume is what a server has booted.
func (r volumeRecord) bootsServer(server string) bool {
	for _, a := range r.Attachments {
		if a.ServerID == server {
			return r.boots()
		}
	}
	return false
}

// inOrder sorts ports as the guest has them: those that an order made by their number, others as Nova lists them.
func (r serverRecord) inOrder(ports []port) []port {
	sorted := slices.Clone(ports)
	place := func(p port) int {
		if n, ok := p.index(); ok {
			return n
		}
		if i := slices.Index(r.Addresses, p.MACAddress); i >= 0 {
			return i
		}
		return len(r.Addresses)
	}
	slices.SortStableFunc(sorted, func(a, b port) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		if a.ours() != b.ours() {
			if a.ours() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return sorted
}
