#!/usr/bin/env bash
# Writes docs/. The schemas come from the provider itself, so that neither Terraform nor its version has a say in it.
set -euo pipefail
cd "$(dirname "$0")/../.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go run ./internal/cmd/vdam-schema >"$tmp/schema.json"
if ! go tool -modfile=internal/tools/go.mod tfplugindocs generate \
	--providers-schema "$tmp/schema.json" --provider-name vdam --rendered-provider-name VDAM >"$tmp/log" 2>&1; then
	cat "$tmp/log" >&2
	exit 1
fi
echo "docs/: $(find docs -name '*.md' | wc -l) pages"
