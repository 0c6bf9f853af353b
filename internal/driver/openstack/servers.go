package openstack

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// servers are Nova's, with their ports from Neutron and their boot volumes from Cinder.
type servers struct {
	*session
	names *finder[serverRecord]
}

func newServers(s *session) *servers {
	v := &servers{session: s}
	v.names = &finder[serverRecord]{name: func(r serverRecord) string { return r.Name }, fetch: v.fetchNamed}
	return v
}

// fetchNamed asks for each name by itself: Nova's filter is a regular expression, but the alternatives of one mean
// nothing on MySQL, where Nova escapes what parts them (nova.db.main.api, _safe_regex_mysql).
func (v *servers) fetchNamed(ctx context.Context, names []string) ([]serverRecord, string, error) {
	return eachNamed(v.session, names, func(name string) ([]serverRecord, string, error) {
		var answer struct {
			Servers []serverRecord `json:"servers"`
		}
		requestID, err := v.get(ctx, v.compute, "servers/detail"+query("name", "^"+regexp.QuoteMeta(name)+"$"), &answer)
		return answer.Servers, requestID, err
	})
}

// holder is what has a name, if the order of a key may adopt it; it is an error if the order may not.
func (v *servers) holder(ctx context.Context, name, key string) (*cloud.Meta, error) {
	return holder(ctx, v.session, v.names, serverRecord.meta, name, key)
}

// one reads a server by itself. Of one that is gone it removes the ports that were made for it: nobody else knows of
// them, and whoever finds the server gone may be the last to ask.
func (v *servers) one(ctx context.Context, id string) (r serverRecord, requestID string, err error) {
	if err := v.checkID(id); err != nil {
		return r, "", err
	}
	r, requestID, err = v.record(ctx, id)
	if isNotFound(err) {
		// Who may only read can do nothing about them.
		if leftover := v.removePortsOf(ctx, id); leftover != nil && !errors.Is(leftover, cloud.ErrForbidden) {
			return r, requestID, leftover
		}
	}
	return r, requestID, err
}

func (v *servers) record(ctx context.Context, id string) (r serverRecord, requestID string, err error) {
	var answer struct {
		Server serverRecord `json:"server"`
	}
	requestID, err = v.get(ctx, v.compute, path("servers", id), &answer)
	if err == nil {
		err = v.ours(answer.Server.Project, requestID)
	}
	if err == nil && answer.Server.Status == "UNKNOWN" {
		err = &cloud.Error{Reason: cloud.ErrUnavailable, Operator: v.operator, RequestID: requestID,
			Text: "A part of Nova is down, and does not say what the server is like."}
	}
	if err == nil && (answer.Server.Status == "DELETED" || answer.Server.Status == "SOFT_DELETED") {
		err = &cloud.Error{Reason: cloud.ErrNotFound, Operator: v.operator, RequestID: requestID,
			Text: fmt.Sprintf("The server %s is %s.", id, strings.ToLower(answer.Server.Status))}
	}
	return answer.Server, requestID, err
}

// Get implements cloud.Collection.
func (v *servers) Get(ctx context.Context, id string) (cloud.VirtualMachine, error) {
	r, requestID, err := v.one(ctx, id)
	if err != nil {
		return cloud.VirtualMachine{}, err
	}
	return v.whole(ctx, r, requestID)
}

// whole completes a server with its ports and its boot volume.
func (v *servers) whole(ctx context.Context, r serverRecord, requestID string) (cloud.VirtualMachine, error) {
	var ports []port
	var volumes map[string]volumeRecord
	err := v.together(
		func() (err error) { ports, err = v.portsOfServer(ctx, r); return err },
		func() (err error) { volumes, err = v.bootVolume(ctx, r); return err },
	)
	if err != nil {
		return cloud.VirtualMachine{}, err
	}
	m := r.meta()
	m.RequestID = requestID
	return r.machine(m, ports, volumes), nil
}

// bootVolume asks for the volumes of a server one after the other, until one is what it boots: that is nearly always the
// first.
func (v *servers) bootVolume(ctx context.Context, r serverRecord) (map[string]volumeRecord, error) {
	volumes := map[string]volumeRecord{}
	for _, attached := range r.bootCandidates() {
		one, _, err := v.oneVolume(ctx, attached)
		switch {
		case isNotFound(err):
			continue
		case err != nil:
			return nil, err
		}
		if volumes[attached] = one; one.bootsServer(r.ID) {
			break
		}
	}
	return volumes, nil
}

// bootCandidates are the volumes of a server without an image, one of which it boots.
func (r serverRecord) bootCandidates() []string {
	var ids []string
	for _, a := range r.Volumes {
		if r.Image == "" {
			ids = append(ids, a.ID)
		}
	}
	return ids
}

// Await implements cloud.Collection: it sends the next request of what takes several.
func (v *servers) Await(ctx context.Context, id string, _ time.Duration) (cloud.VirtualMachine, error) {
	r, requestID, err := v.one(ctx, id)
	if err == nil && r.meta().Unfinished {
		if err = v.proceed(ctx, r); err == nil {
			r, requestID, err = v.one(ctx, id)
		}
	}
	if err != nil {
		return cloud.VirtualMachine{}, err
	}
	return v.whole(ctx, r, requestID)
}

// Delete implements cloud.Collection. The ports that an order made are noted to be the server's, so that whoever finds it
// gone removes them.
func (v *servers) Delete(ctx context.Context, id string) error {
	r, _, err := v.one(ctx, id)
	if err != nil {
		return err
	}
	switch m := r.meta(); {
	case m.State == cloud.StateDeleting:
		return nil
	case r.Locked:
		return v.refused(cloud.ErrConflict, "The server is locked.", "Unlock it first: openstack server unlock "+id)
	case r.properties()[protectedProperty] != "" && (m.State != cloud.StateFailed || r.Launched != nil):
		return v.refused(cloud.ErrConflict, "The server is protected from deletion.", "Take deletion_protection off first.")
	}
	if err := v.bind(ctx, r); err != nil {
		return err
	}
	err = v.remove(ctx, v.compute, path("servers", id))
	if isNotFound(err) {
		// An earlier deletion has come to its end between the requests, and nobody asks again after this answer.
		_, _, err = v.one(ctx, id)
	}
	return err
}

// bind notes with a server's ports that they are its.
func (v *servers) bind(ctx context.Context, r serverRecord) error {
	ports, err := v.portsOf(ctx, r.ID)
	if err != nil {
		return err
	}
	// One that is being built, or has failed, may not have got its ports yet.
	if key := r.properties()[ownerProperty]; key != "" {
		unused, _, err := v.orderedPorts.find(ctx, portOwner+key)
		if err != nil {
			return err
		}
		if r.Status == "ACTIVE" {
			// It has all its ports: these are of an order of the same key that was cut off.
			loose := slices.DeleteFunc(unused, func(p port) bool { return p.DeviceID != "" })
			if err := v.removePorts(ctx, loose); err != nil {
				return err
			}
		} else {
			ports = append(ports, unused...)
		}
	}
	return v.bindPorts(ctx, r.ID, ports)
}

// Claim implements cloud.Collection. Nova says "not found" of a mark that is not there as of a server, so that only then
// it is asked which of them it is.
func (v *servers) Claim(ctx context.Context, id string) error {
	r, _, err := v.one(ctx, id)
	if err == nil {
		err = v.bind(ctx, r)
	}
	if err != nil {
		return err
	}
	err = v.remove(ctx, v.compute, path("servers", id, "metadata", escapePath(unclaimedProperty)))
	if isNotFound(err) {
		_, _, err = v.one(ctx, id)
	}
	return err
}
