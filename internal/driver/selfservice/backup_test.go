package selfservice_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/selfservice"
)

const plantedKey = "AGE-SECRET-KEY-1PLANTED0000000000000000000000000000000000000000000000000000"

// roundTripper answers requests by a function.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answered is an operator whose requests, after it was opened, are answered by a function.
func answered(t *testing.T, answer roundTripper) *cloud.Operator {
	t.Helper()
	rt := &switching{documents{}}
	client := &http.Client{Transport: rt}
	found, err := selfservice.Discover(t.Context(), client, "lvrtc", "https://127.0.0.1:1")
	must(t, err)
	op, err := selfservice.Open(t.Context(), selfservice.Options{Name: "lvrtc", Project: "registry", HTTP: client, Discovery: found})
	must(t, err)
	rt.RoundTripper = answer
	return op
}

// TestBackupKeyInAChange sends a key only if there is another one at hand.
func TestBackupKeyInAChange(t *testing.T) {
	for name, tc := range map[string]struct {
		from, to cloud.BackupKey
		want     string
	}{
		"the same":            {cloud.BackupKey{Fingerprint: "a"}, cloud.BackupKey{Value: plantedKey, Fingerprint: "a"}, ""},
		"another":             {cloud.BackupKey{Fingerprint: "a"}, cloud.BackupKey{Value: plantedKey, Fingerprint: "b"}, plantedKey},
		"another, none known": {cloud.BackupKey{Fingerprint: "a"}, cloud.BackupKey{Fingerprint: "b"}, ""},
		"another, both known": {
			cloud.BackupKey{Value: "AGE-SECRET-KEY-1OLD", Fingerprint: "a"}, cloud.BackupKey{Value: plantedKey, Fingerprint: "b"}, plantedKey,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var sent map[string]any
			op := answered(t, func(req *http.Request) (*http.Response, error) {
				if req.Method == http.MethodPatch {
					raw, err := io.ReadAll(req.Body)
					must(t, err)
					must(t, json.Unmarshal(raw, &sent))
				}
				return (&canned{status: http.StatusOK, tag: `"1"`, body: answers[0].body}).RoundTrip(req)
			})
			from := cloud.BackupPlanSpec{
				SpecMeta: cloud.SpecMeta{Name: "nightly"}, Sources: []string{"vol-1", "vol-2"}, Key: tc.from, Schedule: "0 3 * * *",
				Vault: cloud.VaultReference{Operator: "iem-ic", ID: "vault-1"},
			}
			to := from
			to.Sources, to.Key, to.Schedule = []string{"vol-2", "vol-1"}, tc.to, ""
			to.Vault.URL = "https://iem-ic.example/vaults/vault-1"
			_, err := op.BackupPlans.Update(t.Context(), objectID, cloud.Change[cloud.BackupPlanSpec]{From: from, To: to})
			must(t, err)
			if got, _ := sent["encryption_key"].(string); got != tc.want {
				t.Errorf("the key %q was sent; want %q", got, tc.want)
			}
			delete(sent, "encryption_key")
			if schedule, ok := sent["schedule"]; len(sent) != 1 || !ok || schedule != nil {
				t.Errorf("%v was sent; want the end of the schedule alone", sent)
			}
		})
	}
}

// TestRestoreIsNoChange says what a volume is filled with when it is made, and never afterwards.
func TestRestoreIsNoChange(t *testing.T) {
	var sent []string
	op := answered(t, func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			raw, err := io.ReadAll(req.Body)
			must(t, err)
			sent = append(sent, req.Method+string(raw))
		}
		return (&canned{status: http.StatusOK, tag: `"1"`, body: answers[0].body}).RoundTrip(req)
	})
	made := cloud.StorageVolumeSpec{
		SpecMeta: cloud.SpecMeta{Name: "data"}, SizeGiB: 1,
		RestoreFrom: &cloud.RestoreFrom{VaultID: "vault-1", Key: plantedKey, VolumeID: "vol-9"},
	}
	_, err := op.StorageVolumes.Create(t.Context(), made, cloud.CreateOptions{OwnerKey: ownerKey})
	must(t, err)
	grown := made
	grown.SizeGiB, grown.RestoreFrom = 2, nil
	_, err = op.StorageVolumes.Update(t.Context(), objectID, cloud.Change[cloud.StorageVolumeSpec]{From: grown, To: made})
	must(t, err)
	if len(sent) != 2 || !strings.Contains(sent[0], plantedKey) || sent[1] != `PATCH{"size_gib":1}` {
		t.Errorf("%q was sent; want an order with restore_from, and a change of the size alone", sent)
	}
	machine := cloud.VirtualMachineSpec{
		SpecMeta: cloud.SpecMeta{Name: "web"}, VCPUs: 1, BootDisk: &cloud.BootDisk{SizeGiB: 8}, RestoreFrom: made.RestoreFrom,
	}
	_, err = op.VirtualMachines.Create(t.Context(), machine, cloud.CreateOptions{OwnerKey: ownerKey})
	must(t, err)
	larger := machine
	larger.VCPUs, larger.RestoreFrom = 2, nil
	_, err = op.VirtualMachines.Update(t.Context(), objectID, cloud.Change[cloud.VirtualMachineSpec]{From: larger, To: machine})
	must(t, err)
	if len(sent) != 4 || !strings.Contains(sent[2], plantedKey) || sent[3] != `PATCH{"vcpus":1}` {
		t.Errorf("%q was sent; want the same of a machine", sent[2:])
	}
}

