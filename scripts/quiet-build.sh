#!/usr/bin/env bash
# Builds the programs and shows the output of the compiler only if it fails. Usage: quiet-build.sh debug|release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

configuration=${1:-debug}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
[[ -t 2 ]] && printf 'Building (the first build takes some minutes) ...' >&2
# shellcheck disable=SC2086  # several arguments
if ! swift build -c "$configuration" ${CHECKS:-} >"$log" 2>&1; then
  printf '\n' >&2
  grep -E 'error:|warning: unre' "$log" >&2 || tail -30 "$log" >&2
  exit 70
fi
[[ -t 2 ]] && printf '\r\033[K' >&2
exit 0
