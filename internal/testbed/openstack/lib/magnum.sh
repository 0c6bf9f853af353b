# shellcheck shell=bash
# Magnum, which cloud b has and cloud a has not. Sourced by up.sh.

has_magnum() { [ "$CLOUD" = b ]; }

configure_magnum() {
	has_magnum || return 0
	mkdir -p "$DIR/state/magnum"
	cp "$STATE/unpacked/usr/share/magnum-common/api-paste.ini" "$ETC/magnum-paste.ini"
	python3 "$HERE/conf/render.py" common.conf magnum.conf >"$ETC/magnum.conf"
}

# Its schema is made in seconds, and so by itself: a cloud that was there before Magnum gets it as well.
create_magnum_database() {
	local log=$LOGS/magnum-database.log
	has_magnum && [ ! -e "$DIR/.magnum-database" ] || return 0
	sql "drop database if exists ${CLOUD}_magnum; create database ${CLOUD}_magnum character set utf8mb3"
	magnum-db-manage --config-file "$ETC/magnum.conf" upgrade >"$log" 2>&1 || die "$CLOUD: the schema of magnum" "$log"
	touch "$DIR/.magnum-database"
}

start_magnum() {
	has_magnum || return 0
	daemon magnum-api "$MAGNUM_PORT" magnum.cmd.api magnum
	daemon magnum-conductor - magnum.cmd.conductor magnum
}

conductor_listens() {
	[ -n "$(sql "select 1 from ${CLOUD}_magnum.magnum_service where \`binary\` = 'magnum-conductor'
		and last_seen_up >= '$(date -u -d "@$(stat -c %Y "$PIDS/magnum-conductor.pid")" '+%F %T')' limit 1")" ]
}

wait_for_magnum() {
	has_magnum || return 0
	wait_for magnum-api 300 answers "http://127.0.0.1:$MAGNUM_PORT/"
	wait_for magnum-conductor 180 conductor_listens
}
