#!/usr/bin/env bash
# Compares 'netflix forecast' with statsmodels on published series: likelihoods, forecasts and standard errors.
# The first run creates a Python environment in .build/statsmodels (or $STATSMODELS_VENV), which takes a minute and 400 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${NETFLIX_PROGRAMS:-.build/debug}/netflix
[[ -x $program ]] || { echo "$program does not exist; run: make build" >&2; exit 69; }

venv=${STATSMODELS_VENV:-$PWD/.build/statsmodels}
scripts/python-environment.sh "$venv" Tests/statsmodels/requirements.txt
exec "$venv/bin/python" Tests/statsmodels/compare.py "$program"
