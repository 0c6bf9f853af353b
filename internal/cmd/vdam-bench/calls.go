package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vdam-lv/terraform-provider-vdam/internal/sandbox"
)

// The kinds of calls that are told apart.
const (
	callGet   = "GET of an object"
	callList  = "LIST"
	callOrder = "POST"
	callClaim = "claim"
	callOther = "others"
)

// callKind says what a request was for.
func callKind(r sandbox.Request) string {
	_, rest, inProject := strings.Cut(strings.TrimPrefix(r.Path, "/v1/projects/"), "/")
	parts := strings.Split(rest, "/")
	switch {
	case !inProject || !strings.HasPrefix(r.Path, "/v1/projects/"):
		return callOther
	case parts[0] == "images":
		return callOther
	case r.Method == "GET" && len(parts) == 1:
		return callList
	case r.Method == "GET" && len(parts) == 2:
		return callGet
	case r.Method == "POST" && len(parts) == 1:
		return callOrder
	case r.Method == "POST" && len(parts) == 3 && parts[2] == "claim":
		return callClaim
	}
	return callOther
}

func countCalls(all []sandbox.Request) map[string]int {
	calls := map[string]int{}
	for _, r := range all {
		calls[callKind(r)]++
	}
	return calls
}

func describeCalls(calls map[string]int) string {
	var texts []string
	for _, kind := range slices.Sorted(maps.Keys(calls)) {
		texts = append(texts, fmt.Sprintf("%d %s", calls[kind], kind))
	}
	return strings.Join(texts, ", ")
}
