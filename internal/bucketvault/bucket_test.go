package bucketvault_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/bucketvault"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

const secret = "s3cr3t-Vērtība"

// store is an S3 with one bucket.
type store struct {
	// unversioned and unlocked are what it lacks, deletes what a writer may do, refuses a code that everything is answered with.
	unversioned, unlocked, deletes bool
	refuses                        string
	lock                           string

	mu    sync.Mutex
	asked []string
	kept  []byte
}

const (
	locked      = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
	lockedEnd   = "</DefaultRetention></Rule></ObjectLockConfiguration>"
	compliance7 = "<Mode>COMPLIANCE</Mode><Days>7</Days>"
)

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method)
	q := r.URL.Query()
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
	}
	switch {
	case s.refuses == "NoSuchBucket":
		refuse(http.StatusNotFound, s.refuses)
	case s.refuses != "":
		refuse(http.StatusForbidden, s.refuses)
	case q.Has("versioning") && s.unversioned:
		_, _ = io.WriteString(w, "<VersioningConfiguration/>")
	case q.Has("versioning"):
		_, _ = io.WriteString(w, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
	case q.Has("object-lock") && s.unlocked:
		refuse(http.StatusNotFound, "ObjectLockConfigurationNotFoundError")
	case q.Has("object-lock"):
		_, _ = io.WriteString(w, locked+cmp.Or(s.lock, compliance7)+lockedEnd)
	case r.Method == http.MethodPut:
		raw, _ := io.ReadAll(r.Body)
		s.kept = bytes.Split(raw, []byte("\r\n"))[1] // The first is the signature, as it is not sent over TLS.
		w.Header().Set("X-Amz-Version-Id", "v1")
	case r.Method == http.MethodDelete && s.deletes:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		refuse(http.StatusForbidden, "AccessDenied")
	default:
		w.Header().Set("Last-Modified", "Thu, 26 Nov 2026 01:00:00 GMT")
		w.Header().Set("ETag", `"1"`)
		_, _ = w.Write(s.kept)
	}
}

// opened is a vault in the store, at an operator that makes none itself.
func opened(t *testing.T, s *store, change func(*bucketvault.Options)) *cloud.Operator {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	o := bucketvault.Options{
		Name: "main", Endpoint: server.URL, Region: "riga", Bucket: "registry", Prefix: "vdam/", RetentionDays: 30,
		Writer: bucketvault.Keys{AccessKeyID: "writer", SecretKey: secret},
	}
	if change != nil {
		change(&o)
	}
	b, err := bucketvault.New("acme", o)
	if err != nil {
		t.Fatal(err)
	}
	op := &cloud.Operator{Name: "acme", Capabilities: cloud.Capabilities{Kinds: map[cloud.Kind]cloud.KindCapabilities{}}}
	bucketvault.Attach(op, b)
	return op
}

// mint asks for a key, and tells of a refusal what people see of it.
func mint(t *testing.T, op *cloud.Operator, role cloud.VaultRole) (cloud.VaultKey, string) {
	t.Helper()
	key, err := op.VaultAccess.Mint(t.Context(), "main", cloud.VaultWish{Role: role})
	return key, said(t, err)
}

func said(t *testing.T, err error) string {
	t.Helper()
	var e *cloud.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		t.Fatalf("%v is none of the port's", err)
	case strings.Contains(e.Error()+e.Advice, secret):
		t.Errorf("the secret is in %v", e)
	}
	return e.Reason.Error() + ": " + e.Text + " | " + e.Advice
}

func TestBucket(t *testing.T) {
	s := &store{}
	op := opened(t, s, nil)
	if !op.Capabilities.Offers(cloud.KindBackupVault) || !op.Capabilities.Kinds[cloud.KindBackupVault].Configured {
		t.Errorf("the operator offers %v", op.Capabilities.Kinds)
	}
	for range 3 {
		v, err := op.BackupVaults.Get(t.Context(), "main")
		if err != nil {
			t.Fatal(err)
		}
		lock := cloud.Immutability{Mode: cloud.ImmutabilityCompliance, Days: 7}
		if v.Name != "main" || v.State != cloud.StateReady || v.Immutability != lock || v.RetentionDays != 30 || !v.Bucket || v.Simulated ||
			!strings.HasSuffix(v.URL, "/registry/vdam") {
			t.Errorf("it is %+v", v)
		}
	}
	if strings.Join(s.asked, " ") != "GET GET" {
		t.Errorf("to look at it, it was asked %v", s.asked)
	}
	key, refusal := mint(t, op, cloud.VaultReader)
	if refusal != "" || key.SecretKey != secret || key.Prefix != "vdam" || !key.ExpiresAt.IsZero() || len(s.asked) > 2 {
		t.Errorf("a reader gets %+v, %s", key.Prefix, refusal)
	}
	for range 2 {
		if key, refusal = mint(t, op, cloud.VaultWriter); refusal != "" || key.AccessKeyID != "writer" {
			t.Errorf("a writer gets %s, %s", key.AccessKeyID, refusal)
		}
	}
	if n := slices.Index(s.asked, http.MethodPut); n < 0 || slices.Index(s.asked[n+1:], http.MethodPut) >= 0 {
		t.Errorf("a writer's key was not tried once: %v", s.asked)
	}
	if err := op.VaultAccess.Revoke(t.Context(), "main", key.ID); err != nil {
		t.Error(err)
	}
}

