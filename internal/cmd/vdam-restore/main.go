// Vdam-restore lists and restores the recovery points of a backup vault. It needs neither Terraform nor the provider.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

const usage = `Usage: vdam-restore [flag...]             lists the recovery points of a vault
       vdam-restore [flag...] ID FILE     restores one into a new file, or into a block device that exists

A vault is in a bucket of S3 (-endpoint and -bucket) or in a folder that is a copy of one (-folder). Secrets are taken from the
environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of a key that may get and list, and VDAM_BACKUP_KEY, the age identity.
`

// config is what the command line and the environment say.
type config struct {
	mover.Options
	folder, caFile, keyFile string
	args                    []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "vdam-restore:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, env func(string) string, out, progress io.Writer) error {
	c, err := parse(args, env, progress)
	if err != nil {
		return err
	}
	v, err := c.open()
	if err != nil {
		return err
	}
	switch len(c.args) {
	case 0:
		return list(ctx, v, out)
	case 2:
		return restore(ctx, v, c.args[0], c.args[1], out, progress)
	}
	return errors.New("the arguments are none, to list, or an id and a file, to restore; -help tells more")
}

func parse(args []string, env func(string) string, out io.Writer) (*config, error) {
	c := &config{}
	f := flag.NewFlagSet("vdam-restore", flag.ContinueOnError)
	f.SetOutput(out)
	f.Usage = func() {
		_, _ = io.WriteString(out, usage+"\n") // Nobody is left to tell.
		f.PrintDefaults()
	}
	f.StringVar(&c.Endpoint, "endpoint", "", "address of the S3, such as https://s3.example.org")
	f.StringVar(&c.Region, "region", "", "region to sign requests for")
	f.StringVar(&c.Bucket, "bucket", "", "bucket of the vault")
	f.StringVar(&c.Prefix, "prefix", "", "prefix of the vault in the bucket")
	f.StringVar(&c.folder, "folder", "", "folder that is a copy of the vault, instead of a bucket")
	f.StringVar(&c.caFile, "ca", "", "file with the CA certificates of the S3 in PEM, instead of the system's")
	f.StringVar(&c.keyFile, "key-file", "", "file with the age identity, instead of VDAM_BACKUP_KEY")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	c.AccessKey, c.SecretKey, c.Key = env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("VDAM_BACKUP_KEY")
	c.args = f.Args()
	return c, nil
}

func (c *config) open() (*mover.Vault, error) {
	if c.keyFile != "" {
		key, err := os.ReadFile(c.keyFile) //nolint:gosec // The user names it.
		if err != nil {
			return nil, err
		}
		c.Key = string(key)
	}
	if c.folder != "" {
		return mover.OpenFolder(c.folder, c.Options)
	}
	if c.caFile != "" {
		var err error
		if c.CAPEM, err = os.ReadFile(c.caFile); err != nil { //nolint:gosec // The user names it.
			return nil, err
		}
	}
	return mover.Open(c.Options)
}

// list prints a line for each recovery point, and fails in the end if one of them cannot be read.
func list(ctx context.Context, v *mover.Vault, out io.Writer) error {
	var unread []error
	for p, err := range v.RecoveryPoints(ctx, mover.Filter{}) {
		if err != nil {
			unread = append(unread, err)
			continue
		}
		s := p.Source
		at := s.TakenAt.UTC().Format(time.RFC3339)
		if _, err := fmt.Fprintf(out, "%s  %s  %d bytes  %s %s %s %q\n", p.ID, at, p.Size, s.Operator, s.Kind, s.ID, s.Name); err != nil {
			return err
		}
	}
	return errors.Join(unread...)
}

// restore restores into a device that exists, or into a new file, which it removes again if that fails.
func restore(ctx context.Context, v *mover.Vault, id, name string, out, progress io.Writer) (err error) {
	target, made, err := target(ctx, v, id, name)
	if err != nil {
		return err
	}
	percent := int64(-1)
	p, err := v.Restore(ctx, id, target, func(p mover.Progress) {
		if now := p.Done * 100 / max(p.Size, 1); now > percent {
			percent = now
			_, _ = fmt.Fprintf(progress, "\r%d %%", now) // Nobody is left to tell.
		}
	})
	_, _ = fmt.Fprintln(progress)
	if err == nil {
		err = target.Sync()
	}
	if err = errors.Join(err, target.Close()); err != nil {
		if made {
			err = errors.Join(err, os.Remove(name))
		}
		return err
	}
	sum := p.SHA256
	if sum == "" {
		sum = "not known; that of its blocks is " + p.TreeSHA256
	}
	_, err = fmt.Fprintf(out, "restored %s into %s: %d bytes, checked, SHA-256 %s\n", id, name, p.Size, sum)
	return err
}

func target(ctx context.Context, v *mover.Vault, id, name string) (f *mover.File, made bool, err error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.Mode().IsRegular():
		return nil, false, fmt.Errorf("%s exists: name a file that does not, or a block device", name)
	case err == nil:
		f, err = mover.OpenTarget(name)
		return f, false, err
	case !errors.Is(err, os.ErrNotExist):
		return nil, false, err
	}
	p, err := v.RecoveryPoint(ctx, id)
	if err != nil {
		return nil, false, err
	}
	f, err = mover.CreateTarget(name, p.Size)
	return f, true, err
}
