package objectstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/signer"
)

// Role is what a user may do in a vault.
type Role string

// The roles. A writer may put, get and list, a reader get and list, and put below restores/ only, of the vault or of the
// folder of a cluster: Velero, and a drill, write down there what became of a restore. A locker is a writer that also says
// how long what it writes is locked, which others could use to fill a vault for ever. None of them may delete, nor make a
// lock shorter.
const (
	Writer Role = "writer"
	Reader Role = "reader"
	Locker Role = "locker"
)

// Key is a pair of keys of a user.
type Key struct{ AccessKey, SecretKey string }

// Mint makes a user of a vault, by the name of id.
func (s *Store) Mint(ctx context.Context, bucket, id string, role Role) (Key, error) {
	k := Key{AccessKey: id, SecretKey: rand.Text()}
	if err := s.AddUser(ctx, k, "user"); err != nil {
		return Key{}, err
	}
	if err := s.repolicy(ctx, bucket, func(p *policy) { p.admit(bucket, id, role) }); err != nil {
		return Key{}, errors.Join(err, s.Revoke(ctx, bucket, id))
	}
	return k, nil
}

// AddUser makes a user that may do nothing yet. Its role is user, or userplus, which may also make buckets.
func (s *Store) AddUser(ctx context.Context, k Key, role string) error {
	body, err := xml.Marshal(struct { //nolint:gosec // The server has to know the secret.
		XMLName              xml.Name `xml:"Account"`
		Access, Secret, Role string
	}{Access: k.AccessKey, Secret: k.SecretKey, Role: role})
	if err != nil {
		return err
	}
	_, err = s.administer(ctx, "/create-user", body)
	return err
}

// Revoke removes a user; doing so twice is doing so once. The user goes last: what names one that is gone is no policy.
func (s *Store) Revoke(ctx context.Context, bucket, id string) error {
	err := s.repolicy(ctx, bucket, func(p *policy) { p.dismiss(id) })
	if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchBucket {
		return err
	}
	return s.removeUser(ctx, id)
}

func (s *Store) removeUser(ctx context.Context, id string) error {
	_, err := s.administer(ctx, "/delete-user?"+url.Values{"access": {id}}.Encode(), nil)
	return err
}

// users are those that there are.
func (s *Store) users(ctx context.Context) (map[string]bool, error) {
	raw, err := s.administer(ctx, "/list-users", nil)
	if err != nil {
		return nil, err
	}
	var all struct {
		Accounts []struct{ Access string }
	}
	if err := xml.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, a := range all.Accounts {
		found[a.Access] = true
	}
	return found, nil
}

// answerLimit bounds what the administration may say, of which users are the most.
const answerLimit = 16 << 20

// administer sends a request to the administration, and returns what it says.
func (s *Store) administer(ctx context.Context, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPatch, s.account.Endpoint+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	req.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	req = signer.SignV4(*req, s.account.AccessKey, s.account.SecretKey, "", s.account.Region)
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	said, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("the S3 answers %s: %.4096s", resp.Status, said)
	}
	return said, nil
}

// policy is what the users of a vault may do.
type policy struct {
	Version   string
	Statement []statement
}

// statement is a part of what one user may do.
type statement struct {
	Effect    string
	Principal map[string]stringOrList
	Action    stringOrList
	Resource  stringOrList
}

// stringOrList is a list that may be written as its only element.
type stringOrList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *stringOrList) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*l = stringOrList{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(l))
}

func (p *policy) admit(bucket, user string, role Role) {
	p.dismiss(user)
	whole := "arn:aws:s3:::" + bucket
	say := func(effect, resource string, actions ...string) {
		p.Statement = append(p.Statement, statement{
			Effect: effect, Principal: map[string]stringOrList{"AWS": {user}}, Action: actions, Resource: stringOrList{resource},
		})
	}
	allow := func(resource string, actions ...string) { say("Allow", resource, actions...) }
	allow(whole, "s3:ListBucket", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration")
	allow(whole+"/*", "s3:GetObject")
	switch role {
	case Writer:
		allow(whole+"/*", "s3:PutObject")
	case Locker:
		allow(whole+"/*", "s3:PutObject", "s3:PutObjectRetention")
	case Reader:
		allow(whole+"/restores/*", "s3:PutObject")
		allow(whole+"/clusters/*/restores/*", "s3:PutObject")
		for _, backups := range []string{"backups", "kopia"} { // One called restores would be below restores/, as * is also of slashes.
			say("Deny", whole+"/clusters/*/"+backups+"/*", "s3:PutObject")
		}
	}
}

func (p *policy) dismiss(user string) {
	p.Statement = slices.DeleteFunc(p.Statement, func(s statement) bool { return slices.Contains(s.Principal["AWS"], user) })
}

// repolicy changes the policy of a vault.
func (s *Store) repolicy(ctx context.Context, bucket string, change func(*policy)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := s.client.GetBucketPolicy(ctx, bucket)
	if err != nil {
		return err
	}
	p := policy{Version: "2012-10-17"}
	if raw != "" {
		if err := json.Unmarshal([]byte(raw), &p); err != nil {
			return err
		}
	}
	change(&p)
	err = s.setPolicy(ctx, bucket, &p)
	if minio.ToErrorResponse(err).Code != "MalformedPolicy" {
		return err
	}
	// It names somebody whom another administrator has removed.
	there, failure := s.users(ctx)
	if failure != nil {
		return errors.Join(err, failure)
	}
	p.Statement = slices.DeleteFunc(p.Statement, func(s statement) bool {
		return slices.ContainsFunc(s.Principal["AWS"], func(user string) bool { return user != "*" && !there[user] })
	})
	return s.setPolicy(ctx, bucket, &p)
}

// setPolicy puts a policy; one that allows nothing is none.
func (s *Store) setPolicy(ctx context.Context, bucket string, p *policy) error {
	if len(p.Statement) == 0 {
		return s.client.SetBucketPolicy(ctx, bucket, "")
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.client.SetBucketPolicy(ctx, bucket, string(text))
}
