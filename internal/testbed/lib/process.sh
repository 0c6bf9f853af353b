# shellcheck shell=bash
# How processes are started and stopped. Works on the part of a testbed that `part` named.

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

stop() { # stop NAME [SIGNAL]
	local pid
	if pid=$(pid_of "$1"); then
		kill "-${2:-TERM}" -- "-$pid" 2>/dev/null || true
		for _ in {1..120}; do
			kill -0 -- "-$pid" 2>/dev/null || break
			sleep .25
		done
		kill -KILL -- "-$pid" 2>/dev/null || true
	fi
	rm -f "$PIDS/$1.pid"
}

stop_all() { # All of a part at once: each takes its time.
	local file
	for file in "$PIDS"/*.pid; do
		[ ! -e "$file" ] || stop "$(basename "$file" .pid)" &
	done
	wait
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

# at_once runs the function with each argument, side by side, and sets FAILED if one of them fails. It returns that
# nowhere: a caller that asked for it would switch off `set -e` in all of them. at_once FUNCTION ARGUMENT...
# shellcheck disable=SC2034 # Who sources this uses FAILED.
at_once() {
	local argument pid
	AT_ONCE=() FAILED=
	trap 'kill "${AT_ONCE[@]}" 2>/dev/null' EXIT # Who ends this must not have it go on in the background.
	for argument in "${@:2}"; do
		("$1" "$argument") &
		AT_ONCE+=($!)
	done
	for pid in "${AT_ONCE[@]}"; do
		wait "$pid" || FAILED=1
	done
	trap - EXIT
}

print_memory() { # print_memory PART...: of what runs, in MiB: PSS counts a page that processes share once
	local name file session pid
	for name in "$@"; do
		part "$name"
		for file in "$PIDS"/*.pid; do
			session=$(pid_of "$(basename "$file" .pid)") || continue
			for pid in $(ps -o pid= -s "$session" --ppid "$session"); do # PostgreSQL's children leave its session.
				awk -v part="$name" '/^Rss:/ { rss = $2 } /^Pss:/ { pss = $2 } END { print part, rss, pss }' \
					"/proc/$pid/smaps_rollup"
			done
		done
	done | awk '
		{ count[$1]++; rss[$1] += $2; pss[$1] += $3; count["all"]++; rss["all"] += $2; pss["all"] += $3 }
		END { for (p in count) printf "%-7s %3d processes, PSS %5d MiB, RSS %5d MiB\n", p, count[p], pss[p] / 1024, rss[p] / 1024 }' |
		sort
}
