package selfservice

import (
	"errors"
	"regexp"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// idPattern is the contract's. It keeps an id from becoming another path.
var idPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func validID(id string) bool { return idPattern.MatchString(id) && id != "." && id != ".." }

// checkMeta tells what an answered object lacks to be one.
func checkMeta(m api.Meta) error {
	switch {
	case !validID(m.Id):
		return errors.New("an object has no valid id")
	case m.Name == "":
		return errors.New("the object " + m.Id + " has no name")
	case m.State == "":
		return errors.New("the object " + m.Id + " has no state")
	}
	return nil
}

// metaOf maps what every object has. A state that the contract's later versions add passes through: all that is
// neither ready nor failed passes by itself.
func metaOf(m api.Meta, a answer) cloud.Meta {
	return cloud.Meta{
		ID:           m.Id,
		Name:         m.Name,
		Description:  deref(m.Description),
		Labels:       m.Labels,
		State:        cloud.State(m.State),
		StateMessage: driver.OneLine(deref(m.StateMessage), driver.DetailLimit),
		Ownership:    ownership(m.Ownership),
		CreatedAt:    m.CreatedAt.UTC(),
		PollAfter:    a.RetryAfter(),
		RequestID:    a.RequestID(),
	}
}

func ownership(o api.Ownership) cloud.Ownership {
	return cloud.Ownership{Key: deref(o.Key), Deployment: deref(o.Deployment), Claimed: o.Claimed}
}

// existing is the object that has a name already. It is made to be shown, unlike an object that is read, whose texts are
// kept as they are.
func existing(e *api.ExistingObject) *cloud.Meta {
	own := ownership(e.Ownership)
	own.Deployment = driver.OneLine(own.Deployment, driver.LineLimit)
	return &cloud.Meta{
		ID:        driver.OneLine(e.Id, driver.LineLimit),
		Name:      driver.OneLine(e.Name, driver.LineLimit),
		State:     cloud.State(driver.OneLine(string(e.State), driver.LineLimit)),
		Ownership: own,
		CreatedAt: e.CreatedAt.UTC(),
	}
}

// deref is the pointed-to value, or zero.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// optional is nil for the zero value, which stands for "not declared".
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// list is never nil, so that an emptied list is sent as such.
func list[T any](v []T) *[]T {
	if v == nil {
		v = []T{}
	}
	return &v
}

// labels is never nil, so that its members can be compared one by one.
func labels(v map[string]string) *api.Labels {
	l := api.Labels(v)
	if l == nil {
		l = api.Labels{}
	}
	return &l
}

// utc is zero for nil.
func utc(t *time.Time) time.Time { return deref(t).UTC() }

// sameSet compares lists whose order means nothing.
func sameSet[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	count := make(map[T]int, len(a))
	for i := range a {
		count[a[i]]++
		count[b[i]]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
