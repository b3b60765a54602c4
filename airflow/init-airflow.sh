#!/usr/bin/env bash
# Before Airflow's servers start: its tables, and the user of its UI with the password that is wanted now. May be run again and again.
set -euo pipefail

airflow db migrate
# Made in one step when it is there already, in two when it is not: `create` leaves an existing user's password as it was.
airflow users reset-password --username="$AIRFLOW_ADMIN_USER" --password="$AIRFLOW_ADMIN_PASSWORD" ||
  airflow users create --username="$AIRFLOW_ADMIN_USER" --password="$AIRFLOW_ADMIN_PASSWORD" \
    --role Admin --firstname Airflow --lastname Admin --email admin@example.com
