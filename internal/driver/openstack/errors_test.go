package openstack

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestRefusals has the answers of the real services, as they were seen, and what each comes to.
func TestRefusals(t *testing.T) {
	s := &session{operator: "lnb"}
	raw, err := os.ReadFile("testdata/refusals.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Body, Want, Service string
		Status                    int
		Writing                   bool
		Quota                     *cloud.QuotaError
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	reasons := map[string]error{
		"ErrQuota": cloud.ErrQuota, "ErrForbidden": cloud.ErrForbidden, "ErrNotFound": cloud.ErrNotFound, "ErrBusy": cloud.ErrBusy,
		"ErrUnavailable": cloud.ErrUnavailable, "ErrConflict": cloud.ErrConflict, "ErrUnknownOutcome": cloud.ErrUnknownOutcome,
		"ErrInvalid": cloud.ErrInvalid, "ErrUnsupported": cloud.ErrUnsupported, "ErrUnauthenticated": cloud.ErrUnauthenticated,
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			answer := gophercloud.ErrUnexpectedResponseCode{Actual: c.Status, Body: []byte(c.Body), ResponseHeader: http.Header{
				"X-Openstack-Request-Id": {"req-1"},
			}}
			err := s.refusal(t.Context(), &gophercloud.ServiceClient{Type: c.Service}, answer, c.Writing)
			var e *cloud.Error
			if !errors.Is(err, reasons[c.Want]) || !errors.As(err, &e) {
				t.Fatalf("it came to %v; want %s", err, c.Want)
			}
			if e.Text == "" || e.RequestID != "req-1" {
				t.Errorf("it says %q, request %q", e.Text, e.RequestID)
			}
			if c.Quota != nil && (e.Quota == nil || *e.Quota != *c.Quota) {
				t.Errorf("the figures are %+v; want %+v", e.Quota, c.Quota)
			}
		})
	}
}
