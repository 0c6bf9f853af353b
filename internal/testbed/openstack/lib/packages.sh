# shellcheck shell=bash
# Debian's packages. Sourced by up.sh.

# python3-fixtures is for nova's fake driver, python3-zstd for cinder's backups, dmidecode for what os-brick asks of the
# machine. Only libraries and programs: of MariaDB the part without a service.
PACKAGES="python3-keystone python3-glance python3-placement python3-nova python3-neutron python3-cinder
	python3-openstackclient python3-pymysql python3-memcache python3-pymemcache python3-zstd python3-fixtures
	mariadb-server-core mariadb-client rabbitmq-server memcached uwsgi-core uwsgi-plugin-python3
	qemu-utils dmidecode curl procps"

# The packages that make services of the libraries are unpacked for their paste.ini, not installed: they would add
# users, units for systemd, and questions.
UNPACKED="glance-common nova-common neutron-common cinder-common"

# Nothing may start on its own while it is installed.
forbid_services() {
	[ ! -e /usr/sbin/policy-rc.d ] || return 0
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

install_packages() {
	local package missing=() packed=() log=$STATE/apt.log
	for package in $PACKAGES; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
	done
	for package in $UNPACKED; do
		[ -e "$STATE/unpacked/.$package" ] || packed+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || [ ${#packed[@]} -gt 0 ] || return 0
	say "installing ${#missing[@]} packages and what they need"
	(
		local apt=(apt-get -q -o DPkg::Lock::Timeout=1800)
		export DEBIAN_FRONTEND=noninteractive
		exec >"$log" 2>&1 </dev/null
		# A source of the machine's own that does not answer need not matter: the install says whether it does.
		"${apt[@]}" update || true
		if [ ${#missing[@]} -gt 0 ]; then
			forbid_services
			"${apt[@]}" -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold \
				install "${missing[@]}" || exit 1
		fi
		for package in "${packed[@]}"; do
			mkdir -p "$STATE/unpacked/debs" && cd "$STATE/unpacked/debs" && "${apt[@]}" download "$package" &&
				dpkg-deb -x "$package"_*.deb .. && touch "../.$package" || exit 1
		done
		rm -rf "$STATE/unpacked/debs"
	) || die "Debian's packages could not be installed" "$log"
}
