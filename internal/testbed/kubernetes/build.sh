#!/usr/bin/env bash
# Builds a real Kubernetes of each version that there is a module file for, kwok, which plays its nodes, Cluster API, and
# Velero with its plugin for S3, as far as they are not built yet, and prints the folder that they are in: build.sh [--tidy].
# With --tidy it brings the module files up to date instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
MODULES=(go.mod 1.35.mod) # One program for each: -modfile is beside a go.mod, never instead of it.
KWOK=0.8.0                # A program of its own: it needs a newer client of Kubernetes than these have.
CAPI=(                    # Programs of their own, each a main package: NAME PACKAGE
	core sigs.k8s.io/cluster-api/core
	kcp sigs.k8s.io/cluster-api/controlplane/kubeadm
	cabpk sigs.k8s.io/cluster-api/bootstrap/kubeadm
	dev-infra sigs.k8s.io/cluster-api/test/infrastructure/docker
)

say() { printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2; }

version() { # version MODULE [NAME]: such as 1.34.4
	awk -v name="${2:-k8s.io/kubernetes}" '$1 == name { sub(/^v/, "", $2); print $2; exit }' "$1"
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

clusterapi() { # clusterapi PACKAGE FILE
	local v name=sigs.k8s.io/cluster-api/version
	v=$(version clusterapi/go.mod sigs.k8s.io/cluster-api)
	(cd clusterapi && compile build -o "$2" -ldflags "-s -w -X $name.gitVersion=v$v -X $name.gitTreeState=clean" "$1")
}

# What the API needs to know of a program: its custom resources and its webhooks.
manifests() { # manifests PACKAGE FILE
	local dir
	dir=$(cd clusterapi && go list -f '{{.Dir}}' "$1")
	cat "$dir"/config/crd/bases/*.yaml "$dir/config/webhook/manifests.yaml" >"$2"
}

velero() { # velero PACKAGE FILE
	local v name=github.com/vmware-tanzu/velero
	v=$(version velero/go.mod $name)
	(cd velero && compile build -o "$2" -ldflags "-s -w -X $name/pkg/buildinfo.Version=v$v -X $name/pkg/buildinfo.GitTreeState=clean" "$1")
}

# What the API needs to know of Velero: its custom resources.
velero_resources() { # velero_resources FILE
	local dir
	dir=$(cd velero && go list -m -f '{{.Dir}}' github.com/vmware-tanzu/velero)
	cat "$dir"/config/crd/*/bases/*.yaml >"$1"
}

# A program is built unless the file beside it says that it is of the same sources, which those of this script are too.
program() { # program NAME SOURCES COMMAND...: the command gets the file as its last argument
	local file=$BIN/$1 stamp=$BIN/.$1.sources sources started=$SECONDS
	# shellcheck disable=SC2086 # They are a list.
	sources=$(cat build.sh $2 | sha256sum | cut -c 1-16)
	[ ! -e "$file" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$sources" ] || return 0
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
	(cd clusterapi && go mod tidy)
	(cd velero && go mod tidy)
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
capi=$(version clusterapi/go.mod sigs.k8s.io/cluster-api)
for ((i = 0; i < ${#CAPI[@]}; i += 2)); do
	name=vdam-capi-${CAPI[i]}-$capi package=${CAPI[i + 1]}
	program "$name" 'clusterapi/go.mod clusterapi/go.sum' clusterapi "$package"
	program "$name.yaml" 'clusterapi/go.mod clusterapi/go.sum' manifests "$package"
done
name=vdam-velero-$(version velero/go.mod github.com/vmware-tanzu/velero) sources='velero/go.mod velero/go.sum velero/main.go'
program "$name" "$sources" velero .
program "$name.yaml" "$sources" velero_resources
aws=github.com/vmware-tanzu/velero-plugin-for-aws
program "vdam-velero-aws-$(version velero/go.mod $aws)" "$sources" velero $aws/velero-plugin-for-aws
echo "$BIN"
