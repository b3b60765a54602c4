"""Runs of the DAG with the real programs, a real broker and a real Postgres; NiFi is the double."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Double, execute, needed
from database import Database

CSV = "data/netflix_revenue_updated.csv"


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    made = Database(needed("DATABASE_URL"))
    monkeypatch.setenv("DATABASE_URL", made.url)
    yield made
    made.drop()


@pytest.fixture
def run(
    airflow_database: None, home: Path, broker: str, database: Database, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    programs = needed("NETFLIX_PROGRAMS")
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker)

    def start(**params: Any) -> Any:
        return execute(capfd, **params)

    return start


@pytest.fixture
def nifi(double: Double, topic: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("AIRFLOW_CONN_NIFI", double.connection)
    return {"source": "nifi", "topic": topic}


def replace(home: Path, old: str, new: str) -> None:
    """Edits the CSV as editors and git do: a new file replaces it by rename."""
    csv = home / CSV
    text = csv.read_text()
    assert old in text
    edited = csv.with_suffix(".edited")
    edited.write_text(text.replace(old, new))
    edited.rename(csv)


def test_a_run_through_nifi_ends_with_the_charts(run: Callable[..., Any], nifi: dict[str, Any], database: Database, home: Path) -> None:
    outcome = run(**nifi)
    assert outcome.state == "success", outcome.log
    assert outcome.skipped == {"produce_to_kafka"}
    summary = outcome.xcom("consume_from_kafka_and_load")
    assert {k: summary[k] for k in ("received", "landed", "rejected", "lost")} == {"received": 21, "landed": 21, "rejected": 0, "lost": 0}
    assert database.rows() == 21
    assert {p.name for p in (home / "outputs").iterdir()} >= {
        "revenue_trends.png",
        "membership_trends.png",
        "arpu_trends.png",
        "global_revenue_forecast.png",
    }
    assert (home / "data" / "netflix.db").exists()
    assert "3594791000" in json.dumps(outcome.xcom("check_data_quality"))  # the one suspicious cell, a warning


def test_a_run_through_the_producer_lands_the_rows(run: Callable[..., Any], topic: str, database: Database) -> None:
    outcome = run(source="producer", topic=topic)
    assert outcome.state == "success", outcome.log
    published = outcome.xcom("produce_to_kafka")
    assert (published["read"], published["delivered"]) == (21, 21)
    assert database.rows() == 21


def test_a_second_run_leaves_the_same_rows_and_sees_a_replaced_file(
    run: Callable[..., Any], nifi: dict[str, Any], database: Database, home: Path
) -> None:
    assert run(**nifi).state == "success"
    replace(home, "4520992000", "4520992001")
    assert run(**nifi).state == "success"
    assert database.rows() == 21
    assert database.query("SELECT global_revenue FROM netflix_raw WHERE date = '2019-03-31'") == [(4520992001,)]


def test_both_sources_leave_the_same_rows(run: Callable[..., Any], nifi: dict[str, Any], database: Database) -> None:
    columns = "date, global_revenue, ucan_arpu, total_members"
    assert run(**nifi).state == "success"
    through_nifi = database.query(f"SELECT {columns} FROM netflix_raw ORDER BY date")
    database.query("DELETE FROM netflix_raw RETURNING 1")
    assert run(**{**nifi, "source": "producer"}).state == "success"
    assert database.query(f"SELECT {columns} FROM netflix_raw ORDER BY date") == through_nifi


def test_a_bad_cell_fails_the_producer_with_its_location_and_nothing_is_visible(
    run: Callable[..., Any], topic: str, database: Database, home: Path
) -> None:
    replace(home, "30-09-2019", "31-02-2020")
    outcome = run(source="producer", topic=topic)
    assert outcome.failed == {"produce_to_kafka"}
    assert outcome.tries["produce_to_kafka"] == 1
    assert "netflix_revenue_updated.csv:4:1" in outcome.log
    assert database.query("SELECT to_regclass('netflix_raw')") == [(None,)]


def test_a_date_that_nifi_changes_is_found_by_verify_rows(run: Callable[..., Any], nifi: dict[str, Any], home: Path) -> None:
    replace(home, "31-03-2020", "31-02-2020")  # NiFi converts it to 2020-02-29
    outcome = run(**nifi)
    assert outcome.state == "failed"
    assert outcome.failed == {"verify_rows"}
    assert outcome.tries["verify_rows"] == 1


def test_a_missing_file_fails_the_producer_at_once(run: Callable[..., Any], topic: str, home: Path) -> None:
    outcome = run(source="producer", topic=topic, csv="data/none.csv")
    assert outcome.failed == {"produce_to_kafka"}
    assert outcome.tries["produce_to_kafka"] == 1
    assert "data/none.csv" in outcome.log


def test_an_unavailable_broker_is_retried_and_reported(run: Callable[..., Any], topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    monkeypatch.setenv("NETFLIX_RETRY_SECONDS", "1")
    outcome = run(source="producer", topic=topic)
    assert outcome.failed == {"produce_to_kafka"}
    assert outcome.tries["produce_to_kafka"] == 3
    assert "127.0.0.1:9" in outcome.log


def test_a_table_of_other_types_fails_the_consumer_at_once_with_the_statement_to_run(
    run: Callable[..., Any], topic: str, database: Database
) -> None:
    database.query("CREATE TABLE netflix_raw (date date PRIMARY KEY, global_revenue text)")
    outcome = run(source="producer", topic=topic)
    assert outcome.failed == {"consume_from_kafka_and_load"}
    assert outcome.tries["consume_from_kafka_and_load"] == 1
    assert "ALTER TABLE" in outcome.log


def test_an_unavailable_database_is_retried(run: Callable[..., Any], topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://netflix:hunter2@127.0.0.1:9/netflixdb")
    monkeypatch.setenv("NETFLIX_RETRY_SECONDS", "1")
    outcome = run(source="producer", topic=topic)
    assert outcome.failed == {"consume_from_kafka_and_load"}
    assert outcome.tries["consume_from_kafka_and_load"] == 3
    assert "hunter2" not in outcome.log


def test_an_invalid_message_is_rejected_and_the_run_succeeds(
    run: Callable[..., Any], nifi: dict[str, Any], broker: str, database: Database
) -> None:
    subprocess.run(["kcat", "-P", "-b", broker, "-t", nifi["topic"], "-k", "x"], input=b"no row", check=True)
    outcome = run(**nifi)
    assert outcome.state == "success"
    assert outcome.xcom("consume_from_kafka_and_load")["rejected"] == 1
    assert database.rows() == 21
    assert database.query("SELECT count(*) FROM netflix_rejected") == [(1,)]


def test_a_killed_consumer_is_retried_and_loses_nothing(
    run: Callable[..., Any], topic: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path(needed("NETFLIX_PROGRAMS")) / "netflix-consumer"
    wrapper = tmp_path / "netflix-consumer"
    wrapper.write_text(
        f"""#!/usr/bin/env bash
if [[ ! -e "{tmp_path}/killed" ]]; then
  touch "{tmp_path}/killed"
  "{real}" "$@" & kill -KILL $!; wait $!; exit $?
fi
exec "{real}" "$@"
"""
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    outcome = run(source="producer", topic=topic)
    assert outcome.state == "success", outcome.log
    assert outcome.tries["consume_from_kafka_and_load"] == 2
    assert database.rows() == 21
