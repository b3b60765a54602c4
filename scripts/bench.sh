#!/usr/bin/env bash
# Builds the programs as make install does, and measures them. Usage: bench.sh [OPTIONS]; bench.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/quiet-build.sh scripts/install.sh build Benchmarks
# The loop that the latency is compared with.
if [[ $* != *--only* || $* == *latency* ]]; then scripts/python-environment.sh .build/latency-loop Benchmarks/requirements.txt; fi
exec .build/static/release/Benchmarks "$@"
