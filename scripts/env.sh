#!/usr/bin/env bash
# Writes .env for docker compose, with random secrets; a file that is there stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -e .env ]]; then echo '.env is there already; nothing changed' >&2; exit 0; fi
random() { head -c "$1" /dev/urandom | base64 -w0 | tr '+/' '-_'; } # also fit for a URL
umask 077
sed -e "s|^#\(AIRFLOW_ADMIN_PASSWORD\)=.*|\1=$(random 12)|" \
  -e "s|^#\(AIRFLOW_DB_PASSWORD\)=.*|\1=$(random 18)|" \
  -e "s|^#\(AIRFLOW_FERNET_KEY\)=.*|\1=$(random 32)|" \
  -e "s|^#\(AIRFLOW_SECRET_KEY\)=.*|\1=$(random 32)|" \
  -e "s|^#\(AIRFLOW_JWT_SECRET\)=.*|\1=$(random 64)|" .env.example >.env
echo "wrote .env; Airflow's user is admin, its password: $(sed -n 's/^AIRFLOW_ADMIN_PASSWORD=//p' .env)"
