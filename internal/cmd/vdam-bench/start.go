package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

const megabyte = 1e6

func measureSize(_ context.Context, b *bench) ([]row, error) {
	f, err := os.Open(b.binary(vdam))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var packed counter
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	plain, err := io.Copy(z, f)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("packing the provider: %w", err)
	}
	size, small := float64(plain)/megabyte, float64(packed)/megabyte
	return []row{
		newRow("9", "binary, stripped", fmt.Sprintf("%.1f MB", size), "≤ 25 MB", size <= 25, ""),
		newRow("9 gzip", "the same, gzip -9", fmt.Sprintf("%.1f MB", small), "≤ 9 MB", small <= 9, ""),
	}, nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// handshake is how long a provider takes from its start until it says where it listens.
func (b *bench) handshake(ctx context.Context, provider string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, b.binary(provider)) //nolint:gosec // The program was built a moment ago.
	cmd.Env = append(cleanEnvironment(os.Environ()), "TMPDIR="+b.dir, "PLUGIN_PROTOCOL_VERSIONS=6",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(started)
	_ = cmd.Process.Kill() // It may have ended.
	_ = cmd.Wait()         // It was killed.
	if err == nil && !strings.HasPrefix(line, "1|6|unix|") {
		err = errors.New("that is no handshake")
	}
	if err != nil {
		return 0, fmt.Errorf("the provider said %q: %w", line, err)
	}
	return took, nil
}

func measureStart(ctx context.Context, b *bench) ([]row, error) {
	const starts = 15
	var ours, floors []time.Duration
	one := func(provider string, into *[]time.Duration) func() error {
		return func() error {
			took, err := b.handshake(ctx, provider)
			*into = append(*into, took)
			return err
		}
	}
	if err := rounds(starts, one(vdam, &ours), one(floor, &floors)); err != nil {
		return nil, err
	}
	least, _ := spread(ours)
	leastFloor, _ := spread(floors)
	rows := []row{newRow("8", fmt.Sprintf("handshake, least of %d", starts), milliseconds(least), "≤ 10 ms", least <= 10*time.Millisecond,
		fmt.Sprintf("median %s; echo %s, median %s.", milliseconds(median(ours)), milliseconds(leastFloor), milliseconds(median(floors))))}

	e, err := newEstate(ctx, b, 0, 1)
	if err != nil {
		return rows, err
	}
	defer func() { _ = e.box.Close() }()
	echo, err := e.work.other()
	if err != nil {
		return rows, err
	}
	ours, floors, err = pairs(ctx, either(b, 15, 5), e.work, echo, func(o outcome) time.Duration { return o.wall })
	if err != nil {
		return rows, err
	}
	return append(rows, ratioRow("8 plan", "plan of one machine ÷ echo, wall", ours, floors, 1.2)), nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
