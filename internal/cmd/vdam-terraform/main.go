// Vdam-terraform prints the path of a Terraform for tests and demo, and installs one if there is none.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/vdam-lv/terraform-provider-vdam/internal/terraformcli"
)

func main() {
	dir := flag.String("dir", "bin", "where to install Terraform if PATH has none that is new enough")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	path, err := terraformcli.Find(ctx, *dir)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vdam-terraform:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}
