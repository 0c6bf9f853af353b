// Package process fits the provider's process to what Terraform does with it: started three to five times a run, sent
// signals that were meant for the core, and orphaned when the core is killed.
package process

import (
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	// gcPercent and memoryLimit halve the time spent collecting garbage in a plan of a thousand resources, and keep
	// the process below 200 MiB for so many.
	gcPercent   = 250
	memoryLimit = 160 << 20
	// orphanCheck is how often the process looks whether its core is alive.
	orphanCheck = time.Second
	// orphanGrace is how long calls in flight may take after the core is gone: their answers reach nobody, but a
	// create that was sent must be finished or refused, not cut.
	orphanGrace = 5 * time.Second
)

// sdkLogLevels are the SDK's own loggers. They write TRACE lines even where nobody asked for a log; the core parses
// and drops each one.
var sdkLogLevels = []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER"}

// Tune switches hidden logging off and bounds garbage collection, each unless the user's environment says otherwise.
func Tune() {
	asked := slices.ContainsFunc(os.Environ(), func(v string) bool {
		name, value, _ := strings.Cut(v, "=")
		return value != "" && (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_")) && name != "TF_LOG_PATH"
	})
	if !asked {
		for _, name := range sdkLogLevels {
			_ = os.Setenv(name, "off") // It fails only for names that cannot be.
		}
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// OutliveSignals ignores SIGTERM, which systemd and CI send to the whole group while the core still wants answers: the
// core ends its providers itself. It also ignores SIGPIPE: with the core, the reader of the log is gone, and one line
// would end the process with an order in flight. If the core is gone, the process ends after its calls in flight had time to finish.
func OutliveSignals() {
	signal.Ignore(syscall.SIGTERM, syscall.SIGPIPE)
	core := os.Getppid()
	go func() {
		for os.Getppid() == core {
			time.Sleep(orphanCheck)
		}
		time.Sleep(orphanGrace)
		os.Exit(0)
	}()
}
