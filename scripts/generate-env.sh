#!/usr/bin/env bash
# Writes .env for Docker Compose, with random secrets. Does not change an existing .env.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -e .env ]]; then echo '.env already exists; nothing changed' >&2; exit 0; fi

# Prints that many random bytes in URL-safe base64. Uses only options that base64 has on Linux and on macOS.
random() { # bytes
  local value
  value=$(head -c "$1" /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_') || value=
  if ((${#value} < $1)); then echo "base64 failed: no random secret, .env was not written" >&2; exit 70; fi
  printf %s "$value"
}
admin_password=$(random 12)
db_password=$(random 18)
fernet_key=$(random 32)
secret_key=$(random 32)
jwt_secret=$(random 64)

umask 077
trap 'rm -f .env.new' EXIT
sed -e "s|^#\(AIRFLOW_ADMIN_PASSWORD\)=.*|\1=$admin_password|" \
  -e "s|^#\(AIRFLOW_DB_PASSWORD\)=.*|\1=$db_password|" \
  -e "s|^#\(AIRFLOW_FERNET_KEY\)=.*|\1=$fernet_key|" \
  -e "s|^#\(AIRFLOW_SECRET_KEY\)=.*|\1=$secret_key|" \
  -e "s|^#\(AIRFLOW_JWT_SECRET\)=.*|\1=$jwt_secret|" .env.example >.env.new
mv .env.new .env
echo "Wrote .env. The Airflow user is admin, the password: $admin_password"
