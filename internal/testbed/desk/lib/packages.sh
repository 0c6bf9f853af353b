# shellcheck shell=bash
# Debian's packages. Sourced by up.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/packages.sh"

packages_of() { # packages_of DESK
	case $1 in
	rt) echo request-tracker5 rt5-standalone starlet rt5-db-postgresql postgresql-15 ;;
	redmine) echo redmine redmine-sqlite ruby-sqlite3 puma ;;
	esac
	echo curl procps
	# A machine that has one of these keeps it: the package that goes without would take its place.
	installed dbconfig-mysql || installed dbconfig-pgsql || installed dbconfig-sqlite || installed dbconfig-sqlite3 ||
		echo dbconfig-no-thanks
	[ "$1" != rt ] || [ -x /usr/sbin/sendmail ] || echo msmtp-mta
}

# Where Ruby brings a newer Bundler than its package has, the newer one misses some of Debian's gems, and the
# installation of Redmine fails half-way.
bundler_version() {
	local version
	version=$(dpkg-query -W -f '${Version}' ruby-bundler 2>/dev/null) || version=
	[ -n "$version" ] || version=$(apt-cache show --no-all-versions ruby-bundler | sed -n 's/^Version: //p')
	echo "${version%%[-+~]*}"
}

# What the packages would do beside being there: make databases, send mail every hour, and run a PostgreSQL from the
# next boot on.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/vdam-testbed.conf
decline() {
	installed request-tracker5 || printf 'request-tracker5 request-tracker5/%s boolean false\n' install-cronjobs dbconfig-install
	installed redmine || echo 'redmine redmine/instances/default/dbconfig-install boolean false'
	installed postgresql-common || {
		mkdir -p "$(dirname "$NO_CLUSTER")"
		echo 'create_main_cluster = false' >"$NO_CLUSTER"
	}
}

install_packages() { # install_packages DESK...
	local desk missing=() log=$STATE/apt.log
	for desk in "$@"; do
		# shellcheck disable=SC2046 # It is a list.
		mapfile -t -O ${#missing[@]} missing < <(not_installed $(packages_of "$desk"))
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${#missing[@]} packages and what they need"
	(
		exec >"$log" 2>&1 </dev/null
		trap 'rm -f "$NO_CLUSTER"' EXIT
		# A source of the machine's own that does not answer need not matter: the install says whether it does.
		apt_get update || true
		decline | debconf-set-selections || exit 1
		BUNDLER_VERSION=$(bundler_version)
		export BUNDLER_VERSION
		apt_install --no-remove "${missing[@]}"
	) || die "Debian's packages could not be installed" "$log"
}
