package cloud

import "strings"

// Match reports whether an object is among those that are asked for.
func (o ListOptions) Match(m Meta) bool {
	if o.Name != "" && m.Name != o.Name || o.State != "" && m.State != o.State ||
		o.OwnerKey != "" && !strings.EqualFold(m.Ownership.Key, o.OwnerKey) {
		return false
	}
	for k, v := range o.Labels {
		if got, ok := m.Labels[k]; !ok || got != v {
			return false
		}
	}
	return true
}
