package provider_test

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// disguisedEnv names the operators that pass for OpenStack in the provider that Terraform starts.
const disguisedEnv = "VDAM_TEST_OPENSTACK"

// TestMain lets the program of the tests be the providers of TestAcceptanceMoves, under whose names Terraform starts it.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "terraform-provider-vdam":
		serve("registry.terraform.io/vdam-lv/vdam", newDisguised(strings.Fields(os.Getenv(disguisedEnv))))
	case "terraform-provider-openstack":
		serve(communityProvider, standIn{})
	default:
		os.Exit(m.Run())
	}
}

func serve(address string, p fw.Provider) {
	err := providerserver.Serve(context.Background(), func() fw.Provider { return p }, providerserver.ServeOpts{Address: address})
	if err != nil {
		log.Fatal(err)
	}
}
