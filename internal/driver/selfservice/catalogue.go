package selfservice

import (
	"context"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	api "github.com/vdam-lv/terraform-provider-vdam/internal/selfservice"
)

// kinds maps the path segments of collections. Kinds that the contract's later versions add are left out.
var kinds = map[string]cloud.Kind{
	"networks":           cloud.KindNetwork,
	"security-groups":    cloud.KindSecurityGroup,
	"storage-volumes":    cloud.KindStorageVolume,
	"virtual-machines":   cloud.KindVirtualMachine,
	"volume-attachments": cloud.KindVolumeAttachment,
	"container-clusters": cloud.KindContainerCluster,
	"node-pools":         cloud.KindNodePool,
	"backup-vaults":      cloud.KindBackupVault,
	"backup-plans":       cloud.KindBackupPlan,
	"backups":            cloud.KindBackup,
}

// longestPoll bounds what an operator may promise: no proxy keeps a connection for longer.
const longestPoll = time.Hour

func capabilitiesOf(c api.Capabilities) cloud.Capabilities {
	seconds := min(max(deref(c.LongPollSeconds), 0), int(longestPoll/time.Second))
	out := cloud.Capabilities{
		Kinds:              make(map[cloud.Kind]cloud.KindCapabilities, len(c.Kinds)),
		LongPoll:           time.Duration(seconds) * time.Second,
		MeteringResolution: time.Duration(c.MeteringResolutionSeconds) * time.Second,
	}
	if clusters := c.ContainerClusters; clusters != nil {
		out.Clusters = clusterCapabilities(*clusters)
	}
	for _, k := range c.Kinds {
		if kind, ok := kinds[k.Kind]; ok {
			out.Kinds[kind] = cloud.KindCapabilities{UpdatesInPlace: k.UpdatesInPlace}
		}
	}
	return out
}

func clusterCapabilities(c api.ClusterCapabilities) cloud.ClusterCapabilities {
	out := cloud.ClusterCapabilities{
		InPlaceUpgrade: c.InPlaceUpgrade, Autoscaling: c.Autoscaling, OIDC: c.Oidc, APIAllowList: c.ApiAllowList,
		ShortLivedCredentials: c.ShortLivedCredentials, Revocation: c.Revocation,
		MaxAccessTTL: time.Duration(max(deref(c.MaxCredentialsSeconds), 0)) * time.Second,
	}
	for _, degree := range c.HighAvailability {
		out.HighAvailability = append(out.HighAvailability, cloud.HighAvailability(degree))
	}
	return out
}

func (s *session) catalogue(ctx context.Context) (cloud.Catalogue, error) {
	var c api.Catalogue
	err := s.read(func() (*http.Response, error) { return s.client.GetCatalogue(ctx) }, func(a answer) error {
		c = api.Catalogue{}
		return a.Decode(&c)
	})
	if err != nil {
		return cloud.Catalogue{}, err
	}
	out := cloud.Catalogue{DefaultZone: c.DefaultZone, DefaultVolumeClass: c.DefaultVolumeClass}
	for _, z := range c.Zones {
		out.Zones = append(out.Zones, cloud.Zone{Name: z.Name, Title: deref(z.Title)})
	}
	for _, m := range c.MachineSizes {
		out.MachineSizes = append(out.MachineSizes, cloud.MachineSize{
			Name: m.Name, Title: deref(m.Title), VCPUs: rangeOf(m.Vcpus), MemoryMiB: rangeOf(m.MemoryMib),
		})
	}
	for _, v := range c.VolumeClasses {
		out.VolumeClasses = append(out.VolumeClasses, cloud.VolumeClass{
			Name: v.Name, Title: deref(v.Title), SizeGiB: rangeOf(v.SizeGib),
		})
	}
	for _, p := range c.Prices {
		out.Prices = append(out.Prices, cloud.Price{
			Component: p.Component, Class: deref(p.Class), Unit: p.Unit, Per: string(p.Per),
			Amount: p.Amount, Currency: p.Currency, ValidFrom: p.ValidFrom.UTC(),
		})
	}
	for _, v := range deref(c.KubernetesVersions) {
		version := cloud.KubernetesVersion{Version: v.Version, Default: deref(v.Default)}
		if v.EndOfLife != nil {
			version.EndOfLife = v.EndOfLife.UTC()
		}
		out.KubernetesVersions = append(out.KubernetesVersions, version)
	}
	return out, nil
}

func rangeOf(r api.Range) cloud.Range { return cloud.Range{Min: r.Min, Max: r.Max, Step: r.Step} }
