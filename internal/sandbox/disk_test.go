package sandbox

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// disk speaks to the bytes of one volume.
type disk struct {
	*client
	path string
}

func diskOf(t *testing.T, s *Sandbox, operator, id string) disk {
	t.Helper()
	return disk{control(t, s), "/_sandbox/operators/" + operator + "/volumes/" + id}
}

func (d disk) write(offset int64, data []byte) answer {
	d.t.Helper()
	return d.do("PUT", fmt.Sprintf("%s/data?offset=%d", d.path, offset), string(data))
}

func (d disk) read(offset, length int64) answer {
	d.t.Helper()
	return d.get(fmt.Sprintf("%s/data?offset=%d&length=%d", d.path, offset, length))
}

func (d disk) checksum() string {
	d.t.Helper()
	return d.get(d.path + "/checksum").is(http.StatusOK).text("sha256")
}

func TestBytes(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir})
	c := at(t, s, "lvrtc")
	volume := c.made("storage-volumes", m{"name": "data", "size_gib": 1})
	d := diskOf(t, s, "lvrtc", volume.ID)
	empty := d.checksum()
	if a := d.read(1<<29, 16).is(http.StatusOK); !bytes.Equal(a.body, make([]byte, 16)) {
		t.Errorf("what was never written is %x", a.body)
	}
	data := []byte("Dainu skapis\x00\xff")
	const middle = 1<<29 + 12345
	d.write(middle, data).is(http.StatusNoContent)
	a := d.read(middle-1, int64(len(data))+2).is(http.StatusOK)
	if want := append(append([]byte{0}, data...), 0); !bytes.Equal(a.body, want) {
		t.Errorf("%q, want %q", a.body, want)
	}
	sum := sha256.Sum256(a.body)
	if got := a.header.Get("Repr-Digest"); got != digest(sum[:]) {
		t.Errorf("Repr-Digest is %s", got)
	}
	written := d.checksum()
	if written == empty {
		t.Error("the checksum does not tell a written volume from an empty one")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = start(t, Options{Dir: dir})
	d = diskOf(t, s, "lvrtc", volume.ID)
	if got := d.checksum(); got != written {
		t.Errorf("checksum %s after a restart, %s before", got, written)
	}
	if got := d.read(middle, int64(len(data))).is(http.StatusOK).body; !bytes.Equal(got, data) {
		t.Errorf("%q after a restart", got)
	}
	c = at(t, s, "lvrtc")
	c.patch("storage-volumes/"+volume.ID, c.get("storage-volumes/"+volume.ID).view().Etag, `{"size_gib":2}`).is(http.StatusOK)
	grown := d.checksum()
	if got := d.get(fmt.Sprintf("%s/checksum?length=%d", d.path, 1<<30)).is(http.StatusOK).text("sha256"); got != written {
		t.Errorf("what there was before it grew has the checksum %s, had %s", got, written)
	}
	if got := d.read(middle, int64(len(data))).is(http.StatusOK).body; !bytes.Equal(got, data) || grown == written {
		t.Errorf("after it grew: %q, checksum changed: %v", got, grown != written)
	}
	d.write(2<<30-1, []byte("x")).is(http.StatusNoContent)
	files := func() []string {
		found, err := filepath.Glob(filepath.Join(dir, "lvrtc-volumes", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if len(files()) != 1 {
		t.Errorf("files %v, want one", files())
	}
	c.remove("storage-volumes/" + volume.ID).is(http.StatusAccepted)
	c.get("storage-volumes/" + volume.ID).is(http.StatusNotFound)
	d.read(0, 1).is(http.StatusNotFound)
	if len(files()) != 0 {
		t.Errorf("files %v, want none", files())
	}
}

func TestChecksumTellsContentsApart(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lnb")
	sums := map[string]string{}
	type part struct {
		offset int64
		data   string
	}
	zeroes := strings.Repeat("\x00", 3*block)
	for i, tc := range []struct {
		content string // Volumes of the same content have the same checksum.
		parts   []part
	}{
		{"ab", []part{{10, "a"}, {1 << 20, "b"}}},
		{"ab", []part{{1 << 20, "b"}, {10, "a"}}},
		{"ab", []part{{0, zeroes}, {1 << 20, zeroes}, {1 << 20, "b"}, {10, "a"}}},
		{"ab", []part{{10, "x"}, {1 << 20, "b"}, {10, "a"}}},
		{"ba", []part{{10, "b"}, {1 << 20, "a"}}},
		{"a", []part{{10, "a"}}},
		{"a", []part{{10, "a"}, {1 << 20, "b"}, {1 << 20, "\x00"}}},
		{"a elsewhere", []part{{11, "a"}}},
		{"a in another block", []part{{10 + block, "a"}}},
		{"nothing", nil},
		{"nothing", []part{{5, zeroes}}},
		{"nothing", []part{{1<<30 - 3*block, zeroes}}},
	} {
		v := c.made("storage-volumes", m{"name": fmt.Sprintf("v%d", i), "size_gib": 1})
		d := diskOf(t, s, "lnb", v.ID)
		for _, p := range tc.parts {
			d.write(p.offset, []byte(p.data)).is(http.StatusNoContent)
		}
		sum := d.checksum()
		if known, ok := sums[tc.content]; ok && known != sum {
			t.Errorf("%d: %s has the checksum %s, had %s", i, tc.content, sum, known)
		}
		sums[tc.content] = sum
	}
	contents := map[string]string{}
	for content, sum := range sums {
		if other, ok := contents[sum]; ok {
			t.Errorf("%q and %q have the same checksum", content, other)
		}
		contents[sum] = content
	}
}

func TestBytesRefused(t *testing.T) {
	s := start(t, Options{})
	c := at(t, s, "lvrtc")
	volume := c.made("storage-volumes", m{"name": "data", "size_gib": 1})
	net := c.made("networks", m{"name": "inner", "cidr": "10.0.0.0/24"})
	d := diskOf(t, s, "lvrtc", volume.ID)
	before := d.checksum()
	for _, tc := range []struct {
		name           string
		disk           disk
		method, suffix string
		status         int
	}{
		{"past the end", d, "PUT", "/data?offset=1073741822", 400},
		{"behind the end", d, "PUT", "/data?offset=9223372036854775807", 400},
		{"before the start", d, "PUT", "/data?offset=-1", 400},
		{"offset a word", d, "PUT", "/data?offset=begin", 400},
		{"read before the start", d, "GET", "/data?offset=-1", 400},
		{"read a length below zero", d, "GET", "/data?length=-1", 400},
		{"not a volume", diskOf(t, s, "lvrtc", net.ID), "PUT", "/data", 404},
		{"no volume", diskOf(t, s, "lvrtc", "vol-0"), "GET", "/checksum", 404},
		{"another operator's", diskOf(t, s, "lnb", volume.ID), "GET", "/checksum", 404},
		{"no operator", diskOf(t, s, "nobody", volume.ID), "GET", "/data", 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var body any
			if tc.method == "PUT" {
				body = "xyz"
			}
			tc.disk.do(tc.method, tc.disk.path+tc.suffix, body).is(tc.status)
		})
	}
	if got := d.checksum(); got != before {
		t.Error("a refused request has written something")
	}
	files, err := filepath.Glob(filepath.Join(s.options.Dir, "*-volumes", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Size() != 1<<30 {
		t.Errorf("%v, %v: want it as large as before", info, err)
	}
}

func TestLargestVolumes(t *testing.T) {
	s := start(t, Options{})
	for operator, order := range map[string]m{
		"lvrtc":  {"name": "large", "size_gib": 16384},
		"iem-ic": {"name": "large", "size_gib": 32768, "class": "archive"},
	} {
		c := at(t, s, operator)
		order["name"] = "large"
		v := c.order("/v1/projects/load/storage-volumes", order).is(http.StatusCreated).view()
		d := diskOf(t, s, operator, v.ID)
		d.write(8<<40, []byte("x")).is(http.StatusNoContent)
		if got := d.read(8<<40, 1).is(http.StatusOK).body; string(got) != "x" {
			t.Errorf("%s: %q", operator, got)
		}
	}
}
