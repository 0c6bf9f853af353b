package lifecycle_test

import "github.com/vdam-lv/terraform-provider-vdam/internal/cloud"

// unfinished are those networks of which the apply that met a mistake in a method did not do what it was to do.
func (m *mistaken) unfinished(method string, names []string) (left []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, name := range names {
		n, there := m.objects["n-"+name]
		done := there && n.State == cloud.StateReady
		switch method {
		case "Update":
			done = done && n.Description == "divi"
		case "Delete":
			done = !there
		}
		if !done {
			left = append(left, name)
		}
	}
	return left
}
