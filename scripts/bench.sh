#!/usr/bin/env bash
# Builds everything optimised and measures it.  bench.sh [OPTIONS of Benchmarks]; bench.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/quiet-build.sh release
exec .build/release/Benchmarks "$@"
