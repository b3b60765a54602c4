#!/usr/bin/env bash
# Tests the stack as a user runs it (needs a Docker engine): a first start, the DAG over REST, rows in Postgres and in the dashboard, a
# replaced CSV, restart, down and up, followers, manual runs of the programs, generated secrets, removal. It works in a copy of this
# directory, as if cloned under umask 077, with a separate project name and separate ports, and removes everything at the end. About ten minutes.
# KEEP=1 leaves the stack running, and prints how to reach and how to remove it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

docker info >/dev/null 2>&1 || { echo 'no Docker engine is running: skipped' >&2; exit 69; }

begun=$SECONDS
copy=$(mktemp -d "${TMPDIR:-/tmp}/netflix-compose.XXXXXX")
chmod 755 "$copy"
export COMPOSE_PROJECT_NAME=netflix-test-$$ NETFLIX_TAG=test-$$ BUILDKIT_PROGRESS=plain
log=$copy/compose.log

finish() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then
    tail -20 "$log" || true
    docker compose ps -a || true
    docker compose logs --no-color --tail 10 2>&1 | sed "s|\x1b\[2K||" || true
  fi
  if [[ -n ${KEEP:-} ]]; then
    echo "Kept in $copy: export COMPOSE_PROJECT_NAME=$COMPOSE_PROJECT_NAME NETFLIX_TAG=$NETFLIX_TAG; then docker compose down -v"
    env | grep -E '^(AIRFLOW|NIFI|DASHBOARD|KAFKA|POSTGRES)_PORT='
  else
    docker compose --profile '*' down -v --remove-orphans >/dev/null 2>&1 || true
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
quietly() { "$@" >>"$log" 2>&1; }
expect() { # what wanted got
  [[ $2 == "$3" ]] || fail "$1: $3, not $2"
  step "$1: $3"
}
eventually() { # what wanted command…
  local what=$1 wanted=$2 got=
  shift 2
  for _ in $(seq 120); do
    got=$("$@" 2>/dev/null || true)
    [[ $got == "$wanted" ]] && break
    sleep 0.5
  done
  expect "$what" "$wanted" "$got"
}

git ls-files -z --cached --others --exclude-standard | tar --null -T - --ignore-failed-read -c 2>/dev/null | tar -x -C "$copy"
cd "$copy"
# Like a clone of a user who is neither root nor a user of a container.
((EUID != 0)) || chown -R 12345:12345 airflow nifi data outputs

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}
for name in AIRFLOW NIFI DASHBOARD KAFKA POSTGRES; do export "${name}_PORT=$(free_port)"; done
airflow=http://127.0.0.1:$AIRFLOW_PORT
dashboard=http://127.0.0.1:$DASHBOARD_PORT
password='admin'

up() { quietly docker compose "$@" || fail "docker compose $*"; }
query() { docker compose exec -T postgres psql -U netflix -d netflixdb -At -c "$1"; }
# A value in the API of the dashboard.
shown() { # date
  curl -fs "$dashboard/api/series?region=Global&metric=revenue" | tr -d ' ' | grep -o "\"date\":\"$1\"[^}]*" | sed -n 's/.*"value":\([0-9]*\).*/\1/p'
}
token() {
  curl -fsS -X POST "$airflow/auth/token" -H 'Content-Type: application/json' -d "{\"username\": \"admin\", \"password\": \"$password\"}" |
    sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p'
}

# Triggers the DAG and waits until it ends. Prints the state of the run, and after a failure the states of the tasks.
run_dag() { # conf
  local bearer id state
  bearer="Authorization: Bearer $(token)"
  id=$(curl -fsS -X POST "$airflow/api/v2/dags/netflix_etl_dag/dagRuns" -H "$bearer" -H 'Content-Type: application/json' \
    -d "{\"logical_date\": null, \"conf\": $1}" | sed -n 's/.*"dag_run_id": *"\([^"]*\)".*/\1/p')
  [[ -n $id ]] || fail 'the DAG could not be triggered'
  state=$(curl -fsSN --max-time 600 "$airflow/api/v2/dags/netflix_etl_dag/dagRuns/${id//+/%2B}/wait?interval=1" -H "$bearer" |
    sed -n 's/.*"state": *"\([^"]*\)".*/\1/p' | tail -1)
  echo "$state"
  [[ $state == success ]] ||
    curl -fsS "$airflow/api/v2/dags/netflix_etl_dag/dagRuns/${id//+/%2B}/taskInstances" -H "$bearer" |
    grep -oE '"(task_id|state)": *"[^"]*"' | paste - - >&2 || true
}

