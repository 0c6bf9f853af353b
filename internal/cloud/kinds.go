package cloud

import "time"

// NetworkSpec declares a private network.
type NetworkSpec struct {
	SpecMeta
	// CIDR has its host bits zero.
	CIDR       string
	DNSServers []string
}

// Network is a private network.
type Network struct {
	Meta
	CIDR           string
	GatewayAddress string
	DNSServers     []string
}

// SecurityGroupSpec declares a stateful packet filter; what no rule allows is dropped.
type SecurityGroupSpec struct {
	SpecMeta
	// Rules are a set: their order means nothing.
	Rules []SecurityRule
}

// SecurityGroup is a stateful packet filter.
type SecurityGroup struct {
	Meta
	Rules []SecurityRule
}

// SecurityRule allows some traffic. With neither remote, it is from or to everyone.
type SecurityRule struct {
	// Direction is "ingress" or "egress".
	Direction string
	// Protocol is "tcp", "udp", "icmp" or "any".
	Protocol string
	// PortMin and PortMax come together, both zero for all ports.
	PortMin, PortMax      int64
	RemoteCIDR            string
	RemoteSecurityGroupID string
	Description           string
}

// StorageVolumeSpec declares block storage.
type StorageVolumeSpec struct {
	SpecMeta
	SizeGiB int64
	// Class and Zone are the catalogue's defaults if empty.
	Class, Zone        string
	DeletionProtection bool
	// RestoreFrom is nil for an empty volume.
	RestoreFrom *RestoreFrom
}

// StorageVolume is block storage.
type StorageVolume struct {
	Meta
	SizeGiB            int64
	Class, Zone        string
	DeletionProtection bool
	// ImageID is the image that a boot volume was made from; may be empty.
	ImageID string
	// VirtualMachineID is the machine that it is plugged into or boots; may be empty.
	VirtualMachineID string
	// MeteredSince is the start of the first metered interval; zero before.
	MeteredSince time.Time
	// Restored is nil for a volume that was made empty or of an image.
	Restored *Restored
	// Mark is what VolumeBytes.Mark keeps; empty if that is nothing.
	Mark string
}

// PowerState is whether a machine runs.
type PowerState string

// The power states.
const (
	PowerRunning PowerState = "running"
	PowerStopped PowerState = "stopped"
)

// VirtualMachineSpec declares a machine, booted from ImageID or RestoreFrom onto a new BootDisk, or from the volume BootVolumeID.
type VirtualMachineSpec struct {
	SpecMeta
	Zone      string
	VCPUs     int64
	MemoryMiB int64
	ImageID   string
	// BootDisk is nil exactly if BootVolumeID is set.
	BootDisk     *BootDisk
	BootVolumeID string
	// RestoreFrom is what the BootDisk is filled with in the place of an image; nil if it is not.
	RestoreFrom       *RestoreFrom
	NetworkInterfaces []NetworkInterface
	SSHAuthorizedKeys []string
	// UserData is nil if none was declared.
	UserData           *UserData
	PowerState         PowerState
	DeletionProtection bool
}

// BootDisk is the volume that is made for a machine booting from an image or a recovery point.
type BootDisk struct {
	SizeGiB int64
	Class   string
	// RetainOnDestroy keeps the volume when the machine is deleted.
	RetainOnDestroy bool
}

// NetworkInterface joins a machine to a network.
type NetworkInterface struct {
	NetworkID string
	// IPAddress is chosen by the operator if empty in a specification.
	IPAddress string
	// MACAddress is the operator's.
	MACAddress       string
	SecurityGroupIDs []string
}

// UserData is handed to the guest at its next boot. It is never read back; Revision tells whether it changed.
type UserData struct {
	Value    string
	Revision string
}

// VirtualMachine is a machine.
type VirtualMachine struct {
	Meta
	Zone      string
	VCPUs     int64
	MemoryMiB int64
	ImageID   string
	// BootDisk is nil for a machine that was booted from a volume that existed.
	BootDisk          *BootDisk
	BootVolumeID      string
	NetworkInterfaces []NetworkInterface
	// SSHAuthorizedKeys are nil where the operator does not show them.
	SSHAuthorizedKeys []string
	PowerState        PowerState
	// Paused says of a machine that is stopped that it will go on where it was. What its guest has not written yet is in no volume.
	Paused             bool
	DeletionProtection bool
	MeteredSince       time.Time
	// Restored is nil for a machine whose boot volume was not made of a recovery point.
	Restored *Restored
}

// VolumeAttachmentSpec declares that a volume is plugged into a machine of the same zone.
type VolumeAttachmentSpec struct {
	SpecMeta
	VolumeID         string
	VirtualMachineID string
}

// VolumeAttachment is a volume plugged into a machine.
type VolumeAttachment struct {
	Meta
	VolumeID         string
	VirtualMachineID string
	// Device is where the guest finds it, /dev/vdb; may be empty.
	Device string
}
