"""
# Netflix revenue: from the CSV to the charts

```text
                  trigger_nifi_flow ─▶ wait_for_nifi_flow ─┬─▶ stop_nifi_flow
 source = nifi ─▶ NiFi reads the CSV     all rows are on   │
                  and publishes it       the topic         ├─▶ consume_from_kafka_and_load ─▶ check_rows ─▶ etl ─▶ check ─┬─▶ analyze
                                                           │   topic ─▶ table netflix_raw     every cell    star    data   │   three charts
 source = producer ─▶ produce_to_kafka ────────────────────┘                                  as in the     schema  quality└─▶ forecast
                      netflix-producer publishes it                                           CSV                              fourth chart
```

Press **Trigger**; no file to upload, no id to copy. The flow is deployed to NiFi if it is not there yet.
Every task may be run again: rows land under their key, so a second run leaves the same 21 rows.

| parameter | meaning |
|---|---|
| `source` | who publishes the CSV: NiFi's flow (`nifi`) or the program `netflix-producer` (`producer`); the other way is skipped |
| `csv` | the file. NiFi's flow reads the one of its template only |
| `topic` | the Kafka topic in between |
| `nifi_seconds` | how long NiFi's flow may take. A broker that is away, or another run of the flow, is waited for as long |

A task fails with its reason as the last lines of its log. What another try cannot help (bad data, a missing file, a refused
password) fails at once; an unreachable broker, database or NiFi is tried again. If NiFi is restarted during a run, its flow is run again.
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

from program import FINAL, Program

#: The folder that holds data/, nifi/ and outputs/; commands run there.
HOME = Path(os.environ.get("NETFLIX_HOME", "/opt/airflow"))
TEMPLATE = HOME / "nifi" / "flow_template.xml"
DEFAULT_CSV = "data/netflix_revenue_updated.csv"

#: For every command: stop at the first error, also inside a pipe.
STRICT = "set -euo pipefail"

#: Runs "$@" and prints its standard output last, as one line: Airflow takes the last line of both streams for the XCom.
SUMMARY = """summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
run() { local status=0; "$@" >"$summary" || status=$?; cat "$summary"; return "$status"; }"""


def program(task_id: str, *commands: str, json_output: bool = False, **options: Any) -> Program:
    """A task that runs our programs with the run's parameters as "$CSV" and "$TOPIC": never pasted into the text of a command."""
    if json_output:
        commands = (SUMMARY, *commands)
        options["output_processor"] = json.loads
    return Program(
        task_id=task_id,
        bash_command="\n".join((STRICT, *commands)),
        env={"CSV": "{{ params.csv }}", "TOPIC": "{{ params.topic }}", "SOURCE": "{{ params.source }}"},
        append_env=True,
        cwd=str(HOME),
        **options,
    )


def unless_missing(command: str) -> str:
    """Skips the task, and says so, where this image's `netflix` does not have the command."""
    return f"""if ! netflix {command} --help >/dev/null 2>&1; then
  echo "skipped: the netflix program of this image has no command {command}"
  exit 99
fi"""


