package selfservice_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// TestNoteDrill tells a drill again whose answer was lost, which does no harm.
func TestNoteDrill(t *testing.T) {
	var sent []string
	op := answered(t, func(req *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(req.Body)
		must(t, err)
		if sent = append(sent, req.Method+" "+req.URL.Path+" "+string(raw)); len(sent) == 1 {
			return nil, io.ErrUnexpectedEOF
		}
		return (&canned{status: http.StatusNoContent}).RoundTrip(req)
	})
	riga := time.FixedZone("EET", 2*60*60)
	drill := cloud.Drill{StartedAt: time.Date(2026, time.November, 25, 12, 0, 0, 0, riga), Passed: true, RTO: 1500 * time.Millisecond}
	must(t, op.DrillLog.Note(t.Context(), objectID, drill))
	want := "PUT /v1/projects/registry/backup-plans/" + objectID + `/last-drill ` +
		`{"passed":true,"rto_seconds":2,"started_at":"2026-11-25T10:00:00Z"}`
	if len(sent) != 2 || sent[0] != want || sent[1] != want {
		t.Errorf("%q was sent; want twice %q", sent, want)
	}
	if err := op.DrillLog.Note(t.Context(), "../x", drill); !errors.Is(err, cloud.ErrNotFound) || len(sent) != 2 {
		t.Errorf("a plan of no valid id: %v", err)
	}
}
