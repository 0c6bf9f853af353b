# shellcheck shell=bash
# The daemons of a cloud. Sourced by up.sh.

COMPUTES="1 2" # Two, so that a resize has somewhere to go.

configure() {
	local service n
	mkdir -p "$ETC" "$LOGS" "$PIDS" "$DIR"/{images,volumes,lock} "$DIR"/state/{glance,neutron,cinder} "$DIR"/keystone
	chmod 700 "$DIR/keystone"
	for service in nova neutron cinder; do
		cp "$STATE/unpacked/usr/share/$service-common/api-paste.ini" "$ETC/$service-paste.ini"
	done
	cp "$STATE/unpacked/usr/share/glance-common/glance-api-paste.ini" "$ETC/glance-paste.ini"
	cp "$STATE/unpacked/etc/cinder/resource_filters.json" "$ETC/cinder-resource-filters.json"
	for service in keystone placement glance nova neutron cinder; do
		python3 "$HERE/conf/render.py" common.conf "$service.conf" >"$ETC/$service.conf"
	done
	for n in $COMPUTES; do
		mkdir -p "$DIR/state/nova$n/instances"
		COMPUTE=$n python3 "$HERE/conf/render.py" nova-compute.conf >"$ETC/nova-compute$n.conf"
	done
	configure_magnum
}

wsgi() { # wsgi NAME PORT PROCESSES FILE VARIABLE=VALUE
	start "$1" "$2" env "$5" uwsgi_python311 --http-socket "127.0.0.1:$2" --wsgi-file "$4" --processes "$3" --threads 4 \
		--master --die-on-term --lazy-apps --enable-threads --need-app --thunder-lock --buffer-size 65535 \
		--add-header 'Connection: close' --disable-logging
}

daemon() { # daemon NAME PORT|- MODULE CONFIGURATION...
	local name=$1 port=$2 module=$3 file arguments=()
	shift 3
	for file in "$@"; do arguments+=(--config-file "$ETC/$file.conf"); done
	start "$name" "$port" python3 "$STATE/plugins/launch.py" "$module" "$name" "${arguments[@]}"
}

answers() { # answers URL: whatever a service says to somebody it does not know
	local status
	status=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$1") || return 1
	[[ $status == [23]* || $status == 401 ]]
}

start_identity() {
	start memcached "$MEMCACHED_PORT" memcached -u nobody -l 127.0.0.1 -p "$MEMCACHED_PORT" -U 0 -m 64 -t 1
	wsgi keystone "$KEYSTONE_PORT" 2 /usr/bin/keystone-wsgi-public OS_KEYSTONE_CONFIG_DIR="$ETC"
	wsgi placement "$PLACEMENT_PORT" 1 /usr/bin/placement-api OS_PLACEMENT_CONFIG_DIR="$ETC"
	if [ ! -e "$DIR/.bootstrapped" ]; then
		keystone_manage bootstrap --bootstrap-password "$PASSWORD" --bootstrap-region-id "$REGION" \
			--bootstrap-admin-url "$AUTH_URL" --bootstrap-internal-url "$AUTH_URL" --bootstrap-public-url "$AUTH_URL" \
			>"$LOGS/bootstrap.log" 2>&1 || die "$CLOUD: keystone-manage bootstrap" "$LOGS/bootstrap.log"
		touch "$DIR/.bootstrapped"
	fi
	wait_for keystone 120 answers "$AUTH_URL"
	python3 -B "$HERE/bootstrap/identity.py" || die "$CLOUD: projects and users" "$LOGS/keystone.log"
	say "$CLOUD: keystone answers"
}

start_services() {
	daemon glance-api "$GLANCE_PORT" glance.cmd.api glance
	daemon neutron-server "$NEUTRON_PORT" neutron.cmd.eventlet.server neutron
	daemon nova-conductor - nova.cmd.conductor nova
	daemon nova-api "$NOVA_PORT" nova.cmd.api nova
	daemon cinder-api "$CINDER_PORT" cinder.cmd.api cinder
	daemon nova-scheduler - nova.cmd.scheduler nova
	daemon cinder-scheduler - cinder.cmd.scheduler cinder
	daemon cinder-volume - cinder.cmd.volume cinder
	daemon cinder-backup - cinder.cmd.backup cinder
	start_magnum
	wait_for placement 300 answers "http://127.0.0.1:$PLACEMENT_PORT/"
	local n
	for n in $COMPUTES; do
		daemon "nova-compute$n" - nova.cmd.compute nova "nova-compute$n"
	done
	wait_for glance-api 300 answers "http://127.0.0.1:$GLANCE_PORT/"
	wait_for neutron-server 300 answers "http://127.0.0.1:$NEUTRON_PORT/"
	wait_for nova-api 300 answers "http://127.0.0.1:$NOVA_PORT/"
	wait_for cinder-api 300 answers "http://127.0.0.1:$CINDER_PORT/"
	say "$CLOUD: all APIs answer"
}

reported() { # reported DATABASE NAME BINARY HOST: whether a daemon without an API has reported since it was started
	local since
	since=$(date -u -d "@$(stat -c %Y "$PIDS/$2.pid")" '+%F %T')
	[ -n "$(sql "select 1 from ${CLOUD}_$1.services where \`binary\` = '$3' and host like '$4' and deleted = 0
		and coalesce(updated_at, created_at) >= '$since' limit 1")" ]
}

two_hypervisors() {
	[ "$(sql "select count(*) from ${CLOUD}_nova.compute_nodes where deleted = 0")" -ge "$(wc -w <<<"$COMPUTES")" ]
}

wait_for_workers() {
	local n name
	for name in nova-conductor nova-scheduler; do
		wait_for "$name" 180 reported nova "$name" "$name" "$CLOUD-%"
	done
	for name in cinder-scheduler cinder-volume cinder-backup; do
		wait_for "$name" 180 reported cinder "$name" "$name" "$CLOUD-%"
	done
	for n in $COMPUTES; do
		wait_for "nova-compute$n" 180 reported nova "nova-compute$n" nova-compute "$CLOUD-compute$n"
	done
	wait_for nova-compute1 180 two_hypervisors
	wait_for_magnum
	if [ "$(sql "select count(*) from ${CLOUD}_nova_api.host_mappings")" -lt "$(wc -w <<<"$COMPUTES")" ]; then
		manage nova cell_v2 discover_hosts >"$LOGS/discover.log" 2>&1 || die "$CLOUD: discover_hosts" "$LOGS/discover.log"
	fi
}

start_cloud() {
	start_identity
	start_services
	wait_for_workers
	python3 -B "$HERE/bootstrap/resources.py" || die "$CLOUD: flavours, images, volume types and networks"
	say "$CLOUD is up: $AUTH_URL"
}
