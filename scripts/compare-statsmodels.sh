#!/usr/bin/env bash
# Holds 'netflix forecast' against statsmodels on published series: likelihoods, forecasts, standard errors, side by side.
# It makes a Python environment in .build/statsmodels (or $STATSMODELS_VENV) once: a minute, 400 MB.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${NETFLIX_PROGRAMS:-.build/debug}/netflix
[[ -x $program ]] || { echo "$program is not there: make build" >&2; exit 69; }

venv=${STATSMODELS_VENV:-$PWD/.build/statsmodels}
wanted=$(sha256sum <Tests/statsmodels/requirements.txt)
if [[ $(cat "$venv/requirements" 2>/dev/null || true) != "$wanted" ]]; then
  python3 -m venv "$venv" || { echo 'no Python environment could be made: is python3-venv installed?' >&2; exit 69; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/statsmodels/requirements.txt
  echo "$wanted" >"$venv/requirements"
fi
exec "$venv/bin/python" Tests/statsmodels/compare.py "$program"
