package openstack

import (
	"errors"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestRefusals has the answers of the real services, as they were seen, and what each comes to.
func TestRefusals(t *testing.T) {
	s := &session{operator: "lnb", compute: &gophercloud.ServiceClient{Type: "compute"}}
	for name, c := range map[string]struct {
		status  int
		body    string
		writing bool
		want    error
		quota   *cloud.QuotaError
	}{
		"quota of Nova": {http.StatusForbidden, `{"forbidden": {"code": 403, "message": "Quota exceeded for cores, instances: Requested 2, 1, but already used 1, 2 of 2, 2 cores, instances"}}`,
			true, cloud.ErrQuota, &cloud.QuotaError{Resource: "cores", Limit: 2, Used: 1, Requested: 2}},
		"quota of Cinder": {http.StatusRequestEntityTooLarge, `{"overLimit": {"code": 413, "message": "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 10G, quota is 20G and 15G has been consumed.", "retryAfter": "0"}}`,
			true, cloud.ErrQuota, &cloud.QuotaError{Resource: "gigabytes", Limit: 20, Used: 15, Requested: 10}},
		"forbidden":             {http.StatusForbidden, `{"forbidden": {"code": 403, "message": "Policy doesn't allow os_compute_api:servers:create to be performed."}}`, true, cloud.ErrForbidden, nil},
		"gone":                  {http.StatusNotFound, `{"itemNotFound": {"code": 404, "message": "Instance 1 could not be found."}}`, false, cloud.ErrNotFound, nil},
		"gone, says Neutron":    {http.StatusNotFound, `{"NeutronError": {"type": "NetworkNotFound", "message": "Network 1 could not be found.", "detail": ""}}`, false, cloud.ErrNotFound, nil},
		"gone, says Glance":     {http.StatusNotFound, "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID 1<br /><br />\n\n\n </body>\n</html>", false, cloud.ErrNotFound, nil},
		"a gateway's 404":       {http.StatusNotFound, `default backend - 404`, false, cloud.ErrUnavailable, nil},
		"a task is under way":   {http.StatusConflict, `{"conflictingRequest": {"code": 409, "message": "Cannot 'resize' instance 1 while it is in task_state powering-off"}}`, true, cloud.ErrBusy, nil},
		"not in this state":     {http.StatusConflict, `{"conflictingRequest": {"code": 409, "message": "Cannot 'confirmResize' instance 1 while it is in vm_state active"}}`, true, cloud.ErrConflict, nil},
		"network in use":        {http.StatusConflict, `{"NeutronError": {"type": "NetworkInUse", "message": "Unable to complete operation on network 1. There are one or more ports still in use on the network.", "detail": ""}}`, true, cloud.ErrConflict, nil},
		"away":                  {http.StatusServiceUnavailable, `{"message": "The server is currently unavailable."}`, false, cloud.ErrUnavailable, nil},
		"away, for a write":     {http.StatusServiceUnavailable, `{"message": "The server is currently unavailable."}`, true, cloud.ErrBusy, nil},
		"broken":                {http.StatusInternalServerError, `{"computeFault": {"code": 500, "message": "Unexpected API Error."}}`, true, cloud.ErrUnknownOutcome, nil},
		"broken, for a read":    {http.StatusInternalServerError, `{"computeFault": {"code": 500, "message": "Unexpected API Error."}}`, false, cloud.ErrUnavailable, nil},
		"ill-formed":            {http.StatusBadRequest, `{"badRequest": {"code": 400, "message": "Invalid input for field/attribute name."}}`, true, cloud.ErrInvalid, nil},
		"too old a Nova":        {http.StatusNotAcceptable, `{"computeFault": {"code": 406, "message": "Version 2.93 is not supported by the API."}}`, false, cloud.ErrUnsupported, nil},
		"Cinder wants a pause":  {http.StatusRequestEntityTooLarge, `{"overLimitFault": {"code": 413, "message": "This request was rate-limited."}}`, false, cloud.ErrBusy, nil},
		"token is not accepted": {http.StatusUnauthorized, `{"error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}}`, false, cloud.ErrUnauthenticated, nil},
	} {
		t.Run(name, func(t *testing.T) {
			answer := gophercloud.ErrUnexpectedResponseCode{Actual: c.status, Body: []byte(c.body), ResponseHeader: http.Header{
				"X-Openstack-Request-Id": {"req-1"},
			}}
			err := s.refusal(t.Context(), s.compute, answer, c.writing)
			var e *cloud.Error
			if !errors.Is(err, c.want) || !errors.As(err, &e) {
				t.Fatalf("it came to %v; want %q", err, c.want)
			}
			if e.Text == "" || e.RequestID != "req-1" {
				t.Errorf("it says %q, request %q", e.Text, e.RequestID)
			}
			if c.quota != nil && (e.Quota == nil || *e.Quota != *c.quota) {
				t.Errorf("the figures are %+v; want %+v", e.Quota, c.quota)
			}
		})
	}
}
