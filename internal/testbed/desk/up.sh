#!/usr/bin/env bash
# Brings up one or two service desks on this machine's loopback, and prints where their credentials are:
# up.sh [rt|redmine|all]. What runs already stays as it is.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/lib/common.sh"
. "$HERE/lib/packages.sh"
. "$HERE/lib/rt.sh"
. "$HERE/lib/redmine.sh"

desks=$(desks_of "${1:-all}")
[ -n "$desks" ] || die "usage: up.sh [rt|redmine|all]"
root_on_debian_12 "Request Tracker and another Redmine"

lock
# shellcheck disable=SC2086 # It is a list.
install_packages $desks

start_one() {
	use "$1"
	"start_$1"
	say "$1 is up: $ENDPOINT"
}
# shellcheck disable=SC2086 # It is a list.
at_once start_one $desks
write_desks_json
[ -z "$FAILED" ] || die "not all desks are up"
say "up after $SECONDS s"
echo "$DESKS_JSON"
