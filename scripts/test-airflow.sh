#!/usr/bin/env bash
# Lints and tests airflow/: the DAG, the NiFi client, and runs of the DAG from end to end.
# It makes a Python environment in .venv (or $AIRFLOW_VENV) once: two minutes, 350 MB. Arguments go to pytest.
#
# Tests that need one of these are skipped by name without it:
#   NIFI_DOUBLE               a program that behaves like NiFi over REST: double.py --port 0 --data DIR --log FILE
#   KAFKA_BOOTSTRAP_SERVERS   a real Kafka broker
#   DATABASE_URL              a Postgres server in which databases may be made
#   NETFLIX_PROGRAMS          the folder of the built programs (default: .build/debug, if they are there)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=${AIRFLOW_VENV:-$PWD/.venv}
wanted=$(cat airflow/requirements-test.txt airflow/constraints.txt | sha256sum | cut -c1-16)
if [[ $(cat "$venv/requirements" 2>/dev/null || true) != "$wanted" ]]; then
  python=$(command -v python3.13 || command -v python3.12 || command -v python3) || { echo 'Python 3 is not installed' >&2; exit 69; }
  "$python" -m venv "$venv" || { echo "no Python environment could be made: is python3-venv installed?" >&2; exit 69; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -c airflow/constraints.txt -r airflow/requirements-test.txt
  PYTHONDONTWRITEBYTECODE='' "$venv/bin/python" -m compileall -q "$venv/lib" >/dev/null || true # starts in half the time
  echo "$wanted" >"$venv/requirements"
fi

if [[ -z ${NETFLIX_PROGRAMS:-} && -x .build/debug/netflix-consumer ]]; then export NETFLIX_PROGRAMS=$PWD/.build/debug; fi

(cd airflow && "$venv/bin/ruff" check . && "$venv/bin/ruff" format --check .)
exec "$venv/bin/python" -m pytest -c airflow/pytest.ini --rootdir airflow -p no:cacheprovider -q "$@"
