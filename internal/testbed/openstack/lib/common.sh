# shellcheck shell=bash
# What up.sh and down.sh share: names, ports, and how a process is started and stopped.

# A Python of the user's own (pyenv, a virtual environment) has none of Debian's OpenStack.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
# A proxy is for apt only; the daemons talk to one another.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

STATE=${VDAM_TESTBED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vdam-testbed}/openstack
mkdir -p "$STATE"
STATE=$(cd "$STATE" && pwd)
CLOUDS_YAML=$STATE/clouds.yaml
SOCKET=$STATE/shared/mysql.sock

# Everything listens on loopback only, so the password keeps nobody out and is no secret.
PASSWORD=testbed
DATABASE_PORT=23306 RABBIT_PORT=25692
export STATE PASSWORD RABBIT_PORT

# stdout is for the answer alone: where the credentials are.
say() { printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2; }

die() { # die MESSAGE [LOG]
	[ ! -s "${2:-}" ] || {
		say "the end of $2:"
		tail -n 25 "$2" >&2
	}
	say "FAIL: $1"
	exit 1
}

clouds_of() { # clouds_of a|b|all
	case $1 in
	a | b) echo "$1" ;;
	all) echo a b ;;
	esac
}

# use names the part that the functions below work on: use shared|a|b
use() {
	DIR=$STATE/$1 PIDS=$STATE/$1/pid LOGS=$STATE/$1/log ETC=$STATE/$1/etc
	[ "$1" != shared ] || return 0
	CLOUD=$1
	local offset
	case $CLOUD in
	a) offset=0 REGION=RegionA TENANT_NET=10.10 PUBLIC_NET=198.18.0.0/20 ;;
	b) offset=10000 REGION=RegionB TENANT_NET=10.20 PUBLIC_NET=198.18.16.0/20 ;;
	esac
	KEYSTONE_PORT=$((5000 + offset)) GLANCE_PORT=$((9292 + offset)) PLACEMENT_PORT=$((8778 + offset))
	NOVA_PORT=$((8774 + offset)) NEUTRON_PORT=$((9696 + offset)) CINDER_PORT=$((8776 + offset))
	# One each: a keystone that found the other's tokens in its cache would honour them.
	MEMCACHED_PORT=$((21211 + offset))
	AUTH_URL=http://127.0.0.1:$KEYSTONE_PORT/v3
	DATABASE=mysql+pymysql://testbed:$PASSWORD@127.0.0.1:$DATABASE_PORT/$CLOUD
	export DIR ETC CLOUD REGION TENANT_NET PUBLIC_NET KEYSTONE_PORT GLANCE_PORT PLACEMENT_PORT NOVA_PORT NEUTRON_PORT \
		CINDER_PORT MEMCACHED_PORT AUTH_URL DATABASE
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

# A pid file holds "pid starttime", and counts only while that very process lives: a stale file must never make us
# signal a stranger. Names prove nothing, as several of the daemons overwrite theirs.
start_time() {
	local stat fields
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	read -ra fields <<<"${stat##*) }" # The name before it may hold blanks.
	echo "${fields[19]}"
}

pid_of() { # pid_of NAME
	local pid started
	[ -s "$PIDS/$1.pid" ] || return 1
	read -r pid started <"$PIDS/$1.pid"
	[ "$(start_time "$pid")" = "$started" ] || return 1
	echo "$pid"
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start() { # start NAME PORT|- COMMAND...
	local name=$1 port=$2
	shift 2
	! pid_of "$name" >/dev/null || return 0
	[ "$port" = - ] || ! listening "$port" || die "$(basename "$DIR"): $name: something else listens on port $port"
	# A session of its own, so that its children can be signalled with it; without our lock, which would outlive us.
	setsid "$@" >>"$LOGS/$name.log" 2>&1 </dev/null 9>&- &
	echo "$! $(start_time $!)" >"$PIDS/$name.pid"
}

stop() { # stop NAME
	local pid
	if pid=$(pid_of "$1"); then
		kill -TERM -- "-$pid" 2>/dev/null
		for _ in {1..120}; do
			kill -0 -- "-$pid" 2>/dev/null || break
			sleep .25
		done
		kill -KILL -- "-$pid" 2>/dev/null
	fi
	rm -f "$PIDS/$1.pid"
}

wait_for() { # wait_for NAME SECONDS COMMAND...: until the command succeeds, as long as the process of that name lives
	local name=$1 deadline=$((SECONDS + $2))
	shift 2
	until "$@" >/dev/null 2>&1; do
		pid_of "$name" >/dev/null || die "$(basename "$DIR"): $name has ended" "$LOGS/$name.log"
		[ $SECONDS -lt $deadline ] || die "$(basename "$DIR"): $name does not answer" "$LOGS/$name.log"
		sleep .5
	done
}
