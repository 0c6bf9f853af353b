package openstack

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"mime/multipart"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// lentKey is the name of the key pair of an order.
func lentKey(ownerKey string) string { return "vdam-" + ownerKey }

// lendKey makes a key pair for the time of an order, for Nova takes keys by the name of a pair alone. The server keeps
// its own copy, so that the pair goes right after: none of the user's own pairs is touched, and none is left.
func (v *servers) lendKey(
	ctx context.Context, body map[string]any, spec cloud.VirtualMachineSpec, key string,
) (remove func(), err error) {
	if len(spec.SSHAuthorizedKeys) == 0 {
		return func() {}, nil
	}
	name := lentKey(key)
	// Of a pair that an earlier order has left, nobody knows which key it has.
	for range 2 {
		_, err = v.post(ctx, v.compute, "os-keypairs", map[string]any{"keypair": map[string]any{
			"name": name, "public_key": strings.TrimSpace(spec.SSHAuthorizedKeys[0]),
		}}, nil)
		if !errors.Is(err, cloud.ErrConflict) {
			break
		}
		if err := v.removeIfThere(ctx, v.compute, path("os-keypairs", name)); err != nil {
			return nil, err
		}
	}
	if errors.Is(err, cloud.ErrInvalid) {
		return nil, v.invalid("/ssh_authorized_keys/0", err.Error())
	}
	if err != nil {
		return nil, err
	}
	body["key_name"] = name
	return func() {
		// If it stays, the next order of the machine removes it.
		_ = v.removeIfThere(context.WithoutCancel(ctx), v.compute, path("os-keypairs", name))
	}, nil
}

// userData is what the guest gets: the user's own, and beside it the keys that do not fit in Nova's one, in the form of
// several parts that cloud-init reads.
func (v *servers) userData(spec cloud.VirtualMachineSpec) (string, error) {
	own := ""
	if spec.UserData != nil {
		own = spec.UserData.Value
	}
	if len(spec.SSHAuthorizedKeys) < 2 {
		return v.encoded(own)
	}
	var keys strings.Builder
	keys.WriteString("#cloud-config\nssh_authorized_keys:\n")
	for _, k := range spec.SSHAuthorizedKeys {
		fmt.Fprintf(&keys, "  - %q\n", strings.TrimSpace(k))
	}
	kind, ok := cloudInitType(own)
	if !ok {
		return "", v.invalid("/ssh_authorized_keys/1",
			"More than one key goes to the guest with its user data, which is not of a kind that cloud-init takes beside others. "+
				"Name one key, and the others in user_data.")
	}
	var out strings.Builder
	w := multipart.NewWriter(&out)
	fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=%q\nMIME-Version: 1.0\n\n", w.Boundary())
	parts := []struct{ kind, text string }{{"text/cloud-config", keys.String()}, {kind, own}}
	for _, p := range parts {
		if p.text == "" {
			continue
		}
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {p.kind}, "Merge-Type": {"list(append)+dict(recurse_array)+str()"}})
		if err == nil {
			_, err = part.Write([]byte(p.text))
		}
		if err != nil {
			return "", err // Writing to memory does not fail.
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return v.encoded(out.String())
}

// maxUserData is what Nova takes, encoded.
const maxUserData = 65535

// encoded refuses what is too long: Nova would too, and repeat it all.
func (v *servers) encoded(data string) (string, error) {
	text := base64.StdEncoding.EncodeToString([]byte(data))
	if len(text) > maxUserData {
		return "", v.invalid("/user_data",
			fmt.Sprintf("Nova takes up to %d bytes of user data, with the SSH keys that go with it.", maxUserData/4*3))
	}
	return text, nil
}

// cloudInitType is the type that cloud-init gives user data by their first line; ok is false for what is none of its
// own kinds, as Ignition's JSON.
func cloudInitType(data string) (kind string, ok bool) {
	for begins, kind := range map[string]string{
		"#cloud-config": "text/cloud-config", "#!": "text/x-shellscript", "#include": "text/x-include-url",
		"#cloud-boothook": "text/cloud-boothook", "## template: jinja": "text/jinja2",
	} {
		if strings.HasPrefix(data, begins) {
			return kind, true
		}
	}
	return "text/cloud-config", data == ""
}
