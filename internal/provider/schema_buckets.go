package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/vdam-lv/terraform-provider-vdam/internal/lifecycle"
)

// bucketsAttribute is what an operator's entry says of the agency's own S3 there.
func bucketsAttribute() schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true}
	}
	attributes := keyAttributes("VDAM_<OPERATOR>_BUCKET_<NAME>_")
	attributes["endpoint"] = text("Required. URL of the S3, such as `https://s3.example.org`.")
	attributes["region"] = text("Region that requests are signed for. Default is `us-east-1`.")
	attributes["bucket"] = text("Required. The bucket. It has versioning, Object Lock and a default retention.")
	attributes["prefix"] = text("What the names of all objects begin with. Default is nothing. Below it, each encryption key gets a part of " +
		"its own.")
	attributes["ca_file"] = text("PEM file with the authorities to trust instead of the system's.")
	attributes["retention_days"] = schema.Int64Attribute{
		MarkdownDescription: "Required. How many days the bucket's lifecycle keeps what was written: no less than it is locked. Nobody looks " +
			"whether it does.",
		Optional: true, Validators: []validator.Int64{int64validator.Between(1, 3650)},
	}
	attributes["reader"] = schema.SingleNestedAttribute{
		MarkdownDescription: "Keys that may get and list alone, for restores and for `vdam_backup_vault_credentials` of a `reader`. Default " +
			"are the others.",
		Optional: true, Attributes: keyAttributes("VDAM_<OPERATOR>_BUCKET_<NAME>_READER_"),
	}
	return schema.MapNestedAttribute{
		MarkdownDescription: "Buckets that the agency already has at this operator, whatever its kind: each is a backup vault there, by the id " +
			"`<operator>/<name>`, beside those that the operator makes itself. Operators that write there or restore are given the keys, new " +
			"ones with the next change of a backup plan. The keys have to be allowed to read how the bucket is set up, to put, get and list, " +
			"and not to delete: that is tried before a plan is made.",
		Optional: true,
		Validators: []validator.Map{mapvalidator.KeysAre(
			stringvalidator.LengthBetween(1, 63),
			stringvalidator.RegexMatches(operatorName, "must be of a-z, 0-9 and -, with a letter or digit at both ends"),
		)},
		NestedObject: schema.NestedAttributeObject{
			Attributes: attributes, Validators: []validator.Object{lifecycle.Required("endpoint", "bucket", "retention_days")},
		},
	}
}

// keyAttributes are a pair of keys, whose variables begin alike.
func keyAttributes(variable string) map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"access_key_id": schema.StringAttribute{
			MarkdownDescription: "Access key. Also `" + variable + "ACCESS_KEY_ID`.", Optional: true,
		},
		"secret_access_key": schema.StringAttribute{
			MarkdownDescription: "Secret key. Also `" + variable + "SECRET_ACCESS_KEY`.", Optional: true, Sensitive: true,
		},
	}
}
