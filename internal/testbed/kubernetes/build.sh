#!/usr/bin/env bash
# Builds a real Kubernetes of each version that there is a module file for, and kwok, which plays its nodes, as far as
# they are not built yet, and prints the folder that they are in: build.sh [--tidy]. With --tidy it brings the module
# files up to date instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
MODULES=(go.mod 1.35.mod) # One program for each: -modfile is beside a go.mod, never instead of it.
KWOK=0.8.0                # A program of its own: it needs a newer client of Kubernetes than these have.

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2; }

version() { # version MODULE: such as 1.34.4
	awk '$1 == "k8s.io/kubernetes" { sub(/^v/, "", $2); print $2 }' "$1"
}

# Up to several gigabytes of memory and a quarter of an hour from nothing: whoever works on this machine comes first.
compile() { # compile build|install ARGUMENT...
	CGO_ENABLED=0 nice -n 10 go "$1" -p "${VDAM_BUILD_JOBS:-2}" -trimpath -buildvcs=false "${@:2}"
}

kubernetes() { # kubernetes MODULE FILE
	local v name=k8s.io/component-base/version minor
	v=$(version "$1")
	minor=${v#*.}
	compile build -modfile="$1" -o "$2" -ldflags "-s -w \
		-X $name.gitVersion=v$v -X $name.gitMajor=1 -X $name.gitMinor=${minor%.*} -X $name.gitTreeState=clean \
		-X k8s.io/client-go/pkg/version.gitVersion=v$v" .
}

kwok() { # kwok FILE
	GOBIN=$1.folder compile install -ldflags "-s -w -X sigs.k8s.io/kwok/pkg/consts.Version=v$KWOK" "sigs.k8s.io/kwok/cmd/kwok@v$KWOK"
	mv "$1.folder/kwok" "$1"
	rmdir "$1.folder"
}

# A program is built unless the file beside it says that it is of the same sources, which those of this script are too.
program() { # program NAME SOURCES COMMAND...: the command gets the file as its last argument
	local file=$BIN/$1 stamp=$BIN/.$1.sources sources started=$SECONDS
	# shellcheck disable=SC2086 # They are a list.
	sources=$(cat build.sh $2 | sha256sum | cut -c 1-16)
	[ ! -x "$file" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$sources" ] || return 0
	say "building $1"
	"${@:3}" "$file.partial"
	mv "$file.partial" "$file" # As a whole, and beside the one that may be running.
	echo "$sources" >"$stamp"
	say "built $1 in $((SECONDS - started)) s, $(stat -c %s "$file") bytes"
}

if [ "${1:-}" = --tidy ]; then
	for module in "${MODULES[@]}"; do
		go mod tidy -modfile="$module"
	done
	exit
fi

BIN=${VDAM_TESTBED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vdam-testbed}/kubernetes/bin
mkdir -p "$BIN"
BIN=$(cd "$BIN" && pwd)
exec 9>"$BIN/.lock"
flock 9

for module in "${MODULES[@]}"; do
	program "vdam-kubernetes-$(version "$module")" "$module ${module%.mod}.sum main.go" kubernetes "$module"
done
program "vdam-kwok-$KWOK" '' kwok
echo "$BIN"
