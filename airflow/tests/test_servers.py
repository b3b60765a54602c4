"""The DAG in the real Airflow servers, over REST. test_ui.py does the same in a browser."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import requests

from stack import Stack
from test_dag import ORDER

DAG = "/api/v2/dags/netflix_etl_dag"


class Api:
    """Calls about the DAG with the token of the admin."""

    def __init__(self, stack: Stack) -> None:
        self.url, self.session = stack.airflow.url, stack.airflow.session()

    def get(self, path: str) -> Any:
        answer = self.session.get(self.url + DAG + path, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def trigger(self, **conf: Any) -> requests.Response:
        return self.session.post(self.url + DAG + "/dagRuns", json={"logical_date": None, "conf": conf}, timeout=30)

    def run(self, **conf: Any) -> tuple[str, str]:
        """Triggers a run and waits until it ends. Returns its ID and its final state."""
        run = self.trigger(**conf).json()["dag_run_id"]
        return run, self.end(run)

    def end(self, run: str) -> str:
        waiting = self.session.get(f"{self.url}{DAG}/dagRuns/{run}/wait?interval=1", stream=True, timeout=300)
        return [json.loads(line)["state"] for line in waiting.iter_lines() if line][-1]

    def run_again(self, run: str) -> str:
        """Clears all tasks of a run and waits until it ends again."""
        body = {"dry_run": False, "dag_run_id": run, "only_failed": False, "reset_dag_runs": True}
        cleared = self.session.post(f"{self.url}{DAG}/clearTaskInstances", json=body, timeout=30)
        assert cleared.ok, cleared.text
        return self.end(run)

    def tries(self, run: str) -> dict[str, int]:
        return {t["task_id"]: t["try_number"] for t in self.get(f"/dagRuns/{run}/taskInstances")["task_instances"]}

    def log(self, run: str, task: str, attempt: int = 1) -> str:
        lines = self.get(f"/dagRuns/{run}/taskInstances/{task}/logs/{attempt}")["content"]
        return "\n".join(str(line.get("event")) for line in lines)

    def xcom(self, run: str, task: str) -> Any:
        value = self.get(f"/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value")["value"]
        return json.loads(value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return Api(stack)


def test_the_dag_exists_and_is_not_paused(api: Api) -> None:
    dag = api.get("/details")
    assert not dag["is_paused"]
    assert not dag["has_import_errors"]
    assert dag["timetable_summary"] is None
    assert list(dag["params"]) == ["source", "csv", "topic", "nifi_seconds"]


@pytest.fixture(scope="module")
def landed(api: Api) -> tuple[str, str]:
    """A run through NiFi and its final state."""
    return api.run(topic=f"netflix-{uuid.uuid4().hex[:12]}")


def test_a_run_over_rest_lands_the_rows_and_its_log_and_xcom_can_be_read(api: Api, stack: Stack, landed: tuple[str, str]) -> None:
    run, state = landed
    log = api.log(run, "consume_from_kafka_and_load")
    assert state == "success", log
    tasks = {t["task_id"]: t["state"] for t in api.get(f"/dagRuns/{run}/taskInstances")["task_instances"]}
    assert tasks == {**dict.fromkeys(ORDER, "success"), "produce_to_kafka": "skipped"}
    assert '"landed":21' in log
    assert api.xcom(run, "consume_from_kafka_and_load")["landed"] == 21
    assert stack.database.rows() == 21


def test_all_tasks_of_a_run_can_be_run_again(api: Api, stack: Stack, landed: tuple[str, str]) -> None:
    run, _ = landed
    assert api.run_again(run) == "success"
    assert min(api.tries(run).values()) == 2
    assert api.xcom(run, "consume_from_kafka_and_load")["received"] == 21  # NiFi published the file again
    assert stack.database.rows() == 21


def test_a_killed_worker_is_replaced_and_loses_nothing(api: Api, stack: Stack, topic: str) -> None:
    stack.database.query("DELETE FROM netflix_raw RETURNING 1")
    stack.kill_the_next_worker()
    run, state = api.run(source="producer", topic=topic)
    assert (stack.folder / "killed").exists()
    assert state == "success", api.log(run, "consume_from_kafka_and_load")
    assert api.tries(run)["consume_from_kafka_and_load"] == 2
    assert stack.database.rows() == 21


def test_a_failing_task_makes_the_run_fail_with_the_reason_in_its_log(api: Api, topic: str) -> None:
    run, state = api.run(source="producer", topic=topic, csv="data/none.csv")
    assert state == "failed"
    assert "data/none.csv" in api.log(run, "produce_to_kafka")


def test_no_secret_is_in_a_log(stack: Stack) -> None:
    assert list((stack.folder / "airflow").rglob("task_id=consume_from_kafka_and_load/*.log"))
    assert stack.leaks() == []


@pytest.mark.parametrize("conf", [{"source": "spark"}, {"topic": "a topic"}, {"nifi_seconds": 0}])
def test_an_invalid_parameter_is_rejected_before_a_run_is_created(api: Api, conf: dict[str, Any]) -> None:
    before = api.get("/dagRuns")["total_entries"]
    assert api.trigger(**conf).status_code == 400
    assert api.get("/dagRuns")["total_entries"] == before
