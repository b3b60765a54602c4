#!/usr/bin/env bash
# Inside an image's build stage: builds the programs with Swift's runtime linked in, and puts them and their resources into PREFIX/bin.
set -euo pipefail
prefix=${1:?the folder to install into}

for program in netflix netflix-producer netflix-consumer; do
  swift build -c release --static-swift-stdlib -Xlinker -s --product "$program"
done
out=$(swift build -c release --show-bin-path)
install -d "$prefix/bin"
install -m 755 "$out"/netflix "$out"/netflix-producer "$out"/netflix-consumer "$prefix/bin/"
for bundle in "$out"/*.resources; do
  if [[ -d $bundle && $bundle != *Tests.resources ]]; then cp -r "$bundle" "$prefix/bin/"; fi # found beside the program
done
