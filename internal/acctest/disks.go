package acctest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Write writes into a volume, as the machine that it is plugged into would.
func (e *Env) Write(t *testing.T, operator, volume string, offset int64, data []byte) {
	t.Helper()
	e.disk(t, http.MethodPut, operator, volume, fmt.Sprintf("data?offset=%d", offset), data)
}

// Checksum tells whether two volumes of one size have the same bytes.
func (e *Env) Checksum(t *testing.T, operator, volume string) string {
	t.Helper()
	return e.disk(t, http.MethodGet, operator, volume, "checksum", nil)
}

// disk reaches the bytes of a volume, which goes by its name.
func (e *Env) disk(t *testing.T, method, operator, volume, what string, data []byte) string {
	t.Helper()
	id := e.Object(t, operator, "storage-volumes/"+volume).ID
	address := strings.TrimSuffix(e.Box.DirectoryURL(), "/operators.json") + "/_sandbox/operators/" + operator + "/volumes/" + id + "/" + what
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, address, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s of the disk of %s was answered %s: %s (%v)", method, volume, resp.Status, body, err)
	}
	return string(body)
}
