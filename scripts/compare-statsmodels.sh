#!/usr/bin/env bash
# Holds 'netflix forecast' against statsmodels on published series: likelihoods, forecasts, standard errors, side by side.
# It makes a Python environment in .build/statsmodels (or $STATSMODELS_VENV) once: a minute, 400 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${NETFLIX_PROGRAMS:-.build/debug}/netflix
[[ -x $program ]] || { echo "$program is not there: make build" >&2; exit 69; }

venv=${STATSMODELS_VENV:-$PWD/.build/statsmodels}
scripts/python-environment.sh "$venv" Tests/statsmodels/requirements.txt
exec "$venv/bin/python" Tests/statsmodels/compare.py "$program"
