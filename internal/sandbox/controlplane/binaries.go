package controlplane

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/testbed"
)

// What the programs are called, followed by their version.
const (
	prefix     = "vdam-kubernetes-"
	kwokPrefix = "vdam-kwok-"
)

var (
	// ErrNotBuilt says that there is no Kubernetes on this machine.
	ErrNotBuilt = errors.New("there is no Kubernetes here: `make testbed-kubernetes-build` builds it")
	// ErrVersion says that a version is not there, or that a cluster cannot become it.
	ErrVersion = errors.New("the version of Kubernetes is not possible")
)

// release is a version of Kubernetes. The patch of a minor alone is -1.
type release struct{ major, minor, patch int }

// parseRelease reads 1.34 or 1.34.4.
func parseRelease(version string) (release, error) {
	parts := strings.Split(version, ".")
	numbers := [3]int{2: -1}
	if len(parts) != 2 && len(parts) != 3 {
		return release{}, fmt.Errorf("%w: %q is neither like 1.34 nor like 1.34.4", ErrVersion, version)
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || strconv.Itoa(n) != part {
			return release{}, fmt.Errorf("%w: %q is neither like 1.34 nor like 1.34.4", ErrVersion, version)
		}
		numbers[i] = n
	}
	return release{numbers[0], numbers[1], numbers[2]}, nil
}

func (r release) compare(other release) int {
	return cmp.Or(cmp.Compare(r.major, other.major), cmp.Compare(r.minor, other.minor), cmp.Compare(r.patch, other.patch))
}

func (r release) sameMinor(other release) bool {
	return r.major == other.major && r.minor == other.minor
}

func (r release) String() string {
	if r.patch < 0 {
		return fmt.Sprintf("%d.%d", r.major, r.minor)
	}
	return fmt.Sprintf("%d.%d.%d", r.major, r.minor, r.patch)
}

// Binaries are the programs that there are: one of each version, which is all of Kubernetes, and kwok.
type Binaries struct {
	files map[release]string
	kwok  string
}

// DefaultBinDir is where internal/testbed/kubernetes/build.sh puts the programs.
func DefaultBinDir() (string, error) {
	dir, err := testbed.Folder("kubernetes")
	return filepath.Join(dir, "bin"), err
}

// Find looks which programs are in a folder, DefaultBinDir if it is empty. It returns ErrNotBuilt if there are none.
func Find(binDir string) (Binaries, error) {
	if binDir == "" {
		dir, err := DefaultBinDir()
		if err != nil {
			return Binaries{}, fmt.Errorf("%w (%w)", ErrNotBuilt, err)
		}
		binDir = dir
	}
	binDir, err := filepath.Abs(binDir) // They run in other folders than this process.
	if err != nil {
		return Binaries{}, err
	}
	kubernetes, err := programs(binDir, prefix)
	if err != nil {
		return Binaries{}, err
	}
	kwok, err := programs(binDir, kwokPrefix)
	if err != nil {
		return Binaries{}, err
	}
	if len(kubernetes) == 0 || len(kwok) == 0 {
		return Binaries{}, fmt.Errorf("%w (it is not in %s)", ErrNotBuilt, binDir)
	}
	newest := slices.MaxFunc(slices.Collect(maps.Keys(kwok)), release.compare)
	return Binaries{files: kubernetes, kwok: kwok[newest]}, nil
}

// programs are those in a folder whose names begin so, by their versions.
func programs(dir, prefix string) (map[release]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return nil, err
	}
	all := map[release]string{}
	for _, file := range found {
		r, err := parseRelease(strings.TrimPrefix(filepath.Base(file), prefix))
		if err == nil && r.patch >= 0 { // Else it is one that is being built.
			all[r] = file
		}
	}
	return all, nil
}

// releases are what there is, the oldest first.
func (b Binaries) releases() []release { return slices.SortedFunc(maps.Keys(b.files), release.compare) }

// Versions are the versions that there are, the oldest first.
func (b Binaries) Versions() []string {
	var all []string
	for _, r := range b.releases() {
		all = append(all, r.String())
	}
	return all
}

// Resolve returns the version that is meant by a minor, 1.34, which is its newest patch, or by a patch, 1.34.4.
func (b Binaries) Resolve(version string) (string, error) {
	r, err := b.resolve(version)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

func (b Binaries) resolve(version string) (release, error) {
	wish, err := parseRelease(version)
	if err != nil {
		return release{}, err
	}
	for _, r := range slices.Backward(b.releases()) {
		if r == wish || wish.patch < 0 && r.sameMinor(wish) {
			return r, nil
		}
	}
	return release{}, fmt.Errorf("%w: there is no %s, only %s", ErrVersion, version, strings.Join(b.Versions(), ", "))
}

// Kubectl returns the command line of a kubectl of a version.
func (b Binaries) Kubectl(version string) ([]string, error) {
	r, err := b.resolve(version)
	if err != nil {
		return nil, err
	}
	return []string{b.files[r], "kubectl"}, nil
}

// newest is the program for what all clusters share.
func (b Binaries) newest() string {
	all := b.releases()
	return b.files[all[len(all)-1]]
}
