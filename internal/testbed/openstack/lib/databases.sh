# shellcheck shell=bash
# The databases of a cloud. Sourced by up.sh.

SCHEMAS="keystone placement glance nova_api nova_cell0 nova neutron cinder"

keystone_manage() { keystone-manage --config-file "$ETC/keystone.conf" "$@"; }

# manage runs what Debian has in packages that are not installed: manage SERVICE ARGUMENTS
manage() {
	python3 "$STATE/plugins/launch.py" "$1.cmd.manage" "$1-manage" --config-file "$ETC/$1.conf" "${@:2}"
}

# Hundreds of migrations are the slowest part of a first start, so what they made is kept for the next cloud, by the
# versions that made it. It differs between clouds by the databases' names and nova's own record of where they are.
schema_file() {
	echo "$STATE/schema-$(dpkg-query -W python3-{keystone,placement,glance,nova,neutron,cinder} | md5sum | head -c 12).sql.gz"
}

load_schemas() { # load_schemas FILE
	zcat "$1" | sed "s/@CLOUD@/$CLOUD/g" | mariadb --no-defaults -uroot --socket="$SOCKET"
	local cells=${CLOUD}_nova_api.cell_mappings cell0="uuid = '00000000-0000-0000-0000-000000000000'"
	sql "update $cells set database_connection = '${DATABASE}_nova_cell0?charset=utf8' where $cell0;
		update $cells set database_connection = '${DATABASE}_nova?charset=utf8',
			transport_url = 'rabbit://testbed:$PASSWORD@127.0.0.1:$RABBIT_PORT/$CLOUD' where not $cell0"
}

save_schemas() { # save_schemas FILE
	local names
	read -ra names <<<"$SCHEMAS"
	mariadb-dump --no-defaults -uroot --socket="$SOCKET" --skip-lock-tables --databases "${names[@]/#/${CLOUD}_}" |
		sed "s/\`${CLOUD}_\([a-z0-9_]*\)\`/\`@CLOUD@_\1\`/g" | gzip >"$1.new"
	mv "$1.new" "$1"
}

migrate_most() {
	keystone_manage db_sync &&
		manage glance db_sync &&
		manage cinder db sync &&
		OS_PLACEMENT_CONFIG_DIR=$ETC placement-manage --config-file "$ETC/placement.conf" db sync
}

migrate_nova_and_neutron() {
	manage nova api_db sync &&
		manage nova cell_v2 map_cell0 --database_connection "${DATABASE}_nova_cell0?charset=utf8" &&
		manage nova db sync &&
		manage nova cell_v2 create_cell --name=cell1 &&
		python3 "$STATE/plugins/launch.py" neutron.db.migration.cli neutron-db-manage \
			--config-file "$ETC/neutron.conf" upgrade heads
}

create_databases() {
	local name statements="" file most log=$LOGS/databases.log
	[ ! -e "$DIR/.databases" ] || return 0
	for name in $SCHEMAS; do
		statements+="drop database if exists ${CLOUD}_$name;
			create database ${CLOUD}_$name character set utf8mb3;"
	done
	sql "$statements"
	{
		keystone_manage fernet_setup --keystone-user root --keystone-group root &&
			keystone_manage credential_setup --keystone-user root --keystone-group root
	} >"$log" 2>&1 || die "$CLOUD: keystone's keys" "$log"

	file=$(schema_file)
	if [ -s "$file" ]; then
		say "$CLOUD: loading the schemas"
		load_schemas "$file"
	else
		say "$CLOUD: creating the schemas"
		migrate_most >"$log.most" 2>&1 &
		most=$!
		migrate_nova_and_neutron >"$log" 2>&1 || die "$CLOUD: the schemas of nova and neutron" "$log"
		wait $most || die "$CLOUD: the schemas" "$log.most"
		save_schemas "$file"
	fi
	touch "$DIR/.databases"
}