// TestBackupKeyIsNotShown keeps a key to itself that an operator quotes.
func TestBackupKeyIsNotShown(t *testing.T) {
	for name, c := range map[string]canned{
		"refusal": {status: 422, body: []byte(`{"code":"invalid","detail":"` + plantedKey + ` is no key",` +
			`"errors":[{"pointer":"/encryption_key","detail":"found ` + plantedKey[:40] + `"}]}`)},
		"page":  {status: 502, mediaType: "text/plain", body: []byte("cannot forward " + plantedKey)},
		"state": {status: 201, body: []byte(`{"id":"vol-1","name":"a","state":"failed","state_message":"bad ` + plantedKey + `"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			op := answered(t, c.RoundTrip)
			spec := cloud.BackupPlanSpec{SpecMeta: cloud.SpecMeta{Name: "a"}, Key: cloud.BackupKey{Value: plantedKey}}
			plan, err := op.BackupPlans.Create(t.Context(), spec, cloud.CreateOptions{OwnerKey: ownerKey})
			shown := plan.StateMessage
			var e *cloud.Error
			if errors.As(err, &e) {
				shown += e.Error() + e.Advice
				for _, f := range e.Fields {
					shown += f.Text
				}
			}
			if strings.Contains(shown, "PLANTED") || !strings.Contains(shown, "(the encryption key)") {
				t.Errorf("what is shown: %s", shown)
			}
		})
	}
}

// TestRecoveryPointsAreLazy asks for the next page only when somebody wants it.
func TestRecoveryPointsAreLazy(t *testing.T) {
	pages := map[string]string{
		"":  `{"items":[{"id":"b","taken_at":"2026-11-25T03:00:00+02:00"}],"next_cursor":"2"}`,
		"2": `{"items":[{"id":"a"},{}]}`,
	}
	asked := 0
	op := answered(t, func(req *http.Request) (*http.Response, error) {
		asked++
		return (&canned{status: http.StatusOK, body: []byte(pages[req.URL.Query().Get("cursor")])}).RoundTrip(req)
	})
	for p, err := range op.RecoveryPoints.Of(t.Context(), objectID) {
		must(t, err)
		if p.ID != "b" || p.TakenAt.Hour() != 1 || asked != 1 {
			t.Errorf("the newest is %+v after %d pages", p, asked)
		}
		break
	}
	var ids []string
	var last error
	for p, err := range op.RecoveryPoints.Of(t.Context(), objectID) {
		if last = err; err == nil {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) != 2 || ids[1] != "a" || !errors.Is(last, cloud.ErrUnavailable) {
		t.Errorf("there are %v, and then %v", ids, last)
	}
	for _, err := range op.RecoveryPoints.Of(t.Context(), "../operator") {
		if !errors.Is(err, cloud.ErrNotFound) {
			t.Errorf("an id that is none: %v", err)
		}
	}
}

func FuzzRecoveryPoints(f *testing.F) {
	fuzz(f, func(ctx context.Context, t *testing.T, c *canned, _ uint8) (last error) {
		for p, err := range fuzzed(ctx, t, c).RecoveryPoints.Of(ctx, objectID) {
			if last = err; err == nil && p.ID == "" {
				t.Error("a list has a recovery point without an id")
			}
		}
		return last
	})
}
