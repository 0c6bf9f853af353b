# shellcheck shell=bash
# Debian's packages: what is there, and how what is missing gets there without starting anything.

installed() { # installed PACKAGE
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

not_installed() { # not_installed PACKAGE...
	local package
	for package in "$@"; do
		installed "$package" || echo "$package"
	done
}

# apt_get does not ask, and waits for who else installs something.
apt_get() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=1800 "$@"
}

# Nothing may start on its own while it is installed. Undone when the subshell that called it ends.
forbid_services() {
	[ ! -e /usr/sbin/policy-rc.d ] || return 0
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
}

apt_install() ( # apt_install PACKAGE...: in a subshell, for forbid_services
	forbid_services &&
		apt_get -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold install "$@"
)
