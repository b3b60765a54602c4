#!/usr/bin/env bash
# Feeds rubbish to the parsers of Dataset by libFuzzer: scripts/fuzz.sh [SECONDS [TARGET…]]. Each target runs for SECONDS (default 60).
# The targets are the files of Fuzz/ except Support.swift. New corpus inputs are kept in .build/fuzz/TARGET; crashes are written beside it.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in Fuzz/*.swift; do
    name=$(basename "$file" .swift)
    [ "$name" = Support ] || targets+=("$name")
  done
fi

mapfile -t sources < <(find Sources/Dataset -name '*.swift' | sort)
mkdir -p .build/fuzz
swiftc -O -swift-version 6 -parse-as-library -module-name Support -package-name fuzz -sanitize=address -wmo \
  -emit-module -emit-module-path .build/fuzz/Support.swiftmodule -c Sources/Support/*.swift -o .build/fuzz/Support.o
for target in "${targets[@]}"; do
  corpus=.build/fuzz/$target
  mkdir -p "$corpus"
  echo "fuzz: building $target"
  swiftc -O -swift-version 6 -parse-as-library -module-name FuzzDataset -package-name fuzz -sanitize=fuzzer,address \
    -I .build/fuzz "${sources[@]}" Fuzz/Support.swift "Fuzz/$target.swift" .build/fuzz/Support.o -o ".build/fuzz/$target.run" \
    2> >(grep -v 'Cannot export local symbol' >&2)
  echo "fuzz: $target for $seconds s"
  # The Swift backtracer would wait for a terminal after a crash; libFuzzer prints its own report.
  SWIFT_BACKTRACE=enable=no ".build/fuzz/$target.run" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
    -dict=Fuzz/dataset.dict -artifact_prefix="$corpus-crash-" "$corpus" "Fuzz/corpus/$target" </dev/null 2>".build/fuzz/$target.log" || {
    tail -n 40 ".build/fuzz/$target.log"
    if compgen -G "$corpus-crash-*" >/dev/null; then
      echo "fuzz: $target crashed; the input is in $corpus-crash-*" >&2
    else
      echo "fuzz: $target was terminated early" >&2
    fi
    exit 1
  }
  grep -E 'stat::number_of_executed_units|stat::peak_rss_mb' ".build/fuzz/$target.log"
done
echo "fuzz: no crash found"
