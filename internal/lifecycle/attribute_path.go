package lifecycle

import (
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// attributePath maps a JSON pointer into the specification onto the schema.
func (r *Resource[M, A, S, O]) attributePath(pointer string) path.Path {
	segments := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if field := strings.Join(segments, "."); len(segments) > 1 && r.def.attribute(field) != field {
		segments = strings.Split(r.def.attribute(field), ".")
	}
	root := r.def.attribute(segments[0])
	var typ attr.Type
	if a, ok := r.def.Schema.Attributes[root]; ok {
		typ = a.GetType()
	}
	return follow(path.Root(root), typ, segments[1:])
}

// follow goes into an attribute. It ends at a set, whose elements have no number, and at a text, which has no parts.
func follow(p path.Path, typ attr.Type, segments []string) path.Path {
	for _, s := range segments {
		index, err := strconv.Atoi(s)
		switch t := typ.(type) {
		case types.MapType:
			p, typ = p.AtMapKey(s), t.ElemType
		case types.SetType, basetypes.StringType:
			return p
		case types.ListType:
			p, typ = p.AtListIndex(index), t.ElemType
		case types.ObjectType:
			p, typ = p.AtName(s), t.AttrTypes[s]
		default: // Something that only the operator knows.
			if err == nil {
				p = p.AtListIndex(index)
			} else {
				p = p.AtName(s)
			}
		}
	}
	return p
}
