package driver

import (
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Matches filters again what an operator should have filtered, and what it cannot.
func Matches(m cloud.Meta, o cloud.ListOptions) bool { return o.Match(m) }

// Claimant decides what an order may do about the objects that have its name: adopt the one that was ordered under the
// same key and is still unclaimed, or nothing. None says that the name is free.
func Claimant(found []cloud.Meta, key, operator, requestID string) (adopted *cloud.Meta, err error) {
	for _, m := range found {
		if strings.EqualFold(m.Ownership.Key, key) && !m.Ownership.Claimed && m.State != cloud.StateDeleting {
			return &m, nil
		}
	}
	for _, m := range found {
		m.Name, m.Ownership.Deployment = OneLine(m.Name, LineLimit), OneLine(m.Ownership.Deployment, LineLimit)
		return nil, &cloud.Error{Reason: cloud.ErrConflict, Operator: operator, RequestID: requestID, Existing: &m,
			Text: "The name is taken."}
	}
	return nil, nil //nolint:nilnil // A free name is neither an object nor an error.
}
