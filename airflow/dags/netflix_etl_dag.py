"""
# Netflix revenue: from the CSV to the charts

```text
source = nifi      trigger_nifi_flow ─▶ wait_for_nifi_flow ─┬─▶ stop_nifi_flow
                   NiFi reads the CSV   all rows are on     │
                   and publishes it     the topic           │
                                                            ├─▶ consume_from_kafka_and_load   topic ─▶ table netflix_raw
source = producer  produce_to_kafka ────────────────────────┘     │
                   netflix-producer publishes the CSV             ▼
                                                              verify_rows                   every cell equals the CSV
                                                                  ▼
                                                              build_star_schema             Postgres and data/netflix.db
                                                                  ▼
                                                              check_data_quality ─┬─▶ analyze      three charts
                                                                                  └─▶ forecast     the fourth chart
```

Press **Trigger**. No file to upload and no ID to copy: the flow is deployed to NiFi if it is missing.
Every task can be run again. Rows are upserted by key, so a second run leaves the same 21 rows.

| parameter | meaning |
|---|---|
| `source` | what publishes the CSV: the NiFi flow (`nifi`) or the program `netflix-producer` (`producer`). The other path is skipped |
| `csv` | the CSV file. The NiFi flow reads only the file of its template |
| `topic` | the Kafka topic |
| `nifi_seconds` | how long the NiFi flow may take. A broker that is down, or another run of the flow, is waited for as long |

The log of a failed task ends with the reason. An error that a retry cannot fix (bad data, a missing file, a wrong password) fails the
task at once; an unavailable broker, database or NiFi is retried. If NiFi restarts during a run, its flow is run again.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from exit_code_bash_operator import NON_RETRYABLE_EXIT_CODES, ExitCodeBashOperator

#: The directory with data/, nifi/ and outputs/. Commands run there.
HOME = Path(os.environ.get("NETFLIX_HOME", "/opt/airflow"))
TEMPLATE = HOME / "nifi" / "flow_template.xml"
DEFAULT_CSV = "data/netflix_revenue_updated.csv"

#: Every command stops at the first error, also in a pipeline.
STRICT = "set -euo pipefail"

#: Runs "$@" and prints its standard output last, as one line: Airflow uses the last line of both streams as the XCom.
SUMMARY = """summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
run() { local status=0; "$@" >"$summary" || status=$?; cat "$summary"; return "$status"; }"""


def program(task_id: str, *commands: str, json_output: bool = False, **options: Any) -> ExitCodeBashOperator:
    """A task that runs bash commands. The parameters of the DAG run are "$CSV", "$TOPIC" and "$SOURCE", never part of the command text."""
    if json_output:
        commands = (SUMMARY, *commands)
        options["output_processor"] = json.loads
    return ExitCodeBashOperator(
        task_id=task_id,
        bash_command="\n".join((STRICT, *commands)),
        env={"CSV": "{{ params.csv }}", "TOPIC": "{{ params.topic }}", "SOURCE": "{{ params.source }}"},
        append_env=True,
        cwd=str(HOME),
        **options,
    )


def skip_if_missing(command: str) -> str:
    """Skips the task, with a line in the log, if the `netflix` program of this image does not have the command."""
    return f"""if ! netflix {command} --help >/dev/null 2>&1; then
  echo "skipped: the netflix program of this image has no command {command}"
  exit 99
