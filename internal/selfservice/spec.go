// Package selfservice is the VDAM Self-Service API: the contract, and the client and server interface generated
// from it. CONTRACT.md has the rules that no schema can express.
package selfservice

import _ "embed"

//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml

// OpenAPI is the contract itself, an OpenAPI 3.1 document in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
