#!/usr/bin/env bash
# Creates a Python environment, or updates it if its requirements have changed.
# Arguments: directory, requirements file, constraints file for pip (optional).
set -euo pipefail

environment=$1 requirements=$2 constraints=${3:-/dev/null}
wanted=$(cat "$requirements" "$constraints" | sha256sum)
[[ $(cat "$environment/requirements" 2>/dev/null || true) == "$wanted" ]] && exit 0

python3 -c 'import ensurepip' 2>/dev/null || "$(dirname "${BASH_SOURCE[0]}")/install-deps.sh" python3 python3-venv
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -c "$constraints" -r "$requirements"
PYTHONDONTWRITEBYTECODE='' "$environment/bin/python" -m compileall -q "$environment/lib" >/dev/null || true # halves the start time
echo "$wanted" >"$environment/requirements"
