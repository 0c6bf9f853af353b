package openstack

import (
	"context"
	"regexp"
	"strconv"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// quotaWords are how the services say which quota is exceeded, and by how much, as far as they do.
var quotaWords = []*regexp.Regexp{
	// Nova: "Quota exceeded for cores, ram: Requested 8, 4096, but already used 60, 1000 of 64, 2000 cores, ram".
	regexp.MustCompile(`(?i)quota exceeded for (?P<resource>\w+)(?:, \w+)*: requested (?P<asked>\d+)(?:, \d+)*, ` +
		`but already used (?P<used>\d+)(?:, \d+)* of (?P<limit>\d+)`),
	// Cinder: "Requested volume or snapshot exceeds allowed gigabytes quota. Requested 10G, quota is 20G and 15G has been
	// consumed."
	regexp.MustCompile(`(?i)allowed (?P<resource>\w+) quota\. requested (?P<asked>\d+)G, ` +
		`quota is (?P<limit>\d+)G and (?P<used>\d+)G has been consumed`),
	// Cinder: "Maximum number of volumes allowed (10) exceeded for quota 'volumes'."
	regexp.MustCompile(`(?i)maximum number of \w+ allowed \((?P<limit>\d+)\) exceeded for quota '(?P<resource>\w+)'`),
	// Magnum: "You have reached the maximum clusters per project, 20. You may delete a cluster to make room for a new one."
	regexp.MustCompile(`(?i)reached the maximum (?P<resource>clusters) per project, (?P<limit>\d+)`),
	// Neutron: "Quota exceeded for resources: ['port']."
	regexp.MustCompile(`(?i)quota exceeded for resources: \['(?P<resource>\w+)'`),
}

// quotaFigures are those that the refusal has, completed by the service's own count; nil where neither says anything.
func (s *session) quotaFigures(ctx context.Context, service *gophercloud.ServiceClient, said string) *cloud.QuotaError {
	for _, words := range quotaWords {
		m := words.FindStringSubmatch(said)
		if m == nil {
			continue
		}
		figure := func(name string) int64 {
			i := words.SubexpIndex(name)
			if i < 0 {
				return -1
			}
			n, err := strconv.ParseInt(m[i], 10, 64)
			if err != nil {
				return -1
			}
			return n
		}
		q := &cloud.QuotaError{
			Resource: m[words.SubexpIndex("resource")], Limit: figure("limit"), Used: figure("used"), Requested: figure("asked"),
		}
		if q.Requested < 0 {
			q.Requested = 1
		}
		if q.Used < 0 || q.Limit < 0 {
			used, limit, ok := s.quotaOf(ctx, service, q.Resource)
			if !ok {
				return nil
			}
			q.Used, q.Limit = used, limit
		}
		return q
	}
	return nil
}

// quotaOf asks a service for one quota and its use. It is asked while another error is being told, so that its own is
// none.
func (s *session) quotaOf(ctx context.Context, service *gophercloud.ServiceClient, resource string) (used, limit int64, ok bool) {
	switch service {
	case s.network:
		var answer struct {
			Quota map[string]struct {
				Used  int64 `json:"used"`
				Limit int64 `json:"limit"`
			} `json:"quota"`
		}
		_, err := s.get(ctx, service, path("quotas", s.project, "details.json"), &answer)
		q, has := answer.Quota[resource]
		return q.Used, q.Limit, err == nil && has
	case s.volume:
		var answer struct {
			Limits struct {
				Absolute map[string]int64 `json:"absolute"`
			} `json:"limits"`
		}
		_, err := s.get(ctx, service, "limits", &answer)
		names := map[string][2]string{
			"volumes": {"totalVolumesUsed", "maxTotalVolumes"}, "gigabytes": {"totalGigabytesUsed", "maxTotalVolumeGigabytes"},
			"snapshots": {"totalSnapshotsUsed", "maxTotalSnapshots"},
		}[resource]
		limit, has := answer.Limits.Absolute[names[1]]
		return answer.Limits.Absolute[names[0]], limit, err == nil && has
	case s.containers:
		var count struct {
			Clusters int64 `json:"clusters"`
		}
		var quota struct {
			Limit int64 `json:"hard_limit"`
		}
		_, err := s.get(ctx, service, "stats", &count)
		if err == nil {
			_, err = s.get(ctx, service, path("quotas", s.project, "Cluster"), &quota)
		}
		return count.Clusters, quota.Limit, err == nil
	}
	return 0, 0, false
}
