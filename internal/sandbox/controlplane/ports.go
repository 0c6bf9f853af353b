package controlplane

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
)

// Ports are below those that systems give to outgoing connections, so that a cluster gets its own back after a restart.
const firstPort, portCount = 20000, 10000

// ports knows which ports this manager's etcd and clusters hold, running or not.
type ports struct {
	mu    sync.Mutex
	taken map[int]bool
}

func newPorts() *ports { return &ports{taken: map[int]bool{}} }

// hold keeps a port for who had it before.
func (p *ports) hold(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[port] = true
}

// take returns the port that its holder had, or any other if that is zero or used by somebody else by now. Somebody may
// still be quicker to use what it returns.
func (p *ports) take(had int) (int, error) {
	if had != 0 && free(had) {
		return had, nil
	}
	for _, n := range rand.Perm(portCount) { //nolint:gosec // Nobody has to guess it.
		if port := firstPort + n; p.claim(port) {
			p.give(had)
			return port, nil
		}
	}
	return 0, errors.New("no port is free")
}

func (p *ports) claim(port int) bool {
	if !free(port) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[port] {
		return false
	}
	p.taken[port] = true
	return true
}

func (p *ports) give(port int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.taken, port)
}

func free(port int) bool {
	l, err := net.Listen("tcp", loopback(port)) //nolint:noctx // It does not wait.
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// portTaken reports that a process ended since somebody else was quicker to use its port.
func portTaken(err error) bool {
	return err != nil && strings.Contains(err.Error(), "address already in use")
}
