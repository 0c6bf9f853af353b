# shellcheck shell=bash
# What up.sh and down.sh share: names and ports.
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/common.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/process.sh"

state_folder openstack
CLOUDS_YAML=$STATE/clouds.yaml
SOCKET=$STATE/shared/mysql.sock

# Everything listens on loopback only, so the password keeps nobody out and is no secret.
PASSWORD=testbed
DATABASE_PORT=23306 RABBIT_PORT=25692
export STATE PASSWORD RABBIT_PORT

clouds_of() { # clouds_of a|b|all
	case $1 in
	a | b) echo "$1" ;;
	all) echo a b ;;
	esac
}

# use names the part that the functions below work on: use shared|a|b
use() {
	part "$1"
	ETC=$DIR/etc
	[ "$1" != shared ] || return 0
	CLOUD=$1
	local offset
	case $CLOUD in
	a) offset=0 REGION=RegionA TENANT_NET=10.10 PUBLIC_NET=198.18.0.0/20 ;;
	b) offset=10000 REGION=RegionB TENANT_NET=10.20 PUBLIC_NET=198.18.16.0/20 ;;
	esac
	KEYSTONE_PORT=$((5000 + offset)) GLANCE_PORT=$((9292 + offset)) PLACEMENT_PORT=$((8778 + offset))
	NOVA_PORT=$((8774 + offset)) NEUTRON_PORT=$((9696 + offset)) CINDER_PORT=$((8776 + offset))
	MAGNUM_PORT=$((9511 + offset))
	# One each: a keystone that found the other's tokens in its cache would honour them.
	MEMCACHED_PORT=$((21211 + offset))
	AUTH_URL=http://127.0.0.1:$KEYSTONE_PORT/v3
	DATABASE=mysql+pymysql://testbed:$PASSWORD@127.0.0.1:$DATABASE_PORT/$CLOUD
	export DIR ETC CLOUD REGION TENANT_NET PUBLIC_NET KEYSTONE_PORT GLANCE_PORT PLACEMENT_PORT NOVA_PORT NEUTRON_PORT \
		CINDER_PORT MAGNUM_PORT MEMCACHED_PORT AUTH_URL DATABASE
}

sql() { mariadb --no-defaults -uroot --socket="$SOCKET" -N -e "$1"; }

# The file names the clouds that have been set up, whether they run or not.
write_clouds_yaml() {
	local parts=("$STATE"/[ab]/clouds.part)
	[ -e "${parts[0]}" ] || {
		rm -f "$CLOUDS_YAML"
		return
	}
	(
		umask 077
		{
			echo "# Written by up.sh. The clouds listen on this machine's loopback only."
			echo 'clouds:'
			cat "${parts[@]}"
		} >"$CLOUDS_YAML.new"
	)
	mv "$CLOUDS_YAML.new" "$CLOUDS_YAML"
}
