#!/usr/bin/env bash
# Prints the memory of what up.sh started.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

print_memory shared a b
