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

// Release is a version of Kubernetes. The patch of a minor alone is -1.
type Release struct{ Major, Minor, Patch int }

// ParseRelease reads 1.34 or 1.34.4.
func ParseRelease(version string) (Release, error) {
	parts := strings.Split(version, ".")
	numbers := [3]int{2: -1}
	if len(parts) != 2 && len(parts) != 3 {
		return Release{}, fmt.Errorf("%w: %q is neither like 1.34 nor like 1.34.4", ErrVersion, version)
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || strconv.Itoa(n) != part {
			return Release{}, fmt.Errorf("%w: %q is neither like 1.34 nor like 1.34.4", ErrVersion, version)
		}
		numbers[i] = n
	}
	return Release{numbers[0], numbers[1], numbers[2]}, nil
}

// Compare orders versions by their numbers. A minor is before its patches.
func (r Release) Compare(other Release) int {
	return cmp.Or(cmp.Compare(r.Major, other.Major), cmp.Compare(r.Minor, other.Minor), cmp.Compare(r.Patch, other.Patch))
}

// SameMinor says whether one is a patch of the other, or of the same minor.
func (r Release) SameMinor(other Release) bool {
	return r.Major == other.Major && r.Minor == other.Minor
}

// String writes it as ParseRelease reads it.
func (r Release) String() string {
	if r.Patch < 0 {
		return fmt.Sprintf("%d.%d", r.Major, r.Minor)
	}
	return fmt.Sprintf("%d.%d.%d", r.Major, r.Minor, r.Patch)
}

// Binaries are the programs that there are: one of each version, which is all of Kubernetes, and kwok.
type Binaries struct {
	files map[Release]string
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
	newest := slices.MaxFunc(slices.Collect(maps.Keys(kwok)), Release.Compare)
	return Binaries{files: kubernetes, kwok: kwok[newest]}, nil
}

// programs are those in a folder whose names begin so, by their versions.
func programs(dir, prefix string) (map[Release]string, error) {
	found, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return nil, err
	}
	all := map[Release]string{}
	for _, file := range found {
		r, err := ParseRelease(strings.TrimPrefix(filepath.Base(file), prefix))
		if err == nil && r.Patch >= 0 { // Else it is one that is being built.
			all[r] = file
		}
	}
	return all, nil
}

// releases are what there is, the oldest first.
func (b Binaries) releases() []Release { return slices.SortedFunc(maps.Keys(b.files), Release.Compare) }

// Versions are the versions that there are, the oldest first.
func (b Binaries) Versions() []string {
	var all []string
	for _, r := range b.releases() {
		all = append(all, r.String())
	}
	return all
}

// Resolve returns the version that is meant by a minor, 1.34, which is its newest patch, or by a patch, 1.34.4, which is
// a later one of its minor if that is not there any more.
func (b Binaries) Resolve(version string) (string, error) {
	r, err := b.resolve(version)
	if err != nil {
		return "", err
	}
	return r.String(), nil
}

func (b Binaries) resolve(version string) (Release, error) {
	wish, err := ParseRelease(version)
	if err != nil {
		return Release{}, err
	}
	if _, ok := b.files[wish]; ok {
		return wish, nil
	}
	for _, r := range slices.Backward(b.releases()) {
		if r.SameMinor(wish) && r.Patch > wish.Patch {
			return r, nil
		}
	}
	return Release{}, fmt.Errorf("%w: there is no %s, only %s", ErrVersion, version, strings.Join(b.Versions(), ", "))
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
