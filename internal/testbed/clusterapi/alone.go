package clusterapi

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// What Cluster API's own simulation of workload clusters listens on: one port for each, from the first on, whether or not
// somebody else has it.
const firstWorkload, workloads = 20000, 64

// errNotAlone says what to do.
var errNotAlone = errors.New("the webhooks of Cluster API listen on all interfaces, so this test is to have a network of its own, " +
	"with nothing but loopback: go test -exec \"$PWD/internal/testbed/clusterapi/alone.sh\", as `make testacc-kubernetes` does")

// alone fails unless loopback is the only network that there is.
func alone() error {
	all, err := net.Interfaces()
	if err != nil {
		return err
	}
	loopback := false
	for _, i := range all {
		up := i.Flags&net.FlagUp != 0
		if up && i.Flags&net.FlagLoopback == 0 {
			return fmt.Errorf("%s is up: %w", i.Name, errNotAlone)
		}
		loopback = loopback || up
	}
	if !loopback {
		return fmt.Errorf("loopback is down: %w", errNotAlone)
	}
	return nil
}

// keepFree holds the ports of workload clusters, so that the management cluster takes others, until it is told not to.
func keepFree() (func(), error) {
	var held []net.Listener
	free := func() {
		for _, l := range held {
			_ = l.Close() // Nobody has used it.
		}
	}
	for port := firstWorkload; port < firstWorkload+workloads; port++ {
		l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port)) //nolint:noctx // It does not wait.
		if err != nil {
			free()
			return nil, fmt.Errorf("another management cluster may run here: %w", err)
		}
		held = append(held, l)
	}
	return free, nil
}
