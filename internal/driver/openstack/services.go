package openstack

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// Microversions are negotiated: the newest that this driver knows and the cloud has. What is older than the least lacks
// something that is needed: of Nova 2.85, a change of what becomes of a volume with its server; of Cinder 3.42, the
// growth of a volume in use; of Magnum 1.10, node groups, and those without nodes.
var (
	novaVersions   = versions{least: version{2, 85}, newest: version{2, 93}}
	cinderVersions = versions{least: version{3, 42}, newest: version{3, 70}}
	magnumVersions = versions{least: version{1, 10}, newest: version{1, 10}}
)

type version struct{ major, minor int }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

func (v version) before(w version) bool {
	return v.major < w.major || v.major == w.major && v.minor < w.minor
}

type versions struct{ least, newest version }

// connect makes the clients of those services that the catalogue has, and agrees on their versions.
func (s *session) connect(
	ctx context.Context, provider *gophercloud.ProviderClient, catalogue []tokens.CatalogEntry, o gophercloud.EndpointOpts,
) error {
	if regions := regionsOf(catalogue, o); o.Region == "" && len(regions) > 1 {
		return s.refused(cloud.ErrInvalid, "The cloud has the regions "+strings.Join(regions, ", ")+", and none is named.",
			"Set region in the operator's entry, or region_name in clouds.yaml.")
	}
	client := func(serviceType, base string) *gophercloud.ServiceClient {
		at := endpointOf(catalogue, serviceType, o)
		if at == "" {
			return nil
		}
		return &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: at, ResourceBase: at + base, Type: serviceType}
	}
	s.compute, s.volume = client("compute", ""), client("block-storage", "")
	s.network, s.image = client("network", "v2.0/"), client("image", "v2/")
	if s.compute != nil && s.network != nil {
		s.containers = client(containerService, "")
	}
	for _, versioned := range []*gophercloud.ServiceClient{s.network, s.image} {
		// Some catalogues have the version in the endpoint.
		if base := versioned; base != nil && regexp.MustCompile(`/v2(\.0)?/$`).MatchString(base.Endpoint) {
			base.ResourceBase = base.Endpoint
		}
	}
	if err := s.checkInTheClear(s.compute, s.volume, s.network, s.image, s.containers); err != nil {
		return err
	}
	if s.compute == nil && s.volume == nil && s.network == nil {
		return s.refused(cloud.ErrInvalid, "The cloud's catalogue has neither Nova, Cinder nor Neutron for this project"+inRegion(o)+".",
			"Check region and interface of the operator; `openstack catalog list` shows what there is.")
	}
	return s.together(
		func() error { return s.negotiate(ctx, s.compute, novaVersions) },
		func() error { return s.negotiate(ctx, s.volume, cinderVersions) },
		func() error { return s.negotiateMagnum(ctx) },
		func() error { return s.learnNeutron(ctx) },
	)
}

func inRegion(o gophercloud.EndpointOpts) string {
	if o.Region == "" {
		return ""
	}
	return fmt.Sprintf(" in region %q", o.Region)
}

// endpointOf finds a service's endpoint, which ends with a slash; empty without one.
func endpointOf(catalogue []tokens.CatalogEntry, serviceType string, o gophercloud.EndpointOpts) string {
	if e, ok := find(catalogue, serviceType, o); ok {
		return gophercloud.NormalizeURL(e.URL)
	}
	return ""
}

// regionOf is the region of the cloud that is used.
func regionOf(catalogue []tokens.CatalogEntry, o gophercloud.EndpointOpts) string {
	for _, service := range []string{"compute", "network", "block-storage"} {
		if e, ok := find(catalogue, service, o); ok {
			return cmp.Or(e.RegionID, e.Region)
		}
	}
	return o.Region
}

// regionsOf are those in which the catalogue has Nova, Neutron or Cinder.
func regionsOf(catalogue []tokens.CatalogEntry, o gophercloud.EndpointOpts) (regions []string) {
	for _, entry := range catalogue {
		for _, service := range []string{"compute", "network", "block-storage"} {
			if entry.Type != service && !slices.Contains(gophercloud.ServiceTypeAliases[service], entry.Type) {
				continue
			}
			for _, e := range entry.Endpoints {
				if name := cmp.Or(e.RegionID, e.Region); e.Interface == string(o.Availability) && !slices.Contains(regions, name) {
					regions = append(regions, name)
				}
			}
		}
	}
	slices.Sort(regions)
	return regions
}

