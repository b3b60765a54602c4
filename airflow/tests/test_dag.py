"""The DAG as Airflow parses it: no import errors, the order of tasks, the parameters, and commands that bash can parse."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from conftest import DAGS
from exit_code_bash_operator import NON_RETRYABLE_EXIT_CODES, ExitCodeBashOperator

ORDER = {
    "trigger_nifi_flow": set(),
    "wait_for_nifi_flow": {"trigger_nifi_flow"},
    "stop_nifi_flow": {"wait_for_nifi_flow"},
    "produce_to_kafka": set(),
    "consume_from_kafka_and_load": {"wait_for_nifi_flow", "produce_to_kafka"},
    "verify_rows": {"consume_from_kafka_and_load"},
    "build_star_schema": {"verify_rows"},
    "check_data_quality": {"build_star_schema"},
    "analyze": {"check_data_quality"},
    "forecast": {"check_data_quality"},
}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=str(DAGS))


@pytest.fixture(scope="module")
def dag(bag: DagBag) -> Any:
    return bag.dags["netflix_etl_dag"]


def test_the_folder_holds_one_dag_and_no_import_error(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert list(bag.dags) == ["netflix_etl_dag"]


def test_tasks_follow_the_order_of_the_pipeline(dag: Any) -> None:
    assert {t.task_id: t.upstream_task_ids for t in dag.tasks} == ORDER


def test_it_runs_on_request_one_run_at_a_time_and_is_not_paused(dag: Any) -> None:
    assert dag.schedule is None
    assert dag.max_active_runs == 1
    assert dag.is_paused_upon_creation is False
    assert dag.catchup is False
    assert dag.dagrun_timeout


def test_every_task_has_retries_and_a_timeout(dag: Any) -> None:
    for task in dag.tasks:
        assert task.retries == 2, task.task_id
        assert task.execution_timeout, task.task_id


def test_the_flow_is_stopped_even_after_a_failure(dag: Any) -> None:
    assert dag.get_task("stop_nifi_flow").is_teardown


def test_the_sensor_occupies_no_worker_while_it_waits(dag: Any) -> None:
    assert dag.get_task("wait_for_nifi_flow").mode == "reschedule"


def test_every_parameter_has_a_title_a_type_and_a_description(dag: Any) -> None:
    assert list(dag.params) == ["source", "csv", "topic", "nifi_seconds"]
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert {"title", "type"} <= set(schema), name
        assert dag.params.get_param(name).description, name


@pytest.mark.parametrize(
    ("name", "value"),
    [("source", "spark"), ("csv", ""), ("topic", "a topic"), ("topic", "$(id)"), ("nifi_seconds", 0), ("nifi_seconds", "soon")],
)
def test_an_invalid_parameter_is_rejected(dag: Any, name: str, value: Any) -> None:
    with pytest.raises(Exception, match=r"not one of|non-empty|does not match|less than|not of type"):
        dag.params.get_param(name).resolve(value)


def test_bash_can_parse_each_command_and_none_contains_a_template(dag: Any) -> None:
    programs = [task for task in dag.tasks if isinstance(task, ExitCodeBashOperator)]
    assert len(programs) == 7
    for task in programs:
        subprocess.run(["bash", "-n", "-c", task.bash_command], check=True)
        assert "{{" not in task.bash_command
        assert task.bash_command.startswith("set -euo pipefail")
        assert task.append_env
        assert "DATABASE_URL" not in task.env


def test_the_non_retryable_exit_codes_are_those_of_the_programs() -> None:
    assert set(NON_RETRYABLE_EXIT_CODES) == {64, 65, 66, 73, 77, 78}


def test_its_documentation_names_every_task(dag: Any) -> None:
    for task in ORDER:
        assert task in dag.doc_md
