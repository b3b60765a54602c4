#!/usr/bin/env bash
# The form of what is committed: Swift, shell and Python. ruff comes with .venv, which test-airflow.sh makes; without it that is left out, and said.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=0
stage() { printf '%s: ' "$1"; }
verdict() { if "$@"; then echo ok; else failed=1; fi; }

stage 'swift format'
verdict swift format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks

mapfile -t shell < <(git ls-files | while read -r file; do head -c 64 "$file" 2>/dev/null | head -1 | grep -aqE '^#!.*\b(ba)?sh\b' && echo "$file"; done)
stage 'bash -n'
verdict xargs -a <(printf '%s\n' "${shell[@]}") -n 1 bash -n

stage shellcheck
if command -v shellcheck >/dev/null; then verdict shellcheck -x "${shell[@]}"; else echo 'not installed, left out'; fi

mapfile -t python < <(git ls-files '*.py')
if ((${#python[@]})); then
  stage ruff
  ruff=$(command -v ruff || ls .venv/bin/ruff 2>/dev/null || true)
  if [[ -n $ruff ]]; then verdict "$ruff" check --quiet "${python[@]}"; else echo 'not installed, left out'; fi
fi
exit "$failed"
