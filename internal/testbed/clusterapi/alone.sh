#!/bin/sh
# Runs a program in a network of its own, in which there is nothing but loopback: alone.sh PROGRAM [ARGUMENT...]
# It is for `go test -exec`. The program takes the place of this process: it gets the signals and gives the status.
set -eu
PATH=$PATH:/usr/sbin:/sbin
root=
[ "$(id -u)" = 0 ] || root=--map-root-user # Else nobody may make a network.
# shellcheck disable=SC2016 # It is for the other shell.
exec unshare --net $root -- sh -c 'ip link set lo up && exec "$@"' alone.sh "$@"
