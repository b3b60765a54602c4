#!/usr/bin/env bash
# Builds the programs as make install does, and measures them. Usage: bench.sh [OPTIONS]; bench.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/quiet-build.sh scripts/install.sh build Benchmarks
exec .build/static/release/Benchmarks "$@"
