#!/usr/bin/env bash
# Stops what up.sh started: down.sh [rt|redmine|all] [--purge]. A desk that is stopped keeps its tickets; --purge forgets
# them, and everybody's credentials.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

what=all purge=
for argument in "$@"; do
	case $argument in
	rt | redmine | all) what=$argument ;;
	--purge) purge=1 ;;
	*) die "usage: down.sh [rt|redmine|all] [--purge]" ;;
	esac
done

lock

for desk in $(desks_of "$what"); do
	use "$desk"
	stop "$desk"
	[ "$desk" != rt ] || stop postgresql INT # At once, and not when all its clients have gone.
	[ -z "$purge" ] || rm -rf "$DIR" "$OWN"
	say "$desk is down"
done
[ -z "$purge" ] || rmdir --ignore-fail-on-non-empty -p "$DATA" 2>/dev/null
write_desks_json
