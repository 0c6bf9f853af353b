#!/usr/bin/env bash
# Prints the memory of what up.sh started, in MiB: PSS counts a page that processes share once.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

for part in shared a b; do
	use "$part"
	for file in "$PIDS"/*.pid; do
		session=$(pid_of "$(basename "$file" .pid)") || continue
		for pid in $(ps -o pid= -s "$session"); do
			awk -v part="$part" '/^Rss:/ { rss = $2 } /^Pss:/ { pss = $2 } END { print part, rss, pss }' \
				"/proc/$pid/smaps_rollup"
		done
	done
done | awk '
	{ count[$1]++; rss[$1] += $2; pss[$1] += $3; count["all"]++; rss["all"] += $2; pss["all"] += $3 }
	END { for (p in count) printf "%-7s %3d processes, PSS %5d MiB, RSS %5d MiB\n", p, count[p], pss[p] / 1024, rss[p] / 1024 }' |
	sort
