package controlplane

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// broken is a version whose API does not come up.
const broken = "1.36.0"

// TestMain is also the program of each version that unit tests run instead of a real one: as much of each part as a
// manager asks for.
func TestMain(m *testing.M) {
	version, fake := strings.CutPrefix(filepath.Base(os.Args[0]), prefix)
	if !fake && !strings.HasPrefix(filepath.Base(os.Args[0]), kwokPrefix) {
		flag.Parse()
		if *managerOf != "" {
			beManager()
		}
		os.Exit(m.Run())
	}
	flags := map[string]string{}
	for _, arg := range os.Args[2:] {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		flags[name] = value
	}
	switch part := os.Args[1]; {
	case part == "etcd":
		fakeEtcd(flags)
	case part == "kube-apiserver" && version == broken:
		fmt.Println("I am not well")
		fmt.Println("this is why")
		os.Exit(3)
	case part == "kube-apiserver":
		fakeAPI(flags)
	}
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP) // So that waiting is no deadlock.
	select {}                                              // Until SIGTERM: a race detector waits before an end of one's own.
}

// fakePrograms makes a folder of programs of these versions.
func fakePrograms(t *testing.T, versions ...string) Binaries {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("control planes need Linux")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	names := []string{kwokPrefix + "0.8.0"}
	for _, version := range versions {
		names = append(names, prefix+version)
	}
	for _, name := range names {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fakeEtcd keeps keys in a file, so that they outlive it.
func fakeEtcd(flags map[string]string) {
	file := filepath.Join(flags["data-dir"], "keys")
	var mu sync.Mutex
	kept := map[string]bool{}
	if raw, err := os.ReadFile(file); err == nil {
		must(json.Unmarshal(raw, &kept))
	}
	must(os.MkdirAll(flags["data-dir"], 0o700))
	http.HandleFunc("POST /v3/kv/{method}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var s span
		must(json.NewDecoder(r.Body).Decode(&s))
		in := func(key string, _ bool) bool { return key >= string(s.Key) && key < string(s.End) }
		count := 0
		for key := range kept {
			if in(key, true) {
				count++
			}
		}
		switch r.PathValue("method") {
		case "put":
			kept[string(s.Key)] = true
		case "deleterange":
			maps.DeleteFunc(kept, in)
		}
		raw, err := json.Marshal(kept)
		must(err)
		must(os.WriteFile(file, raw, 0o600))
		_, _ = fmt.Fprintf(w, `{"count": %q}`, strconv.Itoa(count))
	})
	at, err := url.Parse(flags["listen-client-urls"])
	must(err)
	go func() { must(http.ListenAndServe(at.Host, nil)) }()
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// fakeAPI is a store of objects by their paths, to which the cluster's authority lets somebody, and one key in etcd.
func fakeAPI(flags map[string]string) {
	key, err := json.Marshal(span{Key: []byte(flags["etcd-prefix"] + "/registry/something")})
	must(err)
	//nolint:noctx // It is all that this program does.
	resp, err := http.Post(flags["etcd-servers"]+"/v3/kv/put", plainJSON, bytes.NewReader(key))
	must(err)
	must(resp.Body.Close())
	ca, err := os.ReadFile(flags["client-ca-file"])
	must(err)
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(ca)
	server := &http.Server{
		Addr: loopback(port(flags["secure-port"])), Handler: newFakeObjects(), ErrorLog: log.New(os.Stderr, "", 0),
		TLSConfig: &tls.Config{ClientCAs: known, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13},
	}
	go func() { must(server.ListenAndServeTLS(flags["tls-cert-file"], flags["tls-private-key-file"])) }()
}

func port(text string) int {
	n, err := strconv.Atoi(text)
	must(err)
	return n
}

type fakeObjects struct {
	mu      sync.Mutex
	objects map[string]object
}

func newFakeObjects() *fakeObjects {
	const roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles/"
	return &fakeObjects{objects: map[string]object{
		"/readyz": {}, "/api/v1/namespaces/default/serviceaccounts/default": {},
		roles + "view": {"rules": []object{{"resources": []string{"nodes"}}}},
		"/api/v1/pods": {"items": []object{}},
	}}
}

func (f *fakeObjects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	status, answer := f.answer(r)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *fakeObjects) answer(r *http.Request) (int, object) {
	body := object{}
	_ = json.NewDecoder(r.Body).Decode(&body) // There may be none.
	there, found := f.objects[r.URL.Path]
	switch {
	case r.URL.Path == reviewsPath:
		user := body["spec"].(object)["user"].(string)
		_, allowed := f.objects[bindingsPath+"/"+user]
		return http.StatusCreated, object{"status": object{"allowed": allowed}}
	case r.Method == http.MethodPost:
		f.objects[r.URL.Path+"/"+body["metadata"].(object)["name"].(string)] = body
		return http.StatusCreated, body
	case r.Method == http.MethodGet && !found && (r.URL.Path == nodesPath || r.URL.Path == bindingsPath):
		return http.StatusOK, object{"items": f.list(r.URL.Path, r.URL.Query().Get("labelSelector"))}
	case !found:
		return http.StatusNotFound, object{"message": r.URL.Path + " not found"}
	case r.Method == http.MethodDelete:
		delete(f.objects, r.URL.Path)
	case r.Method == http.MethodPatch:
		merge(there, body)
	}
	return http.StatusOK, there
}

func (f *fakeObjects) list(path, selector string) []object {
	key, value, _ := strings.Cut(selector, "=")
	items := []object{}
	for _, at := range slices.Sorted(maps.Keys(f.objects)) {
		metadata, _ := f.objects[at]["metadata"].(object)
		labels, _ := metadata["labels"].(object)
		if strings.HasPrefix(at, path+"/") && (selector == "" || labels[key] == value || value == "" && labels[key] != nil) {
			items = append(items, f.objects[at])
		}
	}
	return items
}

// merge is RFC 7396.
func merge(into, patch object) {
	for key, value := range patch {
		if value == nil {
			delete(into, key)
			continue
		}
		change, isObject := value.(object)
		if was, ok := into[key].(object); ok && isObject {
			merge(was, change)
			continue
		}
		into[key] = value
	}
}
