# shellcheck shell=bash
# What up.sh and down.sh share: names, ports, and as whom the desks run.
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/process.sh"

state_folder desk
DESKS_JSON=$STATE/desks.json

# PostgreSQL refuses to be root, and whoever administers a desk can have it run code. So the desks run as users who may
# not look into root's home, and what is theirs lies outside of it.
DATA=/var/lib/vdam-testbed/desk-$(md5sum <<<"$STATE" | head -c 8)

desks_of() { # desks_of rt|redmine|all
	case $1 in
	rt | redmine) echo "$1" ;;
	all) echo rt redmine ;;
	esac
}

# use names the desk that the functions below work on: use rt|redmine
# shellcheck disable=SC2034 # rt.sh uses all of them.
use() {
	part "$1"
	OWN=$DATA/$1
	case $1 in
	rt) PORT=18099 DATABASE_PORT=15449 ;;
	redmine) PORT=18098 ;;
	esac
	ENDPOINT=http://127.0.0.1:$PORT
}

# as sets AS to what runs a command as that user, with nothing of root's environment: as USER FOLDER VARIABLE=VALUE...
# shellcheck disable=SC2034 # Who calls it uses AS.
as() {
	AS=(setpriv --reuid "$1" --regid "$1" --init-groups env -i -C "$2" PATH="$PATH" LC_ALL="$LC_ALL" HOME="$OWN" "${@:3}")
}

secret() { od -An -N 16 -tx1 /dev/urandom | tr -d ' \n'; }

turns_away() { # turns_away PATH: whether the desk is there to turn away who has no credentials
	[ "$(curl -s -o /dev/null -m 30 -w '%{http_code}' "$ENDPOINT$1")" = 401 ]
}

# The file names the desks that have been set up, whether they run or not.
write_desks_json() {
	local desk parts=
	for desk in rt redmine; do
		use "$desk"
		[ -s "$OWN/private/users.json" ] || continue
		parts+=${parts:+,$'\n'}$(printf '  "%s": {"endpoint": "%s", "users": %s}' "$desk" "$ENDPOINT" "$(<"$OWN/private/users.json")")
	done
	[ -n "$parts" ] || {
		rm -f "$DESKS_JSON"
		return
	}
	(
		umask 077
		printf '{\n%s\n}\n' "$parts" >"$DESKS_JSON.new"
	)
	mv "$DESKS_JSON.new" "$DESKS_JSON"
}
