package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// leaks looks for planted secrets.
type leaks struct {
	b *bench
	// place is where the applies are, room the one that they order in.
	place place
	room  string
	gate  *gatekeeper
	// declare is a configuration whose resources are named by this, and how Terraform is given its variables.
	declare func(name string) (config string, variables []string)

	mu     sync.Mutex
	found  []finding
	places int
	// log is one that was scanned, for the control.
	log string
}

func measureSecrets(ctx context.Context, b *bench) ([]row, error) {
	box, err := b.box(ctx, sandbox.Options{Operators: []string{"lvrtc", "iem-ic"}})
	if err != nil {
		return nil, err
	}
	defer func() { _ = box.Close() }()
	d, err := sandboxDoor(ctx, box)
	if err != nil {
		return nil, err
	}
	gate, err := newGatekeeper(ctx, d)
	if err != nil {
		return nil, err
	}
	defer gate.close()
	l := &leaks{b: b, place: sandboxPlace{box, "lvrtc"}, room: "registry", gate: gate}
	l.declare = l.sandboxConfig
	// Those that fail because nobody answers wait for long: they run beside the others.
	var wg sync.WaitGroup
	var errs [3]error
	wg.Go(func() { errs[0] = l.unreachable(ctx, "no proxy", "proxy_url", l.proxyURL) })
	wg.Go(func() { errs[1] = l.unreachable(ctx, "no directory", "directory", l.directory) })
	wg.Go(func() { errs[2] = l.answered(ctx, box) })
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return l.rows("14", "TRACE logs and outputs of applies that succeed, are refused, have no proxy, no directory or no token, and crash")
}

// rows tell what was found, if the controls find that the search was one.
func (l *leaks) rows(bar, runs string) ([]row, error) {
	if unused := l.gate.unused(); len(unused) > 0 {
		return nil, fmt.Errorf("nobody used the planted %s", strings.Join(unused, ", "))
	}
	secrets, planted := l.gate.secrets(), len(l.gate.planted)
	if err := scanControl(l.log, secrets); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d secrets (%d of them access tokens given out meanwhile) looked for in %d texts: state, plan, plan JSON, %s. "+
		"Left out: user_data in plan and state, where its documentation says that it is. "+
		"Control: each was found when planted plain, URL-encoded and in base64, and user_data in the state.",
		len(secrets), len(secrets)-planted, l.places, runs)
	for _, f := range l.found {
		note += "\n    " + f.String()
	}
	return []row{newRow(bar, "planted secrets found, also in base64 and URL-encoded",
		fmt.Sprint(len(l.found)), "0", len(l.found) == 0, note)}, nil
}

func (l *leaks) proxyURL(host string) string {
	return (&url.URL{Scheme: "http", User: url.UserPassword(proxyUser, proxyPassword.text), Host: host}).String()
}

func (l *leaks) directory(host string) string {
	return "http://" + host + "/operators.json?" + url.Values{"sig": {directoryQuery.text}}.Encode()
}

// workspace is one whose logs are kept; name is part of the names of its resources.
func (l *leaks) workspace(name string) (*workspace, error) {
	config, variables := l.declare(name)
	w, err := l.b.workspace(config)
	if err != nil {
		return nil, err
	}
	w.env = append([]string{"TF_LOG=TRACE", "TF_LOG_PATH=" + w.path("trace.log"), "GOTRACEBACK=all"}, variables...)
	return w, nil
}

func (l *leaks) sandboxConfig(name string) (config string, variables []string) {
	return fmt.Sprintf(secretsConfig, name), []string{
		"TF_VAR_client_secret=" + clientSecret.text, "TF_VAR_token=" + staticToken.text,
		"TF_VAR_user_data=" + userData.text, "TF_VAR_user_data_wo=" + userDataWO.text, "TF_VAR_backup_key=" + backupKey.text,
		"TF_VAR_proxy_url=" + l.proxyURL(l.gate.endpoint), "TF_VAR_directory=" + l.directory(l.gate.endpoint),
	}
}

// look scans what a run of Terraform has said and logged.
func (l *leaks) look(w *workspace, what string, o outcome) error {
	hits := scan("the output of "+what, []byte(o.output), l.gate.secrets())
	logged, err := scanFile("the log of "+what, w.path("trace.log"), l.gate.secrets())
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found = append(l.found, append(hits, logged...)...)
	l.places += 2
	return nil
}

