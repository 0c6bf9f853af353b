package image_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/vdam-lv/terraform-provider-vdam/internal/acctest"
)

// image is one as the plural data source has it.
func image(id, name, title, family, version string, minDiskGiB int64, created string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"id": knownvalue.StringExact(id), "name": knownvalue.StringExact(name), "title": knownvalue.StringExact(title),
		"os_family": knownvalue.StringExact(family), "os_version": knownvalue.StringExact(version),
		"architecture": knownvalue.StringExact("x86_64"), "min_disk_gib": knownvalue.Int64Exact(minDiskGiB),
		"created_at": knownvalue.StringExact(created),
	}
}

// at is an image as the singular data source has it.
func at(operator string, image map[string]knownvalue.Check) map[string]knownvalue.Check {
	image["operator"] = knownvalue.StringExact(operator)
	return image
}

func debian12() map[string]knownvalue.Check {
	return image("lvrtc/debian-12-20251110", "debian-12", "Debian 12", "debian", "12", 10, "2025-11-10T06:00:00Z")
}

func oldDebian13() map[string]knownvalue.Check {
	return image("lvrtc/debian-13-20260601", "debian-13", "Debian 13", "debian", "13", 10, "2026-06-01T06:00:00Z")
}

func debian13() map[string]knownvalue.Check {
	return image("lvrtc/debian-13-20261102", "debian-13-20261102", "Debian 13", "debian", "13", 10, "2026-11-02T06:00:00Z")
}

func TestAcceptance(t *testing.T) {
	t.Parallel()
	env := acctest.Start(t, "lvrtc", "iem-ic")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: env.Factories,
		Steps: []resource.TestStep{{
			Config: env.Config(`
data "vdam_image" "newest" {}

data "vdam_image" "debian" {
  os_family    = "debian"
  os_version   = "13"
  architecture = "x86_64"
}

data "vdam_image" "named" {
  name = "debian-13"
}

data "vdam_image" "elsewhere" {
  operator  = "iem-ic"
  os_family = "ubuntu"
}

data "vdam_images" "all" {}

data "vdam_images" "debian" {
  os_family = "debian"
}

data "vdam_images" "one" {
  operator     = "iem-ic"
  os_version   = "13"
  architecture = "x86_64"
  name         = "debian-13"
}

data "vdam_images" "none" {
  os_family = "Debian"
}
`),
			ConfigStateChecks: []statecheck.StateCheck{
				acctest.Attributes("data.vdam_image.newest", at("lvrtc", debian13())),
				acctest.Attributes("data.vdam_image.debian", at("lvrtc", debian13())),
				acctest.Attributes("data.vdam_image.named", at("lvrtc", oldDebian13())),
				acctest.Attributes("data.vdam_image.elsewhere", at("iem-ic",
					image("iem-ic/img-0002", "ubuntu-24-04", "Ubuntu 24.04", "ubuntu", "24.04", 16, "2026-10-20T06:00:00Z"))),
				acctest.Some("data.vdam_images.all", map[string]knownvalue.Check{"images": knownvalue.ListSizeExact(4)}),
				acctest.Attributes("data.vdam_images.debian", map[string]knownvalue.Check{
					"operator": knownvalue.StringExact("lvrtc"), "os_family": knownvalue.StringExact("debian"),
					"os_version": knownvalue.Null(), "architecture": knownvalue.Null(), "name": knownvalue.Null(),
					"images": knownvalue.ListExact([]knownvalue.Check{
						knownvalue.ObjectExact(debian13()), knownvalue.ObjectExact(oldDebian13()), knownvalue.ObjectExact(debian12()),
					}),
				}),
				acctest.Some("data.vdam_images.one", map[string]knownvalue.Check{
					"operator": knownvalue.StringExact("iem-ic"),
					"images": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(
						image("iem-ic/img-0001", "debian-13", "Debian 13", "debian", "13", 16, "2026-09-15T06:00:00Z"))}),
				}),
				acctest.Some("data.vdam_images.none", map[string]knownvalue.Check{"images": knownvalue.ListExact(nil)}),
			},
		}},
	})
	env.Refuse(t, env.Config(`
data "vdam_image" "none" {
  operator   = "iem-ic"
  os_family  = "debian"
  os_version = "14"
}

data "vdam_image" "nowhere" {
  operator = "lnb"
}

data "vdam_images" "nowhere" {
  operator = "lnb"
}
`),
		acctest.Refusal{Address: "data.vdam_image.none",
			Summary: `iem-ic has no image with os_family = "debian", os_version = "14"`,
			Detail: `It has, newest first:
				name = "ubuntu-24-04", os_family = "ubuntu", os_version = "24.04", architecture = "x86_64"
				name = "debian-13", os_family = "debian", os_version = "13", architecture = "x86_64"`},
		acctest.Refusal{Address: "data.vdam_image.nowhere", At: `operator = "lnb"`,
			Summary: `The provider block configures no operator "lnb"`, Detail: "It has: iem-ic, lvrtc."},
		acctest.Refusal{Address: "data.vdam_images.nowhere", At: `operator = "lnb"`,
			Summary: `The provider block configures no operator "lnb"`},
	)
}
