package sandbox

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox/controlplane"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// releaseOf reads a version. What is none is none that an operator has.
func releaseOf(version string) controlplane.Release {
	r, _ := controlplane.ParseRelease(version)
	return r
}

// fits reports whether a patch is what was asked for: itself, or any of its minor.
func fits(patch, wanted controlplane.Release) bool {
	return patch.SameMinor(wanted) && (wanted.Patch < 0 || wanted.Patch == patch.Patch)
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
	sameMinor := running != "" && wish.SameMinor(is)
	switch {
	case running == "" || sameMinor && wish.Patch < 0:
	case wish.Compare(is) < 0:
		return "", fmt.Sprintf("The cluster runs %s, and Kubernetes does not go back.", running)
	case wish.Minor > is.Minor+1:
		return "", fmt.Sprintf("The cluster runs %s, and Kubernetes goes up one minor at a time.", running)
	}
	versions := w.profile.KubernetesVersions // Newest first.
	i := slices.IndexFunc(versions, func(v api.KubernetesVersion) bool { return fits(releaseOf(v.Version), wish) })
	switch {
	case sameMinor && (i < 0 || releaseOf(versions[i].Version).Compare(is) < 0) && fits(is, wish):
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