// lookAt scans a document; user_data may be in it in its own place.
func (l *leaks) lookAt(place string, raw []byte) error {
	if len(scan(place, raw, []secret{userData})) == 0 {
		return fmt.Errorf("the control failed: user_data is not found in %s, where it is", place)
	}
	rest, err := without(raw, "user_data")
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found = append(l.found, scan(place, rest, l.gate.secrets())...)
	l.places++
	return nil
}

// unreachable applies where a variable leads to where nobody listens.
func (l *leaks) unreachable(ctx context.Context, what, variable string, value func(host string) string) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	host := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return err
	}
	w, err := l.workspace(strings.ReplaceAll(what, " ", "-"))
	if err != nil {
		return err
	}
	w.env = append(w.env, "TF_VAR_"+variable+"="+value(host))
	return l.failing(ctx, w, what)
}

// failing applies what must fail.
func (l *leaks) failing(ctx context.Context, w *workspace, what string) error {
	o, err := w.try(ctx, "apply", "-auto-approve", "-no-color", "-input=false")
	if err != nil {
		return err
	}
	if o.code == 0 {
		return fmt.Errorf("the apply with %s did not fail", what)
	}
	return l.look(w, what, o)
}

// answered are the runs with operators that answer, one after the other as they share the operators' faults.
func (l *leaks) answered(ctx context.Context, box *sandbox.Sandbox) error {
	if _, err := l.good(ctx); err != nil {
		return err
	}
	for what, fault := range map[string]sandbox.Fault{
		"refused orders": {Method: "POST", Path: "/(virtual-machines|storage-volumes)$", Status: 422},
		"no token":       {Path: "^/oauth/token$", Status: 401},
		"a web page":     {Method: "POST", Path: "/(virtual-machines|storage-volumes)$", HTML: true},
	} {
		refused, err := l.workspace("refused")
		if err != nil {
			return err
		}
		if err := box.AddFault(fault); err != nil {
			return err
		}
		err = l.failing(ctx, refused, what)
		box.ClearFaults()
		if err != nil {
			return err
		}
	}
	box.ResetRequests()
	_, err := l.crash(ctx)
	return err
}

// good plans, applies and plans again, and looks at all that this leaves.
func (l *leaks) good(ctx context.Context) (*workspace, error) {
	w, err := l.workspace("good")
	if err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"plan", "-out=plan"}, {"apply", "plan"}, {"plan"}} {
		o, err := w.do(ctx, args...)
		if err == nil {
			err = l.look(w, "a good "+args[0], o)
		}
		if err != nil {
			return w, err
		}
	}
	return w, l.documents(ctx, w)
}

// documents scans the plan and the state.
func (l *leaks) documents(ctx context.Context, w *workspace) error {
	l.log = w.path("trace.log")
	others := slices.DeleteFunc(l.gate.secrets(), func(s secret) bool { return s == userData })
	found, err := scanFile("the plan", w.path("plan"), others)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.found = append(l.found, found...)
	l.places++
	l.mu.Unlock()
	shown, err := w.try(ctx, "show", "-json", "plan")
	if err != nil {
		return err
	}
	if err := l.lookAt("the plan JSON", []byte(shown.output)); err != nil {
		return err
	}
	raw, err := os.ReadFile(w.path(stateFile))
	if err != nil {
		return err
	}
	return l.lookAt("the state", raw)
}

// crash makes the provider dump its goroutines in the middle of an apply.
func (l *leaks) crash(ctx context.Context) (*workspace, error) {
	w, err := l.workspace("crashed")
	if err != nil {
		return nil, err
	}
	release := l.place.hold()
	defer release()
	c := &crashes{b: l.b, place: l.place}
	run, err := c.start(ctx, w)
	if err != nil {
		return w, err
	}
	if err := run.ordered(ctx, l.room, 1); err != nil {
		return w, err
	}
	for _, p := range l.b.childrenOf(run.cmd.Process.Pid) {
		_ = syscall.Kill(p.pid, syscall.SIGQUIT) // The log tells whether it was hit.
	}
	if run.wait() == nil {
		return w, errors.New("the apply did not notice that its provider crashed")
	}
	raw, err := os.ReadFile(w.path("trace.log"))
	if err == nil && !strings.Contains(string(raw), "SIGQUIT") {
		err = errors.New("the log has no dump of the crash")
	}
	if err != nil {
		return w, err
	}
	return w, l.look(w, "a crash", outcome{output: run.out.String()})
}
