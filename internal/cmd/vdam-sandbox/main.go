// Command vdam-sandbox runs invented operators that speak the VDAM Self-Service API, to try the provider against.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/objectstore"
)

const usage = `vdam-sandbox runs three invented operators (lvrtc, iem-ic, lnb) that speak the VDAM Self-Service API.

Usage:
  vdam-sandbox --dir DIR [flags]

Flags:
`

const details = `
The state is in DIR and survives the end of the process, also a kill.
Every operator accepts the client "` + sandbox.ClientID + `" with the secret "` + sandbox.ClientSecret + `" and has the projects
registry, cadastre and load. Use the printed directory address as the provider's "directory". lvrtc and iem-ic have
a service desk, where "` + sandbox.OtherClientID + `" with "` + sandbox.OtherClientSecret + `" is somebody else.

To steer it, on the directory's address:
  GET    /operators.json                                         the directory document
  GET    /_sandbox/objects?operator=NAME                         all that exists
  GET    /_sandbox/requests                                      what was asked
  POST   /_sandbox/clock    {"seconds": 3600}                    move the clock
  POST   /_sandbox/faults   {"method": "POST", "status": 503}    order a fault (see sandbox.Fault)
  DELETE /_sandbox/faults                                        end all faults
  GET    /_sandbox/operators/OPERATOR/volumes/ID/data            bytes of a volume (?offset=, ?length=); PUT writes
  GET    /_sandbox/operators/OPERATOR/volumes/ID/checksum        of a whole volume
  GET    /_sandbox/tickets?operator=NAME                         all tickets with all that was said
  POST   /_sandbox/operators/OPERATOR/tickets/ID/DEED            what the desk's people do: approve, start, hold, reopen,
                                                                 hide, delete; with {"text": …} reject, ask, resolve,
                                                                 rename, say (also "public"); with {"into": ID} merge
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "vdam-sandbox: %v\n", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do.
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("vdam-sandbox", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.Usage = func() {
		_, _ = fmt.Fprint(errOut, usage)
		flags.PrintDefaults()
		_, _ = fmt.Fprint(errOut, details)
	}
	var o sandbox.Options
	flags.StringVar(&o.Dir, "dir", "", "`folder` for the state (required)")
	flags.StringVar(&o.Listen, "listen", "127.0.0.1", "`address` to listen on; anything but loopback is open to your network")
	flags.IntVar(&o.Port, "port", 0, "`port` of the directory, the operators follow it; 0 takes free ones")
	flags.DurationVar(&o.Transition, "transition", 2*time.Second, "`time` that creating, changing and deleting take")
	flags.DurationVar(&o.TokenLifetime, "token-lifetime", 15*time.Minute, "`time` for which a token is valid")
	flags.IntVar(&o.RequestsPerSecond, "requests-per-second", 5000, "rate limit of each operator")
	flags.StringVar(&o.TicketDecision, "ticket-decision", "",
		"`what` the desks decide by themselves about changes when the time of a transition is over: approve; nothing by default")
	flags.StringVar(&o.Kubernetes, "kubernetes", "",
		"`folder` with the programs of make testbed-kubernetes-build, to put behind container clusters; nothing by default")
	flags.Func("s3", "`file` with a JSON object that says in which S3 of versitygw new backup vaults are kept: endpoint, region, "+
		"ca_certificate, access_key_id and secret_access_key of whoever may do everything; folders by default", func(file string) error {
		o.S3 = &objectstore.Account{}
		raw, err := os.ReadFile(file) //nolint:gosec // The user's own.
		if err == nil {
			err = json.Unmarshal(raw, o.S3)
		}
		return err
	})
	ready := flags.String("ready-file", "", "`file` to write as JSON when everything answers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is not a flag; see --help", flags.Arg(0))
	}
	if o.Dir == "" {
		return errors.New("--dir is needed; see --help")
	}
	if *ready != "" { // One from before would send a waiting process to where nobody is.
		if err := os.Remove(*ready); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing the ready file: %w", err)
		}
	}
	if ip := net.ParseIP(o.Listen); o.Listen != "localhost" && (ip == nil || !ip.IsLoopback()) {
		_, _ = fmt.Fprintf(errOut, "WARNING: listening on %s. Anybody who reaches it can use this sandbox: its secret is public.\n", o.Listen)
	}
	o.Logger = slog.New(slog.NewTextHandler(errOut, nil))
	box, err := sandbox.Start(ctx, o)
	if err != nil {
		return err
	}
	if *ready != "" {
		if err := writeReady(*ready, box); err != nil {
			return errors.Join(err, box.Close())
		}
	}
	_, _ = fmt.Fprintf(out, "directory  %s\n", box.DirectoryURL())
	for _, name := range []string{"lvrtc", "iem-ic", "lnb"} {
		_, _ = fmt.Fprintf(out, "%-9s  %s\n", name, box.Endpoint(name))
	}
	<-ctx.Done()
	return box.Close()
}

// writeReady tells a waiting process where the sandbox is. It appears as a whole.
func writeReady(file string, box *sandbox.Sandbox) error {
	raw, err := json.Marshal(map[string]any{"directory": box.DirectoryURL(), "pid": os.Getpid()})
	if err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	partial := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".partial")
	if err := os.WriteFile(partial, raw, 0o600); err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	if err := os.Rename(partial, file); err != nil {
		return fmt.Errorf("writing the ready file: %w", err)
	}
	return nil
}
