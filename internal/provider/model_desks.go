package provider

import (
	"cmp"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vdam-lv/terraform-provider-vdam/internal/servicedesk"
)

// deskModel is one entry of service_desks. Any value may be unknown at plan.
type deskModel struct {
	// operatorModel is what operators have too: where it is, how it is reached, and most credentials.
	operatorModel
	operator    types.String
	tokenURL    types.String
	ticketTypes types.Map
	fieldNames  types.Object
}

// desks decodes service_desks; known is false while its very keys are not known.
func (m *model) desks() (desks map[string]*deskModel, known bool) {
	if m.ServiceDesks.IsUnknown() {
		return nil, false
	}
	desks = make(map[string]*deskModel)
	for name, v := range m.ServiceDesks.Elements() {
		d := &deskModel{}
		if o, ok := v.(types.Object); ok && !o.IsUnknown() {
			d.decode(o)
		} else {
			d.Endpoint = types.StringUnknown()
		}
		d.name, d.noun, d.block, d.prefix = name, "service desk", "service_desks", "desk-"
		desks[name] = d
	}
	return desks, true
}

func (d *deskModel) decode(from types.Object) {
	d.operatorModel.decode(from)
	d.operator, d.tokenURL = nested(from, "operator"), nested(from, "token_url")
	d.ticketTypes, _ = from.Attributes()["ticket_types"].(types.Map)
	d.fieldNames, _ = from.Attributes()["field_names"].(types.Object)
}

// unknown reports whether anything that opening the desk needs is not known yet.
func (d *deskModel) unknown() bool {
	return d.operatorModel.unknown() || d.operator.IsUnknown() || d.tokenURL.IsUnknown() ||
		anyUnknown(d.ticketTypes) || anyUnknown(d.fieldNames)
}

// anyUnknown looks through all of a value.
func anyUnknown(v attr.Value) bool {
	if v == nil {
		return false
	}
	if v.IsUnknown() {
		return true
	}
	switch v := v.(type) {
	case types.Map:
		for _, e := range v.Elements() {
			if anyUnknown(e) {
				return true
			}
		}
	case types.Object:
		for _, e := range v.Attributes() {
			if anyUnknown(e) {
				return true
			}
		}
	}
	return false
}

// mapping is what the block says of the desk's words.
func (d *deskModel) mapping() servicedesk.Mapping {
	text := func(o types.Object, name string) string { return nested(o, name).ValueString() }
	m := servicedesk.Mapping{Types: make(map[servicedesk.Type]servicedesk.TypeMapping), Fields: servicedesk.FieldNames{
		ExternalKey: text(d.fieldNames, "external_key"), Severity: text(d.fieldNames, "severity"),
		Project: text(d.fieldNames, "project"), AffectedResources: text(d.fieldNames, "affected_resources"),
	}}
	for name, v := range d.ticketTypes.Elements() {
		o, ok := v.(types.Object)
		if !ok {
			continue
		}
		tm := servicedesk.TypeMapping{
			Queue: text(o, "queue"), CancelStatus: text(o, "cancel_status"), CloseStatus: text(o, "close_status"),
			Statuses: make(map[string]servicedesk.Meaning),
		}
		statuses, _ := o.Attributes()["statuses"].(types.Map)
		for native, v := range statuses.Elements() {
			if s, ok := v.(types.Object); ok {
				tm.Statuses[native] = servicedesk.Meaning{
					Status: servicedesk.Status(text(s, "status")), Approval: servicedesk.Approval(text(s, "approval")),
					Awaiting: servicedesk.Awaiting(text(s, "awaiting")),
				}
			}
		}
		m.Types[servicedesk.Type(name)] = tm
	}
	return m
}

// at is the entry in the provider block, as messages call it.
func (o *operatorModel) at() string { return cmp.Or(o.block, "operators") + "[" + quoted(o.name) + "]" }

// variable is the name of an environment variable.
func (o *operatorModel) variable(argument string) string {
	return environmentName(o.prefix+o.name, argument)
}
