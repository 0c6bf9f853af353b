package s3

import "syscall"

// isolated is how the server runs: it ends with the thread that started it, and what a terminal sends to this process's
// group does not reach it.
func isolated() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
