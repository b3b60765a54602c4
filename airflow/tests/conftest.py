"""Shared fixtures: a private Airflow in a temporary directory, a NiFi double, and runs of the DAG.

These variables configure real servers. A test that needs one is skipped without it, and the skip names the variable:

    NIFI_DOUBLE               a program that behaves like the REST API of NiFi: double.py --port 0 --data DIR --log FILE
    KAFKA_BOOTSTRAP_SERVERS   a real broker
    DATABASE_URL              a Postgres server in which databases can be created
    NETFLIX_PROGRAMS          the directory with netflix, netflix-producer and netflix-consumer
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nifi import NiFi, Template
from servers import free_port

# Before the first import of airflow, which reads these once.
AIRFLOW_HOME = Path(tempfile.mkdtemp(prefix="airflow-tests-"))
REPOSITORY = Path(__file__).resolve().parents[2]
DAGS = REPOSITORY / "airflow" / "dags"
os.environ.update(
    AIRFLOW_HOME=str(AIRFLOW_HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{AIRFLOW_HOME}/airflow.db",
    AIRFLOW__LOGGING__LOGGING_LEVEL="INFO",
    NETFLIX_HOME=str(AIRFLOW_HOME / "home"),
    NO_COLOR="1",
)


def pytest_configure() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: fixtures stop what they started


def pytest_unconfigure() -> None:
    shutil.rmtree(AIRFLOW_HOME, ignore_errors=True)


def needed(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"needs {name}")
    return value


@pytest.fixture(scope="session")
def broker() -> str:
    return needed("KAFKA_BOOTSTRAP_SERVERS")


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """A migrated metadata database, once for all runs."""
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)


@pytest.fixture
def topic() -> str:
    return f"netflix-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory of the DAG."""
    folder = Path(os.environ["NETFLIX_HOME"])
    furnish(folder)
    monkeypatch.setenv("NETFLIX_DATASET", str(folder / "data" / "datapackage.json"))
    yield folder
    shutil.rmtree(folder)


def furnish(folder: Path) -> None:
    """Creates the directories of the image: data/, nifi/, outputs/."""
    shutil.copytree(REPOSITORY / "data", folder / "data", ignore=shutil.ignore_patterns("*.db"))
    (folder / "nifi").mkdir()
    shutil.copy(REPOSITORY / "nifi" / "flow_template.xml", folder / "nifi")
    (folder / "outputs").mkdir()
    (folder / "data").chmod(0o777)  # GetFile requires a directory that the NiFi user can write
    for parent in (folder.parent, folder):
        parent.chmod(0o755)


class Double:
    """A running double of NiFi and its log."""

    def __init__(self, data: Path, *options: str, uid: int = 1000) -> None:
        self.log = data.parent / f"nifi-{uuid.uuid4().hex[:6]}.log"
        command = [sys.executable, needed("NIFI_DOUBLE"), "--port", "0", "--data", str(data), "--uid", str(uid), "--log", str(self.log)]
        self.process = subprocess.Popen([*command, "--restart-seconds", "1", *options], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().split()[-1].removesuffix("/nifi-api")

    @property
    def connection(self) -> str:
        """The Airflow connection `nifi` to the double."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return json.dumps({"conn_type": "http", "host": host, "port": int(port), "schema": "http"})

    def restart(self) -> None:
        """Restarts the double. Returns as soon as it is down."""
        downs = self.log.read_text().count(" down\n")
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.log.read_text().count(" down\n") > downs)

    def calls(self, start: str) -> list[str]:
        """The calls so far that start with a text such as "DELETE /nifi-api/templates"."""
        lines = [line.partition(" ")[2] for line in self.log.read_text().splitlines()]
        return [line for line in lines if line.startswith(start)]

    def until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.02)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def double(home: Path) -> Iterator[Double]:
    running = Double(home / "data")
    yield running
    running.close()


@pytest.fixture
def template(home: Path) -> Template:
    return Template.read(home / "nifi" / "flow_template.xml")


@pytest.fixture
def nifi(double: Double) -> NiFi:
    return NiFi(double.url)


@pytest.fixture(scope="session")
def stack(broker: str) -> Iterator[Any]:
    """The real Airflow servers, started once for all tests that use them. The start takes half a minute."""
    from stack import Stack  # imports this module

    folder = Path(tempfile.mkdtemp(prefix="airflow-servers-"))
    made = Stack(folder, broker, needed("DATABASE_URL"), needed("NETFLIX_PROGRAMS"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def edit(template: Template, old: str, new: str) -> Template:
    """The template with one replacement and another hash."""
    text = template.path.read_text()
    assert old in text
    template.path.write_text(text.replace(old, new).replace(template.hash, "f" * len(template.hash)))
    return Template.read(template.path)


def nobody() -> str:
    """An address at which no server listens."""
    return f"127.0.0.1:{free_port()}"


def messages(broker: str, topic: str) -> list[tuple[int, str, str]]:
    """The messages of a topic: partition, key, value."""
    command = ["kcat", "-C", "-b", broker, "-t", topic, "-e", "-q", "-f", "%p\t%k\t%s\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Unknown topic" in done.stderr:  # nothing has been sent yet
        return []
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    return [(int(p), k, v) for p, k, v in (line.split("\t", 2) for line in lines)]


@dataclass
class Outcome:
    """The outcome of a DAG run."""

    state: str
    states: dict[str, str]
    tries: dict[str, int]
    log: str
    xcoms: dict[str, Any]

    @property
    def succeeded(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "success"}

    @property
    def skipped(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "skipped"}

    @property
    def failed(self) -> set[str]:
        return {task for task, state in self.states.items() if state == "failed"}

    def xcom(self, task: str) -> Any:
        return self.xcoms.get(task)


def execute(capfd: pytest.CaptureFixture[str], **params: Any) -> Outcome:
    """Runs the DAG once in this process, with a new DagBag, because the parameters of a run stay in the DAG object."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=str(DAGS)).dags["netflix_etl_dag"]
    for task in dag.tasks:
        task.retry_delay = timedelta(0)
    capfd.readouterr()
    run = dag.test(run_conf=params)
    captured = capfd.readouterr()
    tasks = run.get_task_instances()
    return Outcome(
        state=str(run.state),
        states={t.task_id: str(t.state) for t in tasks},
        tries={t.task_id: t.try_number for t in tasks},
        log=captured.out + captured.err,
        xcoms={t.task_id: t.xcom_pull(task_ids=t.task_id) for t in tasks},
    )
