package openstack

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// An attachment has neither a name nor anything to note in, so that it is noted with the volume, before it is made:
// whose it is, and whether a state knows it.
const (
	attachmentProperty           = prefix + "attachment"
	attachmentNameProperty       = prefix + "attachment-name"
	attachmentDeploymentProperty = prefix + "attachment-deployment"
	attachmentUnclaimedProperty  = prefix + "attachment-unclaimed"
)

// attachments are Nova's, seen through Cinder: a volume says what it is attached to, and one list says it of all.
type attachments struct {
	*session
}

func newAttachments(s *session) attachments { return attachments{s} }

// attachmentID names a pair; both are UUIDs.
func attachmentID(server, volume string) string { return server + ":" + volume }

func (s *session) splitAttachment(id string) (server, volume string, err error) {
	server, volume, _ = strings.Cut(id, ":")
	if !validID(server) || !validID(volume) {
		return "", "", s.refused(cloud.ErrNotFound,
			fmt.Sprintf("%q cannot be an attachment's id: that is the server's id, a colon and the volume's id.", id), "")
	}
	return server, volume, nil
}

// attachment is the volume's attachment to a server; ok is false if there is none.
func (r volumeRecord) attachment(server string) (out cloud.VolumeAttachment, ok bool) {
	for _, a := range r.Attachments {
		if a.ServerID == server {
			out.Device, ok = a.Device, true
		}
	}
	p := decode(r.Metadata)
	mine := p[attachmentProperty] != ""
	out.VolumeID, out.VirtualMachineID = r.ID, server
	out.Meta = cloud.Meta{
		ID: attachmentID(server, r.ID), Name: p[attachmentNameProperty], CreatedAt: r.CreatedAt.Time, State: cloud.StateReady,
	}
	if mine {
		key, at, _ := strings.Cut(p[attachmentProperty], "@")
		if id, when, _ := strings.Cut(at, " "); id == server {
			out.CreatedAt, _ = time.Parse(time.RFC3339, when)
			out.Ownership = cloud.Ownership{Key: key, Deployment: p[attachmentDeploymentProperty], Claimed: p[attachmentUnclaimedProperty] == ""}
		}
	}
	if out.Ownership.Key == "" {
		out.Ownership.Claimed, out.Name = true, out.ID
	}
	switch r.Status {
	case "attaching", "reserved":
		out.State = cloud.StateCreating
		ok = ok || out.Ownership.Key != "" // The mark says where it is on its way to.
	case "detaching":
		out.State = cloud.StateDeleting
	case "in-use":
	default:
		if r.meta().State == cloud.StateUpdating {
			out.State, out.StateMessage = cloud.StateUpdating, r.meta().StateMessage
		}
	}
	return out, ok
}

// boots reports whether a volume is what a server has booted.
func (r volumeRecord) boots() bool {
	return r.Bootable == "true" && len(r.Attachments) > 0 && strings.HasSuffix(r.Attachments[0].Device, "da")
}

// Create implements cloud.Collection.
func (a attachments) Create(
	ctx context.Context, spec cloud.VolumeAttachmentSpec, opts cloud.CreateOptions,
) (cloud.VolumeAttachment, error) {
	var none cloud.VolumeAttachment
	if !validID(spec.VirtualMachineID) {
		return none, a.invalid("/virtual_machine_id", fmt.Sprintf("%q is not a server's id.", spec.VirtualMachineID))
	}
	r, requestID, err := a.oneVolume(ctx, spec.VolumeID)
	if isNotFound(err) {
		return none, a.invalid("/volume_id", fmt.Sprintf("There is no volume %s.", spec.VolumeID))
	}
	if err != nil {
		return none, err
	}
	there, attached := r.attachment(spec.VirtualMachineID)
	switch {
	case attached && there.Ownership.Key == opts.OwnerKey && !there.Ownership.Claimed && there.State != cloud.StateDeleting:
		there.Replayed, there.RequestID = true, requestID
		return there, nil
	case attached:
		return none, &cloud.Error{Reason: cloud.ErrConflict, Operator: a.operator, RequestID: requestID, Existing: &there.Meta,
			Text: "The volume is attached to this server already."}
	case len(r.Attachments) > 0:
		return none, a.refused(cloud.ErrConflict,
			fmt.Sprintf("The volume is attached to the server %s, and a volume has one machine.", r.Attachments[0].ServerID),
			"Detach it there first, or use another volume."+multiattachAdvice(r))
	}
	if err := a.goOn(opts); err != nil {
		return none, err
	}
	note := properties{
		attachmentProperty:     opts.OwnerKey + "@" + spec.VirtualMachineID + " " + time.Now().UTC().Format(time.RFC3339),
		attachmentNameProperty: spec.Name, attachmentUnclaimedProperty: yes,
	}
	if opts.Deployment != "" {
		note[attachmentDeploymentProperty] = opts.Deployment
	}
	if err := a.changeMetadata(ctx, a.volume, path("volumes", r.ID), properties{}, note); err != nil {
		return none, err
	}
	var answer struct{}
	requestID, err = a.post(ctx, a.compute, path("servers", spec.VirtualMachineID, "os-volume_attachments"),
		map[string]any{"volumeAttachment": map[string]any{"volumeId": r.ID}}, &answer)
	if err != nil && !errors.Is(err, cloud.ErrUnknownOutcome) && !errors.Is(err, cloud.ErrBusy) {
		// A note of what never came would let a later attachment of somebody else's be taken for it.
		_ = a.changeMetadata(context.WithoutCancel(ctx), a.volume, path("volumes", r.ID), note, properties{})
	}
	if isNotFound(err) {
		return none, a.invalid("/virtual_machine_id", fmt.Sprintf("There is no server %s.", spec.VirtualMachineID))
	}
	if err != nil {
		return none, err
	}
	r.Metadata = note.encode()
	made, _ := r.attachment(spec.VirtualMachineID)
	made.State, made.RequestID = cloud.StateCreating, requestID
	return made, nil
}

