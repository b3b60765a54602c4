#!/usr/bin/env bash
# Exits 0 if http://127.0.0.1:PORT/healthz responds with 200. Needs only bash, because the image has no curl. Argument: PORT.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/${1:?usage: healthcheck PORT}"
printf 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 4 status_line <&3
[[ $status_line == 'HTTP/1.'?' 200'* ]]
