#!/usr/bin/env bash
# Tests airflow/: the DAG, the NiFi client, and runs of the DAG from end to end. Checks all Python files with ruff.
# The first run creates a Python environment in .venv (or $AIRFLOW_VENV), which takes two minutes and 450 MB. Arguments are passed to
# pytest, which runs in airflow/.
#
# Tests that need one of these variables are skipped without it, and the skip names it:
#   NIFI_DOUBLE               a program that behaves like the REST API of NiFi: double.py --port 0 --data DIR --log FILE [--https …]; SIGHUP restarts it
#   KAFKA_BOOTSTRAP_SERVERS   a real Kafka broker
#   DATABASE_URL              a Postgres server in which databases can be created
#   NETFLIX_PROGRAMS          the directory of the built programs (default: .build/debug, if they exist)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=${AIRFLOW_VENV:-$PWD/.venv}
scripts/python-environment.sh "$venv" airflow/requirements-test.txt airflow/constraints.txt

# The double publishes with kcat, and the UI is tested in Chromium.
if [[ -n ${KAFKA_BOOTSTRAP_SERVERS:-} ]]; then
  for package in kcat chromium; do command -v "$package" >/dev/null || scripts/install-deps.sh "$package"; done
fi
if [[ -z ${NETFLIX_PROGRAMS:-} && -x .build/debug/netflix-consumer ]]; then export NETFLIX_PROGRAMS=$PWD/.build/debug; fi

git ls-files -z '*.py' | xargs -0 "$venv/bin/ruff" check --quiet
cd airflow # pytest finds pytest.ini and the tests here
"$venv/bin/ruff" format --check .
exec "$venv/bin/python" -m pytest -p no:cacheprovider -q "$@"
