package selfservice

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// mergePatch is the RFC 7396 patch from one create body to another; nil if there is nothing to change.
//
// A property that only the former has is removed with null where the contract has such a thing: of descriptions, single
// labels, user data, and what a cluster, a pool of nodes, a vault or a backup plan can be without. Everywhere else its
// absence means "whatever the operator chose", which is no change.
func mergePatch(from, to any) ([]byte, error) {
	before, err := document(from)
	if err != nil {
		return nil, err
	}
	after, err := document(to)
	if err != nil {
		return nil, err
	}
	patch := difference(before, after, "")
	if len(patch) == 0 {
		return nil, nil
	}
	return json.Marshal(patch)
}

func document(v any) (map[string]any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber() // A float would not tell large integers apart.
	return doc, d.Decode(&doc)
}

// removable tells where the contract takes null.
func removable(path string) bool {
	switch path {
	case "/description", "/user_data", "/api_allowed_cidrs", "/oidc", "/oidc/username_claim", "/oidc/groups_claim",
		"/quota_gib", "/schedule", "/rpo_seconds":
		return true
	}
	if strings.HasPrefix(path, "/labels/") {
		return true
	}
	// A pool of nodes is an object of its own, or below its name in its cluster's.
	if inside, ok := strings.CutPrefix(path, "/node_pools/"); ok {
		_, field, found := strings.Cut(inside, "/")
		if !found {
			return true // The pool itself.
		}
		path = "/" + field
	}
	return slices.Contains([]string{"/size", "/autoscaling", "/taints", "/node_labels"}, path) || strings.HasPrefix(path, "/node_labels/")
}

// difference has the members of to that from has not or has otherwise, and null for the removable ones that to lacks.
func difference(from, to map[string]any, at string) map[string]any {
	patch := make(map[string]any)
	for k := range from {
		if _, kept := to[k]; !kept && removable(at+"/"+k) {
			patch[k] = nil
		}
	}
	for k, v := range to {
		old, had := from[k]
		was, wasObject := old.(map[string]any)
		is, isObject := v.(map[string]any)
		switch {
		case wasObject && isObject:
			if inner := difference(was, is, at+"/"+k); len(inner) > 0 {
				patch[k] = inner
			}
		case !had || !reflect.DeepEqual(old, v):
			patch[k] = v
		}
	}
	return patch
}