// TestUnfit has buckets that are no vaults.
func TestUnfit(t *testing.T) {
	for name, c := range map[string]struct {
		store *store
		days  int64
		// late is found out when a key for writing is wanted.
		late bool
		want []string
	}{
		"no versions": {store: &store{unversioned: true}, want: []string{
			"invalid: s3://registry/vdam at ", " is not fit for backups: the bucket has no versioning. It is configured in " +
				`operators["acme"].backup_buckets["main"]. | Ask the vault's operator to switch versioning on`}},
		"no lock": {store: &store{unlocked: true}, want: []string{
			"is not fit for backups: the bucket has no Object Lock.", "| Ask the vault's operator for a bucket that was made with Object Lock"}},
		"no default": {store: &store{lock: "<Mode>COMPLIANCE</Mode>"}, want: []string{"the bucket has Object Lock, but no default retention"}},
		"no bucket":  {store: &store{refuses: "NoSuchBucket"}, want: []string{"invalid: ", "there is no bucket registry.", "| Check the name"}},
		"denied": {store: &store{refuses: "InvalidAccessKeyId"}, want: []string{
			"invalid: ", "InvalidAccessKeyId, no.", "| Check the access key"}},
		"clock": {store: &store{refuses: "RequestTimeTooSkewed"}, want: []string{
			"invalid: ", "too far from the vault's time", "| Set the clock"}},
		"too long": {store: &store{}, days: 6, want: []string{
			"locks what is written for 7 days, and retention_days of", "says that it keeps it for 6. | Nothing"}},
		"deletes": {late: true, store: &store{deletes: true}, want: []string{"the access key may delete the object probe.", "| Ask the vault's"}},
	} {
		t.Run(name, func(t *testing.T) {
			op := opened(t, c.store, func(o *bucketvault.Options) { o.RetentionDays = cmp.Or(c.days, 30) })
			_, err := op.BackupVaults.Get(t.Context(), "main")
			_, minted := mint(t, op, cloud.VaultWriter)
			texts := []string{minted, said(t, err)}
			if c.late {
				texts = texts[:1]
			}
			for _, text := range texts {
				for _, want := range c.want {
					if !strings.Contains(text, want) {
						t.Errorf("%q is not in:\n%s", want, text)
					}
				}
			}
			if c.late && err != nil {
				t.Errorf("it cannot even be read: %v", err)
			}
		})
	}
}

// own is what an operator has of its own: a vault, of which it mints keys.
type own struct {
	cloud.Collection[cloud.BackupVaultSpec, cloud.BackupVault]
	cloud.VaultAccess
}

func (own) Get(_ context.Context, id string) (cloud.BackupVault, error) {
	return cloud.BackupVault{Meta: cloud.Meta{ID: id}}, nil
}

func (own) Create(_ context.Context, spec cloud.BackupVaultSpec, _ cloud.CreateOptions) (cloud.BackupVault, error) {
	return cloud.BackupVault{Meta: cloud.Meta{ID: "made", Name: spec.Name}}, nil
}

func (own) List(context.Context, cloud.ListOptions) iter.Seq2[cloud.BackupVault, error] {
	return func(yield func(cloud.BackupVault, error) bool) {
		yield(cloud.BackupVault{Meta: cloud.Meta{ID: "bvt-1", Name: "registry"}}, nil)
	}
}

func (own) Mint(_ context.Context, id string, _ cloud.VaultWish) (cloud.VaultKey, error) {
	return cloud.VaultKey{ID: "key of " + id}, nil
}

