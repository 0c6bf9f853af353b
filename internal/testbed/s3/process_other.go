//go:build !linux

package s3

import "syscall"

// isolated would have the server end with this process, which nothing but Linux can do.
func isolated() *syscall.SysProcAttr { return nil }
