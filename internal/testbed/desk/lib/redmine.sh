# shellcheck shell=bash
# Redmine with SQLite. Sourced by up.sh.

REDMINE=/usr/share/redmine

configure_redmine() {
	mkdir -p "$PIDS" "$LOGS" "$OWN"/{config,tasks} "$OWN"/{bundle,db,files,log,private,public/plugin_assets,tmp}
	cp "$HERE/redmine/seed.rake" "$OWN/tasks/"
	cp "$HERE/redmine/Gemfile" "$OWN/bundle/"
	cat >"$OWN/config/database.yml" <<-EOC
		production:
		  adapter: sqlite3
		  database: $OWN/db/redmine.sqlite3
		  timeout: 15000
	EOC
	[ -s "$OWN/config/secret_key.txt" ] || (umask 077 && secret >"$OWN/config/secret_key.txt")
	chown root:www-data "$OWN/config/secret_key.txt"
	chmod 640 "$OWN/config/secret_key.txt"
	chown www-data "$OWN"/{bundle,db,files,log,private,public/plugin_assets,tmp}
	chmod 700 "$OWN"/{db,files,log,private,tmp}
}

# An instance of Debian's Redmine is a folder in its folder of instances. Ours is elsewhere, from wherever one looks.
as_redmine() {
	as www-data "$REDMINE" RAILS_ENV=production REDMINE_INSTANCE="../../../..$OWN" REDMINE_LANG=en SCHEMA=/dev/null \
		BUNDLE_GEMFILE="$OWN/bundle/Gemfile" BUNDLER_VERSION="$(bundler_version)" DESK_DATA="$OWN"
}

seed_redmine() {
	say "redmine: creating the database"
	"${AS[@]}" bundle exec rake -R "$OWN/tasks" db:migrate desk:forget_columns redmine:load_default_data desk:seed \
		>"$LOGS/seed.log" 2>&1 ||
		die "redmine: the database" "$LOGS/seed.log"
	touch "$OWN/.seeded"
}

start_redmine() {
	if [ ! -e "$OWN/.seeded" ]; then # Nobody can use half a desk.
		stop redmine
		rm -rf "$OWN"
	fi
	configure_redmine
	as_redmine
	# It names versions of gems, which an upgrade of the machine replaces.
	pid_of redmine >/dev/null || rm -f "$OWN/bundle/Gemfile.lock"
	[ -e "$OWN/.seeded" ] || seed_redmine
	# One thread: while one waits for SQLite's lock it keeps Ruby's, without which the thread that has SQLite's cannot go
	# on, so that both stand still until the wait times out, and one of the requests fails.
	start redmine "$PORT" "${AS[@]}" bundle exec puma -C - -e production -b "tcp://127.0.0.1:$PORT" -t 1:1
	wait_for redmine 300 turns_away /users/current.json
}
