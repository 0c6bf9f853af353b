package controlplane

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
)

// An id is part of folders and of keys in etcd.
var idPattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Spec is what a cluster is to be.
type Spec struct {
	// ID names it: a label as in DNS. It can be used again once the cluster is deleted.
	ID string `json:"id"`
	// Version is a minor, 1.34, for its newest patch that there is, or a patch, 1.34.4.
	Version string `json:"version"`
	// PodCIDR and ServiceCIDR are of IPv4 and apart.
	PodCIDR     string `json:"pod_cidr"`
	ServiceCIDR string `json:"service_cidr"`
}

// network is a Spec's addresses, read.
type network struct{ pods, services netip.Prefix }

func (s Spec) network() (network, error) {
	pods, err := parseCIDR(s.PodCIDR, 26)
	if err != nil {
		return network{}, fmt.Errorf("PodCIDR: %w", err)
	}
	services, err := parseCIDR(s.ServiceCIDR, 28)
	if err != nil {
		return network{}, fmt.Errorf("ServiceCIDR: %w", err)
	}
	if pods.Overlaps(services) {
		return network{}, fmt.Errorf("PodCIDR %s and ServiceCIDR %s overlap", pods, services)
	}
	return network{pods: pods, services: services}, nil
}

// parseCIDR wants a network that is not too small to be divided.
func parseCIDR(cidr string, longest int) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return netip.Prefix{}, err
	}
	if !p.Addr().Is4() || p != p.Masked() || p.Bits() > longest || p.Bits() < 8 {
		return netip.Prefix{}, fmt.Errorf("%s is not a network of IPv4 between /8 and /%d", cidr, longest)
	}
	return p, nil
}

// nodeBits is how long the prefix of each node's pods is: 256 addresses, or fewer, so that there can be 16 nodes at least.
func (n network) nodeBits() int { return max(24, n.pods.Bits()+4) }

// apiAddress is where pods would find the API: the first address of services.
func (n network) apiAddress() netip.Addr { return n.services.Addr().Next() }

// record is what a manager remembers of a cluster.
type record struct {
	Spec

	Port int `json:"port"`
	// Deleting says that somebody asked for that, and that it may not have come to its end.
	Deleting bool `json:"deleting,omitempty"`
}

const recordFile = "cluster.json"

func (r record) write(dir string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, recordFile), raw)
}

// readRecord returns fs.ErrNotExist where no cluster was made.
func readRecord(dir string) (record, error) {
	raw, err := os.ReadFile(filepath.Join(dir, recordFile)) //nolint:gosec // It is the manager's own folder.
	if err != nil {
		return record{}, err
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}, fmt.Errorf("%s: %w", filepath.Join(dir, recordFile), err)
	}
	if !idPattern.MatchString(r.ID) {
		return record{}, errors.New(dir + " holds a cluster without an id")
	}
	return r, nil
}

// prefix is where in etcd the cluster is.
func (r record) prefix() string { return "/clusters/" + r.ID }
