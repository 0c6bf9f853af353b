package tmf621front

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// operation is one of JSON Patch (RFC 6902), as far as the front knows them.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// apply carries all operations out, or none.
func apply(doc object, operations []operation) (object, error) {
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	for _, o := range operations {
		path := strings.Split(o.Path, "/")
		if path[0] != "" || len(path) < 2 {
			return nil, fmt.Errorf("%q is no pointer to a part of a ticket", o.Path)
		}
		for i, p := range path {
			path[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
		}
		if out, err = o.at(out, path[1:]); err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.Op, o.Path, err)
		}
	}
	patched, ok := out.(object)
	if !ok {
		return nil, errors.New("nothing is left of the ticket")
	}
	return patched, nil
}

// at carries an operation out below a value, and answers what has become of that.
func (o operation) at(in any, path []string) (any, error) {
	switch in := in.(type) {
	case object:
		return o.inObject(in, path)
	case []any:
		return o.inArray(in, path)
	}
	return nil, fmt.Errorf("there is nothing below %v", in)
}

func (o operation) inObject(in object, path []string) (any, error) {
	name := path[0]
	value, there := in[name]
	if len(path) > 1 {
		if !there {
			return nil, fmt.Errorf("there is no %s", name)
		}
		below, err := o.at(value, path[1:])
		in[name] = below
		return in, err
	}
	switch {
	case o.Op == "add", o.Op == "replace" && there:
		in[name] = o.Value
	case o.Op == "remove" && there:
		delete(in, name)
	case o.Op == "test" && there && reflect.DeepEqual(value, o.Value):
	default:
		return nil, fmt.Errorf("it cannot be done to %s", name)
	}
	return in, nil
}

func (o operation) inArray(in []any, path []string) (any, error) {
	if path[0] == "-" && len(path) == 1 && o.Op == "add" {
		return append(in, o.Value), nil
	}
	i, err := strconv.Atoi(path[0])
	if err != nil || i < 0 || i >= len(in) {
		return nil, fmt.Errorf("there is no element %s", path[0])
	}
	if len(path) > 1 {
		in[i], err = o.at(in[i], path[1:])
		return in, err
	}
	switch {
	case o.Op == "add":
		return slices.Insert(in, i, o.Value), nil
	case o.Op == "replace":
		in[i] = o.Value
	case o.Op == "remove":
		return slices.Delete(in, i, i+1), nil
	case o.Op == "test" && reflect.DeepEqual(in[i], o.Value):
	default:
		return nil, fmt.Errorf("it cannot be done to element %s", path[0])
	}
	return in, nil
}
