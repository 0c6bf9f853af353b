package velero

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// shelf is what Velero has put into a folder of a vault, read without Velero: what is there now, and not what some cluster
// remembers of it.
type shelf struct {
	client         *minio.Client
	bucket, prefix string
}

const (
	// answerWait is how long the vault may take to begin an answer.
	answerWait = time.Minute
	// textLimit bounds what is read of one object: the list of a million objects is below it.
	textLimit = 256 << 20
)

func openShelf(key cloud.VaultKey, folder string) (*shelf, error) {
	u, err := url.Parse(key.Endpoint)
	if err != nil || u.Host == "" {
		return nil, errors.New("the vault's address is not a URL")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // The standard library's own.
	transport.ResponseHeaderTimeout = answerWait
	if key.CACertificate != "" {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM([]byte(key.CACertificate)) {
			return nil, errors.New("the certificate of the vault's authority is not PEM")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(key.AccessKeyID, key.SecretKey, ""), Secure: u.Scheme == "https", Region: key.Region,
		Transport: transport, BucketLookup: minio.BucketLookupPath,
	})
	return &shelf{client, key.Bucket, joined(key.Prefix, folder)}, err
}

// stored is a backup as Velero has written it down, with all that this package knows nothing of.
type stored object

func (s stored) as() (b backup) {
	raw, err := json.Marshal(s)
	if err == nil {
		_ = json.Unmarshal(raw, &b) // What is not as it should be is missing.
	}
	return b
}

func (s stored) name() string  { return s.as().Metadata.Name }
func (s stored) phase() string { return s.as().Status.Phase }

// point is what can be restored of it; good is false for a backup that has not ended well.
func (s stored) point() (p cloud.ClusterRecoveryPoint, good bool) {
	b := s.as()
	p = cloud.ClusterRecoveryPoint{Name: b.Metadata.Name, TakenAt: b.Status.Started.UTC(), Items: b.Status.Progress.Items}
	return p, b.Status.Phase == completed
}

// at is the object by which another cluster knows the backup, as Velero's own synchronisation makes it. What was to be run for
// it is not run again.
func (s stored) at(location string, labels object) object {
	b := s.as()
	kept := object{}
	for k, v := range b.Metadata.Labels {
		if strings.HasPrefix(k, "velero.io/") {
			kept[k] = v
		}
	}
	maps.Copy(kept, labels)
	kept[locationLabel] = location
	spec, _ := s["spec"].(object)
	spec = maps.Clone(spec)
	if spec == nil {
		spec = object{}
	}
	spec["storageLocation"], spec["hooks"] = location, object{}
	notes := object{}
	for k, v := range b.Metadata.Annotations {
		if strings.HasPrefix(k, "velero.io/") {
			notes[k] = v
		}
	}
	return object{
		"apiVersion": "velero.io/v1", "kind": "Backup", "spec": spec, "status": s["status"],
		"metadata": object{"name": b.Metadata.Name, "labels": kept, "annotations": notes},
	}
}

// damage is why a backup cannot be used whose description is there.
type damage struct{ error }

// backups are those in the folder, the newest first. One whose description is hidden is not among them, and one whose is damaged
// is in the notes alone: it must not stand in the way of the others.
func (s *shelf) backups(ctx context.Context) (all []stored, notes []string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	at := s.key("backups") + "/"
	for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: at}) {
		if o.Err != nil {
			return nil, nil, o.Err
		}
		found, err := s.backup(ctx, strings.Trim(strings.TrimPrefix(o.Key, at), "/"))
		var bad damage
		switch {
		case errors.As(err, &bad):
			notes = append(notes, bad.Error())
		case err != nil:
			return nil, nil, err
		case found != nil:
			all = append(all, found)
		}
	}
	slices.SortFunc(all, func(a, b stored) int { return b.as().Status.Started.Compare(a.as().Status.Started) })
	return all, notes, nil
}

// backup is one by its name; nil if there is none.
func (s *shelf) backup(ctx context.Context, name string) (found stored, err error) {
	raw, err := s.read(ctx, s.key("backups", name, "velero-backup.json"))
	switch status := minio.ToErrorResponse(err).StatusCode; {
	case missing(err):
		return nil, nil
	case err == nil:
		if err = json.Unmarshal(raw, &found); err == nil && found.name() != name {
			err = fmt.Errorf("it is that of %q", found.name())
		}
	case status < http.StatusBadRequest || status >= http.StatusInternalServerError:
		return nil, fmt.Errorf("backup %s: %w", name, err)
	}
	if err != nil {
		return nil, damage{fmt.Errorf("the description of backup %s in the vault cannot be used: %w", name, err)}
	}
	return found, nil
}

func missing(err error) bool {
	code := minio.ToErrorResponse(err).Code
	return code == minio.NoSuchKey || code == "MethodNotAllowed" // The latter where a marker hides it.
}

func (s *shelf) key(parts ...string) string { return joined(append([]string{s.prefix}, parts...)...) }

func (s *shelf) read(ctx context.Context, key string) ([]byte, error) {
	o, err := s.client.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	return io.ReadAll(io.LimitReader(o, textLimit))
}

// contents are the objects of a backup by their kind, such as apps/v1/Deployment: each as namespace/name, or name alone.
type contents map[string][]string

func (s *shelf) contents(ctx context.Context, backup string) (c contents, err error) {
	o, err := s.client.GetObject(ctx, s.bucket, s.key("backups", backup, backup+"-resource-list.json.gz"), minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }()
	unpacked, err := gzip.NewReader(o)
	if err != nil {
		return nil, err
	}
	return c, json.NewDecoder(io.LimitReader(unpacked, textLimit)).Decode(&c)
}

// within are, by kind, the objects in some namespaces under the names that these become, and those in none if that is wanted.
// Those that Kubernetes makes by itself are not among them.
func (c contents) within(namespaces map[string]string, clusterToo bool) map[string][]string {
	wanted := map[string][]string{}
	for kind, names := range c {
		for _, name := range names {
			ns, short, namespaced := strings.Cut(name, "/")
			to, ok := namespaces[ns]
			switch {
			case !namespaced && clusterToo:
				wanted[kind] = append(wanted[kind], name)
			case namespaced && ok && !own(kind, short):
				wanted[kind] = append(wanted[kind], to+"/"+short)
			}
		}
	}
	return wanted
}
