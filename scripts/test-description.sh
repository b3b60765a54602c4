#!/usr/bin/env bash
# Validates data/datapackage.json and the output of `netflix describe` for CSVs (default: those of Fuzz/corpus/describe and data/) with
# frictionless, an independent implementation from PyPI. Uses the frictionless on the PATH, or installs it into .build/frictionless once,
# which takes a minute.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

frictionless=$(command -v frictionless || true)
if [[ -z $frictionless ]]; then
  scripts/python-environment.sh .build/frictionless Tests/frictionless/requirements.txt
  frictionless=.build/frictionless/bin/frictionless
fi
netflix=${NETFLIX_PROGRAMS:-.build/debug}/netflix
csvs=("$@")
((${#csvs[@]})) || csvs=(Fuzz/corpus/describe/*.csv data/*.csv)

scratch=$(mktemp -d "${TMPDIR:-/tmp}/netflix-describe.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

"$frictionless" validate data/datapackage.json >"$scratch/log" || { cat "$scratch/log"; exit 1; }
echo 'valid: data/datapackage.json'
for csv in "${csvs[@]}"; do
  cp "$csv" "$scratch/"
  "$netflix" describe "$csv" >"$scratch/datapackage.json" 2>"$scratch/notes"
  "$frictionless" validate "$scratch/datapackage.json" >"$scratch/log" || { cat "$scratch/datapackage.json" "$scratch/log"; exit 1; }
  echo "valid: the description of $csv"
done
