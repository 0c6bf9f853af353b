#!/usr/bin/env bash
# Stops what up.sh started: down.sh [a|b|all] [--purge]. A cloud that is stopped keeps what is in it; --purge forgets it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

what=all purge=
for argument in "$@"; do
	case $argument in
	a | b | all) what=$argument ;;
	--purge) purge=1 ;;
	*) die "usage: down.sh [a|b|all] [--purge]" ;;
	esac
done

lock

for cloud in $(clouds_of "$what"); do
	use "$cloud"
	stop_all
	if [ -n "$purge" ]; then
		# With all gone so are the databases; without MariaDB, up.sh drops them when it makes new ones.
		if [ "$what" != all ] && [ -S "$SOCKET" ]; then
			for database in $(sql "select schema_name from information_schema.schemata where schema_name like '$cloud\\_%'"); do
				sql "drop database $database"
			done
		fi
		rm -rf "$DIR"
	fi
	say "$cloud is down"
done

if [ "$what" = all ]; then
	use shared
	stop rabbitmq # Before the port mapper it is registered with.
	stop_all
	[ -z "$purge" ] || rm -rf "$DIR" "$STATE"/schema-*.sql.gz
	say "MariaDB and RabbitMQ are down"
fi
write_clouds_yaml
