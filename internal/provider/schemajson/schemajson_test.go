package schemajson_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/vdam-lv/terraform-provider-vdam/internal/provider/schemajson"
)

// TestWrite holds a few facts of each kind against the format of `terraform providers schema -json`.
func TestWrite(t *testing.T) {
	var out bytes.Buffer
	if err := schemajson.Write(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		want any
		path []string
	}{
		{"map", []string{"provider", "block", "attributes", "operators", "nested_type", "nesting_mode"}},
		{true, []string{
			"provider", "block", "attributes", "operators", "nested_type", "attributes", "client_secret", "sensitive",
		}},
		{"number", []string{"resource_schemas", "vdam_storage_volume", "block", "attributes", "size_gib", "type"}},
		{true, []string{"resource_schemas", "vdam_storage_volume", "block", "attributes", "size_gib", "required"}},
		{nil, []string{"resource_schemas", "vdam_storage_volume", "block", "attributes", "size_gib", "computed"}},
		{true, []string{"resource_schemas", "vdam_virtual_machine", "block", "attributes", "user_data_wo", "write_only"}},
		{"set", []string{
			"resource_schemas", "vdam_security_group", "block", "attributes", "rules", "nested_type", "nesting_mode",
		}},
		{true, []string{"resource_identity_schemas", "vdam_network", "attributes", "operator", "required_for_import"}},
		{"string", []string{"resource_identity_schemas", "vdam_network", "attributes", "id", "type"}},
		{"markdown", []string{"data_source_schemas", "vdam_networks", "block", "description_kind"}},
		{true, []string{"list_resource_schemas", "vdam_network", "block", "attributes", "operator", "optional"}},
	} {
		if got := at(document, append([]string{"provider_schemas", "vdam"}, tt.path...)); got != tt.want {
			t.Errorf("%v is %v, want %v", tt.path, got, tt.want)
		}
	}
	if got := at(document, []string{"format_version"}); got != "1.0" {
		t.Errorf("format_version is %v", got)
	}
}

// at is what stands at a path, or nil.
func at(v any, path []string) any {
	for _, key := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = object[key]
	}
	return v
}
