// Vdam-schema prints the provider's schemas as JSON, for the documentation.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/vdam-lv/terraform-provider-vdam/internal/provider/schemajson"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := schemajson.Write(context.Background(), out)
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vdam-schema:", err)
		os.Exit(1)
	}
}
