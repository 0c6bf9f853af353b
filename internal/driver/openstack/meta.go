package openstack

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// timestamp reads OpenStack's times, which are UTC with or without saying so.
type timestamp struct{ time.Time }

// UnmarshalJSON implements json.Unmarshaler.
func (t *timestamp) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			t.Time = at.UTC()
			return nil
		}
	}
	t.Time = time.Time{} // Null, or what no one can read: not known.
	return nil
}

// goOn refuses to go on with an order of which nobody will hear. The next one of its key does.
func (s *session) goOn(o cloud.CreateOptions) error {
	if o.Abandoned == nil || !o.Abandoned() {
		return nil
	}
	return s.refused(cloud.ErrUnknownOutcome, "The run that ordered it has ended.", "")
}

// unsure is the error of a step that follows an accepted order. Where that may pass, the caller orders again with the
// same key, which goes on from what there is.
func unsure(err error) error {
	var e *cloud.Error
	if errors.As(err, &e) && (errors.Is(e, cloud.ErrUnavailable) || errors.Is(e, cloud.ErrBusy)) {
		again := *e
		again.Reason = cloud.ErrUnknownOutcome
		return &again
	}
	return err
}

var namePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkName holds a name against the port's rules, which are stricter than OpenStack's.
func (s *session) checkName(m cloud.SpecMeta) error {
	if !namePattern.MatchString(m.Name) {
		return s.invalid("/name", fmt.Sprintf("%q is not a name of up to 63 of a-z, 0-9 and -.", driver.OneLine(m.Name, driver.LineLimit)))
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, cloud.ErrNotFound) }

// escapePath makes a key of metadata part of a path.
func escapePath(key string) string { return url.PathEscape(key) }