func multiattachAdvice(r volumeRecord) string {
	if !r.Multiattach {
		return ""
	}
	return " Its type allows more than one machine, but vdam does not: two machines that write to one volume need a file system made for that."
}

// Get implements cloud.Collection.
func (a attachments) Get(ctx context.Context, id string) (cloud.VolumeAttachment, error) {
	var none cloud.VolumeAttachment
	server, volume, err := a.splitAttachment(id)
	if err != nil {
		return none, err
	}
	r, requestID, err := a.oneVolume(ctx, volume)
	if err != nil {
		return none, err
	}
	out, ok := r.attachment(server)
	if !ok {
		return none, &cloud.Error{Reason: cloud.ErrNotFound, Operator: a.operator, RequestID: requestID,
			Text: fmt.Sprintf("The volume %s is not attached to the server %s.", volume, server)}
	}
	out.RequestID = requestID
	return out, nil
}

// Await implements cloud.Collection.
func (a attachments) Await(ctx context.Context, id string, _ time.Duration) (cloud.VolumeAttachment, error) {
	return a.Get(ctx, id)
}

// List implements cloud.Collection. What servers have booted is no attachment of anybody's.
func (a attachments) List(ctx context.Context, opts cloud.ListOptions) iter.Seq2[cloud.VolumeAttachment, error] {
	return func(yield func(cloud.VolumeAttachment, error) bool) {
		for records, err := range a.volumePages(ctx, cloud.ListOptions{OnPage: opts.OnPage}) {
			if err != nil {
				yield(cloud.VolumeAttachment{}, err)
				return
			}
			for _, r := range records {
				for _, to := range r.servers() {
					if o, ok := r.attachment(to); ok && driver.Matches(o.Meta, opts) && !yield(o, nil) {
						return
					}
				}
			}
		}
	}
}

// servers are those that a volume is attached to, or on its way to, beside the one that boots it.
func (r volumeRecord) servers() []string {
	var all []string
	for _, a := range r.Attachments {
		if !r.boots() {
			all = append(all, a.ServerID)
		}
	}
	_, at, _ := strings.Cut(decode(r.Metadata)[attachmentProperty], "@")
	if id, _, _ := strings.Cut(at, " "); id != "" && !slices.Contains(all, id) && !r.boots() {
		all = append(all, id)
	}
	return all
}

// Update implements cloud.Collection: there is nothing to change.
func (a attachments) Update(
	ctx context.Context, id string, change cloud.Change[cloud.VolumeAttachmentSpec],
) (cloud.VolumeAttachment, error) {
	if change.From.VolumeID != change.To.VolumeID || change.From.VirtualMachineID != change.To.VirtualMachineID {
		return cloud.VolumeAttachment{}, a.refused(cloud.ErrUnsupported, "An attachment cannot be changed.", "Make another.")
	}
	return a.Get(ctx, id)
}

// Delete implements cloud.Collection.
func (a attachments) Delete(ctx context.Context, id string) error {
	there, err := a.Get(ctx, id)
	if err != nil || there.State == cloud.StateDeleting {
		return err
	}
	if !there.Ownership.Claimed {
		if err := a.claimVolume(ctx, there.VolumeID, attachmentUnclaimedProperty); err != nil {
			return err
		}
	}
	_, err = a.do(ctx, a.compute, request{
		method: http.MethodDelete, path: path("servers", there.VirtualMachineID, "os-volume_attachments", there.VolumeID),
	})
	return err
}

// Claim implements cloud.Collection.
func (a attachments) Claim(ctx context.Context, id string) error {
	_, volume, err := a.splitAttachment(id)
	if err != nil {
		return err
	}
	if _, err := a.Get(ctx, id); err != nil {
		return err
	}
	return a.claimVolume(ctx, volume, attachmentUnclaimedProperty)
}
