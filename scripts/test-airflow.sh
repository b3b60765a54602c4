#!/usr/bin/env bash
# Lints and tests airflow/: the DAG, the NiFi client, and runs of the DAG from end to end.
# It makes a Python environment in .venv (or $AIRFLOW_VENV) once: two minutes, 450 MB. Arguments go to pytest, which runs in airflow/.
#
# Tests that need one of these are skipped by name without it:
#   NIFI_DOUBLE               a program that behaves like NiFi over REST: double.py --port 0 --data DIR --log FILE [--https …]; SIGHUP restarts it
#   KAFKA_BOOTSTRAP_SERVERS   a real Kafka broker
#   DATABASE_URL              a Postgres server in which databases may be made
#   NETFLIX_PROGRAMS          the folder of the built programs (default: .build/debug, if they are there)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=${AIRFLOW_VENV:-$PWD/.venv}
scripts/python-environment.sh "$venv" airflow/requirements-test.txt airflow/constraints.txt

# The double publishes by kcat, and the UI is looked at in Chromium.
if [[ -n ${KAFKA_BOOTSTRAP_SERVERS:-} ]]; then
  for package in kcat chromium; do command -v "$package" >/dev/null || scripts/packages.sh "$package"; done
fi
if [[ -z ${NETFLIX_PROGRAMS:-} && -x .build/debug/netflix-consumer ]]; then export NETFLIX_PROGRAMS=$PWD/.build/debug; fi

cd airflow # pytest.ini is read, and the tests are looked for, from here on
"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
exec "$venv/bin/python" -m pytest -p no:cacheprovider -q "$@"
