# shellcheck shell=bash
# Debian's packages. Sourced by up.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/packages.sh"

# python3-fixtures is for nova's fake driver, python3-zstd for cinder's backups, dmidecode for what os-brick asks of the
# machine. Only libraries and programs: of MariaDB the part without a service.
PACKAGES="python3-keystone python3-glance python3-placement python3-nova python3-neutron python3-cinder python3-magnum
	python3-openstackclient python3-pymysql python3-memcache python3-pymemcache python3-zstd python3-fixtures
	mariadb-server-core mariadb-client rabbitmq-server memcached uwsgi-core uwsgi-plugin-python3
	qemu-utils dmidecode curl procps"

# The packages that make services of the libraries are unpacked for their paste.ini, not installed: they would add
# users, units for systemd, and questions.
UNPACKED="glance-common nova-common neutron-common cinder-common magnum-common"

install_packages() {
	local package missing packed=() log=$STATE/apt.log
	# shellcheck disable=SC2086 # It is a list.
	mapfile -t missing < <(not_installed $PACKAGES)
	for package in $UNPACKED; do
		[ -e "$STATE/unpacked/.$package" ] || packed+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || [ ${#packed[@]} -gt 0 ] || return 0
	say "installing ${#missing[@]} packages and what they need"
	(
		exec >"$log" 2>&1 </dev/null
		# A source of the machine's own that does not answer need not matter: the install says whether it does.
		apt_get update || true
		[ ${#missing[@]} = 0 ] || apt_install "${missing[@]}" || exit 1
		for package in "${packed[@]}"; do
			mkdir -p "$STATE/unpacked/debs" && cd "$STATE/unpacked/debs" && apt_get download "$package" &&
				dpkg-deb -x "$package"_*.deb .. && touch "../.$package" || exit 1
		done
		rm -rf "$STATE/unpacked/debs"
	) || die "Debian's packages could not be installed" "$log"
}
