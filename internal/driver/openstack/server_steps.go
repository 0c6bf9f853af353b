package openstack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// steps are what is still to be done to a server, one after the other, noted with the server so that whoever comes next
// goes on. A resize takes three requests: the resize, and when Nova has carried it out, its confirmation; a new server
// that is to be stopped has to be started first.
type steps struct {
	// flavor is the id of the flavor to come to; sent says that Nova was asked for it.
	flavor string
	sent   bool
	// power is the state to come to; powerSent says that Nova was asked for it.
	power     cloud.PowerState
	powerSent bool
}

func (t steps) done() bool { return t.flavor == "" && t.power == "" }

func stepsOf(p properties) (t steps) {
	for step := range strings.FieldsSeq(p[stepsProperty]) {
		name, value, _ := strings.Cut(step, "=")
		switch name {
		case "flavor":
			t.flavor = value
		case "sent":
			t.sent = true
		case "power":
			t.power = cloud.PowerState(value)
		case "power-sent":
			t.powerSent = true
		}
	}
	return t
}

// note writes the steps down, or takes them out when there are none.
func (t steps) note(p properties) {
	var all []string
	if t.flavor != "" {
		all = append(all, "flavor="+t.flavor)
		if t.sent {
			all = append(all, "sent")
		}
	}
	if t.power != "" {
		all = append(all, "power="+string(t.power))
		if t.powerSent {
			all = append(all, "power-sent")
		}
	}
	if delete(p, stepsProperty); len(all) > 0 {
		p[stepsProperty] = strings.Join(all, " ")
	}
}

// keep writes the steps down with the server.
func (v *servers) keep(ctx context.Context, r serverRecord, t steps) error {
	was, is := properties{}, properties{}
	stepsOf(r.properties()).note(was)
	t.note(is)
	return v.changeMetadata(ctx, v.compute, path("servers", r.ID), was, is)
}

// proceed sends the next request that a server waits for.
func (v *servers) proceed(ctx context.Context, r serverRecord) error {
	t := stepsOf(r.properties())
	switch {
	case t.flavor != "" && r.Status == "VERIFY_RESIZE":
		return v.confirm(ctx, r, t)
	case t.flavor != "" && v.hasFlavor(r, t.flavor):
		t.flavor, t.sent = "", false
		return v.keep(ctx, r, t)
	case t.flavor != "" && t.sent && !slices.Contains(passing, r.Status):
		return v.resizeFailed(ctx, r, t)
	case t.flavor != "" && !slices.Contains(passing, r.Status):
		return v.resize(ctx, r, t)
	case t.power == "" || slices.Contains(passing, r.Status):
		return nil
	case r.power() == t.power:
		t.power, t.powerSent = "", false
		return v.keep(ctx, r, t)
	case t.powerSent:
		return v.powerFailed(ctx, r, t)
	}
	if err := v.switchPower(ctx, r, t.power); err != nil {
		return err
	}
	t.powerSent = true
	return v.keep(ctx, r, t)
}

// powerFailed tells why a server did not start or stop though Nova had accepted that.
func (v *servers) powerFailed(ctx context.Context, r serverRecord, t steps) error {
	action := map[cloud.PowerState]string{cloud.PowerRunning: "start", cloud.PowerStopped: "stop"}[t.power]
	why := v.lastFault(ctx, r.ID, action)
	t.power, t.powerSent = "", false
	if err := v.keep(ctx, r, t); err != nil {
		return err
	}
	return v.failed("Nova did not " + action + " the server, which is as it was" + why + ".")
}

// hasFlavor reports whether the server has the size of a flavor; Nova does not show which flavor that is.
func (v *servers) hasFlavor(r serverRecord, id string) bool {
	for _, f := range v.catalogue.flavors {
		if f.ID == id {
			return r.Flavor.VCPUs == f.VCPUs && r.Flavor.RAMMiB == f.RAMMiB && r.Flavor.DiskGiB == f.DiskGiB
		}
	}
	return false
}

