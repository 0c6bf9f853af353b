# shellcheck shell=bash
# Request Tracker and its PostgreSQL. Sourced by up.sh.

POSTGRESQL=/usr/lib/postgresql/15/bin

configure_rt() {
	mkdir -p "$PIDS" "$LOGS" "$OWN"/{private,no-more-configuration} "$OWN"/var/{mason_data,session_data,log}
	cp "$HERE"/rt/{RT_SiteConfig.pm,seed.pl,mail} "$OWN/"
	# Of the database and of RT's own administrator.
	[ -s "$OWN/password" ] || (umask 077 && secret >"$OWN/password")
	chown root:www-data "$OWN/password"
	chmod 640 "$OWN/password"
	chown www-data "$OWN/private" "$OWN"/var{,/*}
	chmod 700 "$OWN/private" "$OWN/var"
}

as_rt() {
	as www-data "$OWN" RT_SITE_CONFIG="$OWN/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$OWN/no-more-configuration" \
		DESK_DATA="$OWN" DESK_PORT="$PORT" DESK_DATABASE_PORT="$DATABASE_PORT"
}

# Durability is off: what a crash of the machine takes, up.sh makes anew.
start_database() {
	as postgres /
	if [ ! -e "$OWN/postgresql/.ready" ]; then
		rm -rf "$OWN/postgresql"
		install -d -o postgres -g postgres -m 700 "$OWN/postgresql"
		install -o postgres -m 600 "$OWN/password" "$OWN/initdb.password"
		"${AS[@]}" "$POSTGRESQL/initdb" -D "$OWN/postgresql" -U rt -A scram-sha-256 --pwfile="$OWN/initdb.password" \
			-E UTF8 --locale=C.UTF-8 --no-sync >"$LOGS/initdb.log" 2>&1 || die "initdb" "$LOGS/initdb.log"
		rm "$OWN/initdb.password"
		touch "$OWN/postgresql/.ready"
	fi
	start postgresql "$DATABASE_PORT" "${AS[@]}" "$POSTGRESQL/postgres" -D "$OWN/postgresql" -p "$DATABASE_PORT" \
		-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=64MB -c max_connections=60 \
		-c fsync=off -c synchronous_commit=off -c full_page_writes=off
	wait_for postgresql 60 "$POSTGRESQL/pg_isready" -h 127.0.0.1 -p "$DATABASE_PORT"
}

setup_database() { # setup_database LOG ARGUMENTS...: the program reports what it could not insert and goes on
	local log=$LOGS/$1.log
	as_rt
	# shellcheck disable=SC2015 # Either failure is one.
	"${AS[@]}" rt-setup-database-5 --skip-create "${@:2}" >"$log" 2>&1 && ! grep -qE '\[(error|critical)\]' "$log" ||
		die "rt: $1" "$log"
}

seed_rt() {
	say "rt: creating the database"
	PGPASSWORD=$(<"$OWN/password") "$POSTGRESQL/createdb" -h 127.0.0.1 -p "$DATABASE_PORT" -U rt rt || die "rt: createdb"
	setup_database schema --action init --root-password-file "$OWN/password"
	setup_database seed --action insert --datafile "$OWN/seed.pl"
	touch "$OWN/.seeded"
}

start_rt() {
	if [ ! -e "$OWN/.seeded" ]; then # Nobody can use half a desk.
		stop rt
		stop postgresql INT
		rm -rf "$OWN"
	fi
	configure_rt
	start_database
	[ -e "$OWN/.seeded" ] || seed_rt
	as_rt
	start rt "$PORT" "${AS[@]}" perl /usr/share/request-tracker5/libexec/rt-server --host 127.0.0.1 --port "$PORT" \
		--max-workers 4 --max-reqs-per-child 2000 --timeout 120
	wait_for rt 180 turns_away /REST/2.0/rt
}
