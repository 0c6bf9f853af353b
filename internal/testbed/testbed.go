// Package testbed is what the testbeds of all real parts share: where they are on this machine, and how a test asks for
// one.
package testbed

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Folder is where a testbed of this name, such as openstack, keeps what it has on this machine.
func Folder(name string) (string, error) {
	dir := os.Getenv("VDAM_TESTBED_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(cache, "vdam-testbed")
	}
	return filepath.Join(dir, name), nil
}

// test is a *testing.T, so that programs can know the folders without the testing package.
type test interface {
	Helper()
	Skip(args ...any)
}

// Asked skips a test that needs a real part which nobody asked for: the part's make target does. A test that goes on has
// to fail if the part cannot be used.
func Asked(t test, name string) {
	t.Helper()
	if variable := "VDAM_TESTBED_" + strings.ToUpper(name); os.Getenv(variable) == "" {
		t.Skip(fmt.Sprintf("%s is not set: this test needs the real part that `make testacc-%s` starts", variable, name))
	}
}
