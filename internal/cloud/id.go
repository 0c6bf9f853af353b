package cloud

import "strings"

// ID is how an object is named across operators; its text form is <operator>/<id>.
type ID struct {
	Operator, Object string
}

// ParseID splits <operator>/<id>; ok is false unless both parts are there.
func ParseID(s string) (id ID, ok bool) {
	operator, object, found := strings.Cut(s, "/")
	if !found || operator == "" || object == "" || strings.Contains(object, "/") {
		return ID{}, false
	}
	return ID{Operator: operator, Object: object}, true
}

// String gives <operator>/<id>.
func (id ID) String() string { return id.Operator + "/" + id.Object }
