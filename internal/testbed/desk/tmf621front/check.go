package tmf621front

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// check tells what of a document is not as its schema says. What a schema does not have is wrong, too: a server may do
// with it as it likes.
func (f *Front) check(schema string, doc object) []string {
	return f.checkAt(schema, schema, doc, strings.HasSuffix(schema, "_FVO"))
}

func (f *Front) checkAt(at, schema string, doc object, filing bool) (wrong []string) {
	fields, ok := schemas[f.options.Version][schema]
	if !ok {
		return []string{at + " is of a schema that is not in the tables: " + schema}
	}
	for _, known := range fields {
		value, there := doc[known.name]
		optional := known.name == "@type" && f.options.Version == 4
		switch {
		case !there && (known.always && !optional || known.required && filing):
			wrong = append(wrong, at+" has no "+known.name)
		case there && (value != nil || filing): // A merge patch takes off by null.
			wrong = append(wrong, f.checkValue(at+"."+known.name, known, value, filing)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if !slices.ContainsFunc(fields, func(known field) bool { return known.name == name }) {
			wrong = append(wrong, at+" has "+name+", which is not in the definition")
		}
	}
	return wrong
}

func (f *Front) checkValue(at string, known field, value any, filing bool) (wrong []string) {
	text, isText := value.(string)
	ok := isText
	switch known.kind {
	case aString:
		if len(known.values) > 0 {
			ok = slices.Contains(known.values, text)
		}
	case aDate:
		_, err := time.Parse(time.RFC3339, text)
		ok = err == nil
	case aBase64:
		_, err := base64.StdEncoding.DecodeString(text)
		ok = isText && err == nil
	case aNumber:
		_, ok = value.(float64)
	case anything:
		ok = value != nil
	case anObject:
		var o object
		if o, ok = value.(object); ok {
			return f.checkAt(at, known.of, o, filing)
		}
	case anArray:
		var list []any
		list, ok = value.([]any)
		for i, one := range list {
			o, isObject := one.(object)
			if !isObject {
				wrong = append(wrong, fmt.Sprintf("%s[%d] is no object", at, i))
				continue
			}
			wrong = append(wrong, f.checkAt(fmt.Sprintf("%s[%d]", at, i), known.of, o, filing)...)
		}
	}
	if !ok {
		wrong = append(wrong, fmt.Sprintf("%s is %v", at, value))
	}
	return wrong
}

// checkOperations tells what of a JSON Patch is not about a ticket. Elements that it adds are new, and have to have what is
// required of those.
func (f *Front) checkOperations(operations []operation) (wrong []string) {
	for _, o := range operations {
		name, rest, below := strings.Cut(strings.TrimPrefix(o.Path, "/"), "/")
		fields := schemas[f.options.Version]["TroubleTicket_MVO"]
		i := slices.IndexFunc(fields, func(known field) bool { return known.name == name })
		switch {
		case i < 0:
			wrong = append(wrong, o.Path+" is not in the definition")
		case o.Op != "add" && o.Op != "replace":
		case !below:
			wrong = append(wrong, f.checkValue(o.Path, fields[i], o.Value, true)...)
		case rest == "-" && fields[i].kind == anArray:
			element := fields[i]
			element.kind = anObject
			wrong = append(wrong, f.checkValue(o.Path, element, o.Value, true)...)
		}
	}
	return wrong
}
