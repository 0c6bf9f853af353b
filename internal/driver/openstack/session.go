package openstack

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// session is one cloud, seen through one project. The clients of services that the cloud does not have are nil.
type session struct {
	operator string
	// project is the id of the project.
	project string

	compute, network, volume, image, containers *gophercloud.ServiceClient

	catalogue *catalogue
	// orderedPorts finds ports by the owner key in their description.
	orderedPorts *finder[port]
}

// request is one request to a service.
type request struct {
	method string
	// path is what follows the service's endpoint; its parts are escaped by who makes it.
	path string
	// body and into are JSON, each may be nil.
	body, into any
	// contentType is another one than JSON's own; may be empty.
	contentType string
}

// do sends a request and returns the id that the cloud gave it. Every 2xx is a success.
func (s *session) do(ctx context.Context, service *gophercloud.ServiceClient, r request) (requestID string, err error) {
	headers := map[string]string{}
	if r.contentType != "" {
		headers["Content-Type"] = r.contentType
	}
	//nolint:bodyclose // Gophercloud closes the bodies that it decodes, those that are not wanted, and those of refusals.
	resp, err := service.Request(ctx, r.method, service.ServiceURL(r.path), &gophercloud.RequestOpts{
		JSONBody: r.body, JSONResponse: r.into, OkCodes: successes, MoreHeaders: headers,
	})
	if resp != nil {
		requestID = requestIDOf(resp.Header)
	}
	if err != nil {
		return requestID, s.failure(ctx, service, r.method, err)
	}
	return requestID, nil
}

var successes = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}

func (s *session) get(ctx context.Context, service *gophercloud.ServiceClient, path string, into any) (string, error) {
	id, err := s.do(ctx, service, request{method: http.MethodGet, path: path, into: into})
	if garbled := (*cloud.Error)(nil); errors.As(err, &garbled) && errors.Is(garbled, errGarbled) {
		// A body that was cut short on its way is asked for once more.
		return s.do(ctx, service, request{method: http.MethodGet, path: path, into: into})
	}
	if service == s.containers && errors.Is(err, cloud.ErrInvalid) {
		return s.getAfterDeletion(ctx, path, into)
	}
	return id, err
}

func (s *session) post(ctx context.Context, service *gophercloud.ServiceClient, path string, body, into any) (string, error) {
	return s.do(ctx, service, request{method: http.MethodPost, path: path, body: body, into: into})
}

func (s *session) put(ctx context.Context, service *gophercloud.ServiceClient, path string, body any) error {
	_, err := s.do(ctx, service, request{method: http.MethodPut, path: path, body: body})
	return err
}

// remove asks for a deletion.
func (s *session) remove(ctx context.Context, service *gophercloud.ServiceClient, path string) error {
	_, err := s.do(ctx, service, request{method: http.MethodDelete, path: path})
	return err
}

// removeIfThere is a remove for which "not found" is as good.
func (s *session) removeIfThere(ctx context.Context, service *gophercloud.ServiceClient, path string) error {
	if err := s.remove(ctx, service, path); err != nil && !errors.Is(err, cloud.ErrNotFound) {
		return err
	}
	return nil
}

// validID reports whether an id can be one of OpenStack's: a UUID, with or without hyphens. Others are never sent, as
// they could become another path.
func validID(id string) bool {
	_, err := uuid.Parse(id)
	return err == nil && (len(id) == 36 || len(id) == 32)
}

// checkID refuses what cannot be an id.
func (s *session) checkID(id string) error {
	if validID(id) {
		return nil
	}
	return &cloud.Error{Reason: cloud.ErrNotFound, Operator: s.operator,
		Text: "\"" + driver.OneLine(id, driver.LineLimit) + "\" cannot be an id: OpenStack's ids are UUIDs."}
}

// ours refuses what is in another project: to administrators, and where others share, the services show that as well.
func (s *session) ours(project, requestID string) error {
	if project == "" || project == s.project {
		return nil
	}
	return &cloud.Error{Reason: cloud.ErrNotFound, Operator: s.operator, RequestID: requestID, Text: "It is in another project."}
}

// path joins parts of a path, which must be ids or words of the API.
func path(parts ...string) string { return strings.Join(parts, "/") }
