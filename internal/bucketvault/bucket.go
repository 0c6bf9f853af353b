// Package bucketvault makes backup vaults of buckets that an agency has already, and gives them to an operator that the provider
// block says they belong to. Nothing is ever made, changed or deleted there but what backups write.
package bucketvault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// Options say what a bucket is.
type Options struct {
	// Name is what the provider block calls it: the vault's name and id.
	Name string
	// Endpoint is like https://s3.example.org, or http at a loopback address. Region and Prefix may be empty.
	Endpoint, Region, Bucket, Prefix string
	// CAPEM are the certificates to trust instead of the system's, may be empty.
	CAPEM string
	// Writer may put, get and list; Reader may get and list, and is empty where the writer's keys serve for that, too.
	Writer, Reader Keys
	// RetentionDays are how long the bucket keeps what was written.
	RetentionDays int64
}

// Keys are a pair.
type Keys struct{ AccessKeyID, SecretKey string }

// Bucket is one that is a vault.
type Bucket struct {
	options  Options
	operator string
	// set is how the bucket is set up, found out by reading alone; checked, what a writer can do there, of which a probe is left.
	set, checked *asked
}

// New makes a vault of a bucket for an operator. It makes no request. The error is a *[mover.Error] of kind Misconfigured.
func New(operator string, o Options) (*Bucket, error) {
	key, err := mover.NewKey() // Of a vault of which nothing is encrypted here.
	if err != nil {
		return nil, err
	}
	vault, err := mover.Open(mover.Options{
		Endpoint: o.Endpoint, Region: o.Region, Bucket: o.Bucket, Prefix: o.Prefix, CAPEM: []byte(o.CAPEM),
		AccessKey: o.Writer.AccessKeyID, SecretKey: o.Writer.SecretKey, Key: key,
	})
	if err != nil {
		return nil, err
	}
	b := &Bucket{options: o, operator: operator}
	b.set = &asked{operator: operator, ask: func(ctx context.Context) (mover.Protection, error) {
		p, err := vault.Protection(ctx)
		if err != nil {
			return p, b.refused(err)
		}
		return p, b.short(int64(p.LockDays))
	}}
	b.checked = &asked{operator: operator, ask: func(ctx context.Context) (mover.Protection, error) {
		p, err := vault.Check(ctx)
		if err != nil {
			err = b.refused(err)
		}
		return p, err
	}}
	return b, nil
}

// short refuses to be told that what is locked for so many days goes before.
func (b *Bucket) short(days int64) error {
	if days <= b.options.RetentionDays {
		return nil
	}
	return &cloud.Error{Reason: cloud.ErrInvalid, Operator: b.operator,
		Text: fmt.Sprintf("The bucket %s locks what is written for %d days, and retention_days of %s says that it keeps it for %d.",
			b.options.Bucket, days, b.at(), b.options.RetentionDays),
		Advice: fmt.Sprintf("Nothing can expire while it is locked. Set retention_days to %d or more, and have the bucket's lifecycle "+
			"keep what was written, and its versions, for as long.", days)}
}

// at is where the bucket is configured.
func (b *Bucket) at() string {
	return fmt.Sprintf("operators[%q].backup_buckets[%q]", b.operator, b.options.Name)
}

// reasons are those of failures that are nobody's mistake. All others are ErrInvalid: what the provider block says, or the bucket,
// has to be corrected.
var reasons = map[mover.Kind]error{
	mover.Unreachable: cloud.ErrUnavailable, mover.Canceled: cloud.ErrUnavailable, mover.Full: cloud.ErrQuota,
}

// refused is the port's form of an error of the mover. Where a bucket is configured is said, and none of its keys.
func (b *Bucket) refused(err error) error {
	e := &cloud.Error{Reason: cloud.ErrUnavailable, Operator: b.operator, Text: err.Error(), Cause: err}
	var known *mover.Error
	if errors.As(err, &known) {
		e.Reason, e.Advice = reasons[known.Kind], known.Advice()
		if e.Reason == nil {
			e.Reason = cloud.ErrInvalid
		}
		e.Text = strings.TrimSpace(strings.TrimSuffix(known.Error(), e.Advice))
	}
	e.Advice = cmp.Or(e.Advice, "Correct it there.")
	e.Text += " It is configured in " + b.at() + "."
	return e
}

// vault is the bucket as the port has it. What is in it is not counted, which would take a request for each thousand objects.
func (b *Bucket) vault(ctx context.Context) (cloud.BackupVault, error) {
	p, err := b.set.get(ctx)
	if err != nil {
		return cloud.BackupVault{}, err
	}
	return cloud.BackupVault{
		Meta: cloud.Meta{
			ID: b.options.Name, Name: b.options.Name, State: cloud.StateReady, Ownership: cloud.Ownership{Claimed: true},
		},
		Immutability:  cloud.Immutability{Mode: cloud.ImmutabilityMode(strings.ToLower(p.LockMode)), Days: int64(p.LockDays)},
		RetentionDays: b.options.RetentionDays, URL: b.url(), DeletionProtection: true, Bucket: true,
	}, nil
}

// url tells the bucket and its part from all others.
func (b *Bucket) url() string {
	at, err := url.JoinPath(b.options.Endpoint, b.options.Bucket, b.options.Prefix)
	if err != nil {
		return b.options.Endpoint // Which it was opened with.
	}
	return strings.TrimSuffix(at, "/")
}

// configured names the keys, which are always the same.
const configured = "configured"

// key is what lets somebody in. Before a writer's is given away, it is tried.
func (b *Bucket) key(ctx context.Context, role cloud.VaultRole) (cloud.VaultKey, error) {
	keys := b.options.Writer
	if role == cloud.VaultWriter {
		_, err := b.set.get(ctx) // Which writes nothing into what is no vault.
		if err == nil {
			_, err = b.checked.get(ctx)
		}
		if err != nil {
			return cloud.VaultKey{}, err
		}
	} else {
		keys = cmp.Or(b.options.Reader, keys)
	}
	return cloud.VaultKey{
		ID: configured, Endpoint: b.options.Endpoint, Region: b.options.Region, Bucket: b.options.Bucket,
		Prefix: strings.Trim(b.options.Prefix, "/"), CACertificate: b.options.CAPEM,
		AccessKeyID: keys.AccessKeyID, SecretKey: keys.SecretKey,
	}, nil
}
