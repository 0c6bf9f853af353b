package provider

import (
	"context"
	"net/http"
	"time"

	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/driver/clusterapi"
	"github.com/vdam-lv/terraform-provider-vdam/internal/velero"
)

// withClusterBackups makes an opener give its operator backups of its clusters, by the Velero in them. Vault opens the operator
// of a vault, which may be another one.
func (o *operatorModel) withClusterBackups(
	open cloud.Opener, vault func(ctx context.Context, name string) (*cloud.Operator, error),
) cloud.Opener {
	return func(ctx context.Context) (*cloud.Operator, error) {
		op, err := open(ctx)
		if err != nil {
			return nil, err
		}
		velero.Attach(op, velero.Options{
			Operator: vault, Now: time.Now,
			Dial: func(a cloud.Access) (*http.Client, error) {
				return o.client(o.kubernetesConnection(clusterapi.Kubeconfig{
					Authority: a.CACertificate, Certificate: a.ClientCertificate, Key: a.ClientKey, Token: a.Token,
				}))
			},
		})
		return op, nil
	}
}
