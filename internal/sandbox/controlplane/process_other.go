//go:build !linux

package controlplane

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// isolated would have children end with this process, which nothing but Linux can do.
func isolated() *syscall.SysProcAttr { return nil }

func startTime(int) (string, error) { return "", errors.ErrUnsupported }

func lock(string) (*os.File, error) {
	return nil, fmt.Errorf("control planes need Linux: %w", errors.ErrUnsupported)
}
