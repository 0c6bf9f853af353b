// Terraform-provider-vdam makes the operators of Latvia's state data-processing cloud one cloud for Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vdam-lv/terraform-provider-vdam/internal/process"
	"github.com/vdam-lv/terraform-provider-vdam/internal/provider"
)

// version is set at release.
var version = "dev"

func main() {
	var debug bool
	flag.BoolVar(&debug, "debug", false, "keep running and print how to attach, for debuggers like delve")
	flag.Parse()

	process.Tune()
	if !debug {
		process.OutliveSignals()
	}
	confirmations := process.NewConfirmations()
	err := providerserver.Serve(context.Background(), provider.NewRecorded(version, confirmations), providerserver.ServeOpts{
		Address: "registry.terraform.io/vdam-lv/vdam",
		Debug:   debug,
	})
	confirmations.Flush()
	if err != nil {
		log.Fatal(err)
	}
}
