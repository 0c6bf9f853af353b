package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one that runs a program below a folder of the bench, and thus one that the bench has started.
type process struct{ pid, parent int }

// processesOf are all that run a program from below a folder.
func processesOf(dir string) (all []process) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe") // The pattern is right.
	for _, link := range links {
		program, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(program, dir+string(filepath.Separator)) {
			continue // Not ours, or it has just ended.
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			continue
		}
		if parent, ok := parentOf(pid); ok {
			all = append(all, process{pid, parent})
		}
	}
	return all
}

// childrenOf are the providers of a Terraform.
func (b *bench) childrenOf(terraform int) (all []process) {
	for _, p := range processesOf(b.dir) {
		if p.parent == terraform {
			all = append(all, p)
		}
	}
	return all
}

func parentOf(pid int) (int, bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	n, ok := statusNumber(string(raw), "PPid:")
	return int(n), ok
}

// statusNumber finds a number in the text of /proc/<pid>/status.
func statusNumber(status, name string) (int64, bool) {
	lines := bufio.NewScanner(strings.NewReader(status))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 2 && fields[0] == name {
			n, err := strconv.ParseInt(fields[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// peak is the most memory that it has had, in bytes.
func (p process) peak() (int64, bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		return 0, false
	}
	kib, ok := statusNumber(string(raw), "VmHWM:")
	return kib << 10, ok
}

func (p process) kill() error { return syscall.Kill(p.pid, syscall.SIGKILL) }

// runs reports whether it is still there and still runs the program of the bench, whatever its number was given to.
func (p process) runs(dir string) bool {
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.pid))
	return err == nil && strings.HasPrefix(program, dir+string(filepath.Separator))
}

// watchPeak follows the memory of a Terraform's providers until it is told to stop, and answers with the most that
// one of them has had.
func (b *bench) watchPeak(terraform int, stop <-chan struct{}) int64 {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var most int64
	for {
		for _, p := range b.childrenOf(terraform) {
			if n, ok := p.peak(); ok {
				most = max(most, n)
			}
		}
		select {
		case <-tick.C:
		case <-stop:
			return most
		}
	}
}
