package openstack

import (
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// volumeRecord is a volume as Cinder answers it.
type volumeRecord struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Status      string            `json:"status"`
	SizeGiB     int64             `json:"size"`
	Type        string            `json:"volume_type"`
	Zone        string            `json:"availability_zone"`
	CreatedAt   timestamp         `json:"created_at"`
	Metadata    map[string]string `json:"metadata"`
	Bootable    string            `json:"bootable"`
	Multiattach bool              `json:"multiattach"`
	Encrypted   bool              `json:"encrypted"`
	Image       struct {
		ID   string `json:"image_id"`
		Name string `json:"image_name"`
	} `json:"volume_image_metadata"`
	Project     string `json:"os-vol-tenant-attr:tenant_id"`
	Attachments []struct {
		ServerID string `json:"server_id"`
		Device   string `json:"device"`
	} `json:"attachments"`
}

func (r volumeRecord) meta() cloud.Meta {
	m := cloud.Meta{ID: r.ID, Name: r.Name, Description: r.Description, CreatedAt: r.CreatedAt.Time}
	if m.Name == "" {
		m.Name = r.ID // As the boot volumes that Nova makes.
	}
	decode(r.Metadata).meta(&m)
	switch r.Status {
	case "available", "in-use":
		m.State = cloud.StateReady
	case "creating", "downloading":
		m.State = cloud.StateCreating
	case "deleting":
		m.State = cloud.StateDeleting
	case "error", "error_deleting", "error_extending", "error_restoring", "error_backing-up", "error_managing":
		m.State, m.StateMessage = cloud.StateFailed, "Cinder says that the volume is in "+r.Status+", and not why."
	default:
		m.State, m.StateMessage = cloud.StateReady, "Cinder says "+r.Status+"."
		if slices.Contains(volumePassing, r.Status) {
			m.State = cloud.StateUpdating
		}
	}
	return m
}

// volumePassing are the statuses that go by themselves. Others last until somebody does something, as awaiting-transfer.
var volumePassing = []string{
	"attaching", "detaching", "reserved", "extending", "retyping", "uploading", "backing-up", "restoring-backup", "reverting",
}

// madeFrom is the image that the volume was made from. Another one that only brought bytes is none.
func (r volumeRecord) madeFrom() string {
	if fleeting(r.Image.Name) {
		return decode(r.Metadata)[imageProperty]
	}
	return r.Image.ID
}

// fleeting reports whether a volume was made to read another one, and so is none of the port's volumes.
func (r volumeRecord) fleeting() bool { return decode(r.Metadata)[purposeProperty] != "" }

func (r volumeRecord) volume() cloud.StorageVolume {
	ours := decode(r.Metadata)
	v := cloud.StorageVolume{
		Meta: r.meta(), SizeGiB: r.SizeGiB, Class: r.Type, Zone: r.Zone, ImageID: r.madeFrom(),
		DeletionProtection: ours[protectedProperty] != "", Mark: ours[markProperty],
	}
	if len(r.Attachments) > 0 {
		v.VirtualMachineID = r.Attachments[0].ServerID
	}
	return v
}
