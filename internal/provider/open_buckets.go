package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/bucketvault"
	"github.com/vdam-lv/terraform-provider-vdam/internal/cloud"
	"github.com/vdam-lv/terraform-provider-vdam/internal/mover"
)

// bucketModel is one entry of backup_buckets.
type bucketModel struct {
	Endpoint        types.String `tfsdk:"endpoint"`
	Region          types.String `tfsdk:"region"`
	Bucket          types.String `tfsdk:"bucket"`
	Prefix          types.String `tfsdk:"prefix"`
	CAFile          types.String `tfsdk:"ca_file"`
	AccessKeyID     types.String `tfsdk:"access_key_id"`
	SecretAccessKey types.String `tfsdk:"secret_access_key"`
	Reader          *keysModel   `tfsdk:"reader"`
	RetentionDays   types.Int64  `tfsdk:"retention_days"`
}

type keysModel struct {
	AccessKeyID     types.String `tfsdk:"access_key_id"`
	SecretAccessKey types.String `tfsdk:"secret_access_key"`
}

// buckets are those that the entry has. No request is made.
func (o *operatorModel) buckets(ctx context.Context) ([]*bucketvault.Bucket, error) {
	if o.BackupBuckets.IsNull() {
		return nil, nil
	}
	var said map[string]bucketModel
	if d := o.BackupBuckets.ElementsAs(ctx, &said, false); d.HasError() {
		return nil, o.misconfigured("backup_buckets cannot be used: "+d[0].Detail(), "")
	}
	var all []*bucketvault.Bucket
	for _, name := range slices.Sorted(maps.Keys(said)) {
		b, err := o.bucket(name, said[name])
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

func (o *operatorModel) bucket(name string, m bucketModel) (*bucketvault.Bucket, error) {
	at := fmt.Sprintf("%s.backup_buckets[%q]", o.at(), name)
	variable := "bucket_" + strings.ReplaceAll(name, "-", "_") + "_"
	writer, err := o.keys(at, variable, keysModel{m.AccessKeyID, m.SecretAccessKey}, true)
	if err != nil {
		return nil, err
	}
	if m.Reader == nil {
		m.Reader = &keysModel{}
	}
	reader, err := o.keys(at+".reader", variable+"reader_", *m.Reader, false)
	if err != nil {
		return nil, err
	}
	options := bucketvault.Options{
		Name: name, Endpoint: strings.TrimSuffix(m.Endpoint.ValueString(), "/"), Region: m.Region.ValueString(), Bucket: m.Bucket.ValueString(),
		Prefix: m.Prefix.ValueString(), Writer: writer, Reader: reader, RetentionDays: m.RetentionDays.ValueInt64(),
	}
	if file := expanded(m.CAFile.ValueString()); file != "" {
		pem, err := os.ReadFile(file) //nolint:gosec // The user names it in the provider block.
		if err != nil {
			return nil, o.unreadable(err, file, "ca_file of "+at)
		}
		options.CAPEM = string(pem)
	}
	b, err := bucketvault.New(o.name, options)
	if known := (*mover.Error)(nil); errors.As(err, &known) {
		return nil, o.misconfigured(fmt.Sprintf("The bucket %s cannot be used: %s.", at, known.Detail), "Correct it there.")
	}
	return b, err
}

// keys are a pair of the block, else of the environment.
func (o *operatorModel) keys(at, variable string, m keysModel, needed bool) (bucketvault.Keys, error) {
	keys := bucketvault.Keys{
		AccessKeyID: o.value(m.AccessKeyID, variable+"access_key_id"),
		SecretKey:   o.value(m.SecretAccessKey, variable+"secret_access_key"),
	}
	lacks := func(argument string) error {
		return o.misconfigured(fmt.Sprintf("%s has no %s.", at, argument),
			fmt.Sprintf("Set %s there, or %s.", argument, o.variable(variable+argument)))
	}
	switch {
	case keys.AccessKeyID == "" && keys.SecretKey == "" && !needed:
		return keys, nil
	case keys.AccessKeyID == "":
		return keys, lacks("access_key_id")
	case keys.SecretKey == "":
		return keys, lacks("secret_access_key")
	}
	return keys, nil
}

// withBuckets opens an operator, and gives it the buckets that its entry has.
func (o *operatorModel) withBuckets(ctx context.Context, open func() (*cloud.Operator, error)) (*cloud.Operator, error) {
	buckets, err := o.buckets(ctx)
	if err != nil {
		return nil, err
	}
	op, err := open()
	if err != nil {
		return nil, err
	}
	bucketvault.Attach(op, buckets...)
	return op, nil
}