@dag(
    dag_id="netflix_etl_dag",
    dag_display_name="netflix_etl_dag",
    description="Netflix's quarterly revenue: CSV → NiFi or netflix-producer → Kafka → Postgres → star schema, checks, charts, forecast",
    doc_md=__doc__,
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_runs=1,  # two runs of NiFi's flow at a time would mix
    dagrun_timeout=timedelta(hours=2),
    tags=["netflix", "kafka", "nifi"],
    params={
        "source": Param(
            "nifi",
            type="string",
            enum=["nifi", "producer"],
            title="Who publishes the CSV",
            description="NiFi's flow, or the program netflix-producer",
        ),
        "csv": Param(
            DEFAULT_CSV,
            type="string",
            minLength=1,
            title="CSV file",
            description="With NiFi: the file of its template",
        ),
        "topic": Param(
            "netflix",
            type="string",
            pattern=r"^[A-Za-z0-9._-]{1,249}$",
            title="Kafka topic",
            description="Made when it is missing",
        ),
        "nifi_seconds": Param(
            180,
            type="integer",
            minimum=5,
            maximum=3600,
            title="Seconds for NiFi's flow",
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
        """Claims the flow, deploys it if it is absent, checks the file, empties the queues and runs the flow once."""
        from nifi import START_SECONDS, NiFiError, Template

        context = get_current_context()
        params = context["params"]
        if params["source"] != "nifi":
            raise AirflowSkipException(f"source is {params['source']}: NiFi's flow is not needed")
        try:
            template = Template.read(TEMPLATE)
            file = HOME / params["csv"]
            expected = HOME / "data" / template.source_file
            if file.resolve() != expected.resolve():
                raise AirflowFailException(
                    f"{params['csv']} is not the file of NiFi's flow, data/{template.source_file}: choose the source «producer», "
                    "or make a template of that file's description by `netflix nifi-template --dataset FILE`"
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
            raise unless_final(error) from None
        print(
            f"NiFi's flow {template.group} was asked to publish the {rows} rows of {file.name} to the topic {params['topic']} at {broker}"
        )
        return run.to_json()

    @task.sensor(mode="reschedule", poke_interval=5, timeout=3900, retries=2)
    def wait_for_nifi_flow(run: dict[str, Any]) -> bool:
        """Waits until all rows are on the topic; fails with NiFi's own words. A run that a restart of NiFi has interrupted is repeated."""
        from nifi import FlowFailed, NiFiBusy, NiFiError, NiFiUnreachable, Run, RunLost, Template

        context = get_current_context()
        limit = context["params"]["nifi_seconds"]
        late = time() > run["started"] + limit
        try:
            with connect() as nifi:
                try:
                    nifi.claim(Template.read(TEMPLATE).group, holder(context), 0)
                    asked = nifi.last_run() or Run.from_json(run)
                    if nifi.finished(asked):
                        print(f"NiFi published {asked.rows} messages")
                        return True
                    reason = nifi.reason(asked)
                except RunLost as error:
                    if late:
                        raise
                    print(f"the flow is run again: {error}")
                    nifi.run_again(asked)
                    return False
                except FlowFailed as error:
                    if late or not error.is_brokers:
                        raise AirflowFailException(f"NiFi: {error}") from None
                    print(f"the flow is run again after: {error}")
                    nifi.run_again(asked)
                    return False
                except (NiFiUnreachable, NiFiBusy) as error:  # it restarts, or another run took the flow while this one did not respond
                    if late:
                        raise
                    print(error)
                    return False
        except NiFiError as error:
            raise unless_final(error) from None
        if late:
            raise AirflowFailException(f"NiFi did not publish the file within {limit} s. It says: {reason or 'nothing'}")
        if reason:
            print(f"NiFi tries again by itself after: {reason}")
        return False

    @task(execution_timeout=timedelta(minutes=3))
    def stop_nifi_flow() -> None:
        """Stops the flow and gives it up, however the run went: what is left running would read the file again when NiFi starts."""
        from nifi import NiFiBusy, NiFiError, Template

        context = get_current_context()
        if context["params"]["source"] != "nifi":
            raise AirflowSkipException("NiFi's flow did not run")
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
            raise unless_final(error) from None

    produce_to_kafka = program(
        "produce_to_kafka",
        'if [[ $SOURCE != producer ]]; then echo "skipped: the source is $SOURCE"; exit 99; fi',
        'run netflix-producer --topic "$TOPIC" --atomic --json "$CSV"',
        json_output=True,
        doc_md="Publishes the CSV by `netflix-producer`, all rows in one transaction.",
    )
    consume_from_kafka_and_load = program(
        "consume_from_kafka_and_load",
        'run netflix-consumer --topic "$TOPIC" --exit-at-end --json',
        json_output=True,
        trigger_rule="none_failed_min_one_success",  # one of the two sources is skipped
        doc_md="Lands what is on the topic in `netflix_raw`, up to the end seen at the start. The summary is the XCom.",
    )
    check_rows = program(
        "check_rows",
        'netflix verify "$CSV"',
        doc_md="Compares each cell of the CSV with `netflix_raw`.",
    )
    etl = program(
        "etl",
        unless_missing("etl"),
        "netflix etl --from postgres --to postgres",
        "netflix etl --from postgres --to sqlite",
        doc_md="Makes the star schema anew: in Postgres for the dashboard, in data/netflix.db for tools that read a file.",
    )
    check = program(
        "check",
        unless_missing("check"),
        "netflix check --from postgres",
        "run netflix check --from postgres --json",
        json_output=True,
        doc_md="Reports doubtful cells; a warning does not fail the run. The findings are the XCom.",
    )
    analyze = program(
        "analyze", unless_missing("analyze"), "netflix analyze --from postgres", doc_md="Growth, shares, three charts in outputs/."
    )
    forecast = program(
        "forecast", unless_missing("forecast"), "netflix forecast --from postgres", doc_md="The next four quarters, a chart in outputs/."
    )

    triggered = trigger_nifi_flow()
    waited = wait_for_nifi_flow(triggered)
    waited >> stop_nifi_flow().as_teardown()
    [waited, produce_to_kafka] >> consume_from_kafka_and_load >> check_rows >> etl >> check >> [analyze, forecast]


def holder(context: Any) -> str:
    """This run, as others see it in NiFi while it uses the flow; the same in each of its tasks and their retries."""
    return f"Airflow's run {context['run_id']} of netflix_etl_dag"


def unless_final(error: Any) -> Exception:
    """An error of NiFi for Airflow: it is tried again only if the exit codes of the project's programs say that this can help."""
    return AirflowFailException(f"NiFi: {error}") if error.code in FINAL else error


def connect() -> Any:
    """NiFi as the Airflow connection `nifi` names it: host, port, schema http or https, login, and `verify` among the extras."""
    from airflow.sdk import Connection

    from nifi import NiFi

    connection = Connection.get("nifi")
    url = f"{connection.schema or 'http'}://{connection.host or ''}:{connection.port or 8080}"
    nifi = NiFi(url, connection.login or None, connection.password or None, connection.extra_dejson.get("verify", True))
    nifi.say = print
    return nifi


netflix_etl_dag()
