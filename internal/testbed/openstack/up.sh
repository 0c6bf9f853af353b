#!/usr/bin/env bash
# Brings up one or two OpenStack clouds on this machine's loopback, and prints where their credentials are:
# up.sh [a|b|all]. What runs already stays as it is.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/lib/common.sh"
. "$HERE/lib/packages.sh"
. "$HERE/lib/shared.sh"
. "$HERE/lib/databases.sh"
. "$HERE/lib/cloud.sh"

clouds=$(clouds_of "${1:-all}")
[ -n "$clouds" ] || die "usage: up.sh [a|b|all]"
[ "$(id -u)" = 0 ] || die "up.sh installs Debian packages, so it has to be root"
grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release || die "up.sh needs Debian 12: other releases have another OpenStack"
[ ${#SOCKET} -lt 100 ] || die "$STATE is too long a path for a socket: set VDAM_TESTBED_DIR to a shorter one"

exec 9>"$STATE/.lock"
flock -n 9 || {
	say "waiting for another up.sh or down.sh"
	flock -w 1800 9 || die "another up.sh or down.sh does not end"
}

install_packages
# A copy, so that the clouds outlive the folder that up.sh was called from.
cp -r "$HERE/plugins" "$STATE/"
start_shared
say "MariaDB and RabbitMQ are up"

for cloud in $clouds; do
	use "$cloud"
	configure
	create_databases
done

starting=()
trap 'kill "${starting[@]}" 2>/dev/null' EXIT # Who ends this must not have it go on in the background.
for cloud in $clouds; do
	(
		use "$cloud"
		start_cloud
	) &
	starting+=($!)
done
for pid in "${starting[@]}"; do
	wait "$pid" || failed=1
done
trap - EXIT
write_clouds_yaml
[ -z "${failed:-}" ] || die "not all clouds are up"
say "up after $SECONDS s"
echo "$CLOUDS_YAML"
