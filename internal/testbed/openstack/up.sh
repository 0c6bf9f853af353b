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
. "$HERE/lib/magnum.sh"

clouds=$(clouds_of "${1:-all}")
[ -n "$clouds" ] || die "usage: up.sh [a|b|all]"
root_on_debian_12 OpenStack
[ ${#SOCKET} -lt 100 ] || die "$STATE is too long a path for a socket: set VDAM_TESTBED_DIR to a shorter one"

lock
install_packages
# A copy, so that the clouds outlive the folder that up.sh was called from.
cp -r "$HERE/plugins" "$STATE/"
start_shared
say "MariaDB and RabbitMQ are up"

for cloud in $clouds; do
	use "$cloud"
	configure
	create_databases
	create_magnum_database
done

start_one() {
	use "$1"
	start_cloud
}
# shellcheck disable=SC2086 # It is a list.
at_once start_one $clouds
write_clouds_yaml
[ -z "$FAILED" ] || die "not all clouds are up"
say "up after $SECONDS s"
echo "$CLOUDS_YAML"