// TestBesideOwn has buckets at an operator that makes vaults, too.
func TestBesideOwn(t *testing.T) {
	alone := opened(t, &store{}, nil)
	b, err := bucketvault.New("acme", bucketvault.Options{
		Name: "second", Endpoint: "https://127.0.0.1:1", Bucket: "b", Writer: bucketvault.Keys{AccessKeyID: "w", SecretKey: secret},
	})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[cloud.Kind]cloud.KindCapabilities{cloud.KindBackupVault: {}}
	op := &cloud.Operator{Name: "acme", BackupVaults: own{}, VaultAccess: own{}, Capabilities: cloud.Capabilities{Kinds: kinds}}
	bucketvault.Attach(op, b)
	ctx := t.Context()
	made, err := op.BackupVaults.Create(ctx, cloud.BackupVaultSpec{SpecMeta: cloud.SpecMeta{Name: "new"}}, cloud.CreateOptions{})
	if err != nil || made.Name != "new" || op.Capabilities.Kinds[cloud.KindBackupVault].Configured {
		t.Errorf("the operator made %v, %v", made, err)
	}
	if key, err := op.VaultAccess.Mint(ctx, "bvt-1", cloud.VaultWish{}); err != nil || key.ID != "key of bvt-1" {
		t.Errorf("of its own vault it minted %v, %v", key.ID, err)
	}
	list := func(op *cloud.Operator, o cloud.ListOptions) (ids []string) {
		for v, err := range op.BackupVaults.List(ctx, o) {
			if err != nil {
				return append(ids, "error")
			}
			ids = append(ids, v.ID)
		}
		return ids
	}
	if got := list(alone, cloud.ListOptions{Name: "main"}); !slices.Equal(got, []string{"main"}) {
		t.Errorf("there are %v", got)
	}
	if got := list(alone, cloud.ListOptions{Labels: map[string]string{"a": "b"}}); len(got) > 0 {
		t.Errorf("with a label there are %v", got)
	}
	for _, call := range []func(*cloud.Operator) error{
		func(op *cloud.Operator) error { return op.BackupVaults.Delete(ctx, "main") },
		func(op *cloud.Operator) error {
			_, err := op.BackupVaults.Create(ctx, cloud.BackupVaultSpec{}, cloud.CreateOptions{})
			return err
		},
	} {
		if err := call(alone); !errors.Is(err, cloud.ErrUnsupported) {
			t.Errorf("what a bucket cannot be done to: %v", err)
		}
	}
	if _, err := alone.BackupVaults.Get(ctx, "other"); !errors.Is(err, cloud.ErrNotFound) || !strings.Contains(err.Error(), "It has: main") {
		t.Errorf("what is not configured: %v", err)
	}
}

// made is the volumes of an operator, which notes what it is to fill them with.
type made struct {
	cloud.Collection[cloud.StorageVolumeSpec, cloud.StorageVolume]
	from *cloud.RestoreFrom
}

func (m *made) Create(_ context.Context, spec cloud.StorageVolumeSpec, _ cloud.CreateOptions) (cloud.StorageVolume, error) {
	m.from = spec.RestoreFrom
	return cloud.StorageVolume{}, nil
}

// TestRestore lets an operator that restores into a bucket, and lets no other believe that it has restored.
func TestRestore(t *testing.T) {
	b, err := bucketvault.New("acme", bucketvault.Options{
		Name: "main", Endpoint: "https://127.0.0.1:1", Bucket: "b", Writer: bucketvault.Keys{AccessKeyID: "w", SecretKey: secret},
		Reader: bucketvault.Keys{AccessKeyID: "reader", SecretKey: secret}, RetentionDays: 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	volumes := &made{}
	booted := &madeMachine{}
	op := &cloud.Operator{Name: "acme", StorageVolumes: volumes, VirtualMachines: booted}
	op.Capabilities.Kinds = map[cloud.Kind]cloud.KindCapabilities{}
	bucketvault.Attach(op, b)
	create := func(vaultID string) error {
		volumes.from = nil
		spec := cloud.StorageVolumeSpec{RestoreFrom: &cloud.RestoreFrom{VaultID: vaultID, VolumeID: "v-1"}}
		_, err := op.StorageVolumes.Create(t.Context(), spec, cloud.CreateOptions{})
		return err
	}
	if err := create("main"); !errors.Is(err, cloud.ErrUnsupported) || volumes.from != nil {
		t.Errorf("an operator that restores nothing made a volume: %v", err)
	}
	op.BackupPlans = plans{}
	if err := create("main"); err != nil || volumes.from.Bucket.AccessKeyID != "reader" || volumes.from.Bucket.RetentionDays != 30 {
		t.Errorf("an operator that restores was told %+v, %v", volumes.from, err)
	}
	if err := create("bvt-1"); err != nil || volumes.from.Bucket != nil {
		t.Errorf("of its own vault it was told %+v, %v", volumes.from, err)
	}
	machine := cloud.VirtualMachineSpec{RestoreFrom: &cloud.RestoreFrom{VaultID: "main", VolumeID: "vm-1"}}
	_, err = op.VirtualMachines.Create(t.Context(), machine, cloud.CreateOptions{})
	if err != nil || booted.from.Bucket.AccessKeyID != "reader" {
		t.Errorf("for a machine it was told %+v, %v", booted.from, err)
	}
}

type madeMachine struct {
	cloud.Collection[cloud.VirtualMachineSpec, cloud.VirtualMachine]
	from *cloud.RestoreFrom
}

func (m *madeMachine) Create(
	_ context.Context, spec cloud.VirtualMachineSpec, _ cloud.CreateOptions,
) (cloud.VirtualMachine, error) {
	m.from = spec.RestoreFrom
	return cloud.VirtualMachine{}, nil
}

type plans struct {
	cloud.Collection[cloud.BackupPlanSpec, cloud.BackupPlan]
}