func find(catalogue []tokens.CatalogEntry, serviceType string, o gophercloud.EndpointOpts) (tokens.Endpoint, bool) {
	for _, name := range append([]string{serviceType}, gophercloud.ServiceTypeAliases[serviceType]...) {
		for _, entry := range catalogue {
			if entry.Type != name || name == "volumev2" {
				continue
			}
			for _, e := range entry.Endpoints {
				if e.Interface == string(o.Availability) && (o.Region == "" || o.Region == e.Region || o.Region == e.RegionID) {
					return e, true
				}
			}
		}
	}
	return tokens.Endpoint{}, false
}

// checkInTheClear refuses a catalogue that would have tokens sent in the clear to another machine.
func (s *session) checkInTheClear(services ...*gophercloud.ServiceClient) error {
	for _, service := range services {
		if service == nil {
			continue
		}
		u, err := url.Parse(service.Endpoint)
		if err != nil {
			return s.refused(cloud.ErrInvalid, "The cloud's catalogue has an address of "+title(service)+" that is none.", "Tell the operator.")
		}
		ip := net.ParseIP(u.Hostname())
		if u.Scheme != "https" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return s.refused(cloud.ErrInvalid,
				fmt.Sprintf("The cloud's catalogue has %s at %s, where tokens would be sent in the clear.", title(service), u.Redacted()),
				"Ask the operator for an https endpoint, or choose another interface or region of the cloud.")
		}
	}
	return nil
}

// versionRoot is where a service says what versions it has: its endpoint without the project.
var versionRoot = regexp.MustCompile(`^(.*/v[0-9.]+/).*$`)

// negotiate agrees with a service on a microversion.
func (s *session) negotiate(ctx context.Context, service *gophercloud.ServiceClient, known versions) error {
	if service == nil {
		return nil
	}
	type offer struct {
		Newest string `json:"version"`
		Least  string `json:"min_version"`
		Max    string `json:"max_version"` // Magnum's word for the newest.
	}
	var answer struct {
		Version  *offer  `json:"version"`
		Versions []offer `json:"versions"`
	}
	at := versionRoot.ReplaceAllString(service.Endpoint, "$1")
	if service.Type == containerService {
		at = magnumRoot.ReplaceAllString(service.Endpoint, "/")
	}
	//nolint:bodyclose // Gophercloud closes the bodies that it decodes, and those of refusals.
	resp, err := service.ProviderClient.Request(ctx, http.MethodGet, at, &gophercloud.RequestOpts{
		JSONResponse: &answer, OkCodes: []int{http.StatusOK, http.StatusMultipleChoices},
	})
	if err != nil {
		return s.failure(ctx, service, http.MethodGet, err)
	}
	if answer.Version != nil {
		answer.Versions = append(answer.Versions, *answer.Version)
	}
	for _, v := range answer.Versions {
		has, ok := parseVersion(cmp.Or(v.Newest, v.Max))
		if !ok || has.major != known.least.major {
			continue
		}
		if has.before(known.least) {
			return &cloud.Error{Reason: cloud.ErrUnsupported, Operator: s.operator, RequestID: requestIDOf(resp.Header),
				Text:   fmt.Sprintf("Its %s speaks versions up to %s; this provider needs %s.", title(service), has, known.least),
				Advice: "Ask the operator to upgrade its OpenStack to the release Zed or newer."}
		}
		agreed := known.newest
		if has.before(agreed) {
			agreed = has
		}
		service.Microversion = agreed.String()
		return nil
	}
	return &cloud.Error{Reason: cloud.ErrUnavailable, Operator: s.operator, RequestID: requestIDOf(resp.Header),
		Text:   fmt.Sprintf("What answers at the address of %s does not say which versions of it there are.", title(service)),
		Advice: "Check the operator's catalogue: `openstack catalog list`."}
}

func parseVersion(text string) (version, bool) {
	major, minor, _ := strings.Cut(text, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	return version{a, b}, errA == nil && errB == nil
}

// learnNeutron asks for Neutron's extensions, of which standard-attr-tag is needed.
func (s *session) learnNeutron(ctx context.Context) error {
	if s.network == nil {
		return nil
	}
	var answer struct {
		Extensions []struct {
			Alias string `json:"alias"`
		} `json:"extensions"`
	}
	if _, err := s.get(ctx, s.network, "extensions?fields=alias", &answer); err != nil {
		return err
	}
	has := make(map[string]bool, len(answer.Extensions))
	for _, e := range answer.Extensions {
		has[e.Alias] = true
	}
	for _, needed := range []string{"standard-attr-tag", "security-group", "standard-attr-description"} {
		if !has[needed] {
			return s.refused(cloud.ErrUnsupported, fmt.Sprintf("Its Neutron has no extension %q.", needed),
				"Ask the operator to enable it; networks and machines cannot be kept track of without it.")
		}
	}
	return nil
}

// query makes the query of a path.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Add(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}
