package openstack

import (
	"fmt"
	"sync"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// together does things at once, and returns the error of the first of them that has one. A mistake in one of them is its
// error: a panic of a goroutine would end the process, and with it every order in flight.
func (s *session) together(things ...func() error) error {
	errs := make([]error, len(things))
	var all sync.WaitGroup
	for i, do := range things {
		all.Go(func() { errs[i] = s.caught(do) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// caught turns a panic into an error.
func (s *session) caught(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = s.refused(cloud.ErrUnavailable, fmt.Sprintf("The provider stumbled over an answer (%T).", v), "Please report this.")
		}
	}()
	return do()
}
