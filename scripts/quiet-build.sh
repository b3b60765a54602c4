#!/usr/bin/env bash
# Runs a command that builds, and shows its output only if it fails. Usage: quiet-build.sh COMMAND…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
[[ -t 2 ]] && printf 'Building (the first build takes some minutes) ...' >&2
if ! "$@" >"$log" 2>&1; then
  printf '\n' >&2
  grep -E 'error:|warning: unre' "$log" >&2 || tail -30 "$log" >&2
  exit 70
fi
[[ -t 2 ]] && printf '\r\033[K' >&2
exit 0
