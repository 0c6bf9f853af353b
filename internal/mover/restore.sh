#!/usr/bin/env bash
# Restores a recovery point with age, zstd and jq alone, from a folder that is a copy of a vault: it shows that nothing else
# is needed, and is slow. restore.sh KEY-FILE FOLDER ID TARGET
set -euo pipefail
key=$1 vault=$2 id=$3 target=$4
source=${id%%-*}

plain() { age -d -i "$key" "$1" | zstd -dcq; }

blob() { plain "$vault/blobs/$source/${1:0:2}/$1"; }

point=$(plain "$vault"/points/"$id".*.age)
block_size=$(jq .block_size <<<"$point")
: >"$target"
truncate -s "$(jq .size <<<"$point")" "$target"
while read -r segment; do
	while read -r block sum name _; do
		blob "$name" >"$target.block"
		sha256sum --quiet -c <<<"$sum  $target.block"
		dd if="$target.block" of="$target" bs="$block_size" seek="$block" conv=notrunc status=none
	done < <(blob "$segment")
done < <(jq -r '.segments[].blob' <<<"$point")
rm -f "$target.block"
sum=$(jq -r '.sha256 // ""' <<<"$point")
[ -z "$sum" ] || sha256sum --quiet -c <<<"$sum  $target"
