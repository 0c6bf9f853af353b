#!/usr/bin/env bash
# Fails if `make TARGET` changes anything below FOLDER: drift.sh TARGET FOLDER
# It compares contents before and after, so that it says the same in a clean clone and amid somebody's work.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 folder=$2

contents() {
	[ ! -d "$folder" ] || find "$folder" -type f -exec sha256sum {} + | LC_ALL=C sort -k 2
}

before=$(contents)
make "$target"
after=$(contents)
[ "$before" != "$after" ] || exit 0

{
	echo "These files were not what \`make $target\` makes of their sources:"
	comm -3 <(echo "$before" | LC_ALL=C sort) <(echo "$after" | LC_ALL=C sort) | awk 'NF { print "  " $NF }' | LC_ALL=C sort -u
	echo "They are now. Look at the difference, and commit it together with the sources."
} >&2
exit 1
