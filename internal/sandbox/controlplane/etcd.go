package controlplane

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	// etcdStart is how long etcd may take to answer, attempts how often a start is tried when others are quicker to use a port.
	etcdStart = time.Minute
	attempts  = 3
	// etcdAnswer is how long an answer of etcd may take.
	etcdAnswer = 30 * time.Second
)

// etcd is the store that all clusters share, started when the first one needs it.
type etcd struct {
	spawner *spawner
	ports   *ports
	program string
	dir     string

	mu      sync.Mutex
	process *process
	port    int
	peer    int
	closed  bool
}

// up starts it unless it runs.
func (e *etcd) up(ctx context.Context) (store, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return "", ErrClosed
	}
	if e.process != nil && e.process.running() {
		return e.store(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, etcdStart)
	defer cancel()
	var err error
	for range attempts {
		if err = e.start(ctx); !portTaken(err) {
			break
		}
	}
	if err != nil {
		return "", err
	}
	return e.store(), nil
}

func (e *etcd) store() store { return store("http://" + loopback(e.port)) }

// start is one attempt. Where clusters run already, that is where they look for it, so it gets the same port again.
func (e *etcd) start(ctx context.Context) error {
	var err error
	if e.port, err = e.ports.take(e.port); err != nil {
		return err
	}
	if e.peer, err = e.ports.take(e.peer); err != nil {
		return err
	}
	self, client := "http://"+loopback(e.peer), string(e.store())
	p, err := e.spawner.start(command{
		part: "etcd", program: e.program, dir: e.dir,
		args: []string{
			"etcd", "--name=vdam", "--data-dir=" + filepath.Join(e.dir, "data"), "--unsafe-no-fsync", "--log-level=warn",
			"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
			"--listen-peer-urls=" + self, "--initial-advertise-peer-urls=" + self, "--initial-cluster=vdam=" + self,
		},
	})
	if err != nil {
		return err
	}
	if err := p.wait(ctx, e.store().answers); err != nil {
		p.kill()
		return err
	}
	e.process = p
	return nil
}

// err says whether it has ended by itself.
func (e *etcd) err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process == nil || e.process.running() {
		return nil
	}
	return e.process.ended()
}

// close ends it for good.
func (e *etcd) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.process != nil {
		e.process.stop()
	}
}

// store is etcd's URL.
type store string

// answers asks the way it is used, which is up later than the rest.
func (s store) answers(ctx context.Context) error {
	_, err := s.count(ctx, "/vdam")
	return err
}

// span is a range of keys.
type span struct {
	Key       []byte `json:"key"`
	End       []byte `json:"range_end"`
	CountOnly bool   `json:"count_only,omitempty"`
}

// keys are all of a cluster: what begins with its prefix and a slash, which is followed by a zero.
func keys(prefix string) span { return span{Key: []byte(prefix + "/"), End: []byte(prefix + "0")} }

// count says how many keys a cluster has.
func (s store) count(ctx context.Context, prefix string) (int64, error) {
	all := keys(prefix)
	all.CountOnly = true
	return s.call(ctx, "range", all)
}

// wipe deletes all of a cluster, and makes sure that nothing is left.
func (s store) wipe(ctx context.Context, prefix string) error {
	if _, err := s.call(ctx, "deleterange", keys(prefix)); err != nil {
		return err
	}
	left, err := s.count(ctx, prefix)
	if err != nil {
		return err
	}
	if left != 0 {
		return fmt.Errorf("etcd still has %d keys of it", left)
	}
	return nil
}

// call speaks etcd's JSON, in which keys are base64 and numbers strings. It returns the count of the answer, if there is one.
func (s store) call(ctx context.Context, method string, what span) (int64, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, etcdAnswer)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, string(s)+"/v3/kv/"+method, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("etcd: %w", err)
	}
	raw, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return 0, fmt.Errorf("etcd: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("etcd answers %s: %s", resp.Status, raw)
	}
	var answer struct{ Count string }
	if err := json.Unmarshal(raw, &answer); err != nil {
		return 0, fmt.Errorf("etcd: %w", err)
	}
	if answer.Count == "" {
		return 0, nil
	}
	return strconv.ParseInt(answer.Count, 10, 64)
}
