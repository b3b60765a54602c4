#!/usr/bin/env bash
# Builds the images and walks the stack as a user does, where a Docker engine answers: up, trigger the DAG over REST, count rows in
# Postgres, restart, down and up again, followers. In a copy of this folder, under a project name and on ports of its own; nothing
# of it is left. About ten minutes. KEEP=1 leaves the stack running at the end, and says how to reach and how to remove it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

docker info >/dev/null 2>&1 || { echo 'no Docker engine answers: left out' >&2; exit 69; }

begun=$SECONDS
copy=$(mktemp -d "${TMPDIR:-/tmp}/netflix-compose.XXXXXX")
chmod 755 "$copy"
export COMPOSE_PROJECT_NAME=netflix-test-$$ NETFLIX_TAG=test-$$

finish() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then
    docker compose ps -a || true
    docker compose logs --no-color --tail 40 || true
  fi
  if [[ -n ${KEEP:-} ]]; then
    echo "kept in $copy: export COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME NETFLIX_TAG=$NETFLIX_TAG; then docker compose down -v"
    env | grep -E '^(AIRFLOW|NIFI|DASHBOARD|KAFKA|POSTGRES)_PORT='
  else
    docker compose --profile streaming --profile tools down -v --remove-orphans >/dev/null 2>&1 || true
    docker image rm "netflix-revenue-pipeline:$NETFLIX_TAG" "netflix-revenue-airflow:$NETFLIX_TAG" >/dev/null 2>&1 || true
    rm -rf "$copy"
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { echo "✘ $*" >&2; exit 1; }
step() { printf '✔ %4d s  %s\n' $((SECONDS - begun)) "$*"; }

git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c 2>/dev/null | tar -x -C "$copy"
cd "$copy"

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
for name in AIRFLOW NIFI DASHBOARD KAFKA POSTGRES; do export "${name}_PORT=$(free_port)"; done
airflow=http://127.0.0.1:$AIRFLOW_PORT

query() { docker compose exec -T postgres psql -U netflix -d netflixdb -At -c "$1"; }
expect() { # what wanted got
  [[ $2 == "$3" ]] || fail "$1: $3, not $2"
  step "$1: $3"
}

token() {
  curl -fsS -X POST "$airflow/auth/token" -H 'Content-Type: application/json' -d '{"username": "admin", "password": "admin"}' |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'
}

# Triggers the DAG and waits for its end; prints the state, and on a failure the tasks' states.
run_dag() { # conf
  local bearer id state
  bearer="Authorization: Bearer $(token)"
  id=$(curl -fsS -X POST "$airflow/api/v2/dags/netflix_etl_dag/dagRuns" -H "$bearer" -H 'Content-Type: application/json' \
    -d "{\"logical_date\": null, \"conf\": $1}" | sed -n 's/.*"dag_run_id": *"\([^"]*\)".*/\1/p')
  [[ -n $id ]] || fail 'the DAG could not be triggered'
  state=$(curl -fsSN --max-time 600 "$airflow/api/v2/dags/netflix_etl_dag/dagRuns/${id//+/%2B}/wait?interval=1" -H "$bearer" |
    sed -n 's/.*"state": *"\([^"]*\)".*/\1/p' | tail -1)
  echo "$state"
  curl -fsS "$airflow/api/v2/dags/netflix_etl_dag/dagRuns/${id//+/%2B}/taskInstances" -H "$bearer" |
    grep -oE '"(task_id|state)": *"[^"]*"' | paste - - | grep -v '"success"' >&2 || true
}

docker compose --profile streaming --profile tools config -q
step 'the compose file is clean'

docker compose build --quiet
step 'the images are built'
slim=$(docker image inspect -f '{{.Size}}' debian:bookworm-slim)
size=$(($(docker image inspect -f '{{.Size}}' "netflix-revenue-pipeline:$NETFLIX_TAG") - slim))
((size < 200000000)) || fail "the image is $((size / 1000000)) MB on top of debian:bookworm-slim"
step "the image is $((size / 1000000)) MB on top of debian:bookworm-slim"
for image in pipeline airflow; do
  for program in netflix netflix-producer netflix-consumer; do
    docker run --rm --network none --entrypoint "$program" "netflix-revenue-$image:$NETFLIX_TAG" --help >/dev/null || fail "$program --help in the $image image"
  done
