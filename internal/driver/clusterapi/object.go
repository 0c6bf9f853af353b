package clusterapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// object is a JSON object as it is in the API, with all that this driver knows nothing of, so that it is written back as
// it was read.
type object map[string]any

// UnmarshalJSON implements json.Unmarshaler. Numbers stay as they are written.
func (o *object) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode((*map[string]any)(o))
}

// record is the part of a cluster that the port knows of.
func (o object) record() (r record, err error) {
	raw, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(raw, &r)
}

// at is an object in it, made if it is not there.
func (o object) at(keys ...string) object {
	for _, key := range keys {
		inner, ok := o[key].(map[string]any)
		if !ok {
			inner = make(map[string]any)
			o[key] = inner
		}
		o = inner
	}
	return o
}

// set sets a text, or takes it out if it is empty.
func (o object) set(key, value string) {
	if o[key] = value; value == "" {
		delete(o, key)
	}
}

// prune takes out objects and lists that are empty: the API refuses some of them.
func (o object) prune(keys ...string) {
	for _, key := range keys {
		switch v := o[key].(type) {
		case map[string]any:
			if len(v) == 0 {
				delete(o, key)
			}
		case []any:
			if len(v) == 0 {
				delete(o, key)
			}
		}
	}
}

// list is the list of objects at a key.
func (o object) list(key string) []any {
	all, _ := o[key].([]any)
	return all
}

// named finds the object of a list that has a name.
func named(list []any, name string) (object, bool) {
	for _, v := range list {
		if o, ok := v.(map[string]any); ok && o["name"] == name {
			return o, true
		}
	}
	return nil, false
}

// changedKeys are the keys whose values differ between two maps, sorted.
func changedKeys[V comparable](from, to map[string]V) []string {
	all := maps.Clone(from)
	if all == nil {
		all = make(map[string]V)
	}
	maps.Copy(all, to)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(key string) bool {
		was, had := from[key]
		is, has := to[key]
		return had == has && was == is
	})
}
