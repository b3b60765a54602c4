#!/usr/bin/env bash
# Builds everything in release mode and measures it. Usage: bench.sh [OPTIONS]; bench.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/quiet-build.sh release
# The loop that the latency is compared with.
if [[ $* != *--only* || $* == *latency* ]]; then scripts/python-environment.sh .build/latency-loop Benchmarks/requirements.txt; fi
exec .build/release/Benchmarks "$@"