docker compose --profile '*' config -q 2>&1 | grep . && fail 'docker compose config prints warnings'
limits=$(docker compose --profile '*' config | awk '/ memory:/ {gsub(/"/, ""); sum += $2} END {printf "%d", sum / 1048576}')
((limits <= 8192)) || fail "memory limits add up to $limits MiB"
step "the compose file is valid; memory limits add up to $limits MiB"

csv=data/netflix_revenue_updated.csv
expect 'rows of a dry run of the producer, as the first command' 21 \
  "$(docker compose run --rm -T --no-deps producer --dry-run "$csv" 2>>"$log" | grep -c '{"date":')"

chmod -R go-rwx ./* # like a clone made under umask 077
up up --wait --wait-timeout 900
mapfile -t containers < <(docker compose ps -q)
step "first docker compose up; memory: $(docker stats --no-stream --format '{{.MemUsage}}' "${containers[@]}" | awk '{u=$1; if (u ~ /GiB/) {s+=u*1024} else {s+=u+0}} END {printf "%d MiB", s}')"

# BuildKit pulls a base image without listing it.
docker image inspect debian:bookworm-slim >/dev/null 2>&1 || quietly docker pull -q debian:bookworm-slim
slim=$(docker image inspect -f '{{.Size}}' debian:bookworm-slim)
size=$(($(docker image inspect -f '{{.Size}}' "netflix-revenue-pipeline:$NETFLIX_TAG") - slim))
((size < 200000000)) || fail "the image is $((size / 1000000)) MB on top of debian:bookworm-slim"
step "the image is $((size / 1000000)) MB on top of debian:bookworm-slim"
for image in pipeline airflow; do
  for program in netflix netflix-producer netflix-consumer; do
    quietly docker run --rm --network none --entrypoint "$program" "netflix-revenue-$image:$NETFLIX_TAG" --help || fail "$program --help in the $image image"
  done
done
step 'each program runs in both images'

ports=$(docker inspect -f '{{range .NetworkSettings.Ports}}{{range .}}{{println .HostIp .HostPort}}{{end}}{{end}}' "${containers[@]}" | grep . | sort)
wanted=$(printf '127.0.0.1 %s\n' "$AIRFLOW_PORT" "$NIFI_PORT" "$DASHBOARD_PORT" "$KAFKA_PORT" "$POSTGRES_PORT" | sort)
[[ $ports == "$wanted" ]] || fail "these ports are open: $ports"
step 'ports are open on 127.0.0.1 only'

# Running containers by the users of their processes, exited ones by the configured user.
for container in "${containers[@]}"; do
  roots=$(docker top "$container" -eo uid,pid,args | awk '$1 == 0')
  [[ -z $roots ]] || fail "$(docker inspect -f '{{.Name}}' "$container") runs as root: $roots"
done
while read -r name user; do [[ $user =~ ^(airflow|postgres)$ ]] || fail "$name ran as user '$user'"; done \
  < <(docker compose ps -aq --status exited | xargs docker inspect -f '{{.Name}} {{.Config.User}}')
step 'no process runs as root'

curl -fsS -o /dev/null "http://127.0.0.1:$NIFI_PORT/nifi-api/flow/about" || fail 'NiFi does not respond'
curl -fsS -o /dev/null "$dashboard/healthz" || fail 'the dashboard does not respond'
curl -fsS -o /dev/null "$airflow/api/v2/version" || fail 'Airflow does not respond'
step 'Airflow, NiFi and the dashboard respond'

began=$(docker inspect -f '{{.State.StartedAt}}' "$(docker compose ps -q dashboard)")
expect 'the dashboard before the first run' '' "$(shown 2019-03-31)"
expect 'the DAG through NiFi' success "$(run_dag '{}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
expect 'members in the last quarter' 269602000 "$(query "SELECT total_members FROM netflix_raw WHERE date = '2024-03-31'")"
eventually 'revenue of 2019-03-31 in the dashboard' 4520992000 shown 2019-03-31
expect 'the DAG through netflix-producer' success "$(run_dag '{"source": "producer"}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
expect 'rejected rows' 0 "$(query 'SELECT count(*) FROM netflix_rejected')"
for file in outputs/revenue_trends.png outputs/membership_trends.png outputs/arpu_trends.png outputs/global_revenue_forecast.png data/netflix.db; do
  [[ -s $file && -r $file ]] || fail "$file does not exist"
done
step 'the charts and the warehouse are in outputs/ and data/ of the host'
[[ $(docker compose exec -T airflow-scheduler netflix check --from postgres 2>&1) == *3,594,791,000* ]] || fail 'netflix check in the scheduler'
step 'netflix check in the scheduler finds the suspicious cell'
for command in 'check --from postgres' 'etl --from postgres --to sqlite' 'analyze --from sqlite'; do
  # shellcheck disable=SC2086 # several arguments
  quietly docker compose run --rm -T netflix $command || fail "docker compose run netflix $command"
done
step 'docker compose run netflix checks, replaces data/netflix.db and draws charts'
cp "$csv" data/later.csv
eventually 'a CSV that came after the start, in NiFi' later.csv docker compose exec -T nifi bash -c 'cd /opt/nifi/data && ls later.csv'
rm data/later.csv

sed 's/4520992000/4520992001/' "$csv" >data/new && mv data/new "$csv"
expect 'the DAG through NiFi, after the CSV was replaced by rename' success "$(run_dag '{}')"
expect 'the new value' 4520992001 "$(query "SELECT global_revenue FROM netflix_raw WHERE date = '2019-03-31'")"
eventually 'the new value in the dashboard' 4520992001 shown 2019-03-31
[[ $(docker inspect -f '{{.State.StartedAt}}' "$(docker compose ps -q dashboard)") == "$began" ]] || fail 'the dashboard was restarted'
step 'the dashboard has not been restarted'

up restart
up up --wait --wait-timeout 900
expect 'the DAG after docker compose restart' success "$(run_dag '{}')"
expect 'rows in netflix_raw' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
eventually 'the value in the dashboard' 4520992001 shown 2019-03-31

up kill nifi kafka postgres
up up --wait --wait-timeout 900
expect 'rows in netflix_raw after docker compose kill' 21 "$(query 'SELECT count(*) FROM netflix_raw')"

up down
up up --wait --wait-timeout 900
expect 'rows in netflix_raw after down and up' 21 "$(query 'SELECT count(*) FROM netflix_raw')"
expect 'the DAG after down and up' success "$(run_dag '{}')"

up --profile streaming up --wait --scale consumer=3
members() {
  docker compose exec -T kafka /opt/kafka/bin/kafka-consumer-groups.sh --bootstrap-server kafka:9092 --describe --group netflix-consumer |
    awk '$2 == "netflix" && $7 != "-" {print $7}' | sort -u | wc -l
}
eventually 'followers with a partition each' 3 members
query "DELETE FROM netflix_raw WHERE date = '2019-03-31'" >/dev/null
quietly docker compose run --rm -T producer --json "$csv" || fail 'a manual run of the producer'
eventually 'rows after a manual run of the producer, landed by followers' 21 query 'SELECT count(*) FROM netflix_raw'
[[ $(docker compose run --rm -T consumer --exit-at-end --json 2>>"$log") == *'"rejected":0'* ]] || fail 'a manual run of the consumer'
step 'a manual run of the consumer'
if [[ $(uname) == Linux ]]; then # elsewhere the engine runs in a virtual machine
  summary=$(docker run --rm --network host -e "KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:$KAFKA_PORT" \
    -e "DATABASE_URL=postgresql://netflix:netflix@127.0.0.1:$POSTGRES_PORT/netflixdb" \
    --entrypoint netflix-consumer "netflix-revenue-pipeline:$NETFLIX_TAG" --exit-at-end --json 2>>"$log")
  [[ $summary == *'"rejected":0'* ]] || fail 'a consumer on the host'
  step 'a consumer on the host reaches Kafka and Postgres at 127.0.0.1'
fi

scripts/generate-env.sh >/dev/null
password=$(sed -n 's/^AIRFLOW_ADMIN_PASSWORD=//p' .env)
up up --wait --wait-timeout 900
[[ $password != admin && -z $(password='admin' && token 2>/dev/null) ]] || fail 'Airflow still accepts the old password'
expect 'the DAG with the secrets of make env, on the existing volumes' success "$(run_dag '{"source": "producer"}')"

up --profile '*' down -v
expect 'containers, volumes and networks after down -v' 0 "$({ docker ps -aq --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"
  docker volume ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"
  docker network ls -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"; } | wc -l)"

echo "✔ all steps passed in $((SECONDS - begun)) s"
