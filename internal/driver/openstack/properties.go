package openstack

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver"
)

// properties are what an object of OpenStack is kept with besides its own fields: labels under their own keys, and what
// this driver notes under keys that no label can have.
type properties map[string]string

// The driver's own keys. They must never change: what one release has made is found by the next.
const (
	prefix = "vdam:"
	// ownerProperty is the owner key, deploymentProperty the configuration that ordered the object.
	ownerProperty      = prefix + "owner"
	deploymentProperty = prefix + "deployment"
	// unclaimedProperty marks what no state knows yet.
	unclaimedProperty = prefix + "unclaimed"
	// descriptionProperty is a description that the object's own field has no room for.
	descriptionProperty = prefix + "description"
	// protectedProperty marks what this driver refuses to delete.
	protectedProperty = prefix + "deletion-protection"
)

const yes = "yes"

// ordered are the properties of a new object.
func ordered(m cloud.SpecMeta, o cloud.CreateOptions) properties {
	p := declared(m)
	p[ownerProperty], p[unclaimedProperty] = o.OwnerKey, yes
	if o.Deployment != "" {
		p[deploymentProperty] = o.Deployment
	}
	return p
}

// declared are the properties that a specification says.
func declared(m cloud.SpecMeta) properties {
	p := maps.Clone(properties(m.Labels))
	if p == nil {
		p = properties{}
	}
	if shortDescription(m.Description) != m.Description {
		p[descriptionProperty] = m.Description
	}
	return p
}

// protected marks what is not to be deleted.
func (p properties) protected(is bool) properties {
	if is {
		p[protectedProperty] = yes
	}
	return p
}

// labelKey is what the port lets a label's key be. What else there is in metadata belongs to others.
var labelKey = regexp.MustCompile(`^[a-z0-9]([a-z0-9._/-]*[a-z0-9])?$`)

// meta fills in what is kept in properties.
func (p properties) meta(m *cloud.Meta) {
	m.Labels = make(map[string]string)
	for k, v := range p {
		if labelKey.MatchString(k) && utf8.RuneCountInString(k) <= 63 {
			m.Labels[k] = v
		}
	}
	m.Ownership = cloud.Ownership{Key: p[ownerProperty], Deployment: p[deploymentProperty], Claimed: p[unclaimedProperty] == ""}
	if long := p[descriptionProperty]; long != "" && shortDescription(long) == m.Description {
		m.Description = long // Unless somebody has written another description since.
	}
}

// descriptionLimit is what the services' own fields hold, in letters.
const descriptionLimit = 255

// shortDescription is what of a description fits in the services' own fields: one line of letters that every database
// of theirs takes.
func shortDescription(d string) string {
	d = strings.Map(func(r rune) rune {
		if r > maxStored {
			return -1
		}
		return r
	}, d)
	return driver.OneLine(d, descriptionLimit-1)
}

// maxStored is the last letter that a database with three bytes for each (MySQL's utf8mb3, as is common) can store.
const maxStored = 0xFFFF

// valueLimit is what a value of metadata may have, in letters.
const valueLimit = 255

// encode writes properties so that metadata of servers and volumes can hold them: other letters are escaped, a longer
// value goes on under "<key>:2", and a "/" in a key is "::".
func (p properties) encode() map[string]string {
	out := make(map[string]string, len(p))
	for k, v := range p {
		key := strings.ReplaceAll(k, "/", "::")
		letters := []rune(escape(v))
		for n := 1; n == 1 || len(letters) > 0; n++ {
			part := letters[:min(valueLimit, len(letters))]
			letters = letters[len(part):]
			if n == 1 {
				out[key] = string(part)
			} else {
				out[fmt.Sprintf("%s:%d", key, n)] = string(part)
			}
		}
	}
	return out
}

// continued is the key of a value's second part and those that follow. Labels' keys end with a letter or digit, so that
// "a::2" is the label "a/2".
var continued = regexp.MustCompile(`^(.*[^:]):([2-9]|[1-9][0-9]+)$`)

// decode reads what encode has written, and what others have.
func decode(stored map[string]string) properties {
	p := make(properties, len(stored))
	for k, v := range stored {
		if m := continued.FindStringSubmatch(k); m != nil {
			if _, ok := stored[m[1]]; ok {
				continue
			}
		}
		for n := 2; ; n++ {
			more, ok := stored[fmt.Sprintf("%s:%d", k, n)]
			if !ok {
				break
			}
			v += more
		}
		p[strings.ReplaceAll(k, "::", "/")] = unescape(v)
	}
	return p
}

// escape writes letters that not every database stores, and control characters, as \x{1f1f1}.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > maxStored || r == '\\' || unicode.IsControl(r) {
			fmt.Fprintf(&b, `\x{%x}`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var escaped = regexp.MustCompile(`\\x\{([0-9a-f]{1,6})\}`)

func unescape(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		r, err := strconv.ParseInt(escaped.FindStringSubmatch(m)[1], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return m
		}
		return string(rune(r))
	})
}

// difference is what has to be set and what to be removed to come from one to the other.
func difference(from, to map[string]string) (set map[string]string, gone []string) {
	set = make(map[string]string)
	for k, v := range to {
		if was, ok := from[k]; !ok || was != v {
			set[k] = v
		}
	}
	for k := range from {
		if _, ok := to[k]; !ok {
			gone = append(gone, k)
		}
	}
	slices.Sort(gone)
	return set, gone
}

// changeMetadata brings the metadata of a server or volume from one to the other, and leaves alone what is in neither.
func (s *session) changeMetadata(
	ctx context.Context, service *gophercloud.ServiceClient, object string, from, to properties,
) error {
	set, gone := difference(from.encode(), to.encode())
	if len(set) > 0 {
		if _, err := s.post(ctx, service, path(object, "metadata"), map[string]any{"metadata": set}, nil); err != nil {
			return err
		}
	}
	for _, k := range gone {
		if err := s.removeProperty(ctx, service, object, k); err != nil {
			return err
		}
	}
	return nil
}

// removeProperty takes one property of a server or volume away; that it is not there is as good.
func (s *session) removeProperty(ctx context.Context, service *gophercloud.ServiceClient, object, key string) error {
	return s.removeIfThere(ctx, service, path(object, "metadata", escapePath(key)))
}
