#!/usr/bin/env bash
# Exit 0 if http://127.0.0.1:PORT/healthz answers 200. Needs nothing but bash: the image has no curl.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/${1:?a port}"
printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 4 answer <&3
[[ $answer == 'HTTP/1.'?' 200'* ]]
