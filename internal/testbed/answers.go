package testbed

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Answers reports, as an error, that a real part does not answer a request with 200.
func Answers(req *http.Request) error {
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // Its address is that of a testbed.
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", req.URL, resp.Status)
	}
	return nil
}
