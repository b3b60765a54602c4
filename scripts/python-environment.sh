#!/usr/bin/env bash
# Makes a Python environment, or makes it anew when its requirements changed. Arguments: its folder, its requirements, pip's constraints (optional).
set -euo pipefail

environment=$1 requirements=$2 constraints=${3:-/dev/null}
wanted=$(cat "$requirements" "$constraints" | sha256sum)
[[ $(cat "$environment/requirements" 2>/dev/null || true) == "$wanted" ]] && exit 0

python3 -c 'import ensurepip' 2>/dev/null || "$(dirname "${BASH_SOURCE[0]}")/packages.sh" python3 python3-venv
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -c "$constraints" -r "$requirements"
PYTHONDONTWRITEBYTECODE='' "$environment/bin/python" -m compileall -q "$environment/lib" >/dev/null || true # starts in half the time
echo "$wanted" >"$environment/requirements"
