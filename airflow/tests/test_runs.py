"""Runs of the DAG from end to end with dag.test(), on every path. NiFi is the double; stubs replace the programs and record their calls.

test_programs.py tests the same paths with the real programs, broker and Postgres.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import nifi as client
from conftest import Double, execute, messages
from nifi import NiFi, Run, Template
from nifi_rest import FlowFailed
from test_dag import ORDER

ALL = set(ORDER)
NIFI = {"trigger_nifi_flow", "wait_for_nifi_flow", "stop_nifi_flow"}
AFTERWARDS = {"verify_rows", "build_star_schema", "check_data_quality", "analyze", "forecast"}


@dataclass
class Stubs:
    """Programs that record their calls and exit as configured."""

    folder: Path

    def calls(self) -> list[str]:
        log = self.folder / "calls"
        return log.read_text().splitlines() if log.exists() else []

    def write(self, name: str, text: str) -> None:
        program = self.folder / name
        program.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >>"{self.folder}/calls"\n{text}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stubs:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    made = Stubs(folder)
    made.write("netflix-producer", """echo publishing >&2; echo '{"topic":"t","read":21,"delivered":21}'""")
    made.write("netflix-consumer", """echo landing >&2; echo '{"topic":"t","received":21,"landed":21}'""")
    made.write("netflix", """if [[ $* == "check --from postgres --json" ]]; then echo '{"findings":[]}'; fi""")
    return made


@pytest.fixture
def run(airflow_database: None, home: Path, programs: Stubs, capfd: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def start(**params: Any) -> Any:
        return execute(capfd, **params)

    return start


@pytest.fixture
def nifi(double: Double, broker: str, topic: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The parameters of a run through NiFi. Sets the connection to the double."""
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", double.connection)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker)
    return {"source": "nifi", "topic": topic}


def test_the_producers_path_skips_nifi(run: Callable[..., Any], programs: Stubs) -> None:
    outcome = run(source="producer", topic="films")
    assert outcome.state == "success"
    assert outcome.skipped == NIFI
    assert outcome.succeeded == ALL - NIFI
    assert programs.calls()[:9] == [
        "netflix-producer --topic films --atomic --json data/netflix_revenue_updated.csv",
        "netflix-consumer --topic films --exit-at-end --json",
        "netflix verify data/netflix_revenue_updated.csv",
        "netflix etl --help",
        "netflix etl --from postgres --to postgres",
        "netflix etl --from postgres --to sqlite",
        "netflix check --help",
        "netflix check --from postgres",
        "netflix check --from postgres --json",
    ]
    assert set(programs.calls()[9:]) == {
        "netflix analyze --help",
        "netflix analyze --from postgres",
        "netflix forecast --help",
        "netflix forecast --from postgres",
    }
    assert outcome.xcom("produce_to_kafka") == {"topic": "t", "read": 21, "delivered": 21}
    assert outcome.xcom("consume_from_kafka_and_load") == {"topic": "t", "received": 21, "landed": 21}
    assert outcome.xcom("check_data_quality") == {"findings": []}


def test_nifis_path_skips_the_producer(run: Callable[..., Any], nifi: dict[str, Any], broker: str, programs: Stubs) -> None:
    outcome = run(**nifi)
    assert outcome.state == "success", outcome.log
    assert outcome.skipped == {"produce_to_kafka"}
    assert outcome.succeeded == ALL - {"produce_to_kafka"}
    assert len(messages(broker, nifi["topic"])) == 21
    assert not any(call.startswith("netflix-producer") for call in programs.calls())


def test_a_second_run_through_nifi_publishes_the_file_again(run: Callable[..., Any], nifi: dict[str, Any], broker: str) -> None:
    assert run(**nifi).state == "success"
    assert run(**nifi).state == "success"
    assert len(messages(broker, nifi["topic"])) == 42