done
step 'each program runs in both images'

docker compose up --wait --wait-timeout 600 --quiet-pull >/dev/null 2>&1 || fail 'the stack did not come up'
mapfile -t containers < <(docker compose ps -q)
step "the stack is up; memory: $(docker stats --no-stream --format '{{.MemUsage}}' "${containers[@]}" | awk '{u=$1; if (u ~ /GiB/) {s+=u*1024} else {s+=u+0}} END {printf "%d MiB", s}')"

while read -r address; do [[ $address == 127.0.0.1:* ]] || fail "a port is open on $address"; done \
  < <(docker compose ps --format '{{range .Publishers}}{{if .PublishedPort}}{{.URL}}:{{.PublishedPort}}{{"\n"}}{{end}}{{end}}' | grep .)
for service in nifi kafka airflow-apiserver airflow-scheduler airflow-dag-processor dashboard; do
  [[ $(docker compose exec -T "$service" id -u) != 0 ]] || fail "$service runs as root"
done
step 'ports are open on this machine alone, nobody runs as root'

curl -fsS -o /dev/null "http://127.0.0.1:$NIFI_PORT/nifi-api/flow/about" || fail 'NiFi does not answer'
curl -fsS -o /dev/null "http://127.0.0.1:$DASHBOARD_PORT/healthz" || fail 'the dashboard does not answer'
curl -fsS -o /dev/null "$airflow/api/v2/version" || fail 'Airflow does not answer'
step 'Airflow, NiFi and the dashboard answer'

expect 'the DAG through NiFi' success "$(run_dag '{}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
expect 'members in the last quarter' 269602000 "$(query "SELECT total_members FROM netflix_raw WHERE date = '2024-03-31'")"
expect 'the DAG through netflix-producer' success "$(run_dag '{"source": "producer"}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
for file in outputs/revenue_trends.png outputs/membership_trends.png outputs/arpu_trends.png outputs/global_revenue_forecast.png data/netflix.db; do
  [[ -s $file ]] || fail "$file is not there"
done
step 'the pictures and the warehouse are in outputs/ and data/ of the host'

sed 's/4520992000/4520992001/' data/netflix_revenue_updated.csv >data/new && mv data/new data/netflix_revenue_updated.csv
expect 'the DAG through NiFi, after the CSV was replaced by rename' success "$(run_dag '{}')"
expect 'the new value' 4520992001 "$(query "SELECT global_revenue FROM netflix_raw WHERE date = '2019-03-31'")"

docker compose restart >/dev/null 2>&1
docker compose up --wait --wait-timeout 600 >/dev/null 2>&1 || fail 'the stack did not come up after restart'
expect 'the DAG after docker compose restart' success "$(run_dag '{}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"

docker compose down >/dev/null 2>&1
docker compose up --wait --wait-timeout 600 >/dev/null 2>&1 || fail 'the stack did not come up after down'
expect 'rows in netflix_raw after down and up' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
expect 'the DAG after down and up' success "$(run_dag '{}')"

docker compose --profile streaming up --wait --scale consumer=3 >/dev/null 2>&1 || fail 'the followers did not come up'
query "DELETE FROM netflix_raw WHERE date = '2019-03-31'" >/dev/null
docker compose run --rm -T producer --json data/netflix_revenue_updated.csv >/dev/null 2>&1 || fail 'the producer by hand'
for _ in $(seq 60); do [[ $(query 'SELECT count(*) FROM netflix_raw') == 21 ]] && break; sleep 1; done
expect 'rows after three followers and the producer by hand' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
docker compose run --rm -T consumer --exit-at-end --json 2>/dev/null | grep -q '"rejected": *0' || fail 'the consumer by hand'
step 'the consumer by hand'

echo "✔ all of it in $((SECONDS - begun)) s"
