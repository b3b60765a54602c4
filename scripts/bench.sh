#!/usr/bin/env bash
# Builds everything in release mode and measures it. Usage: bench.sh [OPTIONS]; bench.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/quiet-build.sh release
exec .build/release/Benchmarks "$@"