fi"""


@dag(
    dag_id="netflix_etl_dag",
    dag_display_name="netflix_etl_dag",
    description="Quarterly Netflix revenue: CSV → NiFi or netflix-producer → Kafka → Postgres → star schema, checks, charts, forecast",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,  # two concurrent runs of the NiFi flow would mix their rows
    dagrun_timeout=timedelta(hours=2),
    tags=["netflix", "kafka", "nifi"],
    params={
        "source": Param(
            "nifi",
            type="string",
            enum=["nifi", "producer"],
            title="What publishes the CSV",
            description="The NiFi flow or the program netflix-producer",
        ),
        "csv": Param(
            DEFAULT_CSV,
            type="string",
            minLength=1,
            title="CSV file",
            description="With NiFi: the file of the template",
        ),
        "topic": Param(
            "netflix",
            type="string",
            pattern=r"^[A-Za-z0-9._-]{1,249}$",
            title="Kafka topic",
            description="Created if it is missing",
        ),
        "nifi_seconds": Param(
            180,
            type="integer",
            minimum=5,
            maximum=3600,
            title="Seconds for the NiFi flow",
            description="How long NiFi may take to publish the file",
        ),
    },
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=15),
        "execution_timeout": timedelta(minutes=30),
    },
)
def netflix_etl_dag() -> None:
    @task
    def trigger_nifi_flow() -> dict[str, Any]:
        """Claims the flow, deploys it if it is missing, checks the file, empties the queues and runs the flow once."""
        from nifi import START_SECONDS, NiFiError, Template, counted

        context = get_current_context()
        params = context["params"]
        if params["source"] != "nifi":
            raise AirflowSkipException(f"source is {params['source']}: the NiFi flow is not needed")
        try:
            template = Template.read(TEMPLATE)
            file = HOME / params["csv"]
            expected = HOME / "data" / template.source_file
            if file.resolve() != expected.resolve():
                raise AirflowFailException(
                    f"{params['csv']} is not the file of the NiFi flow, data/{template.source_file}. Choose the source 'producer', "
                    "or generate a template from the description of that file: `netflix nifi-template --dataset FILE`"
                )
            rows = template.rows(file)
            broker = os.environ.get("NIFI_KAFKA_BOOTSTRAP_SERVERS") or os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or "kafka:9092"
            variables = {
                "kafka.bootstrap.servers": broker,
                "kafka.topic": params["topic"],
                "csv.folder": os.environ.get("NIFI_DATA_FOLDER", "/opt/nifi/data"),
            }
            with connect() as nifi:
                nifi.wait_until_up(START_SECONDS)
                nifi.claim(template.group, holder(context), params["nifi_seconds"])
                run = nifi.run_once(nifi.deploy(template).id, rows, variables)
        except NiFiError as error:
            raise airflow_error(error) from None
        print(f"The NiFi flow {template.group} publishes {counted(rows, 'row')} of {file.name} to the topic {params['topic']} at {broker}")
        return run.to_json()

    @task.sensor(mode="reschedule", poke_interval=5, timeout=3900, retries=2)
    def wait_for_nifi_flow(run: dict[str, Any]) -> bool:
        """Waits until all rows are on the topic. Fails with the error that NiFi reports. Repeats a run that a NiFi restart interrupted."""
        from nifi import FlowFailed, NiFiBusy, NiFiError, NiFiUnreachable, Run, RunLost, Template, counted

        context = get_current_context()
        limit = context["params"]["nifi_seconds"]
        late = time() > run["started"] + limit
        try:
            with connect() as nifi:
                try:
                    nifi.claim(Template.read(TEMPLATE).group, holder(context), 0)
                    current = nifi.last_run() or Run.from_json(run)
                    if nifi.finished(current):
                        print(f"NiFi published {counted(current.rows, 'message')}")
                        return True
                    reason = nifi.reason(current)
                except RunLost as error:
                    if late:
                        raise
                    print(f"the flow is run again: {error}")
                    nifi.run_again(current)
                    return False
                except FlowFailed as error:
                    if late or not error.is_brokers:
                        raise AirflowFailException(f"NiFi: {error}") from None
                    print(f"the flow is run again after: {error}")
                    nifi.run_again(current)
                    return False
                except (NiFiUnreachable, NiFiBusy) as error:  # NiFi restarts, or another run took the flow while this one did not respond
                    if late:
                        raise
                    print(error)
                    return False
        except NiFiError as error:
            raise airflow_error(error) from None
        if late:
            raise AirflowFailException(f"NiFi did not publish the file within {limit} s. NiFi reports: {reason or 'nothing'}")
        if reason:
            print(f"NiFi retries after: {reason}")
        return False

    @task(execution_timeout=timedelta(minutes=3))
    def stop_nifi_flow() -> None:
        """Stops the flow and releases it, also after a failure: a running source would read the file again when NiFi starts."""
        from nifi import NiFiBusy, NiFiError, Template

        context = get_current_context()
        if context["params"]["source"] != "nifi":
            raise AirflowSkipException("the NiFi flow did not run")
        try:
            flow = Template.read(TEMPLATE).group
            with connect() as nifi:
                try:
                    nifi.claim(flow, holder(context), 2)
                except NiFiBusy as error:
                    print(f"{error}: left running")
                    return
                if group := nifi.find_group(flow):
                    nifi.stop(group.id)
                    print(f"{group.name} is stopped")
                nifi.release()
        except NiFiError as error:
            raise airflow_error(error) from None

    produce_to_kafka = program(
        "produce_to_kafka",
        'if [[ $SOURCE != producer ]]; then echo "skipped: the source is $SOURCE"; exit 99; fi',
        'run netflix-producer --topic "$TOPIC" --atomic --json "$CSV"',
        json_output=True,
        doc_md="Publishes the CSV with `netflix-producer`, all rows in one transaction.",
    )
    consume_from_kafka_and_load = program(
        "consume_from_kafka_and_load",
        'run netflix-consumer --topic "$TOPIC" --exit-at-end --json',
        json_output=True,
        trigger_rule="none_failed_min_one_success",  # one of the two sources is skipped
        doc_md="Lands the messages of the topic in `netflix_raw`, up to the end offsets at the start of the task. The summary is the XCom.",
    )
    verify_rows = program(
        "verify_rows",
        'netflix verify "$CSV"',
        doc_md="Compares each cell of the CSV with `netflix_raw`.",
    )
    build_star_schema = program(
        "build_star_schema",
        skip_if_missing("etl"),
        "netflix etl --from postgres --to postgres",
        "netflix etl --from postgres --to sqlite",
        doc_md="Rebuilds the star schema: in Postgres for the dashboard, in data/netflix.db for programs that read a file.",
    )
    check_data_quality = program(
        "check_data_quality",
        skip_if_missing("check"),
        "netflix check --from postgres",
        "run netflix check --from postgres --json",
        json_output=True,
        doc_md="Reports suspicious cells. A warning does not fail the run. The findings are the XCom.",
    )
    analyze = program(
        "analyze",
        skip_if_missing("analyze"),
        "netflix analyze --from postgres",
        doc_md="Growth, revenue shares and three charts in outputs/.",
    )
    forecast = program(
        "forecast",
        skip_if_missing("forecast"),
        "netflix forecast --from postgres",
        doc_md="Forecasts the next four quarters, with a chart in outputs/.",
    )

    triggered = trigger_nifi_flow()
    waited = wait_for_nifi_flow(triggered)
    waited >> stop_nifi_flow().as_teardown()
    [waited, produce_to_kafka] >> consume_from_kafka_and_load >> verify_rows >> build_star_schema >> check_data_quality
    check_data_quality >> [analyze, forecast]


def holder(context: Any) -> str:
    """The name of this run in its claim of the flow; the same in all of its tasks and their retries."""
    return f"the Airflow run {context['run_id']} of netflix_etl_dag"


def airflow_error(error: Any) -> Exception:
    """The exception to raise in a task for a NiFi error: without a retry if the exit code is not retryable."""
    return AirflowFailException(f"NiFi: {error}") if error.code in NON_RETRYABLE_EXIT_CODES else error


def connect() -> Any:
    """A client for the Airflow connection `nifi`: host, port, schema http or https, login, and `verify` in the extras."""
    from airflow.sdk import Connection

    from nifi import NiFi

    connection = Connection.get("nifi")
    url = f"{connection.schema or 'http'}://{connection.host or ''}:{connection.port or 8080}"
    nifi = NiFi(url, connection.login or None, connection.password or None, connection.extra_dejson.get("verify", True))
    nifi.say = print
    return nifi


netflix_etl_dag()
