#!/usr/bin/env bash
# Installs the system packages that are missing (Debian 12 and 13, Ubuntu 24.04; as root or with sudo), and looks at Swift.
# Says nothing where nothing is to be done, and changes nothing but those packages. Further packages can be named: packages.sh shellcheck
set -euo pipefail

# What the programs link or call, and what their tests drive.
packages=(pkg-config librdkafka-dev libpq-dev postgresql libsqlite3-dev libmicrohttpd-dev gnuplot-nox fonts-dejavu-core libjs-chart.js "$@")
needed_swift=6.3

say() { printf '%s\n' "$*" >&2; }

swift_is_there() {
  if ! command -v swift >/dev/null; then
    say "Swift is not installed (or not on the PATH). This project needs Swift $needed_swift or later."
    say "Get it from https://www.swift.org/install/linux/ – with swiftly: curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz"
    return 1
  fi
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -1)
  if [[ $(printf '%s\n' "$needed_swift" "${version:-0}" | sort -V | head -1) != "$needed_swift" ]]; then
    say "Swift ${version:-of an unknown version} is too old: this project needs $needed_swift or later (https://www.swift.org/install/linux/)."
    return 1
  fi
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    # pkgconf has it under another name.
    [[ $package == pkg-config ]] && command -v pkg-config >/dev/null && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

elsewhere() {
  say "This system is not one of Debian 12, Debian 13 and Ubuntu 24.04: nothing is installed by this script here."
  say "Install these by hand, with their headers, then run the command again with PACKAGES=skip:"
  say "  pkg-config; librdkafka 2.0.2 or later; libpq and a Postgres server 13 or later (initdb, postgres, psql);"
  say "  SQLite 3; GNU libmicrohttpd; gnuplot with pngcairo; the DejaVu fonts; Chart.js (Debian's libjs-chart.js)"
  [[ $(uname) == Darwin ]] && say "The programs are built for Linux; on a Mac use the containers: docker compose up"
  exit 69
}

swift_is_there || exit 69
[[ ${PACKAGES:-} == skip ]] && exit 0

mapfile -t missing < <(missing_packages)
((${#missing[@]})) || exit 0

distribution=$(. /etc/os-release 2>/dev/null; echo "${ID:-} ${VERSION_ID:-}")
case $distribution in
'debian 12' | 'debian 13' | 'ubuntu 24.04') ;;
*) elsewhere ;;
esac

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    say "These packages are missing, and this is neither root nor is there sudo. As root:"
    say "  apt-get install --no-install-recommends ${missing[*]}"
    exit 77
  fi
  as_root=(sudo)
fi

say "Installing: ${missing[*]}"
if [[ " ${missing[*]} " == *' postgresql '* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
  # Or the package would start a server of the system's on 5432; the demo and the tests start their own.
  "${as_root[@]}" mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" -q -y >"$log" 2>&1
}
# The first try spares the update; lists that are missing or old need it.
if ! install install --no-install-recommends "${missing[@]}"; then
  if ! install update || ! install install --no-install-recommends "${missing[@]}"; then
    tail -20 "$log" >&2
    say "apt-get could not install them (its words above)."
    exit 69
  fi
fi
