package servicedesk

import (
	"errors"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// ErrTransition means that the desk does not let the account bring the ticket into a status.
var ErrTransition = errors.New("change of status refused by the desk")

// unavailable reports whether an error may pass by itself.
func unavailable(err error) bool {
	return errors.Is(err, cloud.ErrUnavailable) || errors.Is(err, cloud.ErrBusy)
}
