package provider

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"gopkg.in/yaml.v2"
)

// cloudEntry is an operator's entry in clouds.yaml. The zero value is that of an operator without one.
type cloudEntry struct {
	// name and file are where the entry is, for the texts of errors.
	name, file string
	said       clouds.Cloud
	auth       clouds.AuthInfo
	// insecure says that the servers' certificates are not to be checked.
	insecure bool
}

func (e cloudEntry) String() string { return fmt.Sprintf("The entry %q of %s", e.name, e.file) }

// region is the one that the entry names; of several the first is the default, as for OpenStack's own client.
func (e cloudEntry) region() string {
	if e.said.RegionName == "" && len(e.said.Regions) > 0 {
		return e.said.Regions[0].Name
	}
	return e.said.RegionName
}

// availability says which of a service's endpoints to use.
func (e cloudEntry) availability() gophercloud.Availability {
	switch cmp.Or(e.said.EndpointType, e.said.Interface) {
	case "internal", "internalURL":
		return gophercloud.AvailabilityInternal
	case "admin", "adminURL":
		return gophercloud.AvailabilityAdmin
	}
	return gophercloud.AvailabilityPublic
}

// inClouds reports whether the operator is to be found in a clouds.yaml.
func (o *operatorModel) inClouds() bool {
	kind := o.value(o.Kind, "kind")
	return (kind == "" || kind == kindOpenstack) &&
		(o.value(o.Cloud, "cloud") != "" || o.value(o.CloudsFile, "clouds_file") != "")
}

// cloudEntry reads the operator's entry in clouds.yaml, and what a secure.yaml beside it adds.
func (o *operatorModel) cloudEntry() (cloudEntry, error) {
	name := o.value(o.Cloud, "cloud")
	if name == "" {
		return cloudEntry{}, o.misconfigured("It has a clouds_file, and cloud does not say which of its entries it is.",
			fmt.Sprintf("Set cloud in operators[%q], or %s.", o.name, o.variable("cloud")))
	}
	file, setting, err := o.cloudsFile(name)
	if err != nil {
		return cloudEntry{}, err
	}
	layers, err := o.readClouds(file)
	if err != nil {
		return cloudEntry{}, o.unreadable(err, file, setting)
	}
	layer, ok := layers[name]
	if !ok {
		others := ", nor any other."
		if len(layers) > 0 {
			others = ". It has: " + strings.Join(slices.Sorted(maps.Keys(layers)), ", ") + "."
		}
		return cloudEntry{}, o.misconfigured(fmt.Sprintf("%s has no entry %q%s", file, name, others),
			fmt.Sprintf("Correct cloud in operators[%q] or %s, or add the entry.", o.name, o.variable("cloud")))
	}
	secure := filepath.Join(filepath.Dir(file), "secure.yaml")
	more, err := o.readClouds(secure)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cloudEntry{}, o.unreadable(err, secure, "")
	}
	e := struct {
		clouds.Cloud `yaml:",inline"`
		Insecure     bool `yaml:"insecure"`
	}{Cloud: clouds.Cloud{AuthInfo: new(clouds.AuthInfo)}}
	for _, l := range []struct {
		file string
		in   cloudLayer
	}{{file, layer}, {secure, more[name]}} {
		if l.in.decode == nil {
			continue
		}
		if err := l.in.decode(&e); err != nil {
			return cloudEntry{}, o.unreadable(garbled(l.file, err), l.file, "")
		}
	}
	entry := cloudEntry{name: name, file: file, said: e.Cloud, insecure: e.Insecure || e.Verify != nil && !*e.Verify}
	if e.AuthInfo != nil {
		entry.auth = *e.AuthInfo
	}
	return entry, nil
}

// cloudsFile finds the file, and which setting names it, if one does.
func (o *operatorModel) cloudsFile(name string) (file, setting string, err error) {
	const everyones = "OS_CLIENT_CONFIG_FILE"
	ours := o.variable("clouds_file")
	switch {
	case o.CloudsFile.ValueString() != "":
		return o.CloudsFile.ValueString(), "clouds_file", nil
	case os.Getenv(ours) != "":
		return os.Getenv(ours), ours, nil
	case os.Getenv(everyones) != "":
		return os.Getenv(everyones), everyones, nil
	}
	config := os.Getenv("XDG_CONFIG_HOME")
	if home, err := os.UserHomeDir(); config == "" && err == nil {
		config = filepath.Join(home, ".config")
	}
	var places []string
	for _, dir := range []string{".", filepath.Join(config, "openstack"), "/etc/openstack"} {
		at, err := filepath.Abs(filepath.Join(dir, "clouds.yaml"))
		if err != nil {
			continue
		}
		if _, err := os.Stat(at); err == nil { //nolint:gosec // It is where OpenStack's own client looks too.
			return at, "", nil
		}
		places = append(places, at)
	}
	return "", "", o.misconfigured(
		fmt.Sprintf("It is to be the entry %q of a clouds.yaml, and there is none at %s.", name, strings.Join(places, ", ")),
		fmt.Sprintf("Put the file there, or set clouds_file in operators[%q], %s or %s.", o.name, ours, everyones))
}

// cloudLayer is what one file says of one cloud, not decoded yet, so that two files can be laid over each other and
// what is wrong with other entries does no harm.
type cloudLayer struct{ decode func(any) error }

// UnmarshalYAML keeps the node.
func (l *cloudLayer) UnmarshalYAML(decode func(any) error) error {
	l.decode = decode
	return nil
}

func (o *operatorModel) readClouds(file string) (map[string]cloudLayer, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // The user names the file, or puts it where OpenStack's own client reads it too.
	if err != nil {
		return nil, err
	}
	var doc struct {
		Clouds map[string]cloudLayer `yaml:"clouds"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, garbled(file, err)
	}
	return doc.Clouds, nil
}

// garbledError is a file in another form.
type garbledError struct{ text string }

func (e *garbledError) Error() string { return e.text }

var lineNumber = regexp.MustCompile(`\bline (\d+)`)

// garbled keeps of a YAML error the line alone: the rest repeats what is in the file, which may be a secret.
func garbled(file string, err error) error {
	text := file + " is not in the form of a clouds.yaml"
	if m := lineNumber.FindStringSubmatch(err.Error()); m != nil {
		text += ": something is wrong near line " + m[1]
	}
	return &garbledError{text + "."}
}

// unreadable says that a file cannot be read, and what names it.
func (o *operatorModel) unreadable(err error, file, setting string) error {
	if g := (*garbledError)(nil); errors.As(err, &g) {
		return o.misconfigured(g.text, "Check its indentation, its colons and its quotes.")
	}
	reason := err
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		reason = path.Err
	}
	advice := "Correct the file's permissions."
	if setting != "" {
		advice = fmt.Sprintf("Correct %s, or the file's permissions.", setting)
	}
	return o.misconfigured(fmt.Sprintf("%s could not be read: %s.", strings.TrimSpace(setting+" "+file), reason), advice)
}

func (o *operatorModel) noAuthURL(e cloudEntry) error {
	advice := "Add to its auth the address of Keystone, as in auth_url: https://cloud.example:5000/v3, or set endpoint in " +
		fmt.Sprintf("operators[%q].", o.name)
	if profile := cmp.Or(e.said.Profile, e.said.Cloud); profile != "" {
		advice = fmt.Sprintf("This provider does not know the profile %q. ", profile) + advice
	}
	return o.misconfigured(e.String()+" has no auth_url.", advice)
}
