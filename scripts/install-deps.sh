#!/usr/bin/env bash
# Installs the missing system packages (Debian 12 and 13, Ubuntu 24.04; as root or with sudo) and checks the Swift toolchain.
# If nothing is missing, it prints nothing and changes nothing. Arguments: further packages, as in: install-deps.sh shellcheck
# PACKAGES=skip only checks Swift.
set -euo pipefail

# Libraries and programs that the programs link or call, and that the tests use.
packages=(pkg-config librdkafka-dev libpq-dev postgresql libsqlite3-dev libmicrohttpd-dev gnuplot-nox fonts-dejavu-core libjs-chart.js "$@")
needed_swift=6.3
swift_page=https://www.swift.org/install/linux/

say() { printf '%s\n' "$*" >&2; }

# shellcheck source=/dev/null
distribution=$(. /etc/os-release 2>/dev/null; echo "${ID:-} ${VERSION_ID:-}")
case $distribution in
'debian 12') libstdcxx=libstdc++-12-dev ;;
'debian 13') libstdcxx=libstdc++-14-dev ;;
'ubuntu 24.04') libstdcxx=libstdc++-13-dev ;;
*) libstdcxx= ;; # not supported by this script
esac

# Prints the directory of a swift that is installed, but not on the PATH.
find_swift() {
  local home homes=("${HOME:-}") candidate
  [[ -n ${SUDO_USER:-} ]] && homes+=("$(getent passwd "$SUDO_USER" | cut -d: -f6)")
  for home in "${homes[@]}"; do
    [[ -n $home ]] || continue
    for candidate in "$home"/.local/share/swiftly/bin "$home"/.swiftly/bin "$home"/swift*/usr/bin; do
      [[ -x $candidate/swift ]] && echo "$candidate" && return
    done
  done
  for candidate in /usr/local/bin /usr/local/swift*/usr/bin /opt/swift*/usr/bin /opt/swift*/bin /usr/share/swift*/usr/bin; do
    [[ -x $candidate/swift ]] && echo "$candidate" && return
  done
  return 1
}

check_swift_is_on_path() {
  local directory
  command -v swift >/dev/null && return
  if directory=$(find_swift); then
    if [[ -n ${SUDO_USER:-} ]]; then
      say "Swift is in $directory, but not on the PATH: sudo has reset it."
      say "Run the command without sudo (only apt-get is then run with sudo), or keep the PATH:"
      say "  sudo env PATH=$directory:\$PATH make demo"
    else
      say "Swift is in $directory, but not on the PATH. Add it:"
      say "  export PATH=$directory:\$PATH"
    fi
  else
    say "Swift is not installed, or not on the PATH ($PATH). This project needs Swift $needed_swift or later."
    say "Install it from $swift_page, for example with swiftly:"
    say "  curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz"
  fi
  exit 69
}

swift_output='' version=''
read_swift_version() {
  swift_output=$(swift --version 2>&1) || true
  version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$swift_output" | head -1)
}

# The shared libraries that a toolchain from swift.org loads, and that a minimal system lacks.
package_of_library() {
  case $1 in
  libncurses.so.6) echo libncurses6 ;;
  libtinfo.so.6) echo libtinfo6 ;;
  libcurl.so.4) echo libcurl4 ;;
  libxml2.so.2) echo libxml2 ;;
  libedit.so.2) echo libedit2 ;;
  libz3.so.4) echo libz3-4 ;;
  libsqlite3.so.0) echo libsqlite3-0 ;;
  esac
}

check_swift_version() {
  local library package installed=
  while read_swift_version && [[ -z $version ]]; do
    library=$(sed -n 's/.*error while loading shared libraries: \([^:]*\):.*/\1/p' <<<"$swift_output" | head -1)
    package=$(package_of_library "$library")
    if [[ -z $package || $package == "$installed" || ${PACKAGES:-} == skip || -z $libstdcxx ]]; then
      say "'swift --version' ($(command -v swift)) prints no version, but:"
      say "${swift_output:-nothing}"
      say "Install what Swift needs on this system: $swift_page"
      [[ -z $package || -z $libstdcxx ]] || say "  apt-get install --no-install-recommends $package"
      exit 69
    fi
    install_packages "$package"
    installed=$package
  done
  if [[ $(printf '%s\n' "$needed_swift" "$version" | sort -V | head -1) != "$needed_swift" ]]; then
    say "Swift $version is too old: this project needs $needed_swift or later ($swift_page)."
    exit 69
  fi
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    # Another package, pkgconf, also provides this program.
    [[ $package == pkg-config ]] && command -v pkg-config >/dev/null && continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
  # swiftc links with these. Without them it reports "posix_spawn failed" or missing headers.
  command -v ld >/dev/null || echo binutils
  compgen -G '/usr/lib/gcc/*/*/crtbeginS.o' >/dev/null || echo gcc
  [[ -e /usr/include/features.h ]] || echo libc6-dev
  compgen -G '/usr/include/c++/*/vector' >/dev/null || echo "$libstdcxx"
}

unsupported_system() {
  say "This script installs packages only on Debian 12, Debian 13 and Ubuntu 24.04."
  say "Install these manually, with their headers, then run the command again with PACKAGES=skip:"
  say "  a C compiler and linker; pkg-config; librdkafka 2.0.2 or later; libpq and a Postgres server 13 or later"
  say "  (initdb, postgres, psql); SQLite 3; GNU libmicrohttpd; gnuplot with pngcairo; the DejaVu fonts;"
  say "  Chart.js (Debian's libjs-chart.js)"
  [[ $(uname) == Darwin ]] && say "The programs are built for Linux. On a Mac use the containers: docker compose up"
  exit 69
}

as_root=()
# Run once; prints what root has to run if this user cannot become root.
become_root() { # packages
  ((EUID == 0 || ${#as_root[@]})) && return
  local reason='sudo is not installed'
  if command -v sudo >/dev/null; then
    sudo -v && as_root=(sudo) && return
    reason='sudo refused'
  fi
  say "Packages are missing, and this user is not root ($reason). Run as root:"
  say "  apt-get install --no-install-recommends $*"
  exit 77
}

apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@" -q -y >"$log" 2>&1; }

install_packages() {
  become_root "$@"
  say "Installing: $*"
  if [[ " $* " == *' postgresql '* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    # Otherwise the package starts a server on port 5432. The demo and the tests start their own.
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  # The first attempt skips the update, which is needed only if the package lists are missing or old.
  apt_get install --no-install-recommends "$@" && return
  apt_get update && apt_get install --no-install-recommends "$@" && return
  tail -20 "$log" >&2
  say "apt-get failed (its output is above). Fix the cause, then run as root:"
  say "  apt-get update && apt-get install --no-install-recommends $*"
  exit 69
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

check_swift_is_on_path
check_swift_version
[[ ${PACKAGES:-} == skip ]] && exit 0

mapfile -t missing < <(missing_packages)
((${#missing[@]})) || exit 0
[[ -n $libstdcxx ]] || unsupported_system
install_packages "${missing[@]}"
