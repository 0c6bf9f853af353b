package lifecycle

import (
	"fmt"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ownerNamespace is the UUIDv5 namespace of owner keys (RFC 9562, section 5.5). It must never change: a key made by
// one release has to be found by the next.
var ownerNamespace = uuid.MustParse("6f2d5f1e-3c0a-5b7e-9a51-7d1c0e8f4b26")

// ownerKey is computed from what the user declared, because Terraform gives a provider no address and no way to carry
// a random token from plan to apply. The fingerprint of the replace-only attributes keeps an object and its
// replacement apart.
func ownerKey(deployment string, op *cloud.Operator, kind cloud.Kind, name, fingerprint string) string {
	parts := []string{deployment, op.Endpoint, op.ProjectKey(), string(kind), name, fingerprint}
	for i, p := range parts {
		parts[i] = fmt.Sprintf("%d:%s", len(p), p)
	}
	return uuid.NewSHA1(ownerNamespace, []byte(strings.Join(parts, "|"))).String()
}

// ordering holds the owner keys of this process whose Create is under way or whose object is not claimed yet. Two
// addresses that declare one name would otherwise adopt each other's object before either is claimed.
var ordering sync.Map

// beginOrder reports false if the key is being ordered already.
func beginOrder(key string) (end func(), ok bool) {
	_, taken := ordering.LoadOrStore(key, struct{}{})
	return func() { ordering.Delete(key) }, !taken
}
