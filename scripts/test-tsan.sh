#!/usr/bin/env bash
# Runs the suites that use threads with ThreadSanitizer: scripts/test-tsan.sh [SUITE…]. A race is printed with both stacks, and the run
# fails. It uses the embedded broker and a temporary Postgres, or KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL if they are set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suites=("$@")
((${#suites[@]})) || suites=(KafkaTests LandingTests HTTPTests DashboardTests)
scratch=.build/tsan

swift build --build-tests --sanitize=thread --scratch-path "$scratch"
clang -shared -fPIC -O1 -Wall -Wextra -Werror -o "$scratch/test-tsan.so" scripts/test-tsan.c

# The C libraries are not instrumented: their locks and threads are known, their accesses are not.
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66 ${TSAN_OPTIONS:-}"
# The tests' executable itself: the library is for no other program.
for suite in "${suites[@]}"; do filters+=(--filter "^$suite\\."); done
LD_PRELOAD=$PWD/$scratch/test-tsan.so "$scratch/debug/netflix-revenue-pipelinePackageTests.xctest" --testing-library swift-testing "${filters[@]}"
