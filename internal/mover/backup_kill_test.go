package mover

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed/s3"
)

// childVariable has this program be the process that TestBackupKilled kills, which runs a backup by these options.
const childVariable = "VDAM_MOVER_CHILD"

const childSize, kills = 300 << 20, 20

func TestMain(m *testing.M) {
	if raw := os.Getenv(childVariable); raw != "" {
		if err := backUp(raw); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// backUp prints how many bytes it has uploaded.
func backUp(raw string) error {
	var where map[string]string
	if err := json.Unmarshal([]byte(raw), &where); err != nil {
		return err
	}
	v, err := Open(Options{
		Endpoint: where["endpoint"], Region: s3.Region, Bucket: where["bucket"], Prefix: where["prefix"], CAPEM: []byte(where["ca"]),
		AccessKey: where["access"], SecretKey: where["secret"], Key: where["key"],
	})
	if err != nil {
		return err
	}
	_, err = v.Backup(context.Background(), newHuge(childSize, childSize, childSize), now(), func(p Progress) {
		fmt.Printf("\n%d\n", p.Moved)
	})
	return err
}

// TestBackupKilled kills the process of a backup 20 times. The next one finishes, and puts nothing twice.
func TestBackupKilled(t *testing.T) {
	server := s3.Start(t)
	mustMake(t, server, "vault", s3.Vault)
	o := realOptions(server, "vault", server.Writer, testKey(t))
	v := mustOpen(t, o)
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range kills {
		killedBackup(t, o, random.Int64N(14<<20))
		if all := points(t, v); len(all) != 0 {
			t.Fatalf("a run that was killed left %v", all)
		}
	}
	src := newHuge(childSize, childSize, childSize)
	p := mustBackup(t, v, src, now())
	if p.BytesUploaded > childSize*8/10 {
		t.Errorf("the last run uploaded %d bytes of %d", p.BytesUploaded, childSize)
	}
	target := &comparing{src: src, t: t}
	if _, err := v.Restore(t.Context(), p.ID, target, nil); err != nil {
		t.Fatal(err)
	}
	objects, versions := countBlobs(t, server)
	t.Logf("%d objects, %d versions; the last run uploaded %d MiB", objects, versions, p.BytesUploaded>>20)
	// What was on its way at a kill may have arrived after the next run had looked.
	if versions > objects+kills*workers/4 {
		t.Errorf("%d objects were put %d times", objects, versions)
	}
}

// killedBackup runs a backup in a process of its own, and kills it once it has uploaded so many bytes.
func killedBackup(t *testing.T, o Options, after int64) {
	t.Helper()
	raw, err := json.Marshal(map[string]string{
		"endpoint": o.Endpoint, "bucket": o.Bucket, "prefix": o.Prefix, "ca": string(o.CAPEM),
		"access": o.AccessKey, "secret": o.SecretKey, "key": o.Key,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel() // It kills.
	child := exec.CommandContext(ctx, os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+string(raw))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var moved int64
		said = append(said, lines.Text())
		if n, _ := fmt.Sscan(lines.Text(), &moved); n == 1 && moved > after {
			cancel()
		}
	}
	if err := child.Wait(); err == nil || ctx.Err() == nil {
		t.Fatalf("it ended before it was killed: %v\n%s", err, strings.Join(said, "\n"))
	}
}

// comparing is a target that has to become what the source is.
type comparing struct {
	src *huge
	t   *testing.T
}

func (c *comparing) Size() int64 { return c.src.size }

func (c *comparing) WriteAt(p []byte, offset int64) (int, error) {
	expected := make([]byte, len(p))
	_, _ = c.src.ReadAt(expected, offset) // It never fails.
	if string(expected) != string(p) {
		c.t.Errorf("the block at byte %d is not what it was", offset)
	}
	return len(p), nil
}

func countBlobs(t *testing.T, server *s3.Server) (objects, versions int) {
	t.Helper()
	client, err := server.Client(server.Owner)
	if err != nil {
		t.Fatal(err)
	}
	options := minio.ListObjectsOptions{Prefix: "from-x/blobs/", Recursive: true, WithVersions: true}
	for o := range client.ListObjectsIter(t.Context(), "vault", options) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		versions++
		if o.IsLatest {
			objects++
		}
	}
	return objects, versions
}
