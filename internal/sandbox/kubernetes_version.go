package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// release is a version of Kubernetes as numbers: 1, its minor, and its patch, which is -1 if there is none.
type release [3]int

// releaseOf reads what the contract's pattern allows.
func releaseOf(version string) release {
	r := release{0, 0, -1}
	for i, part := range strings.SplitN(version, ".", len(r)) {
		r[i], _ = strconv.Atoi(part) // Digits, by the pattern.
	}
	return r
}

func (r release) compare(other release) int { return slices.Compare(r[:], other[:]) }

// fits reports whether a patch is what was asked for: itself, or any of its minor.
func (r release) fits(wanted release) bool {
	return r[0] == wanted[0] && r[1] == wanted[1] && (wanted[2] < 0 || wanted[2] == r[2])
}

// faultsOfVersion decides what the control plane is to run.
func (w *world) faultsOfVersion(o, old *object) []api.FieldError {
	wanted, running := clusterSpec(o).KubernetesVersion, ""
	if old != nil {
		if running = cmp.Or(old.Derived.Running, old.Derived.Target); wanted == clusterSpec(old).KubernetesVersion {
			return nil // Patches come by themselves, not with other changes.
		}
	}
	target, text := w.chooseVersion(wanted, running)
	if text != "" {
		return []api.FieldError{fieldError("/kubernetes_version", "%s", text)}
	}
	o.Derived.Target = target
	return nil
}

// chooseVersion is the patch that a wish leads to, or why it leads to none. What runs is empty for a new cluster.
func (w *world) chooseVersion(wanted, running string) (target, refusal string) {
	wish, is := releaseOf(wanted), releaseOf(running)
	sameMinor := running != "" && wish[1] == is[1]
	switch {
	case running == "" || sameMinor && wish[2] < 0:
	case wish.compare(is) < 0:
		return "", fmt.Sprintf("The cluster runs %s, and Kubernetes does not go back.", running)
	case wish[1] > is[1]+1:
		return "", fmt.Sprintf("The cluster runs %s, and Kubernetes goes up one minor at a time.", running)
	}
	versions := w.profile.KubernetesVersions // Newest first.
	i := slices.IndexFunc(versions, func(v api.KubernetesVersion) bool { return releaseOf(v.Version).fits(wish) })
	switch {
	case sameMinor && (i < 0 || releaseOf(versions[i].Version).compare(is) < 0) && is.fits(wish):
		return running, "" // It is at least as new already.
	case i < 0:
		return "", fmt.Sprintf("There is no Kubernetes %s.", wanted)
	case !sameMinor && w.ended(versions[i]):
		return "", fmt.Sprintf("Kubernetes %s gets no patches any more since %s.", wanted, versions[i].EndOfLife.String())
	}
	return versions[i].Version, ""
}

// ended reports whether a version is past its end.
func (w *world) ended(v api.KubernetesVersion) bool {
	return v.EndOfLife != nil && !w.clock.now().Before(v.EndOfLife.Time)
}