func (v *servers) resize(ctx context.Context, r serverRecord, t steps) error {
	err := v.act(ctx, r.ID, "resize", map[string]any{"flavorRef": t.flavor})
	if err != nil && !errors.Is(err, cloud.ErrBusy) && !errors.Is(err, cloud.ErrUnknownOutcome) {
		t.flavor = ""
		return errors.Join(err, v.keep(ctx, r, t))
	}
	if err != nil {
		return err
	}
	t.sent = true
	return v.keep(ctx, r, t)
}

// confirm ends a resize. While an earlier confirmation is under way, Nova says that there is nothing to confirm. Who may
// not confirm has the resize reverted, so that the server does not stay between two sizes for ever.
func (v *servers) confirm(ctx context.Context, r serverRecord, t steps) error {
	err := v.act(ctx, r.ID, "confirmResize", nil)
	passed := err != nil && strings.Contains(plainText(err), "while it is in ") // Not that it is locked.
	switch {
	case err == nil, errors.Is(err, cloud.ErrInvalid), errors.Is(err, cloud.ErrConflict) && passed, errors.Is(err, cloud.ErrNotFound):
		return nil
	case !errors.Is(err, cloud.ErrForbidden):
		return err
	}
	if revertErr := v.act(ctx, r.ID, "revertResize", nil); revertErr != nil {
		return err
	}
	t.flavor, t.sent = "", false
	return errors.Join(v.failed("Nova refused to confirm the resize, which was reverted: "+plainText(err)), v.keep(ctx, r, t))
}

// resizeFailed tells why a resize that Nova accepted did not happen. The server runs on with its old size.
func (v *servers) resizeFailed(ctx context.Context, r serverRecord, t steps) error {
	why := v.lastFault(ctx, r.ID, "resize")
	t.flavor, t.sent = "", false
	if err := v.keep(ctx, r, t); err != nil {
		return err
	}
	return v.failed("Nova did not resize the server, which runs on with its old size" + why + ".")
}

func (v *servers) failed(text string) *cloud.Error {
	return &cloud.Error{Reason: cloud.ErrFailed, Operator: v.operator, Text: text}
}

// switchPower starts or stops a server, whatever rest it is in.
func (v *servers) switchPower(ctx context.Context, r serverRecord, to cloud.PowerState) error {
	action := "os-stop"
	if to == cloud.PowerRunning {
		action = map[string]string{
			"PAUSED": "unpause", "SUSPENDED": "resume", "SHELVED": "unshelve", "SHELVED_OFFLOADED": "unshelve",
		}[r.Status]
		if action == "" {
			action = "os-start"
		}
	}
	return v.act(ctx, r.ID, action, nil)
}

// act asks for an action of Nova's.
func (v *servers) act(ctx context.Context, id, action string, arguments any) error {
	_, err := v.post(ctx, v.compute, path("servers", id, "action"), map[string]any{action: arguments}, nil)
	return err
}

// lastFault is why the last action of a kind failed, as far as Nova says; it continues a sentence.
func (v *servers) lastFault(ctx context.Context, id, action string) string {
	var list struct {
		Actions []struct {
			Action    string `json:"action"`
			RequestID string `json:"request_id"`
		} `json:"instanceActions"`
	}
	if _, err := v.get(ctx, v.compute, path("servers", id, "os-instance-actions"), &list); err != nil {
		return ""
	}
	for _, a := range list.Actions {
		if a.Action != action {
			continue
		}
		var one struct {
			Action struct {
				Message string `json:"message"`
				Events  []struct {
					Details string `json:"details"`
				} `json:"events"`
			} `json:"instanceAction"`
		}
		if _, err := v.get(ctx, v.compute, path("servers", id, "os-instance-actions", a.RequestID), &one); err != nil {
			return ""
		}
		for _, e := range one.Action.Events {
			if e.Details != "" {
				return ": " + strings.TrimSuffix(driver.OneLine(e.Details, driver.LineLimit), ".") + fmt.Sprintf(" (request %s)", a.RequestID)
			}
		}
		return fmt.Sprintf(" (request %s)", a.RequestID)
	}
	return ""
}

// plainText is what an error says, without the operator and the reason around it.
func plainText(err error) string {
	var e *cloud.Error
	if errors.As(err, &e) && e.Text != "" {
		return e.Text
	}
	return err.Error()
}
