package provider

import (
	"context"

	"github.com/vdam-lv/terraform-provider-vdam/internal/backuprun"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
)

// backingUp lets this process make the backups of an operator that makes none, into vaults at the others.
func backingUp(open cloud.Opener, others func(ctx context.Context, name string) (*cloud.Operator, error)) cloud.Opener {
	return func(ctx context.Context) (*cloud.Operator, error) {
		op, err := open(ctx)
		if err == nil {
			backuprun.Attach(op, backuprun.Options{Operator: others})
		}
		return op, err
	}
}
