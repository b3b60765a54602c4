#!/usr/bin/env bash
# Tests the dashboard in headless Chromium: each selection, the forecast, live rows, keyboard, axe-core, two widths, dark and light; also
# behind nginx. If nginx is not installed, its package is unpacked into .build/browser, because installing it would start a server.
# The first run creates a Python environment in .build/browser (or $BROWSER_VENV), which takes half a minute and 150 MB. Chromium is the
# package of the distribution. Arguments are passed to pytest. Screenshots are written to .build/browser/screenshots.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${NETFLIX_PROGRAMS:-.build/debug}/netflix
[[ -x $program ]] || { echo "$program does not exist; run: make build" >&2; exit 69; }

[[ -x ${CHROMIUM:-/usr/bin/chromium} ]] || scripts/install-deps.sh chromium ||
  { echo 'Chromium is not installed, and apt-get could not install it. Set CHROMIUM to its path.' >&2; exit 69; }

venv=${BROWSER_VENV:-$PWD/.build/browser/venv}
scripts/python-environment.sh "$venv" Tests/Browser/requirements.txt

unpacked=.build/browser/nginx
find_nginx() {
  local candidate
  for candidate in "${NGINX:-}" "$(command -v nginx)" /usr/sbin/nginx $unpacked/usr/sbin/nginx; do
    [[ -n $candidate && -x $candidate ]] && realpath "$candidate" && return
  done
}
unpack_nginx() {
  mkdir -p $unpacked && cd $unpacked || return
  apt-get download -q nginx || { apt-get update -q && apt-get download -q nginx; } || return
  dpkg -x nginx_*.deb .
}
nginx=$(find_nginx) || { (unpack_nginx >&2) && nginx=$(find_nginx); } ||
  { echo 'nginx is not installed, and apt-get could not download it. Set NGINX to its path.' >&2; exit 69; }
export NGINX=$nginx
exec "$venv/bin/python" -m pytest -p no:cacheprovider -q Tests/Browser "$@"
