package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// offer is what an operator of the sandbox offers.
type offer struct {
	Name         string
	Zones        []struct{ Name string }
	MachineSizes []struct {
		VCPUs     steps `json:"vcpus"`
		MemoryMiB steps `json:"memory_mib"`
	} `json:"machine_sizes"`
	VolumeClasses []class `json:"volume_classes"`
	Images        []struct {
		ID         string
		MinDiskGiB int `json:"min_disk_gib"`
	}
}

type class struct {
	Name    string
	SizeGiB steps `json:"size_gib"`
}

type steps struct{ Min, Max, Step int }

func readOffers(t *testing.T) map[string]offer {
	t.Helper()
	raw, err := os.ReadFile("../sandbox/operators.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []offer
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	offers := map[string]offer{}
	for _, o := range all {
		offers[o.Name] = o
	}
	return offers
}

// from draws one that is at least so large, and not much larger than need be: the quota is for one object at a time.
func (s steps) from(t *rapid.T, least, room int, what string) int {
	first := max(0, (least-s.Min+s.Step-1)/s.Step)
	last := min((s.Max-s.Min)/s.Step, first+max(1, room/s.Step))
	return s.Min + s.Step*rapid.IntRange(first, max(first, last)).Draw(t, what)
}

// Names, texts and labels as people write them.
var (
	someName   = rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`)
	letters    = rapid.SampledFrom([]rune("aābcčdeēgģiīkķlļnņsšuūzž AĀČĒĢĪĶĻŅŠŪŽ 0123456789 .,:;-–\"'\\%${}<>&€😀\n\t/"))
	someText   = rapid.OneOf(rapid.StringOfN(letters, 1, 40, -1), rapid.StringOfN(letters, 900, 1000, -1))
	someLabels = rapid.MapOfN(rapid.StringMatching(`[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?`), rapid.StringOfN(letters, 0, 255, -1), 0, 6)
	duration   = rapid.SampledFrom([]any{nil, "5m", "1h30m", "90s"})
)

// maybe draws one or nil.
func maybe[V any](t *rapid.T, g *rapid.Generator[V], what string) any {
	if rapid.Bool().Draw(t, "with "+what) {
		return g.Draw(t, what)
	}
	return nil
}

func drawLabels(t *rapid.T) any {
	if !rapid.Bool().Draw(t, "with labels") {
		return nil
	}
	labels := object{}
	for k, v := range someLabels.Draw(t, "labels") {
		labels[k] = v
	}
	delete(labels, "suite") // One like the default label cannot be told from it after an import.
	return labels
}

func drawTimeouts(t *rapid.T) any {
	if !rapid.Bool().Draw(t, "with timeouts") {
		return nil
	}
	limits := object{}
	for _, of := range []string{"create", "update", "delete"} {
		if v := duration.Draw(t, of); v != nil {
			limits[of] = v
		}
	}
	return limits
}

func drawNamed(g *grounds, t *rapid.T) object {
	o := object{
		"name": someName.Draw(t, "name"), "description": maybe(t, someText, "description"),
		"labels": drawLabels(t), "timeouts": drawTimeouts(t),
	}
	if operator := drawOperator(g, t, ""); operator != "" {
		o["operator"] = operator
	}
	return o
}

// drawOperator draws the last one seldom: without long polls, its cases take a second and more.
func drawOperator(g *grounds, t *rapid.T, more ...string) string {
	all := g.env.Operators()
	quick := slices.Concat(more, all[:len(all)-1])
	return rapid.SampledFrom(slices.Concat(quick, quick, quick, all[len(all)-1:])).Draw(t, "operator")
}

// at is the operator of a configuration.
func (g *grounds) at(config object) offer {
	operator, ok := config["operator"].(string)
	if !ok {
		operator = g.env.Operators()[0]
	}
	return g.offers[operator]
}

// reference is the id of something that stands at an operator.
func (g *grounds) reference(config object, name string) string {
	return g.made[g.at(config).Name][name]
}

// redrawn is a change that draws an attribute anew.
func redrawn(at string, draw func(*rapid.T) any) func(*grounds, *rapid.T, object) object {
	return func(_ *grounds, t *rapid.T, _ object) object { return object{at: draw(t)} }
}

// leftOut is a change that leaves an attribute out.
func leftOut(at string) func(*grounds, *rapid.T, object) object {
	return redrawn(at, func(*rapid.T) any { return nil })
}

// withNamed adds the changes that all named kinds have.
func withNamed(more map[string]func(*grounds, *rapid.T, object) object) map[string]func(*grounds, *rapid.T, object) object {
	all := map[string]func(*grounds, *rapid.T, object) object{
		"name":                  redrawn("name", func(t *rapid.T) any { return someName.Draw(t, "name") }),
		"description":           redrawn("description", func(t *rapid.T) any { return someText.Draw(t, "description") }),
		"description, left out": leftOut("description"),
		"labels":                redrawn("labels", drawLabels),
		"labels, left out":      leftOut("labels"),
		"timeouts.create":       redrawn("timeouts", func(t *rapid.T) any { return object{"create": duration.Draw(t, "create")} }),
		"timeouts, left out":    leftOut("timeouts"),
	}
	maps.Copy(all, more)
	return all
}

// drawPrefix draws a prefix with its host bits zero.
func drawPrefix(t *rapid.T, shortest, longest, shortest6, longest6 int) string {
	if rapid.Bool().Draw(t, "IPv4") {
		b := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")
		return netip.PrefixFrom(netip.AddrFrom4([4]byte(b)), rapid.IntRange(shortest, longest).Draw(t, "bits")).Masked().String()
	}
	b := rapid.SliceOfN(rapid.Byte(), 14, 14).Draw(t, "address")
	b = append([]byte{0x20, 0x01}, b...)
	return netip.PrefixFrom(netip.AddrFrom16([16]byte(b)), rapid.IntRange(shortest6, longest6).Draw(t, "bits")).Masked().String()
}

func drawServers(t *rapid.T) any {
	var servers []any
	for range rapid.IntRange(1, 8).Draw(t, "servers") {
		server, _, _ := strings.Cut(drawPrefix(t, 32, 32, 128, 128), "/")
		servers = append(servers, server)
	}
	return servers
}

func drawNetwork(g *grounds, t *rapid.T) object {
	o := drawNamed(g, t)
	o["cidr"] = drawPrefix(t, 8, 29, 48, 64)
	if rapid.Bool().Draw(t, "with servers") {
		o["dns_servers"] = drawServers(t)
	}
	return o
}

var networkChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"cidr":                  redrawn("cidr", func(t *rapid.T) any { return drawPrefix(t, 8, 29, 48, 64) }),
	"dns_servers":           redrawn("dns_servers", drawServers),
	"dns_servers, left out": leftOut("dns_servers"),
	"operator": func(g *grounds, t *rapid.T, config object) object {
		other := rapid.SampledFrom(g.env.Operators()).Draw(t, "other operator")
		if other == g.at(config).Name {
			return nil
		}
		return object{"operator": other}
	},
	"operator, left out": func(g *grounds, _ *rapid.T, config object) object { return object{"operator": g.elsewise(config)} },
})

// elsewise names the default operator where it was left out, and leaves it out where it was named.
func (g *grounds) elsewise(config object) any {
	standard := g.env.Operators()[0]
	switch config["operator"] {
	case nil:
		return standard
	case standard:
		return nil
	}
	return config["operator"]
}

func furnishGroups(g *grounds, t *testing.T, operator string) {
	g.stand(t, operator, "vdam_security_group", object{"name": "standing-g-1"})
	g.stand(t, operator, "vdam_security_group", object{"name": "standing-g-2"})
}

func drawRules(g *grounds, t *rapid.T, config object) any {
	var rules []any
	seen := map[string]bool{} // A set has everything once.
	for range rapid.IntRange(1, 6).Draw(t, "rules") {
		r := object{
			"direction": rapid.SampledFrom([]string{"ingress", "egress"}).Draw(t, "direction"),
			"protocol":  rapid.SampledFrom([]string{"tcp", "udp", "icmp", "any"}).Draw(t, "protocol"),
		}
		if p := r["protocol"]; (p == "tcp" || p == "udp") && rapid.Bool().Draw(t, "with ports") {
			first := rapid.IntRange(1, 65535).Draw(t, "port_min")
			r["port_min"], r["port_max"] = first, rapid.IntRange(first, 65535).Draw(t, "port_max")
		}
		switch rapid.IntRange(0, 2).Draw(t, "remote") {
		case 1:
			r["remote_cidr"] = drawPrefix(t, 0, 32, 16, 128)
		case 2:
			group := rapid.SampledFrom([]string{"standing-g-1", "standing-g-2"}).Draw(t, "group")
			r["remote_security_group_id"] = g.reference(config, group)
		}
		if rapid.Bool().Draw(t, "with description") {
			r["description"] = rapid.StringOfN(letters, 1, 255, -1).Draw(t, "description")
		}
		if key := fmt.Sprint(r); !seen[key] {
			seen[key], rules = true, append(rules, r)
		}
	}
	return rules
}

func drawGroup(g *grounds, t *rapid.T) object {
	o := drawNamed(g, t)
	if rapid.Bool().Draw(t, "with rules") {
		o["rules"] = drawRules(g, t, o)
	}
	return o
}

var groupChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"rules, left out":    leftOut("rules"),
	"rules.protocol":     func(g *grounds, t *rapid.T, config object) object { return object{"rules": drawRules(g, t, config)} },
	"rules.direction":    turnedAround,
	"operator, left out": func(g *grounds, _ *rapid.T, config object) object { return object{"operator": g.elsewise(config)} },
})

// turnedAround has the same rules in another order, which is nothing, and one of them for the other direction.
func turnedAround(_ *grounds, _ *rapid.T, config object) object {
	rules, _ := config["rules"].([]any)
	if len(rules) < 2 {
		return nil
	}
	rules = slices.Clone(rules)
	slices.Reverse(rules)
	first := maps.Clone(rules[0].(object))
	first["direction"] = map[any]any{"ingress": "egress", "egress": "ingress"}[first["direction"]]
	if slices.ContainsFunc(rules, func(r any) bool { return fmt.Sprint(r) == fmt.Sprint(first) }) {
		return nil
	}
	rules[0] = first
	return object{"rules": rules}
}

// class is the one of a volume or boot disk.
func (o offer) class(name any) class {
	for _, c := range o.VolumeClasses {
		if c.Name == name {
			return c
		}
	}
	return o.VolumeClasses[0]
}

func (o offer) drawZone(t *rapid.T) any {
	zones := []any{nil}
	for _, z := range o.Zones {
		zones = append(zones, z.Name)
	}
	return rapid.SampledFrom(zones).Draw(t, "zone")
}

func (o offer) drawClass(t *rapid.T) any {
	classes := []any{nil}
	for _, c := range o.VolumeClasses {
		classes = append(classes, c.Name)
	}
	return rapid.SampledFrom(classes).Draw(t, "class")
}

var protection = rapid.SampledFrom([]any{nil, true, false, false})

func drawVolume(g *grounds, t *rapid.T) object {
	o := drawNamed(g, t)
	at := g.at(o)
	o["class"], o["zone"], o["deletion_protection"] = at.drawClass(t), at.drawZone(t), protection.Draw(t, "protection")
	o["size_gib"] = at.class(o["class"]).SizeGiB.from(t, 1, 500, "size")
	return o
}

var volumeChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"size_gib": func(g *grounds, t *rapid.T, config object) object {
		at := g.at(config)
		size := at.class(config["class"]).SizeGiB.from(t, config["size_gib"].(int), 500, "size")
		// A class that another change has left out stays what it was, so that the size has to be one of every class.
		for _, c := range at.VolumeClasses {
			if config["class"] == nil && (size < c.SizeGiB.Min || (size-c.SizeGiB.Min)%c.SizeGiB.Step != 0) {
				return nil
			}
		}
		return object{"size_gib": size}
	},
	"class": func(g *grounds, t *rapid.T, config object) object {
		is := g.at(config).class(config["class"])
		c := rapid.SampledFrom(g.at(config).VolumeClasses).Draw(t, "class")
		if c.Name == is.Name {
			return nil
		}
		return object{"class": c.Name, "size_gib": c.SizeGiB.from(t, config["size_gib"].(int), 100, "size")}
	},
	"zone":                          otherZone,
	"class, left out":               named("class", func(o offer) string { return o.VolumeClasses[0].Name }),
	"zone, left out":                named("zone", func(o offer) string { return o.Zones[0].Name }),
	"deletion_protection":           redrawn("deletion_protection", func(t *rapid.T) any { return rapid.Bool().Draw(t, "protection") }),
	"deletion_protection, left out": leftOut("deletion_protection"),
})

// otherZone is another one than the configuration has or stands for.
func otherZone(g *grounds, t *rapid.T, config object) object {
	at := g.at(config)
	is := config["zone"]
	if is == nil {
		is = at.Zones[0].Name
	}
	if z := rapid.SampledFrom(at.Zones).Draw(t, "zone"); z.Name != is && config["boot_volume_id"] == nil {
		return object{"zone": z.Name}
	}
	return nil
}

// named leaves an attribute out that was named, and names the default where it was left out: both are no change.
func named(attribute string, standard func(offer) string) func(*grounds, *rapid.T, object) object {
	return func(g *grounds, _ *rapid.T, config object) object {
		if config[attribute] == nil && config["boot_volume_id"] == nil {
			return object{attribute: standard(g.at(config))}
		}
		return object{attribute: nil}
	}
}

func furnishMachines(g *grounds, t *testing.T, operator string) {
	furnishGroups(g, t, operator)
	for name, cidr := range map[string]string{
		"standing-n-1": "10.30.0.0/24", "standing-n-2": "2001:db8:30::/64", "standing-n-3": "10.31.0.0/28",
	} {
		g.stand(t, operator, "vdam_network", object{"name": name, "cidr": cidr})
	}
}

// drawInterfaces draws up to four, of which no two can want the same address.
func drawInterfaces(g *grounds, t *rapid.T, config object) any {
	nics := []any{}
	for i := range rapid.IntRange(0, 4).Draw(t, "interfaces") {
		network := rapid.IntRange(1, 3).Draw(t, "network")
		nic := object{"network_id": g.reference(config, fmt.Sprintf("standing-n-%d", network))}
		if rapid.Bool().Draw(t, "with address") {
			n := rapid.IntRange(0, 1).Draw(t, "address")
			nic["ip_address"] = []string{
				fmt.Sprintf("10.30.0.%d", 100+10*i+n), fmt.Sprintf("2001:db8:30::%x", 256+16*i+n), fmt.Sprintf("10.31.0.%d", 7+2*i+n),
			}[network-1]
		}
		switch rapid.IntRange(0, 3).Draw(t, "groups") {
		case 1:
			nic["security_group_ids"] = []any{}
		case 2:
			nic["security_group_ids"] = []any{g.reference(config, "standing-g-2")}
		case 3:
			nic["security_group_ids"] = []any{g.reference(config, "standing-g-2"), g.reference(config, "standing-g-1")}
		}
		nics = append(nics, nic)
	}
	return nics
}

func drawKeys(t *rapid.T) any {
	keys := []any{}
	for i := range rapid.IntRange(0, 3).Draw(t, "keys") {
		end := rapid.SampledFrom([]string{"", "", "\n"}).Draw(t, "end")
		keys = append(keys, fmt.Sprintf("ssh-ed25519 AAAA%d %s%s", i, someName.Draw(t, "comment"), end))
	}
	return keys
}

// drawUserData draws user data of either sort.
func drawUserData(t *rapid.T) object {
	o := object{"user_data": nil, "user_data_wo": nil, "user_data_wo_version": nil}
	switch rapid.IntRange(0, 2).Draw(t, "user data") {
	case 1:
		o["user_data"] = someText.Draw(t, "user_data")
	case 2:
		o["user_data_wo"], o["user_data_wo_version"] = someText.Draw(t, "user_data_wo"), rapid.IntRange(0, 5).Draw(t, "version")
	}
	return o
}

func (o offer) drawSize(t *rapid.T) object {
	family := rapid.SampledFrom(o.MachineSizes).Draw(t, "family")
	return object{
		"vcpus": family.VCPUs.from(t, 1, 64, "vcpus"), "memory_mib": family.MemoryMiB.from(t, 1, 500_000, "memory"),
	}
}

func drawMachine(g *grounds, t *rapid.T) object {
	o := drawNamed(g, t)
	at := g.at(o)
	maps.Copy(o, at.drawSize(t))
	maps.Copy(o, drawUserData(t))
	o["deletion_protection"] = protection.Draw(t, "protection")
	o["power_state"] = rapid.SampledFrom([]any{nil, "running", "stopped"}).Draw(t, "power state")
	if rapid.Bool().Draw(t, "with interfaces") {
		o["network_interfaces"] = drawInterfaces(g, t, o)
	}
	if rapid.Bool().Draw(t, "with keys") {
		o["ssh_authorized_keys"] = drawKeys(t)
	}
	image := rapid.SampledFrom(at.Images).Draw(t, "image")
	o["image"], o["zone"] = at.Name+"/"+image.ID, at.drawZone(t)
	disk := object{"on_destroy": rapid.SampledFrom([]string{"delete", "retain"}).Draw(t, "on_destroy")}
	if c := at.drawClass(t); c != nil {
		disk["class"] = c
	}
	disk["size_gib"] = at.class(disk["class"]).SizeGiB.from(t, image.MinDiskGiB, 300, "disk")
	o["boot_disk"] = disk
	return o
}

// bootDisk is a change of the boot disk.
func bootDisk(at string, draw func(g *grounds, t *rapid.T, config, disk object) any) func(*grounds, *rapid.T, object) object {
	return func(g *grounds, t *rapid.T, config object) object {
		return set(config, "boot_disk."+at, draw(g, t, config, config["boot_disk"].(object)))
	}
}

var machineChanges = withNamed(map[string]func(*grounds, *rapid.T, object) object{
	"vcpus":          func(g *grounds, t *rapid.T, config object) object { return g.at(config).drawSize(t) },
	"zone":           otherZone,
	"zone, left out": named("zone", func(o offer) string { return o.Zones[0].Name }),
	"power_state": redrawn("power_state", func(t *rapid.T) any {
		return rapid.SampledFrom([]any{"running", "stopped"}).Draw(t, "power state")
	}),
	"power_state, left out":         leftOut("power_state"),
	"deletion_protection":           redrawn("deletion_protection", func(t *rapid.T) any { return rapid.Bool().Draw(t, "protection") }),
	"ssh_authorized_keys":           redrawn("ssh_authorized_keys", drawKeys),
	"ssh_authorized_keys, left out": leftOut("ssh_authorized_keys"),
	"network_interfaces.ip_address": func(g *grounds, t *rapid.T, config object) object {
		return object{"network_interfaces": drawInterfaces(g, t, config)}
	},
	"network_interfaces, left out": leftOut("network_interfaces"),
	"user_data":                    func(_ *grounds, t *rapid.T, _ object) object { return drawUserData(t) },
	"user_data_wo": func(_ *grounds, t *rapid.T, config object) object {
		if config["user_data_wo"] == nil {
			return nil
		}
		return object{"user_data_wo": someText.Draw(t, "user_data_wo")}
	},
	"image": func(g *grounds, t *rapid.T, config object) object {
		image := rapid.SampledFrom(g.at(config).Images).Draw(t, "image")
		if image.MinDiskGiB > config["boot_disk"].(object)["size_gib"].(int) {
			return nil
		}
		return object{"image": g.at(config).Name + "/" + image.ID}
	},
	"boot_disk.size_gib": bootDisk("size_gib", func(g *grounds, t *rapid.T, config, disk object) any {
		return g.at(config).class(disk["class"]).SizeGiB.from(t, disk["size_gib"].(int), 300, "disk")
	}),
	"boot_disk.on_destroy": bootDisk("on_destroy", func(_ *grounds, t *rapid.T, _, _ object) any {
		return rapid.SampledFrom([]string{"delete", "retain"}).Draw(t, "on_destroy")
	}),
	"boot_disk.class, left out": bootDisk("class", func(g *grounds, _ *rapid.T, config, disk object) any {
		if disk["class"] == nil {
			return g.at(config).VolumeClasses[0].Name
		}
		return nil
	}),
})

func furnishAttachments(g *grounds, t *testing.T, operator string) {
	at := g.offers[operator]
	disk := at.VolumeClasses[0].SizeGiB.Min
	for disk < at.Images[0].MinDiskGiB {
		disk += at.VolumeClasses[0].SizeGiB.Step
	}
	for _, n := range []string{"1", "2"} {
		g.stand(t, operator, "vdam_storage_volume", object{"name": "standing-v-" + n, "size_gib": disk})
		g.stand(t, operator, "vdam_virtual_machine", object{
			"name": "standing-m-" + n, "vcpus": at.MachineSizes[0].VCPUs.Min, "memory_mib": at.MachineSizes[0].MemoryMiB.Min,
			"image": operator + "/" + at.Images[0].ID, "boot_disk": object{"size_gib": disk, "on_destroy": "delete"},
		})
	}
}

func drawAttachment(g *grounds, t *rapid.T) object {
	o := object{"operator": drawOperator(g, t), "timeouts": drawTimeouts(t)}
	for at, name := range map[string]string{"virtual_machine_id": "standing-m-", "volume_id": "standing-v-"} {
		o[at] = g.reference(o, name+"1")
	}
	if !rapid.Bool().Draw(t, "with operator") {
		delete(o, "operator") // The machine tells.
	}
	return o
}

// otherEnd is the other one of two.
func otherEnd(at, name string) func(*grounds, *rapid.T, object) object {
	return func(g *grounds, _ *rapid.T, config object) object {
		operator, _, _ := strings.Cut(config[at].(string), "/")
		for _, n := range []string{"1", "2"} {
			if id := g.made[operator][name+n]; id != config[at] {
				return object{at: id}
			}
		}
		return nil
	}
}

var attachmentChanges = map[string]func(*grounds, *rapid.T, object) object{
	"volume_id":          otherEnd("volume_id", "standing-v-"),
	"virtual_machine_id": otherEnd("virtual_machine_id", "standing-m-"),
	"timeouts.create":    redrawn("timeouts", func(t *rapid.T) any { return object{"create": duration.Draw(t, "create")} }),
	"timeouts, left out": leftOut("timeouts"),
}
