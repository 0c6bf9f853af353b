#!/usr/bin/env bash
# Builds a real S3, versitygw, unless it is built, and prints the file that it is in: build.sh [--tidy]. With --tidy it
# brings the module files up to date instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2; }

if [ "${1:-}" = --tidy ]; then
	cd versitygw && go mod tidy
	exit
fi

# What restores a recovery point without anything of this project, see internal/mover/restore.sh.
missing=()
for tool in age zstd jq; do
	command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	# shellcheck source=../lib/packages.sh
	. ../lib/packages.sh
	say "installing ${missing[*]}"
	{ apt_install "${missing[@]}" || { apt_get update && apt_install "${missing[@]}"; }; } >&2
fi

BIN=${VDAM_TESTBED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vdam-testbed}/s3/bin
mkdir -p "$BIN"
BIN=$(cd "$BIN" && pwd)
exec 9>"$BIN/.lock"
flock 9

version=$(awk '$1 == "github.com/versity/versitygw" { sub(/^v/, "", $2); print $2; exit }' versitygw/go.mod)
file=$BIN/vdam-versitygw-$version stamp=$BIN/.versitygw.sources
sources=$(cat build.sh versitygw/go.mod versitygw/go.sum | sha256sum | cut -c 1-16)
if [ ! -e "$file" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$sources" ]; then
	say "building versitygw $version"
	started=$SECONDS
	# Whoever works on this machine comes first.
	(cd versitygw && CGO_ENABLED=0 nice -n 10 go build -p "${VDAM_BUILD_JOBS:-2}" -trimpath -buildvcs=false -o "$file.partial" \
		-ldflags "-s -w -X main.Version=v$version" github.com/versity/versitygw/cmd/versitygw)
	mv "$file.partial" "$file" # As a whole, and beside the one that may be running.
	echo "$sources" >"$stamp"
	say "built in $((SECONDS - started)) s, $(stat -c %s "$file") bytes"
fi
echo "$file"