def test_a_nifi_that_is_down_fails_the_run_with_its_address(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", json.dumps({"conn_type": "http", "host": "127.0.0.1", "port": 9, "schema": "http"}))
    monkeypatch.setattr(client, "START_SECONDS", 1)
    outcome = run(source="nifi")
    assert outcome.state == "failed"
    assert outcome.tries["trigger_nifi_flow"] == 3  # it may start: retried
    assert "NiFi does not answer at http://127.0.0.1:9" in outcome.log


def test_a_bad_row_fails_the_run_with_the_error_of_nifi_and_nothing_is_loaded(
    run: Callable[..., Any], nifi: dict[str, Any], home: Path, programs: Stubs
) -> None:
    csv = home / "data" / "netflix_revenue_updated.csv"
    csv.write_text(csv.read_text().replace("148863000", "n/a"))
    outcome = run(**nifi)
    assert outcome.state == "failed"
    assert outcome.failed == {"wait_for_nifi_flow"}
    assert outcome.tries["wait_for_nifi_flow"] == 1
    assert 'NumberFormatException: For input string: "n/a"' in outcome.log
    assert "stop_nifi_flow" in outcome.succeeded
    assert programs.calls() == []


def test_a_missing_file_fails_at_once_by_name(run: Callable[..., Any], nifi: dict[str, Any], home: Path) -> None:
    (home / "data" / "netflix_revenue_updated.csv").unlink()
    outcome = run(**nifi)
    assert outcome.state == "failed"
    assert outcome.tries["trigger_nifi_flow"] == 1
    assert "netflix_revenue_updated.csv: file not found" in outcome.log


def test_a_file_without_rows_fails_at_once_by_name(run: Callable[..., Any], nifi: dict[str, Any], home: Path) -> None:
    csv = home / "data" / "netflix_revenue_updated.csv"
    csv.write_text(csv.read_text().splitlines()[0])
    outcome = run(**nifi)
    assert outcome.failed == {"trigger_nifi_flow"}
    assert outcome.tries["trigger_nifi_flow"] == 1
    assert "netflix_revenue_updated.csv: no rows: only a header" in outcome.log


def test_a_file_that_is_not_the_file_of_the_template_fails_at_once_by_name(run: Callable[..., Any], nifi: dict[str, Any]) -> None:
    outcome = run(**nifi, csv="data/other.csv")
    assert outcome.failed == {"trigger_nifi_flow"}
    assert outcome.tries["trigger_nifi_flow"] == 1
    assert "data/other.csv is not the file of the NiFi flow, data/netflix_revenue_updated.csv" in outcome.log


def test_a_broker_that_nifi_cannot_reach_is_waited_for_and_then_reported(
    run: Callable[..., Any], nifi: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIFI_KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    outcome = run(**nifi, nifi_seconds=14)
    assert outcome.state == "failed"
    assert outcome.failed == {"wait_for_nifi_flow"}
    assert "NiFi retries after: publish-netflix: " in outcome.log
    assert "NiFi did not publish the file within 14 s. NiFi reports: publish-netflix: " in outcome.log
    assert "stop_nifi_flow" in outcome.succeeded


def test_a_run_that_failed_because_of_the_broker_is_run_again(
    run: Callable[..., Any], nifi: dict[str, Any], broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, seen = NiFi.finished, []

    def fails_at_first(self: NiFi, of: Run) -> bool:
        seen.append(of)
        if len(seen) == 1:
            raise FlowFailed("publish-netflix: org.apache.kafka.common.errors.TimeoutException: the broker was busy")
        return original(self, of)

    monkeypatch.setattr(NiFi, "finished", fails_at_first)
    outcome = run(**nifi)
    assert outcome.state == "success", outcome.log
    assert "the flow is run again after: publish-netflix: org.apache.kafka" in outcome.log
    assert outcome.tries["wait_for_nifi_flow"] == 1
    assert len(messages(broker, nifi["topic"])) in (21, 42)  # the first run may have been stopped before its end


def test_a_restart_of_nifi_during_a_run_is_reported_and_the_flow_is_run_again(
    run: Callable[..., Any], nifi: dict[str, Any], double: Double, broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, restarts = NiFi.finished, []

    def restart_at_first(self: NiFi, of: Run) -> bool:
        if not restarts:
            restarts.append(of)
            double.until(lambda: self._sent_in(of) == 21)
            double.restart()
        return original(self, of)

    monkeypatch.setattr(NiFi, "finished", restart_at_first)
    outcome = run(**nifi)
    assert outcome.state == "success", outcome.log
    assert "NiFi restarted during the run" in outcome.log
    assert outcome.log.count("NiFi published 21 messages") >= 1
    assert len(messages(broker, nifi["topic"])) == 42


def test_a_flow_that_another_run_uses_is_waited_for_and_left_running(
    run: Callable[..., Any], nifi: dict[str, Any], double: Double, home: Path, broker: str
) -> None:
    other = NiFi(double.url)
    template = Template.read(home / "nifi" / "flow_template.xml")
    with other.claimed(template.group, "the other run", 5):
        group = other.deploy(template).id
        publisher = next(p for p in other.processors(group) if p.type == "PublishKafkaRecord_2_6")
        other.enable(group)
        other._set_state(publisher, "RUNNING")
        outcome = run(**nifi, nifi_seconds=5)
        assert outcome.state == "failed"
        assert outcome.tries["trigger_nifi_flow"] == 3
        assert f"the flow {template.group} is in use by the other run" in outcome.log
        assert "left running" in outcome.log
        assert other._processor(publisher.id).state == "RUNNING"
    assert messages(broker, nifi["topic"]) == []


def test_a_run_releases_the_flow_and_restores_its_variables(
    run: Callable[..., Any], nifi: dict[str, Any], double: Double, home: Path
) -> None:
    assert run(**nifi).state == "success"
    client_, template = NiFi(double.url), Template.read(home / "nifi" / "flow_template.xml")
    group = client_.find_group(template.group)
    assert group
    assert client.values_of(client_.get(f"/process-groups/{group.id}/variable-registry")) == dict(template.variables)
    client_.claim(template.group, "the next run", 0)
    assert {p.state for p in client_.processors(group.id)} == {"STOPPED"}


@pytest.mark.parametrize(
    ("connection", "text"),
    [
        ({"conn_type": "http", "schema": "http"}, "is not a valid NiFi address"),
        ({"conn_type": "http", "host": "nifi", "extra": {"verify": "/no/such.pem"}}, "/no/such.pem: no certificate to trust"),
    ],
)
def test_a_connection_that_can_never_work_fails_at_once(
    run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], text: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", json.dumps(connection))
    outcome = run(source="nifi")
    assert outcome.failed == {"trigger_nifi_flow", "stop_nifi_flow"}
    assert outcome.tries["trigger_nifi_flow"] == 1
    assert text in outcome.log


@pytest.mark.parametrize(("code", "tries"), [(65, 1), (77, 1), (78, 1), (69, 3), (143, 3)])
def test_a_failing_consumer_fails_the_run_and_is_retried_only_where_that_helps(
    run: Callable[..., Any], programs: Stubs, code: int, tries: int
) -> None:
    programs.write("netflix-consumer", f"""echo "the reason" >&2; echo '{{"landed":0}}'; exit {code}""")
    outcome = run(source="producer")
    assert outcome.state == "failed"
    assert outcome.failed == {"consume_from_kafka_and_load"}
    assert outcome.tries["consume_from_kafka_and_load"] == tries
    assert "the reason" in outcome.log
    assert not AFTERWARDS & outcome.succeeded


def test_a_failing_producer_fails_the_run_before_anything_is_loaded(run: Callable[..., Any], programs: Stubs) -> None:
    programs.write("netflix-producer", "exit 66")
    outcome = run(source="producer")
    assert outcome.failed == {"produce_to_kafka"}
    assert len(programs.calls()) == 1


def test_rows_that_differ_from_the_file_fail_the_run(run: Callable[..., Any], programs: Stubs) -> None:
    programs.write("netflix", 'if [[ $1 == verify ]]; then echo "2019-03-31 global_revenue: 1 in the CSV, 2 in the table"; exit 65; fi')
    outcome = run(source="producer")
    assert outcome.failed == {"verify_rows"}
    assert "1 in the CSV, 2 in the table" in outcome.log


def test_a_command_that_the_image_lacks_is_skipped_by_name(run: Callable[..., Any], programs: Stubs) -> None:
    programs.write("netflix", '[[ $1 == verify || $1 == etl ]] || { echo "unknown command" >&2; exit 64; }')
    outcome = run(source="producer")
    assert outcome.state == "success"
    assert {"check_data_quality", "analyze", "forecast"} <= outcome.skipped
    assert "the netflix program of this image has no command check" in outcome.log


def test_no_secret_of_the_environment_reaches_a_log_or_an_xcom(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://netflix:hunter2@localhost/netflixdb")
    outcome = run(source="producer")
    assert outcome.state == "success"
    assert "hunter2" not in outcome.log
    assert all("hunter2" not in json.dumps(outcome.xcom(task)) for task in ALL)


def test_a_parameter_is_never_part_of_the_command_text(run: Callable[..., Any], programs: Stubs, home: Path) -> None:
    outcome = run(source="producer", csv="data/a b; touch outputs/owned $(id).csv")
    assert outcome.state == "success"
    assert "netflix verify data/a b; touch outputs/owned $(id).csv" in programs.calls()
    assert not (home / "outputs" / "owned").exists()
