# shellcheck shell=bash
# What all testbeds share: whose programs they run, where their state is, what they say, and that only one up.sh or
# down.sh works on it at a time.

# A Python of the user's own (pyenv, a virtual environment) has none of Debian's libraries; the same goes for the others.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV PERL5LIB PERL5OPT RUBYLIB RUBYOPT GEM_HOME GEM_PATH BUNDLE_GEMFILE
# A proxy is for apt only; the daemons talk to one another.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost

state_folder() { # state_folder TESTBED
	STATE=${VDAM_TESTBED_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vdam-testbed}/$1
	mkdir -p "$STATE"
	STATE=$(cd "$STATE" && pwd)
}

# part names the part of a testbed that the functions work on: part NAME
# shellcheck disable=SC2034 # Who sources this uses them.
part() {
	DIR=$STATE/$1 PIDS=$STATE/$1/pid LOGS=$STATE/$1/log
}

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

root_on_debian_12() { # root_on_debian_12 WHAT: what other releases have another version of
	[ "$(id -u)" = 0 ] || die "up.sh installs Debian packages, so it has to be root"
	grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release || die "up.sh needs Debian 12: other releases have another $1"
}

# The lock is file descriptor 9, which no daemon may inherit.
lock() {
	exec 9>"$STATE/.lock"
	flock -n 9 || {
		say "waiting for another up.sh or down.sh"
		flock -w 1800 9 || die "another up.sh or down.sh does not end"
	}
}
