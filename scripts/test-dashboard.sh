#!/usr/bin/env bash
# Tests the dashboard in headless Chromium: each selection, the forecast, live rows, keyboard, axe-core, two widths, dark and light.
# It makes a Python environment in .build/browser (or $BROWSER_VENV) once: half a minute, 150 MB; Chromium is the distribution's package.
# Arguments go to pytest. Screenshots for people are in .build/browser/screenshots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${NETFLIX_PROGRAMS:-.build/debug}/netflix
[[ -x $program ]] || { echo "$program is not there: make build" >&2; exit 69; }

if [[ ! -x ${CHROMIUM:-/usr/bin/chromium} ]]; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null ||
    { "${as_root[@]}" apt-get -qq update && "${as_root[@]}" apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; } ||
    { echo 'Chromium is not installed, and apt-get could not install it: give its path in CHROMIUM' >&2; exit 69; }
fi

venv=${BROWSER_VENV:-$PWD/.build/browser/venv}
wanted=$(sha256sum <Tests/Browser/requirements.txt)
if [[ $(cat "$venv/requirements" 2>/dev/null || true) != "$wanted" ]]; then
  python3 -m venv "$venv" || { echo 'no Python environment could be made: is python3-venv installed?' >&2; exit 69; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r Tests/Browser/requirements.txt
  echo "$wanted" >"$venv/requirements"
fi
exec "$venv/bin/python" -m pytest -p no:cacheprovider -q Tests/Browser "$@"
