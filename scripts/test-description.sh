#!/usr/bin/env bash
# Has an outside judge – frictionless, of PyPI – validate data/datapackage.json, and what `netflix describe` prints of the CSVs it is given
# (default: those of Fuzz/corpus/describe). Takes frictionless from the PATH, else installs it into .build/frictionless once (a minute).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

judge=$(command -v frictionless || true)
if [[ -z $judge ]]; then
  scripts/python-environment.sh .build/frictionless Tests/frictionless/requirements.txt
  judge=.build/frictionless/bin/frictionless
fi
netflix=${NETFLIX_PROGRAMS:-.build/debug}/netflix
csvs=("$@")
((${#csvs[@]})) || csvs=(Fuzz/corpus/describe/*.csv data/*.csv)

scratch=$(mktemp -d "${TMPDIR:-/tmp}/netflix-describe.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

"$judge" validate data/datapackage.json >"$scratch/log" || { cat "$scratch/log"; exit 1; }
echo 'valid: data/datapackage.json'
for csv in "${csvs[@]}"; do
  cp "$csv" "$scratch/"
  "$netflix" describe "$csv" >"$scratch/datapackage.json" 2>"$scratch/notes"
  "$judge" validate "$scratch/datapackage.json" >"$scratch/log" || { cat "$scratch/datapackage.json" "$scratch/log"; exit 1; }
  echo "valid: the description of $csv"
done
