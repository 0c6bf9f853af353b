# shellcheck shell=bash
# MariaDB and RabbitMQ, which the clouds share without seeing one another: databases and virtual hosts of their own.
# Sourced by up.sh.

EPMD_PORT=24369

# Durability is off: what a crash of the machine takes, up.sh makes anew.
start_mariadb() {
	if [ ! -e "$DIR/mysql/.ready" ]; then
		rm -rf "$DIR/mysql"
		mariadb-install-db --no-defaults --user=root --datadir="$DIR/mysql" --auth-root-authentication-method=normal \
			--skip-test-db >"$LOGS/install-db.log" 2>&1 || die "mariadb-install-db" "$LOGS/install-db.log"
		touch "$DIR/mysql/.ready"
	fi
	start mariadb "$DATABASE_PORT" mariadbd --no-defaults --user=root \
		--datadir="$DIR/mysql" --socket="$SOCKET" --pid-file="$DIR/mysql.pid" \
		--bind-address=127.0.0.1 --port="$DATABASE_PORT" --skip-name-resolve --skip-log-bin \
		--innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=256M --innodb-log-file-size=64M \
		--max-connections=1500 --performance-schema=OFF \
		--character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci
	wait_for mariadb 60 sql 'select 1'
	sql "create user if not exists 'testbed'@'127.0.0.1' identified by '$PASSWORD';
		grant all on *.* to 'testbed'@'127.0.0.1'"
}

start_rabbitmq() {
	mkdir -p "$DIR/rabbit"
	python3 - "$PASSWORD" >"$DIR/rabbit/definitions.json" <<-'EOP'
		import base64, hashlib, json, sys
		salt = b'salt'
		digest = hashlib.sha256(salt + sys.argv[1].encode()).digest()
		json.dump({
		    'users': [{'name': 'testbed', 'tags': [], 'hashing_algorithm': 'rabbit_password_hashing_sha256',
		               'password_hash': base64.b64encode(salt + digest).decode()}],
		    'vhosts': [{'name': v} for v in 'ab'],
		    'permissions': [{'user': 'testbed', 'vhost': v, 'configure': '.*', 'write': '.*', 'read': '.*'}
		                    for v in 'ab'],
		}, sys.stdout)
	EOP
	cat >"$DIR/rabbit/rabbitmq.conf" <<-EOC
		listeners.tcp.1 = 127.0.0.1:$RABBIT_PORT
		load_definitions = $DIR/rabbit/definitions.json
		log.file.level = warning
		log.console = true
		log.console.level = warning
		vm_memory_high_watermark.absolute = 1GB
		disk_free_limit.absolute = 100MB
	EOC
	echo '[].' >"$DIR/rabbit/enabled_plugins"
	# RabbitMQ would start Erlang's port mapper itself, and leave it behind.
	start epmd "$EPMD_PORT" epmd -address 127.0.0.1 -port "$EPMD_PORT"
	wait_for epmd 10 listening "$EPMD_PORT"
	start rabbitmq "$RABBIT_PORT" env HOME="$DIR/rabbit" \
		ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$EPMD_PORT" \
		RABBITMQ_NODENAME=vdam-testbed@localhost RABBITMQ_CONF_ENV_FILE=/dev/null \
		RABBITMQ_CONFIG_FILE="$DIR/rabbit/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$DIR/rabbit/enabled_plugins" \
		RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$RABBIT_PORT" \
		RABBITMQ_DIST_PORT=$((RABBIT_PORT + 1)) \
		RABBITMQ_MNESIA_BASE="$DIR/rabbit/mnesia" RABBITMQ_LOG_BASE="$LOGS" RABBITMQ_PID_FILE="$DIR/rabbit/pid" \
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none" \
		/usr/lib/rabbitmq/bin/rabbitmq-server
	wait_for rabbitmq 120 listening "$RABBIT_PORT"
}

start_shared() {
	use shared
	mkdir -p "$PIDS" "$LOGS" "$DIR/backup"
	start_mariadb
	start_rabbitmq
}
